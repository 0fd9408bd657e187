//! The way of a probe to its target: the same hosts and containers as the held command.
//!
//! In: a [`Job`], whether the gate's user is root here. Out: an argv to run and, where it begins
//! with ssh, the connection that it goes through. Pure.
//!
//! Only wrappers that move to another host or container count. `sudo` in the line lends nothing to
//! a probe; a probe that needs root says so itself. Of ssh's words those stay that say where to
//! and how to get there; forwardings, terminals and background do not.
//!
//! The line is not cleared yet, so nothing that its words name may run on the way: no `ssh` from
//! the working directory, no `ProxyCommand`, no settings file, no library, no new container. Such a
//! way is not taken at all, for without that word it would lead elsewhere.

use crate::gate::world::{Job, NotSeen};
use crate::line::text::quote;
use crate::line::{Moves, Via};
use crate::policy::rule::ProbeForm;

use super::environment::PATH;
use super::pwsh;

/// A way to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The ssh that everything goes through, if the first step is to another host.
    pub first: Option<Hop>,
    /// What is run: here, or as one text for the shell behind `first`.
    pub argv: Vec<String>,
}

/// An ssh to another host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// The program as typed.
    pub program: String,
    /// Its options that count for the way.
    pub options: Vec<String>,
    /// Host, or user and host, as typed.
    pub destination: String,
}

/// Options of ssh that take a value.
const SSH_VALUES: &str = "BbcDEeFIiJLlmOoPpQRSWw";

/// Options of ssh that take no value and say how to get there.
const SSH_KEPT_FLAGS: &str = "46CKk";

/// Options of ssh that take a value and say how to get there.
const SSH_KEPT_VALUES: &str = "BbciJlmPp";

/// Settings after `-o` that are not about the way there; left out.
const SSH_DROPPED_SETTINGS: [&str; 27] = [
    "batchmode",
    "clearallforwardings",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "escapechar",
    "exitonforwardfailure",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "localcommand",
    "localforward",
    "permitlocalcommand",
    "remotecommand",
    "remoteforward",
    "requesttty",
    "sendenv",
    "sessiontype",
    "setenv",
    "stdinnull",
    "tunnel",
];

/// Settings after `-o` that are about the way there and start nothing; kept. What is in neither
/// list may run a program, load a library or read further settings.
const SSH_KEPT_SETTINGS: [&str; 40] = [
    "addkeystoagent",
    "addressfamily",
    "bindaddress",
    "bindinterface",
    "canonicalizehostname",
    "casignaturealgorithms",
    "certificatefile",
    "checkhostip",
    "ciphers",
    "compression",
    "connectionattempts",
    "fingerprinthash",
    "globalknownhostsfile",
    "gssapiauthentication",
    "hashknownhosts",
    "hostbasedauthentication",
    "hostkeyalgorithms",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "ipqos",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "loglevel",
    "macs",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "passwordauthentication",
    "port",
    "preferredauthentications",
    "proxyjump",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
];

/// Words of wrappers into containers that make something new instead of entering what is there.
const MAKING: [&str; 6] = ["run", "debug", "create", "start", "up", "execute-command"];

/// Settings that every ssh of a probe has, before all others: the first one counts.
const SSH_SETTINGS: [&str; 7] = [
    "BatchMode=yes",
    "ConnectTimeout=5",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "RemoteCommand=none",
    "PermitLocalCommand=no",
];

/// Runs `$0` as root: as it is where that is so already, else through sudo without a question.
const AS_ROOT: &str = "test \"$(id -u)\" = 0 && exec sh -c \"$0\"; \
                       exec sudo -n env LC_ALL=C PATH=\"$PATH\" sh -c \"$0\"";

