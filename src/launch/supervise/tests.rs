//! Supervision on a real terminal: a small shell with job control, the gate as its job, a command
//! that tells which signals it got.

#![expect(
    clippy::disallowed_methods,
    reason = "the helper is compiled and its report read here"
)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::sync::OnceLock;

use nix::fcntl::{FcntlArg, fcntl, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::stat::Mode;
use nix::unistd::{getpid, setpgid, setsid, tcsetpgrp};

use super::*;

/// The descriptor on which the command tells what it got.
const TOLD: i32 = 9;

/// A deadline that only a broken test meets.
const LONG: u16 = 20_000;

/// Returns the helper of `tests/support/state.c`, compiled.
fn state() -> &'static str {
    static BUILT: OnceLock<String> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("OUT_DIR"));
        let path = folder.join("state");
        // Whole or not at all: another run may be compiling it too.
        let fresh = folder.join(format!("state-{}", std::process::id()));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/state.c");
        let mut compiler = std::process::Command::new("cc");
        let built = compiler.arg("-o").arg(&fresh).arg(source).status().unwrap();
        assert!(built.success());
        std::fs::rename(fresh, &path).unwrap();
        path.into_os_string().into_string().unwrap()
    })
}

/// A shell with job control on a terminal of its own, whose only job is a supervised command.
struct Rehearsal {
    /// The other side of the terminal.
    terminal: Option<PtyMaster>,
    /// What came from it and was not expected yet.
    screen: String,
    /// Process ids.
    shell: Pid,
    gate: Pid,
    /// Wait statuses of the gate, 4 bytes each.
    statuses: File,
    /// What the shell is to do about a stopped gate.
    orders: Option<File>,
    /// What the command tells on descriptor [`TOLD`].
    told: File,
    heard: String,
}

/// Where the job starts.
#[derive(Clone, Copy, PartialEq)]
enum Ground {
    Fore,
    Back,
}

impl Rehearsal {
    fn start(ground: Ground, argv: &[&str]) -> Self {
        Self::start_with(ground, argv, || ())
    }

    /// Starts the command; `before` runs in the gate's process, before it saves what it inherited.
    fn start_with(ground: Ground, argv: &[&str], before: impl Fn()) -> Self {
        let terminal = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname_r(&terminal).unwrap();
        let [(statuses, report), (their_orders, orders), (told, tell)] = [pipe(), pipe(), pipe()];
        // What another test has open at this moment must not live on in this one's shell.
        let mut keep = [&report, &their_orders, &tell].map(|end| end.as_raw_fd());
        keep.sort_unstable();
        let argv = argv
            .iter()
            .map(|word| CString::new(*word).unwrap())
            .collect::<Vec<_>>();
        let program = argv[0].clone();
        let command = Command { program, argv };
        let shell = process::fork(|| {
            process::close_all_but(&keep);
            // The leader's first terminal becomes the session's.
            setsid().unwrap();
            let tty = open(name.as_str(), OFlag::O_RDWR, Mode::empty()).unwrap();
            (0..3).for_each(|fd| process::put_descriptor(tty.as_raw_fd(), fd).unwrap());
            signals::set(libc::SIGTTOU, Disposition::Ignore);
            signals::set(libc::SIGHUP, Disposition::Ignore);
            signals::set_mask(Signals::default());
            let gate = process::fork(|| {
                setpgid(Pid::from_raw(0), Pid::from_raw(0)).unwrap();
                if ground == Ground::Fore {
                    tcsetpgrp(&tty, getpid()).unwrap();
                }
                signals::set(libc::SIGTTOU, Disposition::Default);
                signals::set(libc::SIGHUP, Disposition::Default);
                signals::set(libc::SIGPIPE, Disposition::Default);
                process::put_descriptor(tell.as_raw_fd(), TOLD).unwrap();
                before();
                let inherited = Inherited::save().unwrap();
                match run(&command, c"KANMON_RUN=x", &inherited, &mut |_| ()) {
                    Ok(ending) => crate::launch::die_as(ending),
                    Err(error) => error.status(),
                }
            })
            .unwrap();
            write(&report, &gate.as_raw().to_ne_bytes()).unwrap();
            loop {
                let status = process::wait(gate, libc::WUNTRACED).unwrap().unwrap();
                write(&report, &status.to_ne_bytes()).unwrap();
                let mut order = [0];
                match read(&their_orders, &mut order) {
                    Ok(1) if order == *b"f" => {
                        tcsetpgrp(&tty, gate).unwrap();
                        killpg(gate, Signal::SIGCONT).unwrap();
                    }
                    Ok(1) => kill(gate, Signal::SIGCONT).unwrap(),
                    _ => return 0,
                }
            }
        })
        .unwrap();
        let mut rehearsal = Self {
            terminal: Some(terminal),
            screen: String::new(),
            shell,
            gate: shell,
            statuses: File::from(statuses),
            orders: Some(File::from(orders)),
            told: File::from(told),
            heard: String::new(),
        };
        rehearsal.gate = Pid::from_raw(rehearsal.status());
        rehearsal
    }

