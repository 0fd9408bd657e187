//! Every wrapper around risky and harmless commands, with the packs `mail` and `reboot` alone.
//!
//! A form is a line with a place for the command: `{argv}` takes words, `{text}` one quoted word of
//! shell text, `{bare}` shell text as it is, `{utf16}` its base64 for PowerShell. The third risky
//! command is a redirect, which words cannot hold: `{argv}` then gets `sh -c 'echo b > …'`.

use kanmon::line::text::quote;
use kanmon::line::{Target, Word};
use kanmon::policy::{Profile, Verdict};

use crate::judged::{ids, judged, mail_and_reboot, stops};

/// Risky commands and the rule that holds each.
const RISKY: &[(&str, &str)] = &[
    ("systemctl reboot", "reboot.host"),
    ("postsuper -H ALL", "mail.release-held"),
    ("echo b > /proc/sysrq-trigger", "reboot.host"),
];

/// Commands that look like the risky ones.
const SAFE: &[&str] = &["systemctl status", "postqueue -p", "man reboot"];

/// Forms of lines, and where the command in them takes effect.
const FORMS: &[(&str, &str)] = &[
    // Another user.
    ("sudo {argv}", "user=root"),
    ("sudo -u op -- {argv}", "user=op"),
    ("sudo -nH --user=op A=1 {argv}", "user=op"),
    ("sudo -i {argv}", "user=root"),
    ("doas -u op {argv}", "user=op"),
    ("doas {argv}", "user=root"),
    ("su -c {text}", "user=root"),
    ("su - op -c {text}", "user=op"),
    ("su --command={text} op", "user=op"),
    ("runuser -u op -- {argv}", "user=op"),
    ("runuser -l op -c {text}", "user=op"),
    ("pkexec {argv}", "user=root"),
    ("pkexec --user op {argv}", "user=op"),
    // The same command in another dress.
    ("env {argv}", ""),
    ("env -i A=1 -u HOME {argv}", ""),
    ("env -S {text}", ""),
    ("nohup {argv} &", ""),
    ("nice {argv}", ""),
    ("nice -n 10 {argv}", ""),
    ("nice -19 {argv}", ""),
    ("ionice -c2 -n 7 {argv}", ""),
    ("chrt -r 10 {argv}", ""),
    ("taskset -c 0,1 {argv}", ""),
    ("timeout 60 {argv}", ""),
    ("timeout --foreground -s KILL -k 5 1m {argv}", ""),
    ("time {argv}", ""),
    ("/usr/bin/time -v -o /tmp/t {argv}", ""),
    ("stdbuf -oL -e 0 {argv}", ""),
    ("setsid -f {argv}", ""),
    ("flock -n /tmp/l {argv}", ""),
    ("flock /tmp/l -c {text}", ""),
    ("watch -n 60 {text}", ""),
    ("exec {argv}", ""),
    ("exec -a x {argv}", ""),
    ("command {argv}", ""),
    ("command -p -- {argv}", ""),
    ("builtin exec {argv}", ""),
    ("trap {text} EXIT", ""),
    ("busybox {argv}", ""),
    ("toybox {argv}", ""),
    ("script -qc {text} /dev/null", ""),
    ("strace -f -o /tmp/t {argv}", ""),
    ("ltrace -s 80 {argv}", ""),
    ("gdb -batch -ex run --args {argv}", ""),
    ("watchexec -e rs {argv}", ""),
    ("ls *.c | entr -r {argv}", ""),
    ("faketime '2024-12-24' {argv}", ""),
    ("nix shell nixpkgs#hello -c {argv}", ""),
    ("guix shell hello -- {argv}", ""),
    ("nix-shell -p hello --run {text}", ""),
    ("systemd-run {argv}", "later"),
    ("systemd-run --on-active=5 -u x -- {argv}", "later"),
    // Shells, and what is fed to them.
    ("sh -c {text}", ""),
    ("bash -lc {text} x", ""),
    ("zsh -c {text}", ""),
    ("dash -c {text}", ""),
    ("ksh -c {text}", ""),
    ("fish -c {text}", ""),
    ("bash -o pipefail -xc {text}", ""),
    ("eval {text}", ""),
    ("eval {bare}", ""),
    ("echo {text} | sh", ""),
    ("printf '%s\\n' {text} | bash", ""),
    ("echo {text} | sudo bash -s", "user=root"),
    ("bash <<< {text}", ""),
    ("bash <<'END'\n{bare}\nEND", ""),
    ("sh <(echo {text})", ""),
    (". /dev/stdin <<< {text}", ""),
    ("source <(printf %s {text})", ""),
    ("echo {base64} | base64 -d | sh", ""),
    ("bash -c \"$(echo {base64} | base64 --decode)\"", ""),
    // Grammar.
    ("{bare}; ls", ""),
    ("ls && {bare}", ""),
    ("ls || {bare}", ""),
    ("ls & {bare}", ""),
    ("ls | {bare}", ""),
    ("! {bare}", ""),
    ("({bare})", ""),
    ("{ {bare}; }", ""),
    ("if true; then {bare}; fi", ""),
    ("if {bare}; then :; fi", ""),
    ("for i in 1 2; do {bare}; done", ""),
    ("while {bare}; do :; done", ""),
    ("until false; do {bare}; done", ""),
    ("case $1 in stop) ls;; *) {bare};; esac", ""),
    ("select x in a b; do {bare}; done", ""),
    ("f() { {bare}; }; f", ""),
    ("function f { {bare}; }\nf", ""),
    ("echo $({bare})", ""),
    ("echo \"done `{bare}`\"", ""),
    ("echo \"a $(echo \"b $({bare})\")\"", ""),
    ("diff <({bare}) /dev/null", ""),
    ("A=$({bare})", ""),
    ("echo ${x:-$({bare})}", ""),
    ("cat <<END\n$({bare})\nEND", ""),
    ("A=1 B=2 {argv}", ""),
    ("ls \\\n  && {bare} # done", ""),
    // Another root.
    ("chroot /mnt/sys {argv}", ""),
    ("nsenter -t 1 -m -u -i -n {argv}", ""),
    ("unshare -n --fork {argv}", ""),
    // Another host.
    ("ssh mx1 {text}", "host=mx1"),
    ("ssh mx1 {argv}", "host=mx1"),
    ("ssh -t op@mx1 {text}", "host=mx1 user=op"),
    (
        "ssh -J bastion -p 22 -oBatchMode=yes -l op mx1 -- {text}",
        "host=mx1 user=op",
    ),
    ("ssh bastion ssh mx1 {argv}", "host=mx1"),
    ("ssh mx1 -tt sudo {argv}", "host=mx1 user=root"),
    ("ssh mx1 <<'END'\n{bare}\nEND", "host=mx1"),
    ("echo {text} | ssh mx1 bash -s", "host=mx1"),
    ("sshpass -p x ssh mx1 {text}", "host=mx1"),
    ("mosh op@mx1 -- {argv}", "host=mx1 user=op"),
    ("pssh -H mx1 -i {text}", "host=mx1 many"),
    ("pssh -h hosts.txt {text}", "many"),
    ("pdsh -w mx1 {text}", "host=mx1 many"),
    ("clush -w mx1 {text}", "host=mx1 many"),
    ("knife ssh role:mx {text}", "host=role:mx many"),
    ("ansible mx -a {text}", "host=mx many"),
    ("ansible mx -b -m shell -a {text}", "host=mx user=root many"),
    (
        "ansible mx --become --become-user=op -a {text}",
        "host=mx user=op many",
    ),
    ("ansible mx -u op -m raw -a {text}", "host=mx user=op many"),
    ("salt mx1 cmd.run {text}", "host=mx1 many"),
    ("vagrant ssh -c {text}", ""),
    ("vagrant ssh web -c {text}", "host=web"),
    ("gcloud compute ssh web-1 --command {text}", "host=web-1"),
    (
        "gcloud compute ssh web-1 --project prod --command={text}",
        "host=web-1 account=prod",
    ),
    (
        "aws ssm send-command --instance-ids i-1 --document-name AWS-RunShellScript --parameters commands={text}",
        "host=i-1 many",
    ),
    ("machinectl shell web1 {abs}", "container=web1"),
    ("machinectl shell op@web1 {abs}", "container=web1 user=op"),
    (
        "machinectl -q --uid=op shell web1 {abs}",
        "container=web1 user=op",
    ),
    // Containers.
    ("docker exec web {argv}", "container=web"),
    (
        "docker exec -it -u op -e A=1 web {argv}",
        "container=web user=op",
    ),
    ("docker exec web sh -c {text}", "container=web"),
    (
        "docker -H tcp://d1 exec web {argv}",
        "host=d1 container=web",
    ),
    (
        "docker --context d1 exec web {argv}",
        "host=d1 container=web",
    ),
    ("docker -c d1 exec web {argv}", "host=d1 container=web"),
    (
        "docker -H unix:///run/docker.sock exec web {argv}",
        "container=web",
    ),
    ("podman exec web {argv}", "container=web"),
    ("nerdctl exec web {argv}", "container=web"),
    (
        "docker run --rm -v /:/host --name x alpine {argv}",
        "container=x",
    ),
    (
        "podman run --privileged --name x alpine {argv}",
        "container=x",
    ),
    ("nerdctl run --name x alpine {argv}", "container=x"),
    (
        "docker compose -f prod.yml exec -T web {argv}",
        "container=web",
    ),
    ("docker-compose exec web {argv}", "container=web"),
    ("kubectl exec web-0 -- {argv}", "pod=web-0"),
    (
        "kubectl --context prod -n shop exec -it web-0 -c app -- {argv}",
        "pod=web-0 container=app namespace=shop context=prod",
    ),
    ("kubectl exec web-0 -- sh -c {text}", "pod=web-0"),
    ("oc exec web-0 -- {argv}", "pod=web-0"),
    ("oc rsh web-0 {argv}", "pod=web-0"),
    (
        "kubectl debug node/n1 -it --image=busybox -- {argv}",
        "pod=node/n1",
    ),
    ("oc debug node/n1 -- chroot /host {argv}", "pod=node/n1"),
    (
        "crictl exec -it 1f73f2d81bf98 {argv}",
        "container=1f73f2d81bf98",
    ),
    ("lxc exec web1 -- {argv}", "container=web1"),
    ("incus exec web1 {argv}", "container=web1"),
    // Many times.
    ("ls | xargs {argv}", ""),
    ("ls | xargs -n1 -I{} sh -c {text}", ""),
    ("xargs -a list {argv}", ""),
    ("parallel {text} ::: a b", ""),
    ("find / -name x -exec {argv} ';'", ""),
    ("find . -execdir {argv} \\;", ""),
    ("find . -ok {argv} +", ""),
    // Later, and in another terminal.
    ("echo {text} | at 03:00", "later"),
    ("at now <<< {text}", "later"),
    ("batch <<'END'\n{bare}\nEND", "later"),
    ("echo '0 4 * * * {bare}' | crontab -", "later"),
    ("crontab <<'END'\n0 4 * * * {bare}\nEND", "later"),
    ("tmux new -d {text}", ""),
    ("tmux new-session -s x {text}", ""),
    ("tmux send-keys -t 0 {text} Enter", ""),
    ("screen -dm {argv}", ""),
    ("screen -S x -X stuff {text}", ""),
    ("screen -dmS x sh -c {text}", ""),
    // Interpreters with an evident call.
    ("python3 -c 'import os; os.system(\"{bare}\")'", ""),
    (
        "python -c \"import subprocess; subprocess.run('{bare}', shell=True)\"",
        "",
    ),
    ("perl -e 'system(\"{bare}\")'", ""),
    ("perl -e 'exec \"{bare}\"'", ""),
    ("ruby -e 'system(\"{bare}\")'", ""),
    ("ruby -e '`{bare}`'", ""),
    (
        "node -e 'require(\"child_process\").execSync(\"{bare}\")'",
        "",
    ),
    ("php -r 'system(\"{bare}\");'", ""),
    ("awk 'BEGIN{system(\"{bare}\")}'", ""),
    ("vim -c '!{bare}'", ""),
    ("vim -c ':!{bare}' -c ':q'", ""),
    ("printf 'all:\\n\\t%s\\n' {text} | make -f -", ""),
    // What the line makes, and runs.
    ("echo {text} > /tmp/x; sh /tmp/x", ""),
    ("cat > x <<'END'\n{bare}\nEND\nbash x", ""),
    (
        "printf '#!/bin/sh\n%s\n' {text} > x && chmod +x x && sudo ./x",
        "user=root",
    ),
    ("echo {text} | tee x; . ./x", ""),
    (
        "ssh mx1 'cat > x' < y; echo {text} > x; ssh mx1 sh x",
        "host=mx1",
    ),
    ("x=({argv}); \"${x[@]}\"", ""),
    ("set -- x {argv}; shift; \"$@\"", ""),
    // Variables that a program runs.
    ("PROMPT_COMMAND={text}", ""),
    ("PAGER={text} man ls", ""),
    ("env GIT_SSH_COMMAND={text} git fetch", ""),
    ("LESSOPEN='|{bare}' less x", ""),
    // Escapes of other programs.
    ("less '+!{bare}' x", ""),
    ("man -P {text} ls", ""),
    ("ed <<< '!{bare}'", ""),
    ("psql -c '\\! {bare}'", ""),
    ("sqlite3 x.db '.shell {bare}'", ""),
    ("expect -c 'spawn ssh mx1; send \"{bare}\\r\"'", ""),
    ("tclsh <<< 'exec {argv}'", ""),
    ("Rscript -e 'system(\"{bare}\")'", ""),
    ("ncat -l 80 --sh-exec {text}", ""),
    ("split --filter={text} x", ""),
    ("git rebase -x {text} main", ""),
    // PowerShell and cmd.
    ("pwsh -Command {text}", ""),
    ("powershell -NoProfile -c {text}", ""),
    ("powershell -EncodedCommand {utf16}", ""),
    ("cmd /c {argv}", ""),
];

