//! What benchmarks share: a held command at a terminal, timed up to its first prompt.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;

/// The user as whom the held command is asked for, where the benchmark runs as root.
pub(crate) const NOBODY: libc::uid_t = 65_534;

/// Time from the start of a held command to its first prompt.
pub(crate) fn to_prompt(kanmon: &Path, state: &Path) -> Duration {
    let pty = openpty(None, None).unwrap();
    let (mut master, slave) = (File::from(pty.master), pty.slave);
    let slave_number = slave.as_raw_fd();
    let mut command = Command::new(kanmon);
    command
        .args(["--lang", "en", "exim", "-Mf", "1rA2Bc-000abc-DE"])
        .env_clear()
        .env("TERM", "xterm")
        .env("HOME", state)
        .env("XDG_STATE_HOME", state)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let is_root = nix::unistd::geteuid().is_root();
    let lead = move || {
        if is_root {
            // Root's own ledger is nobody's plaything.
            // SAFETY: system calls without memory.
            unsafe { libc::setgid(NOBODY) };
            // SAFETY: a system call without memory.
            unsafe { libc::setuid(NOBODY) };
        }
        // SAFETY: a system call without memory.
        unsafe { libc::setsid() };
        // SAFETY: a system call without memory; the descriptor is open in the child.
        unsafe { libc::ioctl(slave_number, libc::TIOCSCTTY, 0) };
        Ok(())
    };
    // SAFETY: `lead` makes only system calls.
    unsafe { command.pre_exec(lead) };
    let begun = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    let prompt = "›".as_bytes();
    while !seen.windows(prompt.len()).any(|window| window == prompt) {
        let mut waited = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        poll(&mut waited, PollTimeout::from(10_000_u16)).unwrap();
        let length = master.read(&mut buffer).unwrap();
        seen.extend_from_slice(&buffer[..length]);
    }
    let took = begun.elapsed();
    master.write_all(b"\x03").unwrap();
    drop(slave);
    child.wait().unwrap();
    took
}
