//! Schedulers and queues of jobs: how the last run ended, what is under way.

use std::fs;

use super::{Talk, check, drill, host};

/// What is asked before a job runs again, then what is called.
fn again<'t>(called: (&'t str, &'t str)) -> [(&'t str, &'t str); 4] {
    [
        ("What did the job's own log say", "read: ok"),
        ("What makes it safe to run twice", "a key"),
        ("Did the owner of the job agree?", "y"),
        called,
    ]
}

#[test]
fn nomad_counts_the_allocations_where_the_line_looks() {
    let refused = "connection refused";
    for (line, number) in [
        ("nomad job dispatch nightly", "2"),
        ("nomad job dispatch -namespace=batch nightly", "1"),
    ] {
        let talk = again(("Allocations of the job", number));
        let sight = format!("Allocations of the job: {number}");
        check(line, &sight, &talk, refused);
    }
}

#[test]
fn a_cronjob_s_job_is_called_by_when_its_last_one_ended() {
    let ended = "Look and call: Last job ended, or else was made, at";
    let refused = "The connection to the server 10.0.0.1:6443 was refused";
    let called = again((ended, "17:02:41"));
    let line = "kubectl create job x --from=cronjob/close";
    check(line, "FATAL: ledger 20261126 is closed", &called, refused);
    let Some(world) = host() else { return };
    let mut pty = drill(&world, line);
    // The newest first, and of no other owner.
    pty.wait_for("close-29402520   Failed");
    // What is called stands there: the command that measures it is nothing to read at a question.
    pty.wait_for("at (UTC; 0: none is left): 17:02:41");
    assert!(!pty.screen().contains("close-x"), "{}", pty.screen());
    // What the cluster is asked is in the rule: the one on changes does not ask it again.
    let calls = |line: &str, talk: Talk<'_>| {
        let mut pty = drill(&world, line);
        for (question, typed) in talk {
            pty.wait_for_question(question);
            pty.type_text(&format!("{typed}\n"));
        }
        pty.wait_for_question("Run it now?");
    };
    // In the namespace of the line, where it still runs.
    let line = "kubectl -n batch create job x --from=cronjob/close";
    calls(line, &again((ended, "23:20:00")));
    // 0 where none was made; then there is no log, either.
    let mut talk = vec![("Log of its last job\" could not be seen", "first run")];
    talk.extend(again((ended, "0")));
    calls("kubectl create job x --from cronjob/new", &talk);
    // One that is not there has no last job.
    let mut pty = drill(&world, "kubectl create job x --from=cronjob/none");
    pty.wait_for("cronjobs.batch \"none\" not found");
}

#[test]
fn argo_says_when_a_workflow_ended() {
    check(
        "argo resubmit nightly-x7k2",
        "Status:              Failed",
        &again(("Workflow ended, or else began, at", "03:17:42")),
        "connection refused",
    );
}

#[test]
fn slurm_counts_the_queue_of_the_cluster_that_the_line_names() {
    let refused = "Unable to contact slurm controller";
    for (line, number) in [("sbatch close.sh", "3"), ("scancel -M west -u bob", "1")] {
        let talk = again(("Number of jobs in the queue", number));
        let sight = format!("Number of jobs in the queue: {number}");
        check(line, &sight, &talk, refused);
    }
}

#[test]
fn lsf_that_is_down_has_no_empty_queue() {
    let talk: Talk<'_> = &again(("Number of jobs in the queue", "2"));
    let sight = "Number of jobs in the queue: 2";
    check("bkill 111", sight, talk, "LSF is down");
    let Some(world) = host() else { return };
    fs::write(world.path("idle"), "").unwrap();
    drill(&world, "bkill 111").wait_for("Number of jobs in the queue: 0");
}

#[test]
fn a_unit_is_called_by_when_its_last_run_ended() {
    let ended = "Last run ended at (0: not since the start)";
    check(
        "systemctl start nightly-batch.service",
        "Main process exited, code=exited, status=1/FAILURE",
        &again((ended, "02:14:07")),
        "System has not been booted with systemd",
    );
    // The process where it runs, 0 where it never ran, and nothing of a unit that is not there.
    let Some(world) = host() else { return };
    for (unit, called) in [("nightly-running", "812"), ("nightly-new", "0")] {
        let mut pty = drill(&world, &format!("systemctl start {unit}.service"));
        pty.wait_for("ActiveState=failed");
        let talk = again(("Look and call: Last run ended at", called));
        for (question, typed) in talk {
            pty.wait_for_question(question);
            pty.type_text(&format!("{typed}\n"));
        }
        pty.wait_for_question("Run it now?");
    }
    let mut pty = drill(&world, "systemctl start nightly-none.service");
    for (question, typed) in again(("Look and call: Name of the target", ""))
        .iter()
        .take(3)
    {
        pty.wait_for_question(question);
        pty.type_text(&format!("{typed}\n"));
    }
    pty.wait_for("not since the start)\" could not be seen");
}