    /// Starts a command that tells its signals, and returns its process id too.
    fn listener() -> (Self, Pid) {
        let mut rehearsal = Self::start(Ground::Fore, &[state(), "listen", "9"]);
        let ready = rehearsal.hear();
        let pid = ready.strip_prefix("ready ").unwrap().parse().unwrap();
        (rehearsal, Pid::from_raw(pid))
    }

    /// Returns the next number that the shell reports.
    fn status(&mut self) -> i32 {
        wait_for_input(&self.statuses);
        let mut number = [0; 4];
        self.statuses.read_exact(&mut number).unwrap();
        i32::from_ne_bytes(number)
    }

    /// Returns the signal that the gate was stopped by.
    fn stopped(&mut self) -> i32 {
        let status = self.status();
        assert!(libc::WIFSTOPPED(status), "status {status:x}");
        libc::WSTOPSIG(status)
    }

    /// Returns how the gate ended.
    fn ended(&mut self) -> Ending {
        crate::launch::ending::of_wait(self.status()).unwrap()
    }

    /// Lets the shell continue the gate: `f` as `fg` does, `c` the gate alone.
    fn order(&mut self, order: u8) {
        self.orders.as_ref().unwrap().write_all(&[order]).unwrap();
    }

    /// Presses keys.
    fn press(&mut self, keys: &[u8]) {
        write(self.terminal.as_ref().unwrap(), keys).unwrap();
    }

    /// Waits until the screen says `text`.
    fn expect(&mut self, text: &str) {
        while !self.screen.contains(text) {
            let terminal = self.terminal.as_ref().unwrap();
            wait_for_input(terminal);
            let mut bytes = [0; 1024];
            let n = read(terminal, &mut bytes).unwrap();
            self.screen += &String::from_utf8_lossy(&bytes[..n]);
        }
        self.screen.clear();
    }

    /// Returns the next line that the command tells.
    fn hear(&mut self) -> String {
        loop {
            if let Some((line, rest)) = self.heard.split_once('\n') {
                let line = line.to_owned();
                self.heard = rest.to_owned();
                return line;
            }
            wait_for_input(&self.told);
            let mut bytes = [0; 256];
            let n = self.told.read(&mut bytes).unwrap();
            assert_ne!(n, 0, "the command ended");
            self.heard += std::str::from_utf8(&bytes[..n]).unwrap();
        }
    }

    /// Sends a signal to the gate alone.
    fn to_gate(&self, signal: Signal) {
        kill(self.gate, signal).unwrap();
    }

    /// Sends a signal to the whole group.
    fn to_group(&self, signal: Signal) {
        killpg(self.gate, signal).unwrap();
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        let _ = killpg(self.gate, Signal::SIGKILL);
        self.orders = None;
        process::bury(self.shell);
    }
}

/// Returns a pipe whose ends lie above the descriptors that commands have.
fn pipe() -> (OwnedFd, OwnedFd) {
    let high = |end: OwnedFd| {
        let number = fcntl(&end, FcntlArg::F_DUPFD_CLOEXEC(256)).unwrap();
        process::adopt(number)
    };
    let (from, to) = pipe2(OFlag::O_CLOEXEC).unwrap();
    (high(from), high(to))
}

/// Waits until there is something to read, or its writers are gone.
fn wait_for_input(file: &impl std::os::fd::AsFd) {
    let mut polled = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
    while match poll(&mut polled, PollTimeout::from(LONG)) {
        Err(Errno::EINTR) => true,
        Ok(n) => {
            assert_ne!(n, 0, "nothing came");
            false
        }
        Err(cause) => panic!("{cause}"),
    } {}
}

/// Returns how the gate ends over this command.
fn ending(argv: &[&str]) -> Ending {
    Rehearsal::start(Ground::Fore, argv).ended()
}

#[test]
fn the_status_is_the_commands() {
    assert_eq!(ending(&["true"]), Ending::Exited(0));
    assert_eq!(ending(&["sh", "-c", "exit 77"]), Ending::Exited(77));
}

#[test]
fn what_cannot_start_is_told_apart() {
    assert_eq!(ending(&["no-such-command-here"]), Ending::Exited(127));
    assert_eq!(ending(&["/"]), Ending::Exited(126));
}

