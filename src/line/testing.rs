//! What the tests of this folder know of programs: a small stand-in for the rule files, written by
//! hand so that the reading is tested without them.

use std::collections::BTreeMap;

use super::knowledge::{Replaces, TargetFrom, Writes};
use super::{
    Form, Givens, Inner, Line, Lore, Moves, OptionStyle, Reading, TargetKey, Words, Wrapper,
};

/// A small lore.
#[derive(Debug)]
pub(crate) struct TestLore {
    /// Words by program.
    words: BTreeMap<String, Words>,
    /// Wrappers by program.
    wrappers: BTreeMap<String, Vec<Wrapper>>,
}

/// Programs that rules name.
const GUARDED: &[&str] = &[
    "reboot",
    "systemctl",
    "postsuper",
    "rm",
    "shutdown",
    "Restart-Computer",
    "ansible/reboot",
];

/// Programs that run nothing they are given.
const PLAIN: &[&str] = &[
    "echo",
    "printf",
    "grep",
    "man",
    "ls",
    "cat",
    "true",
    "curl",
    "base64",
    "set",
    "shift",
    "declare",
    "mapfile",
    "kill",
    "cp",
    "mv",
    "ln",
    "dd",
    "hash",
    "install",
    "chmod",
    "cd",
    "export",
    "read",
    ":",
    "which",
    "kubectl",
    "test",
    "[",
    "Get-Queue",
    "Get-Process",
];

impl Lore for TestLore {
    fn words(&self, program: &str) -> Option<&Words> {
        self.words.get(program)
    }
    fn wrappers(&self, program: &str) -> &[Wrapper] {
        self.wrappers.get(program).map_or(&[], Vec::as_slice)
    }
    fn is_plain(&self, program: &str) -> bool {
        PLAIN.contains(&program)
    }
    fn is_guarded(&self, program: &str) -> bool {
        GUARDED.contains(&program)
    }
}

