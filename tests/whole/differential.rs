//! What a reading says will run, against what a real bash runs.
//!
//! Lines from a grammar and from the own corpus are given to bash in an empty folder, with an empty
//! environment and a PATH on which every program is a stand-in that records its words and ends with
//! 0. No real program is within reach: lines with a `/`, with another PATH (`PATH=`, `command -p`) or with
//! `kill` are left out, and as root bash runs as nobody.
//!
//! Whatever bash runs must stand in the reading, word for word where the words are known. Where a
//! line has no branch that bash may leave out, the reverse must hold too: the reading names nothing
//! that does not run.

#![expect(
    clippy::disallowed_methods,
    reason = "the test starts shells, and reads what they ran"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use kanmon::door::understand::{NoVariables, read};
use kanmon::line::{Invocation, Line, Piece, Word};
use regex::Regex;
use serde::Deserialize;

use crate::judged::{mail_and_reboot, root};

/// How many lines the grammar makes.
const GENERATED: usize = 1_700;

/// Programs that exist, all of them stand-ins.
const PROGRAMS: &[&str] = &[
    "reboot",
    "postsuper",
    "postqueue",
    "systemctl",
    "shutdown",
    "halt",
    "rm",
    "ls",
    "grep",
    "man",
    "mailq",
    "ssh",
    "sudo",
    "env",
    "nohup",
    "timeout",
    "xargs",
    "find",
    "bash",
    "sh",
    "awk",
    "sed",
    "tee",
    "date",
    "sleep",
    "vim",
    "git",
    "docker",
    "kubectl",
    "exim",
    "virsh",
    "logger",
    "init",
    "poweroff",
    "telinit",
    "hostname",
    "id",
    "diff",
    "head",
    "tail",
    "wc",
    "sort",
    "nice",
    "flock",
    "watch",
    "su",
    "doas",
    "at",
    "batch",
    "tmux",
    "screen",
    "aws",
    "ipmitool",
    "sendmail",
];

/// How many made lines do not agree for a reason that [`is_explained`] knows.
const GENERATED_AND_EXPLAINED: usize = 5;

/// Returns whether the reason of a disagreement on a made line is known. In a pipe or behind `&&` and `||`
/// the definition of a function does not last, or does not happen; the reading takes it as done.
fn is_explained(disagreement: &str) -> bool {
    let is_branched = [" | ", "&&", "||", "if ", "case ", "until "]
        .iter()
        .any(|part| disagreement.contains(part));
    let is_undone = is_branched && disagreement.contains("f1() ");
    // bash 5.2 forgets `echo c` in `$(cat <<E⏎b⏎E⏎:; echo c)`.
    let is_forgotten = disagreement.contains(r"\n:;") && disagreement.contains("$( ");
    is_undone || is_forgotten
}

/// Makes lines out of small parts, the same ones each time.
struct Grammar {
    /// The state of the generator.
    state: u64,
    /// Whether every command of the line under way runs for sure.
    certain: bool,
    /// How many functions the line under way has; none may call itself.
    n_functions: usize,
    /// How many here-documents it has.
    n_ends: usize,
}

