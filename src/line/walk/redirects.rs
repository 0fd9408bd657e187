//! Redirects: what a command writes, and what it reads.

use super::super::shell::ast::{Redirect, RedirectKind};
use super::super::walker::{Frame, Place, Redirected, Walker};
use super::super::{Fed, TooMuch, Word, Write};

impl Walker<'_> {
    /// Reads a command's redirects.
    pub(super) fn redirects(
        &mut self,
        redirects: &[Redirect],
        frame: &Frame<'_>,
        place: &Place,
    ) -> Result<Redirected, TooMuch> {
        let mut redirected = Redirected::default();
        for redirect in redirects {
            let is_document = matches!(redirect.kind, RedirectKind::Document(_));
            let word = match is_document {
                true => Word::default(),
                false => self.whole(&redirect.word.parts, redirect.word.span, frame, place)?,
            };
            let span = frame.source.outer(redirect.span);
            match redirect.kind {
                RedirectKind::Read => {
                    if redirect.is_standard {
                        let made = self.text_in(&word);
                        redirected.fed = Some(match made {
                            Some(text) => Fed::Text(text),
                            None if word.is_known() && place.is_here() => self.fed_by(&word),
                            None => Fed::Unknown,
                        });
                    }
                }
                RedirectKind::Write => {
                    if redirect.is_standard {
                        let appends = frame.source.slice(redirect.span).contains(">>");
                        redirected.prints_to.push((word.clone(), appends));
                    }
                    redirected.writes.push(Write { path: word, span });
                }
                RedirectKind::Duplicate { output } => {
                    let text = word.known().unwrap_or_default();
                    let is_descriptor = text
                        .trim_end_matches('-')
                        .bytes()
                        .all(|b| b.is_ascii_digit());
                    if output && !is_descriptor {
                        redirected.writes.push(Write { path: word, span });
                    }
                }
                RedirectKind::HereString => redirected.fed = Some(Fed::Text(word)),
                RedirectKind::Document(number) => {
                    if let Some(document) = frame.script.documents.get(number) {
                        let word = self.whole(&document.parts, document.span, frame, place)?;
                        if redirect.is_standard {
                            redirected.fed = Some(Fed::Text(word));
                        }
                    }
                }
            }
        }
        Ok(redirected)
    }
}
