//! Whether sudo was told not to ask a person: `-n`, `-A`, `-S`.
//!
//! `-n` and `-A` stand in sudo's settings, `-S` only in what was typed. An answer that comes from a
//! program or a pipe is no person's, so the gate then asks nobody, and permits decide.

/// Short options of sudo that take a value, which may be glued to them.
const WITH_VALUE: &[u8] = b"aCcDghpRrTtUu";
/// Long options that take a value as the next word, where none is glued by `=`.
const LONG_WITH_VALUE: [&str; 13] = [
    "auth-type",
    "close-from",
    "login-class",
    "chdir",
    "group",
    "host",
    "prompt",
    "chroot",
    "role",
    "command-timeout",
    "type",
    "other-user",
    "user",
];

/// Returns whether a person may be asked.
#[must_use]
pub fn may_ask(settings: &[Vec<u8>], options: &[Vec<u8>]) -> bool {
    let says = |what: &[u8]| settings.iter().any(|setting| setting == what);
    !says(b"noninteractive=true") && !says(b"askpass=true") && !has_stdin(options)
}

/// Returns whether `-S` or `--stdin` is among the options; `options` begins with sudo's own name.
fn has_stdin(options: &[Vec<u8>]) -> bool {
    let mut words = options.iter().skip(1);
    while let Some(word) = words.next() {
        let word = word.as_slice();
        if let Some(long) = word.strip_prefix(b"--") {
            // getopt takes a beginning of a name for the name.
            if !long.is_empty() && b"stdin".starts_with(long) {
                return true;
            }
            if LONG_WITH_VALUE.iter().any(|name| {
                !long.is_empty() && name.as_bytes().starts_with(long) && !long.contains(&b'=')
            }) {
                words.next();
            }
        } else if let Some(cluster) = word.strip_prefix(b"-") {
            let mut letters = cluster.iter();
            while let Some(letter) = letters.next() {
                if *letter == b'S' {
                    return true;
                }
                if WITH_VALUE.contains(letter) {
                    if letters.len() == 0 && !is_lone_help(cluster) {
                        words.next();
                    }
                    break;
                }
            }
        }
    }
    false
}

/// `-h` alone is help as much as a host: what follows it is looked at too.
fn is_lone_help(cluster: &[u8]) -> bool {
    cluster == b"h"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(setting: &str, options: &str) -> bool {
        let options: Vec<_> = options
            .split(' ')
            .map(|word| word.as_bytes().to_vec())
            .collect();
        may_ask(&[setting.as_bytes().to_vec()], &options)
    }

    #[test]
    fn a_person_is_asked_unless_sudo_was_told_otherwise() {
        assert!(asks("", "sudo"));
        assert!(asks("noninteractive=false", "sudo -u app -s"));
        assert!(!asks("noninteractive=true", "sudo -n"));
        assert!(!asks("askpass=true", "sudo -A"));
    }

    #[test]
    fn the_password_from_stdin_is_found_wherever_it_stands() {
        for options in ["sudo -S", "sudo -kS", "sudo -uapp -S", "sudo -u app -S"] {
            assert!(!asks("", options), "{options}");
        }
        for options in [
            "sudo --stdin",
            "sudo --std",
            "sudo --user app --stdin",
            "sudo A=1 -S",
        ] {
            assert!(!asks("", options), "{options}");
        }
    }

    #[test]
    fn a_value_is_no_option() {
        for options in [
            "sudo -u Sam",
            "sudo -uSam",
            "sudo -p -S",
            "sudo --user=S",
            "sudo --user -S",
        ] {
            assert!(asks("", options), "{options}");
        }
    }
}
