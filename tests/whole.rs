//! Whole-program tests.

#[path = "whole/untouched.rs"]
mod untouched;
// `cfg(test)` always holds here; it tells clippy that helpers outside of test functions may unwrap.
#[cfg(test)]
#[path = "support/pty.rs"]
mod pty;
#[cfg(test)]
#[path = "whole/terminal.rs"]
mod terminal;

#[path = "whole/ledger.rs"]
mod ledger;
