//! An interactive shell with the hook, under a pty, in a host of its own.
//!
//! The host's rules hold `deploy` (one key) and `settle-accounts` (the same, with something to show when
//! it has ended), all programs are stand-ins, and each start of the gate is written down.

#![expect(clippy::disallowed_methods, reason = "looks at processes")]

use std::path::PathBuf;
use std::process::Command;

use nix::sys::termios::LocalFlags;

use crate::machine::Host;
use crate::pty::Pty;

/// Puts a program before the gate that writes down each start.
const COUNTED: &str = r#"
# Under another name the gate would be a shim.
mkdir bin/gate && mv bin/kanmon bin/gate/
printf '#!/bin/sh\necho "$1" >>%s/starts\nexec %s/bin/gate/kanmon "$@"\n' "$PWD" "$PWD" >bin/kanmon
chmod 755 bin/kanmon
cp deploy.toml $rules/team.toml
cat >$rules/books.toml <<PACK
[pack]
id = 'books'
title = 'Books'
lang = 'en'

[probe]
said = { label = 'settled', timeout = '60s', run = 'test ! -e $PWD/slow || { echo >$PWD/looking; sleep 50; }; cat $PWD/ran' }
last = { label = 'last one', run = 'tail -n 1 $PWD/ran' }

[[rule]]
id = 'settle'
title = 'Settle the accounts'
why = 'It closes the month.'
risk = 'low'
match = [{ program = 'settle-accounts' }]
after = [{ show = 'said' }, { check = 'last', is = 'settle-accounts may', if = 'ok' }]
undo = 'Open the month again by hand'
test.hold = ['settle-accounts may']
test.pass = ['man settle-accounts']
PACK
sleep 0.2
kanmonctl rules compile >/dev/null
cd /root
"#;

/// What asks for one key.
pub(crate) const QUESTION: &str = "Go on?";

/// Which shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// GNU Bash.
    Bash,
    /// Z shell.
    Zsh,
    /// fish.
    Fish,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Bash, Self::Zsh, Self::Fish];
}

/// How a shell starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup<'t> {
    /// Which shell.
    pub(crate) kind: Kind,
    /// Lines of its start-up file before the hook.
    pub(crate) before: &'t str,
    /// Lines behind it.
    pub(crate) behind: &'t str,
    /// What comes before the shell's name, and words for the shell behind it.
    pub(crate) around: (&'t str, &'t str),
    /// Lines of bash that are run before the shell starts.
    pub(crate) furnish: &'t str,
    /// Programs that the host has, too.
    pub(crate) programs: &'t [PathBuf],
    /// Columns and rows.
    pub(crate) size: (u16, u16),
    /// The language of messages.
    pub(crate) language: &'t str,
}

impl<'t> Setup<'t> {
    /// Returns how a shell starts with these lines before and behind the hook.
    pub(crate) fn new(kind: Kind, before: &'t str, behind: &'t str) -> Self {
        Self {
            kind,
            before,
            behind,
            around: ("", ""),
            furnish: "",
            programs: &[],
            size: (80, 24),
            language: "C.UTF-8",
        }
    }

    /// Starts it. `None` without root.
    pub(crate) fn start(self) -> Option<Shell> {
        let host = Host::new()?;
        for program in self.programs {
            let name = program.file_name().unwrap_or_default();
            std::fs::copy(program, host.path("bin").join(name)).unwrap();
        }
        let (file, first, init, program) = match self.kind {
            Kind::Bash => (
                ".bashrc",
                "PS1='P% '\nPS2='+ '\nHISTFILE=/root/.bash_history",
                "eval \"$(kanmonctl init bash)\"",
                "bash",
            ),
            Kind::Zsh => (
                ".zshrc",
                "PS1='P%% '\nPS2='+ '\nHISTFILE=/root/.zsh_history HISTSIZE=100 SAVEHIST=100\nbindkey -e",
                "eval \"$(kanmonctl init zsh)\"",
                "zsh",
            ),
            Kind::Fish => (
                ".config/fish/config.fish",
                "function fish_prompt; printf 'P%% '; end\nfunction fish_mode_prompt; end\n\
                 set -g fish_greeting\nset -g fish_autosuggestion_enabled 0",
                "kanmonctl init fish | source",
                "fish",
            ),
        };
        let Self {
            before,
            behind,
            around: (ahead, words),
            furnish,
            ..
        } = self;
        let (columns, rows) = self.size;
        let script = format!(
            "{COUNTED}\nmkdir -p .config/fish\n{furnish}\n\
             cat >{file} <<'RC'\n{first}\n{before}\n{init}\n{behind}\nRC\n\
             exec env -u XDG_CONFIG_HOME -u XDG_DATA_HOME {ahead} {program} {words}"
        );
        let command = host.at_terminal(&script).size(columns, rows);
        let pty = command.env("LC_MESSAGES", self.language).spawn();
        Some(Shell::at(host, pty))
    }
}

/// A shell with the hook.
pub(crate) struct Shell {
    /// Where it lives.
    pub(crate) host: Host,
    /// Its terminal.
    pub(crate) pty: Pty,
    /// How many marks were printed.
    n_marks: usize,
    /// How many lines were declined.
    n_declined: usize,
    /// How many lines were cleared.
    n_cleared: usize,
}

