//! Everything beside the gate: `kanmonctl …`.
fn main() {}