impl Route {
    /// Returns the way of a job.
    ///
    /// # Errors
    /// Where a placeholder or a word of a wrapper is not known, or a wrapper is none that a probe
    /// can go through.
    pub fn of(job: &Job, is_root: bool) -> Result<Self, NotSeen> {
        if job.is_open && !job.is_here() {
            return Err(NotSeen::ManyTargets);
        }
        let text = job.command.clone()?;
        let steps = steps(job)?;
        if job.probe.form == ProbeForm::Pwsh {
            return through(steps, pwsh::argv(job, &text)?, |argv| argv);
        }
        let is_far = !steps.is_empty();
        let argv = match job.probe.root && (is_far || !is_root) {
            true => vec!["sh".to_owned(), "-c".to_owned(), AS_ROOT.to_owned(), text],
            false => vec!["sh".to_owned(), "-c".to_owned(), text],
        };
        through(steps, argv, plainly)
    }
}

/// Returns the way of `argv` through these steps; `at_host` makes it what a host's shell reads.
fn through(
    steps: Vec<Step>,
    mut argv: Vec<String>,
    at_host: fn(Vec<String>) -> Vec<String>,
) -> Result<Route, NotSeen> {
    let mut first = None;
    let n_steps = steps.len();
    for (index, step) in steps.into_iter().rev().enumerate() {
        let is_outermost = index + 1 == n_steps;
        match step {
            Step::Container(words) => argv = [words, argv].concat(),
            Step::Host(hop) => {
                argv = at_host(argv);
                if is_outermost {
                    first = Some(hop);
                } else {
                    argv = hop.command(&[], &join(&argv));
                }
            }
        }
    }
    Ok(Route { first, argv })
}

impl Hop {
    /// Returns the argv that runs `text` in the shell there; `extra` are further settings.
    #[must_use]
    pub fn command(&self, extra: &[String], text: &str) -> Vec<String> {
        let mut argv = self.with_settings(extra);
        argv.extend(["-T".to_owned(), "--".to_owned()]);
        argv.extend([self.destination.clone(), text.to_owned()]);
        argv
    }

    /// Returns the argv that opens a connection there and runs nothing; `extra` are further
    /// settings.
    #[must_use]
    pub fn connect(&self, extra: &[String]) -> Vec<String> {
        let mut argv = self.with_settings(extra);
        argv.extend(["-T", "-N", "--"].map(str::to_owned));
        argv.push(self.destination.clone());
        argv
    }

    /// Returns the host's name without a user.
    #[must_use]
    pub fn host(&self) -> &str {
        let name = self.destination.as_str();
        name.rsplit_once('@').map_or(name, |(_, host)| host)
    }

    /// Returns the program with its settings and options.
    fn with_settings(&self, extra: &[String]) -> Vec<String> {
        let settings = SSH_SETTINGS.iter().copied().map(str::to_owned);
        let mut argv = vec![self.program.clone()];
        for setting in extra.iter().cloned().chain(settings) {
            argv.extend(["-o".to_owned(), setting]);
        }
        argv.extend(self.options.iter().cloned());
        argv
    }
}

/// Returns the command that a person would type to see what `job` sees.
#[must_use]
pub fn shown(job: &Job) -> String {
    let Ok(text) = &job.command else {
        return job.probe.run.clone();
    };
    let steps = steps(job).unwrap_or_default();
    let pwsh = pwsh::shown(job, text);
    let text = pwsh.as_ref().unwrap_or(text);
    let is_simple = !text.contains(|c: char| "|&;<>()$`\\\"'*?[]#~=%!{}\n".contains(c));
    let mut shown = match (job.probe.root, is_simple) {
        (true, true) => format!("sudo {text}"),
        (true, false) => format!("sudo sh -c {}", quote(text)),
        (false, _) => text.clone(),
    };
    let is_argv = is_simple || job.probe.root;
    for (index, step) in steps.iter().rev().enumerate() {
        shown = match step {
            Step::Host(hop) => {
                let mut words = vec![hop.program.clone()];
                words.extend(hop.options.iter().chain([&hop.destination]).cloned());
                format!("{} {}", join(&words), quote(&shown))
            }
            Step::Container(words) if index == 0 && !is_argv => {
                format!("{} sh -c {}", join(words), quote(&shown))
            }
            Step::Container(words) => format!("{} {shown}", join(words)),
        };
    }
    shown
}

