//! The terminal as the gate's [`Operator`]: pages, questions, the countdown.

use std::time::Duration;

use crate::gate::dialogue::{Look, Page, Progress, Waited};
use crate::gate::{Clock, Gone, Operator, Question};
use crate::text::Language;
use crate::text::ui as text;

use super::super::countdown;
use super::super::layout::{Sheet, Tone, cells};
use super::super::page;
use super::super::safe;
use super::{Event, Standing, Terminal};

/// Longest sleep between two looks at the clock: it may jump while the host sleeps.
const TICK: Duration = Duration::from_millis(250);
/// Ctrl-D.
const END: u8 = 0x04;
/// In plain mode the countdown speaks this often, in seconds.
const SPEAK: u64 = 10;

impl Operator for Terminal {
    fn language(&self) -> Language {
        self.options.language
    }

    fn page(&mut self, page: &Page) -> Result<(), Gone> {
        let drawn = self.draw_page(page);
        self.noting_end(drawn)
    }

    fn ask(&mut self, question: &Question) -> Result<String, Gone> {
        let answer = self.put(question, Self::read_line);
        self.noting_end(answer)
    }

    fn key(&mut self, question: &Question) -> Result<char, Gone> {
        let key = self.put(question, Self::read_key);
        self.noting_end(key)
    }

    fn wait(&mut self, progress: Progress, until: Duration, clock: &dyn Clock) -> Result<(), Gone> {
        let waited = self.count_down(progress, until, clock, false, &mut || false);
        self.noting_end(waited.map(drop))
    }

    fn wait_for(
        &mut self,
        progress: Progress,
        until: Duration,
        clock: &dyn Clock,
        may_leave: bool,
        is_over: &mut dyn FnMut() -> bool,
    ) -> Result<Waited, Gone> {
        let waited = self.count_down(progress, until, clock, may_leave, is_over);
        self.noting_end(waited)
    }

    // An ending signal is left to the next question: what is said may be why all ended.
    fn say(&mut self, text: &str) -> Result<(), Gone> {
        self.standing = None;
        let mut sheet = Sheet::new(self.paper());
        for line in text.lines() {
            sheet.add(&[], &cells(&safe::value(line), Tone::Normal));
        }
        let said = self.write_rows(&sheet.into_rows());
        self.noting_end(said)
    }

    fn step_aside(&mut self, meanwhile: &mut dyn FnMut()) -> Result<(), Gone> {
        self.standing = None;
        self.device.put_modes_back();
        meanwhile();
        let there = self.take_back();
        self.noting_end(there)
    }

    fn still_there(&mut self) -> Result<(), Gone> {
        let there = self.look_around();
        self.noting_end(there)
    }
}

impl Terminal {
    /// Takes the terminal back from another program.
    fn take_back(&mut self) -> Result<(), Gone> {
        self.look_around()?;
        self.device.set_modes().map_err(|_| self.vanished())
    }

    /// Takes signals and looks whether the terminal is still there, without waiting.
    fn look_around(&mut self) -> Result<(), Gone> {
        let event = self.look_at_signals()?;
        if event.is_some() {
            // What plain mode told stays told at any width.
            if event == Some(Event::Continued) || !self.paper().plain {
                self.standing = None;
            }
            self.device.set_modes().map_err(|_| self.vanished())?;
        }
        let ready = self.device.wait_quietly(None, Some(Duration::ZERO));
        if ready.hung_up {
            return Err(self.vanished());
        }
        Ok(())
    }

    /// Draws a page; a look screen that stands there is brought up to date instead.
    fn draw_page(&mut self, page: &Page) -> Result<(), Gone> {
        self.look_around()?;
        // Keys typed from here on are not echoed into the page.
        self.device.set_modes().map_err(|_| self.vanished())?;
        match page {
            Page::Look(look) if self.paper().plain => self.tell_look(look)?,
            Page::Look(look) => self.draw_look(look)?,
            Page::Last(_) | Page::After(_) => {
                self.standing = None;
                let rows = page::rows(page, self.options.language, self.paper());
                self.write_rows(&rows)?;
            }
        }
        self.page = Some(page.clone());
        Ok(())
    }

    /// Returns the first row that differs from the page that stands there; `None` where that was drawn
    /// otherwise than it would be now.
    fn changed(&self, standing: &Standing, rows: &[String]) -> Option<usize> {
        let page = Page::Look(standing.look.clone());
        let before = page::rows(&page, self.options.language, self.paper());
        let same = before.iter().zip(rows).take_while(|(old, new)| old == new);
        (before.len() == standing.rows).then(|| same.count())
    }

    /// Draws a look screen, over the earlier state of itself where that stands there.
    fn draw_look(&mut self, look: &Look) -> Result<(), Gone> {
        let page = Page::Look(look.clone());
        let rows = page::rows(&page, self.options.language, self.paper());
        let size = self.size();
        if let Some(standing) = self.standing.take().filter(|s| is_same(&s.look, look)) {
            if standing.look == *look {
                self.standing = Some(standing);
                return Ok(());
            }
            if let Some(from) = self.changed(&standing, &rows).filter(|_| size.fits)
                && standing.rows - from < size.rows
            {
                // What is above stays as it is; it may have left the screen.
                if standing.rows > from {
                    self.write(&format!("\x1b[{}A\r\x1b[J", standing.rows - from))?;
                }
                self.write_rows(rows.get(from..).unwrap_or_default())?;
                self.standing = Some(Standing {
                    look: look.clone(),
                    rows: rows.len(),
                });
                return Ok(());
            } else if look.sights.iter().any(|sight| sight.seen.is_none()) {
                // Too long to be drawn over: it is drawn once more when all was seen.
                self.standing = Some(standing);
                return Ok(());
            }
        }
        self.write_rows(&rows)?;
        self.standing = Some(Standing {
            look: look.clone(),
            rows: rows.len(),
        });
        Ok(())
    }

