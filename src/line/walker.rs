//! What a walk carries with it: what is known, what was found, and the limits.

use std::collections::{BTreeMap, BTreeSet};

use super::made::Files;
use super::scope::Scope;
use super::shell::ast::Script;
use super::source::Source;
use super::{
    Fed, Givens, Grammar, Invocation, Lore, MAX_DEPTH, MAX_INVOCATIONS, MAX_NESTED, MAX_WORDS,
    Moves, Needs, Piece, Span, Target, TooMuch, Via, Word, Write,
};

/// Collects the invocations of a line.
pub(super) struct Walker<'a> {
    /// What is known of programs.
    pub(super) lore: &'a dyn Lore,
    /// What was given of the world.
    pub(super) givens: &'a Givens,
    /// The line's or script's text, which spans point into.
    pub(super) line: &'a str,
    /// Where the call stands whose inside is being walked.
    pub(super) caller: Span,
    /// The number of the first invocation that was found in that text.
    pub(super) first: usize,
    /// What is known of variables where the walk stands.
    pub(super) scope: Scope,
    /// The invocations so far.
    pub(super) invocations: Vec<Invocation>,
    /// What was missing.
    pub(super) needs: Needs,
    /// Levels of nesting in use.
    pub(super) depth: usize,
    /// Invocations counted against the limit, repeated rounds of loops included.
    pub(super) n_invocations: usize,
    /// Bytes in texts within texts.
    n_nested: usize,
    /// Rounds of loops that were walked one by one.
    pub(super) n_rounds: usize,
    /// Words in all invocations.
    pub(super) n_words: usize,
    /// Functions whose bodies are being walked.
    pub(super) calling: BTreeSet<String>,
    /// What the line made names stand for (`alias r=reboot`).
    pub(super) aliases: BTreeMap<String, Word>,
    /// The words of the array that was expanded last.
    pub(super) array: Option<Vec<Word>>,
    /// Whether a command is being walked once more, with one of several values.
    pub(super) is_choosing: bool,
    /// What the line makes of files.
    pub(super) files: Files,
    /// Whether the program that is called next stands among the operands of one that is not known,
    /// each of which is tried as a program anyway.
    pub(super) is_tried: bool,
    /// How the shell reads text in which the walk stands.
    pub(super) grammar: Grammar,
    /// Bytes that variables gave.
    n_expanded: usize,
}

/// The text and tree that a walk is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'f> {
    /// The text.
    pub(super) source: &'f Source<'f>,
    /// Its tree.
    pub(super) script: &'f Script,
    /// What it stands in, where that is the same shell and so has the same functions.
    pub(super) outer: Option<&'f Frame<'f>>,
}

/// Where a command runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The wrappers around it, the outermost first.
    pub(super) via: Vec<Via>,
    /// The target.
    pub(super) target: Target,
    /// Whether it is only possibly run.
    pub(super) guessed: bool,
}

/// A command's standard input and whether its output is of interest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams<'s> {
    /// Standard input.
    pub(super) fed: &'s Fed,
    /// Whether what it prints goes where it may be run.
    pub(super) wants_output: bool,
}

/// What a command's redirects change.
#[derive(Debug, Default)]
pub(super) struct Redirected {
    /// The files that are written.
    pub(super) writes: Vec<Write>,
    /// The files that standard output goes to, and whether it is appended.
    pub(super) prints_to: Vec<(Word, bool)>,
    /// What is fed, where a redirect says so.
    pub(super) fed: Option<Fed>,
}

/// The most bytes that variables may give in one line; beyond, they are not known.
const MAX_EXPANDED: usize = 1 << 20;

/// Returns what a word counts against the limit: one, and more where its text is long.
fn weight(word: &Word) -> usize {
    let n_bytes = |piece: &Piece| match piece {
        Piece::Text { text, .. } => text.len(),
        Piece::Unknown { .. } => 1,
    };
    1 + word.pieces.len() / 4 + word.pieces.iter().map(n_bytes).sum::<usize>() / 64
}

