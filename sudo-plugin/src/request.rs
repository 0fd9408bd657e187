//! What the gate is told: records that end with a NUL each, so that no byte of a command needs a
//! quote.
//!
//! ```text
//! kanmon-sudo 1     the form
//! uid=1000          who typed sudo
//! user=ann
//! runas=root        whom the command will run as
//! cwd=/srv          where
//! ask=yes           or no: nobody may be asked
//! edit=no           or yes: sudoedit, the command is the editor, which runs as the asker, and
//!                   behind `--` in its argv are the files that sudo writes as another
//! command=/sbin/reboot   the resolved path
//! arg=reboot        the argv, each word, its own name first
//! env=NAME=VALUE    the environment that it will have, each
//! end
//! ```

/// The first record.
const FORM: &[u8] = b"kanmon-sudo 1";

/// What sudo said when it opened the plugin.
#[derive(Debug, Clone, Default)]
pub struct Asker {
    /// `user_info`.
    pub user_info: Vec<Vec<u8>>,
    /// Whether a person may be asked.
    pub may_ask: bool,
}

/// Returns the value of `name` in an array of `name=value`.
#[must_use]
pub fn value<'a>(array: &'a [Vec<u8>], name: &str) -> Option<&'a [u8]> {
    array.iter().find_map(|entry| {
        let rest = entry.strip_prefix(name.as_bytes())?;
        rest.strip_prefix(b"=")
    })
}

/// Returns the records; `None` where sudo did not say what it runs, or who asks.
#[must_use]
pub fn records(
    asker: &Asker,
    command_info: &[Vec<u8>],
    argv: &[Vec<u8>],
    environment: &[Vec<u8>],
) -> Option<Vec<u8>> {
    let command = value(command_info, "command")?;
    let runas = match value(command_info, "runas_user") {
        Some(name) => name.to_vec(),
        None => [b"#", value(command_info, "runas_uid")?].concat(),
    };
    let cwd = value(command_info, "cwd").or_else(|| value(&asker.user_info, "cwd"));
    let mut out = Vec::new();
    let mut put = |parts: &[&[u8]]| {
        out.extend(parts.concat());
        out.push(0);
    };
    put(&[FORM]);
    put(&[b"uid=", value(&asker.user_info, "uid")?]);
    put(&[b"user=", value(&asker.user_info, "user")?]);
    put(&[b"runas=", &runas]);
    put(&[b"cwd=", cwd.unwrap_or_default()]);
    put(&[b"ask=", if asker.may_ask { b"yes" } else { b"no" }]);
    let is_edit = value(command_info, "sudoedit") == Some(b"true");
    put(&[b"edit=", if is_edit { b"yes" } else { b"no" }]);
    put(&[b"command=", command]);
    for word in argv {
        put(&[b"arg=", word]);
    }
    for variable in environment {
        put(&[b"env=", variable]);
    }
    put(&[b"end"]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(entries: &[&str]) -> Vec<Vec<u8>> {
        entries
            .iter()
            .map(|entry| entry.as_bytes().to_vec())
            .collect()
    }

    fn asker() -> Asker {
        Asker {
            user_info: array(&["user=ann", "uid=1000", "cwd=/srv"]),
            may_ask: true,
        }
    }

    #[test]
    fn everything_is_told_word_by_word() {
        let info = array(&["command=/sbin/reboot", "runas_uid=0", "runas_user=root"]);
        let told = records(
            &asker(),
            &info,
            &array(&["reboot", "-f\n"]),
            &array(&["A=1"]),
        )
        .unwrap();
        assert_eq!(
            String::from_utf8(told).unwrap(),
            "kanmon-sudo 1\0uid=1000\0user=ann\0runas=root\0cwd=/srv\0ask=yes\0edit=no\0\
             command=/sbin/reboot\0arg=reboot\0arg=-f\n\0env=A=1\0end\0"
        );
    }

    #[test]
    fn a_number_stands_for_a_user_without_a_name_and_the_commands_own_folder_counts() {
        let info = array(&["command=/x", "runas_uid=70", "cwd=/var"]);
        let told = records(&asker(), &info, &array(&["x"]), &[]).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("runas=#70\0cwd=/var\0"), "{told}");
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        let info = array(&["command=/x", "runas_uid=0"]);
        assert_eq!(records(&asker(), &info[..1], &[], &[]), None);
        assert_eq!(records(&asker(), &info[1..], &[], &[]), None);
        assert_eq!(records(&Asker::default(), &info, &[], &[]), None);
    }
}
