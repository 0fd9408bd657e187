//! Patterns of the rule language: globs, `a|b`, and `re:` regular expressions.
//!
//! Kept as source text and compiled when first used: a program start must not pay for patterns of
//! rules that are no candidates.

use serde::{Deserialize, Serialize};

/// A glob (`*` any text, `?` one character, `a|b` either) or, after `re:`, a regex, searched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pattern(pub String);

/// A Rust regular expression, known to compile.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Regex(pub String);