impl Place {
    /// Returns whether files that are named here are those of the host that reads the line.
    pub(super) fn is_here(&self) -> bool {
        self.via.iter().all(|via| {
            !matches!(via.moves, Some(Moves::Host | Moves::Container))
                && !matches!(via.name.as_str(), "chroot" | "nsenter" | "unshare")
        })
    }
}

impl<'a> Walker<'a> {
    /// Returns a walk that has found nothing yet.
    pub(super) fn new(line: &'a str, lore: &'a dyn Lore, givens: &'a Givens) -> Self {
        Self {
            lore,
            givens,
            line,
            caller: Span::default(),
            first: 0,
            scope: Scope::default(),
            invocations: Vec::new(),
            needs: Needs::default(),
            depth: 0,
            n_invocations: 0,
            n_nested: 0,
            n_rounds: 0,
            n_words: 0,
            calling: BTreeSet::new(),
            aliases: BTreeMap::new(),
            array: None,
            is_choosing: false,
            files: Files::default(),
            is_tried: false,
            grammar: Grammar::Posix,
            n_expanded: 0,
        }
    }

    /// Adds an invocation, within the limits.
    pub(super) fn push(&mut self, invocation: Invocation) -> Result<(), TooMuch> {
        self.n_words += invocation.args.iter().map(weight).sum::<usize>();
        let own = invocation.via.iter().flat_map(|via| &via.words);
        self.n_words += own.map(weight).sum::<usize>();
        if let Fed::Text(word) = &invocation.fed {
            self.n_words += weight(word);
        }
        self.count()?;
        self.invocations.push(invocation);
        Ok(())
    }

    /// Counts an invocation, or a loop's round, against the limits.
    pub(super) fn count(&mut self) -> Result<(), TooMuch> {
        self.n_invocations += 1;
        if self.n_invocations > MAX_INVOCATIONS || self.n_words > MAX_WORDS {
            return Err(TooMuch::Count {
                limit: MAX_INVOCATIONS,
            });
        }
        Ok(())
    }

    /// Counts a text that stands within another one against the limit.
    pub(super) fn count_nested(&mut self, n_bytes: usize) -> Result<(), TooMuch> {
        self.n_nested = self.n_nested.saturating_add(n_bytes);
        match self.n_nested > MAX_NESTED {
            true => Err(TooMuch::Nested { limit: MAX_NESTED }),
            false => Ok(()),
        }
    }

    /// Returns whether `n_bytes` more may come from variables: `b=$a$a; c=$b$b; …` doubles at each
    /// step.
    pub(super) fn may_expand(&mut self, n_bytes: usize) -> bool {
        self.n_expanded = self.n_expanded.saturating_add(n_bytes);
        self.n_expanded <= MAX_EXPANDED
    }

    /// Does something one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        walk: impl FnOnce(&mut Self) -> Result<T, TooMuch>,
    ) -> Result<T, TooMuch> {
        if self.depth >= MAX_DEPTH {
            return Err(TooMuch::Depth { limit: MAX_DEPTH });
        }
        self.depth += 1;
        let result = walk(self);
        self.depth -= 1;
        result
    }

    /// Walks what may be run, or not at all; keeps what is guarded.
    pub(super) fn possibly(
        &mut self,
        place: &Place,
        walk: impl FnOnce(&mut Self, &Place) -> Result<(), TooMuch>,
    ) -> Result<(), TooMuch> {
        let start = self.invocations.len();
        let mark = self.scope.mark();
        let guessed = Place {
            guessed: true,
            ..place.clone()
        };
        walk(self, &guessed)?;
        self.scope.roll_back(mark);
        let new = self.invocations.split_off(start);
        let lore = self.lore;
        let is_of_interest =
            |found: &Invocation| lore.is_guarded(&found.name) || !found.writes.is_empty();
        self.invocations
            .extend(new.into_iter().filter(is_of_interest));
        Ok(())
    }
}
