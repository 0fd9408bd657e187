//! Which Kubernetes context and namespace count: from kubeconfig files, without starting kubectl.
//!
//! The files are those that kubectl reads: `--kubeconfig`; else the list in `KUBECONFIG`, of which
//! the first file that says something wins; else `~/.kube/config`. What cannot be read is unknown,
//! and so is a place without any file: in a pod another cluster may count.

use std::path::PathBuf;

use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::{Yaml, YamlLoader};

use crate::policy::facts::{Around, Fact};

use super::look;

/// The deepest nesting of a kubeconfig; a real one has six levels.
const DEEPEST: usize = 32;

/// Namespace where nothing says another.
const DEFAULT_NAMESPACE: &str = "default";

/// Returns the names of the context: its own, its cluster's and that of the cluster's server.
pub(super) fn context(around: Around<'_>) -> Fact {
    look::fact(names(around))
}

/// Returns the namespace.
pub(super) fn namespace(around: Around<'_>) -> Fact {
    look::fact(namespace_name(around).map(|name| vec![name]))
}

/// Finds the names of the context.
fn names(around: Around<'_>) -> Option<Vec<String>> {
    let (server, cluster) = match around.invocation.name.as_str() {
        "kubectl" | "oc" => (
            look::option(around, &["--server", "-s"])?,
            look::option(around, &["--cluster"])?,
        ),
        "helm" => (look::option(around, &["--kube-apiserver"])?, None),
        _ => (None, None),
    };
    let typed = typed_context(around)?;
    let configs = match (Configs::read(around), &typed) {
        (Some(configs), _) => configs,
        // A name in the line is at least one name of it.
        (None, Some(_)) if server.is_none() && cluster.is_none() => Configs::default(),
        (None, _) => return None,
    };
    let name = typed.or_else(|| configs.current());
    if name.is_none() && server.is_none() && cluster.is_none() {
        return None;
    }
    let cluster = cluster.or_else(|| configs.of_context(name.as_deref()?, "cluster"));
    let server = server.or_else(|| configs.server(cluster.as_deref()?));
    let host = server.map(|server| host_of(&server).to_owned());
    Some([name, cluster, host].into_iter().flatten().collect())
}

/// Finds the namespace.
fn namespace_name(around: Around<'_>) -> Option<String> {
    let target = &around.invocation.target;
    if let Some(word) = &target.namespace {
        return look::text_of(word);
    }
    // All of them are no one.
    let is_all = |word: &crate::line::Word| {
        let text = word.shown();
        text == "-A" || text.starts_with("--all-namespaces")
    };
    if around.invocation.args.iter().any(is_all) {
        return None;
    }
    if is_helm(around)
        && let Some(name) = look::variable(around, "HELM_NAMESPACE")?
    {
        return Some(name);
    }
    let configs = Configs::read(around)?;
    let context = typed_context(around)?.or_else(|| configs.current())?;
    let name = configs.of_context(&context, "namespace");
    Some(name.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned()))
}

/// Returns the context that the line, or a variable of helm's, names; `Some(None)` where none does.
fn typed_context(around: Around<'_>) -> Option<Option<String>> {
    match &around.invocation.target.context {
        Some(word) => look::text_of(word).map(Some),
        None if is_helm(around) => look::variable(around, "HELM_KUBECONTEXT"),
        None => Some(None),
    }
}

/// Whether the program is one that reads helm's variables.
fn is_helm(around: Around<'_>) -> bool {
    around.invocation.name == "helm"
}

/// The kubeconfig files that count, the most important first.
#[derive(Debug, Default)]
struct Configs(Vec<Yaml>);

impl Configs {
    /// Reads the files; `None` where one cannot be read or there is none.
    fn read(around: Around<'_>) -> Option<Self> {
        let mut found = Vec::new();
        for path in paths(around)? {
            if let Some(text) = look::text(&path)? {
                found.push(document(&text)?);
            }
        }
        (!found.is_empty()).then_some(Self(found))
    }

