//! Clients of databases and files, as far as their own commands start others: `\!`, `.shell`,
//! `system`, `!`, `COPY … PROGRAM`, `xp_cmdshell`.

use super::super::Span;
use super::super::source::Source;
use super::Started;
use super::rows::shell;

/// What stands before shell text at the beginning of a command.
const ESCAPES: &[&str] = &[
    "\\!",
    ".shell ",
    ".system ",
    "system ",
    ".sh ",
    "!!",
    "!",
    "host ",
    "shell ",
    "sh ",
    "\\system ",
    "exec:",
    "system:",
    "\\o |",
    "\\g |",
    "\\w |",
    ".output |",
    ".once |",
    "pager ",
    "\\P ",
    "tee |",
];

/// What stands before shell text in quotes anywhere.
const CALLS: &[&str] = &[
    "program '",
    "xp_cmdshell '",
    "sys_exec('",
    "sys_eval('",
    "system('",
    "system(\"",
    "shell('",
    "shell(\"",
    "run_program('",
    "run('",
    "run(\"",
];

/// Returns what the commands of a client start.
pub(super) fn clients(source: &Source<'_>) -> Vec<Started> {
    let text = source.text();
    let mut started = Vec::new();
    let mut at = 0;
    for row in text.split_inclusive(['\n', ';']) {
        let start = at + row.len() - row.trim_start().len();
        at += row.len();
        let command = row.trim();
        let command = command.strip_suffix(';').unwrap_or(command);
        let escape = ESCAPES.iter().find(|escape| {
            let beginning = command.get(..escape.len());
            beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(escape))
        });
        if let Some(escape) = escape {
            let rest = text.get(start..).unwrap_or_default();
            let end = match escape.chars().next() {
                // The rest of the row is the shell's, with its own semicolons.
                Some('\\' | '!') => start + rest.find('\n').unwrap_or(rest.len()),
                // What follows a comma are options of the address.
                _ if escape.ends_with(':') => start + rest.find([',', '\n']).unwrap_or(rest.len()),
                _ => start + command.len(),
            };
            started.push(shell(source, Span::new(start + escape.len(), end)));
        }
    }
    // NOTE: lowered letter by letter, so that places stay the same.
    let lowered = text.to_ascii_lowercase();
    for call in CALLS {
        for (found, _) in lowered.match_indices(call) {
            let start = found + call.len();
            let quote = if call.ends_with('"') { '"' } else { '\'' };
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.find(quote).unwrap_or(rest.len());
            started.push(shell(source, Span::new(start, start + length)));
        }
    }
    started
}
