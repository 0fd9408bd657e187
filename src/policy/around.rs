//! What a line sets around an invocation that says where it leads: the working directory, and
//! variables that name a cluster, an account or a server. Pure.
//!
//! In: an invocation. Out: text for `sh` that goes before a probe's command, so that it looks where
//! the invocation would act and nowhere else.

use crate::line::text::quote;
use crate::line::{Invocation, Moves, TOO_MANY, Value};

use super::again::NotAgain;

/// Variables that say which cluster, account or server counts.
const NAMES: [&str; 41] = [
    "KUBECONFIG",
    "HELM_KUBECONTEXT",
    "HELM_NAMESPACE",
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "CONTAINER_HOST",
    "CONTAINERD_NAMESPACE",
    "MYSQL_HOST",
    "MYSQL_TCP_PORT",
    "MYSQL_UNIX_PORT",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "PULUMI_STACK",
    "PULUMI_BACKEND_URL",
    "PULUMI_ACCESS_TOKEN",
    "RESTIC_REPOSITORY",
    "RESTIC_REPOSITORY_FILE",
    "RESTIC_PASSWORD",
    "RESTIC_PASSWORD_FILE",
    "BORG_REPO",
    "BORG_PASSPHRASE",
    "WALG_AZ_PREFIX",
    "WALG_FILE_PREFIX",
    "WALG_GS_PREFIX",
    "WALG_S3_PREFIX",
    "RCLONE_CONFIG",
    "KOPS_CLUSTER_NAME",
    "KOPS_STATE_STORE",
    "ARGOCD_SERVER",
    "ARGOCD_AUTH_TOKEN",
    "LIBVIRT_DEFAULT_URI",
    "VIRSH_DEFAULT_CONNECT_URI",
    "SLURM_CLUSTERS",
    "SLURM_CONF",
    "LINODE_CLI_TOKEN",
    "AIRFLOW_HOME",
    "AIRFLOW_CONFIG",
    "AIRFLOW__CORE__SQL_ALCHEMY_CONN",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN",
    "DBT_PROJECT_DIR",
    "DBT_TARGET_PATH",
];

/// Beginnings of further names.
const BEGINNINGS: [&str; 13] = [
    "AWS_",
    "CLOUDSDK_",
    "AZURE_",
    "DOCKER_",
    "PG",
    "TF_",
    "OS_",
    "BOSH_",
    "DIGITALOCEAN_",
    "ETCDCTL_",
    "HCLOUD_",
    "NOMAD_",
    "VAULT_",
];

/// Those of them that a line may set for a probe: they only name what is meant. Others name files or
/// programs that a client runs on the way (`CLOUDSDK_PYTHON`, a `credential_process`, a plugin's
/// folder, git's hooks), and the line is not cleared yet. A kubeconfig is taken: it is how a cluster
/// is named, as by `--kubeconfig`.
const GIVEN: [&str; 94] = [
    "ARGOCD_AUTH_TOKEN",
    "ARGOCD_SERVER",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AZURE_DEFAULTS_GROUP",
    "AZURE_DEFAULTS_LOCATION",
    "BORG_PASSPHRASE",
    "BORG_REPO",
    "BOSH_CLIENT",
    "BOSH_CLIENT_SECRET",
    "BOSH_DEPLOYMENT",
    "BOSH_ENVIRONMENT",
    "CLOUDSDK_ACTIVE_CONFIG_NAME",
    "CLOUDSDK_COMPUTE_REGION",
    "CLOUDSDK_COMPUTE_ZONE",
    "CLOUDSDK_CORE_ACCOUNT",
    "CLOUDSDK_CORE_PROJECT",
    "COMPOSE_FILE",
    "COMPOSE_PROJECT_NAME",
    "CONTAINERD_NAMESPACE",
    "CONTAINER_HOST",
    "DBT_PROJECT_DIR",
    "DBT_TARGET_PATH",
    "DIGITALOCEAN_ACCESS_TOKEN",
    "DIGITALOCEAN_CONTEXT",
    "DOCKER_API_VERSION",
    "DOCKER_CERT_PATH",
    "DOCKER_CONTEXT",
    "DOCKER_HOST",
    "DOCKER_TLS_VERIFY",
    "ETCDCTL_API",
    "ETCDCTL_ENDPOINTS",
    "HCLOUD_CONTEXT",
    "HCLOUD_TOKEN",
    "HELM_KUBECONTEXT",
    "HELM_NAMESPACE",
    "KOPS_CLUSTER_NAME",
    "KOPS_STATE_STORE",
    "KUBECONFIG",
    "LINODE_CLI_TOKEN",
    "MYSQL_HOST",
    "MYSQL_TCP_PORT",
    "MYSQL_UNIX_PORT",
    "NOMAD_ADDR",
    "NOMAD_NAMESPACE",
    "NOMAD_REGION",
    "NOMAD_TOKEN",
    "OS_AUTH_TYPE",
    "OS_AUTH_URL",
    "OS_CLOUD",
    "OS_IDENTITY_API_VERSION",
    "OS_PASSWORD",
    "OS_PROJECT_DOMAIN_ID",
    "OS_PROJECT_DOMAIN_NAME",
    "OS_PROJECT_ID",
    "OS_PROJECT_NAME",
    "OS_REGION_NAME",
    "OS_TENANT_NAME",
    "OS_TOKEN",
    "OS_USERNAME",
    "OS_USER_DOMAIN_NAME",
    "PGAPPNAME",
    "PGCONNECT_TIMEOUT",
    "PGDATABASE",
    "PGHOST",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGPASSFILE",
    "PGPASSWORD",
    "PGPORT",
    "PGSERVICE",
    "PGSSLMODE",
    "PGUSER",
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_BACKEND_URL",
    "PULUMI_STACK",
    "RESTIC_PASSWORD",
    "RESTIC_PASSWORD_FILE",
    "RESTIC_REPOSITORY",
    "SLURM_CLUSTERS",
    "TF_IN_AUTOMATION",
    "TF_WORKSPACE",
    "VAULT_ADDR",
    "VAULT_NAMESPACE",
    "VAULT_TOKEN",
    "WALG_AZ_PREFIX",
    "WALG_FILE_PREFIX",
    "WALG_GS_PREFIX",
    "WALG_S3_PREFIX",
];

