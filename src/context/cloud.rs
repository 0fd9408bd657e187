//! Which cloud account counts: AWS profile, Google Cloud project, Azure subscription.
//!
//! From the variables and files of the programs themselves, without starting them. A program that
//! can work on several clouds (`terraform`, `ansible`) has no account that is known.

use serde_json::Value;

use crate::policy::facts::{Around, Fact, typed};

use super::look;

/// Programs that take AWS's profiles.
const AWS: [&str; 9] = [
    "aws", "aws2", "awslocal", "eksctl", "sam", "cdk", "copilot", "eb", "chamber",
];

/// Programs that take Google Cloud's configurations.
const GOOGLE: [&str; 3] = ["gcloud", "gsutil", "bq"];

/// Returns the names of the account.
pub(super) fn account(around: Around<'_>) -> Fact {
    let program = around.invocation.name.as_str();
    let target = around.invocation.target.account.as_ref();
    let said = match target.map(look::text_of) {
        // What is typed and not known is no name.
        Some(None) => return Fact::Unknown,
        Some(Some(name)) => Some(name),
        None => None,
    };
    match program {
        _ if AWS.contains(&program) => look::fact(aws(around, said)),
        _ if GOOGLE.contains(&program) => look::fact(google(around, said)),
        "az" => look::fact(azure(around, said)),
        _ => typed(target),
    }
}

/// Returns the AWS profile and, where the settings say it, the number of the account.
fn aws(around: Around<'_>, said: Option<String>) -> Option<Vec<String>> {
    let profile = match said {
        Some(profile) => profile,
        // Keys in the environment win over every profile but that in the line, and say no account.
        None if look::variable(around, "AWS_ACCESS_KEY_ID")?.is_some() => return None,
        None => match look::variable(around, "AWS_PROFILE")? {
            Some(profile) => profile,
            None => look::variable(around, "AWS_DEFAULT_PROFILE")?
                .unwrap_or_else(|| "default".to_owned()),
        },
    };
    let path = match look::variable(around, "AWS_CONFIG_FILE")? {
        Some(path) => look::at(around, &path)?,
        None => look::home(around)?.join(".aws/config"),
    };
    let mut names = vec![profile.clone()];
    if let Some(text) = look::text(&path)? {
        let section = match profile.as_str() {
            "default" => profile.clone(),
            _ => format!("profile {profile}"),
        };
        let number = look::ini(&text, &section, "sso_account_id");
        names.extend(number.map(str::to_owned));
        // arn:aws:iam::123456789012:role/NAME
        let role = look::ini(&text, &section, "role_arn");
        names.extend(
            role.and_then(|role| role.split(':').nth(4))
                .map(str::to_owned),
        );
    }
    Some(names)
}

/// Returns the Google Cloud project.
fn google(around: Around<'_>, said: Option<String>) -> Option<Vec<String>> {
    if let Some(project) = said {
        return Some(vec![project]);
    }
    if let Some(project) = look::variable(around, "CLOUDSDK_CORE_PROJECT")? {
        return Some(vec![project]);
    }
    let folder = match look::variable(around, "CLOUDSDK_CONFIG")? {
        Some(path) => look::at(around, &path)?,
        None => look::home(around)?.join(".config/gcloud"),
    };
    let active = match look::option(around, &["--configuration"])? {
        Some(name) => Some(name),
        None => look::variable(around, "CLOUDSDK_ACTIVE_CONFIG_NAME")?,
    };
    let active = match active {
        Some(name) => name,
        None => look::text(&folder.join("active_config"))?
            .map(|name| name.trim().to_owned())
            .unwrap_or_else(|| "default".to_owned()),
    };
    let path = folder.join(format!("configurations/config_{active}"));
    // Without one, the machine that it runs on may say a project.
    let settings = look::text(&path)??;
    Some(vec![look::ini(&settings, "core", "project")?.to_owned()])
}

/// Returns name and id of the Azure subscription.
fn azure(around: Around<'_>, said: Option<String>) -> Option<Vec<String>> {
    let folder = match look::variable(around, "AZURE_CONFIG_DIR")? {
        Some(path) => look::at(around, &path)?,
        None => look::home(around)?.join(".azure"),
    };
    let profile = subscriptions(&folder.join("azureProfile.json"));
    let Some(said) = said else {
        let all = profile?;
        let default = all.iter().find(|one| one.is_default)?;
        return Some(vec![default.name.clone(), default.id.clone()]);
    };
    let is_it = |one: &&Subscription| one.name == said || one.id.eq_ignore_ascii_case(&said);
    let all = profile.unwrap_or_default();
    let both = all
        .iter()
        .find(is_it)
        .map(|one| [one.name.clone(), one.id.clone()]);
    Some(
        std::iter::once(said.clone())
            .chain(both.into_iter().flatten())
            .collect(),
    )
}

