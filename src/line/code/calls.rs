//! The calls of a program that are known to start what they are given.

use std::collections::BTreeMap;

use super::super::Word;
use super::super::source::Source;
use super::super::text::quote;
use super::literals::{Token, tokens};
use super::values::{Known, Variables, variables};
use super::{Language, Started};

mod arguments;
mod awk;

use arguments::Argument;

/// The deepest nesting of brackets within a call's arguments.
const MAX_NESTING: usize = 16;

/// Names of calls that start a program in some language, in small letters.
const STARTERS: &[&str] = &[
    "call_process",
    "callcommand",
    "callprocess",
    "cmd",
    "command",
    "esyscmd",
    "exec",
    "execute",
    "execvp",
    "popen",
    "process",
    "processbuilder",
    "program",
    "rawsystem",
    "readprocess",
    "run",
    "script",
    "shell",
    "spawn",
    "spawncommand",
    "spawnprocess",
    "start",
    "syscmd",
    "system",
    "system2",
    "unix",
];

/// The most tokens of a call's arguments that are read: a program of nothing but open calls must not
/// be read once for each of them.
const MAX_TOKENS: usize = 512;

/// How a call takes what it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// The first argument is text for a shell, or a list that is an argv.
    First,
    /// One argument is text for a shell, several are an argv; a list is one too.
    All,
    /// The first argument is a program, the second one a list of its arguments.
    Program,
    /// After so many others a path, then the argv, as a list or one by one.
    Exec(usize),
    /// Perl's `open`: a pipe in the mode or around the name.
    Open,
    /// The first argument is a file that it writes to, where a mode says so.
    Writes,
    /// All texts up to the end of the call are an argv, one is text for a shell.
    Texts,
}

/// Returns what a program starts.
pub(super) fn read(language: Language, source: &Source<'_>, depth: usize) -> Vec<Started> {
    let text = source.text();
    let mut tokens = tokens(language, source, &BTreeMap::new());
    let variables = variables(language, &tokens, source);
    let texts_of: BTreeMap<String, String> = variables
        .iter()
        .filter_map(|(name, value)| match value {
            Some(Known::Text(text)) => Some((name.clone(), text.clone())),
            Some(Known::List(_)) | None => None,
        })
        .collect();
    if !texts_of.is_empty() {
        tokens = super::literals::tokens(language, source, &texts_of);
    }
    let program = Program {
        language,
        source,
        variables,
        other_names: other_names(language, &tokens, source),
    };
    let mut started = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Command(word) => started.push(Started::Shell(word.clone())),
            Token::Name(span) => {
                let before = at.checked_sub(1).and_then(|before| tokens.get(before));
                let rest = tokens.get(at + 1..).unwrap_or_default();
                let (name, before) = program.meant(source.slice(*span), before, rest);
                if depth < MAX_PROGRAMS && is_program(language, name) {
                    let inner = program.arguments(rest).into_iter().flatten();
                    for argument in inner.take(MAX_INNER) {
                        if let Argument::One(word) = argument {
                            started.extend(read(language, &Source::word(&word), depth + 1));
                        }
                    }
                }
                if CALLS_BY_NAME.contains(&name) {
                    started.extend(program.by_name(rest, text));
                }
                if language == Language::Perl
                    && matches!(name, "exec" | "system")
                    && let [
                        Token::Mark('{', _),
                        Token::Text(word),
                        Token::Mark('}', _),
                        ..,
                    ] = rest
                {
                    started.push(Started::Argv(vec![word.clone()]));
                }
                let Some(takes) = takes(language, name, text, before) else {
                    continue;
                };
                if takes == Takes::Texts {
                    started.extend(texts(tokens.get(..at).unwrap_or_default(), rest));
                } else if let Some(args) = program.arguments(rest) {
                    started.extend(start(takes, &args));
                }
            }
            Token::Mark('|', _) if language == Language::Awk => {
                started.extend(awk::piped(&program, &tokens, at));
            }
            Token::Mark('>', _) if language == Language::Awk => {
                if let Some(Token::Text(path)) = tokens.get(at + 1) {
                    started.extend(written(path));
                }
            }
            // `getattr(os, 'system')('reboot')`, `cp['exec']('reboot')`
            Token::Text(name) => {
                let rest = tokens.get(at + 1..).unwrap_or_default();
                if let [Token::Mark(')' | ']', _), Token::Mark('(', _), ..] = rest
                    && let Some(takes) = name
                        .known()
                        .and_then(|name| takes(language, &name, text, None))
                    && let Some(args) = program.arguments(rest.get(1..).unwrap_or_default())
                {
                    started.extend(start(takes, &args));
                }
            }
            // Scala's `"cmd".!`.
            Token::Mark('!', _) if language == Language::Any => {
                if let [.., Token::Text(text), Token::Mark('.', _)] =
                    tokens.get(..at).unwrap_or_default()
                {
                    started.push(Started::Shell(text.clone()));
                }
            }
            Token::List(_) | Token::Mark(..) => {}
        }
    }
    started
}

