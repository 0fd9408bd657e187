//! The gate's own exit statuses (design section 5); all others are the command's.

use std::ffi::c_int;

/// Not cleared, or refused.
pub const NOT_CLEARED: c_int = 124;
/// The gate itself failed.
pub const GATE_FAILED: c_int = 125;
