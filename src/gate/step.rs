//! The steps that ask or wait, and what must be so for the way to be free, one file each.

pub(super) mod again;
pub(super) mod approve;
pub(super) mod call;
pub(super) mod carry;
pub(super) mod checklist;
pub(super) mod confirm;
pub(super) mod cooldown;
mod first;
mod gap;
pub(super) mod go;
pub(super) mod key;
pub(super) mod permits;
pub(super) mod way;
mod window;
pub(super) mod witness;
