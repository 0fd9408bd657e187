//! A program under a pseudo-terminal: the test types, the screen is read, deadlines instead of sleeps.
//!
//! The program is the leader of a session of its own with the pty as controlling terminal, an empty
//! environment but for what is given, and `TERM=xterm-256color`. Nothing runs in the background of
//! the test: the screen is brought up to date while a method waits.
#![expect(
    unsafe_code,
    clippy::disallowed_methods,
    reason = "starts real programs under a real terminal"
)]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::num::NonZero;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use nix::unistd::Pid;

nix::ioctl_write_ptr_bad!(set_size, libc::TIOCSWINSZ, Winsize);

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How often the end of the program is looked for.
const TICK: Duration = Duration::from_millis(5);

/// What the program finds at one of its standard descriptors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Standard {
    /// The pty.
    #[default]
    Pty,
    /// A pipe whose other end [`Pty`] holds.
    Pipe,
    /// `/dev/null`.
    Null,
    /// Nothing: the descriptor is closed.
    Closed,
}

/// A program that is to be started.
#[derive(Debug)]
pub(crate) struct PtyCommand {
    /// The program, its words, environment and folder.
    command: Command,
    /// Columns and rows.
    size: (u16, u16),
    /// Standard input, output, error.
    standard: [Standard; 3],
    /// Whether the pty becomes the controlling terminal.
    controlling: bool,
    /// Whether Ctrl-C leaves what was written and not read yet.
    keeps_output: bool,
    /// How many rows all may take up to the first question.
    budget: Option<usize>,
}

