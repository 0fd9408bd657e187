//! A fleet of hosts on one store, as a program: shows that nothing is lost nor there twice, and what a
//! held run costs.
//!
//! ```text
//! fleet HOSTS RUNS             so many simulated hosts with so many runs each, over a server of its own
//! fleet init URL               makes a store, as a superuser
//! fleet cost SECONDS N URL...  what N held runs cost at each store, with gaps of so many seconds
//! fleet size URL...            what each question costs at each store, for a superuser of it
//! ```
//!
//! The stores of the last two are filled by `fleet/fill.sql`, as `ci/scale-size` does.
//!
//! The hosts are real ledgers and the real conversations with the store; a run is a gate's passage without
//! its screen and its command: asked, cleared, started, ended, over a connection of its own. They live in
//! worker processes of which one is killed with SIGKILL every moment and started again; a worker cuts each
//! third host's connection off behind some message.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a program of the tests, at the edge by design"
)]
#![expect(
    dead_code,
    reason = "the tests' support can do more than is needed here"
)]

#[path = "cluster.rs"]
mod cluster;
#[path = "fleet/cost.rs"]
mod cost;
#[path = "cutter.rs"]
mod cutter;
#[path = "fleet/runs.rs"]
mod runs;
#[path = "fleet/simulate.rs"]
mod simulate;
#[path = "fleet/size.rs"]
mod size;
#[path = "fleet/worker.rs"]
mod worker;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse::<usize>().expect("a number");
    match words.as_slice() {
        ["cost", seconds, runs, urls @ ..] => cost::cost(number(seconds), number(runs), urls),
        ["init", url] => simulate::init(url),
        ["size", urls @ ..] => size::size(urls),
        ["worker", port, pass, folder, first, last, runs] => worker::work(
            number(port),
            pass,
            folder.as_ref(),
            [number(first), number(last)],
            number(runs),
        ),
        [hosts, runs] => simulate::simulate(number(hosts), number(runs)),
        _ => panic!("fleet HOSTS RUNS, or fleet cost or fleet size"),
    }
}
