//! The person at the controlling terminal.
//!
//! Own reading, key by key, with the terminal's echo and line editing off. The kernel's line
//! editing will not do: it shows the marks of a bracketed paste as `^[[200~`, erases one
//! column of a wide character, and cuts a line at 4,096 bytes. Ctrl-C, Ctrl-\ and Ctrl-Z stay the
//! kernel's, so that they reach the whole process group as ever.
//!
//! An answer counts only if it was typed after its question stood there: question, wait until it
//! is written, throw away all that came before, then the prompt mark, then read. A pasted block,
//! several lines at once, or bytes that are no UTF-8 are refused and the question is put again.
//!
//! Time is not read here but where a [`Clock`](crate::gate::Clock) is handed in.

mod operator;
mod reading;

use std::time::Duration;

use crate::gate::Gone;
use crate::gate::dialogue::{Look, Page};

use super::device::Device;
use super::layout::Paper;
use super::options::Options;
use super::signals::Signals;
use super::size::Size;

/// How long the size must have been steady before a page is drawn anew.
const STEADY: Duration = Duration::from_millis(100);
/// How long to wait before looking again whether this process is in the foreground.
const PATIENCE: Duration = Duration::from_millis(100);

/// The controlling terminal with a dialogue open. Dropping puts back modes and signals.
#[derive(Debug)]
pub struct Terminal {
    /// Language and look.
    options: Options,
    /// The device.
    device: Device,
    /// The handlers.
    signals: Signals,
    /// Whether bracketed paste was switched on.
    paste_is_on: bool,
    /// Whether the cursor stands behind a prompt.
    is_mid_row: bool,
    /// Whether the dialogue ended before its time, so that what is still typed must not reach
    /// whoever reads next.
    is_over: bool,
    /// The page that belongs to the question, for drawing it anew.
    page: Option<Page>,
    /// The look screen that stands right above the cursor.
    standing: Option<Standing>,
}

/// A look screen that stands right above the cursor and can be brought up to date.
#[derive(Debug)]
struct Standing {
    /// What it shows.
    look: Look,
    /// How many rows it has.
    rows: usize,
}

/// What happened while waiting.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// These bytes were typed.
    Typed(Vec<u8>),
    /// The process was stopped and continued: what stands on the screen is someone else's.
    Continued,
    /// The terminal has another size.
    Resized,
    /// The time is up.
    Quiet,
}

impl Terminal {
    /// Opens the controlling terminal.
    ///
    /// # Errors
    /// [`Gone::NoTerminal`] where there is none.
    pub fn open(options: Options) -> Result<Self, Gone> {
        let mut device = Device::open().ok_or(Gone::NoTerminal)?;
        let signals = Signals::install().map_err(|_| Gone::NoTerminal)?;
        // From here on nothing that is typed is echoed into what is drawn.
        device.set_modes().map_err(|_| Gone::Vanished)?;
        Ok(Self {
            options,
            device,
            signals,
            paste_is_on: false,
            is_mid_row: false,
            is_over: false,
            page: None,
            standing: None,
        })
    }

    /// Ends the dialogue and puts back modes, signals and mask; no trace is left for the command.
    ///
    /// # Errors
    /// Where an ending signal came that no question has seen yet: nothing may start then.
    pub fn close(mut self) -> Result<(), Gone> {
        // A Ctrl-Z that no question has seen yet still stops the job here.
        let seen = self.look_at_signals().map(|_| ());
        self.noting_end(seen)?;
        self.leave();
        self.signals.put_back();
        match self.signals.ending() {
            Some(gone) => Err(gone),
            None => Ok(()),
        }
    }

    /// Returns what pages are drawn on.
    fn paper(&self) -> Paper {
        Paper {
            width: self.size().columns,
            plain: self.options.plain || self.options.dumb,
            colour: self.options.colour && !self.options.plain && !self.options.dumb,
        }
    }

    /// Returns the size.
    fn size(&self) -> Size {
        self.device.size()
    }

