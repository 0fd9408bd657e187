//! Reading one answer: a line or a key, typed after its question stood there.

use std::time::Duration;

use crate::gate::{Gone, Question};
use crate::text::ui as text;

use super::super::answer::{Answer, Did, Refusal};
use super::super::keys::{Decoder, Key};
use super::super::question::{self, Put};
use super::{Event, Terminal};

/// How long it must be quiet after something typed ahead before a question counts as asked. A
/// person does not answer within this time, and the rest of a block under way comes faster.
const QUIET: Duration = Duration::from_millis(20);
/// How long a lone ESC is waited on before it counts as the key.
const ESCAPE: Duration = Duration::from_millis(100);
/// More keys than this at once were not pressed one by one.
const AT_ONCE: usize = 4;

/// What came of one try to read an answer.
pub(super) enum Try<T> {
    /// The answer.
    Given(T),
    /// It does not count; the question is put again.
    Refused(Refusal),
    /// The question has to be drawn anew, because of this.
    Anew(Event),
}

impl Terminal {
    /// Puts a question again and again until `read` gives an answer.
    pub(super) fn put<T>(
        &mut self,
        question: &Question,
        read: fn(&mut Self, &mut Answer, &Put) -> Result<Try<T>, Gone>,
    ) -> Result<T, Gone> {
        let language = self.options.language;
        let mut note = question.again.clone();
        let mut answer = Answer::default();
        loop {
            self.come_to_the_front()?;
            let put = question::rows(question, note.as_deref(), language, self.paper());
            let came = match self.stand(&put)? {
                Some(event) => Try::Anew(event),
                None => read(self, &mut answer, &put)?,
            };
            match came {
                Try::Given(given) => {
                    self.set_paste(false)?;
                    return Ok(given);
                }
                Try::Refused(refusal) => {
                    answer = Answer::default();
                    note = Some(match refusal {
                        Refusal::Pasted => text::refused_paste(language),
                        Refusal::Block => text::refused_block(language),
                        Refusal::NotUtf8 => text::refused_not_utf8(language),
                        Refusal::TooLong => text::refused_too_long(language),
                    });
                }
                Try::Anew(Event::Resized) => {
                    answer.row_is_new();
                    self.draw_at_new_size()?;
                }
                Try::Anew(Event::Continued | Event::Typed(_) | Event::Quiet) => {
                    answer = Answer::default();
                    self.come_to_the_front()?;
                    self.draw_again()?;
                }
            }
        }
    }

    /// Draws a question, throws away what was typed before, and then writes the prompt mark.
    /// Returns an event where it has to be drawn anew.
    fn stand(&mut self, put: &Put) -> Result<Option<Event>, Gone> {
        self.standing = None;
        for row in &put.rows {
            self.write(&format!("{row}\n"))?;
        }
        self.set_paste(true)?;
        self.device.wait_written();
        let mut decoder = Decoder::default();
        // Where nothing was typed ahead, the question need not wait for quiet.
        let mut limit = Duration::ZERO;
        loop {
            match self.event(Some(limit), true)? {
                Event::Typed(bytes) => {
                    for byte in bytes {
                        decoder.feed(byte);
                    }
                    limit = if decoder.is_in_paste() {
                        50 * QUIET
                    } else {
                        QUIET
                    };
                }
                Event::Quiet => break,
                event @ (Event::Continued | Event::Resized) => return Ok(Some(event)),
            }
        }
        self.device.discard_typed();
        self.write(&put.prompt)?;
        self.is_mid_row = true;
        Ok(None)
    }

    /// Reads a line.
    pub(super) fn read_line(
        &mut self,
        answer: &mut Answer,
        put: &Put,
    ) -> Result<Try<String>, Gone> {
        let mut decoder = Decoder::default();
        // One column stays free, so that the cursor never hangs over the edge.
        let room = self.size().columns.saturating_sub(put.prompt_width + 1);
        let echo = answer.echo(room);
        self.write(&echo)?;
        loop {
            let bytes = match self.event(None, true)? {
                Event::Typed(bytes) => bytes,
                Event::Quiet => continue,
                event @ (Event::Continued | Event::Resized) => return self.anew(event),
            };
            let mut rest = bytes.iter();
            while let Some(byte) = rest.next() {
                let Some(key) = decoder.feed(*byte) else {
                    continue;
                };
                match answer.press(key) {
                    Did::Edited => {}
                    Did::End => return Err(Gone::EndOfInput),
                    Did::Refused(refusal) => return self.refused(refusal),
                    Did::Done => {
                        let echo = answer.echo(room);
                        self.write(&echo)?;
                        if self.is_block(rest.as_slice())? {
                            return self.refused(Refusal::Block);
                        }
                        self.end_row()?;
                        return Ok(Try::Given(std::mem::take(answer).into_text()));
                    }
                }
            }
            let echo = answer.echo(room);
            self.write(&echo)?;
        }
    }

    /// Reads a key. Keys that have no character of their own come as their control character.
    pub(super) fn read_key(&mut self, _: &mut Answer, _: &Put) -> Result<Try<char>, Gone> {
        let mut decoder = Decoder::default();
        loop {
            let limit = decoder.is_after_escape().then_some(ESCAPE);
            let bytes = match self.event(limit, true)? {
                Event::Typed(bytes) => bytes,
                Event::Quiet => {
                    self.end_row()?;
                    return Ok(Try::Given('\u{1b}'));
                }
                event @ (Event::Continued | Event::Resized) => return self.anew(event),
            };
            let keys: Vec<Key> = bytes
                .into_iter()
                .filter_map(|byte| decoder.feed(byte))
                .collect();
            if keys.contains(&Key::Pasted) {
                return self.refused(Refusal::Pasted);
            }
            if keys.len() > AT_ONCE {
                return self.refused(Refusal::Block);
            }
            let key = match keys.first() {
                None => continue,
                Some(Key::Char(character)) => {
                    self.write(&character.to_string())?;
                    *character
                }
                Some(Key::End) => return Err(Gone::EndOfInput),
                Some(Key::NotUtf8) => return self.refused(Refusal::NotUtf8),
                Some(Key::Enter) => '\n',
                Some(Key::Erase | Key::EraseWord | Key::EraseAll | Key::Pasted) => '\u{8}',
            };
            self.end_row()?;
            return Ok(Try::Given(key));
        }
    }

    /// Returns whether anything but line ends came with the line end that completes an answer.
    fn is_block(&mut self, rest: &[u8]) -> Result<bool, Gone> {
        let is_more = |bytes: &[u8]| bytes.iter().any(|byte| !matches!(byte, b'\r' | b'\n'));
        if is_more(rest) {
            return Ok(true);
        }
        let ready = self
            .device
            .wait_readable(self.signals.wake(), Some(QUIET / 2));
        if !ready.terminal {
            return Ok(false);
        }
        let bytes = self.device.read().map_err(|_| self.vanished())?;
        Ok(is_more(&bytes))
    }

    /// Ends the row and says that the answer does not count.
    fn refused<T>(&mut self, refusal: Refusal) -> Result<Try<T>, Gone> {
        self.end_row()?;
        Ok(Try::Refused(refusal))
    }

    /// Ends the row and says that the question has to be drawn anew.
    fn anew<T>(&mut self, event: Event) -> Result<Try<T>, Gone> {
        self.end_row()?;
        Ok(Try::Anew(event))
    }

    /// Ends the row in which the answer stands, unless it was left already.
    fn end_row(&mut self) -> Result<(), Gone> {
        if std::mem::take(&mut self.is_mid_row) {
            self.write("\n")?;
        }
        Ok(())
    }
}
