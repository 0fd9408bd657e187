//! A message to a program's standard input: the host's `sendmail`, or any.
#![expect(
    clippy::disallowed_methods,
    reason = "starts the host's mail program, or the one that the system's configuration names"
)]

use std::io::{self, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use nix::fcntl::{FcntlArg, OFlag, fcntl};

use super::{Letter, NotTold, form};

/// Where every mail server puts it (Filesystem Hierarchy Standard 3.0, `/usr/lib` and `/usr/sbin`).
const SENDMAIL: &str = "/usr/sbin/sendmail";

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked whether it has ended.
const LOOKED: Duration = Duration::from_millis(20);

/// Where programs look for others.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// `sysexits.h`: the message itself is wrong, an address is.
const NEVER: [i32; 4] = [64, 65, 67, 68];

/// Hands a letter to the host's mail server.
///
/// # Errors
/// Where it does not take it.
pub fn mail(to: &[String], from: Option<&str>, letter: &Letter) -> Result<(), NotTold> {
    let mut argv = vec![SENDMAIL.to_owned(), "-oi".to_owned()];
    if let Some(from) = from {
        argv.extend(["-f".to_owned(), from.to_owned()]);
    }
    argv.push("--".to_owned());
    argv.extend(to.iter().cloned());
    let message = message(to, from, letter);
    feed(&argv, message.as_bytes(), &NEVER, PATIENCE)
}

/// Hands a letter to a program as JSON; a status other than 0 says that it did not take it.
///
/// # Errors
/// Where it does not take it.
pub fn command(argv: &[String], letter: &Letter) -> Result<(), NotTold> {
    let mut text = serde_json::to_string(letter).unwrap_or_default();
    text.push('\n');
    feed(argv, text.as_bytes(), &[], PATIENCE)
}

/// Returns a mail: headers of ASCII alone, and a body that no server has to change.
fn message(to: &[String], from: Option<&str>, letter: &Letter) -> String {
    let from = from.map_or_else(String::new, |from| format!("From: {from}\n"));
    // Lines of 76 columns, as RFC 2045 section 6.8 wants them.
    let body = STANDARD.encode(form::plain(letter) + "\n");
    let mut rows = String::new();
    for (index, letter) in body.chars().enumerate() {
        if index > 0 && index % 76 == 0 {
            rows.push('\n');
        }
        rows.push(letter);
    }
    format!(
        "{from}To: {}\nSubject: {}\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{rows}\n",
        to.join(", "),
        subject(letter),
    )
}

/// Returns a subject: heading, person and host, as encoded words of RFC 2047 where it is not ASCII.
fn subject(letter: &Letter) -> String {
    let subject = format!("{} ({}@{})", letter.title, letter.person, letter.host);
    if subject.is_ascii() {
        return subject;
    }
    // A line takes 76 columns at most, of which the header's name takes some; no word may cut a character.
    let mut words: Vec<String> = vec![String::new()];
    for character in subject.chars() {
        if let Some(word) = words.last_mut()
            && word.len() + character.len_utf8() <= 36
        {
            word.push(character);
        } else {
            words.push(character.to_string());
        }
    }
    let words = words
        .iter()
        .map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word)));
    words.collect::<Vec<_>>().join("\n ")
}

/// Starts a program, gives it what it reads, and waits for its end; all that within `patience`.
fn feed(argv: &[String], input: &[u8], never: &[i32], patience: Duration) -> Result<(), NotTold> {
    let Some((program, words)) = argv.split_first() else {
        return Err(NotTold::Later("no program is named".to_owned()));
    };
    let later = |cause: &dyn std::fmt::Display| NotTold::Later(format!("{program}: {cause}"));
    let mut child = Command::new(program)
        .args(words)
        .env_clear()
        .env("PATH", PATH)
        .env("LC_ALL", "C.UTF-8")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| later(&error))?;
    let status = ended(&mut child, input, patience).map_err(|error| later(&error))?;
    match status {
        None => Err(later(&format!("no end within {} s", patience.as_secs()))),
        Some(status) if status.success() => Ok(()),
        Some(status) => match status.code() {
            Some(code) if never.contains(&code) => {
                Err(NotTold::Never(format!("{program} ended with {code}")))
            }
            Some(code) => Err(later(&format!("it ended with {code}"))),
            None => Err(later(&status)),
        },
    }
}

/// Gives a program what it reads and waits for its end; kills it where it takes too long.
fn ended(child: &mut Child, input: &[u8], patience: Duration) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    let mut pipe = child.stdin.take();
    if let Some(pipe) = &pipe {
        // A letter may be longer than a pipe holds, and the program one that never reads.
        fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    }
    let mut left = input;
    loop {
        pipe = pipe.and_then(|pipe| give(pipe, &mut left));
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() > patience {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        std::thread::sleep(LOOKED);
    }
}

/// Writes as much as the pipe takes; returns it where there is more to be written. Else it is closed: a program
/// that does not read to the end may have its reasons, and its status tells.
fn give(mut pipe: ChildStdin, left: &mut &[u8]) -> Option<ChildStdin> {
    while !left.is_empty() {
        match pipe.write(left) {
            Ok(written) => *left = left.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Some(pipe),
            Err(_) => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(title: &str) -> Letter {
        Letter {
            occasion: "failed",
            host: "web1".to_owned(),
            run: "r".to_owned(),
            at: String::new(),
            person: "ann".to_owned(),
            line: "bill".to_owned(),
            held: Vec::new(),
            detail: String::new(),
            title: title.to_owned(),
            lines: vec![("line".to_owned(), "x".repeat(200))],
        }
    }

    #[test]
    fn a_mail_is_ascii_in_short_lines() {
        for title in [
            "kanmon: failed",
            "kanmon: 緊急実行と承認依頼と正常終了と失敗と確認中",
        ] {
            let mail = message(&["ops@example.org".to_owned()], None, &letter(title));
            assert!(mail.is_ascii(), "{mail}");
            assert!(mail.lines().all(|line| line.len() <= 78), "{mail}");
            assert!(mail.starts_with("To: ops@example.org\nSubject: "), "{mail}");
        }
        assert_eq!(
            subject(&letter("kanmon: failed")),
            "kanmon: failed (ann@web1)"
        );
        assert_eq!(
            subject(&letter("失敗")),
            "=?UTF-8?B?5aSx5pWXIChhbm5Ad2ViMSk=?="
        );
    }

    /// Feeds a shell script a long text in a thread of its own; a hang is a failure, not a wait.
    #[track_caller]
    fn fed(script: &str, patience: Duration) -> Result<(), NotTold> {
        let argv = ["/bin/sh", "-c", script].map(str::to_owned);
        let (told, hears) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let text = "x".repeat(3 << 20);
            let _gone = told.send(feed(&argv, text.as_bytes(), &[], patience));
        });
        let generous = Duration::from_secs(90);
        hears.recv_timeout(generous).expect("it comes back")
    }

    #[test]
    fn what_is_longer_than_a_pipe_holds_waits_for_no_program_that_reads_nothing() {
        let slow = fed("exec sleep 600", Duration::from_secs(1)).unwrap_err();
        let told = NotTold::Later("/bin/sh: no end within 1 s".to_owned());
        assert_eq!(slow, told);
        // Nor does it miss one that ends without having read, or what one says that reads slowly.
        assert_eq!(fed("exit 0", PATIENCE), Ok(()));
        let whole = "sleep 0.1; test $(wc -c) = 3145728";
        assert_eq!(fed(whole, PATIENCE), Ok(()));
    }
}