impl PtyCommand {
    /// Returns a command with an empty environment, at 80 × 24.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("TERM", "xterm-256color")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin");
        Self {
            command,
            size: (80, 24),
            standard: [Standard::Pty; 3],
            controlling: true,
            keeps_output: false,
            budget: None,
        }
    }

    /// Adds words.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the folder.
    pub(crate) fn cwd(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets columns and rows.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Sets what stands at descriptors 0, 1 and 2.
    pub(crate) fn standard(mut self, input: Standard, output: Standard, error: Standard) -> Self {
        self.standard = [input, output, error];
        self
    }

    /// Leaves the program without a controlling terminal, as cron does.
    pub(crate) fn without_terminal(mut self) -> Self {
        self.controlling = false;
        self
    }

    /// Lets Ctrl-C leave what was written and not read yet, as `stty noflsh` does: how far a test
    /// has read must not decide what it sees.
    pub(crate) fn keeping_output(mut self) -> Self {
        self.keeps_output = true;
        self
    }

    /// Sets how many rows all may take up to the first question, however high the terminal is.
    pub(crate) fn within(mut self, rows: usize) -> Self {
        self.budget = Some(rows);
        self
    }

    /// Starts the program.
    pub(crate) fn spawn(mut self) -> Pty {
        let size = winsize(self.size);
        let pair = openpty(&size, None).expect("a pty");
        if self.keeps_output {
            let mut modes = tcgetattr(&pair.slave).expect("modes");
            modes.local_flags |= LocalFlags::NOFLSH;
            tcsetattr(&pair.slave, SetArg::TCSANOW, &modes).expect("modes");
        }
        for fd in [&pair.master, &pair.slave] {
            fcntl(fd, FcntlArg::F_SETFD(nix::fcntl::FdFlag::FD_CLOEXEC)).expect("close-on-exec");
        }
        fcntl(&pair.master, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("non-blocking");
        let given = |standard: Standard| match standard {
            Standard::Pty => Stdio::from(pair.slave.try_clone().expect("a descriptor")),
            Standard::Pipe => Stdio::piped(),
            Standard::Null | Standard::Closed => Stdio::null(),
        };
        let [input, output, error] = self.standard;
        self.command
            .stdin(given(input))
            .stdout(given(output))
            .stderr(given(error));
        let slave = pair.slave.as_raw_fd();
        let (standard, controlling) = (self.standard, self.controlling);
        let setup = move || child_setup(slave, standard, controlling);
        // SAFETY: the closure makes system calls alone, all of them async-signal-safe.
        unsafe { self.command.pre_exec(setup) };
        let mut child = self.command.spawn().expect("the program starts");
        Pty {
            master: Some(pair.master),
            parser: vt100::Parser::new(some(self.size.1), some(self.size.0), 2000),
            raw: Vec::new(),
            status: None,
            budget: self.budget,
            answered: 0,
            stdin: child.stdin.take(),
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            child,
        }
    }
}

/// Makes the session and the terminal in the child.
fn child_setup(slave: i32, standard: [Standard; 3], controlling: bool) -> std::io::Result<()> {
    nix::unistd::setsid()?;
    if controlling {
        // SAFETY: the descriptor is open in the child, and the call takes a number alone.
        Errno::result(unsafe { libc::ioctl(slave, libc::TIOCSCTTY, 0) })?;
    }
    for (fd, standard) in (0..3).zip(standard) {
        if standard == Standard::Closed {
            // SAFETY: nothing in the child uses the descriptor any more.
            Errno::result(unsafe { libc::close(fd) })?;
        }
    }
    Ok(())
}

/// A program that runs under a pty. Dropping kills it.
pub(crate) struct Pty {
    /// The other end; `None` once closed.
    master: Option<OwnedFd>,
    /// The screen.
    parser: vt100::Parser,
    /// All that was written.
    raw: Vec<u8>,
    /// How it ended.
    status: Option<ExitStatus>,
    /// How many rows all may take up to the first question, until that was looked at.
    budget: Option<usize>,
    /// How many prompt marks had been written when a line was last typed.
    answered: usize,
    /// Where standard input is a pipe.
    pub(crate) stdin: Option<ChildStdin>,
    /// Where standard output is a pipe.
    pub(crate) stdout: Option<ChildStdout>,
    /// Where standard error is a pipe.
    pub(crate) stderr: Option<ChildStderr>,
    /// The program.
    child: Child,
}

impl Pty {
    /// Returns the program's process id.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"))
    }

    /// Types a text as it is.
    pub(crate) fn type_text(&mut self, text: &str) {
        if text.ends_with(['\n', '\r']) {
            self.answered = self.marks();
        }
        self.type_bytes(text.as_bytes());
    }

    /// Types keys by name: `C-c`, `C-d`, `C-z`, `C-\`, `C-u`, `C-w`, `enter`, `backspace`, `escape`, `up`.
    pub(crate) fn type_keys(&mut self, keys: &[&str]) {
        for key in keys {
            let bytes: &[u8] = match *key {
                "C-c" => b"\x03",
                "C-d" => b"\x04",
                "C-u" => b"\x15",
                "C-w" => b"\x17",
                "C-z" => b"\x1a",
                "C-\\" => b"\x1c",
                "enter" => b"\r",
                "backspace" => b"\x7f",
                "escape" => b"\x1b",
                "up" => b"\x1b[A",
                other => panic!("no key `{other}`"),
            };
            self.type_bytes(bytes);
        }
    }

    /// Pastes as a terminal does: in brackets where the program switched them on.
    pub(crate) fn paste(&mut self, text: &str) {
        self.pump(Duration::ZERO);
        // A terminal sends Enter for a line end.
        let text = text.replace('\n', "\r");
        if self.parser.screen().bracketed_paste() {
            self.type_text(&format!("\x1b[200~{text}\x1b[201~"));
        } else {
            self.type_text(&text);
        }
    }

    /// Types bytes, reading the screen meanwhile so that neither side waits for the other.
    pub(crate) fn type_bytes(&mut self, mut bytes: &[u8]) {
        let deadline = Instant::now() + PATIENCE;
        while !bytes.is_empty() {
            let Some(master) = &self.master else {
                panic!("the master is closed");
            };
            match nix::unistd::write(master, bytes) {
                Ok(length) => bytes = &bytes[length..],
                Err(Errno::EAGAIN | Errno::EINTR) => self.pump(TICK),
                Err(errno) => panic!("typing: {errno}\n{}", self.dump()),
            }
            assert!(
                Instant::now() < deadline,
                "typing takes too long\n{}",
                self.dump()
            );
        }
    }

    /// Waits until the screen shows a text.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("`{text}` on the screen"), PATIENCE, |pty| {
            pty.shows(text)
        });
    }

    /// Waits until a question stands there with the cursor behind its prompt mark: only from then
    /// on what is typed counts. `text` stands above it or in its row.
    ///
    /// A label can stand on the screen before it is asked for, or since it was asked the first time:
    /// the mark must be a new one since a line was typed, or what is typed next goes to the question
    /// before, as one block with its answer.
    #[track_caller]
    pub(crate) fn wait_for_question(&mut self, text: &str) {
        self.wait_until(&format!("the question `{text}`"), PATIENCE, |pty| {
            pty.asks(text) && pty.marks() > pty.answered
        });
        if let Some(budget) = self.budget.take() {
            let rows = self.screen().trim_end().lines().count();
            assert!(rows <= budget, "{rows} rows\n{}", self.dump());
        }
    }

    /// Waits until a question stands there that was not answered yet, and answers it.
    #[track_caller]
    pub(crate) fn answer(&mut self, question: &str, answer: &str) {
        self.wait_for_question(question);
        self.type_text(answer);
    }

    /// Returns how many prompt marks have been written.
    fn marks(&self) -> usize {
        self.count_raw("›") + self.count_raw(">")
    }

    /// Waits until a text was written `times` times in all, also where it has scrolled away.
    #[track_caller]
    pub(crate) fn wait_for_raw(&mut self, text: &str, times: usize) {
        self.wait_until(&format!("`{text}` {times} times"), PATIENCE, |pty| {
            pty.count_raw(text) >= times
        });
    }

    /// Waits until `is_so`, or fails with a picture of the screen.
    #[track_caller]
    pub(crate) fn wait_until(
        &mut self,
        what: &str,
        patience: Duration,
        mut is_so: impl FnMut(&Self) -> bool,
    ) {
        let deadline = Instant::now() + patience;
        loop {
            self.pump(TICK);
            if is_so(self) {
                return;
            }
            if Instant::now() >= deadline {
                panic!("waited in vain for {what}\n{}", self.dump());
            }
        }
    }

    /// Reads what the program wrote, waiting at most `limit` for the first byte.
    pub(crate) fn look(&mut self, limit: Duration) {
        self.pump(limit);
    }

    /// Returns whether a question stands there, as it was when the screen was last looked at.
    pub(crate) fn asks(&self, text: &str) -> bool {
        self.shows(text) && self.is_prompted()
    }

    /// Returns whether no process has the terminal open any more.
    pub(crate) fn is_left(&self) -> bool {
        let Some(master) = &self.master else {
            return true;
        };
        let mut fds = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut fds, PollTimeout::ZERO);
        fds[0]
            .revents()
            .is_some_and(|seen| seen.contains(PollFlags::POLLHUP))
    }

    /// Returns the screen, rows without blanks at their end.
    pub(crate) fn screen(&mut self) -> String {
        self.pump(Duration::ZERO);
        self.parser.screen().contents()
    }

    /// Returns all that was written, as text.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }

    /// Returns how often a text was written.
    pub(crate) fn count_raw(&self, text: &str) -> usize {
        self.raw().matches(text).count()
    }

    /// Returns the screen as `vt100` sees it: cells, cursor, modes.
    pub(crate) fn cells(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Changes the size; the kernel tells the program.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        let Some(master) = &self.master else {
            panic!("the master is closed");
        };
        // SAFETY: the descriptor is open, and the size is read by the call alone.
        unsafe { set_size(master.as_raw_fd(), &winsize((columns, rows))) }.expect("a size");
        self.parser.screen_mut().set_size(some(rows), some(columns));
    }

    /// Closes the other end, as a terminal window that is closed does.
    pub(crate) fn close_master(&mut self) {
        self.pump(Duration::ZERO);
        self.master = None;
    }

    /// Returns the terminal's modes as they are now.
    pub(crate) fn modes(&self) -> nix::sys::termios::Termios {
        let master = self.master.as_ref().expect("the master is open");
        tcgetattr(master).expect("modes")
    }

    /// Sends a signal to the program alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).expect("the program is there");
    }

    /// Sends a signal to the program's group.
    pub(crate) fn signal_group(&self, signal: Signal) {
        killpg(self.pid(), signal).expect("the group is there");
    }

    /// Sends a signal to the group in the terminal's foreground.
    pub(crate) fn signal_foreground(&self, signal: Signal) {
        let master = self.master.as_ref().expect("the master is open");
        let group = nix::unistd::tcgetpgrp(master).expect("a foreground");
        killpg(group, signal).expect("the group is there");
    }

    /// Waits until the program has ended.
    #[track_caller]
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.ended() {
                self.pump(Duration::ZERO);
                return status;
            }
            if Instant::now() >= deadline {
                panic!("waited in vain for the end\n{}", self.dump());
            }
            self.pump(TICK);
        }
    }

    /// Returns how the program ended; `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("the program is ours");
        }
        self.status
    }

    /// Returns whether the cursor stands right behind a prompt mark, nothing typed.
    fn is_prompted(&self) -> bool {
        let screen = self.parser.screen();
        let (row, column) = screen.cursor_position();
        let width = screen.size().1.get();
        let text = screen.contents_between(row, 0, row, width);
        let before = screen.contents_between(row, 0, row, column);
        let mark = before.trim_end();
        text.trim_end() == mark && (mark.ends_with('›') || mark.ends_with('>'))
    }

    /// Returns whether the screen shows a text, also where it was wrapped.
    fn shows(&self, text: &str) -> bool {
        let contents = self.parser.screen().contents();
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        contents.contains(text) || squeezed(&contents).contains(&squeezed(text))
    }

    /// Reads what the program wrote, waiting at most `limit` for the first byte.
    fn pump(&mut self, limit: Duration) {
        let Some(master) = &self.master else {
            let _ = poll(&mut [], PollTimeout::try_from(limit).expect("a short time"));
            return;
        };
        let timeout = PollTimeout::try_from(limit).expect("a short time");
        let mut fds = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut fds, timeout);
        let hung_up = fds[0]
            .revents()
            .is_some_and(|seen| seen == PollFlags::POLLHUP);
        let mut buffer = [0_u8; 65536];
        while let Ok(length @ 1..) = nix::unistd::read(master, &mut buffer) {
            self.raw.extend_from_slice(&buffer[..length]);
            self.parser.process(&buffer[..length]);
        }
        if hung_up {
            // Nobody has the terminal open, so that poll returns at once: wait without it.
            let _ = poll(&mut [], timeout);
        }
    }

    /// Returns a picture for a message: screen in a frame, cursor, end of the raw bytes, status.
    fn dump(&mut self) -> String {
        let status = self.ended();
        let screen = self.parser.screen();
        let mut out = String::new();
        let (row, column) = screen.cursor_position();
        let _ = writeln!(out, "--- screen, cursor at row {row}, column {column}");
        for line in screen.rows(0, screen.size().1.get()) {
            let _ = writeln!(out, "|{line}");
        }
        let start = self.raw.len().saturating_sub(600);
        let tail = String::from_utf8_lossy(&self.raw[start..]).into_owned();
        let _ = writeln!(out, "--- last bytes: {tail:?}");
        let signal = status.and_then(|status| status.signal());
        let _ = writeln!(out, "--- status: {status:?}, signal: {signal:?}");
        out
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if self.ended().is_none() {
            // The whole session may have been stopped; a kill takes stopped ones too.
            let _ = killpg(self.pid(), Signal::SIGKILL);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl std::fmt::Debug for Pty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pty").field("pid", &self.pid()).finish()
    }
}

/// Returns a number of columns or rows, of which there is at least one.
fn some(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a size above 0")
}

/// Returns a size as the kernel takes it.
fn winsize((columns, rows): (u16, u16)) -> Winsize {
    Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}