#[test]
fn the_death_is_the_commands() {
    for signal in [1, 2, 3, 9, 11, 13, 14, 15, 35] {
        // The gate itself never leaves a core, whatever the command did.
        let core = false;
        assert_eq!(
            ending(&[state(), "die", &signal.to_string()]),
            Ending::Killed { signal, core }
        );
    }
}

#[test]
fn ctrl_c_is_the_commands() {
    let (mut rehearsal, _) = Rehearsal::listener();
    rehearsal.press(b"\x03");
    let killed = Ending::Killed {
        signal: libc::SIGINT,
        core: false,
    };
    assert_eq!(rehearsal.ended(), killed);
}

#[test]
fn a_command_may_outlive_ctrl_c_and_ctrl_backslash() {
    let script = "trap 'echo caught' INT QUIT; echo ready; read x; read y; exit 3";
    let mut rehearsal = Rehearsal::start(Ground::Fore, &["bash", "-c", script]);
    rehearsal.expect("ready");
    rehearsal.press(b"\x03");
    rehearsal.expect("caught");
    rehearsal.press(b"\x1c");
    rehearsal.expect("caught");
    rehearsal.press(b"1\n2\n");
    assert_eq!(rehearsal.ended(), Ending::Exited(3));
}

#[test]
fn ctrl_z_stops_the_gate_and_fg_continues_both_once() {
    let (mut rehearsal, command) = Rehearsal::listener();
    for _ in 0..20 {
        rehearsal.press(b"\x1a");
        assert_eq!(rehearsal.stopped(), libc::SIGTSTP);
        rehearsal.order(b'f');
        assert_eq!(rehearsal.hear(), "got 18");
    }
    // Had any of them come twice it would stand before this one.
    kill(command, Signal::SIGWINCH).unwrap();
    assert_eq!(rehearsal.hear(), "got 28");
}

#[test]
fn a_continue_for_the_gate_alone_continues_the_command() {
    let (mut rehearsal, command) = Rehearsal::listener();
    for stop in [Signal::SIGSTOP, Signal::SIGTSTP] {
        kill(command, stop).unwrap();
        assert_eq!(rehearsal.stopped(), stop as i32);
        rehearsal.order(b'c');
        assert_eq!(rehearsal.hear(), "got 18");
    }
    kill(command, Signal::SIGWINCH).unwrap();
    assert_eq!(rehearsal.hear(), "got 28");
}

#[test]
fn a_command_that_reads_in_the_background_stops_the_gate() {
    let script = "read x; echo \"read $x\"; exit 5";
    let mut rehearsal = Rehearsal::start(Ground::Back, &["sh", "-c", script]);
    assert_eq!(rehearsal.stopped(), libc::SIGTTIN);
    rehearsal.order(b'f');
    rehearsal.press(b"hello\n");
    rehearsal.expect("read hello");
    assert_eq!(rehearsal.ended(), Ending::Exited(5));
}

#[test]
fn a_signal_reaches_the_command_once_whoever_it_was_sent_to() {
    let (mut rehearsal, command) = Rehearsal::listener();
    let each = [
        (Signal::SIGTERM, "got 15"),
        (Signal::SIGHUP, "got 1"),
        (Signal::SIGUSR1, "got 10"),
        (Signal::SIGUSR2, "got 12"),
    ];
    for _ in 0..10 {
        for (signal, told) in each {
            rehearsal.to_gate(signal);
            assert_eq!(rehearsal.hear(), told);
            rehearsal.to_group(signal);
            assert_eq!(rehearsal.hear(), told);
            // As timeout(1) does it.
            rehearsal.to_gate(signal);
            rehearsal.to_group(signal);
            assert_eq!(rehearsal.hear(), told);
            kill(command, Signal::SIGWINCH).unwrap();
            assert_eq!(rehearsal.hear(), "got 28", "{signal} came twice");
        }
    }
}

#[test]
fn a_command_cannot_kill_itself_by_way_of_the_gate() {
    let script = "kill -TERM $PPID; kill -HUP $PPID; sleep 0.2; echo alive; exit 4";
    let mut rehearsal = Rehearsal::start(Ground::Fore, &["sh", "-c", script]);
    rehearsal.expect("alive");
    assert_eq!(rehearsal.ended(), Ending::Exited(4));
}

#[test]
fn the_hang_up_of_a_session_reaches_the_command_once() {
    let (mut rehearsal, command) = Rehearsal::listener();
    // The kernel hangs up the foreground group when the session's leader ends.
    kill(rehearsal.shell, Signal::SIGKILL).unwrap();
    assert_eq!(rehearsal.hear(), "got 1");
    kill(command, Signal::SIGWINCH).unwrap();
    assert_eq!(rehearsal.hear(), "got 28");
}

