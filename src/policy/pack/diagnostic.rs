//! Mistakes in rule files: plain data for `--json`, and the text with the line underlined.
//!
//! A mistake knows its place in bytes, and as line and column from 1; columns count characters.

use std::cell::RefCell;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

use super::SourceFile;

/// One mistake in a rule file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mistake {
    /// The file's name as it was given.
    pub file: String,
    /// The bytes that are wrong, from `start` up to but without `end`.
    pub start: usize,
    /// One past the last byte that is wrong.
    pub end: usize,
    /// Line from 1.
    pub line: usize,
    /// Column from 1, in characters.
    pub column: usize,
    /// What is wrong: a fragment in lower case without a final stop.
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
}

impl Mistake {
    /// Returns the mistake at these bytes of `file`; a place beyond the text counts as its end.
    #[must_use]
    pub fn new(
        file: &SourceFile,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Self {
        let start = character_start(&file.text, span.start);
        let end = character_start(&file.text, span.end).max(start);
        let before = file.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Self {
            file: file.name.clone(),
            start,
            end,
            line: before.matches('\n').count() + 1,
            column,
            message,
            help,
        }
    }
}

/// Returns the nearest place at or before `at` where a character begins.
fn character_start(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How mistakes are told: the words beside them, and each of their texts in the reader's language.
///
/// The reader of rule files is a part of the build, too, and knows no language but English.
#[derive(Debug, Clone, Copy)]
pub struct Voice {
    /// What stands before a mistake.
    pub error: &'static str,
    /// What stands before a lint.
    pub warning: &'static str,
    /// What stands before how it is mended.
    pub help: &'static str,
    /// Returns a message, or how it is mended.
    pub text: fn(&str) -> String,
}

impl Voice {
    /// As the reader itself says it.
    pub const ENGLISH: Self = Self {
        error: "error",
        warning: "warning",
        help: "help",
        text: str::to_owned,
    };

    /// Returns the mistakes as text for a person, each with its line underlined; without colours.
    ///
    /// `files` are those that the mistakes were found in; one that is missing costs only the line.
    #[must_use]
    pub fn mistakes(self, mistakes: &[Mistake], files: &[SourceFile]) -> String {
        self.each(&Level::ERROR.with_name(self.error), mistakes, files)
    }

    /// Returns lints as text for a person, as [`Voice::mistakes`] does mistakes.
    #[must_use]
    pub fn lints(self, lints: &[Mistake], files: &[SourceFile]) -> String {
        self.each(&Level::WARNING.with_name(self.warning), lints, files)
    }

    /// Returns what was found as text, each with this word before it.
    fn each(self, level: &Level<'_>, found: &[Mistake], files: &[SourceFile]) -> String {
        let renderer = Renderer::plain();
        let shown = found.iter();
        let shown: Vec<String> = shown
            .map(|mistake| self.one(level, mistake, files, &renderer))
            .collect();
        shown.join("\n\n")
    }

    /// Returns one mistake as text.
    fn one(
        self,
        level: &Level<'_>,
        mistake: &Mistake,
        files: &[SourceFile],
        renderer: &Renderer,
    ) -> String {
        let said = |text: &String| shown(&(self.text)(text));
        let title = level.clone().primary_title(said(&mistake.message));
        let text = files
            .iter()
            .find(|file| file.name == mistake.file)
            .map_or("", |file| file.text.as_str());
        let (line, line_start) = line_at(text, mistake.start);
        let line = shown(line);
        // Only the first line is underlined: a mistake in a long array would hide the message.
        let start = mistake.start.saturating_sub(line_start).min(line.len());
        let end = mistake
            .end
            .saturating_sub(line_start)
            .clamp(start, line.len());
        let snippet = Snippet::source(line.as_str())
            .line_start(mistake.line)
            .path(mistake.file.as_str())
            .annotation(AnnotationKind::Primary.span(start..end));
        let mut group = title.element(snippet);
        if let Some(help) = &mistake.help {
            let help = Level::HELP.with_name(self.help).message(said(help));
            group = group.element(help);
        }
        renderer.render(&[group])
    }
}

/// Returns the mistakes as text for a person, in English: [`Voice::mistakes`].
#[must_use]
pub fn render(mistakes: &[Mistake], files: &[SourceFile]) -> String {
    Voice::ENGLISH.mistakes(mistakes, files)
}

/// Returns lints as text for a person, in English: [`Voice::lints`].
#[must_use]
pub fn render_lints(lints: &[Mistake], files: &[SourceFile]) -> String {
    Voice::ENGLISH.lints(lints, files)
}

/// Returns the line that byte `at` stands in, without its newline, and where it starts.
fn line_at(text: &str, at: usize) -> (&str, usize) {
    let start = text
        .get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let rest = text.get(start..).unwrap_or_default();
    (rest.split('\n').next().unwrap_or_default(), start)
}

/// Returns text from a rule file with control characters as spaces of the same length in bytes: a
/// rule file must not write to the terminal of who reads its mistakes, and columns must stay.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        let is_bidi = matches!(character, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match character.is_control() || is_bidi {
            true => safe.extend(std::iter::repeat_n(' ', character.len_utf8())),
            false => safe.push(character),
        }
    }
    safe
}

/// Collects what is found wrong while files are read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What makes a file unusable.
    mistakes: RefCell<Vec<Mistake>>,
    /// What works but should be written otherwise.
    lints: RefCell<Vec<Mistake>>,
}

impl Findings {
    /// Adds a mistake.
    pub(super) fn mistake(&self, mistake: Mistake) {
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Adds a lint.
    pub(super) fn lint(&self, lint: Mistake) {
        self.lints.borrow_mut().push(lint);
    }

    /// Returns mistakes and lints in the order of the files' names and places. A step list that
    /// several rules use is read for each of them, so equal ones are told once.
    pub(super) fn finish(self) -> (Vec<Mistake>, Vec<Mistake>) {
        let tidy = |found: RefCell<Vec<Mistake>>| {
            let mut found = found.into_inner();
            found.sort();
            found.dedup();
            found
        };
        (tidy(self.mistakes), tidy(self.lints))
    }
}
