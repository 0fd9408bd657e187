//! Whether a path that is written to fits: here, or at the host that stands before its colon.

use crate::line::{Piece, Word};
use crate::policy::pattern::Pattern;
use crate::policy::rule::AnyOf;

use super::any_fits;

/// Whether a written path fits a plain entry and no `!` entry.
///
/// Where the beginning of a path is not known, nothing speaks for `/etc/postfix/*` in `> $f.bak`: an
/// entry that takes any end must fit the known rest by itself. One with an end of its own fits as in
/// any doubt: `> $root/proc/sysrq-trigger`.
pub(super) fn path_fits(entries: &AnyOf<Pattern>, path: &Word) -> bool {
    if let Some((at_hosts, here)) = by_host(entries) {
        let rest = after_host(path).filter(begins_known);
        return rest.is_some_and(|rest| any_fits(&at_hosts, std::iter::once(&rest)))
            || (!here.is_empty() && path_fits(&here, path));
    }
    // `$folder/$name/` says no more than `$path` does.
    let is_open = |piece: &Piece| match piece {
        Piece::Unknown { .. } => true,
        Piece::Text { text, .. } => text.bytes().all(|byte| byte == b'/'),
    };
    if begins_known(path) || path.pieces.is_empty() {
        return any_fits(entries, std::iter::once(path));
    }
    let n_open = path
        .pieces
        .iter()
        .take_while(|piece| is_open(piece))
        .count();
    if n_open == path.pieces.len() {
        let unknown = Word {
            pieces: path.pieces.iter().take(1).cloned().collect(),
            ..path.clone()
        };
        return any_fits(entries, std::iter::once(&unknown));
    }
    let rest = Word {
        pieces: path.pieces.iter().skip(n_open).cloned().collect(),
        ..path.clone()
    };
    let closed = AnyOf {
        plain: entries.plain.iter().flat_map(with_an_end).collect(),
        not: entries.not.clone(),
    };
    any_fits(entries, std::iter::once(&rest))
        || (!closed.plain.is_empty() && any_fits(&closed, std::iter::once(path)))
}

/// Parts entries for written paths: those for paths at hosts (`*:/etc/*`), without their `*:`, and the
/// others; nothing where there are none for hosts.
fn by_host(entries: &AnyOf<Pattern>) -> Option<(AnyOf<Pattern>, AnyOf<Pattern>)> {
    let is_of_hosts = |pattern: &Pattern| pattern.as_written().contains("*:");
    if !entries.plain.iter().any(is_of_hosts) {
        return None;
    }
    let mut parted = [Vec::new(), Vec::new()];
    for pattern in &entries.plain {
        let alternatives = pattern.globs().unwrap_or_default();
        let [at_hosts, here] = &mut parted;
        for alternative in &alternatives {
            match alternative.strip_prefix("*:") {
                Some(path) => at_hosts.extend(Pattern::parse(path)),
                None => here.extend(Pattern::parse(alternative)),
            }
        }
        if alternatives.is_empty() {
            here.push(pattern.clone());
        }
    }
    let [at_hosts, here] = parted.map(|plain| AnyOf {
        plain,
        not: entries.not.clone(),
    });
    Some((at_hosts, here))
}

/// Returns the path of `host:path`; of `host::module` with a colon before it. Whether there is a
/// host at all must be known.
fn after_host(path: &Word) -> Option<Word> {
    for (number, piece) in path.pieces.iter().enumerate() {
        let Piece::Text { text, span, quoted } = piece else {
            continue;
        };
        let Some(at) = text.find([':', '/']) else {
            continue;
        };
        let rest = text.get(at..)?.strip_prefix(':')?;
        let after = path.pieces.iter().skip(number + 1).cloned();
        let is_begun = !matches!(rest, "" | ":");
        let first = is_begun.then(|| Piece::Text {
            text: rest.to_owned(),
            span: *span,
            quoted: *quoted,
        });
        return Some(Word {
            pieces: first.into_iter().chain(after).collect(),
            ..path.clone()
        });
    }
    None
}

/// Returns whether a word begins with a part that is known.
pub(super) fn begins_known(word: &Word) -> bool {
    matches!(word.pieces.first(), Some(Piece::Text { .. }))
}

/// Returns the alternatives of a glob that have an end of their own; of an expression that cannot be
/// told.
fn with_an_end(pattern: &Pattern) -> Vec<Pattern> {
    let written = pattern.as_written();
    if written.starts_with("re:") {
        return Vec::new();
    }
    let closed = written
        .split('|')
        .filter(|alternative| !alternative.ends_with(['*', '?']));
    closed
        .filter_map(|alternative| Pattern::parse(alternative).ok())
        .collect()
}
