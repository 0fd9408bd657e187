//! The ssh door with a real sshd: `ForceCommand kanmon --ssh`, and kanmon as a login shell.
//!
//! The world is that of the mail stories (`support/mailhost.rs`): what is held here is mail in its
//! Postfix queue, so that nothing of this machine can come to harm.

use crate::mailhost::MailHost;
use crate::pty::Pty;

/// How the test's client comes to the gate.
const SSH: &str = "ssh -p 2223 -i /srv/ssh/key root@mx1";
/// The same in words, for a terminal.
const SSH_WORDS: [&str; 4] = ["-p", "2223", "-i", "/srv/ssh/key"];

/// A second sshd beside the world's own, with the gate in it.
const GATE: &str = r#"
printf '[mx1]:2223 %s\n' "$(cat /srv/ssh/host_key.pub)" >>/root/.ssh/known_hosts
cat >/srv/gate_config <<CF
ListenAddress 127.0.0.1:2223
HostKey /srv/ssh/host_key
PermitRootLogin yes
UsePAM no
PidFile none
LogLevel VERBOSE
Subsystem sftp internal-sftp
@
CF
/usr/sbin/sshd -f /srv/gate_config -E /var/log/gate.log
"#;

/// Starts a world whose second sshd has this line in its configuration.
fn world(line: &str) -> Option<MailHost> {
    let host = MailHost::start("mx1")?;
    host.must(&GATE.replace('@', line));
    Some(host)
}

/// The gate as a forced command.
fn forced() -> Option<MailHost> {
    world("ForceCommand /srv/bin/kanmon --ssh")
}

/// The gate as root's login shell.
fn login_shell() -> Option<MailHost> {
    let host = world("")?;
    host.must(
        "sed 's|^\\(root:.*:\\)[^:]*$|\\1/srv/bin/kanmon|' /etc/passwd >/srv/passwd
         mount --bind /srv/passwd /etc/passwd
         getent passwd root | grep -q ':/srv/bin/kanmon$'",
    );
    Some(host)
}

/// Starts the client at a terminal.
fn at_terminal(host: &MailHost, words: &[&str]) -> Pty {
    host.at_terminal("ssh").args(SSH_WORDS).args(words).spawn()
}

#[test]
fn what_no_rule_names_goes_through_byte_for_byte() {
    let Some(host) = forced() else { return };
    let line = format!("{SSH} 'echo out; echo err >&2; exit 3'");
    let output = host.run(&line);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(output.stdout, b"out\n");
    assert_eq!(output.stderr, b"err\n");
    // The user's shell, as sshd itself would have started it.
    assert_eq!(
        host.must(&format!("{SSH} 'echo $0 \"$SSH_ORIGINAL_COMMAND\"'"))
            .trim_end(),
        "bash echo $0 \"$SSH_ORIGINAL_COMMAND\""
    );
    host.must(
        "mkdir /srv/x; cd /srv/x; head -c 300000 /dev/urandom >a
         K='-i /srv/ssh/key'
         ssh -p 2223 $K root@mx1 'cat' <a | cmp - a
         scp -q -O -P 2223 $K a root@mx1:/srv/x/b; cmp a b
         scp -q -P 2223 $K root@mx1:/srv/x/b c; cmp a c
         printf 'put a d\\n' | sftp -q -b - -P 2223 $K root@mx1:/srv/x >/dev/null; cmp a d
         git init -q --bare repo
         git init -q work; cd work; git commit -q --allow-empty -m x 2>/dev/null ||
           git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x
         GIT_SSH_COMMAND=\"ssh -p 2223 $K\" git push -q root@mx1:/srv/x/repo HEAD:main
         git --git-dir=/srv/x/repo rev-parse -q --verify main >/dev/null",
    );
    host.must("test ! -e /root/.local");
}

#[test]
fn a_held_line_without_a_terminal_is_not_run_and_names_its_rule() {
    let Some(host) = forced() else { return };
    host.hold(&["ann@example.com"]);
    let output = host.run(&format!("{SSH} 'postsuper -H ALL'"));
    assert_eq!(output.status.code(), Some(124));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("mail.release-held") && said.contains("ssh -t"),
        "{said}"
    );
    assert_eq!(host.in_queue("hold"), 1);
    let run = host.newest_run();
    assert_eq!(run["door"], "ssh");
    assert_eq!(run["line"], "postsuper -H ALL");
    assert_eq!(run["who"]["ssh_from"], "127.0.0.1");
    // Commands that are fed to a shell unseen are held as well.
    let fed = host.run(&format!("echo 'postsuper -H ALL' | {SSH}"));
    assert_eq!(fed.status.code(), Some(124), "{fed:?}");
    assert_eq!(host.in_queue("hold"), 1);
}

#[test]
fn a_held_line_at_a_terminal_is_asked_about() {
    let Some(host) = forced() else { return };
    host.hold(&["ann@example.com", "bob@example.com"]);
    let mut pty = at_terminal(&host, &["-t", "root@mx1", "postsuper -H ALL; exit 7"]);
    pty.wait_for_question("Why did the mail wait?");
    let screen = pty.screen();
    assert!(screen.contains("Messages on hold: 2"), "{screen}");
    assert_eq!(host.in_queue("hold"), 2);
    pty.type_keys(&["C-c"]);
    assert_eq!(pty.wait_exit().code(), Some(124));
    assert_eq!(host.in_queue("hold"), 2);
    assert_eq!(host.newest_run()["outcome"]["reason"], "interrupted");
}

#[test]
fn a_login_gets_its_own_shell() {
    let Some(host) = forced() else { return };
    let mut pty = at_terminal(&host, &["root@mx1"]);
    pty.type_text("shopt -q login_shell && echo a-login-$((1+1)); exit 5\n");
    pty.wait_for("a-login-2");
    assert_eq!(pty.wait_exit().code(), Some(5));
}

#[test]
fn as_a_login_shell_it_judges_lines_and_gives_a_shell() {
    let Some(host) = login_shell() else { return };
    host.hold(&["ann@example.com"]);
    let passed = host.run(&format!("{SSH} 'echo through; exit 4'"));
    assert_eq!(passed.stdout, b"through\n");
    assert_eq!(passed.status.code(), Some(4));
    let held = host.run(&format!("{SSH} 'postsuper -H ALL'"));
    assert_eq!(held.status.code(), Some(124));
    assert_eq!(host.in_queue("hold"), 1);
    let mut pty = at_terminal(&host, &["root@mx1"]);
    pty.type_text("shopt -q login_shell && echo a-login-$((1+1)); exit 5\n");
    pty.wait_for("a-login-2");
    assert_eq!(pty.wait_exit().code(), Some(5));
}
