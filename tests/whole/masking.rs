//! What stands beside a risky command, and how it is spelled, changes nothing.

use proptest::prelude::*;
use proptest::sample::select;

use crate::judged::{ids, is_stopped, judged, mail_and_reboot};
use kanmon::policy::Profile;

/// Commands that are held, as words.
const RISKY: &[&str] = &[
    "reboot",
    "postsuper -H ALL",
    "postsuper -d ALL deferred",
    "postqueue -f",
    "systemctl --force reboot",
    "shutdown -r now",
    "sudo -u root postsuper -r ALL",
    "ssh op@mx1 postqueue -f",
    "exim -Mrm 1tQz9V-0000kX-Ab",
    "ipmitool -H bmc1 power off",
    "virsh destroy web1",
    "aws ec2 reboot-instances --instance-ids i-0abc",
    "kubectl -n mail exec mail-0 -- postsuper -H ALL",
    "timeout 5 postfix flush",
    "tee /proc/sysrq-trigger",
];

/// Commands that pass, as words: among them those that read with the same programs.
const SAFE: &[&str] = &[
    "true",
    "ls -l /tmp",
    "echo reboot",
    "man postsuper",
    "postqueue -p",
    "postsuper --help",
    "systemctl status",
    "systemctl --help reboot",
    "shutdown -c",
    "shutdown -k now",
    "aws ec2 reboot-instances --instance-ids i-0abc --dry-run",
    "grep -r reboot docs",
    "sudo -l",
    "ssh mx1 mailq",
    "kubectl exec mail-0 -- ls",
    "virsh list",
    "exit 0",
    "A=1",
    "alias x=y",
    "cd /tmp",
];

/// Parts that pass and are not a list of words.
const SAFE_TEXTS: &[&str] = &[
    "[ -f /tmp/x ]",
    "[[ $a == reboot ]]",
    "(cd /tmp; ls)",
    "{ ls; }",
    "if ls; then echo no; fi",
    "for i in a b; do echo $i; done",
    "case $x in a) ls;; esac",
    "f() { ls; }",
    "x=$(date)",
    "echo \"$(hostname)\" 'it is $(reboot)'",
    "(( i++ ))",
    "cat <<'END'\nreboot\nEND\n:",
    "cat <<< reboot",
    "ls > /tmp/x 2>&1",
    "ls # a comment\n:",
    "! ls",
];

/// What can stand between two commands.
const SEPARATORS: &[&str] = &[
    "; ", ";", " && ", "&&", " || ", "\n", "\n\n", " & ", "&", " | ", "|", " |& ", "\r\n", " &&\n",
];

/// What can stand around the whole.
const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("(", ")"),
    ("{ ", "\n}"),
    ("if true; then ", "\nfi"),
    ("while ", "\ndo break; done"),
    ("echo \"$(", ")\""),
    ("x=`", "`"),
    ("f() { ", "\n}; f"),
];

/// How one character of a word is written.
#[derive(Debug, Clone, Copy)]
enum Spelling {
    Plain,
    Backslash,
    Single,
    Double,
    Hexadecimal,
    Octal,
    Unicode,
    EmptyBefore,
    ContinuedBefore,
}

/// All spellings.
const SPELLINGS: &[Spelling] = &[
    Spelling::Plain,
    Spelling::Plain,
    Spelling::Backslash,
    Spelling::Single,
    Spelling::Double,
    Spelling::Hexadecimal,
    Spelling::Octal,
    Spelling::Unicode,
    Spelling::EmptyBefore,
    Spelling::ContinuedBefore,
];

impl Spelling {
    /// Returns the character so written.
    fn write(self, c: char) -> String {
        match self {
            Self::Plain => c.to_string(),
            Self::Backslash => format!("\\{c}"),
            Self::Single => format!("'{c}'"),
            Self::Double => format!("\"{c}\""),
            Self::Hexadecimal => format!("$'\\x{:02x}'", u32::from(c)),
            Self::Octal => format!("$'\\{:03o}'", u32::from(c)),
            Self::Unicode => format!("$'\\u{:04x}'", u32::from(c)),
            Self::EmptyBefore => format!("\"\"''{c}"),
            Self::ContinuedBefore => format!("\\\n{c}"),
        }
    }
}

/// Returns words spelled in some way, and whether as one brace list.
fn spelled(command: &str, spellings: &[Spelling], in_braces: bool) -> String {
    let mut spellings = spellings.iter().cycle();
    let word = |word: &str| -> String {
        let chars = word.chars().zip(&mut spellings);
        chars.map(|(c, spelling)| spelling.write(c)).collect()
    };
    let words: Vec<String> = command.split(' ').map(word).collect();
    if in_braces {
        return format!("{{{},}}", words.join(","));
    }
    words.join(" ")
}

/// Returns the ids of the rules that speak of a line, sorted.
fn rules(line: &str) -> Vec<String> {
    let verdict = judged(line.as_bytes(), mail_and_reboot(), Profile::Production).verdict;
    let mut ids = ids(&verdict);
    ids.sort();
    ids
}

#[test]
fn the_parts_are_what_they_should_be() {
    for line in RISKY {
        assert!(is_stopped(line, mail_and_reboot()), "{line}");
    }
    for line in SAFE.iter().chain(SAFE_TEXTS) {
        assert!(!is_stopped(line, mail_and_reboot()), "{line}");
    }
}

#[test]
fn no_harmless_part_hides_a_risky_one_in_any_order_with_any_separator() {
    for risky in RISKY {
        let alone = rules(risky);
        for safe in SAFE.iter().chain(SAFE_TEXTS) {
            for separator in SEPARATORS {
                for line in [
                    format!("{risky}{separator}{safe}"),
                    format!("{safe}{separator}{risky}"),
                ] {
                    let found = rules(&line);
                    assert!(
                        alone.iter().all(|id| found.contains(id)),
                        "{line:?}: {found:?}"
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_harmless_parts_hide_a_risky_one_in_a_longer_line(
        risky in select(RISKY),
        before in prop::collection::vec((select([SAFE, SAFE_TEXTS].concat()), select(SEPARATORS)), 0..4),
        after in prop::collection::vec((select(SEPARATORS), select([SAFE, SAFE_TEXTS].concat())), 0..4),
        around in select(AROUND),
    ) {
        let before: String = before.iter().map(|(part, separator)| format!("{part}{separator}")).collect();
        let after: String = after.iter().map(|(separator, part)| format!("{separator}{part}")).collect();
        let line = format!("{}{before}{risky}{after}{}", around.0, around.1);
        let found = rules(&line);
        prop_assert!(rules(risky).iter().all(|id| found.contains(id)), "{:?}: {:?}", line, found);
    }

    #[test]
    fn any_spelling_of_the_words_has_the_same_verdict(
        command in select([RISKY, &SAFE[..SAFE.len() - 3]].concat()),
        spellings in prop::collection::vec(select(SPELLINGS), 1..40),
        in_braces in any::<bool>(),
    ) {
        let line = spelled(command, &spellings, in_braces);
        prop_assert_eq!(rules(&line), rules(command), "{:?}", line);
    }
}