/// An Azure subscription.
struct Subscription {
    name: String,
    id: String,
    is_default: bool,
}

/// Reads the subscriptions that the Azure command line knows.
fn subscriptions(path: &std::path::Path) -> Option<Vec<Subscription>> {
    let text = look::text(path)??;
    let profile: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let all = profile.get("subscriptions")?.as_array()?;
    let read = |one: &Value| {
        Some(Subscription {
            name: one.get("name")?.as_str()?.to_owned(),
            id: one.get("id")?.as_str()?.to_owned(),
            is_default: one
                .get("isDefault")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        })
    };
    all.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::context::look::testing::{Setting, known, word};

    /// A home with these files, and what surrounds a program there.
    fn home(program: &'static str, files: &[(&str, &str)]) -> (TempDir, Setting) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let path = folder.path().to_str().unwrap().to_owned();
        let setting = Setting {
            program,
            variables: vec![("HOME", path.clone())],
            folder: path,
            ..Setting::default()
        };
        (folder, setting)
    }

    #[test]
    fn an_aws_profile_has_its_name_and_the_number_of_its_account() {
        let config = "[default]\nregion = x\n[profile prod]\nrole_arn = arn:aws:iam::111122223333:role/Op\n[profile sso]\nsso_account_id = 444455556666\n";
        let (_folder, mut setting) = home("aws", &[(".aws/config", config)]);
        assert_eq!(setting.ask(account), known(&["default"]));
        setting
            .variables
            .push(("AWS_DEFAULT_PROFILE", "sso".to_owned()));
        assert_eq!(setting.ask(account), known(&["sso", "444455556666"]));
        setting.variables.push(("AWS_PROFILE", "prod".to_owned()));
        assert_eq!(setting.ask(account), known(&["prod", "111122223333"]));
        setting
            .variables
            .push(("AWS_ACCESS_KEY_ID", "AKIA".to_owned()));
        assert_eq!(setting.ask(account), Fact::Unknown);
        setting.target.account = Some(word("dev"));
        assert_eq!(setting.ask(account), known(&["dev"]));
    }

    #[test]
    fn a_google_project_comes_from_line_variable_or_configuration() {
        let (_folder, mut setting) = home(
            "gcloud",
            &[
                (".config/gcloud/active_config", "work\n"),
                (
                    ".config/gcloud/configurations/config_work",
                    "[core]\naccount = a@example.com\nproject = shop-prod\n",
                ),
                (
                    ".config/gcloud/configurations/config_lab",
                    "[core]\nproject = shop-lab\n",
                ),
                (
                    ".config/gcloud/configurations/config_empty",
                    "[core]\naccount = a\n",
                ),
            ],
        );
        assert_eq!(setting.ask(account), known(&["shop-prod"]));
        setting
            .variables
            .push(("CLOUDSDK_ACTIVE_CONFIG_NAME", "empty".to_owned()));
        assert_eq!(setting.ask(account), Fact::Unknown);
        setting.options.push(("--configuration", "lab".to_owned()));
        assert_eq!(setting.ask(account), known(&["shop-lab"]));
        setting
            .variables
            .push(("CLOUDSDK_CORE_PROJECT", "other".to_owned()));
        assert_eq!(setting.ask(account), known(&["other"]));
        setting.target.account = Some(word("typed"));
        assert_eq!(setting.ask(account), known(&["typed"]));
    }

    #[test]
    fn an_azure_subscription_has_name_and_id() {
        let profile = "\u{feff}{\"subscriptions\": [{\"id\": \"aa-1\", \"name\": \"Prod\", \"isDefault\": true}, {\"id\": \"bb-2\", \"name\": \"Lab\"}]}";
        let (_folder, mut setting) = home("az", &[(".azure/azureProfile.json", profile)]);
        assert_eq!(setting.ask(account), known(&["Prod", "aa-1"]));
        setting.target.account = Some(word("BB-2"));
        assert_eq!(setting.ask(account), known(&["BB-2", "Lab", "bb-2"]));
        setting.target.account = Some(word("Gone"));
        assert_eq!(setting.ask(account), known(&["Gone"]));
    }

    #[test]
    fn without_files_nothing_is_known_but_what_is_typed() {
        for program in ["gcloud", "az", "terraform"] {
            let (_folder, mut setting) = home(program, &[]);
            assert_eq!(setting.ask(account), Fact::Unknown, "{program}");
            setting.target.account = Some(word("x"));
            assert_eq!(setting.ask(account), known(&["x"]), "{program}");
        }
        let (_folder, setting) = home("aws", &[]);
        assert_eq!(setting.ask(account), known(&["default"]));
    }
}
