//! The gate: `kanmon COMMAND…`.
fn main() {}
