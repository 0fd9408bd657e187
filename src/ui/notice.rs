//! A message where no dialogue is open: to the terminal, or to standard error where there is none.

use std::io::Write as _;
use std::time::Duration;

use super::device::Device;
use super::layout::{Paper, Sheet, Tone, cells};
use super::safe;

/// How long a terminal that takes nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Says a text of one line or a few, to `/dev/tty`, else to descriptor 2; never to standard output.
/// What cannot be written is lost quietly: the message is not what the gate stands for.
pub fn notice(text: &str) {
    let text = safe::lines(text.trim_end_matches('\n'));
    let written = Device::open().is_some_and(|device| {
        let rows = in_rows(&text, device.size().columns);
        write_all(&device, rows.as_bytes())
    });
    if !written {
        let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
    }
}

/// Breaks the lines of a text into rows of at most `width` columns.
fn in_rows(text: &str, width: usize) -> String {
    let mut sheet = Sheet::new(Paper {
        width,
        plain: true,
        colour: false,
    });
    for line in text.lines() {
        sheet.add(&[], &cells(line, Tone::Normal));
    }
    let rows = sheet.into_rows().into_iter();
    rows.map(|row| format!("{}\n", row.trim_end())).collect()
}

/// Writes everything; returns false where not a single byte could be written.
fn write_all(device: &Device, mut bytes: &[u8]) -> bool {
    let whole = bytes.len();
    while !bytes.is_empty() {
        match device.write(bytes) {
            Ok(0) => {
                let ready = device.wait_writable(None, Some(PATIENCE));
                if !ready.terminal || ready.hung_up {
                    break;
                }
            }
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(_) => break,
        }
    }
    bytes.len() < whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_broken_between_words() {
        let text = "Drill: every step passed.\nNothing was run.";
        let expected = "Drill: every\nstep passed.\nNothing was\nrun.\n";
        assert_eq!(in_rows(text, 14), expected);
    }
}