/// One step on the way.
enum Step {
    /// To another host.
    Host(Hop),
    /// Into a container; the wrapper's words.
    Container(Vec<String>),
}

/// Returns the steps to the job's target, the outermost first.
fn steps(job: &Job) -> Result<Vec<Step>, NotSeen> {
    if job.is_here() {
        return Ok(Vec::new());
    }
    let mut steps = Vec::new();
    for via in &job.via {
        match via.moves {
            Some(Moves::Host) => steps.push(Step::Host(hop(via)?)),
            Some(Moves::Container) => steps.push(Step::Container(container(via)?)),
            Some(Moves::User | Moves::Later) | None => {}
        }
    }
    Ok(steps)
}

/// Returns the wrapper's words as text.
fn words(via: &Via) -> Result<Vec<String>, NotSeen> {
    let known = |word: &crate::line::Word| {
        let text = word
            .known()
            .filter(|text| !word.lossy && !text.contains('\0'));
        text.ok_or_else(|| NotSeen::Placeholder(word.shown()))
    };
    via.words.iter().map(known).collect()
}

/// Reads the words of an ssh.
fn hop(via: &Via) -> Result<Hop, NotSeen> {
    let words = words(via)?;
    if via.name != "ssh" {
        return Err(NotSeen::NotStarted(via.name.clone()));
    }
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_else(|| via.name.clone());
    runs_nothing_else(&program)?;
    let (mut options, mut destination) = (Vec::new(), None);
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some("-") => {}
            Some(cluster) => keep_options(cluster, &mut words, &mut options)?,
            None => {
                // What follows the first operand would be the command.
                destination.get_or_insert(word);
            }
        }
    }
    let destination = destination.ok_or_else(|| NotSeen::NotStarted(via.name.clone()))?;
    if !is_name(&destination) {
        return Err(NotSeen::WouldRun(destination));
    }
    Ok(Hop {
        program,
        options,
        destination,
    })
}

