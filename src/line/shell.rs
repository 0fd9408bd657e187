//! The grammar of POSIX shells and bash: text in, syntax tree with byte spans out.
//!
//! Our own, because a gate needs byte spans, an answer for text that is wrong, and bounds: it takes
//! what `bash -n` takes, reads each byte a bounded number of times, and refuses nesting beyond
//! [`super::MAX_DEPTH`] instead of overflowing the stack. It expands nothing; that is `expand`'s.

mod assign;
pub(super) mod ast;
mod commands;
mod condition;
mod documents;
mod parser;
mod redirects;
mod words;

pub(super) use parser::{ends_too_early, parse};

#[cfg(test)]
mod tests;