impl Grammar {
    /// Returns a number below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % end as u64).unwrap()
    }

    /// Returns one of these.
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    /// Returns a name spelled in some way.
    fn name(&mut self) -> String {
        let name = self.one(&["reboot", "postsuper", "rm", "systemctl", "mailq", "ls"]);
        let (first, rest) = name.split_at(1);
        match self.below(10) {
            0 => format!("\"{name}\""),
            1 => format!("\\{name}"),
            2 => format!("{first}''{rest}"),
            3 => format!("$'\\x{:02x}'{rest}", first.as_bytes()[0]),
            4 => format!("$(echo {name})"),
            5 => format!("{first}\\\n{rest}"),
            _ => name.to_owned(),
        }
    }

    /// Returns a word.
    fn word(&mut self, depth: usize) -> String {
        match self.below(17) {
            0 => "'a b'".to_owned(),
            1 => "\"a  b\"".to_owned(),
            2 => "a\\ b".to_owned(),
            3 => "{a,b}".to_owned(),
            4 => "x{1..3}y".to_owned(),
            5 => "pre{a,'b c'}post".to_owned(),
            6 => "''".to_owned(),
            7 => "$'t\\tb\\x41'".to_owned(),
            8 => "${u:-alt}".to_owned(),
            9 => "\"${u-a b}\"".to_owned(),
            10 => "re'bo'\"ot\"".to_owned(),
            11 if depth > 0 => format!("$( {})", self.line(depth - 1)),
            12 if depth > 0 => format!("\"<$( {})>\"", self.line(depth - 1)),
            13 => "--opt=\"v w\"".to_owned(),
            14 => "'it'\\''s'".to_owned(),
            15 => "日本'語'".to_owned(),
            _ => self
                .one(&["ALL", "-H", "-f", "now", "a=b", "x#", "a#b"])
                .to_owned(),
        }
    }

    /// Returns a simple command.
    fn simple(&mut self, depth: usize) -> String {
        let mut parts = Vec::new();
        if self.below(8) == 0 {
            parts.push(self.one(&["A=1", "A='x y'", "A=", "A=1 B=2"]).to_owned());
        }
        if self.below(10) == 0 {
            parts.push(">out".to_owned());
        }
        parts.push(self.name());
        for _ in 0..self.below(4) {
            parts.push(self.word(depth));
        }
        if self.below(8) == 0 {
            parts.push(
                self.one(&["> out", ">>out", "2>&1", ">&2", "<<< here", "2>out"])
                    .to_owned(),
            );
        }
        parts.join(" ")
    }

    /// Returns a word that ends a here-document, another one each time.
    fn end(&mut self) -> String {
        self.n_ends += 1;
        format!("E{}", self.n_ends)
    }

    /// Returns a command, simple or not.
    fn command(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.simple(0);
        }
        let inner = depth - 1;
        match self.below(20) {
            0 => format!("( {})", self.line(inner)),
            1 => format!("{{ {}; }}", self.line(inner)),
            2 => {
                let condition = self.line(inner);
                self.certain = false;
                format!(
                    "if {condition}; then {}; else {}; fi",
                    self.line(inner),
                    self.line(inner)
                )
            }
            3 => format!("for i in a 'b c'; do {} \"$i\"; done", self.simple(inner)),
            4 => {
                // Its condition ends with 0: the body is not run, and the loop ends.
                self.certain = false;
                format!(
                    "until {}; do {}; done",
                    self.simple(inner),
                    self.line(inner)
                )
            }
            5 => {
                self.certain = false;
                format!(
                    "case x in x) {};; *) {};; esac",
                    self.line(inner),
                    self.line(inner)
                )
            }
            6 => {
                self.n_functions += 1;
                let name = format!("f{}", self.n_functions);
                format!("{name}() {{ {}; }}; {name}", self.line(inner))
            }
            7 => format!("eval '{}'", self.line(0).replace('\'', "'\\''")),
            8 => format!(
                "v={}; {} $v",
                self.one(&["one", "'one two'", "a\\ b"]),
                self.name()
            ),
            9 => format!("v={}; $v x", self.one(&["reboot", "'rm -f'", "\"ls\""])),
            10 => {
                let end = self.end();
                format!(
                    "{} <<{end}\n$( {})\n{end}\n:",
                    self.simple(0),
                    self.line(inner)
                )
            }
            11 => {
                let end = self.end();
                format!("{} <<'{end}'\n$(reboot)\n{end}\n:", self.simple(0))
            }
            12 => format!("! {}", self.simple(inner)),
            13 => format!("set -- {} x; {} \"$@\" $2", self.word(0), self.name()),
            14 => format!("x=`{}`", self.simple(0).replace(['\\', '`'], "")),
            15 => format!("command {}", self.simple(inner).replace(">out ", "")),
            _ => self.simple(inner),
        }
    }

    /// Returns commands with separators between them.
    fn line(&mut self, depth: usize) -> String {
        let mut line = self.command(depth);
        for _ in 0..self.below(3) {
            let separator = self.one(&["; ", "\n", " | ", " && ", " || ", " # note\n"]);
            // Stand-ins end with 0, but what is before may be anything.
            self.certain &= !separator.contains("&&") && !separator.contains("||");
            let command = self.command(depth);
            // Behind a pipe `!` is an error.
            let command = match separator {
                " | " => command.trim_start_matches("! "),
                _ => &command,
            };
            line = format!("{line}{separator}{command}");
        }
        line
    }
}

