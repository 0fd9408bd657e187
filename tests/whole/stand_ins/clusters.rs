//! kubectl and docker: what a delete would take with it.

use super::{BACKUP, Talk, WAIT, check, check_call, drill, host};

#[test]
fn kubectl_names_what_a_file_would_delete() {
    let talk: Talk<'_> = &[
        ("Did you list with the same words", "y"),
        ("Objects that the dry run names", "3"),
    ];
    check(
        "kubectl delete -f app.yaml",
        "Objects that the dry run names: 3",
        talk,
        "The connection to the server 10.0.0.1:6443 was refused",
    );
}

#[test]
fn kubectl_counts_what_is_in_a_namespace() {
    let talk: Talk<'_> = &[
        ("When was the newest backup", "today, read back"),
        WAIT,
        ("Objects that go (of a namespace", "3"),
    ];
    check(
        "kubectl delete ns prod",
        "Objects that go (of a namespace: pods and volume claims): 3",
        talk,
        "The connection to the server 10.0.0.1:6443 was refused",
    );
}

#[test]
fn a_namespace_is_told_from_what_is_called_alike() {
    let Some(world) = host() else { return };
    let label = "Objects that go (of a namespace: pods and volume claims)";
    let sees = |line: &str, sight: &str| {
        drill(&world, line).wait_for(&format!("{label}: {sight}"));
    };
    sees("kubectl delete NS prod shop", "4");
    sees("kubectl delete Namespaces/prod", "3");
    sees("kubectl delete deploy/x ns/prod", "4");
    sees("kubectl delete ns/shop deploy/x", "2");
    // Another kind of the same name is an object as any.
    let mut pty = drill(&world, "kubectl delete projects.management.cattle.io p-abc");
    pty.wait_for_question(&format!("Look and call: {label}"));
    pty.type_text("1\n");
    pty.wait_for_question("Run it now?");
    // What may be one is no number.
    for line in [
        "kubectl delete ns,deploy x",
        "kubectl delete namespaces.v1. prod",
    ] {
        drill(&world, line).wait_for(&format!("\"{label}\" could not be seen"));
    }
}

#[test]
fn docker_says_how_large_a_volume_is_at_the_host_of_the_line() {
    let refused = "Cannot connect to the Docker daemon";
    let size = |size| [BACKUP, ("Size of the first volume", size)];
    check(
        "docker volume rm data",
        "Size of the first volume: 73.4GB",
        &size("73.4GB"),
        refused,
    );
    check(
        "docker --host tcp://db1:2375 volume rm data",
        "Size of the first volume: 1.2MB",
        &size("1.2MB"),
        refused,
    );
}

#[test]
fn argocd_counts_the_applications_of_the_server_that_the_line_names() {
    for (line, number) in [
        ("argocd app sync web --prune", "2"),
        ("argocd --server argo2.example app delete batch", "1"),
    ] {
        let talk = [
            ("What does the difference say?", "nothing"),
            ("Applications that Argo CD delivers", number),
        ];
        check_call(line, &talk, "no session information");
    }
}
