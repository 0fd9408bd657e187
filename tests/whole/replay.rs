//! What fuzzing starts from and once found, and what is far beyond any sane line, on stable.
//!
//! Every case gets a clear answer in bounded time and memory. The deadline is generous: it tells a
//! blow-up from a slow machine, and is no measure of speed.

#![expect(
    clippy::disallowed_methods,
    reason = "the seeds are files, and a test times itself"
)]

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use kanmon::line::{Line, MAX_SIZE, TooMuch};
use kanmon::policy::{Profile, Verdict};

use crate::judged::{built_in, judged, root};

#[path = "../../fuzz/checks.rs"]
mod checks;

/// How long one case may take, in a debug build on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// How long lines of the same part over and over are; a whole megabyte of each takes a debug build
/// minutes, and fuzzing with `-max_len=1048576` does it.
const SIZE: usize = 16 << 10;

/// The stack of a main thread, which is where lines are read.
const STACK: usize = 8 << 20;

/// Does something within the deadline on a thread with the stack of a main thread.
fn within_deadline<T: Send + 'static>(what: &str, does: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::Builder::new().stack_size(STACK);
    let running = thread.spawn(move || sender.send(does())).unwrap();
    let answer = receiver.recv_timeout(DEADLINE);
    let answer = answer.unwrap_or_else(|error| panic!("{what}: {error}"));
    running.join().unwrap().unwrap();
    answer
}

/// Runs a check on every file of a folder of seeds.
fn replay(folder: &str, check: fn(&[u8])) {
    let mut n_files = 0;
    for entry in fs::read_dir(root().join("fuzz/seeds").join(folder)).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        within_deadline(&path.display().to_string(), move || check(&bytes));
        n_files += 1;
    }
    assert!(n_files > 20, "only {n_files} seeds in {folder}");
}

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Pass,
    Hold,
    Refuse,
}

/// Returns the answer to a shell line.
fn answer(line: &[u8]) -> Answer {
    let line = Line::shell(line);
    within_deadline("a line", move || match checks::judge(&line).verdict {
        Verdict::Pass(_) | Verdict::Note(_) => Answer::Pass,
        Verdict::Hold(_) => Answer::Hold,
        Verdict::Refuse(_) => Answer::Refuse,
    })
}

#[test]
fn every_seed_of_a_line_has_an_answer() {
    replay("line", checks::line);
}

#[test]
fn every_seed_of_a_rule_file_has_an_answer() {
    replay("rules", checks::rules);
}

#[test]
fn every_seed_of_a_stream_is_answered() {
    replay("jsonl", checks::jsonl);
}

#[test]
fn a_line_beyond_the_limit_is_refused_and_one_below_is_read() {
    let line = format!("echo {}; reboot", "x".repeat(MAX_SIZE));
    let understood = checks::judge(&Line::shell(line.as_bytes()));
    let refused = matches!(understood.verdict, Verdict::Refuse(TooMuch::Size { .. }));
    assert!(refused, "{:?}", understood.verdict);

    let room = MAX_SIZE - "echo ; reboot".len();
    let line = format!("echo {}; reboot", "x".repeat(room));
    assert_eq!(line.len(), MAX_SIZE);
    assert_eq!(answer(line.as_bytes()), Answer::Hold);
    let line = format!("echo '{}'; reboot", " a".repeat(room / 2 - 1));
    assert_eq!(answer(line.as_bytes()), Answer::Hold);
    let line = format!("echo {}", "x".repeat(room));
    assert_eq!(answer(line.as_bytes()), Answer::Pass);
}

#[test]
fn much_of_anything_has_an_answer() {
    for part in [
        "a ",
        "a;",
        "a|",
        "a&",
        "(",
        ")",
        "{ ",
        "}",
        "'",
        "\"",
        "`",
        "\\",
        "$",
        "$(",
        "${",
        "$((",
        "<<x\n",
        "<(",
        "if ",
        "while a; do ",
        "case a in ",
        "a() { ",
        "{a,b}",
        "{1..9}",
        "#",
        "\n",
        "a=$a$a;",
        "a=b ",
        "!",
        "[[ ",
        "\u{3042}",
        "\u{202e}",
        "\r\n",
        "eval ",
        "sudo ",
        "sh -c '",
        "$'\\x",
        "~/",
        "*",
        "&&",
        "||",
    ] {
        // Whatever came before it, what may be run is not let through.
        let line = format!("{}\n reboot", part.repeat(SIZE / part.len()));
        let got = answer(line.as_bytes());
        // A here-document without an end takes all that follows.
        assert_eq!(got == Answer::Pass, part == "<<x\n", "many of {part:?}");
    }
}

