//! The steps that ask or wait, one file each.

pub(super) mod call;
pub(super) mod carry;
pub(super) mod checklist;
pub(super) mod confirm;
pub(super) mod cooldown;
pub(super) mod gap;
pub(super) mod go;
pub(super) mod key;
