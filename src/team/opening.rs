//! A connection that is opened while the gate looks who asks and where, and while the host's own record is written.
//!
//! Connecting and logging in takes longer than all else that a held line waits for, and neither needs the other.
//! It happens on a second thread, which is over before anything is asked or started: `launch` may fork nothing
//! while it runs (`launch/process.rs`). `getent`, which says who asks, is started as a program at once, which
//! needs no such care.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::time::Instant;

use super::address;
use super::connect::{Connection, NoAnswer, PATIENCE};

/// A connection on its way.
#[derive(Debug)]
pub struct Opening(JoinHandle<(Result<Connection, NoAnswer>, Duration)>);

impl Opening {
    /// Begins to connect to the store that a configuration names; `None` where what it says names none, or there
    /// is no second thread to be had.
    #[must_use]
    pub fn begin(url: &str) -> Option<Self> {
        let address = address::of_configuration(url).ok()?;
        let open = move || {
            let began = Instant::now();
            (Connection::open(&address, PATIENCE), began.elapsed())
        };
        let thread = thread::Builder::new().name("store".to_owned()).spawn(open);
        Some(Self(thread.ok()?))
    }

    /// Waits for it; returns too what of the patience it took.
    pub fn wait(self) -> (Result<Connection, NoAnswer>, Duration) {
        self.0.join().unwrap_or_else(|_panic| {
            let broken = "connecting failed".to_owned();
            (Err(NoAnswer::Connection(broken)), Duration::ZERO)
        })
    }
}