/// Forms and commands that do not go together, and why.
const LEFT_OUT: &[(&str, &str, &str)] = &[
    (
        "tclsh <<< 'exec {argv}'",
        "echo b > /proc/sysrq-trigger",
        "the words stand in quotes that the form has no place for",
    ),
    (
        "machinectl shell op@web1 {abs}",
        "echo b > /proc/sysrq-trigger",
        "it takes a path and its arguments, and no shell reads them",
    ),
    (
        "machinectl -q --uid=op shell web1 {abs}",
        "echo b > /proc/sysrq-trigger",
        "it takes a path and its arguments, and no shell reads them",
    ),
    (
        "env -S {text}",
        "echo b > /proc/sysrq-trigger",
        "it splits words and knows no redirect",
    ),
    (
        "machinectl shell web1 {abs}",
        "echo b > /proc/sysrq-trigger",
        "it takes a path and its arguments, and no shell reads them",
    ),
    (
        "ssh bastion ssh mx1 {argv}",
        "echo b > /proc/sysrq-trigger",
        "two shells read the words, and the redirect is that of the first",
    ),
    (
        "ssh mx1 -tt sudo {argv}",
        "echo b > /proc/sysrq-trigger",
        "the shell there reads the words again, and the redirect is not that of sudo",
    ),
];

