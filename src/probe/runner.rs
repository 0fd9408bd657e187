//! The runner of probes: several side by side, each with a deadline of its own.
//!
//! A probe runs in the caller's working directory with a plain environment, in a session of its
//! own, with nothing on standard input. One that passes its time gets TERM and, a moment later,
//! KILL, with all that it started; one that says more than 1 MiB likewise.

#![expect(
    clippy::disallowed_methods,
    reason = "deadlines of processes that were really started run on the real clock"
)]

use std::ffi::CString;
use std::fmt;
use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use chrono::Local;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;

use crate::gate::world::{Clock, Job, NotSeen, Pending, Probes, Seen};
use crate::policy::rule::Probe;

use super::child::{Child, OUTPUT_LIMIT};
use super::connection::{self, Connections, Standing};
use super::route::{self, Hop, Route};
use super::{environment, value};

/// How often ends are looked for: a pipe can stay open when a probe has ended.
const TICK: Duration = Duration::from_millis(10);

/// How long a killed probe has to clean up.
const MERCY: Duration = Duration::from_millis(300);

/// Runs probes for one run of the gate.
pub struct ProbeRunner<'a> {
    /// Tells the time that ages are counted from.
    clock: &'a dyn Clock,
    /// The environment of probes.
    environment: Vec<CString>,
    /// Connections to other hosts; closed with the runner.
    connections: Connections,
    /// Processes that were told to end, and since when.
    dying: Vec<(Child, Instant)>,
}

impl fmt::Debug for ProbeRunner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("ProbeRunner");
        shown
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

impl<'a> ProbeRunner<'a> {
    /// Returns a runner with the caller's environment, as far as it counts for probes.
    #[must_use]
    pub fn new(clock: &'a dyn Clock) -> Self {
        Self {
            clock,
            environment: environment::plain(),
            connections: Connections::default(),
            dying: Vec::new(),
        }
    }

    /// Tells a process and all that it started to end.
    fn end(&mut self, child: Child) {
        child.kill(Signal::SIGTERM);
        self.dying.push((child, Instant::now()));
    }

    /// Kills what did not end when it was told to.
    fn bury(&mut self) {
        self.dying.retain_mut(|(child, since)| {
            child.look();
            let is_late = since.elapsed() >= MERCY;
            if is_late {
                // Also where it has ended: what it started may not have.
                child.kill(Signal::SIGKILL);
            }
            !is_late || child.ending.is_none()
        });
    }
}

impl Drop for ProbeRunner<'_> {
    fn drop(&mut self) {
        // NOTE: not waited for: one that hangs in the kernel would hang the gate.
        for (child, _) in &self.dying {
            child.kill(Signal::SIGKILL);
        }
    }
}

impl Probes for ProbeRunner<'_> {
    fn start(&mut self, jobs: &[Job]) -> Box<dyn Pending + '_> {
        self.connections.forget_failed();
        let started = Instant::now();
        let is_root = nix::unistd::geteuid().is_root();
        let running = jobs
            .iter()
            .map(|job| Running {
                probe: job.probe.clone(),
                until: started + job.probe.timeout,
                state: match Route::of(job, is_root) {
                    Ok(route) => State::Waiting(route),
                    Err(not_seen) => State::Ended(Seen::NotSeen(not_seen)),
                },
            })
            .collect();
        let mut probing = Probing {
            runner: self,
            running,
        };
        probing.step();
        Box::new(probing)
    }

    /// ssh asks its questions at the terminal itself.
    fn log_in(&mut self, host: &str) -> bool {
        self.connections.log_in(host)
    }

    fn shown(&self, job: &Job) -> String {
        route::shown(job)
    }
}

/// Probes under way.
struct Probing<'r, 'a> {
    /// Whose they are.
    runner: &'r mut ProbeRunner<'a>,
    /// Them, in the order of the jobs.
    running: Vec<Running>,
}

/// One probe under way.
struct Running {
    /// How its output is read.
    probe: Probe,
    /// When its time is over.
    until: Instant,
    /// How far it is.
    state: State,
}

/// How far a probe is.
enum State {
    /// It waits for its connection.
    Waiting(Route),
    /// It runs, behind this hop.
    Started(Child, Option<Hop>),
    /// It has ended.
    Ended(Seen),
}