    /// Writes a text, waiting while the terminal takes nothing.
    fn write(&mut self, text: &str) -> Result<(), Gone> {
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            match self.device.write(bytes) {
                Ok(0) => {
                    if let Some(gone) = self.signals.ending() {
                        return Err(gone);
                    }
                    let ready = self.device.wait_writable(self.signals.wake(), None);
                    self.signals.drain();
                    if ready.hung_up {
                        return Err(self.vanished());
                    }
                }
                Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
                Err(_) => return Err(self.vanished()),
            }
        }
        Ok(())
    }

    /// Waits for what comes next, at most `limit`; keys are read only where `read`.
    fn event(&mut self, limit: Option<Duration>, read: bool) -> Result<Event, Gone> {
        loop {
            if let Some(event) = self.look_at_signals()? {
                return Ok(event);
            }
            let ready = if read {
                self.device.wait_readable(self.signals.wake(), limit)
            } else {
                self.device.wait_quietly(self.signals.wake(), limit)
            };
            if let Some(event) = self.look_at_signals()? {
                return Ok(event);
            }
            if ready.terminal {
                let bytes = self.device.read().map_err(|_| self.vanished())?;
                if !bytes.is_empty() {
                    return Ok(Event::Typed(bytes));
                }
            } else if ready.hung_up {
                return Err(self.vanished());
            } else if limit.is_some() {
                return Ok(Event::Quiet);
            }
        }
    }

    /// Takes the signals that came, and does what Ctrl-Z asks.
    fn look_at_signals(&mut self) -> Result<Option<Event>, Gone> {
        self.signals.drain();
        if let Some(gone) = self.signals.ending() {
            return Err(gone);
        }
        if self.signals.take_stop() {
            self.leave();
            self.signals.stop();
            self.signals.take_continued();
            return Ok(Some(Event::Continued));
        }
        if self.signals.take_continued() {
            return Ok(Some(Event::Continued));
        }
        if self.signals.take_resized() {
            self.wait_steady();
            return Ok(Some(Event::Resized));
        }
        Ok(None)
    }

    /// Waits until the size is steady, or another signal came.
    fn wait_steady(&self) {
        loop {
            self.device.wait_quietly(self.signals.wake(), Some(STEADY));
            self.signals.drain();
            if !self.signals.take_resized() {
                return;
            }
        }
    }

    /// Makes sure that this process may ask: in the background it stops until `fg`, then the
    /// dialogue's modes are set.
    fn come_to_the_front(&mut self) -> Result<(), Gone> {
        while !self.device.is_foreground() {
            // Reading in the background is what makes the kernel stop the group with SIGTTIN; where
            // nobody could continue it, the kernel says EIO instead.
            self.device.read().map_err(|_| self.vanished())?;
            if !self.device.is_foreground() {
                self.device
                    .wait_quietly(self.signals.wake(), Some(PATIENCE));
            }
            self.look_at_signals()?;
        }
        self.device.set_modes().map_err(|_| self.vanished())?;
        // Continuing and a new size are no news any more: all is drawn after this.
        self.signals.take_continued();
        self.signals.take_resized();
        Ok(())
    }

    /// Switches bracketed paste on or off.
    fn set_paste(&mut self, on: bool) -> Result<(), Gone> {
        if self.paste_is_on != on && !self.options.dumb {
            self.write(if on { "\x1b[?2004h" } else { "\x1b[?2004l" })?;
            self.paste_is_on = on;
        }
        Ok(())
    }

    /// Puts the terminal back as it was. Never waits: the terminal may take nothing any more.
    fn leave(&mut self) {
        if self.device.is_foreground() {
            if self.paste_is_on {
                let _ = self.device.write(b"\x1b[?2004l");
            }
            if self.is_over {
                self.device.discard_typed();
            }
        }
        self.paste_is_on = false;
        self.is_mid_row = false;
        self.device.put_modes_back();
    }

    /// Returns how the terminal went: by SIGHUP where that came too.
    fn vanished(&self) -> Gone {
        self.signals.ending().unwrap_or(Gone::Vanished)
    }

    /// Notes that the dialogue is over where it is, and goes to a new row.
    fn noting_end<T>(&mut self, result: Result<T, Gone>) -> Result<T, Gone> {
        if result.is_err() {
            self.is_over = true;
            if std::mem::take(&mut self.is_mid_row) {
                let _ = self.device.write(b"\n");
            }
        }
        result
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}
