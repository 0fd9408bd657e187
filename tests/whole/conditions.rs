//! Conditions that the host's own files and ledger answer, through the door's reading of a line.

#![expect(clippy::disallowed_methods, reason = "a test writes its own files")]

use std::fs;
use std::path::Path;

use kanmon::context::{Environment, SystemFacts};
use kanmon::door::understand::{NoVariables, understand};
use kanmon::gate::Who;
use kanmon::line::Line;
use kanmon::policy::pack::{Layer, SourceFile, read, render};
use kanmon::policy::{Profile, RuleSet};

use crate::judged::{ids, root};

/// A team's rules on the built-in words and wrappers.
const RULES: &str = r#"
[pack]
id = "team"
title = "Team"
[[rule]]
id = "cluster"
title = "Change the production cluster"
why = "Customers are on it."
risk = "low"
match = [{ program = ["kubectl", "helm"], verb = ["!@read"] }]
when = { context = ["*prod*"], namespace = ["!sandbox"] }
[[rule]]
id = "account"
title = "Change the production account"
why = "Customers are on it."
risk = "low"
match = [{ program = "aws", verb = ["!@read"] }]
when = { account = ["prod", "111122223333"] }
[[rule]]
id = "branch"
title = "Push main"
why = "It is deployed."
risk = "low"
match = [{ program = "git", verb = ["push"] }]
when = { branch = "main" }
"#;

/// Returns the rules.
fn rules() -> RuleSet {
    let folder = root().join("rules");
    let names = [
        "words/cloud.toml",
        "words/kubernetes.toml",
        "words/operations.toml",
        "words/plain.toml",
        "wrappers.toml",
    ];
    let mut files: Vec<SourceFile> = names
        .iter()
        .map(|name| SourceFile {
            name: (*name).to_owned(),
            text: fs::read_to_string(folder.join(name)).unwrap(),
            layer: Layer::BuiltIn,
        })
        .collect();
    files.push(SourceFile {
        name: "team.toml".to_owned(),
        text: RULES.to_owned(),
        layer: Layer::System,
    });
    let (packs, mistakes) = read(&files);
    assert_eq!(render(&mistakes, &files), "");
    RuleSet::of_packs(&packs).unwrap()
}

/// Writes a file, folders included.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn clusters_accounts_and_branches_are_read_from_their_files() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    write(
        &at(".kube/config"),
        "current-context: c1\ncontexts:\n- {name: c1, context: {cluster: eks-prod, namespace: shop}}\n- {name: lab, context: {cluster: kind}}\n",
    );
    write(
        &at(".aws/config"),
        "[profile ops]\nrole_arn = arn:aws:iam::111122223333:role/Ops\n[profile lab]\n",
    );
    write(&at("repo/.git/HEAD"), "ref: refs/heads/main\n");
    write(&at("topic/.git/HEAD"), "ref: refs/heads/topic\n");
    let home = home.path().to_str().unwrap().to_owned();
    let environment: Environment = [("HOME", home.as_str()), ("AWS_PROFILE", "lab")]
        .into_iter()
        .collect();
    let who = Who {
        host: "gate1".to_owned(),
        cwd: format!("{home}/repo"),
        ..Who::default()
    };
    let (rules, facts) = (rules(), SystemFacts::new(who, environment));
    let check = |line: &str, expected: &[&str]| {
        let line = line.replace("HOME", &home);
        let profile = Profile::Production;
        let found = understand(
            &Line::shell(line.as_bytes()),
            &rules,
            &facts,
            &NoVariables,
            profile,
        );
        assert_eq!(ids(&found.verdict), expected, "{line}");
    };
    let (cluster, account, branch) = (["team.cluster"], ["team.account"], ["team.branch"]);
    check("kubectl delete pod x", &cluster);
    check("kubectl get pod x", &[]);
    check("kubectl delete pod x -n sandbox", &[]);
    check("kubectl --context lab delete pod x", &[]);
    check("KUBECONFIG=HOME/gone kubectl delete pod x", &cluster);
    check("helm uninstall x", &cluster);
    check("helm uninstall x --kube-context lab", &[]);
    check("sudo kubectl delete pod x", &cluster);

    check("aws ec2 terminate-instances --instance-ids i-1", &[]);
    check(
        "aws --profile ops ec2 terminate-instances --instance-ids i-1",
        &account,
    );
    check("AWS_PROFILE=ops aws ec2 terminate-instances", &account);
    check(
        "AWS_PROFILE=lab env AWS_PROFILE=prod aws ec2 terminate-instances",
        &account,
    );
    check("AWS_ACCESS_KEY_ID=A aws ec2 terminate-instances", &account);
    check("ssh b1 aws ec2 terminate-instances", &account);

    check("git push", &branch);
    check("git -C HOME/topic push", &[]);
    check("cd HOME/topic && git push", &[]);
    check("cd .. && git push", &branch);
}
