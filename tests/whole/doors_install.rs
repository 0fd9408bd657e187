//! The second table of `docs/doors.md`: each door is put in by the page's own words, stands there, and
//! is taken out again, and then all is as it was before.

use std::collections::BTreeSet;

use crate::layers::{assert_not_said, assert_says};
use crate::machine::Host;
use crate::shell::{Kind, Shell};
use crate::stage::{lines, until};
use crate::sudoers::Sudoers;

/// The page.
const PAGE: &str = include_str!("../../docs/doors.md");

/// Returns the line of the page that ends in this comment, without it.
#[track_caller]
fn line_of_page(comment: &str) -> &'static str {
    let mut lines = PAGE.lines();
    let found = lines.find_map(|line| line.strip_suffix(comment)?.trim_end().strip_suffix('#'));
    found
        .unwrap_or_else(|| panic!("the page has no line with `# {comment}`"))
        .trim_end()
}

/// How a shell is started, where its line goes, and what shows of a shell what a hook could change.
struct Interactive {
    /// Which shell.
    kind: Kind,
    /// What starts it.
    start: &'static str,
    /// Its start-up file, and what stands in it before.
    file: (&'static str, &'static str),
    /// How the page calls that place.
    comment: &'static str,
    /// Prints its settings.
    state: &'static str,
}

const SHELLS: [Interactive; 3] = [
    Interactive {
        kind: Kind::Bash,
        start: "bash -i",
        file: (
            ".bashrc",
            "PS1='P% '\nPROMPT_COMMAND='seen=$?'\nPS0='[own]'\ntrap : DEBUG",
        ),
        comment: "at the end of ~/.bashrc",
        state: "{ set -o; shopt; trap -p; alias; declare -F; bind -p; bind -s; bind -X; echo \"[$PROMPT_COMMAND] [$PS0] [$PS1]\"; }",
    },
    Interactive {
        kind: Kind::Zsh,
        start: "zsh -i",
        file: (
            ".zshrc",
            "PS1='P%% '\nunsetopt prompt_sp\nown() { :; }\nprecmd_functions=(own)\nzle -N own\nbindkey -e '^T' own",
        ),
        comment: "at the end of ~/.zshrc",
        state: "{ setopt; trap; alias -L; print -l ${(k)functions}; zle -lL; bindkey -L; print \"[$precmd_functions] [$preexec_functions]\"; }",
    },
    Interactive {
        kind: Kind::Fish,
        start: "fish -i",
        file: (
            ".config/fish/config.fish",
            "function fish_prompt; printf 'P%% '; end\nset -g fish_greeting\nbind \\cy execute",
        ),
        comment: "at the end of ~/.config/fish/config.fish, in interactive shells",
        state: "begin; bind; functions --names; functions --handlers; abbr --show; end",
    },
];

/// Returns what a shell wrote of its settings, but for names that are the hook's own.
fn settings(shell: &Shell, name: &str) -> BTreeSet<String> {
    // zsh's own way to hooks of its line editor, which stays loaded; modes that fish knows of since the
    // hook bound Enter in them, before anybody asked for vi's keys.
    let own = [
        "kanmon",
        "azhw",
        "add-z",
        "zle-line-",
        "--preset -M insert ",
        "--preset -M visual ",
        "--preset -M replace",
    ];
    let all = lines(&shell.host.path(name)).into_iter();
    all.filter(|line| !own.iter().any(|own| line.contains(own)))
        .collect()
}

/// Has the shell write its settings down and run something that a hook would hold.
#[track_caller]
fn runs_and_writes(shell: &mut Shell, state: &str, name: &str) {
    let file = shell.host.path(name).display().to_string();
    shell.line(&format!("{state} >{file} 2>&1"));
    shell.mark();
    let wanted = format!("deploy {name}");
    shell.line(&wanted);
    until("the command", || shell.host.ran().contains(&wanted));
    shell.mark();
}

