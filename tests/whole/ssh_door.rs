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
# It leaves before it listens.
for n in $(seq 1500); do grep -q 'Server listening' /var/log/gate.log && exit; sleep 0.02; done
cat /var/log/gate.log
exit 1
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
    give_shell(&host, "/srv/bin/kanmon");
    Some(host)
}

/// Gives root another login shell.
fn give_shell(host: &MailHost, shell: &str) {
    host.must(&format!(
        "sed 's|^\\(root:.*:\\)[^:]*$|\\1{shell}|' /etc/passwd >/srv/passwd
         mount --bind /srv/passwd /etc/passwd
         getent passwd root | grep -q ':{shell}$'",
    ));
}

/// Sends lines to a host where one message is held: those of `held` are not run, those of `run` say
/// `through`.
#[track_caller]
fn lines(host: &MailHost, held: &[&str], run: &[&str]) {
    host.hold(&["ann@example.com"]);
    for line in held {
        let output = host.run(&format!("{SSH} {}", quote(line)));
        assert_eq!(output.status.code(), Some(124), "{line}: {output:?}");
        assert_eq!(host.in_queue("hold"), 1, "{line}");
    }
    let fed = host.run(&format!("echo 'postsuper -H ALL' | {SSH}"));
    assert_eq!(fed.status.code(), Some(124), "{fed:?}");
    assert_eq!(host.in_queue("hold"), 1);
    for line in run {
        let output = host.run(&format!("{SSH} {}", quote(line)));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("through"), "{line}: {output:?}");
    }
}

/// Returns a text as one word of a shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[test]
fn a_line_for_fish_is_judged_as_fish_runs_it() {
    let Some(host) = forced() else { return };
    give_shell(&host, "/usr/bin/fish");
    lines(
        &host,
        &[
            "postsuper -H ALL",
            // What a POSIX shell would run nothing of, and fish does.
            "p\\x6fstsuper -H ALL",
            "set p postsuper; $p -H ALL",
            "true; and postsuper -H ALL",
            "echo (postsuper -H ALL)",
            "if true; postsuper -H ALL; end",
            "function f; postsuper $argv; end; f -H ALL",
            "begin; postsuper -H ALL; end | cat",
        ],
        &[
            "echo through 'postsuper -H ALL'",
            "for x in a b; echo $x-through; end",
            "if test -d /srv; echo through; end",
            "set x through; echo $x",
        ],
    );
    // It is fish that has run them.
    assert_eq!(
        host.must(&format!("{SSH} 'echo $FISH_VERSION | string length'"))
            .trim_end()
            .len(),
        1
    );
}

#[test]
fn of_a_line_for_csh_what_differs_is_held() {
    let Some(host) = forced() else { return };
    give_shell(&host, "/usr/bin/tcsh");
    lines(
        &host,
        &[
            "postsuper -H ALL",
            "set p = postsuper; $p -H ALL",
            "set p = ( postsuper -H ALL ) ; $p",
            "alias ls postsuper -H ALL",
            "if ( 1 ) postsuper -H ALL",
            "foreach x ( a )",
            "echo $HOME",
        ],
        &[
            "echo through 'postsuper -H ALL'",
            "cd /srv && echo through | cat; true",
        ],
    );
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
    host.must("test ! -e /root/.local/state");
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
    // Plain `su` starts it without a dash and a word; `script` with `-i`.
    let mut pty = at_terminal(&host, &["root@mx1"]);
    pty.type_text("su root\n");
    pty.type_text("shopt -q login_shell || echo no-login-$((1+1))-$SHELL; exit 6\n");
    pty.wait_for("no-login-2-/srv/bin/kanmon");
    pty.type_text("echo was-$?; script -q /dev/null; echo over-$((1+4))\n");
    pty.wait_for("was-6");
    pty.type_text("shopt -q login_shell || echo no-login-$((1+2)); exit\n");
    pty.wait_for("no-login-3");
    // What is typed before that goes to `script`, which nobody reads any more.
    pty.wait_for("over-5");
    pty.type_text("$SHELL -l\n");
    pty.type_text("shopt -q login_shell && echo a-login-$((1+3)); exit 8\n");
    pty.wait_for("a-login-4");
    // Nobody types there, or something is asked: it is no shell.
    pty.type_text("echo was-$?; $SHELL </dev/null 2>/dev/null; echo then-$?; $SHELL --plain 2>/dev/null; echo last-$?\n");
    for said in ["was-8", "then-125", "last-125"] {
        pty.wait_for(said);
    }
    pty.type_text("exit 7\n");
    assert_eq!(pty.wait_exit().code(), Some(7));
}
