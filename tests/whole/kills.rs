//! Gates that are killed anywhere on their way: the command has run only where `cleared` is on disk.

#![expect(
    clippy::disallowed_methods,
    reason = "tests measure time and fail by a panic in helpers too"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kanmon::ledger::history::Run;
use nix::sys::signal::Signal;

use crate::pty::Pty;
use crate::stage::{Stage, kinds};

/// Gates that are killed.
const KILLS: u32 = 200;

/// Gates at once.
const AT_ONCE: u32 = 5;

/// What the operator answers.
const SCRIPT: [(&str, &str); 2] = [
    ("Look and call: Messages waiting", "3\n"),
    ("Run it now?", "y\n"),
];

/// Goes through the gate as fast as it asks, until `deadline`; returns whether it came to its end.
fn hurry(pty: &mut Pty, deadline: Option<Instant>) -> bool {
    let mut script = SCRIPT.iter().peekable();
    loop {
        if pty.ended().is_some() {
            return true;
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return false;
        }
        pty.look(Duration::from_millis(1));
        if let Some((_, answer)) = script.next_if(|(question, _)| pty.asks(question)) {
            pty.type_text(answer);
        }
    }
}

/// Measures undisturbed passages, as many at once as later; returns the length of the longest.
fn measure(stage: &Stage) -> Duration {
    std::thread::scope(|scope| {
        let passages: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                scope.spawn(move || {
                    let begun = Instant::now();
                    let mut pty = stage.start(&["calling", &format!("measured-{number}")]);
                    assert!(hurry(&mut pty, Some(begun + crate::pty::PATIENCE)));
                    begun.elapsed()
                })
            })
            .collect();
        let lengths = passages.into_iter().map(|passage| passage.join().unwrap());
        lengths.max().unwrap()
    })
}

/// Kills one gate after `time`, and waits until all that it started has ended.
fn kill_after(stage: &Stage, number: u32, time: Duration) {
    let deadline = Instant::now() + time;
    let mut pty = stage.start(&["calling", &number.to_string()]);
    if !hurry(&mut pty, Some(deadline)) {
        pty.signal(Signal::SIGKILL);
    }
    pty.wait_exit();
    pty.wait_until("the end of all", crate::pty::PATIENCE, Pty::is_left);
}

/// Returns the runs by the line's last word.
fn by_number(stage: &Stage) -> BTreeMap<String, Run> {
    let runs = stage.runs().into_iter();
    runs.map(|run| (run.line.replace("calling ", ""), run))
        .collect()
}

#[test]
fn of_200_killed_gates_only_cleared_ones_have_run() {
    let stage = Stage::new();
    let length = measure(&stage);
    std::thread::scope(|scope| {
        for lane in 0..AT_ONCE {
            let stage = &stage;
            scope.spawn(move || {
                for number in (lane..KILLS).step_by(usize::try_from(AT_ONCE).unwrap()) {
                    // Beyond the end of an undisturbed passage too: some are slower than that one.
                    kill_after(stage, number, length.mul_f64(1.5) * number / KILLS);
                }
            });
        }
    });

    // Opens, and its chain is whole: asserted where the runs are read.
    let runs = by_number(&stage);
    let ran = stage.ran();
    let killed: Vec<&String> = ran
        .iter()
        .filter(|line| !line.contains("measured"))
        .collect();
    for line in &killed {
        let number = line.replace("calling ", "");
        let run = runs
            .get(&number)
            .unwrap_or_else(|| panic!("{line} ran without a record"));
        assert!(
            kinds(run).contains(&"cleared"),
            "{line} ran and was not cleared: {run:?}"
        );
    }
    for (number, run) in &runs {
        let started = kinds(run).contains(&"started");
        assert!(!started || ran.contains(&format!("calling {number}")));
    }
    // The kills were spread: some gates had not begun, some asked, some had cleared.
    let n_asked = runs
        .values()
        .filter(|run| !kinds(run).contains(&"cleared"))
        .count();
    assert!(killed.len() >= 5, "{} of {KILLS} ran", killed.len());
    assert!(
        n_asked >= 20,
        "{n_asked} of {KILLS} were killed while they asked"
    );

    // And the ledger takes the next run.
    let mut pty = stage.start(&["calling", "last"]);
    assert!(hurry(&mut pty, Some(Instant::now() + crate::pty::PATIENCE)));
    assert_eq!(pty.wait_exit().code(), Some(0));
    assert!(by_number(&stage).contains_key("last"));
}