/// Calls whose first argument is the name of the one that is meant.
const CALLS_BY_NAME: &[&str] = &[
    "apply",
    "call_user_func",
    "call_user_func_array",
    "forward_static_call",
    "method",
    "public_send",
    "send",
    "__send__",
];

/// The deepest nesting of programs in a program (`eval`).
const MAX_PROGRAMS: usize = 3;

/// The most arguments of such a call that are read.
const MAX_INNER: usize = 4;

/// Returns whether the call of this name runs what it is given as a program in the same language.
fn is_program(language: Language, name: &str) -> bool {
    match language {
        Language::Python => matches!(name, "exec" | "eval" | "compile"),
        Language::Perl => name == "eval",
        Language::Ruby => matches!(
            name,
            "eval" | "instance_eval" | "class_eval" | "module_eval" | "instance_exec"
        ),
        Language::Node => matches!(
            name,
            "eval" | "Function" | "runInThisContext" | "runInNewContext" | "setTimeout"
        ),
        Language::Php => matches!(name, "eval" | "assert" | "create_function"),
        Language::Lua => matches!(name, "load" | "loadstring"),
        Language::Awk => false,
        Language::Any => name == "eval",
    }
}

/// Returns the shell text that writes to a path as the program does; nothing where it is not known.
fn written(path: &Word) -> Option<Started> {
    let text = format!("> {}", quote(&path.known()?));
    Some(Started::Shell(Word::plain(&text, path.span)))
}

/// A program and what is known of its names.
struct Program<'p> {
    language: Language,
    source: &'p Source<'p>,
    /// What its variables hold.
    variables: Variables,
    /// Other names for calls (`from os import system as s`, `s = os.system`).
    other_names: BTreeMap<String, String>,
}

impl Program<'_> {
    /// Returns the call that a name means, and what stands before it.
    fn meant<'n>(
        &'n self,
        name: &'n str,
        before: Option<&'n Token>,
        rest: &[Token],
    ) -> (&'n str, Option<&'n Token>) {
        let is_call = rest.first().is_some_and(|token| token.is('('));
        if !is_call {
            return (name, before);
        }
        if let Some(other) = self.other_names.get(name) {
            return (other, None);
        }
        // PHP's `$f(…)`.
        match self.variables.get(name) {
            Some(Some(Known::Text(text))) => (text, None),
            _ => (name, before),
        }
    }

    /// Returns what `call_user_func('system', 'reboot')` and its like start.
    fn by_name(&self, rest: &[Token], text: &str) -> Option<Started> {
        let args = self.arguments(rest)?;
        let (first, args) = args.split_first()?;
        let Argument::One(name) = first else {
            return None;
        };
        let takes = takes(self.language, &name.known()?, text, None)?;
        start(takes, args)
    }
}