/// A folder of stand-ins, and where they record.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    /// Makes the stand-ins.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).unwrap();
        for program in PROGRAMS {
            let log = folder.path().join("log");
            let text = format!(
                "#!/bin/sh\nprintf '%s\\0' {program} \"$@\" > {}/$$\n",
                log.display()
            );
            let path = bin.join(program);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    /// Returns a folder of this name, empty, in which anyone may write.
    fn empty(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        if path.exists() {
            fs::remove_dir_all(&path).unwrap();
        }
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        path
    }

    /// Returns what bash runs of a line: the words of each call.
    fn run(&self, line: &str) -> Vec<Vec<String>> {
        let log = self.empty("log");
        let mut bash = Command::new("/usr/bin/timeout");
        bash.args(["-s", "KILL", "20", "/bin/bash"]);
        bash.args([
            "--norc",
            "--noprofile",
            "-O",
            "expand_aliases",
            "-c",
            line,
            "line",
        ])
        .env_clear()
        .env("PATH", self.folder.path().join("bin"))
        .env("LC_ALL", "C.UTF-8")
        .current_dir(self.empty("cwd"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
        if nix::unistd::geteuid().is_root() {
            bash.uid(65534).gid(65534);
        }
        // Both streams end when the last of its children has ended.
        let status = bash.output().unwrap().status;
        assert!(status.code().is_some(), "goes on for ever: {line:?}");
        recorded(&log)
    }
}

/// Returns the calls that were recorded.
fn recorded(log: &Path) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for entry in fs::read_dir(log).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let text = text.strip_suffix('\0').unwrap_or(&text);
        calls.push(text.split('\0').map(str::to_owned).collect());
    }
    calls
}

/// Returns the calls in a reading that this shell itself makes: nothing that is guessed, and nothing
/// behind a wrapper, whose stand-in runs nothing.
fn said(line: &str) -> Vec<Invocation> {
    let line = Line::shell(line.as_bytes());
    let reading = read(&line, mail_and_reboot(), &NoVariables).unwrap();
    let builtins = ["eval", "command", "builtin", "exec", "trap"];
    let is_own = |found: &Invocation| {
        !found.guessed
            && found
                .via
                .iter()
                .all(|via| builtins.contains(&via.name.as_str()))
    };
    reading.invocations.into_iter().filter(is_own).collect()
}

/// Returns a pattern for the words that a call can have, joined by NUL.
fn pattern(invocation: &Invocation) -> Regex {
    let mut pattern = String::from("(?s)^");
    pattern += &word_pattern(&invocation.program);
    for word in &invocation.args {
        match word.pieces.as_slice() {
            // One unquoted part that is not known can be any number of words.
            [Piece::Unknown { quoted: false, .. }] => pattern += "(\0.*)?",
            _ => {
                pattern.push('\0');
                pattern += &word_pattern(word);
            }
        }
    }
    Regex::new(&(pattern + "$")).unwrap()
}

/// Returns a pattern for a word.
fn word_pattern(word: &Word) -> String {
    let parts = word.pieces.iter().map(|piece| match piece {
        Piece::Text { text, .. } => regex::escape(text),
        Piece::Unknown { quoted: true, .. } => "[^\0]*".to_owned(),
        Piece::Unknown { quoted: false, .. } => ".*".to_owned(),
    });
    parts.collect()
}