impl Probing<'_, '_> {
    /// Takes each probe as far as it goes without waiting; returns whether all have ended.
    fn step(&mut self) -> bool {
        let mut all_ended = true;
        for running in &mut self.running {
            let state = std::mem::replace(
                &mut running.state,
                State::Ended(Seen::NotSeen(NotSeen::NoFit)),
            );
            running.state = match state {
                State::Waiting(route) => self.runner.begin(route, running),
                State::Started(child, hop) => self.runner.go_on(child, hop, running),
                State::Ended(seen) => State::Ended(seen),
            };
            all_ended &= matches!(running.state, State::Ended(_));
        }
        self.runner.bury();
        all_ended
    }

    /// Waits for news of any probe, at most `time`.
    fn doze(&self, time: Duration) {
        let children = self
            .running
            .iter()
            .filter_map(|running| match &running.state {
                State::Started(child, _) => Some(child),
                State::Waiting(_) | State::Ended(_) => None,
            });
        let files = children.flat_map(|child| [&child.output.file, &child.error.file]);
        let mut polled: Vec<PollFd<'_>> = files
            .flatten()
            .map(|file| PollFd::new(file.as_fd(), PollFlags::POLLIN))
            .collect();
        let time = PollTimeout::try_from(time.min(TICK)).unwrap_or(PollTimeout::ZERO);
        // A signal ends the doze early, and so whoever waits for signals gets to see it.
        let _ = poll(&mut polled, time);
    }
}

impl Pending for Probing<'_, '_> {
    fn wait(&mut self, slice: Duration) -> bool {
        let until = Instant::now() + slice;
        loop {
            if self.step() {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            self.doze(left);
        }
    }

    fn seen(&self) -> Vec<Option<Seen>> {
        let seen = |running: &Running| match &running.state {
            State::Ended(seen) => Some(seen.clone()),
            State::Waiting(_) | State::Started(..) => None,
        };
        self.running.iter().map(seen).collect()
    }
}

impl Drop for Probing<'_, '_> {
    fn drop(&mut self) {
        for running in self.running.drain(..) {
            if let State::Started(child, _) = running.state {
                self.runner.end(child);
            }
        }
    }
}

impl ProbeRunner<'_> {
    /// Starts a probe as soon as its connection stands.
    fn begin(&mut self, route: Route, running: &Running) -> State {
        let (argv, hop) = match route.first.clone() {
            None => (route.argv.clone(), None),
            Some(hop) => match self.connections.standing(&hop, &self.environment) {
                Standing::Open(settings) => {
                    (hop.command(&settings, &route::join(&route.argv)), Some(hop))
                }
                Standing::Failed(not_seen) => return State::Ended(Seen::NotSeen(not_seen)),
                Standing::Opening if Instant::now() >= running.until => {
                    return State::Ended(timed_out(&running.probe));
                }
                Standing::Opening => return State::Waiting(route),
            },
        };
        match Child::start(&argv, &self.environment) {
            Ok(child) => State::Started(child, hop),
            Err(cause) => State::Ended(Seen::NotSeen(NotSeen::NotStarted(cause))),
        }
    }

    /// Takes in what a probe has said, and ends it where it has gone too far.
    fn go_on(&mut self, mut child: Child, hop: Option<Hop>, running: &Running) -> State {
        child.look();
        if child.output.bytes.len() > OUTPUT_LIMIT {
            self.end(child);
            let said = format!("more than {OUTPUT_LIMIT} bytes of output");
            return State::Ended(Seen::NotSeen(NotSeen::Status {
                status: 128 + 9,
                said,
            }));
        }
        let Some(ending) = child.ending else {
            if Instant::now() >= running.until {
                self.end(child);
                return State::Ended(timed_out(&running.probe));
            }
            return State::Started(child, hop);
        };
        let status = ending
            .status()
            .or(ending.signal().map(|signal| 128 + signal));
        let status = status.unwrap_or(125);
        if ending
            .status()
            .is_none_or(|status| !running.probe.ok.iter().any(|ok| i32::from(*ok) == status))
        {
            let said = child.last_words();
            let not_seen = match hop {
                Some(hop) => connection::not_seen(&hop, status, said),
                None => NotSeen::Status { status, said },
            };
            return State::Ended(Seen::NotSeen(not_seen));
        }
        let output = String::from_utf8_lossy(&child.output.bytes);
        let now = self.clock.now().utc.with_timezone(&Local);
        State::Ended(value::read(&running.probe, &output, &now))
    }
}

/// Returns that a probe did not end in time.
fn timed_out(probe: &Probe) -> Seen {
    Seen::NotSeen(NotSeen::TimedOut(probe.timeout))
}

#[cfg(test)]
mod tests;
