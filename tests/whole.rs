//! Whole-program tests.

#[path = "whole/untouched.rs"]
mod untouched;
