//! Whole-program tests.

// `cfg(test)` always holds here; it tells clippy that helpers outside of test functions may unwrap.
#[cfg(test)]
#[path = "support/pty.rs"]
mod pty;
#[cfg(test)]
#[path = "support/scene.rs"]
mod scene;
#[cfg(test)]
#[path = "whole/screens.rs"]
mod screens;
#[cfg(test)]
#[path = "whole/terminal.rs"]
mod terminal;