/// Returns words separated by blanks.
fn list(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

/// Returns a wrapper of an argv that follows its own words.
fn rest(programs: &str, values: &str) -> Wrapper {
    Wrapper {
        programs: list(programs),
        values: list(values),
        inner: Some(Inner::Rest),
        ..Wrapper::default()
    }
}

/// Returns a target that options say.
fn options(names: &str) -> TargetFrom {
    TargetFrom::Options(list(names))
}

/// Returns a target that an operand says.
fn operand(name: &str) -> TargetFrom {
    TargetFrom::Operand(name.to_owned())
}

/// Returns the wrappers that change user or host.
fn moving_wrappers() -> Vec<Wrapper> {
    vec![
        Wrapper {
            skip_assignments: true,
            moves: Some(Moves::User),
            target: BTreeMap::from([(TargetKey::User, options("-u --user"))]),
            none_if: list("-l -v -K -k -e --list"),
            ..rest(
                "sudo doas",
                "-g -h -p -C -r -t -T -U -D -R --group --host --prompt --chdir",
            )
        },
        Wrapper {
            operands: list("host"),
            form: Form::Shell,
            moves: Some(Moves::Host),
            target: BTreeMap::from([
                (TargetKey::Host, operand("host")),
                (TargetKey::User, options("-l")),
            ]),
            none_if: list("-N -O -Q -W"),
            ..rest(
                "ssh",
                "-b -B -c -D -E -e -F -I -i -J -L -m -o -O -p -Q -R -S -W -w",
            )
        },
        Wrapper {
            verb: list("exec rsh"),
            operands: list("pod"),
            moves: Some(Moves::Container),
            target: BTreeMap::from([
                (TargetKey::Pod, operand("pod")),
                (TargetKey::Container, options("-c --container")),
                (TargetKey::Namespace, options("-n --namespace")),
                (TargetKey::Context, options("--context")),
            ]),
            ..rest("kubectl oc", "")
        },
        Wrapper {
            operands: list("host"),
            form: Form::Shell,
            moves: Some(Moves::Host),
            many: true,
            inner: Some(Inner::ValueOf {
                value_of: list("-a --args"),
                when_flag: list("!-m -m=shell -m=command -m=raw"),
                prefix: Vec::new(),
            }),
            target: BTreeMap::from([(TargetKey::Host, operand("host"))]),
            else_program: Some("ansible/{-m}".to_owned()),
            ..rest("ansible", "-i -m -a -u -f -l -e --become-user")
        },
    ]
}

/// Returns the wrappers that run something where they stand.
fn staying_wrappers() -> Vec<Wrapper> {
    vec![
        Wrapper {
            split: list("-S --split-string"),
            skip_assignments: true,
            ..rest("env", "-u --unset -C --chdir")
        },
        rest("nohup setsid", ""),
        rest("nice", "-n --adjustment"),
        rest("time", "-f -o"),
        Wrapper {
            operands: list("duration"),
            ..rest("timeout", "-k -s --kill-after --signal")
        },
        Wrapper {
            none_if: list("-v -V"),
            ..rest("command", "")
        },
        rest("exec", "-a"),
        Wrapper {
            form: Form::Shell,
            ..rest("eval", "")
        },
        Wrapper {
            appends: true,
            replaces: Some(Replaces {
                option: list("-I"),
                default: "{}".to_owned(),
            }),
            ..rest("xargs", "-a -d -E -L -n -P -s --arg-file --max-args")
        },
        Wrapper {
            inner: Some(Inner::After {
                after: list("-exec -execdir -ok -okdir"),
                until: list("; +"),
                or_rest: false,
                or_stdin: false,
            }),
            replaces: Some(Replaces {
                option: Vec::new(),
                default: "{}".to_owned(),
            }),
            ..rest("find", "")
        },
        Wrapper {
            form: Form::Shell,
            inner: Some(Inner::IfFlag {
                if_flag: list("-c"),
                operand: 1,
                or_script: true,
                or_stdin: true,
                stdin_if: list("-s"),
            }),
            none_if: list("-n"),
            ..rest("sh bash dash zsh ksh", "-o -O +o +O --rcfile --init-file")
        },
        Wrapper {
            form: Form::Shell,
            inner: Some(Inner::IfFlag {
                if_flag: Vec::new(),
                operand: 1,
                or_script: true,
                or_stdin: true,
                stdin_if: Vec::new(),
            }),
            ..rest("source .", "")
        },
        Wrapper {
            form: Form::PowerShell,
            style: OptionStyle::Long,
            inner: Some(Inner::After {
                after: list("-Command -c -C"),
                until: Vec::new(),
                or_rest: true,
                or_stdin: true,
            }),
            ..rest("pwsh powershell", "-ExecutionPolicy -File")
        },
        Wrapper {
            inner: None,
            writes: Some(Writes::Operands),
            ..rest("tee", "")
        },
    ]
}

/// Returns the lore.
pub(crate) fn lore() -> TestLore {
    let mut wrappers: BTreeMap<String, Vec<Wrapper>> = BTreeMap::new();
    for wrapper in moving_wrappers().into_iter().chain(staying_wrappers()) {
        for program in &wrapper.programs {
            wrappers
                .entry(program.clone())
                .or_default()
                .push(wrapper.clone());
        }
    }
    let systemctl = Words {
        values: list("-H --host -M --machine -t --type -p --property -s --signal"),
        depth: 1,
        abbrev: true,
        dry: list("--help --version --dry-run"),
        target: BTreeMap::from([
            (TargetKey::Host, list("-H --host")),
            (TargetKey::Container, list("-M --machine")),
        ]),
        ..Words::default()
    };
    let postsuper = Words {
        values: list("-h -H -r -d -c"),
        depth: 1,
        ..Words::default()
    };
    let kubectl = Words {
        values: list("-n --namespace --context -f --filename -l -o -c"),
        depth: 1,
        depth_by_first: BTreeMap::from([("rollout".to_owned(), 2)]),
        target: BTreeMap::from([
            (TargetKey::Namespace, list("-n --namespace")),
            (TargetKey::Context, list("--context")),
        ]),
        ..Words::default()
    };
    let gcloud = Words {
        values: list("--project --zone"),
        ends: list("list delete stop"),
        ..Words::default()
    };
    let words = [
        ("systemctl", systemctl),
        ("postsuper", postsuper),
        ("kubectl", kubectl),
        ("gcloud", gcloud),
    ];
    TestLore {
        words: words.map(|(name, words)| (name.to_owned(), words)).into(),
        wrappers,
    }
}

/// Returns the reading of a shell line of which nothing else is known.
pub(crate) fn read_shell(text: &str) -> Reading {
    let line = Line::shell(text.as_bytes());
    super::read(&line, &lore(), &Givens::default()).unwrap()
}

/// Returns the reading of an argv, its words separated by `|`.
pub(crate) fn read_argv(words: &str) -> Reading {
    let argv = words.split('|').map(Into::into).collect();
    super::read(&Line::argv(argv), &lore(), &Givens::default()).unwrap()
}
