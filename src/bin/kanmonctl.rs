//! Everything beside the gate: `kanmonctl …`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let status = kanmon::ctl::run(std::env::args_os());
    ExitCode::from(u8::try_from(status).unwrap_or(125))
}