/// Forms that are not found, or not with the right target; the command alone where only one of them
/// is not. It must stay empty.
const WAITING: &[(&str, &str)] = &[];

/// Returns the line of a form with a command.
fn line(form: &str, command: &str) -> String {
    let argv = match command.contains('>') {
        true => format!("sh -c {}", quote(command)),
        false => command.to_owned(),
    };
    let utf16: Vec<u8> = command.encode_utf16().flat_map(u16::to_le_bytes).collect();
    form.replace("{argv}", &argv)
        .replace("{abs}", &format!("/bin/{argv}"))
        .replace("{text}", &quote(command))
        .replace("{bare}", command)
        .replace("{utf16}", &base64(&utf16))
        .replace("{base64}", &base64(command.as_bytes()))
}

/// Returns bytes as base64.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = bytes.chunks(3).flat_map(|chunk| {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        (0..4).map(move |at| match at <= chunk.len() {
            true => char::from(DIGITS[(bits >> (18 - 6 * at) & 63) as usize]),
            false => '=',
        })
    });
    digits.collect()
}

/// Returns a target as text, its parts in the order of the type.
fn drawn(target: &Target) -> String {
    let part = |name: &str, word: &Option<Word>| {
        word.as_ref().map(|word| format!("{name}={}", word.shown()))
    };
    let parts = [
        part("host", &target.host),
        part("container", &target.container),
        part("pod", &target.pod),
        part("namespace", &target.namespace),
        part("context", &target.context),
        part("account", &target.account),
        part("user", &target.user),
        target.many.then(|| "many".to_owned()),
        target.later.then(|| "later".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Returns the words of a target in one order.
fn sorted(target: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = target.split_whitespace().collect();
    parts.sort_unstable();
    parts
}

/// Returns what is wrong with a risky line.
fn wrong_with_risky(line: &str, rule: &str, target: &str) -> Option<String> {
    let verdict = judged(line.as_bytes(), mail_and_reboot(), Profile::Production).verdict;
    let Verdict::Hold(plan) = &verdict else {
        return Some("is not held".to_owned());
    };
    let targets: Vec<String> = plan
        .hits
        .iter()
        .filter(|hit| hit.rule.id == rule)
        .map(|hit| drawn(&hit.invocation.target))
        .collect();
    if targets.is_empty() {
        return Some(format!("is held by {:?}", ids(&verdict)));
    }
    let is_right = targets.iter().any(|found| sorted(found) == sorted(target));
    (!is_right).then(|| format!("takes effect at {targets:?}"))
}

/// Returns whether a form and a command go together.
fn goes_together(form: &str, command: &str) -> bool {
    !LEFT_OUT
        .iter()
        .any(|(left_form, left_command, _)| (*left_form, *left_command) == (form, command))
}

#[test]
fn every_wrapper_shows_its_command_and_target() {
    let mut waiting: Vec<(&str, &str)> = Vec::new();
    for (form, target) in FORMS {
        let mut wrong = Vec::new();
        let mut n_right = 0;
        for (command, rule) in RISKY
            .iter()
            .filter(|(command, _)| goes_together(form, command))
        {
            let line = line(form, command);
            match wrong_with_risky(&line, rule, target) {
                Some(what) => {
                    println!("waiting: {line:?} {what}");
                    wrong.push((*form, *command));
                }
                None => n_right += 1,
            }
        }
        match n_right {
            0 => waiting.push((form, "*")),
            _ => waiting.extend(wrong),
        }
    }
    assert_eq!(waiting, WAITING, "the list WAITING is not what is wrong");
}

#[test]
fn no_wrapper_makes_a_harmless_command_risky() {
    let mut wrong = Vec::new();
    for (form, _) in FORMS {
        for command in SAFE.iter().filter(|command| goes_together(form, command)) {
            let line = line(form, command);
            let verdict = judged(line.as_bytes(), mail_and_reboot(), Profile::Production).verdict;
            if stops(&verdict) {
                wrong.push(format!("{line:?} {:?}", ids(&verdict)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
