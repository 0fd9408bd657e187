//! A probe for PowerShell: through the same `pwsh` or `powershell` as the held command.
//!
//! Its text goes as base64 of UTF-16, which is what every shell on the way leaves as it is: the
//! shell of a Windows host does not know the quotes of `sh`. A person is shown the text itself.

use crate::gate::world::{Job, NotSeen};
use crate::line::Moves;
use crate::line::text::quote;
use crate::policy::rule::ProbeForm;

use super::route::runs_nothing_else;

/// Names under which PowerShell is called.
const NAMES: [&str; 5] = [
    "pwsh",
    "powershell",
    "powershell.exe",
    "pwsh.exe",
    "pwsh-preview",
];

/// Which of them is asked where the line has none: on this host, which is no Windows host.
const DEFAULT: &str = "pwsh";

/// Which is asked on another host: every Windows host has it.
const DEFAULT_THERE: &str = "powershell";

/// Options with which nothing of the operator's is run and nothing is asked.
const OPTIONS: [&str; 2] = ["-NoProfile", "-NonInteractive"];

/// The digits of base64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Returns the argv that runs `text`.
///
/// # Errors
/// Where the line's PowerShell is none of the host's own.
pub(super) fn argv(job: &Job, text: &str) -> Result<Vec<String>, NotSeen> {
    let program = program(job)?;
    let mut argv = vec![program];
    argv.extend(OPTIONS.map(str::to_owned));
    argv.extend(["-EncodedCommand".to_owned(), encoded(text)]);
    Ok(argv)
}

/// Returns what a person would type, where it is a probe for PowerShell.
pub(super) fn shown(job: &Job, text: &str) -> Option<String> {
    if job.probe.form != ProbeForm::Pwsh {
        return None;
    }
    let program = program(job).unwrap_or_else(|_| default(job).to_owned());
    Some(format!(
        "{program} {} -Command {}",
        OPTIONS.join(" "),
        quote(text)
    ))
}

/// Returns the line's PowerShell, the innermost one.
fn program(job: &Job) -> Result<String, NotSeen> {
    let mut vias = job.via.iter().rev();
    let Some(via) = vias.find(|via| NAMES.contains(&via.name.as_str())) else {
        return Ok(default(job).to_owned());
    };
    let word = via.words.first().and_then(crate::line::Word::known);
    let program = word.unwrap_or_else(|| via.name.clone());
    runs_nothing_else(&program)?;
    Ok(program)
}

/// Returns the PowerShell of a line that has none.
fn default(job: &Job) -> &'static str {
    let is_far = job.via.iter().any(|via| via.moves == Some(Moves::Host));
    match is_far && !job.is_here() {
        true => DEFAULT_THERE,
        false => DEFAULT,
    }
}

/// Returns a text as base64 (RFC 4648) of its UTF-16, the low byte first.
fn encoded(text: &str) -> String {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut encoded = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let number = group
            .iter()
            .chain(std::iter::repeat(&0))
            .take(3)
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        for place in 0..4 {
            let digit = number >> (18 - 6 * place) & 0x3f;
            let digit = usize::try_from(digit).ok().and_then(|at| DIGITS.get(at));
            encoded.push(match digit {
                Some(digit) if place <= group.len() => char::from(*digit),
                Some(_) | None => '=',
            });
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_encoded_as_powershell_reads_it() {
        for (text, expected) in [
            ("", ""),
            ("a", "YQA="),
            ("ab", "YQBiAA=="),
            ("abc", "YQBiAGMA"),
            ("dir 関", "ZABpAHIAIACilQ=="),
        ] {
            assert_eq!(encoded(text), expected, "{text}");
        }
    }
}
