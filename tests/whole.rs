//! Whole-program tests, and whole passages in-process.

// `cfg(test)` always holds here; it tells clippy that helpers outside of test functions may unwrap.
#![cfg(test)]

#[path = "support/judged.rs"]
mod judged;
#[path = "support/pty.rs"]
mod pty;
#[path = "support/rehearsal.rs"]
mod rehearsal;
#[path = "support/scene.rs"]
mod scene;

#[path = "whole/arrows.rs"]
mod arrows;
#[path = "whole/corpora.rs"]
mod corpora;
#[path = "whole/ledger.rs"]
mod ledger;
#[path = "whole/masking.rs"]
mod masking;
#[path = "whole/passage.rs"]
mod passage;
#[path = "whole/screens.rs"]
mod screens;
#[path = "whole/table.rs"]
mod table;
#[path = "whole/terminal.rs"]
mod terminal;
#[path = "whole/untouched.rs"]
mod untouched;
