//! kanmon (関門), a pre-flight safety gate for production commands.
//!
//! The folders are the way of the data, top to bottom: a typed line becomes invocations
//! ([`mod@line`]), invocations and rules become a verdict ([`policy`]), a verdict that holds is walked
//! through with the operator ([`gate`], over [`ui`], [`probe`], [`context`], [`ledger`] and [`team`]), and
//! what was cleared is started ([`launch`]). [`door`] and [`ctl`] put the parts together for the
//! two programs. `ARCHITECTURE.md` says more; `tests/whole/arrows.rs` keeps the arrows straight.

pub mod context;
pub mod ctl;
pub mod door;
pub mod gate;
pub mod given;
pub mod launch;
pub mod layers;
pub mod ledger;
pub mod line;
pub mod notice;
pub mod policy;
pub mod probe;
pub mod team;
pub mod text;
pub mod ui;
