//! When two runs are of the same invocation: the same words, however they are quoted, with secrets masked as
//! they are in the record.
//!
//! [`key`] says it in a form in which another host can be asked: a hash, which tells only whoever knows the
//! words already.

use sha2::{Digest as _, Sha256};

use crate::gate::record::Event;
use crate::line::{self, Givens, Line, Lore, Words, Wrapper};

/// Reasons for not being cleared with which the operator let go of a line.
const LET_GO: [&str; 6] = [
    "declined",
    "interrupted",
    "quit",
    "end-of-input",
    "wrong-call",
    "no-answer",
];

/// Returns whether the operator let go of a line with this event.
#[must_use]
pub fn is_let_go(event: &Event) -> bool {
    matches!(event, Event::NotCleared { reason, .. } if LET_GO.contains(&reason.as_str()))
}

/// Returns the words of one invocation, quotes taken away.
#[must_use]
pub fn words_of(text: &str) -> Vec<String> {
    let reading = line::read(
        &Line::shell(text.as_bytes()),
        &NothingKnown,
        &Givens::default(),
    );
    let invocation = reading
        .ok()
        .and_then(|reading| reading.invocations.into_iter().next());
    let Some(invocation) = invocation else {
        return vec![text.to_owned()];
    };
    let program = std::iter::once(&invocation.program);
    program
        .chain(&invocation.args)
        .map(line::Word::shown)
        .collect()
}

/// Returns what invocations of the same words have in common, and no others: 64 hex digits.
#[must_use]
pub fn key(text: &str) -> String {
    let mut hash = Sha256::new();
    for word in words_of(text) {
        // Where one word ends and the next begins counts.
        hash.update(word.len().to_le_bytes());
        hash.update(word);
    }
    let hash = hash.finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A lore without any program: words are compared, not understood.
struct NothingKnown;

impl Lore for NothingKnown {
    fn words(&self, _program: &str) -> Option<&Words> {
        None
    }
    fn wrappers(&self, _program: &str) -> &[Wrapper] {
        &[]
    }
    fn is_plain(&self, _program: &str) -> bool {
        true
    }
    fn is_guarded(&self, _program: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_of_the_words_and_not_of_their_quotes() {
        let plain = key("bill --month 10");
        assert_eq!(plain.len(), 64);
        assert_eq!(key("'bill'  --month \"10\""), plain);
        for other in [
            "bill --month 11",
            "bill --month1 0",
            "bill --month=10",
            "bill",
        ] {
            assert_ne!(key(other), plain, "{other}");
        }
    }
}
