//! The calls of a program that are known to start what they are given.

use super::super::source::Source;
use super::super::{Piece, Span, Word};
use super::literals::{Token, tokens};
use super::{Language, Started};

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
    /// All texts up to the end of the call are an argv, one is text for a shell.
    Texts,
}

/// Returns what a program starts.
pub(super) fn read(language: Language, source: &Source<'_>) -> Vec<Started> {
    let text = source.text();
    let tokens = tokens(language, source);
    let mut started = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Command(word) => started.push(Started::Shell(word.clone())),
            Token::Name(span) => {
                let name = source.slice(*span);
                let before = at.checked_sub(1).and_then(|before| tokens.get(before));
                let Some(takes) = takes(language, name, text, before) else {
                    continue;
                };
                let rest = tokens.get(at + 1..).unwrap_or_default();
                if takes == Takes::Texts {
                    started.extend(texts(tokens.get(..at).unwrap_or_default(), rest));
                } else if let Some(args) = arguments(language, rest, source) {
                    started.extend(start(takes, &args));
                }
            }
            Token::Mark('|', _) if language == Language::Awk => {
                started.extend(piped(&tokens, at, source));
            }
            // Scala's `"cmd".!`.
            Token::Mark('!', _) if language == Language::Any => {
                if let [.., Token::Text(text), Token::Mark('.', _)] =
                    tokens.get(..at).unwrap_or_default()
                {
                    started.push(Started::Shell(text.clone()));
                }
            }
            Token::Text(_) | Token::List(_) | Token::Mark(..) => {}
        }
    }
    started
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
    for token in rest {
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
            _ => None,
        },
        Language::Ruby => match name {
            "system" | "exec" | "spawn" | "popen" | "capture2" | "capture2e" | "capture3"
            | "popen2" | "popen2e" | "popen3" => Some(Takes::All),
            _ => None,
        },
        Language::Node => match name {
            "execSync" => Some(Takes::First),
            "exec" if has("child_process") => Some(Takes::First),
            "spawnSync" | "execFile" | "execFileSync" | "execa" | "execaSync" => {
                Some(Takes::Program)
            }
            "spawn" if has("child_process") || has("Bun") => Some(Takes::Program),
            _ => None,
        },
        Language::Php => match name {
            "system" | "exec" | "shell_exec" | "passthru" | "popen" | "proc_open" if !is_member => {
                Some(Takes::First)
            }
            "pcntl_exec" => Some(Takes::Program),
            _ => None,
        },
        Language::Lua => matches!(name, "execute" | "popen").then_some(Takes::First),
        Language::Awk => (name == "system").then_some(Takes::First),
        Language::Any => STARTERS
            .contains(&name.to_ascii_lowercase().as_str())
            .then_some(Takes::Texts),
    }
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Argument {
    /// A value.
    One(Word),
    /// A list of values.
    Many(Vec<Word>),
}

/// Returns the arguments that follow a call's name; nothing where it is no call.
fn arguments(language: Language, rest: &[Token], source: &Source<'_>) -> Option<Vec<Argument>> {
    let is_open = rest.first().is_some_and(|token| token.is('('));
    let takes_bare = matches!(language, Language::Perl | Language::Ruby);
    let is_lua_bare = language == Language::Lua && matches!(rest.first(), Some(Token::Text(_)));
    if !is_open && !takes_bare && !is_lua_bare {
        return None;
    }
    let inner = rest.get(usize::from(is_open)..).unwrap_or_default();
    let mut depth = 0_usize;
    let ends = |token: &Token| match token {
        Token::Mark('(' | '[' | '{', _) => {
            depth += 1;
            false
        }
        Token::Mark(')' | ']' | '}', _) if depth > 0 => {
            depth -= 1;
            false
        }
        Token::Mark(')' | ']' | '}', _) => true,
        Token::Mark(';' | '\n', _) => !is_open,
        Token::Name(span) if !is_open => matches!(
            source.slice(*span),
            "or" | "and" | "if" | "unless" | "while" | "until" | "for" | "foreach" | "do"
        ),
        _ => false,
    };
    let length = inner.iter().position(ends).unwrap_or(inner.len());
    let inner = inner.get(..length).unwrap_or_default();
    let args = split(inner).filter_map(|tokens| argument(tokens, source, 0));
    Some(args.collect())
}

