//! What is told of a compile.

use std::io;

use crate::policy::rule::Text;

use super::files::Stamps;
use super::folder::Refusal;
use super::settle::Settled;

/// What came of compiling.
#[derive(Debug)]
pub struct Report {
    /// Where the set lies.
    pub file: String,
    /// How many rules are in it.
    pub n_rules: usize,
    /// How many files there are.
    pub n_files: usize,
    /// What is wrong with files, each mistake underlined.
    pub trouble: Vec<Text>,
    /// Whether a file had just been changed, so that the set does not count.
    pub recent: bool,
}

impl Report {
    /// Returns the report on a set that was put in place.
    pub(super) fn new(file: String, settled: &Settled, stamps: &Stamps, recent: bool) -> Self {
        let is_rule_file = |name: &[u8]| name.ends_with(b".toml") && name != b"config.toml";
        let files = stamps.iter().map(|(name, _)| name.to_bytes());
        Self {
            file,
            n_rules: settled.packs.rules.len(),
            n_files: files.filter(|name| is_rule_file(name)).count(),
            trouble: settled
                .trouble
                .iter()
                .map(|trouble| trouble.shown.clone())
                .collect(),
            recent,
        }
    }
}

/// Why nothing was compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// There is no such folder.
    #[error("there is no folder `{0}`")]
    NoFolder(String),
    /// The folder is refused.
    #[error("`{folder}`: {why}")]
    Refused {
        /// The folder.
        folder: String,
        /// Why.
        why: String,
    },
    /// The rules do not fit.
    #[error("{0}")]
    Encode(String),
    /// The set cannot be written.
    #[error("`{file}` cannot be written: {cause}")]
    Write {
        /// The file.
        file: String,
        /// What the system said.
        cause: io::Error,
    },
}

impl CompileError {
    /// Says that a folder is refused.
    pub(super) fn refused(folder: String, refusal: &Refusal) -> Self {
        Self::Refused {
            folder,
            why: refusal.to_string(),
        }
    }

    /// Says that rules cannot be encoded.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "used as a function of `map_err`"
    )]
    pub(super) fn encode(error: impl ToString) -> Self {
        Self::Encode(error.to_string())
    }
}