/// Returns the other names that a program gives to calls that start something.
fn other_names(
    language: Language,
    tokens: &[Token],
    source: &Source<'_>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let name_at = |at: usize| match tokens.get(at) {
        Some(Token::Name(span)) => Some(source.slice(*span)),
        _ => None,
    };
    let is_start = |name: &str| takes(language, name, source.text(), None).is_some();
    for at in 0..tokens.len() {
        let Some(name) = name_at(at) else { continue };
        // `from os import system as s`
        if let (Some("as"), Some(other)) = (name_at(at + 1), name_at(at + 2))
            && is_start(name)
        {
            found.insert(other.to_owned(), name.to_owned());
        }
        // `s = os.system`
        if tokens.get(at + 1).is_some_and(|token| token.is('=')) {
            let mut end = at + 2;
            while name_at(end).is_some() && tokens.get(end + 1).is_some_and(|token| token.is('.')) {
                end += 2;
            }
            let is_call = tokens.get(end + 1).is_some_and(|token| token.is('('));
            if let Some(meant) = name_at(end).filter(|meant| !is_call && is_start(meant)) {
                found.insert(name.to_owned(), meant.to_owned());
            }
        }
    }
    found
}

/// Returns what a call in a language without rules of its own starts: the texts that follow its
/// name, or the text whose method it is.
fn texts(before: &[Token], rest: &[Token]) -> Vec<Started> {
    if let [.., Token::Text(text), Token::Mark('.', _)] = before {
        return vec![Started::Shell(text.clone())];
    }
    let is_open = match rest.first() {
        Some(Token::Mark('(' | '{', _)) => true,
        Some(Token::Text(_)) => false,
        _ => return Vec::new(),
    };
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for token in rest.iter().take(MAX_TOKENS) {
        match token {
            Token::Mark('(' | '[' | '{', _) => depth += 1,
            Token::Mark(')' | ']' | '}', _) => {
                depth = depth.saturating_sub(1);
                if depth == 0 && is_open {
                    break;
                }
            }
            Token::Mark(';' | '\n', _) if !is_open => break,
            Token::Text(text) | Token::Command(text) => found.push(text.clone()),
            Token::List(words) => found.extend(words.iter().cloned()),
            Token::Name(_) | Token::Mark(..) => {}
        }
    }
    let Some(first) = found.first().cloned() else {
        return Vec::new();
    };
    // The rest may be options of the call or words of the command.
    let has_blank = first.shown().trim().contains(' ');
    match found.len() == 1 || has_blank {
        true => vec![Started::Shell(first)],
        false => vec![Started::Argv(found)],
    }
}

/// Returns how the call of this name takes what it starts; nothing where it starts nothing.
fn takes(language: Language, name: &str, text: &str, before: Option<&Token>) -> Option<Takes> {
    let is_member = before.is_some_and(|token| token.is('.') || token.is('>') || token.is(':'));
    if before.is_some_and(|token| token.is('$') || token.is('@') || token.is('%')) {
        return None;
    }
    let has = |module: &str| text.contains(module);
    match language {
        Language::Python => match name {
            "system"
            | "popen"
            | "getoutput"
            | "getstatusoutput"
            | "Popen"
            | "check_call"
            | "check_output"
            | "create_subprocess_shell" => Some(Takes::First),
            "create_subprocess_exec" => Some(Takes::All),
            "run" | "call" if has("subprocess") => Some(Takes::First),
            "open" => Some(Takes::Writes),
            "spawn" if has("pty") || has("pexpect") => Some(Takes::First),
            "execl" | "execlp" | "execle" | "execlpe" | "execv" | "execvp" | "execve"
            | "execvpe" | "posix_spawn" | "posix_spawnp" => Some(Takes::Exec(0)),
            "spawnl" | "spawnlp" | "spawnle" | "spawnlpe" | "spawnv" | "spawnvp" | "spawnve"
            | "spawnvpe" => Some(Takes::Exec(1)),
            _ => None,
        },
        Language::Perl => match name {
            "system" | "exec" | "readpipe" if !is_member => Some(Takes::All),
            "open" if !is_member => Some(Takes::Open),
            "open2" | "open3" => Some(Takes::Texts),
            _ => None,
        },
        Language::Ruby => match name {
            "system" | "exec" | "spawn" | "popen" | "capture2" | "capture2e" | "capture3"
            | "popen2" | "popen2e" | "popen3" => Some(Takes::All),
            "open" | "write" | "binwrite" => Some(Takes::Writes),
            _ => None,
        },
        Language::Node => match name {
            "execSync" => Some(Takes::First),
            "exec" if has("child_process") => Some(Takes::First),
            "spawnSync" | "execFile" | "execFileSync" | "execa" | "execaSync" => {
                Some(Takes::Program)
            }
            "spawn" if has("child_process") || has("Bun") => Some(Takes::Program),
            "Command" if has("Deno") => Some(Takes::Texts),
            "writeFileSync" | "writeFile" | "appendFileSync" | "appendFile"
            | "createWriteStream" => Some(Takes::Writes),
            _ => None,
        },
        Language::Php => match name {
            "system" | "exec" | "shell_exec" | "passthru" | "popen" | "proc_open" if !is_member => {
                Some(Takes::First)
            }
            "pcntl_exec" => Some(Takes::Program),
            "file_put_contents" | "fopen" => Some(Takes::Writes),
            _ => None,
        },
        Language::Lua => match name {
            "execute" | "popen" => Some(Takes::First),
            "open" => Some(Takes::Writes),
            _ => None,
        },
        Language::Awk => (name == "system").then_some(Takes::First),
        Language::Any => STARTERS
            .contains(&name.to_ascii_lowercase().as_str())
            .then_some(Takes::Texts),
    }
}

