//! The SQL that a program is given: in an option, an operand, a file, or on standard input.
//!
//! Where it is, the program's words say. Only programs that a rule names are looked at, so that no
//! file is asked for in vain. SQL that the line does not show is a word of which nothing is known.

use super::options::{self, Doubt};
use super::walker::{Place, Walker};
use super::{Content, Fed, STANDARD_INPUT, Span, Word};

impl Walker<'_> {
    /// Returns the SQL that a program is given.
    pub(super) fn sql(
        &mut self,
        program: &str,
        args: &[Word],
        place: &Place,
        fed: &Fed,
    ) -> Vec<Word> {
        let lore = self.lore;
        let Some(words) = lore.words(program) else {
            return Vec::new();
        };
        let Some(at) = words.sql.as_ref().filter(|_| lore.is_guarded(program)) else {
            return Vec::new();
        };
        let span = args.last().map_or(self.caller, |last| last.span);
        let with_value: Vec<&str> = at
            .option
            .iter()
            .chain(&at.file)
            .map(String::as_str)
            .collect();
        let mut found = Vec::new();
        // An option of which it is not known whether it takes a value may be one before the SQL.
        for doubt in [Doubt::TakesNot, Doubt::Takes] {
            let parsed = options::parse(args, Some(words), &with_value, doubt);
            for option in &parsed.options {
                let Some(value) = &option.value else { continue };
                if options_name(&at.option, &option.name, words) {
                    found.push(value.clone());
                } else if options_name(&at.file, &option.name, words) {
                    found.extend(self.file_of_sql(value, place, fed));
                }
            }
            if let Some(first) = at.operand {
                let operands = parsed.verb.into_iter().chain(parsed.operands);
                found.extend(operands.skip(first.saturating_sub(1)));
            }
            if !parsed.is_doubtful {
                break;
            }
        }
        if found.is_empty() {
            found.extend(self.fed_sql(fed, span, place));
        }
        found
    }

    /// Returns what stands in a file of SQL; nothing where there is no such file.
    fn file_of_sql(&mut self, file: &Word, place: &Place, fed: &Fed) -> Option<Word> {
        if file.known().as_deref() == Some("-") {
            return self.fed_sql(fed, file.span, place);
        }
        match self.own_paths(file, place).as_slice() {
            [path] => self.text_of(path, file.span),
            _ => Some(Word::unknown(file.span)),
        }
    }

    /// Returns the SQL on standard input; nothing where a person types it.
    fn fed_sql(&mut self, fed: &Fed, span: Span, place: &Place) -> Option<Word> {
        match fed {
            Fed::Text(text) => Some(text.clone()),
            Fed::Unknown => Some(Word::unknown(span)),
            Fed::File(word) => match word.known() {
                Some(path) if place.is_here() => self.text_of(&path, word.span),
                _ => Some(Word::unknown(word.span)),
            },
            Fed::Nothing => self.text_of(STANDARD_INPUT, span),
        }
    }

    /// Returns what was given of a file.
    fn text_of(&mut self, path: &str, span: Span) -> Option<Word> {
        match self.asked_for(path) {
            // Each call has its own copy: the same file a thousand times must not fill the memory.
            Some(Content::Text(text)) if self.may_expand(text.len()) => {
                Some(Word::plain(text, span))
            }
            Some(Content::Text(_)) => Some(Word::unknown(span)),
            Some(Content::Nothing) => None,
            Some(Content::Unseen) => Some(Word::unknown(span)),
            // Nobody looks: of a file that is named it is not known, and a person may type.
            None => (path != STANDARD_INPUT).then(|| Word::unknown(span)),
        }
    }
}

/// Whether an option as typed is one of these.
fn options_name(names: &[String], typed: &str, words: &super::Words) -> bool {
    names
        .iter()
        .any(|name| options::is_option(typed, name, Some(words)))
}
