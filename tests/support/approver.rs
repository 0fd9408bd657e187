//! `kanmonctl approve` with the rules of the whole-program tests: `approver [ID]`.
//!
//! Rules and store come from the variables `REHEARSE_RULES` and `REHEARSE_HOST` of this program.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a program of the tests, at the edge by design"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kanmon::ctl::approve;
use kanmon::given::GivenFiles;
use kanmon::policy::pack::{self, Layer, SourceFile};
use kanmon::policy::ruleset::RuleSet;

fn main() -> ExitCode {
    let variable = |name: &str| PathBuf::from(std::env::var_os(name).unwrap());
    let built_in = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rules"));
    let files = [
        built_in.join("wrappers.toml"),
        built_in.join("words/plain.toml"),
        variable("REHEARSE_RULES"),
    ]
    .map(|path| SourceFile {
        text: std::fs::read_to_string(&path).unwrap(),
        name: path.display().to_string(),
        layer: Layer::System,
    });
    let (packs, mistakes) = pack::read(&files);
    assert!(mistakes.is_empty());
    let rules = RuleSet::of_packs(&packs).unwrap();
    let given = GivenFiles::at(&variable("REHEARSE_HOST"));
    let id = std::env::args().nth(1);
    let status = match approve::run_with(id.as_deref(), false, &rules, &given) {
        Ok(status) => status,
        Err(failure) => {
            eprintln!("{failure}");
            125
        }
    };
    ExitCode::from(u8::try_from(status).unwrap())
}
