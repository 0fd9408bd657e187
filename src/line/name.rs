//! A program's base name, as far as its word tells.

use super::{Piece, Word};

/// What is known of a program's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// This base name.
    Known(String),
    /// Only the run will tell.
    Unknown,
}

/// Returns the base name of a program. A file pattern in it is not known, unless it can stand for
/// one name alone (`systemct[l]`).
pub(super) fn name_of(program: &Word) -> Name {
    let mut name = String::new();
    let mut is_pattern = false;
    for piece in &program.pieces {
        match piece {
            Piece::Text { text, quoted, .. } => {
                let base = match text.rfind('/') {
                    Some(slash) => {
                        name.clear();
                        is_pattern = false;
                        text.get(slash + 1..).unwrap_or_default()
                    }
                    None => text,
                };
                is_pattern |= !quoted && base.contains(['*', '?', '[']);
                name.push_str(base);
            }
            Piece::Unknown { .. } => {
                name.clear();
                // A slash after it makes the rest known again.
                name.push('\0');
            }
        }
    }
    if is_pattern && name != "[" {
        name = match single_brackets(&name) {
            Some(name) => name,
            None => return Name::Unknown,
        };
    }
    if name.contains('\0') {
        return Name::Unknown;
    }
    Name::Known(name)
}

/// Returns a file pattern that stands for one name alone, as that name.
fn single_brackets(pattern: &str) -> Option<String> {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('[') {
        let (inner, after) = after.split_once(']')?;
        if inner.chars().count() != 1 {
            return None;
        }
        name.push_str(before);
        name.push_str(inner);
        rest = after;
    }
    name.push_str(rest);
    (!name.contains(['*', '?'])).then_some(name)
}