    /// Returns the current context.
    fn current(&self) -> Option<String> {
        let mut each = self
            .0
            .iter()
            .filter_map(|config| text_in(config, "current-context"));
        each.next()
    }

    /// Returns what a context says of `key`.
    fn of_context(&self, name: &str, key: &str) -> Option<String> {
        text_in(self.entry("contexts", name, "context")?, key)
    }

    /// Returns the server of a cluster.
    fn server(&self, cluster: &str) -> Option<String> {
        text_in(self.entry("clusters", cluster, "cluster")?, "server")
    }

    /// Returns the first entry of a list that has this name.
    fn entry(&self, list: &str, name: &str, kind: &str) -> Option<&Yaml> {
        let lists = self
            .0
            .iter()
            .filter_map(|config| value(config, list)?.as_vec());
        let mut named = lists
            .flatten()
            .filter(|entry| text_in(entry, "name").as_deref() == Some(name));
        value(named.next()?, kind)
    }
}

/// Returns the paths of the files that count, the most important first.
fn paths(around: Around<'_>) -> Option<Vec<PathBuf>> {
    if let Some(path) = look::option(around, &["--kubeconfig"])? {
        return Some(vec![look::at(around, &path)?]);
    }
    match look::variable(around, "KUBECONFIG")? {
        Some(list) => {
            let each = list.split(':').filter(|path| !path.is_empty());
            each.map(|path| look::at(around, path)).collect()
        }
        None => Some(vec![look::home(around)?.join(".kube/config")]),
    }
}

/// Reads one document. One with aliases or deep nesting is no kubeconfig: it could grow beyond
/// memory or stack.
fn document(text: &str) -> Option<Yaml> {
    let mut parser = Parser::new_from_str(text);
    let mut depth = 0_usize;
    loop {
        match parser.next_token().ok()?.0 {
            Event::Alias(_) => return None,
            Event::MappingStart(..) | Event::SequenceStart(..) => depth += 1,
            Event::MappingEnd | Event::SequenceEnd => depth = depth.saturating_sub(1),
            Event::StreamEnd => break,
            Event::Nothing
            | Event::StreamStart
            | Event::DocumentStart
            | Event::DocumentEnd
            | Event::Scalar(..) => {}
        }
        if depth > DEEPEST {
            return None;
        }
    }
    let mut documents = YamlLoader::load_from_str(text).ok()?.into_iter();
    // An empty file says nothing, and that is no mistake.
    Some(documents.next().unwrap_or(Yaml::Null))
}

/// Returns the value of a key of a mapping.
fn value<'y>(mapping: &'y Yaml, key: &str) -> Option<&'y Yaml> {
    mapping.as_hash()?.get(&Yaml::String(key.to_owned()))
}

/// Returns the text under a key of a mapping; an empty one is none.
fn text_in(mapping: &Yaml, key: &str) -> Option<String> {
    let text = match value(mapping, key)? {
        Yaml::String(text) | Yaml::Real(text) => text.clone(),
        Yaml::Integer(number) => number.to_string(),
        Yaml::Boolean(truth) => truth.to_string(),
        Yaml::Array(_) | Yaml::Hash(_) | Yaml::Alias(_) | Yaml::Null | Yaml::BadValue => {
            return None;
        }
    };
    (!text.is_empty()).then_some(text)
}

