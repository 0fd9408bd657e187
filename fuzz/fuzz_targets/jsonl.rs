//! Feeds the `jsonl` check with made-up input.

#![no_main]

#[path = "../checks.rs"]
#[expect(dead_code, reason = "each target uses a part")]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::jsonl(bytes));