/// Words with which a wrapper on this host runs its command in another folder.
const CHDIR: [&str; 7] = [
    "-C",
    "-D",
    "--chdir",
    "--directory",
    "--cwd",
    "-execdir",
    "-okdir",
];

/// Words with which it does so in a home.
const LOGIN: [&str; 4] = ["-", "-i", "-l", "--login"];

/// What is said not to be known where the working directory is not; it is the placeholder's name, too.
pub const FOLDER: &str = "folder";

/// The status of a probe that cannot enter the command's working directory.
const NO_FOLDER: u8 = 126;

/// Returns whether a variable says which cluster, account or server counts: a probe is given what
/// the command has of it, from the line and from the gate's own surroundings.
#[must_use]
pub fn says_where(name: &str) -> bool {
    NAMES.contains(&name) || BEGINNINGS.iter().any(|start| name.starts_with(start))
}

/// What is set around an invocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Around {
    /// The working directory, where the line changes it.
    folder: Option<String>,
    /// The variables that say where; an empty one was unset.
    variables: Vec<(String, String)>,
}

impl Around {
    /// Reads what is set; the working directory where the probe needs it.
    ///
    /// # Errors
    /// Where it is not known.
    pub(super) fn of(invocation: &Invocation, needs_folder: bool) -> Result<Self, NotAgain> {
        let unknown = |name: &str| Err(NotAgain::Unknown(name.to_owned()));
        for word in invocation
            .via
            .iter()
            .flat_map(|via| via.words.iter().skip(1))
        {
            let text = word.shown();
            // The value may be a secret.
            if let Some((name, _)) = text.split_once('=').filter(|(name, _)| says_where(name)) {
                return unknown(name);
            }
        }
        if needs_folder && is_led_elsewhere(invocation) {
            return unknown(FOLDER);
        }
        let folder = match &invocation.folder {
            // What the shell calls the folder above need not be what the disk does.
            Some(Value::Text(folder)) if needs_folder && !folder.starts_with("..") => {
                Some(folder.clone())
            }
            Some(_) if needs_folder => return unknown(FOLDER),
            Some(_) | None => None,
        };
        if invocation.variables.contains_key(TOO_MANY) {
            return unknown("variables");
        }
        let mut variables = Vec::new();
        for (name, value) in &invocation.variables {
            match value {
                _ if !says_where(name) => {}
                _ if !GIVEN.contains(&name.as_str()) => return unknown(name),
                Value::Text(value) => variables.push((name.clone(), value.clone())),
                Value::Unset => variables.push((name.clone(), String::new())),
                Value::List(_) | Value::Either(_) | Value::Unknown => return unknown(name),
            }
        }
        Ok(Self { folder, variables })
    }