    /// Tells a look screen line by line: what was told before is not told again.
    fn tell_look(&mut self, look: &Look) -> Result<(), Gone> {
        let language = self.options.language;
        let mut sheet = Sheet::new(self.paper());
        let told = self.standing.take().filter(|s| is_same(&s.look, look));
        if told.is_none() {
            page::look::top(look, language, &mut sheet);
            if look.sights.iter().any(|sight| sight.seen.is_none()) {
                sheet.add(&[], &cells(&text::looking(language), Tone::Normal));
            }
        }
        for (n, sight) in look.sights.iter().enumerate() {
            let before = told.as_ref().and_then(|told| told.look.sights.get(n));
            if sight.seen.is_some() && before != Some(sight) {
                page::sight::draw_all(std::slice::from_ref(sight), language, &mut sheet);
            }
        }
        self.write_rows(&sheet.into_rows())?;
        self.standing = Some(Standing {
            look: look.clone(),
            rows: 0,
        });
        Ok(())
    }

    /// Draws the page once more below what someone else wrote.
    pub(super) fn draw_again(&mut self) -> Result<(), Gone> {
        self.standing = None;
        match self.page.take() {
            Some(page) => self.draw_page(&page),
            None => Ok(()),
        }
    }

    /// Draws the page once more at a new size: the old one, broken by the terminal, is scrolled
    /// away. Plain mode leaves what stands there to the reader.
    pub(super) fn draw_at_new_size(&mut self) -> Result<(), Gone> {
        if self.paper().plain || self.page.is_none() {
            return Ok(());
        }
        let rows = self.size().rows;
        self.write(&format!("{}\x1b[H\x1b[J", "\n".repeat(rows)))?;
        self.draw_again()
    }

    /// Writes rows.
    fn write_rows(&mut self, rows: &[String]) -> Result<(), Gone> {
        let text: String = rows.iter().flat_map(|row| [row.as_str(), "\n"]).collect();
        self.write(&text)
    }

    /// Counts down, unless it `is_over` before. In the background it goes on in silence: nothing is
    /// asked.
    fn count_down(
        &mut self,
        progress: Progress,
        until: Duration,
        clock: &dyn Clock,
        may_leave: bool,
        is_over: &mut dyn FnMut() -> bool,
    ) -> Result<Waited, Gone> {
        self.standing = None;
        let plain = self.paper().plain;
        let mut shown = None;
        let waited = loop {
            let left = until.saturating_sub(clock.now().boot);
            let seconds = countdown::seconds(left);
            if shown != Some(seconds) && self.device.is_foreground() {
                self.device.set_modes().map_err(|_| self.vanished())?;
                self.show_left(progress, seconds, shown.is_none())?;
                shown = Some(seconds);
            }
            if left.is_zero() {
                break Waited::TimeUp;
            }
            if is_over() {
                break Waited::Over;
            }
            let next = Duration::from_nanos(u64::from(left.subsec_nanos()));
            let limit = if next.is_zero() { TICK } else { next.min(TICK) };
            // In the background a read would stop the gate.
            let reads = may_leave && self.device.is_foreground();
            match self.event(Some(limit), reads)? {
                Event::Continued | Event::Resized => shown = None,
                Event::Typed(bytes) if bytes.contains(&END) => break Waited::Left,
                Event::Typed(_) | Event::Quiet => {}
            }
        };
        self.is_mid_row = false;
        match plain {
            // What came before the time is told by whoever waited for it.
            true if waited != Waited::TimeUp => {}
            true => self.say_waited()?,
            false => self.write("\n")?,
        }
        Ok(waited)
    }

    /// Shows the time left: in place, or in plain mode as a line now and then.
    fn show_left(&mut self, step: Progress, seconds: u64, is_first: bool) -> Result<(), Gone> {
        let language = self.options.language;
        if !self.paper().plain {
            let row = countdown::row(step, seconds, language, self.size().columns);
            self.is_mid_row = true;
            return self.write(&format!("\r{row}\x1b[K"));
        }
        if seconds > 0 && (is_first || seconds.is_multiple_of(SPEAK)) {
            let line = countdown::line(step, seconds, language);
            return self.write(&format!("{line}\n"));
        }
        Ok(())
    }

    /// Says in plain mode that the wait is over.
    fn say_waited(&mut self) -> Result<(), Gone> {
        let waited = text::waited(self.options.language);
        self.write(&format!("{waited}\n"))
    }
}

/// Returns whether two look screens differ at most in what was seen.
fn is_same(one: &Look, other: &Look) -> bool {
    one.line == other.line && one.rules == other.rules && one.drill == other.drill
}
