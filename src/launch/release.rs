//! A line that a shell runs itself: the gate lets it go and ends.
//!
//! In: the proof that it may start. Out: the exit status by which the shell's hook knows that there
//! is a record of it, so that its end has to be told too.

use std::ffi::c_int;

use crate::gate::Ready;

/// The status of a line that may run and is on the record.
pub const RELEASED: c_int = 3;

/// Takes the proof, and returns the status that lets the calling shell run the line.
#[must_use]
pub fn release(ready: Ready) -> c_int {
    // The proof is used up: one proof, one line.
    drop(ready);
    RELEASED
}