impl Shell {
    /// Starts a shell: `script` writes its start-up files and becomes it. `None` without root.
    pub(crate) fn start(script: &str) -> Option<Self> {
        let host = Host::new()?;
        let pty = host.start(&format!("{COUNTED}\n{script}"));
        Some(Self::at(host, pty))
    }

    /// Waits for the first prompt.
    fn at(host: Host, pty: Pty) -> Self {
        let mut shell = Self {
            host,
            pty,
            n_marks: 0,
            n_declined: 0,
            n_cleared: 0,
        };
        shell.pty.wait_for("P% ");
        shell
    }

    /// Types a line and Enter.
    pub(crate) fn line(&mut self, text: &str) {
        self.pty.type_text(text);
        self.pty.type_keys(&["enter"]);
    }

    /// Runs an ordinary command and waits for what it prints: all before it is done.
    #[track_caller]
    pub(crate) fn mark(&mut self) {
        self.n_marks += 1;
        let n = self.n_marks;
        self.line(&format!("printf 'mark-%s.\\n' {n}"));
        self.pty.wait_for_raw(&format!("mark-{n}."), 1);
        self.prompt();
    }

    /// Waits until the gate asks, says no, and waits until the shell has the line back. `shown`
    /// stands on the screen of the question.
    #[track_caller]
    pub(crate) fn decline(&mut self, shown: &str) {
        self.pty.wait_for_question(QUESTION);
        let screen = self.pty.screen();
        assert!(screen.contains(shown), "no `{shown}`:\n{screen}");
        self.pty.type_text("n");
        self.declined_once_more();
    }

    /// As [`decline`](Self::decline), by Ctrl-C.
    #[track_caller]
    pub(crate) fn interrupt(&mut self) {
        self.pty.wait_for_question(QUESTION);
        self.pty.type_keys(&["C-c"]);
        self.declined_once_more();
    }

    /// Waits until the gate says that the command has not run.
    #[track_caller]
    fn declined_once_more(&mut self) {
        self.n_declined += 1;
        let n = self.n_declined;
        self.pty.wait_for_raw("The command has not run", n);
    }

    /// Waits until a prompt stands below all that was printed, and keys come to the shell.
    #[track_caller]
    pub(crate) fn prompt(&mut self) {
        self.pty
            .wait_until("a prompt", crate::pty::PATIENCE, |pty| {
                let screen = pty.cells().contents();
                let said = ["Go on?", "has not run", "exact line", "\nmark-"];
                let after = said.iter().filter_map(|said| screen.rfind(said)).max();
                let reads = !pty.modes().local_flags.contains(LocalFlags::ICANON);
                reads && screen.split_at(after.unwrap_or(0)).1.contains("P% ")
            });
    }

    /// Waits for the prompt and clears the edit buffer.
    #[track_caller]
    pub(crate) fn forget(&mut self) {
        self.prompt();
        // To the end of the line, and back to its start.
        self.pty.type_bytes(b"\x05\x15");
        self.mark();
    }

    /// Types a line that is held, declines it, and clears what came back.
    #[track_caller]
    pub(crate) fn declined(&mut self, line: &str) {
        self.line(line);
        self.decline("Deploy the shop");
        self.forget();
    }

    /// Declines a line, goes on with what came back, and with another line: nothing has run, and ordinary lines do.
    #[track_caller]
    pub(crate) fn declines_and_goes_on(&mut self) {
        self.line("deploy now");
        self.decline("$ deploy now");
        // It stands there again: what is typed goes on with it.
        self.prompt();
        self.line(" and then");
        self.decline("$ deploy now and then");
        self.forget();
        for _ in 0..10 {
            self.mark();
        }
        self.declined("deploy once more");
        assert!(self.host.ran().is_empty());
    }

    /// Answers yes to the question that comes.
    #[track_caller]
    pub(crate) fn clear(&mut self) {
        self.pty.wait_for_question(QUESTION);
        self.pty.type_text("y");
        self.n_cleared += 1;
        let n = self.n_cleared;
        self.pty.wait_for_raw("once more, the exact line", n);
    }

    /// Waits until a program sleeps in the foreground of its terminal. `args`: its words, which no other
    /// test uses. Keys that come between two programs of a list reach neither.
    #[track_caller]
    pub(crate) fn await_foreground(&mut self, args: &str) {
        let limit = crate::pty::PATIENCE * 3;
        self.pty.wait_until(args, limit, |_| {
            let found = Command::new("ps").args(["-eo", "stat=,args="]).output();
            let found = String::from_utf8(found.unwrap().stdout).unwrap();
            found.lines().any(|row| {
                let row = row.trim();
                // `+`: it is in the foreground of its terminal.
                row.ends_with(args) && row.starts_with('S') && row.contains('+')
            })
        });
    }

    /// Returns how often the gate was started.
    pub(crate) fn n_starts(&self) -> usize {
        crate::stage::lines(&self.host.path("starts")).len()
    }
}