/// Splits tokens at the commas of their own level.
fn split(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0_usize;
    tokens.split(move |token| {
        match token {
            Token::Mark('(' | '[' | '{', _) => depth += 1,
            Token::Mark(')' | ']' | '}', _) => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(',')
    })
}

/// Reads one argument; nothing where it is empty, or named and not what is started.
fn argument(tokens: &[Token], source: &Source<'_>, depth: usize) -> Option<Argument> {
    let mut tokens = tokens;
    while let Some((Token::Mark('\n', _), rest)) = tokens.split_first() {
        tokens = rest;
    }
    if let [Token::Name(name), Token::Mark('=' | ':', _), rest @ ..] = tokens {
        if !matches!(source.slice(*name), "args" | "cmd" | "command") {
            return None;
        }
        tokens = rest;
    }
    match tokens.first()? {
        Token::List(words) => Some(Argument::Many(words.clone())),
        Token::Mark('[', _) if depth < MAX_NESTING => {
            let inner = tokens.get(1..).unwrap_or_default();
            let inner = match inner.split_last() {
                Some((Token::Mark(']', _), inner)) => inner,
                _ => inner,
            };
            let words = split(inner).filter_map(|tokens| {
                Some(match argument(tokens, source, MAX_NESTING)? {
                    Argument::One(word) => word,
                    Argument::Many(words) => words.into_iter().next()?,
                })
            });
            Some(Argument::Many(words.collect()))
        }
        // Options of the call (`{ stdio: 'inherit' }`) and Perl's block before a program.
        Token::Mark('{', _) => None,
        _ => Some(Argument::One(joined(tokens, source))),
    }
}

/// Returns the word that literals next to each other make; what else stands there is not known.
fn joined(tokens: &[Token], source: &Source<'_>) -> Word {
    let mut word = Word::default();
    let mut depth = 0_usize;
    let mut add = |pieces: Vec<Piece>, span: Span| {
        // `sys.argv[1]` is one thing that is not known.
        let is_unknown = |piece: Option<&Piece>| matches!(piece, Some(Piece::Unknown { .. }));
        if is_unknown(pieces.first()) && is_unknown(word.pieces.last()) {
            return;
        }
        word.span = match word.pieces.is_empty() {
            true => span,
            false => word.span.to(span),
        };
        word.pieces.extend(pieces);
    };
    let unknown = |span: &Span| Piece::Unknown {
        span: source.outer(*span),
        quoted: true,
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Mark('(' | '[', _) => depth += 1,
            Token::Mark(')' | ']', _) => depth = depth.saturating_sub(1),
            _ if depth > 0 && at > 1 && !matches!(tokens.first(), Some(Token::Mark('(', _))) => {}
            Token::Text(text) => add(text.pieces.clone(), text.span),
            Token::Name(span) => {
                // `'…'.split()`, `'…'.format(x)`: the text is what counts.
                let is_method = at > 0
                    && tokens.get(at - 1).is_some_and(|before| before.is('.'))
                    && matches!(tokens.get(at.saturating_sub(2)), Some(Token::Text(_)));
                if !is_method {
                    add(vec![unknown(span)], source.outer(*span));
                }
            }
            Token::Command(text) => {
                let piece = Piece::Unknown {
                    span: text.span,
                    quoted: true,
                };
                add(vec![piece], text.span);
            }
            Token::Mark('0' | '$', span) => add(vec![unknown(span)], source.outer(*span)),
            // `'ssh %s' % host`: the text is what counts.
            Token::Mark('%' | '?' | '|', _) => break,
            Token::Mark(..) | Token::List(_) => {}
        }
    }
    word.lossy = source.is_lossy;
    word
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
    if shown.trim_start().starts_with('|') {
        let at = shown.find('|')?;
        return Some(Started::Shell(text.tail(at + 1)));
    }
    let at = shown.trim_end().strip_suffix('|')?.len();
    Some(Started::Shell(text.part(0, at)))
}

/// Returns the command on either side of awk's `|`: `"cmd" | getline`, `print | "cmd"`.
fn piped(tokens: &[Token], at: usize, source: &Source<'_>) -> Option<Started> {
    let is_bar = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .is_some_and(|token| token.is('|'))
    };
    // `||` is no pipe.
    if is_bar(at.checked_sub(1)) || is_bar(Some(at + 1)) {
        return None;
    }
    let after = tokens.get(at + 1..)?;
    let after = match after.split_first() {
        Some((Token::Mark('&', _), rest)) => rest,
        _ => after,
    };
    let ends = |token: &Token| matches!(token, Token::Mark(';' | '{' | '}' | '\n' | '|', _));
    match after.first()? {
        Token::Name(span) if source.slice(*span) == "getline" => {
            let before = tokens.get(..at)?;
            let start = before.iter().rposition(ends).map_or(0, |end| end + 1);
            let is_name = |token: &Token| matches!(token, Token::Text(_));
            let start = start + before.get(start..)?.iter().position(is_name)?;
            Some(Started::Shell(joined(before.get(start..)?, source)))
        }
        Token::Text(_) => {
            let length = after.iter().position(ends).unwrap_or(after.len());
            Some(Started::Shell(joined(after.get(..length)?, source)))
        }
        _ => None,
    }
}