/// Puts the hook's line in and takes it out; with `kanmon_off` in between.
#[track_caller]
fn put_in_and_taken_out(kind: Kind) {
    let wanted = SHELLS.iter().find(|shell| shell.kind == kind);
    let Interactive {
        start,
        file: (file, before),
        comment,
        state,
        ..
    } = wanted.unwrap();
    let plain = format!(
        "mkdir -p .config/fish; cat >{file} <<'RC'\n{before}\nRC\ncp {file} kept
        exec env -u XDG_CONFIG_HOME PS1='P% ' bash --norc --noprofile -i"
    );
    let Some(mut shell) = Shell::start(&plain) else {
        return;
    };
    shell.line(start);
    runs_and_writes(&mut shell, state, "before");
    shell.line("exit");
    shell.mark();

    let line = line_of_page(comment);
    shell.line(&format!("echo '{line}' >>{file}"));
    shell.mark();
    shell.line(start);
    shell.mark();
    shell.declined("deploy held");
    shell.line(line_of_page("takes the hook out of this shell"));
    shell.pty.wait_for("the hook is out of this shell");
    shell.mark();
    runs_and_writes(&mut shell, state, "off");
    shell.line("exit");
    shell.mark();

    shell.line(&format!(
        "sed -i '/kanmonctl init/d' {file}; cmp {file} kept && echo as-'it'-was"
    ));
    shell.pty.wait_for("as-it-was");
    shell.line(start);
    runs_and_writes(&mut shell, state, "after");
    assert_eq!(
        shell.host.ran(),
        ["deploy before", "deploy off", "deploy after"]
    );
    let before = settings(&shell, "before");
    assert!(before.len() > 50, "{before:?}");
    for later in ["off", "after"] {
        let later = settings(&shell, later);
        let differ: Vec<&String> = later.symmetric_difference(&before).collect();
        assert_eq!(differ, Vec::<&String>::new());
    }
}

#[test]
fn the_line_of_bash_is_put_in_and_taken_out() {
    put_in_and_taken_out(Kind::Bash);
}

#[test]
fn the_line_of_zsh_is_put_in_and_taken_out() {
    put_in_and_taken_out(Kind::Zsh);
}

#[test]
fn the_line_of_fish_is_put_in_and_taken_out() {
    put_in_and_taken_out(Kind::Fish);
}

/// A login as the shims' folder has it, and a program behind the folder.
const LOGINS: &str = r#"
cp deploy.toml $rules/team.toml; kanmonctl rules compile >/dev/null
for place in lib sbin; do mount -t tmpfs -o mode=755 none /usr/local/$place; done
cp bin/deploy /usr/local/sbin
gate=$PWD/bin
login() { env -i HOME=/root bash -lc "$1"; echo "$1: $?"; }
add() { PATH=$gate:/usr/local/sbin:/usr/bin:/bin $page; }
"#;

/// Returns the row of the page's table on where the shims' folder has to come first.
#[track_caller]
fn row_of_page(place: &str) -> &'static str {
    let begins = format!("| {place} | ");
    let (_, table) = PAGE.split_once("| where | what to write |").unwrap();
    table
        .lines()
        .find_map(|line| line.strip_prefix(&begins))
        .unwrap()
}

/// Returns what stands between the backquotes of a row, one after the other.
fn quoted(row: &str) -> Vec<&str> {
    row.split('`').skip(1).step_by(2).collect()
}

#[test]
fn a_shim_is_put_in_by_its_line_in_the_profile_and_taken_out() {
    let Some(host) = Host::new() else { return };
    let row = quoted(row_of_page("logins"));
    let [line, file] = row[..] else {
        panic!("{row:?}")
    };
    let add =
        line_of_page("/usr/local/lib/kanmon/shims for root, else ~/.local/share/kanmon/shims");
    let remove = PAGE
        .lines()
        .find(|line| line.starts_with("kanmonctl shim remove"))
        .unwrap();
    let as_deploy = |line: &str| {
        let words = line.split_whitespace().take(3);
        words.chain(["deploy"]).collect::<Vec<_>>().join(" ")
    };
    let (add, remove) = (as_deploy(add), as_deploy(remove));
    let said = host.run(&format!(
        r#"{LOGINS}
        login 'deploy before'
        PATH=$gate:/usr/local/sbin:/usr/bin:/bin {add}
        echo '{line}' >{file}
        login 'deploy held'
        {remove}
        login 'deploy removed'
        rm {file}; ls /usr/local/lib/kanmon
        login 'deploy after'
        login 'echo $PATH' | grep kanmon"#
    ));
    assert_says(
        &said,
        &[
            "deploy before: 0",
            "deploy held: 124",
            "deploy removed: 0",
            "deploy after: 0",
        ],
    );
    assert_not_said(&said, &["shims\n"]);
    assert_eq!(
        host.ran(),
        ["deploy before", "deploy removed", "deploy after"]
    );
}

