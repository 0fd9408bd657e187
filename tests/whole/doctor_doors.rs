//! `kanmonctl doctor` and the doors of this host: shells, ssh, agents, and what is broken of them.

use crate::layers::{assert_not_said, assert_says};
use crate::machine::Host;

#[test]
fn the_doctor_names_the_hooks_of_shells_and_what_is_broken_of_them() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        r#"echo '# eval kanmonctl init bash' >/root/.bashrc
        kanmonctl doctor | grep -A1 '^shell hooks'
        echo 'eval "$(kanmonctl init bash)"' >>/root/.bashrc
        echo 'eval "$(/no/such/kanmonctl init zsh)"' >/root/.zshrc
        mkdir -p /root/.config/fish /etc/profile.d
        echo 'kanmonctl init bash | source' >/root/.config/fish/config.fish
        echo 'eval "$(kanmonctl init bash)"' >/etc/profile.d/kanmon.sh; chmod 666 /etc/profile.d/kanmon.sh
        echo ---; kanmonctl doctor; echo status=$?
        echo ---; LANG=ja_JP.UTF-8 kanmonctl doctor
        echo ---; kanmonctl doctor --json"#,
    );
    let parts: Vec<&str> = said.split("---\n").collect();
    assert_says(parts[0], &["no hook; `eval \"$(kanmonctl init bash)\"`"]);
    assert_says(
        parts[1],
        &[
            "/root/.bashrc: hook of bash",
            "/root/.zshrc: hook of zsh",
            "→ `/no/such/kanmonctl` cannot be started",
            "/root/.config/fish/config.fish: hook of bash",
            "→ fish reads this file: write `init fish` there",
            "/etc/profile.d/kanmon.sh: hook of bash",
            "→ whoever can write /etc/profile.d/kanmon.sh can take the gate away",
            "chmod go-w",
            "status=1",
        ],
    );
    assert_says(
        parts[2],
        &[
            "シェル",
            "/root/.bashrc: bash のフック",
            "→ このファイルは fish が読みます。`init fish` と書いてください",
            "に書ける人は関門を外せます",
        ],
    );
    let rows: serde_json::Value = serde_json::from_str(parts[3]).unwrap();
    let rows = rows.as_array().unwrap().iter();
    let states = rows
        .filter(|row| row["what"] == "shells")
        .map(|row| row["state"].as_str());
    let states: Vec<_> = states.flatten().collect();
    assert_eq!(states, ["ok", "mend", "mend", "mend"]);
}

#[test]
fn the_doctor_names_the_ways_of_ssh_and_of_agents() {
    let Some(host) = Host::new() else { return };
    let said = host.run(
        r#"rm -rf /etc/ssh; mkdir -p /etc/ssh/sshd_config.d /root/.ssh /root/.claude
        sed -i '/kanmon/d' /etc/passwd
        kanmonctl doctor | grep -E '^(ssh|agents)'
        gate=$(command -v kanmon)
        printf '# ForceCommand kanmon --ssh\nMatch Group ops\n\tForceCommand %s --ssh\n' $gate >/etc/ssh/sshd_config
        echo 'forcecommand=/gone/kanmon --ssh' >/etc/ssh/sshd_config.d/own.conf
        echo "command=\"$gate --ssh\",no-pty ssh-ed25519 AAAA ann" >/root/.ssh/authorized_keys
        echo "kate:x:4103:4103::/:/gone/bin/kanmon" >>/etc/passwd
        kanmonctl hook install claude-code >/dev/null
        echo ---; kanmonctl doctor; echo status=$?
        sed -i 's,"[^"]*kanmonctl hook,"/gone/kanmonctl hook,' /root/.claude/settings.json
        echo ---; kanmonctl doctor | grep -A3 '^agents'
        echo '{' >>/root/.claude/settings.json
        echo ---; LANG=ja_JP.UTF-8 kanmonctl doctor"#,
    );
    let parts: Vec<&str> = said.split("---\n").collect();
    assert_says(
        parts[0],
        &[
            "no ForceCommand, key or login shell",
            "kanmonctl hook install claude-code",
        ],
    );
    assert_says(
        parts[1],
        &[
            "/etc/ssh/sshd_config: ",
            "/etc/ssh/sshd_config.d/own.conf: /gone/kanmon --ssh",
            "→ `/gone/kanmon` cannot be started",
            "/root/.ssh/authorized_keys: ",
            "login shell of kate: /gone/bin/kanmon",
            "→ `/gone/bin/kanmon` cannot be started",
            "/root/.claude/settings.json: hook of Claude Code",
            "status=1",
        ],
    );
    assert_not_said(
        parts[1],
        &["kanmonctl` cannot be started", "can take the gate away"],
    );
    assert_says(parts[2], &["→ `/gone/kanmonctl` cannot be started"]);
    assert_says(
        parts[3],
        &["エージェントが設定を読めません", "のログインシェル"],
    );
}