/// Returns what a call with these arguments starts.
fn start(takes: Takes, args: &[Argument]) -> Option<Started> {
    let words = |args: &[Argument]| {
        let words = args.iter().map(|arg| match arg {
            Argument::One(word) => vec![word.clone()],
            Argument::Many(words) => words.clone(),
        });
        words.collect::<Vec<_>>().concat()
    };
    let argv = |argv: Vec<Word>| (!argv.is_empty()).then_some(Started::Argv(argv));
    match (takes, args) {
        (_, []) | (Takes::Texts, _) => None,
        (Takes::First | Takes::All, [Argument::Many(list), ..]) => argv(list.clone()),
        (Takes::First, [Argument::One(text), ..]) | (Takes::All, [Argument::One(text)]) => {
            Some(Started::Shell(text.clone()))
        }
        (Takes::All, args) => argv(words(args)),
        (Takes::Program, [program, rest @ ..]) => {
            let mut all = words(std::slice::from_ref(program));
            if let Some(Argument::Many(list)) = rest.first() {
                all.extend_from_slice(list);
            }
            argv(all)
        }
        (Takes::Exec(skip), args) => {
            let (path, rest) = args.get(skip..)?.split_first()?;
            let mut all = words(std::slice::from_ref(path));
            all.extend(words(rest).into_iter().skip(1));
            argv(all)
        }
        (Takes::Open, args) => opened(&words(args)),
        (Takes::Writes, args) => {
            let words = words(args);
            let (path, rest) = words.split_first()?;
            // Ruby's `open("|cmd")`.
            if path.beginning().starts_with('|') {
                return Some(Started::Shell(path.tail(1)));
            }
            let reads = |word: &Word| matches!(word.known().as_deref(), Some("r" | "rb" | "rt"));
            (!rest.is_empty() && !rest.iter().any(reads))
                .then(|| written(path))
                .flatten()
        }
    }
}

/// Returns what Perl's `open` starts.
fn opened(words: &[Word]) -> Option<Started> {
    let is_mode = |word: &Word| matches!(word.known().as_deref(), Some("-|" | "|-"));
    if let Some(at) = words.iter().position(is_mode) {
        let rest = words.get(at + 1..)?;
        return match rest {
            [] => None,
            [text] => Some(Started::Shell(text.clone())),
            argv => Some(Started::Argv(argv.to_vec())),
        };
    }
    let text = words.get(1)?;
    let shown = text.shown();
    if let Some(name) = shown.trim_start().strip_prefix('>') {
        let path = match name.trim_start_matches('>').trim() {
            "" => words.get(2)?.clone(),
            name => Word::plain(name, text.span),
        };
        return written(&path);
    }
    if shown.trim_start().starts_with('|') {
        let at = shown.find('|')?;
        return Some(Started::Shell(text.tail(at + 1)));
    }
    let at = shown.trim_end().strip_suffix('|')?.len();
    Some(Started::Shell(text.part(0, at)))
}