#[test]
fn shims_come_first_for_sudo_by_its_line_and_no_more_without_it() {
    let Some(world) = Sudoers::new() else { return };
    let row = quoted(row_of_page("sudo"));
    let [line, command] = row[..] else {
        panic!("{row:?}")
    };
    let file = command.strip_prefix("visudo -f ").unwrap();
    let said = world.run(&format!(
        r#": >$conf; mkdir /etc/sudoers.d; echo '@includedir /etc/sudoers.d' >>/etc/sudoers
        mount -t tmpfs -o mode=755 none /usr/local/lib; mount -t tmpfs -o mode=755 none /usr/local/sbin
        mv /srv/bin/deploy /usr/local/sbin
        ann sudo -n /usr/local/sbin/deploy before; echo before=$?
        PATH=$PATH:/usr/local/sbin kanmonctl shim add deploy >/dev/null
        echo '{line}' >new; EDITOR='cp new' visudo -f {file} >/dev/null; echo written=$?
        ann sudo -n deploy held; echo held=$?
        kanmonctl shim remove deploy; ann sudo -n deploy removed; echo removed=$?
        rm {file}; ann sudo -n deploy gone; echo gone=$?
        cat /srv/ran"#
    ));
    assert_says(
        &said,
        &[
            "before=0",
            "written=0",
            "held=124",
            "removed=0",
            "deploy before as root",
            "deploy removed as root",
        ],
    );
    // The world's own secure_path has no folder of that program.
    assert_says(&said, &["gone=1"]);
    assert_not_said(&said, &["deploy held as"]);
}

/// An sshd that reads `/etc/ssh/sshd_config`, to which ann, who is of the group of the page's
/// example, and otto have keys.
const SSHD: &str = r#"
mkdir -p /run/sshd /srv/ssh /srv/home/.ssh /srv/otto/.ssh
echo 'otto:x:4104:4104::/srv/otto:/bin/bash' >>/etc/passwd
printf 'otto:x:4104:
operators:x:4105:ann
' >>/etc/group
echo 'otto:*:19000:0:99999:7:::' >>/etc/shadow
ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/host
ssh-keygen -q -t ed25519 -N '' -f /srv/ssh/key
for home in home otto; do cp /srv/ssh/key.pub /srv/$home/.ssh/authorized_keys; done
chown -R 4101:4101 /srv/home; chown -R 4104:4104 /srv/otto
rm -rf /etc/ssh/sshd_config.d
settings=/etc/ssh/sshd_config
cat >$settings <<'S'
ListenAddress 127.0.0.1:2223
HostKey /srv/ssh/host
UsePAM no
PidFile none
S
cp $settings kept
cp /srv/home/.ssh/authorized_keys keys
/usr/sbin/sshd -D -E $PWD/log & sshd=$!
trap 'kill $sshd' EXIT
listens() { for n in $(seq 1000); do [ "$(grep -c 'Server listening' log)" = $1 ] && return; sleep 0.02; done; echo no sshd; cat log; exit; }
listens 1
reload() { /usr/sbin/sshd -t || exit; kill -HUP $sshd; listens $1; }
at() { ssh -F none -p 2223 -i /srv/ssh/key -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR -T $1@127.0.0.1 "/srv/bin/deploy $2" </dev/null 2>/dev/null; echo "$2=$?"; }
"#;

/// Runs a script beside that sshd; returns what it said, and last what has run.
fn beside_sshd(world: &Sudoers, script: &str) -> String {
    world.run_alone(&format!("{SSHD}\n{script}\ncat /srv/ran"))
}

