//! Compiles the built-in packs into the program.
#![expect(
    clippy::print_stdout,
    reason = "a build script speaks to cargo on standard output"
)]

fn main() {
    println!("cargo::rerun-if-changed=rules");
}