#[test]
fn the_command_goes_on_when_the_gate_is_killed() {
    let (mut rehearsal, command) = Rehearsal::listener();
    rehearsal.to_gate(Signal::SIGKILL);
    let killed = Ending::Killed {
        signal: libc::SIGKILL,
        core: false,
    };
    assert_eq!(rehearsal.ended(), killed);
    kill(command, Signal::SIGUSR1).unwrap();
    assert_eq!(rehearsal.hear(), "got 10");
}

#[test]
fn a_pipe_closes_when_the_command_closes_it() {
    // The report descriptor stands in for a pipe on standard output.
    let script = "exec >&9 9>&-; echo out; exec >/dev/null; read x";
    let mut rehearsal = Rehearsal::start_with(Ground::Fore, &["bash", "-c", script], || {
        process::put_descriptor(TOLD, 1).unwrap();
    });
    assert_eq!(rehearsal.hear(), "out");
    rehearsal.press(b"\n");
    assert_eq!(rehearsal.ended(), Ending::Exited(0));
}

/// Returns a report without what differs from run to run: ids, terminals and pipes.
fn comparable(report: &str) -> Vec<String> {
    let line = |line: &str| {
        if line.starts_with("fd ") {
            let (number, _) = line.split_once(" device ").unwrap();
            let (_, flags) = line.split_once(" flags ").unwrap();
            return format!("{number} flags {flags}");
        }
        line.to_owned()
    };
    let is_kept = |line: &&str| !line.starts_with("pid ") && !line.starts_with("foreground ");
    report.lines().filter(is_kept).map(line).collect()
}

/// Returns what the helper sees with `before` done, supervised and, for comparison, directly.
fn seen(before: impl Fn() + Copy) -> [Vec<String>; 2] {
    let folder = tempfile::TempDir::new().unwrap();
    let out = folder.path().join("report");
    let argv = [state(), "show", out.to_str().unwrap()];
    let read_report = || comparable(&std::fs::read_to_string(&out).unwrap());
    let mut supervised = Rehearsal::start_with(Ground::Fore, &argv, before);
    assert_eq!(supervised.ended(), Ending::Exited(0));
    let supervised = read_report();
    let strings: Vec<CString> = argv
        .iter()
        .map(|word| CString::new(*word).unwrap())
        .collect();
    let mut direct = Rehearsal::start_with(Ground::Fore, &["true"], || {
        before();
        process::exec(&strings[0], &Argv::new(&strings));
    });
    assert_eq!(direct.ended(), Ending::Exited(0));
    [supervised, read_report()]
}

#[test]
fn a_held_command_inherits_what_the_gate_inherited() {
    let [mut supervised, direct] = seen(|| {
        signals::set(libc::SIGPIPE, Disposition::Ignore);
        signals::set(libc::SIGINT, Disposition::Ignore);
        signals::set(libc::SIGCHLD, Disposition::Ignore);
        signals::set(libc::SIGTSTP, Disposition::Ignore);
        signals::set_mask(Signals::of(&[libc::SIGUSR1, libc::SIGTERM, 32, 33, 40]));
        for fd in [0, 2] {
            nix::unistd::close(fd).unwrap();
        }
    });
    // The one entry of the environment that is the gate's own stands behind all others.
    let is_entry = |line: &String| line.starts_with("environment ");
    let last = supervised.iter().rposition(is_entry).unwrap();
    let own = supervised.remove(last);
    assert!(own.ends_with(" 4b414e4d4f4e5f52554e3d78"), "{own}");
    assert_eq!(supervised, direct);
    let descriptors = supervised.iter().filter(|line| line.starts_with("fd "));
    let numbers: Vec<_> = descriptors
        .map(|line| line.split(' ').nth(1).unwrap())
        .collect();
    assert_eq!(numbers, ["1", "9"]);
}

#[test]
fn a_line_is_the_shells_whatever_it_begins_with() {
    let raw = [c"kanmon", c"-c", c"-x", c"name"].map(std::ffi::CStr::as_ptr);
    let argv: Vec<_> = raw.into_iter().chain([std::ptr::null()]).collect();
    let command = Command::of_line(crate::launch::raw::of_pointers(&argv), 2);
    assert_eq!(command.program.as_c_str(), c"/bin/sh");
    let expect = [c"sh", c"-c", c"--", c"-x", c"name"].map(CString::from);
    assert_eq!(command.argv, expect);
}
