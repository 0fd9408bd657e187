//! The terminal: prompts, layout, language.
//!
//! [`Terminal`] is the [`Operator`](crate::gate::Operator) at `/dev/tty`; standard input, output
//! and error are the command's and are never touched. [`notice()`] says something where no dialogue
//! is open. What is drawn is made by pure functions (`layout`, `page`, `question`); what is typed
//! is read by pure functions too (`keys`, `answer`); only `device`, `signals`, `size` and
//! `terminal` touch the world. The environment is not read here: [`Options`] is handed in.

mod answer;
mod countdown;
mod device;
mod fitting;
mod hanging;
mod keys;
mod layout;
mod nobody;
mod notice;
mod options;
mod page;
mod question;
pub mod safe;
mod signals;
mod size;
mod terminal;

pub use fitting::fitting;
pub use hanging::{hanging, set_in};
pub use nobody::Nobody;
pub use notice::notice;
pub use options::Options;
pub use page::frozen;
pub(crate) use signals::ignore_stops;
pub use terminal::Terminal;

use std::os::fd::AsFd as _;

/// Returns how wide a page on standard output may be, in columns: the terminal's width from 40 to
/// 200; 80 where it is no terminal.
#[must_use]
pub fn output_columns() -> usize {
    size::of(std::io::stdout().as_fd()).columns
}

/// Returns how wide a message on standard error may be, in the same way.
#[must_use]
pub fn error_columns() -> usize {
    size::of(std::io::stderr().as_fd()).columns
}
