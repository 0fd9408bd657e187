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
    let written = Device::open().is_some_and(|device| {
        let rows = wrapped(text, device.size().columns);
        write_all(&device, rows.as_bytes())
    });
    if !written {
        let text = format!("{}\n", safe::lines(text.trim_end_matches('\n')));
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Returns the text in rows of at most `width` columns: a terminal would break words.
fn wrapped(text: &str, width: usize) -> String {
    let mut sheet = Sheet::new(Paper {
        width,
        plain: false,
        colour: false,
    });
    for line in text.lines() {
        sheet.add(&[], &cells(&safe::value(line), Tone::Normal));
    }
    let rows = sheet.into_rows();
    rows.iter().flat_map(|row| [row.as_str(), "\n"]).collect()
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
    fn words_are_kept_whole() {
        let text = "not cleared: 30m must lie between two runs\nThe command has not run.\n";
        assert_eq!(
            wrapped(text, 40),
            "not cleared: 30m must lie between two\nruns\nThe command has not run.\n"
        );
    }
}
