//! Clouds and what is described for them: whose account it is, and what is in it.

use super::{Talk, USES, WAIT, check};

#[test]
fn aws_is_asked_for_the_account_that_the_line_means() {
    let refused = "Could not connect to the endpoint URL";
    for line in [
        "aws --profile prod ec2 delete-volume --volume-id v-1",
        "AWS_PROFILE=prod aws ec2 delete-volume --volume-id v-1",
    ] {
        let talk = [USES, ("AWS account now", "444455556666")];
        check(line, "AWS account now: 444455556666", &talk, refused);
    }
}

#[test]
fn gcloud_says_what_a_project_calls_itself() {
    check(
        "gcloud compute disks delete d1 --project shop-prod",
        "Name that the project gives itself: Shop live",
        &[USES, ("Name that the project gives itself", "Shop live")],
        "There was a problem refreshing your current auth tokens",
    );
}

#[test]
fn terraform_counts_the_state_of_the_folder_that_the_line_names() {
    let talk: Talk<'_> = &[
        ("Who read the plan", "ann, nothing"),
        WAIT,
        ("Resources in the state", "4"),
    ];
    check(
        "terraform -chdir=prod destroy",
        "Workspace: default",
        talk,
        "to point the command to a specific state location.",
    );
}

#[test]
fn az_counts_what_is_in_a_group() {
    let talk: Talk<'_> = &[
        USES,
        ("Look and call: Subscription now", "Shop live"),
        ("Resources in the group", "37"),
    ];
    check(
        "az group delete -n prod --yes",
        "Resources in the group: 37",
        talk,
        "Please run 'az login' to setup account",
    );
}

#[test]
fn terraform_counts_the_state_of_the_folder_into_which_the_line_goes() {
    let talk: Talk<'_> = &[
        ("Who read the plan", "ann, nothing"),
        WAIT,
        ("Resources in the state", "4"),
    ];
    check(
        "cd /srv/prod && terraform destroy",
        "Workspace: default",
        talk,
        "to point the command to a specific state location.",
    );
}

#[test]
fn openstack_counts_the_servers_of_the_project_that_the_line_means() {
    let refused = "Missing value auth-url required for auth plugin password";
    for (line, number) in [
        ("openstack volume delete v1", "2"),
        ("openstack --os-cloud prod volume delete v1", "7"),
    ] {
        let talk = [USES, ("Servers in the project", number)];
        check(
            line,
            &format!("Servers in the project: {number}"),
            &talk,
            refused,
        );
    }
}

#[test]
fn aws_counts_the_items_of_a_table_and_the_records_of_a_zone() {
    let refused = "Could not connect to the endpoint URL";
    let table: Talk<'_> = &[
        USES,
        ("AWS account now", "111122223333"),
        ("Look and call: Items in the table", "48213"),
    ];
    let line = "aws dynamodb delete-table --table-name users";
    check(line, "AWS account now: 111122223333", table, refused);
    let Some(world) = super::host() else { return };
    let line =
        "aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch file://x";
    super::drill(&world, line).wait_for("shop.example.");
}

#[test]
fn doctl_counts_the_machines_of_the_context_that_the_line_names() {
    for (line, number) in [
        ("doctl databases delete 1", "2"),
        ("doctl --context other databases delete 1", "1"),
    ] {
        let label = "Machines in the account";
        let talk = [USES, (label, number)];
        check(
            line,
            &format!("{label}: {number}"),
            &talk,
            "Unable to authenticate you",
        );
    }
}