/// Asserts that ann was held while the door stood there, and nobody else was.
#[track_caller]
fn assert_held_between(said: &str) {
    assert_says(said, &["before=0", "held=124", "other=0", "after=0"]);
    assert_says(
        said,
        &[
            "deploy before as ann",
            "deploy other as otto",
            "deploy after as ann",
        ],
    );
    assert_not_said(said, &["deploy held as"]);
}

/// Returns what the page puts into a configuration of ssh, between two comments of its block.
#[track_caller]
fn block_of_page(begins: &str, ends: &str) -> String {
    let (_, block) = PAGE.split_once(begins).unwrap();
    let (block, _) = block.split_once(ends).unwrap();
    // The gate lies elsewhere in this world.
    let block = block.replace("/usr/bin/kanmon", "/srv/bin/kanmon");
    assert!(block.contains("/srv/bin/kanmon --ssh"), "{block}");
    block.trim_end().to_owned()
}

#[test]
fn a_forced_command_is_put_into_sshds_settings_and_taken_out() {
    let Some(world) = Sudoers::new() else { return };
    let lines = block_of_page("# /etc/ssh/sshd_config, for a group\n", "\n#");
    let said = beside_sshd(
        &world,
        &format!(
            "at ann before
        printf '%s\n' '{lines}' >>$settings; reload 2
        at ann held; at otto other
        cp kept $settings; reload 3
        at ann after"
        ),
    );
    assert_held_between(&said);
}

#[test]
fn a_keys_command_is_put_before_it_and_taken_out() {
    let Some(world) = Sudoers::new() else { return };
    let line = block_of_page("for one key\n", "ssh-ed25519");
    let said = beside_sshd(
        &world,
        &format!(
            "file=/srv/home/.ssh/authorized_keys
        at ann before
        sed -i 's,^,{line} ,' $file
        at ann held; at otto other
        cat keys >$file
        at ann after"
        ),
    );
    assert_held_between(&said);
}

#[test]
fn a_login_shell_is_given_and_taken_back() {
    let Some(world) = Sudoers::new() else { return };
    let given = "usermod -s /usr/bin/kanmon";
    assert!(PAGE.contains(given) && PAGE.contains("usermod -s /bin/bash NAME"));
    let given = given.replace("/usr/bin/", "/srv/bin/");
    let said = beside_sshd(
        &world,
        &format!(
            "at ann before
        {given} ann; at ann held; at otto other
        usermod -s /bin/bash ann; at ann after"
        ),
    );
    assert_held_between(&said);
}

#[test]
fn the_check_at_boot_is_put_in_and_taken_out() {
    let Some(host) = Host::new() else { return };
    let [enable, disable, install, remove] = [
        "by systemd",
        "no more",
        "without systemd",
        "not there any more",
    ]
    .map(line_of_page);
    let said = host.run(&format!(
        r#"mount -t tmpfs none /usr/local/sbin; cp bin/kanmonctl /usr/local/sbin
        cd {}
        # No service is started or asked.
        export SYSTEMD_OFFLINE=1
        is_in() {{ find /etc -name '*kanmon-boot-check*' | wc -l; }}
        {enable}; systemctl is-enabled kanmon-boot-check; echo units=$(is_in)
        wanted=/etc/systemd/system/multi-user.target.wants/kanmon-boot-check.service
        $(sed -n 's,^ExecStart=/usr/bin/,,p' $wanted); echo service=$?
        {disable}; echo units=$(is_in)
        {install}; [ $(is_in) -gt 4 ] && echo linked
        for script in /etc/rc2.d/S*kanmon-boot-check; do $script start; echo start=$?; done
        {remove}; echo scripts=$(is_in)"#,
        env!("CARGO_MANIFEST_DIR")
    ));
    assert_says(
        &said,
        &[
            "enabled\n",
            "units=2\n",
            "service=0\n",
            "units=0\n",
            "linked\n",
            "start=0\n",
            "scripts=0\n",
        ],
    );
    // Both have asked the ledger.
    assert_eq!(said.matches("nothing is compared").count(), 2, "{said}");
}
