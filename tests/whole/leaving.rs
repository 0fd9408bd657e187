//! Leaving the gate, and coming back to it, at each kind of step: nothing has run, the record says
//! why, the terminal is as it was.

use std::path::Path;

use kanmon::ledger::Outcome;
use nix::sys::signal::Signal;

use crate::gate::{CRITICAL, play};
use crate::pty::Pty;
use crate::stage::{self, Stage, is_restored};

/// A place in a passage where something can happen.
struct Place {
    /// What kind of step it is.
    name: &'static str,
    /// The command.
    program: &'static str,
    /// Questions that are answered before.
    script: &'static [(&'static str, &'static str)],
    /// What is waited for.
    stands: Stands,
}

/// What stands at a place.
enum Stands {
    /// A question.
    Question(&'static str),
    /// A text without a question.
    Text(&'static str),
    /// Nothing yet: probes run.
    Probes,
}

/// All kinds of steps.
const PLACES: [Place; 8] = [
    Place {
        name: "key",
        program: "lowly",
        script: &[],
        stands: Stands::Question("Go on?"),
    },
    Place {
        name: "confirm",
        program: "middling",
        script: &[],
        stands: Stands::Question("Shall it run?"),
    },
    Place {
        name: "yes or no",
        program: "critically",
        script: &[],
        stands: Stands::Question("Are the owners told?"),
    },
    Place {
        name: "typed",
        program: "critically",
        script: &[("Are the owners told?", "y\n")],
        stands: Stands::Question("What is it for?"),
    },
    Place {
        name: "cooldown",
        program: "resting",
        script: &[],
        stands: Stands::Text("left (Ctrl-C: give up)"),
    },
    Place {
        name: "call",
        program: "calling",
        script: &[],
        stands: Stands::Question("Look and call: Messages waiting"),
    },
    Place {
        name: "go",
        program: "calling",
        script: &[("Look and call: Messages waiting", "3\n")],
        stands: Stands::Question("Run it now?"),
    },
    Place {
        name: "probes",
        program: "slowly",
        script: &[],
        stands: Stands::Probes,
    },
];

impl Place {
    /// Goes there.
    fn arrive(&self, stage: &Stage, pty: &mut Pty) {
        play(pty, self.script);
        self.wait(stage, pty);
    }

    /// Waits until it stands there.
    fn wait(&self, stage: &Stage, pty: &mut Pty) {
        match self.stands {
            Stands::Question(question) => pty.wait_for_question(question),
            Stands::Text(text) => pty.wait_for(text),
            Stands::Probes => stage::until("the probe", || stage.path("looking").exists()),
        }
    }

    /// Whether keys are read there.
    fn is_question(&self) -> bool {
        matches!(self.stands, Stands::Question(_))
    }
}

/// Goes to each place, leaves, and checks what came of it.
fn check_each(reason: &str, counts: fn(&Place) -> bool, leave: fn(&mut Pty)) {
    for place in PLACES.iter().filter(|place| counts(place)) {
        let stage = Stage::new();
        let mut pty = stage.start(&[place.program, "now"]);
        place.arrive(&stage, &mut pty);
        leave(&mut pty);
        assert_eq!(pty.wait_exit().code(), Some(124), "at {}", place.name);
        assert!(is_restored(&pty), "at {}", place.name);
        let screen = pty.screen();
        assert!(
            screen.contains("The command has not run."),
            "at {}:\n{screen}",
            place.name
        );
        stage.assert_not_cleared(reason);
        assert_probe_is_gone(&stage);
    }
}

/// Asserts that the probe of this stage, if one has run, runs no more.
fn assert_probe_is_gone(stage: &Stage) {
    if let Some(pid) = stage::lines(&stage.path("looking")).first() {
        let process = Path::new("/proc").join(pid);
        stage::until("the end of the probe", || !process.exists());
    }
}

#[test]
fn control_c_leaves_each_step() {
    check_each("interrupted", |_| true, |pty| pty.type_keys(&["C-c"]));
}

#[test]
fn many_interrupts_leave_the_record_and_the_terminal_in_order() {
    for place in PLACES.iter().filter(|place| place.is_question()) {
        let stage = Stage::new();
        let mut pty = stage.gate(&[place.program]).keeping_output().spawn();
        place.arrive(&stage, &mut pty);
        while pty.ended().is_none() {
            pty.type_keys(&["C-c"]);
            pty.look(std::time::Duration::from_millis(1));
        }
        assert!(!pty.wait_exit().success());
        assert!(is_restored(&pty), "at {}", place.name);
        stage.assert_not_cleared("interrupted");
    }
}

#[test]
fn control_backslash_leaves_each_step() {
    check_each("quit", |_| true, |pty| pty.type_keys(&["C-\\"]));
}

#[test]
fn control_d_leaves_each_question() {
    check_each("end-of-input", Place::is_question, |pty| {
        pty.type_keys(&["C-d"]);
    });
}

#[test]
fn a_hangup_leaves_each_step() {
    check_each("hung-up", |_| true, |pty| pty.signal(Signal::SIGHUP));
}

#[test]
fn a_termination_leaves_each_step() {
    check_each("terminated", |_| true, |pty| pty.signal(Signal::SIGTERM));
}

#[test]
fn a_closed_terminal_leaves_each_step() {
    for place in &PLACES {
        let stage = Stage::new();
        let mut pty = stage.start(&[place.program]);
        place.arrive(&stage, &mut pty);
        pty.close_master();
        assert_eq!(pty.wait_exit().code(), Some(124), "at {}", place.name);
        stage.assert_not_cleared("hung-up");
        assert_probe_is_gone(&stage);
    }
}

#[test]
fn a_closed_terminal_leaves_each_step_also_where_hangups_are_ignored() {
    for place in &PLACES {
        let stage = Stage::new();
        let command = "trap '' HUP; exec kanmon \"$@\"";
        let mut pty = stage
            .program("/bin/sh")
            .args(["-c", command, "sh", place.program])
            .spawn();
        place.arrive(&stage, &mut pty);
        pty.close_master();
        assert_eq!(pty.wait_exit().code(), Some(124), "at {}", place.name);
        stage.assert_not_cleared("terminal-vanished");
    }
}

#[test]
fn control_z_suspends_each_step_and_fg_comes_back_to_it() {
    for place in &PLACES {
        let stage = Stage::new();
        let mut pty = stage.shell();
        pty.type_text(&format!("kanmon {} now\n", place.program));
        place.arrive(&stage, &mut pty);
        pty.type_keys(&["C-z"]);
        pty.wait_for("Stopped");
        pty.wait_until("the shell's modes", crate::pty::PATIENCE, is_restored);
        assert_eq!(stage.run().outcome, Outcome::Open, "at {}", place.name);
        // Blank the screen, so that what stands there later was drawn anew.
        pty.type_text("printf '\\033[2J\\033[H'; fg\n");
        place.wait(&stage, &mut pty);
        // While probes run the line is drawn after a while.
        pty.wait_for(&format!("{} now", place.program));
        pty.wait_until("the line", crate::pty::PATIENCE, |pty| {
            pty.cells().contents().contains("this command is held")
                || !matches!(place.stands, Stands::Probes)
        });
        pty.type_keys(&["C-c"]);
        pty.wait_for("not cleared: interrupted");
        pty.wait_for("ready:");
        pty.type_text("echo status=$?\n");
        pty.wait_for("status=124");
        stage.assert_not_cleared("interrupted");
    }
}

#[test]
fn a_passage_suspended_at_every_question_still_runs_once() {
    let stage = Stage::new();
    let mut pty = stage.shell();
    pty.type_text("kanmon critically\n");
    for (question, answer) in CRITICAL {
        pty.wait_for_question(question);
        pty.type_keys(&["C-z"]);
        pty.wait_for("Stopped");
        pty.type_text("printf '\\033[2J\\033[H'; fg\n");
        pty.wait_for_question(question);
        assert_eq!(stage.ran(), Vec::<String>::new());
        pty.type_text(answer);
    }
    pty.wait_for("ready:");
    stage::until("the end", || {
        stage.run().outcome == Outcome::Ended { status: 0 }
    });
    assert_eq!(stage.ran(), ["critically"]);
}

#[test]
fn in_the_background_a_prompt_stops_and_fg_draws_it() {
    for place in PLACES
        .iter()
        .filter(|place| place.is_question() && place.script.is_empty())
    {
        let stage = Stage::new();
        let mut pty = stage.shell();
        pty.type_text(&format!("kanmon {} now &\n", place.program));
        pty.wait_for("Stopped");
        assert!(is_restored(&pty), "the shell's modes were changed");
        pty.type_text("printf '\\033[2J\\033[H'; fg\n");
        place.wait(&stage, &mut pty);
        pty.wait_for(&format!("{} now", place.program));
        assert_eq!(stage.ran(), Vec::<String>::new());
        pty.type_keys(&["C-c"]);
        pty.wait_for("not cleared: interrupted");
        stage::until("the record", || stage.run().outcome != Outcome::Open);
        stage.assert_not_cleared("interrupted");
    }
}

#[test]
fn a_wait_in_the_background_goes_on_and_its_question_stops() {
    let stage = Stage::new();
    let mut pty = stage.shell();
    pty.type_text("kanmon resting\n");
    pty.wait_for("left (Ctrl-C: give up)");
    pty.type_keys(&["C-z"]);
    pty.wait_for("Stopped");
    pty.type_text("bg\n");
    stage.set_clock(0, 600);
    // The question after the wait wants the terminal.
    pty.wait_for_raw("Stopped", 2);
    pty.type_text("printf '\\033[2J\\033[H'; fg\n");
    pty.wait_for_question("Name of the target");
    pty.type_text(&format!("{}\n", stage::host()));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    stage::until("the run", || stage.ran() == ["resting"]);
}