    /// Returns the text before one simple command.
    pub(super) fn before_command(&self) -> String {
        let mut before = match &self.folder {
            Some(folder) => format!("cd {} && ", quote(folder)),
            None => String::new(),
        };
        for (name, value) in &self.variables {
            before.push_str(&format!("{name}={} ", quote_value(value)));
        }
        before
    }

    /// Returns any text for `sh` with this around it.
    pub(super) fn around(&self, text: &str) -> String {
        let is_simple = !text.contains([';', '\n', '|', '&']);
        if is_simple && !text.starts_with(|first: char| !first.is_ascii_alphanumeric()) {
            return format!("{}{text}", self.before_command());
        }
        let mut before = String::new();
        if let Some(folder) = &self.folder {
            before.push_str(&format!("cd {} || exit {NO_FOLDER}; ", quote(folder)));
        }
        for (name, value) in &self.variables {
            before.push_str(&format!("export {name}={}; ", quote_value(value)));
        }
        before + text
    }
}

/// Returns a value as it stands behind `NAME=`.
fn quote_value(value: &str) -> String {
    match value {
        "" => String::new(),
        value => quote(value),
    }
}

/// Returns whether a wrapper on this host may run its command in another folder. Through what
/// leads to another host or container a probe goes itself, with the same words.
fn is_led_elsewhere(invocation: &Invocation) -> bool {
    let stays =
        |via: &&crate::line::Via| !matches!(via.moves, Some(Moves::Host | Moves::Container));
    let is_relative =
        matches!(&invocation.folder, Some(Value::Text(path)) if !path.starts_with('/'));
    let leads = |word: &crate::line::Word| {
        let word = word.beginning();
        let name = word.split('=').next().unwrap_or(&word);
        CHDIR.contains(&name)
            || name.starts_with("-C")
            || name.starts_with("-D")
            || (is_relative && LOGIN.contains(&name))
    };
    let words = invocation.via.iter().filter(stays);
    words.flat_map(|via| via.words.iter().skip(1)).any(leads)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(folder: Option<&str>, variables: &[(&str, &str)]) -> Around {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Around {
            folder: folder.map(str::to_owned),
            variables: variables.iter().map(owned).collect(),
        }
    }

    #[test]
    fn a_command_has_it_before_it() {
        let set = around(Some("/srv/a b"), &[("PGHOST", "db 2"), ("PGUSER", "")]);
        assert_eq!(
            set.around("psql -l"),
            "cd '/srv/a b' && PGHOST='db 2' PGUSER= psql -l"
        );
        assert_eq!(around(None, &[]).around("a; b"), "a; b");
    }

    #[test]
    fn a_script_does_not_start_where_the_folder_is_not_there() {
        let set = around(Some("/srv"), &[("PGHOST", "db2")]);
        for text in ["a; b", "a || b", "(a)", "a\nb", "{ a"] {
            assert_eq!(
                set.around(text),
                format!("cd /srv || exit 126; export PGHOST=db2; {text}")
            );
        }
    }

    #[test]
    fn only_what_says_where_counts() {
        for name in [
            "AWS_PROFILE",
            "KUBECONFIG",
            "PGHOST",
            "TF_WORKSPACE",
            "GIT_DIR",
            "RESTIC_REPOSITORY",
            "HCLOUD_TOKEN",
            "NOMAD_ADDR",
        ] {
            assert!(says_where(name), "{name}");
        }
        for name in [
            "PATH",
            "GIT_SSH_COMMAND",
            "LD_PRELOAD",
            "HELM_PLUGINS",
            "RESTIC_PASSWORD_COMMAND",
            "BORG_RSH",
            "BORG_PASSCOMMAND",
            "",
        ] {
            assert!(!says_where(name), "{name}");
        }
    }

    #[test]
    fn what_a_client_would_run_is_not_taken_from_the_line() {
        let set = |name: &str| {
            let mut invocation = Invocation::default();
            let value = Value::Text("/tmp/x".to_owned());
            invocation.variables.insert(name.to_owned(), value);
            Around::of(&invocation, false).map(|around| around.variables.len())
        };
        for name in [
            "CLOUDSDK_PYTHON",
            "CLOUDSDK_CONFIG",
            "AWS_CONFIG_FILE",
            "DOCKER_CONFIG",
            "GIT_DIR",
            "TF_LOG_PATH",
            "PGSSLKEY",
        ] {
            assert_eq!(set(name), Err(NotAgain::Unknown(name.to_owned())), "{name}");
        }
        assert_eq!(set("PGHOST"), Ok(1));
        assert_eq!(set("EDITOR"), Ok(0));
    }
}
