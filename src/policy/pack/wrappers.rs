//! Reads `[[wrapper]]`: programs that run other commands.

use std::collections::{BTreeMap, BTreeSet};

use crate::line::knowledge::{
    Each, Form, InPlace, Inner, Moves, Replaces, TargetFrom, TargetKey, Words, Wrapper, Writes,
};

use super::rules::tests;
use super::tree::{Keys, Node, Shape};
use super::words::{flags, names, options, style, target_key, verbs};
use super::{Layer, words};

/// A wrapper.
const WRAPPER: Shape = Shape {
    what: "a wrapper",
    keys: &[
        "program",
        "verb",
        "values",
        "optional",
        "options",
        "skip",
        "operands",
        "inner",
        "form",
        "split",
        "replaces",
        "appends",
        "moves",
        "many",
        "each",
        "target",
        "none_if",
        "writes",
        "else_program",
        "test",
    ],
};

/// `inner` as a table.
const INNER: Shape = Shape {
    what: "`inner`",
    keys: &[
        "after",
        "until",
        "else",
        "if_flag",
        "operand",
        "none",
        "stdin_if",
        "value_of",
        "when_flag",
        "prefix",
        "file_of",
    ],
};

/// `each`.
const EACH: Shape = Shape {
    what: "`each`",
    keys: &["list", "rest", "file", "when", "not"],
};

/// `writes` of what is changed in place.
const IN_PLACE: Shape = Shape {
    what: "`writes`",
    keys: &["flag", "after", "unless"],
};

/// `replaces`.
const REPLACES: Shape = Shape {
    what: "`replaces`",
    keys: &["option", "default"],
};