/// Returns what a line does not agree in, if it does not.
fn disagreement(stage: &Stage, line: &str, certain: bool) -> Option<String> {
    let ran = stage.run(line);
    let said = said(line);
    let patterns: Vec<Regex> = said.iter().map(pattern).collect();
    for call in &ran {
        let words = call.join("\0");
        if !patterns.iter().any(|pattern| pattern.is_match(&words)) {
            let said: Vec<&str> = said.iter().map(|found| found.name.as_str()).collect();
            return Some(format!("{line:?} runs {call:?}, said were {said:?}"));
        }
    }
    let is_program = |found: &Invocation| PROGRAMS.contains(&found.name.as_str());
    for (found, pattern) in said
        .iter()
        .zip(&patterns)
        .filter(|(found, _)| is_program(found))
    {
        if certain && !ran.iter().any(|call| pattern.is_match(&call.join("\0"))) {
            return Some(format!(
                "{line:?} does not run {} {:?}",
                found.name, found.args
            ));
        }
    }
    None
}

/// Returns the disagreements on lines, the work shared by two threads.
fn disagreements(lines: &[(String, bool)]) -> Vec<String> {
    let half = lines.len().div_ceil(2);
    thread::scope(|scope| {
        let run = |part: &[(String, bool)]| {
            let stage = Stage::new();
            let found = part
                .iter()
                .filter_map(|(line, certain)| disagreement(&stage, line, *certain));
            found.collect::<Vec<_>>()
        };
        let parts: Vec<_> = lines
            .chunks(half.max(1))
            .map(|part| scope.spawn(move || run(part)))
            .collect();
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap())
            .collect()
    })
}

/// A line of the own corpus.
#[derive(Debug, Deserialize)]
struct Case {
    cmd: String,
}

/// Returns whether a line cannot be run so that the stand-ins show what it does.
fn is_left_out(line: &str) -> bool {
    // Real programs, or files, could be within reach.
    let reaches = ["/", "~", "PATH", "command -p", "kill", "enable", "hash"];
    // What these print is not what a stand-in prints.
    let prints = ["base64", "cat", "which", "printf", "tr ", "awk", "jq"];
    // They wait, go round for ever, or die of a stand-in that does not read.
    let waits = [">(", "while", "until", "read", "select", "watch"];
    let parts = [&reaches[..], &prints[..], &waits[..]].concat();
    parts.iter().any(|part| line.contains(part))
}

#[test]
fn what_the_grammar_makes_runs_as_it_was_read() {
    let mut grammar = Grammar {
        state: 0x9e37_79b9_7f4a_7c15,
        certain: true,
        n_functions: 0,
        n_ends: 0,
    };
    let lines: Vec<(String, bool)> = (0..GENERATED)
        .map(|_| {
            grammar.certain = true;
            (grammar.n_functions, grammar.n_ends) = (0, 0);
            let depth = grammar.below(4);
            let line = grammar.line(depth);
            (line, grammar.certain)
        })
        .collect();
    assert!(
        lines
            .iter()
            .all(|(line, _)| !line.contains('/') && !line.contains('~'))
    );
    let n_certain = lines.iter().filter(|(_, certain)| *certain).count();
    println!("{GENERATED} lines, {n_certain} of them in both directions");
    let (explained, found): (Vec<String>, Vec<String>) = disagreements(&lines)
        .into_iter()
        .partition(|found| is_explained(found));
    for line in &explained {
        println!("explained: {line}");
    }
    assert!(
        found.is_empty(),
        "{} disagree\n{}",
        found.len(),
        found.join("\n")
    );
    assert_eq!(explained.len(), GENERATED_AND_EXPLAINED);
}

#[test]
fn the_own_corpus_runs_as_it_was_read() {
    let text = fs::read_to_string(root().join("tests/corpora/own.jsonl")).unwrap();
    let lines: Vec<(String, bool)> = text
        .lines()
        .map(|line| serde_json::from_str::<Case>(line).unwrap().cmd)
        .filter(|line| !is_left_out(line))
        .map(|line| (line, false))
        .collect();
    println!("{} lines of the own corpus", lines.len());
    assert!(
        lines.len() + GENERATED >= 2_000,
        "only {} lines",
        lines.len()
    );
    let found = disagreements(&lines);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
