//! Shells' history files, read entry by entry.
//!
//! In: the bytes of a file of bash, zsh or fish. Out: [`Entry`]s, each with its time where the file
//! has one, in the order of the file. Nothing but the entry at hand is kept, and of that no more
//! than a line may have: what is longer is cut, which the reading of lines then refuses.
//!
//! - bash: a line an entry. Where the file begins with a time (`#1700000000`), an entry is all lines
//!   up to the next time, as bash itself reads it.
//! - zsh: `: 1700000000:0;cmd` (extended) or the command alone. A backslash at the end continues, a
//!   space after one means the backslash itself; 0x83 marks a byte that was changed by XOR 32.
//! - fish: `- cmd: …`, with `\n` and `\\` written so, and `  when: 1700000000` below it.

use std::io::{self, BufRead, Read as _};

/// The most bytes of one entry. More than a line may have, so that what is cut is refused.
const MOST: usize = 2 << 20;

/// Which shell wrote the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// bash, with or without times
    Bash,
    /// zsh, extended or not
    Zsh,
    /// fish
    Fish,
}

impl Format {
    /// Returns the shell's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// Guesses from how a file begins.
    pub(super) fn of_beginning(beginning: &[u8]) -> Self {
        let mut lines = beginning.split(|byte| *byte == b'\n');
        if lines.clone().any(|line| line.starts_with(b"- cmd: ")) {
            return Self::Fish;
        }
        match lines.any(|line| zsh_stamp(line).is_some()) {
            true => Self::Zsh,
            false => Self::Bash,
        }
    }
}

/// One entry of a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entry {
    /// When it was typed, in seconds of Unix time.
    pub(super) when: Option<i64>,
    /// The line, which may have several rows.
    pub(super) line: Vec<u8>,
}

/// A history that is being read.
#[derive(Debug)]
pub(super) struct History<R> {
    input: R,
    format: Format,
    /// A row that was read and belongs to the next entry.
    ahead: Option<Vec<u8>>,
    /// Whether a first row was read.
    begun: bool,
    /// Whether an entry of bash goes on up to the next time.
    until_time: bool,
}

impl<R: BufRead> History<R> {
    /// Returns the history in `input`.
    pub(super) fn new(input: R, format: Format) -> Self {
        Self {
            input,
            format,
            ahead: None,
            begun: false,
            until_time: false,
        }
    }

    /// Returns the next entry that is not blank.
    ///
    /// # Errors
    /// Where the input fails.
    pub(super) fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        loop {
            let entry = match self.format {
                Format::Bash => self.bash()?,
                Format::Zsh => self.zsh()?,
                Format::Fish => self.fish()?,
            };
            match entry {
                Some(entry) if entry.line.iter().all(u8::is_ascii_whitespace) => {}
                entry => return Ok(entry),
            }
        }
    }

    /// Reads an entry of bash.
    fn bash(&mut self) -> io::Result<Option<Entry>> {
        let mut entry = Entry::default();
        loop {
            let is_first = !self.begun;
            let Some(row) = self.row()? else {
                return Ok(None);
            };
            let Some(when) = bash_stamp(&row) else {
                entry.line = row;
                break;
            };
            self.until_time |= is_first;
            entry.when = Some(when);
        }
        while self.until_time {
            match self.row()? {
                None => break,
                Some(row) if bash_stamp(&row).is_some() => {
                    self.ahead = Some(row);
                    break;
                }
                Some(row) => append(&mut entry.line, &row),
            }
        }
        Ok(Some(entry))
    }

    /// Reads an entry of zsh.
    fn zsh(&mut self) -> io::Result<Option<Entry>> {
        let Some(mut line) = self.row()? else {
            return Ok(None);
        };
        while line.last() == Some(&b'\\') {
            line.pop();
            let Some(row) = self.row()? else { break };
            append(&mut line, &row);
        }
        let spaces = line.iter().rev().take_while(|byte| **byte == b' ').count();
        let before = line.len().checked_sub(spaces + 1);
        if spaces > 0 && before.and_then(|at| line.get(at)) == Some(&b'\\') {
            line.pop();
        }
        let line = unmetafied(&line);
        Ok(Some(match zsh_stamp(&line) {
            Some((when, command)) => Entry {
                when: Some(when),
                line: command.to_vec(),
            },
            None => Entry { when: None, line },
        }))
    }

    /// Reads an entry of fish.
    fn fish(&mut self) -> io::Result<Option<Entry>> {
        let mut entry = loop {
            let Some(row) = self.row()? else {
                return Ok(None);
            };
            if let Some(command) = row.strip_prefix(b"- cmd: ") {
                break Entry {
                    when: None,
                    line: unescaped(command),
                };
            }
        };
        while let Some(row) = self.row()? {
            if row.starts_with(b"- cmd: ") {
                self.ahead = Some(row);
                break;
            }
            if let Some(when) = row.strip_prefix(b"  when: ") {
                entry.when = number(when.trim_ascii());
            }
        }
        Ok(Some(entry))
    }

    /// Reads a row without its newline; what is beyond the most is left out.
    fn row(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.begun = true;
        if let Some(row) = self.ahead.take() {
            return Ok(Some(row));
        }
        let mut row = Vec::new();
        let most = u64::try_from(MOST).unwrap_or(u64::MAX);
        if (&mut self.input).take(most).read_until(b'\n', &mut row)? == 0 {
            return Ok(None);
        }
        if row.last() == Some(&b'\n') {
            row.pop();
        } else if row.len() == MOST {
            self.input.skip_until(b'\n')?;
        }
        Ok(Some(row))
    }
}