#[test]
fn ten_thousand_levels_have_an_answer() {
    for (open, close) in [
        ("(", ")"),
        ("{ ", "; }"),
        ("$(", ")"),
        ("\"$(", ")\""),
        ("((", "))"),
        ("$((", "))"),
        ("${a:-", "}"),
        ("<(", ")"),
        ("if ", "; then :; fi"),
        ("if :; then ", "; fi"),
        ("while ", "; do :; done"),
        ("for i in 1; do ", "; done"),
        ("case a in a) ", ";; esac"),
        ("f() { ", "; }"),
        ("! ", ""),
        ("time ", ""),
        ("sudo ", ""),
        ("eval ", ""),
        ("xargs ", ""),
        ("ssh a ", ""),
        ("a=", ""),
        ("[[ ( ", " ) ]]"),
        ("{a,", "}"),
    ] {
        let ways: &[&str] = if close.is_empty() {
            &[""]
        } else {
            &[close, ""]
        };
        for close in ways {
            let line = format!("{}reboot{}", open.repeat(10_000), close.repeat(10_000));
            let got = answer(line.as_bytes());
            let is_no_command = ["a=", "{a,", "[[ ( ", "((", "$((", "${a:-"].contains(&open);
            assert!(is_no_command || got != Answer::Pass, "10,000 of {open:?}");
        }
    }
}

/// Found by fuzzing: every operand was tried again for each one before it, and so twelve of them
/// were beyond the limit.
#[test]
fn each_operand_of_an_unknown_program_is_tried_once() {
    assert_eq!(answer(b"pkgquery mkfs.{a..p}"), Answer::Hold);
}

#[test]
fn bytes_that_no_shell_takes_are_held_where_they_could_hide_something() {
    for (line, expected) in [
        // bash drops a NUL that it reads; what no shell can be given is opaque.
        (&b"reboot \0"[..], Answer::Hold),
        (b"re\0boot", Answer::Hold),
        (b"ls\0; reboot", Answer::Hold),
        (b"reboot\r\n", Answer::Hold),
        (b"ls\r\nreboot\r\n", Answer::Hold),
        (b"echo ok\r\nsudo postsuper -H ALL\r\n", Answer::Hold),
        (b"reboot\r", Answer::Hold),
        (b"reboot \xff", Answer::Hold),
        (b"\xff\xfe; reboot", Answer::Hold),
        (b"echo \xff\xfe", Answer::Pass),
        (b"\xc3\x28 && postqueue -f", Answer::Hold),
        (b"$'\\xff\\xfe'; reboot", Answer::Hold),
        (b"", Answer::Pass),
        (b"   \n\t", Answer::Pass),
    ] {
        assert_eq!(
            answer(line),
            expected,
            "{:?}",
            String::from_utf8_lossy(line)
        );
    }
}

#[test]
fn hundreds_of_guarded_operands_of_an_unknown_program_are_held_soon() {
    // Found by fuzzing: every operand was merged with every other.
    let text = "fsck.x{a..z}{a..z}";
    let found = judged(text.as_bytes(), built_in(), Profile::Production);
    let Verdict::Hold(plan) = found.verdict else {
        panic!("{:?}", found.verdict);
    };
    assert!(plan.hits.len() < 100, "{}", plan.hits.len());
    // One of another kind behind them is not lost.
    let text = format!("nosuch {} reboot", "fsck.ext4 ".repeat(300));
    let found = judged(text.as_bytes(), built_in(), Profile::Production);
    let Verdict::Hold(plan) = found.verdict else {
        panic!("{:?}", found.verdict);
    };
    assert!(plan.hits.iter().any(|hit| hit.rule.id == "reboot.host"));
}

#[test]
fn every_place_is_made_of_whole_characters() {
    // Found by fuzzing: a place within a nested text ended within a character of the line.
    let text = "o tee {u..z}/at<<E\n/at <<E\n0s$$\u{fffd}";
    let found = judged(text.as_bytes(), built_in(), Profile::Production);
    assert!(!found.reading.invocations.is_empty());
    for invocation in &found.reading.invocations {
        let span = invocation.span;
        assert!(text.get(span.start..span.end).is_some(), "{span:?}");
    }
}

#[test]
fn many_targets_that_only_make_knows_have_an_answer() {
    // Each of them stood for all of them, once more each time.
    let targets: String = (0..5_000).map(|at| format!("%{at} ")).collect();
    let text = format!("make -f - <<'E'\n{targets}: x\n\treboot\nx:\n\tls\nE\n");
    assert_eq!(answer(text.as_bytes()), Answer::Hold);
}

#[test]
fn texts_that_double_have_an_answer() {
    let doubled: String = (0..16)
        .map(|at| format!("a{}=a{at}+a{at};", at + 1))
        .collect();
    let text = format!("python3 -c 'import os;a0=\"xxxxxxxxxxxxxxxx\";{doubled}os.system(a16)'");
    assert_eq!(answer(text.as_bytes()), Answer::Hold);
}
