//! du, find and stat: what a line would delete. rsync and run-parts: what they would delete, what they
//! would run. git: what is nowhere else.

use crate::place::Place;

/// Holds a line as a drill, answers, calls what was measured, and is through.
#[track_caller]
fn calls(place: &Place, line: &[&str], answers: &[(&str, &str)], called: (&str, &str)) {
    let mut pty = place.drill(line, &[]);
    for (question, typed) in answers {
        pty.wait_for_question(question);
        pty.type_text(&format!("{typed}\n"));
    }
    pty.wait_for_question(&format!("Look and call: {}", called.0));
    pty.type_text(&format!("{}\n", called.1));
    pty.wait_for_question("Run it now?");
    pty.type_text("y\n");
    assert_eq!(pty.wait_exit().code(), Some(0), "{}", pty.screen());
}

#[test]
fn what_a_line_would_delete_is_counted() {
    let place = Place::new();
    place.must("mkdir -p tree/a from && printf four >tree/a/1 && printf ninebytes >tree/a/2 && touch from/x from/y");
    let why = ("Why may this be lost, and where is a copy?", "a copy, ann");
    let within = "Files and folders that go";
    calls(&place, &["rm", "-rf", "tree"], &[], (within, "4"));
    // What is not there counts nothing.
    calls(&place, &["rm", "-rf", "tree", "none"], &[], (within, "4"));
    calls(&place, &["rm", "-rf", "none"], &[], (within, "0"));
    let first = "Files and folders, from the first path on";
    calls(&place, &["find", "tree", "-delete"], &[], (first, "4"));
    let files = ["shred", "-u", "tree/a/1", "tree/a/2"];
    calls(&place, &files, &[why], ("Bytes in these files", "13"));
    let moved = ["rsync", "-a", "--remove-source-files", "from/", "to/"];
    calls(&place, &moved, &[why], ("Files in the source", "2"));
    let owner = ["chown", "-R", "root", "tree"];
    calls(
        &place,
        &owner,
        &[],
        ("Files and folders, from the last path on", "4"),
    );
    assert!(place.path("tree/a/1").exists());
}

#[test]
fn what_goes_is_counted_in_the_folder_of_the_line() {
    let place = Place::new();
    place.must("mkdir -p tree/a other && touch tree/1 other/x");
    let within = "Files and folders that go";
    // The stage's folder is the home.
    for line in ["cd && rm -rf tree", "cd other && cd .. && rm -rf tree"] {
        calls(&place, &["-c", line], &[], (within, "3"));
    }
    let line = &["-c", "cd - && rm -rf tree"];
    place.shows(
        line,
        "Size: not seen: the folder that the command runs in is not known",
    );
    let mut pty = place.drill(line, &[("LC_ALL", "ja_JP.UTF-8".as_ref())]);
    pty.wait_for("コマンドを実行するフォルダーが分かりません");
}

#[test]
fn what_cannot_be_read_is_not_nothing() {
    let place = Place::new();
    place.must("mkdir tree && touch tree/1 && ln -s loop loop");
    for line in [
        &["rm", "-rf", "tree", "loop/x"][..],
        &["find", "loop/x", "-delete"],
        &["chown", "-R", "root", "loop/x"],
    ] {
        let mut pty = place.drill(line, &[]);
        pty.wait_for("could not be seen. Why go on all the same?");
    }
    let missing = ["rsync", "-a", "--remove-source-files", "none/", "to/"];
    place.shows(&missing, "Files in the source: not seen");
}

#[test]
fn rsync_says_what_it_would_delete_and_run_parts_what_it_would_run() {
    let place = Place::new();
    place.must("mkdir from to daily && touch from/a to/a to/b to/c");
    place.shows(
        &["rsync", "-a", "--delete", "from/", "to/"],
        "Entries that would be deleted there: 2",
    );
    assert!(place.path("to/b").exists());
    place.shows(
        &["rsync", "-a", "--delete", "missing/", "to/"],
        "not seen: the probe ended with status 23",
    );
    place
        .must("for name in one two; do echo 'touch ran' > daily/$name; chmod +x daily/$name; done");
    let daily = place.path("daily");
    let daily = daily.to_str().unwrap();
    place.shows(&["run-parts", daily], "Scripts that would run: 2");
    place.shows(
        &["run-parts", "/no/such/folder"],
        "Scripts that would run: not seen",
    );
    assert!(!place.path("ran").exists());
}