/// Adds a row to an entry, as far as there is room.
fn append(line: &mut Vec<u8>, row: &[u8]) {
    let room = MOST.saturating_sub(line.len());
    line.extend(b"\n".iter().chain(row).take(room));
}

/// Reads a number of digits alone.
fn number(digits: &[u8]) -> Option<i64> {
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}

/// Reads bash's time: `#1700000000`.
fn bash_stamp(row: &[u8]) -> Option<i64> {
    number(row.strip_prefix(b"#")?)
}

/// Reads zsh's time and duration, `: 1700000000:0;`, and returns what follows.
fn zsh_stamp(line: &[u8]) -> Option<(i64, &[u8])> {
    let rest = line.strip_prefix(b":")?.trim_ascii_start();
    let semicolon = rest.iter().position(|byte| *byte == b';')?;
    let (times, command) = rest.split_at(semicolon);
    let colon = times.iter().position(|byte| *byte == b':')?;
    let (when, elapsed) = times.split_at(colon);
    number(elapsed.strip_prefix(b":")?)?;
    Some((number(when)?, command.strip_prefix(b";")?))
}

/// Returns bytes as they were before zsh marked those that mean something to it.
fn unmetafied(line: &[u8]) -> Vec<u8> {
    let mut bytes = line.iter().copied();
    let mut plain = Vec::with_capacity(line.len());
    while let Some(byte) = bytes.next() {
        plain.push(match byte {
            0x83 => bytes.next().map_or(byte, |next| next ^ 32),
            byte => byte,
        });
    }
    plain
}