/// Reads the wrappers of all files; tells files that redefine what another layer has, or what has
/// words or is plain.
pub(super) fn read(
    roots: &[Node<'_>],
    words: &BTreeMap<String, Words>,
    plain: &BTreeSet<String>,
) -> Vec<Wrapper> {
    let mut wrappers: Vec<(Layer, Wrapper)> = Vec::new();
    for root in roots {
        let list = root.any_table().and_then(|keys| keys.get("wrapper"));
        for node in list.and_then(Node::list).unwrap_or_default() {
            let Some(wrapper) = node.table(WRAPPER).and_then(read_one) else {
                continue;
            };
            let layer = root.layer();
            let known = wrappers.iter().find_map(|(other, entry)| {
                let program = entry
                    .programs
                    .iter()
                    .find(|name| wrapper.programs.contains(*name))?;
                (*other != layer).then_some(program)
            });
            let mut programs = wrapper.programs.iter();
            let known = known.or_else(|| {
                programs.find(|program| words.contains_key(*program) || plain.contains(*program))
            });
            if let (Some(program), Layer::User | Layer::Project) = (known, layer) {
                let help = String::from("a user or a project may only add programs");
                node.mistake(format!("`{program}` is a known program"), help);
            }
            wrappers.push((layer, wrapper));
        }
    }
    wrappers.into_iter().map(|(_, wrapper)| wrapper).collect()
}

/// Reads one wrapper.
fn read_one(keys: Keys<'_>) -> Option<Wrapper> {
    let programs = keys.need("program", "a wrapper").map(names)?;
    if keys.get("inner").is_none() && keys.get("writes").is_none() {
        let help = String::from("say with `inner` where the wrapped command is");
        keys.node
            .mistake("a wrapper needs `inner` or `writes`", help);
    }
    let list =
        |key: &str, read: fn(Node<'_>) -> Vec<String>| keys.get(key).map(read).unwrap_or_default();
    let (test_hold, test_pass) = keys.get("test").map(tests).unwrap_or_default();
    let operands = list("operands", names);
    let target = keys.get("target").map(|node| targets(node, &operands));
    Some(Wrapper {
        programs,
        verb: list("verb", verbs),
        values: list("values", options),
        optional: list("optional", options),
        style: keys.get("options").and_then(style).unwrap_or_default(),
        skip_assignments: keys
            .get("skip")
            .is_some_and(|node| only(node, "skip", "assignments")),
        inner: keys.get("inner").and_then(inner),
        form: keys
            .get("form")
            .and_then(|node| node.one_of("no form of a command", &FORMS))
            .unwrap_or_default(),
        split: list("split", options),
        replaces: keys.get("replaces").and_then(replaces),
        appends: keys
            .get("appends")
            .is_some_and(|node| only(node, "appends", "operands")),
        moves: keys
            .get("moves")
            .and_then(|node| node.one_of("nothing that a wrapper changes", &MOVES)),
        many: keys.get("many").and_then(Node::boolean).unwrap_or(false),
        each: keys.get("each").and_then(each).unwrap_or_default(),
        target: target.unwrap_or_default(),
        none_if: list("none_if", flags),
        writes: keys.get("writes").and_then(writes),
        else_program: keys
            .get("else_program")
            .and_then(Node::text)
            .map(str::to_owned),
        operands,
        test_hold,
        test_pass,
    })
}

/// Tells a text that is not the only one possible; returns whether it is.
fn only(node: Node<'_>, key: &str, wanted: &str) -> bool {
    let Some(text) = node.text() else {
        return false;
    };
    if text != wanted {
        node.mistake(format!("`{key}` can only be \"{wanted}\""), None);
    }
    text == wanted
}

/// Reads `writes`.
fn writes(node: Node<'_>) -> Option<Writes> {
    match node.as_text() {
        Some("operands") => Some(Writes::Operands),
        Some("last") => Some(Writes::Last),
        Some(_) => {
            let known = String::from("or a list of options whose values are files");
            node.mistake("`writes` can only be \"operands\" or \"last\"", known);
            None
        }
        None if node.is_table() => in_place(node).map(Writes::InPlace),
        None => Some(Writes::Options(options(node))),
    }
}

/// Reads how files are changed in place.
fn in_place(node: Node<'_>) -> Option<InPlace> {
    let keys = node.table(IN_PLACE)?;
    let list = |key: &str| keys.get(key).map(options).unwrap_or_default();
    Some(InPlace {
        flag: list("flag"),
        after: keys
            .get("after")
            .and_then(|node| node.number(0..=99))
            .unwrap_or_default(),
        unless: list("unless"),
    })
}

/// Reads `inner`.
fn inner(node: Node<'_>) -> Option<Inner> {
    match node.as_text() {
        Some("rest") => return Some(Inner::Rest),
        Some("stdin") => return Some(Inner::Stdin),
        Some("script") => {
            return Some(Inner::IfFlag {
                if_flag: Vec::new(),
                operand: 1,
                or_script: true,
                or_stdin: true,
                stdin_if: Vec::new(),
            });
        }
        Some(other) => {
            let help = String::from("write \"rest\", \"stdin\", \"script\" or a table");
            node.mistake(format!("`{other}` is no place for a command"), help);
            return None;
        }
        None => {}
    }
    let keys = node.table(INNER)?;
    let list = |key: &str| keys.get(key).map(names).unwrap_or_default();
    let is_only =
        |key: &str, wanted: &str| keys.get(key).is_some_and(|node| only(node, key, wanted));
    let allow = |allowed: &[&str]| {
        for (name, at, _) in keys.entries() {
            if INNER.keys.contains(&name) && !allowed.contains(&name) {
                at.mistake(
                    format!("`{name}` does not belong to this form of `inner`"),
                    None,
                );
            }
        }
    };
    if let Some(after) = keys.get("after") {
        allow(&["after", "until", "else", "none"]);
        return Some(Inner::After {
            after: options(after),
            until: list("until"),
            or_rest: is_only("else", "rest"),
            or_stdin: is_only("none", "stdin"),
        });
    }
    if let Some(if_flag) = keys.get("if_flag") {
        allow(&["if_flag", "operand", "else", "none", "stdin_if"]);
        let operand = keys.get("operand").map(|node| node.number(1..=64));
        return Some(Inner::IfFlag {
            if_flag: flags(if_flag),
            operand: operand.unwrap_or(Some(1))?,
            or_script: is_only("else", "script"),
            or_stdin: is_only("none", "stdin"),
            stdin_if: keys.get("stdin_if").map(flags).unwrap_or_default(),
        });
    }
    if let Some(value_of) = keys.get("value_of") {
        allow(&["value_of", "when_flag", "prefix"]);
        return Some(Inner::ValueOf {
            value_of: options(value_of),
            when_flag: keys.get("when_flag").map(flags).unwrap_or_default(),
            prefix: list("prefix"),
        });
    }
    if let Some(file_of) = keys.get("file_of") {
        allow(&["file_of"]);
        return Some(Inner::FileOf(options(file_of)));
    }
    if let Some(operand) = keys.get("operand") {
        allow(&["operand"]);
        return Some(Inner::Operand(operand.number(1..=64)?));
    }
    let help = String::from("it has `after`, `if_flag`, `value_of`, `file_of` or `operand`");
    node.mistake("`inner` does not say where the command is", help);
    None
}

/// What a wrapper changes, by name.
const MOVES: [(&str, Moves); 4] = [
    ("host", Moves::Host),
    ("container", Moves::Container),
    ("user", Moves::User),
    ("later", Moves::Later),
];

/// The forms of a wrapped part by name.
const FORMS: [(&str, Form); 19] = [
    ("argv", Form::Argv),
    ("shell", Form::Shell),
    ("keys", Form::Keys),
    ("powershell", Form::PowerShell),
    ("python", Form::Python),
    ("perl", Form::Perl),
    ("ruby", Form::Ruby),
    ("node", Form::Node),
    ("php", Form::Php),
    ("lua", Form::Lua),
    ("awk", Form::Awk),
    ("sed", Form::Sed),
    ("vim", Form::Vim),
    ("make", Form::Make),
    ("crontab", Form::Crontab),
    ("tcl", Form::Tcl),
    ("client", Form::Client),
    ("calls", Form::Calls),
    ("commands", Form::Commands),
];

/// Reads `each`.
fn each(node: Node<'_>) -> Option<Each> {
    let keys = node.table(EACH)?;
    let list = |key: &str| keys.get(key).map(options).unwrap_or_default();
    Some(Each {
        list: list("list"),
        rest: list("rest"),
        file: list("file"),
        when: list("when"),
        not: list("not"),
    })
}

/// Reads `replaces`.
fn replaces(node: Node<'_>) -> Option<Replaces> {
    let keys = node.table(REPLACES)?;
    let default = keys.get("default").map(|node| node.text());
    Some(Replaces {
        option: keys.get("option").map(options).unwrap_or_default(),
        default: default.unwrap_or(Some(""))?.to_owned(),
    })
}

/// Reads `target`.
fn targets(node: Node<'_>, operands: &[String]) -> BTreeMap<TargetKey, TargetFrom> {
    let entries = node.any_table().map(Keys::entries).unwrap_or_default();
    let targets = entries.into_iter().filter_map(|(name, at, value)| {
        let key = target_key(name, at)?;
        let operand = value
            .as_text()
            .and_then(|text| text.strip_prefix("operand:"));
        let Some(operand) = operand else {
            return Some((key, TargetFrom::Options(words::standing_options(value))));
        };
        if !operands.iter().any(|known| known == operand) {
            let help = format!("add `operands = [\"{operand}\"]`");
            value.mistake(format!("there is no operand `{operand}`"), help);
        }
        Some((key, TargetFrom::Operand(operand.to_owned())))
    });
    targets.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::OptionStyle;
    use crate::policy::pack::tests::system_packs;

    /// Returns the one wrapper that is written so.
    fn wrapper(text: &str) -> Wrapper {
        let pack = "[pack]\nid = 'x'\ntitle = 'X'\n[[wrapper]]\n";
        let mut packs = system_packs(&format!("{pack}{text}"));
        assert_eq!(packs.wrappers.len(), 1);
        packs.wrappers.remove(0)
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn every_key_of_a_wrapper_is_read() {
        let read = wrapper(
            "program = ['w', 'v']
            verb = 'exec'
            values = ['-a']
            optional = ['-b']
            options = 'long'
            skip = 'assignments'
            operands = ['host', 'rest']
            inner = 'rest'
            form = 'shell'
            split = '-S'
            replaces = { option = '-I', default = '{}' }
            appends = 'operands'
            moves = 'host'
            many = true
            each = { list = '-l', rest = '-r', file = '-f', when = '-w', not = '-x' }
            target = { host = 'operand:host', user = ['-u', '--user'] }
            none_if = '-n'
            writes = 'operands'
            else_program = 'w/run'
            test = { hold = ['w h reboot'], pass = ['w h ls', 'w -n h reboot'] }",
        );
        let target = [
            (TargetKey::Host, TargetFrom::Operand("host".to_owned())),
            (
                TargetKey::User,
                TargetFrom::Options(texts(&["-u", "--user"])),
            ),
        ];
        assert_eq!(
            read,
            Wrapper {
                programs: texts(&["w", "v"]),
                verb: texts(&["exec"]),
                values: texts(&["-a"]),
                optional: texts(&["-b"]),
                style: OptionStyle::Long,
                skip_assignments: true,
                operands: texts(&["host", "rest"]),
                inner: Some(Inner::Rest),
                form: Form::Shell,
                split: texts(&["-S"]),
                replaces: Some(Replaces {
                    option: texts(&["-I"]),
                    default: "{}".to_owned(),
                }),
                appends: true,
                moves: Some(Moves::Host),
                many: true,
                each: Each {
                    list: texts(&["-l"]),
                    rest: texts(&["-r"]),
                    file: texts(&["-f"]),
                    when: texts(&["-w"]),
                    not: texts(&["-x"]),
                },
                target: target.into(),
                none_if: texts(&["-n"]),
                writes: Some(Writes::Operands),
                else_program: Some("w/run".to_owned()),
                test_hold: texts(&["w h reboot"]),
                test_pass: texts(&["w h ls", "w -n h reboot"]),
            }
        );
    }

    #[test]
    fn every_form_of_inner_is_read() {
        let script = Inner::IfFlag {
            if_flag: Vec::new(),
            operand: 1,
            or_script: true,
            or_stdin: true,
            stdin_if: Vec::new(),
        };
        for (text, expected) in [
            ("'rest'", Inner::Rest),
            ("'stdin'", Inner::Stdin),
            ("'script'", script),
            (
                "{ after = '-exec', until = [';', '+'], else = 'rest', none = 'stdin' }",
                Inner::After {
                    after: texts(&["-exec"]),
                    until: texts(&[";", "+"]),
                    or_rest: true,
                    or_stdin: true,
                },
            ),
            (
                "{ if_flag = '-c', operand = 2, else = 'script', none = 'stdin', stdin_if = '-s' }",
                Inner::IfFlag {
                    if_flag: texts(&["-c"]),
                    operand: 2,
                    or_script: true,
                    or_stdin: true,
                    stdin_if: texts(&["-s"]),
                },
            ),
            (
                "{ value_of = '-a', when_flag = '-m', prefix = 'cmd=' }",
                Inner::ValueOf {
                    value_of: texts(&["-a"]),
                    when_flag: texts(&["-m"]),
                    prefix: texts(&["cmd="]),
                },
            ),
            ("{ file_of = '-f' }", Inner::FileOf(texts(&["-f"]))),
            ("{ operand = 3 }", Inner::Operand(3)),
        ] {
            let read = wrapper(&format!("program = 'w'\ninner = {text}"));
            assert_eq!(read.inner, Some(expected), "{text}");
        }
    }
}