#[test]
fn glue_is_asked_in_the_account_that_the_line_means() {
    let refused = "Could not connect to the endpoint URL";
    for (line, began) in [
        ("aws glue start-job-run --job-name nightly", "01:00:03"),
        (
            "aws --profile prod glue start-job-run --job-name nightly",
            "02:14:07",
        ),
    ] {
        let talk = again(("Newest run began at", began));
        check(
            line,
            &format!("Newest run began at: {began}"),
            &talk,
            refused,
        );
    }
}

#[test]
fn jenkins_tells_the_last_build_of_the_job_that_the_line_means() {
    let refused = "Failed to connect to ci port 80";
    for (line, number) in [
        ("curl -X POST http://ci/job/nightly/build", "412"),
        (
            "curl -X POST 'http://ci/job/nightly/buildWithParameters?DAY=1'",
            "412",
        ),
        ("curl -X POST http://ci/job/nightly/409/stop", "412"),
        ("curl -X POST http://ci/job/shop/job/main/build", "77"),
    ] {
        let talk = again(("Number of the last build", number));
        check(
            line,
            &format!("\"number\":{number},\"result\""),
            &talk,
            refused,
        );
    }
}

#[test]
fn airflow_says_when_the_newest_run_began_whatever_its_columns() {
    let line = "airflow dags trigger nightly";
    let talk = again(("Newest run began at", "02:20:11"));
    // What the second question would say of a missing option must not stand in place of the reason.
    check(
        line,
        "failed   2026-11-26T01:00:00",
        &talk,
        "connection to server at",
    );
    let Some(world) = host() else { return };
    fs::write(world.path("three"), "").unwrap();
    let mut pty = drill(&world, line);
    pty.wait_for("run_after");
    for (question, typed) in again(("Look and call: Newest run began at", "01:07:42")) {
        pty.wait_for_question(question);
        pty.type_text(&format!("{typed}\n"));
    }
    pty.wait_for_question("Run it now?");
}

#[test]
fn step_functions_and_batch_are_asked_in_the_account_that_the_line_means() {
    let refused = "Could not connect to the endpoint URL";
    for (profile, began) in [("", "02:20:11"), (" --profile prod", "03:41:56")] {
        let line =
            format!("aws{profile} stepfunctions start-execution --state-machine-arn arn:close");
        let talk = again(("Newest run began at", began));
        check(
            &line,
            &format!("Newest run began at: {began}"),
            &talk,
            refused,
        );
    }
    check(
        "aws batch submit-job --job-name x --job-queue nightly --job-definition d",
        "Jobs that run in this queue: 2",
        &again(("Jobs that run in this queue", "2")),
        refused,
    );
}

#[test]
fn condor_counts_the_queue_of_all() {
    let line = "condor_rm bob";
    let talk = again(("Number of jobs in the queue", "3"));
    check(line, "Number of jobs in the queue: 3", &talk, "SECMAN:2007");
    let Some(world) = host() else { return };
    fs::write(world.path("idle"), "").unwrap();
    drill(&world, line).wait_for("Number of jobs in the queue: 0");
}

/// What dbt writes: dbt-labs/dbt-core core/dbt/artifacts/schemas/run, described in its documentation as `run_results.json`.
const RUN_RESULTS: &str = r#"{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json", "generated_at": "2026-11-27T02:31:40.5Z"}, "results": [{"status": "success", "timing": []}, {"status": "success", "timing": []}, {"status": "error", "timing": []}], "elapsed_time": 41.2}"#;

#[test]
fn dbt_tells_the_last_run_of_the_project_that_the_line_means() {
    let Some(world) = host() else { return };
    world.must("mkdir -p /srv/dbt/target /srv/new");
    fs::write(world.path("dbt/target/run_results.json"), RUN_RESULTS).unwrap();
    for line in ["cd /srv/dbt && dbt build", "dbt run --project-dir /srv/dbt"] {
        let mut pty = drill(&world, line);
        pty.wait_for("2 success");
        for (question, typed) in again(("Look and call: Last run here ended at (UTC)", "02:31:40"))
        {
            pty.wait_for_question(question);
            pty.type_text(&format!("{typed}\n"));
        }
        pty.wait_for_question("Run it now?");
    }
    let mut pty = drill(&world, "cd /srv/new && dbt build");
    pty.wait_for("not seen");
    pty.wait_for("No such file or directory");
}
