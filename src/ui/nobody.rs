//! The operator where there is none: a line that permits alone clear.
//!
//! Pages go nowhere but for what held the line and what permits it, which is said once on standard
//! error, so that a job's mail tells it. Every question is an end.

use std::time::Duration;

use crate::gate::dialogue::{Page, Progress, Waited};
use crate::gate::{Clock, Gone, Operator, Question};
use crate::text::{Language, gate as say};

use super::notice::notice;
use super::page::look;

/// Nobody.
#[derive(Debug, Clone, Copy)]
pub struct Nobody {
    language: Language,
    has_said: bool,
}

impl Nobody {
    /// Returns nobody, to whom notices are said in this language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            language,
            has_said: false,
        }
    }
}

impl Operator for Nobody {
    fn language(&self) -> Language {
        self.language
    }

    fn page(&mut self, page: &Page) -> Result<(), Gone> {
        if let Page::Look(look) = page
            && !std::mem::replace(&mut self.has_said, true)
        {
            for rule in &look.rules {
                let title = rule.title.in_language(self.language.tag());
                notice(&say::held_by(self.language, &rule.id, title));
            }
            for freeze in &look.frozen {
                notice(&look::frozen(freeze, self.language));
            }
            for permit in &look.permits {
                notice(&look::permitted(permit, self.language));
            }
        }
        Ok(())
    }

    fn ask(&mut self, _question: &Question) -> Result<String, Gone> {
        Err(Gone::NoTerminal)
    }

    fn key(&mut self, _question: &Question) -> Result<char, Gone> {
        Err(Gone::NoTerminal)
    }

    fn wait(&mut self, _: Progress, _: Duration, _: &dyn Clock) -> Result<(), Gone> {
        Err(Gone::NoTerminal)
    }

    fn wait_for(
        &mut self,
        _: Progress,
        _: Duration,
        _: &dyn Clock,
        _: bool,
        _: &mut dyn FnMut() -> bool,
    ) -> Result<Waited, Gone> {
        Err(Gone::NoTerminal)
    }

    fn say(&mut self, text: &str) -> Result<(), Gone> {
        notice(text);
        Ok(())
    }

    fn step_aside(&mut self, _meanwhile: &mut dyn FnMut()) -> Result<(), Gone> {
        Err(Gone::NoTerminal)
    }

    fn still_there(&mut self) -> Result<(), Gone> {
        Ok(())
    }

    fn is_person(&self) -> bool {
        false
    }
}
