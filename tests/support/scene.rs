//! One run of the example `dialogue` under a pty, in a folder of its own.
//!
//! A plain `cargo test` builds the example; with `--test whole` alone run `cargo build --example
//! dialogue` before.
#![expect(
    clippy::disallowed_methods,
    reason = "reads the results that the program under test wrote"
)]

use std::path::PathBuf;

use tempfile::TempDir;

use crate::pty::{Pty, PtyCommand};

/// A dialogue under a pty, and the file with its results.
pub(crate) struct Scene {
    /// The terminal with the program.
    pub(crate) pty: Pty,
    /// The folder it runs in; goes away with the scene.
    folder: TempDir,
}

impl Scene {
    /// Starts the dialogue at 80 × 24.
    pub(crate) fn new(args: &[&str]) -> Self {
        Self::with(args, |command| command)
    }

    /// Starts the dialogue with changes to how it is started.
    pub(crate) fn with(args: &[&str], change: impl FnOnce(PtyCommand) -> PtyCommand) -> Self {
        let folder = TempDir::new().expect("a folder");
        let command = PtyCommand::new(program())
            .args(["--out", "out"])
            .args(args)
            .env("DIALOGUE_GO", "go");
        Self {
            pty: change(command.cwd(folder.path())).spawn(),
            folder,
        }
    }

    /// Lets a `slow` scene go on.
    pub(crate) fn go(&self) {
        std::fs::write(self.folder.path().join("go"), "").expect("a file");
    }

    /// Waits for the end and returns its code and the results.
    #[track_caller]
    pub(crate) fn end(&mut self) -> (Option<i32>, String) {
        let status = self.pty.wait_exit();
        (status.code(), self.results())
    }

    /// Returns the results.
    fn results(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("out")).expect("results")
    }
}

/// Returns the path of the example program.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a path");
    // target/…/debug/deps/whole-HASH, beside target/…/debug/examples/dialogue.
    let debug = test.ancestors().nth(2).expect("a folder");
    debug.join("examples/dialogue")
}
