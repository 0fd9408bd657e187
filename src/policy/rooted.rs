//! Operands and written paths as the absolute paths that they are in the folder of an invocation.
//!
//! In: a word as typed and the folders in which the invocation may run. Out: the word as a path from
//! the root, reckoned by its text alone (`.`, `..`, doubled slashes). A link on the way is not seen.

use crate::line::folder::{self, is_login, normal};
use crate::line::{Invocation, Moves, Piece, Via, Word};

use super::facts::{Fact, Facts};
use super::scene::Scene;

/// A folder in which an invocation may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its absolute path.
    path: String,
    /// Whether the line itself says it.
    is_said: bool,
}

/// Returns the folders in which an invocation may run, as far as they are known: what the line says,
/// or, on this host, counted from where the line begins. A login begins in a home, another host and
/// another time where nobody knows.
pub(super) fn folders(invocation: &Invocation, facts: &dyn Facts) -> Vec<Folder> {
    let leaves = |via: &Via| {
        let is_moved = matches!(
            via.moves,
            Some(Moves::Host | Moves::Container | Moves::Later)
        );
        is_moved || is_login(via)
    };
    let said = folder::folders(invocation.folder.as_ref()).unwrap_or_default();
    let is_relative = |folder: &String| !folder.starts_with('/');
    let start = match said.iter().any(is_relative) && !invocation.via.iter().any(leaves) {
        true => facts.cwd(),
        false => Fact::Unknown,
    };
    let start = match start {
        Fact::Known(names) => names.into_iter().find(|name| name.starts_with('/')),
        Fact::Unknown => None,
    };
    let each = said.into_iter().filter_map(|folder| {
        let is_said = !folder.is_empty();
        let path = match &start {
            _ if folder.starts_with('/') => normal(&folder),
            Some(start) => normal(&format!("{start}/{folder}")),
            None => return None,
        };
        Some(Folder { path, is_said })
    });
    each.collect()
}

/// Which words of an invocation are taken as absolute paths.
#[derive(Clone, Copy)]
pub(super) struct Roots<'r, 's> {
    /// The invocation, and in which folders it may run.
    pub(super) scene: &'r Scene<'s>,
    /// Whether the rule is one for what cannot be undone: for those alone the folder counts in which
    /// the line begins, as daily work in a home or in `/etc` would be asked about else.
    pub(super) is_grave: bool,
}

impl Roots<'_, '_> {
    /// Returns the absolute paths that a word may be, where they are not what was typed.
    pub(super) fn paths(&self, word: &Word) -> Vec<Word> {
        let beginning = word.beginning();
        let (key, path) = parted(&beginning);
        let rooted = |path: &str| with_beginning(word, &format!("{key}{}", normal(path)));
        if path.starts_with('/') {
            return match *normal(path) == *path || has_dots_later(word) {
                true => Vec::new(),
                false => vec![rooted(path)],
            };
        }
        if !is_relative_path(path) {
            return Vec::new();
        }
        let folders = self.scene.folders().iter();
        let folders = folders.filter(|folder| self.is_grave || folder.is_said);
        folders
            .map(|folder| rooted(&format!("{}/{path}", folder.path)))
            .collect()
    }

    /// Returns the text in which a word stands with the absolute path in its place: what a rule's
    /// `line` then looks at.
    pub(super) fn text_with(&self, word: &Word, path: &Word) -> String {
        let invocation = self.scene.invocation;
        let (text, start) = match &invocation.origin {
            // Places of words are those of the script, of which the call alone is kept.
            Some(origin) => (origin.text.as_str(), invocation.program.span.start),
            None => (self.scene.text, 0),
        };
        let place = |at: usize| at.checked_sub(start);
        let parts = place(word.span.start)
            .zip(place(word.span.end))
            .and_then(|(start, end)| text.get(..start).zip(text.get(end..)));
        let path = path.shown();
        match parts {
            Some((before, after)) => format!("{before}{path}{after}"),
            None => format!("{text} {path}"),
        }
    }
}

/// Parts `name=` from what stands behind it (`of=x`).
fn parted(text: &str) -> (&str, &str) {
    let name = text.find('=').filter(|at| {
        let name = text.get(..*at).unwrap_or_default();
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    name.and_then(|at| text.split_at_checked(at + 1))
        .unwrap_or(("", text))
}

/// Returns whether a text is, or begins, a path that counts from the working directory: no option,
/// no `host:path`, no `name=value`.
fn is_relative_path(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    !text.is_empty() && !text.starts_with(['-', '+', '@', '~']) && !first.contains([':', '='])
}

/// Returns whether behind a part that is not known the path goes up again: what it is then cannot be
/// told.
fn has_dots_later(word: &Word) -> bool {
    !word.is_known() && word.shown().contains("…/..")
}

/// Returns a word with another text in place of its known beginning.
fn with_beginning(word: &Word, text: &str) -> Word {
    let is_text = |piece: &&Piece| matches!(piece, Piece::Text { .. });
    let n_known = word.pieces.iter().take_while(is_text).count();
    let quoted = word
        .pieces
        .first()
        .is_some_and(|piece| matches!(piece, Piece::Text { quoted: true, .. }));
    let first = Piece::Text {
        text: text.to_owned(),
        span: word.span,
        quoted,
    };
    let rest = word.pieces.iter().skip(n_known).cloned();
    Word {
        pieces: std::iter::once(first).chain(rest).collect(),
        ..word.clone()
    }
}