/// Returns the host of a server's URL.
fn host_of(server: &str) -> &str {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    match rest.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or(address),
        None => rest.split(':').next().unwrap_or(rest),
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::context::look::testing::{Setting, known, word};

    const PROD: &str = "apiVersion: v1\nkind: Config\ncurrent-context: prod\n\
        contexts:\n- name: prod\n  context: {cluster: gke_prod, user: a, namespace: shop}\n\
        - name: dev\n  context:\n    cluster: kind\n\
        clusters:\n- name: gke_prod\n  cluster:\n    server: https://api.prod.example.com:6443\n\
        - name: kind\n  cluster: {server: 'https://127.0.0.1:7443'}\n";

    const OTHER: &str = "current-context: lab\ncontexts:\n- {name: lab, context: {cluster: lab}}\n\
        - {name: prod, context: {cluster: wrong}}\n";

    /// A home with a kubeconfig, and what surrounds a kubectl there.
    fn home() -> (TempDir, Setting) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(".kube")).unwrap();
        std::fs::write(folder.path().join(".kube/config"), PROD).unwrap();
        std::fs::write(folder.path().join("other"), OTHER).unwrap();
        let path = folder.path().to_str().unwrap().to_owned();
        let setting = Setting {
            program: "kubectl",
            variables: vec![("HOME", path.clone())],
            folder: path,
            ..Setting::default()
        };
        (folder, setting)
    }

    const PROD_NAMES: [&str; 3] = ["prod", "gke_prod", "api.prod.example.com"];

    #[test]
    fn the_file_at_home_says_context_and_namespace() {
        let (_folder, setting) = home();
        assert_eq!(setting.ask(context), known(&PROD_NAMES));
        assert_eq!(setting.ask(namespace), known(&["shop"]));
    }

    #[test]
    fn of_a_list_of_files_the_first_that_says_something_wins() {
        let (folder, mut setting) = home();
        let list = format!(
            ":{0}/gone:{0}/other::{0}/.kube/config",
            folder.path().display()
        );
        setting.variables.push(("KUBECONFIG", list));
        assert_eq!(setting.ask(context), known(&["lab"]));
        assert_eq!(setting.ask(namespace), known(&["default"]));
        setting.target.context = Some(word("prod"));
        assert_eq!(setting.ask(context), known(&["prod", "wrong"]));
        setting.target.context = Some(word("dev"));
        assert_eq!(setting.ask(context), known(&["dev", "kind", "127.0.0.1"]));
    }

    #[test]
    fn the_line_wins() {
        let (_folder, mut setting) = home();
        setting.options.push(("--kubeconfig", "other".to_owned()));
        assert_eq!(setting.ask(context), known(&["lab"]));
        setting.target.namespace = Some(word("kube-system"));
        assert_eq!(setting.ask(namespace), known(&["kube-system"]));
        setting.options.push(("--cluster", "elsewhere".to_owned()));
        assert_eq!(setting.ask(context), known(&["lab", "elsewhere"]));
        setting
            .options
            .push(("-s", "https://[::1]:8443/x".to_owned()));
        assert_eq!(setting.ask(context), known(&["lab", "elsewhere", "::1"]));
    }

    #[test]
    fn helm_has_variables_of_its_own() {
        let (_folder, mut setting) = home();
        setting
            .variables
            .push(("HELM_KUBECONTEXT", "dev".to_owned()));
        setting.variables.push(("HELM_NAMESPACE", "web".to_owned()));
        assert_eq!(setting.ask(context), known(&PROD_NAMES));
        setting.program = "helm";
        assert_eq!(setting.ask(context), known(&["dev", "kind", "127.0.0.1"]));
        assert_eq!(setting.ask(namespace), known(&["web"]));
    }

    #[test]
    fn what_cannot_be_read_is_unknown_but_for_the_name_in_the_line() {
        let (folder, mut setting) = home();
        std::fs::write(folder.path().join(".kube/config"), "contexts: [\n").unwrap();
        assert_eq!(setting.ask(context), Fact::Unknown);
        assert_eq!(setting.ask(namespace), Fact::Unknown);
        setting.target.context = Some(word("prod"));
        assert_eq!(setting.ask(context), known(&["prod"]));
        std::fs::remove_file(folder.path().join(".kube/config")).unwrap();
        setting.target.context = None;
        assert_eq!(setting.ask(context), Fact::Unknown);
        setting.variables = vec![("KUBECONFIG", "?".to_owned())];
        assert_eq!(setting.ask(context), Fact::Unknown);
    }

    #[test]
    fn a_document_that_grows_is_not_read() {
        assert_eq!(document("a: &a [x]\nb: *a\n"), None);
        assert_eq!(document(&"[".repeat(100_000)), None);
        let deep = format!("{}{}", "[".repeat(33), "]".repeat(33));
        assert_eq!(document(&deep), None);
        assert_eq!(document(""), Some(Yaml::Null));
    }
}