/// Refuses a program that lies elsewhere than where a probe looks for programs.
pub(super) fn runs_nothing_else(program: &str) -> Result<(), NotSeen> {
    // The runner's tests bring an ssh of their own.
    #[cfg(test)]
    if program.ends_with("/stand-in/ssh") {
        return Ok(());
    }
    match program.rsplit_once('/') {
        Some((folder, _)) if !PATH.split(':').any(|known| known == folder) => {
            Err(NotSeen::WouldRun(program.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Returns whether a host, a user or a list of hosts is made of what names are made of: a shell
/// may read it, where the operator's own settings put it into a `ProxyCommand`.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "@._-:,%[]/+\\".contains(c);
    !text.is_empty() && text.chars().all(is_plain)
}

/// Keeps those of a cluster of ssh's options that say how to get there.
///
/// # Errors
/// Where one would run something on the way.
fn keep_options(
    cluster: &str,
    rest: &mut impl Iterator<Item = String>,
    options: &mut Vec<String>,
) -> Result<(), NotSeen> {
    let mut letters = cluster.chars();
    while let Some(letter) = letters.next() {
        if !SSH_VALUES.contains(letter) {
            if SSH_KEPT_FLAGS.contains(letter) {
                options.push(format!("-{letter}"));
            }
            continue;
        }
        let glued = letters.as_str();
        let value = match glued.is_empty() {
            true => rest.next().unwrap_or_default(),
            false => glued.to_owned(),
        };
        let is_kept = match letter {
            'o' => is_kept_setting(&value),
            // A library, and a file of settings.
            'I' => None,
            'F' => (value == "none").then_some(true),
            'J' | 'l' => is_name(&value).then_some(true),
            _ => Some(SSH_KEPT_VALUES.contains(letter)),
        };
        match is_kept {
            Some(true) => options.extend([format!("-{letter}"), value]),
            Some(false) => {}
            None => return Err(NotSeen::WouldRun(format!("-{letter} {value}"))),
        }
        return Ok(());
    }
    Ok(())
}

/// Returns whether a setting after `-o` is about the way there; `None` where it may run something.
fn is_kept_setting(setting: &str) -> Option<bool> {
    let setting = setting.trim_start();
    let end = setting.find(['=', ' ', '\t']).unwrap_or(setting.len());
    let (name, value) = setting.split_at_checked(end).unwrap_or_default();
    let name = name.to_ascii_lowercase();
    if SSH_DROPPED_SETTINGS.contains(&name.as_str()) {
        return Some(false);
    }
    let value = value.trim_matches(['=', ' ', '\t', '"']);
    let names_somebody = ["hostname", "proxyjump", "user"].contains(&name.as_str());
    let is_kept = SSH_KEPT_SETTINGS.contains(&name.as_str());
    (is_kept && (!names_somebody || is_name(value))).then_some(true)
}

/// Returns the words of a wrapper that goes into a container, without those that ask for a
/// terminal, standard input or background.
fn container(via: &Via) -> Result<Vec<String>, NotSeen> {
    let words = words(via)?;
    runs_nothing_else(words.first().map_or("", String::as_str))?;
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let enters = via.name == "lxc-attach" || has(&["exec", "rsh", "shell"]);
    if !enters || has(&MAKING) {
        return Err(NotSeen::WouldRun(join(&words)));
    }
    let mut kept: Vec<String> = words.into_iter().filter_map(without_terminal).collect();
    let needs_end = matches!(via.name.as_str(), "kubectl" | "oc");
    if needs_end && kept.last().is_none_or(|last| last != "--") {
        kept.push("--".to_owned());
    }
    Ok(kept)
}

/// Takes from a word what asks for a terminal, standard input or background; `None` where nothing
/// else is in it.
fn without_terminal(word: String) -> Option<String> {
    let name = word.split('=').next().unwrap_or_default();
    if matches!(name, "--tty" | "--interactive" | "--stdin" | "--detach") {
        return None;
    }
    match word.strip_prefix('-') {
        Some(cluster) if !cluster.is_empty() && !cluster.starts_with('-') => {
            let rest = cluster.trim_start_matches(['i', 't', 'd']);
            (!rest.is_empty()).then(|| format!("-{rest}"))
        }
        _ => Some(word),
    }
}

/// Returns `argv` with a plain environment, for whatever shell reads it.
fn plainly(argv: Vec<String>) -> Vec<String> {
    let plain = [
        "env".to_owned(),
        "LC_ALL=C".to_owned(),
        format!("PATH={PATH}"),
    ];
    plain.into_iter().chain(argv).collect()
}

/// Returns `words` as one would type them in a shell.
pub(super) fn join(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::line::{Span, Word};
    use crate::policy::rule::{Drift, On, Probe, Text, Value};

    /// A wrapper with these words.
    fn via(moves: Option<Moves>, words: &[&str]) -> Via {
        Via {
            name: words[0].rsplit('/').next().unwrap().to_owned(),
            words: words
                .iter()
                .map(|word| Word::plain(word, Span::default()))
                .collect(),
            span: Span::default(),
            moves,
            shell: moves == Some(Moves::Host),
        }
    }

    fn host(words: &[&str]) -> Via {
        via(Some(Moves::Host), words)
    }

    fn inside(words: &[&str]) -> Via {
        via(Some(Moves::Container), words)
    }

    fn user(words: &[&str]) -> Via {
        via(Some(Moves::User), words)
    }

    fn job(text: &str, root: bool, via: &[Via]) -> Job {
        let probe = Probe {
            id: "p.x".to_owned(),
            run: text.to_owned(),
            form: ProbeForm::Sh,
            on: On::Target,
            root,
            ok: vec![0],
            value: Value::Output,
            lines: 20,
            drift: Drift::Any,
            timeout: Duration::from_secs(1),
            label: Text::default(),
        };
        Job {
            id: "p.x".to_owned(),
            command: Ok(text.to_owned()),
            probe,
            via: via.to_vec(),
            is_open: false,
        }
    }

    /// Asserts where a job goes (options and destination of its ssh) and what runs there.
    fn check(via: &[Via], hop: Option<(&[&str], &str)>, argv: &[&str]) {
        let route = Route::of(&job("a 'b'", false, via), false).unwrap();
        let found = route.first.as_ref().map(|hop| {
            let options: Vec<&str> = hop.options.iter().map(String::as_str).collect();
            (options, hop.destination.as_str())
        });
        assert_eq!(
            found,
            hop.map(|(options, destination)| (options.to_vec(), destination))
        );
        assert_eq!(route.argv, argv);
    }

    const HERE: &[&str] = &["sh", "-c", "a 'b'"];
    const PATH_SET: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const THERE: &[&str] = &["env", "LC_ALL=C", PATH_SET, "sh", "-c", "a 'b'"];

    #[test]
    fn a_probe_stays_here_where_nothing_moves() {
        check(&[], None, HERE);
        check(
            &[user(&["sudo", "-u", "root"]), via(None, &["nice"])],
            None,
            HERE,
        );
        let mut here = job("x", false, &[host(&["ssh", "mx1"])]);
        here.probe.on = On::Here;
        assert_eq!(Route::of(&here, false).unwrap().first, None);
    }

    #[test]
    fn of_sshs_words_those_stay_that_say_how_to_get_there() {
        check(&[host(&["ssh", "mx1"])], Some((&[], "mx1")), THERE);
        check(
            &[host(&[
                "ssh", "-p", "22", "-lop", "-J", "jump", "-F", "none", "-i", "key", "mx1",
            ])],
            Some((
                &[
                    "-p", "22", "-l", "op", "-J", "jump", "-F", "none", "-i", "key",
                ],
                "mx1",
            )),
            THERE,
        );
        check(
            &[host(&[
                "ssh", "-tt", "-4fNp", "2222", "-L", "1:h:2", "-R3:h:4", "-D", "5", "-Wh:1",
                "-XYA", "-S", "/s", "op@mx1", "--",
            ])],
            Some((&["-4", "-p", "2222"], "op@mx1")),
            THERE,
        );
        check(
            &[host(&[
                "ssh",
                "-oUser=op",
                "-o",
                "ControlPath=/x",
                "-o",
                "requesttty force",
                "-o",
                "HostKeyAlias=m",
                "mx1",
            ])],
            Some((&["-o", "User=op", "-o", "HostKeyAlias=m"], "mx1")),
            THERE,
        );
    }

    #[test]
    fn the_command_of_a_hop_asks_nothing_and_shares_a_connection() {
        let route = Route::of(
            &job("x", false, &[host(&["/usr/bin/ssh", "-p", "22", "op@mx1"])]),
            false,
        );
        let hop = route.unwrap().first.unwrap();
        assert_eq!(hop.host(), "mx1");
        let settings = [
            "-o",
            "ControlPath=/r/0",
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=5",
            "-o",
            "ClearAllForwardings=yes",
            "-o",
            "ForwardAgent=no",
            "-o",
            "ForwardX11=no",
            "-o",
            "RemoteCommand=none",
            "-o",
            "PermitLocalCommand=no",
            "-p",
            "22",
        ];
        let extra = ["ControlPath=/r/0".to_owned()];
        let expect = [
            &["/usr/bin/ssh"][..],
            &settings,
            &["-T", "--", "op@mx1", "x y"],
        ]
        .concat();
        assert_eq!(hop.command(&extra, "x y"), expect);
        let expect = [
            &["/usr/bin/ssh"][..],
            &settings,
            &["-T", "-N", "--", "op@mx1"],
        ]
        .concat();
        assert_eq!(hop.connect(&extra), expect);
    }

    #[test]
    fn nothing_that_the_line_names_runs_on_the_way() {
        let hosts: &[&[&str]] = &[
            &["./ssh", "mx1"],
            &["/tmp/ssh", "mx1"],
            &["ssh", "-oProxyCommand=reboot", "mx1"],
            &["ssh", "-o", " proxycommand reboot", "mx1"],
            &["ssh", "-o", "\"ProxyCommand\" reboot", "mx1"],
            &["ssh", "-vo", "KnownHostsCommand=/tmp/x", "mx1"],
            &["ssh", "-oPKCS11Provider=/tmp/x.so", "mx1"],
            &["ssh", "-oSecurityKeyProvider=/tmp/x.so", "mx1"],
            &["ssh", "-oXAuthLocation=/tmp/x", "mx1"],
            &["ssh", "-oInclude=/tmp/x", "mx1"],
            &["ssh", "-I", "/tmp/x.so", "mx1"],
            &["ssh", "-F", "/tmp/x", "mx1"],
            &["ssh", "-J", "a;reboot", "mx1"],
            &["ssh", "-l", "$(reboot)", "mx1"],
            &["ssh", "-oHostName=`reboot`", "mx1"],
            &["ssh", "a;reboot"],
        ];
        let containers: &[&[&str]] = &[
            &["./docker", "exec", "db1"],
            &["docker", "run", "-v", "/:/host", "image"],
            &["docker", "run", "exec"],
            &["kubectl", "debug", "-it", "web-0", "--"],
            &["lxc-execute", "-n", "x", "--"],
        ];
        let vias = hosts.iter().map(|words| host(words));
        for via in vias.chain(containers.iter().map(|words| inside(words))) {
            let route = Route::of(&job("x", false, std::slice::from_ref(&via)), false);
            assert!(
                matches!(route, Err(NotSeen::WouldRun(_))),
                "{via:?}: {route:?}"
            );
        }
    }

    #[test]
    fn containers_are_entered_without_a_terminal() {
        let docker = inside(&["docker", "exec", "-it", "-u", "root", "db1"]);
        check(
            &[docker],
            None,
            &["docker", "exec", "-u", "root", "db1", "sh", "-c", "a 'b'"],
        );
        let kubectl = inside(&[
            "kubectl",
            "exec",
            "-n",
            "prod",
            "-ti",
            "--stdin=true",
            "web-0",
            "--",
        ]);
        check(
            &[kubectl],
            None,
            &[
                "kubectl", "exec", "-n", "prod", "web-0", "--", "sh", "-c", "a 'b'",
            ],
        );
        let kubectl = inside(&["kubectl", "exec", "web-0"]);
        check(
            &[kubectl],
            None,
            &["kubectl", "exec", "web-0", "--", "sh", "-c", "a 'b'"],
        );
    }

    #[test]
    fn steps_nest_with_quotes() {
        check(
            &[
                host(&["ssh", "mx1"]),
                user(&["sudo"]),
                inside(&["docker", "exec", "-t", "c"]),
            ],
            Some((&[], "mx1")),
            &[
                "env", "LC_ALL=C", PATH_SET, "docker", "exec", "c", "sh", "-c", "a 'b'",
            ],
        );
        let text = format!(r"env LC_ALL=C {PATH_SET} sh -c 'a '\''b'\'''");
        check(
            &[host(&["ssh", "jump"]), host(&["ssh", "-t", "mx1"])],
            Some((&[], "jump")),
            &[
                "env",
                "LC_ALL=C",
                PATH_SET,
                "ssh",
                "-o",
                "BatchMode=yes",
                "-o",
                "ConnectTimeout=5",
                "-o",
                "ClearAllForwardings=yes",
                "-o",
                "ForwardAgent=no",
                "-o",
                "ForwardX11=no",
                "-o",
                "RemoteCommand=none",
                "-o",
                "PermitLocalCommand=no",
                "-T",
                "--",
                "mx1",
                &text,
            ],
        );
    }

    #[test]
    fn root_is_asked_for_where_it_is_not_there_already() {
        let argv = |via: &[Via], is_root| Route::of(&job("x", true, via), is_root).unwrap().argv;
        assert_eq!(argv(&[], true), ["sh", "-c", "x"]);
        assert_eq!(argv(&[], false), ["sh", "-c", AS_ROOT, "x"]);
        let there = ["env", "LC_ALL=C", PATH_SET, "sh", "-c", AS_ROOT, "x"];
        assert_eq!(argv(&[host(&["ssh", "mx1"])], true), there);
    }

    #[test]
    fn what_is_not_known_is_not_looked_at() {
        let mut unknown = host(&["ssh", "mx1"]);
        unknown.words[1].pieces = vec![crate::line::Piece::Unknown {
            span: Span::default(),
            quoted: false,
        }];
        let not_seen = |via: Via| Route::of(&job("x", false, &[via]), false).unwrap_err();
        assert_eq!(not_seen(unknown), NotSeen::Placeholder("…".to_owned()));
        assert_eq!(
            not_seen(host(&["ansible", "web"])),
            NotSeen::NotStarted("ansible".to_owned())
        );
        assert_eq!(
            not_seen(host(&["ssh", "-v"])),
            NotSeen::NotStarted("ssh".to_owned())
        );
        let mut unfilled = job("x", false, &[]);
        unfilled.command = Err(NotSeen::Placeholder("{flag.-x}".to_owned()));
        let placeholder = NotSeen::Placeholder("{flag.-x}".to_owned());
        assert_eq!(Route::of(&unfilled, false).unwrap_err(), placeholder);
    }

    #[test]
    fn powershell_is_asked_as_the_line_asks_it() {
        let ask = |via: &[Via]| {
            let mut job = job("Get-Queue", false, via);
            job.probe.form = ProbeForm::Pwsh;
            let route = Route::of(&job, false).unwrap();
            (
                route.first.map(|hop| hop.destination),
                join(&route.argv),
                shown(&job),
            )
        };
        let options = "-NoProfile -NonInteractive";
        let encoded = "-EncodedCommand RwBlAHQALQBRAHUAZQB1AGUA";
        let pwsh = via(None, &["pwsh", "-Command"]);
        assert_eq!(
            ask(&[pwsh]),
            (
                None,
                format!("pwsh {options} {encoded}"),
                format!("pwsh {options} -Command Get-Queue")
            )
        );
        // No `env` and no `sh` on a Windows host.
        let powershell = via(None, &["powershell"]);
        assert_eq!(
            ask(&[host(&["ssh", "ann@exch01"]), powershell]),
            (
                Some("ann@exch01".to_owned()),
                format!("powershell {options} {encoded}"),
                format!("ssh ann@exch01 'powershell {options} -Command Get-Queue'")
            )
        );
        assert_eq!(ask(&[]).1, format!("pwsh {options} {encoded}"));
        let mut elsewhere = job("Get-Queue", false, &[via(None, &["./pwsh"])]);
        elsewhere.probe.form = ProbeForm::Pwsh;
        assert_eq!(
            Route::of(&elsewhere, false),
            Err(NotSeen::WouldRun("./pwsh".to_owned()))
        );
    }

    #[test]
    fn a_person_is_shown_what_a_person_would_type() {
        let mx1 = [host(&["ssh", "-t", "-p", "22", "mx1"])];
        let db1 = [inside(&["docker", "exec", "-it", "db1"])];
        let cases = [
            (job("postqueue -j", false, &[]), "postqueue -j"),
            (job("postqueue -j", true, &[]), "sudo postqueue -j"),
            (job("a | b", true, &[]), "sudo sh -c 'a | b'"),
            (
                job("postqueue -j", false, &mx1),
                "ssh -p 22 mx1 'postqueue -j'",
            ),
            (
                job("a | b", true, &mx1),
                r"ssh -p 22 mx1 'sudo sh -c '\''a | b'\'''",
            ),
            (job("psql -l", false, &db1), "docker exec db1 psql -l"),
            (job("a | b", false, &db1), "docker exec db1 sh -c 'a | b'"),
        ];
        for (job, expect) in cases {
            assert_eq!(shown(&job), expect);
        }
    }
}
