//! Whole-program tests.

#[path = "whole/untouched.rs"]
mod untouched;

#[path = "whole/ledger.rs"]
mod ledger;
