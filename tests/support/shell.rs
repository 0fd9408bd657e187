//! An interactive shell with the hook, under a pty, in a host of its own.
//!
//! The host's rules hold `deploy` (one key), all programs are stand-ins, and each start of the gate
//! is written down.

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
sleep 0.2
kanmonctl rules compile >/dev/null
cd /root
"#;

/// What asks for one key.
pub(crate) const QUESTION: &str = "Go on?";

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
        let mut shell = Self {
            host,
            pty,
            n_marks: 0,
            n_declined: 0,
            n_cleared: 0,
        };
        shell.pty.wait_for("P% ");
        Some(shell)
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

    /// Answers yes to the question that comes.
    #[track_caller]
    pub(crate) fn clear(&mut self) {
        self.pty.wait_for_question(QUESTION);
        self.pty.type_text("y");
        self.n_cleared += 1;
        let n = self.n_cleared;
        self.pty.wait_for_raw("once more, the exact line", n);
    }

    /// Returns how often the gate was started.
    pub(crate) fn n_starts(&self) -> usize {
        crate::stage::lines(&self.host.path("starts")).len()
    }
}