/// Returns a command of fish with its escapes taken away.
fn unescaped(command: &[u8]) -> Vec<u8> {
    let mut bytes = command.iter().copied().peekable();
    let mut plain = Vec::with_capacity(command.len());
    while let Some(byte) = bytes.next() {
        let escaped = (byte == b'\\').then(|| bytes.peek().copied()).flatten();
        plain.push(match escaped {
            Some(b'n') => b'\n',
            Some(b'\\') => b'\\',
            _ => {
                plain.push(byte);
                continue;
            }
        });
        bytes.next();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns all entries as `TIME LINE`, `-` where there is no time.
    fn entries(format: Format, bytes: &[u8]) -> Vec<String> {
        let mut history = History::new(bytes, format);
        let mut found = Vec::new();
        while let Some(entry) = history.next_entry().unwrap() {
            let when = entry.when.map_or("-".to_owned(), |when| when.to_string());
            found.push(format!("{when} {}", String::from_utf8_lossy(&entry.line)));
        }
        found
    }

    #[test]
    fn bash_without_times_is_a_line_an_entry() {
        assert_eq!(
            entries(Format::Bash, b"ls\n\nfor i in 1\ndo x\n#comment\nend"),
            ["- ls", "- for i in 1", "- do x", "- #comment", "- end"]
        );
        assert_eq!(entries(Format::Bash, b""), Vec::<String>::new());
    }

    #[test]
    fn bash_with_times_goes_up_to_the_next_time() {
        assert_eq!(
            entries(
                Format::Bash,
                b"#1700000000\nfor i in 1; do\n  x\ndone\n#1700000001\n#1700000002\nls\n"
            ),
            ["1700000000 for i in 1; do\n  x\ndone", "1700000002 ls"]
        );
        // Bash reads several rows as one only where the file begins with a time.
        assert_eq!(
            entries(Format::Bash, b"a\n#1700000000\nb\nc\n"),
            ["- a", "1700000000 b", "- c"]
        );
        assert_eq!(
            entries(Format::Bash, b"#1700000000\n"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn zsh_continues_after_a_backslash() {
        assert_eq!(
            entries(
                Format::Zsh,
                b": 1700000000:0;ls\n: 1700000001:12;for i in 1; do\\\n x\\\ndone\nplain\n"
            ),
            [
                "1700000000 ls",
                "1700000001 for i in 1; do\n x\ndone",
                "- plain"
            ]
        );
        // A space is put behind a backslash that is the command's own.
        assert_eq!(
            entries(Format::Zsh, b": 1:0;echo \\ \n: 2:0;x\n"),
            ["1 echo \\", "2 x"]
        );
        assert_eq!(entries(Format::Zsh, b": 1:0;a\\"), ["1 a"]);
        // No time, but a command that looks a little so.
        assert_eq!(entries(Format::Zsh, b": a:0;x\n"), ["- : a:0;x"]);
    }

    #[test]
    fn zsh_marks_bytes() {
        // U+3042 is e3 81 82; 81 is not marked, 83 and what it marks are.
        assert_eq!(
            entries(Format::Zsh, b": 1:0;echo \xe3\x81\x82\n"),
            ["1 echo あ"]
        );
        assert_eq!(
            entries(Format::Zsh, b": 1:0;echo \xe3\x83\xa3\xb3\n"),
            ["1 echo ン"]
        );
        assert_eq!(entries(Format::Zsh, b"a\x83"), ["- a\u{fffd}"]);
    }

    #[test]
    fn fish_escapes_newlines_and_backslashes() {
        assert_eq!(
            entries(
                Format::Fish,
                b"- cmd: if x\\n  y\\nend\n  when: 1700000000\n  paths:\n    - /etc\n- cmd: echo \\\\n \\t\n- cmd: z\n  when: x\n"
            ),
            ["1700000000 if x\n  y\nend", "- echo \\n \\t", "- z"]
        );
    }

    #[test]
    fn the_format_is_guessed_from_the_beginning() {
        let guess = Format::of_beginning;
        assert_eq!(guess(b""), Format::Bash);
        assert_eq!(guess(b"ls\n#1700000000\ncd\n"), Format::Bash);
        assert_eq!(guess(b"ls\n: 1700000000:0;cd\n"), Format::Zsh);
        assert_eq!(guess(b": ok; cd\n"), Format::Bash);
        assert_eq!(guess(b"- cmd: ls\n  when: 1\n"), Format::Fish);
    }

    #[test]
    fn what_is_no_text_is_no_matter() {
        let entries = entries(Format::Bash, b"a \xff\xfe\nb\0c\n");
        assert_eq!(entries, ["- a \u{fffd}\u{fffd}", "- b\0c"]);
    }

    #[test]
    fn an_entry_without_end_is_cut_and_the_next_is_whole() {
        let mut bytes = vec![b'x'; MOST + 5];
        bytes.extend(b"\nls\n");
        let mut history = History::new(bytes.as_slice(), Format::Bash);
        assert_eq!(history.next_entry().unwrap().unwrap().line.len(), MOST);
        assert_eq!(history.next_entry().unwrap().unwrap().line, b"ls");
        let rows = format!("#1\n{}", "row of an entry\n".repeat(MOST / 8));
        let mut history = History::new(rows.as_bytes(), Format::Bash);
        let line = history.next_entry().unwrap().unwrap().line;
        assert_eq!(line.len(), MOST);
    }
}
