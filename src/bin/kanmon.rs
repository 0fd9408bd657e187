//! The gate: `kanmon COMMAND…`.
//!
//! A C `main`, so that nothing of the Rust runtime's start-up runs: it would ignore SIGPIPE,
//! reopen closed descriptors 0 to 2 and set up a signal stack, all before the first line of a
//! Rust `main`, and a passing command would inherit it.

#![no_main]
#![expect(
    unsafe_code,
    reason = "a C `main` is what keeps the Rust runtime's start-up out; the mark has a section of its own"
)]

use std::ffi::{c_char, c_int};

use kanmon::context::program::{MARK, Mark};
use kanmon::launch::RawArgs;

/// Tells shims that this program is the gate, under whatever name.
// SAFETY: an ELF note is data that nothing executes.
#[used]
#[unsafe(link_section = ".note.kanmon")]
static IS_GATE: Mark = MARK;

/// Passes the arguments, as the kernel gave them, to the door.
///
/// # Safety
/// Called by the C start-up alone, with its `argc` and `argv`.
// SAFETY: no other `main` is linked, because of `no_main`.
#[unsafe(no_mangle)]
unsafe extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    // SAFETY: these are the arguments of `main`, which live as long as the process.
    let args = unsafe { RawArgs::of_main(argc, argv) };
    kanmon::door::prefix::enter(args)
}