#[test]
fn git_counts_what_is_nowhere_else() {
    let place = Place::new();
    place.must(
        "git init -q --bare far.git && git init -q -b main near && cd near && \
         git config user.name ann && git config user.email ann@example.com && \
         git remote add origin ../far.git && git commit -q --allow-empty -m one && \
         git push -q origin main && echo x > a && echo y > b",
    );
    let mut pty = place.drill_in("near", &["git", "reset", "--hard"], &[]);
    pty.wait_for("Files changed or not tracked: 2");
    let mut pty = place.drill_in("near", &["git", "push", "--force"], &[]);
    pty.wait_for("../far.git");
    pty.wait_for("## main");
    pty.wait_for_question("Who works on what is overwritten");
    pty.type_text("I alone\n");
    pty.wait_for_question("Look and call: Branch now");
    pty.type_text("main\n");
    pty.wait_for_question("Run it now?");
    place.must("git -C near remote remove origin");
    let mut pty = place.drill_in("near", &["git", "push", "--force"], &[]);
    pty.wait_for("Remote: not seen");
    pty.wait_for("No such remote 'origin'");
    // Where the line leads, not where the gate stands.
    for line in [
        &["git", "-C", "near", "reset", "--hard"][..],
        &["-c", "cd near && git reset --hard"],
    ] {
        let mut pty = place.drill_in(".", line, &[]);
        pty.wait_for("Files changed or not tracked: 2");
        pty.wait_for("## main");
    }
    let mut pty = place.drill_in(".", &["git", "reset", "--hard"], &[]);
    pty.wait_for("not a git repository");
}

#[test]
fn git_shows_the_remote_to_which_it_would_push() {
    let place = Place::new();
    place.must(
        "for name in main fork; do git init -q --bare $name.git; done && \
         git init -q -b topic near && cd near && git config user.name ann && \
         git config user.email ann@example.com && git commit -q --allow-empty -m one && \
         git remote add origin ../main.git && git remote add mine ../fork.git && \
         git push -q -u mine topic",
    );
    let shown = |line: &[&str], remote: &str| {
        place
            .drill_in("near", line, &[])
            .wait_for(&format!("Remote: {remote}"));
    };
    // Of the line, of the branch, and where neither says one.
    shown(
        &["git", "push", "--force", "origin", "topic"],
        "../main.git",
    );
    shown(&["git", "push", "--force"], "../fork.git");
    shown(
        &["git", "push", "-f", "git@example.com:a/b"],
        "git@example.com:a/b",
    );
    place.must("git -C near checkout -q -b other");
    shown(&["git", "push", "--force"], "../main.git");
    place.must("git -C near config remote.pushDefault mine");
    shown(&["git", "push", "--force"], "../fork.git");
    shown(&["git", "push", "--force", "none"], "not seen");
}

/// The results of dbt, as its artifact `run_results.json` has them
/// (<https://docs.getdbt.com/reference/artifacts/run-results-json>).
#[test]
fn dbt_is_called_by_the_results_of_the_project_that_the_line_means() {
    let place = Place::new();
    let results = |folder: &str, time: &str| {
        let text = format!(
            r#"{{"metadata": {{"dbt_version": "1.7.4", "generated_at": "2026-11-27T{time}.000000Z"}}, "results": [{{"status": "success"}}, {{"status": "error"}}]}}"#
        );
        place.must(&format!(
            "mkdir -p {folder}/target && printf '%s' '{text}' >{folder}/target/run_results.json"
        ));
    };
    results("shop", "02:14:07");
    results("bank", "05:06:08");
    let shown = |folder: &str, line: &[&str], time: &str| {
        place
            .drill_in(folder, line, &[])
            .wait_for(&format!("Last run here ended at (UTC): {time}"));
    };
    shown("shop", &["dbt", "run"], "02:14:07");
    shown(".", &["-c", "cd bank && dbt run"], "05:06:08");
    shown(
        "shop",
        &["dbt", "run", "--project-dir", "../bank"],
        "05:06:08",
    );
    shown(".", &["dbt", "run"], "not seen");
}
