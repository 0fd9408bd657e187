//! `kanmonctl hook`: what a coding agent is told, and what becomes of its settings.

#![expect(
    clippy::disallowed_methods,
    reason = "the shipped program is started, and files that it wrote are read"
)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Runs `kanmonctl hook` with an event on standard input.
pub(crate) fn hook(args: &[&str], event: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .arg("hook")
        .args(args)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // One that does not read its input to the end has its reasons.
    let _ = stdin.write_all(event.as_bytes());
    drop(stdin);
    child.wait_with_output().unwrap()
}

/// Returns a `PreToolUse` event for a shell line.
pub(crate) fn event(command: &str, mode: &str) -> Value {
    event_in("/", command, mode)
}

/// Returns one of an agent that works in a folder.
fn event_in(folder: &str, command: &str, mode: &str) -> Value {
    json!({
        "session_id": "x",
        "hook_event_name": "PreToolUse",
        "permission_mode": mode,
        "cwd": folder,
        "tool_name": "Bash",
        "tool_input": { "command": command, "description": "d" },
    })
}

/// Returns decision and reason for a line in a mode; `None` where nothing is said.
pub(crate) fn decision(command: &str, mode: &str) -> Option<(String, String)> {
    decision_on(&event(command, mode))
}

/// Returns that on an event.
fn decision_on(event: &Value) -> Option<(String, String)> {
    let command = &event["tool_input"]["command"];
    let output = hook(&["claude-code"], &event.to_string());
    assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
    if output.stdout.is_empty() {
        return None;
    }
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let answer = &answer["hookSpecificOutput"];
    assert_eq!(answer["hookEventName"], "PreToolUse");
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    Some((text("permissionDecision"), text("permissionDecisionReason")))
}

#[test]
fn a_held_line_is_asked_about_with_rule_reason_and_safer_way() {
    for mode in ["default", "acceptEdits", "plan"] {
        let (decision, reason) = decision("ssh mx1 'sudo reboot'", mode).unwrap();
        assert_eq!(decision, "ask", "{mode}");
        for part in ["Reboot or stop a host", "reboot.host", "mx1", "Instead: "] {
            assert!(reason.contains(part), "{part} in {reason}");
        }
    }
}

#[test]
fn a_held_line_is_denied_where_nobody_would_be_asked() {
    for mode in ["bypassPermissions", "dontAsk", "auto", "what-comes-next"] {
        let (decision, reason) = decision("reboot", mode).unwrap();
        assert_eq!(decision, "deny", "{mode}");
        assert!(reason.contains("at a terminal"), "{reason}");
    }
}

#[test]
fn nothing_is_ever_allowed_for_the_user() {
    for line in [
        "ls",
        "man reboot",
        "git push",
        "",
        "kanmonctl check reboot",
        "kanmon ls",
        "cat /etc/kanmon/config.toml",
    ] {
        for mode in ["default", "bypassPermissions"] {
            assert_eq!(decision(line, mode), None, "{line}");
        }
    }
    let other = json!({ "tool_name": "Read", "tool_input": { "file_path": "/sbin/reboot" } });
    let output = hook(&["claude-code"], &other.to_string());
    assert!(output.status.success() && output.stdout.is_empty());
}

#[test]
fn an_agent_neither_answers_for_a_person_nor_changes_the_gate() {
    for line in [
        "kanmon --break-glass 'no time' ls",
        "kanmon --break-glass=x -c ls",
        "kanmon --resume 20261122T023300-4f7a1c-1",
        "kanmonctl hook uninstall claude-code",
        "sudo kanmonctl permit add --rule '*'",
        "bash -c 'kanmonctl trust .'",
        "kanmonctl --json approve 1",
        "kanmonctl rules compile",
        "rm -rf /etc/kanmon",
        "mv ~/.local/state/kanmon x",
        "sudo cp x /etc/kanmon/rules.d/a.toml",
        "echo x > ~/.claude/settings.json",
        "sed -i s/kanmon// ~/.claude/settings.json",
    ] {
        let (decision, _) = decision(line, "default").unwrap();
        assert_eq!(decision, "deny", "{line}");
    }
    // The gate in front changes nothing: what is behind it is asked about all the same.
    for line in [
        "kanmon reboot",
        "sudo kanmon --lang ja -- systemctl reboot",
        "kanmon -c 'sleep 1; reboot'",
        "kanmon kanmon $x reboot",
    ] {
        assert_eq!(decision(line, "default").unwrap().0, "ask", "{line}");
    }
}

#[test]
fn an_agent_changes_the_gate_from_no_folder() {
    let work = tempfile::tempdir().unwrap();
    for folder in [".claude", ".kanmon", "src/kanmon"] {
        fs::create_dir_all(work.path().join(folder)).unwrap();
    }
    let decided = |folder: &str, line: &str| {
        let folder = work.path().join(folder);
        decision_on(&event_in(folder.to_str().unwrap(), line, "default"))
    };
    for (folder, line) in [
        ("", "cd .claude && rm settings.json"),
        ("", "cd ~/.claude; echo {} >settings.local.json"),
        ("", "env -C .claude rm settings.json"),
        ("", "rm -rf .claude"),
        ("", "mv ~/.claude /tmp/x"),
        ("", "rm .claude/*"),
        ("", "rm .claude/set*.json"),
        (".claude", "rm settings.json"),
        (".claude", "echo {} >settings.json"),
        (".claude", "sed -i s/kanmon// ./settings.json"),
        ("src", "cp x ../.claude/settings.json"),
        ("", "rm -rf .kanmon"),
        (".kanmon", "mv team.toml x"),
        ("", "cd /etc && rm -rf kanmon"),
        ("", "cd /etc/kanmon && rm config.toml"),
        ("", "ln -sf /bin/true ~/.local/share/kanmon/shims/reboot"),
        ("", "rm /usr/local/lib/kanmon/shims/reboot"),
        ("", "sed -i /kanmon/d /etc/sudo.conf"),
    ] {
        let (decision, reason) = decided(folder, line).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(decision, "deny", "{line}: {reason}");
    }
    for (folder, line) in [
        ("", "cp notes.md .claude/commands/"),
        ("", "find .claude -name '*.md'"),
        ("", "rm .claude/commands/*.md"),
        ("", "rm -r .claude/skills/*"),
        ("", "mv .claude/commands/settings.md x"),
        ("src/kanmon", "rm config.toml"),
        ("", "cd src && rm -r kanmon"),
        (".claude", "cd .. && rm settings.json"),
        (".claude", "ssh mx1 rm settings.json"),
        (".kanmon", "cat team.toml"),
    ] {
        assert_eq!(decided(folder, line), None, "{line}");
    }
}

#[test]
fn a_line_beyond_a_limit_is_denied() {
    let line = format!("{}ls{}", "(".repeat(500), ")".repeat(500));
    assert_eq!(decision(&line, "default").unwrap().0, "deny");
}

#[test]
fn a_script_is_read_where_the_agent_would_run_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.sh"), "reboot\n").unwrap();
    let mut event = event("sh go.sh", "default");
    event["cwd"] = json!(folder.path());
    let output = hook(&["claude-code"], &event.to_string());
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("\"ask\""),
        "{output:?}"
    );
}

#[test]
fn what_cannot_be_read_blocks() {
    let no_folder =
        json!({ "tool_name": "Bash", "tool_input": { "command": "ls" }, "cwd": "/no/such" });
    for event in [
        "",
        "no json",
        "[]",
        r#"{"tool_name": "Bash"}"#,
        r#"{"tool_name": "Bash", "tool_input": {"command": 1}}"#,
        &no_folder.to_string(),
    ] {
        for kind in ["claude-code", "json"] {
            let output = hook(&[kind], event);
            assert_eq!(output.status.code(), Some(2), "{kind} {event}");
            assert!(output.stdout.is_empty());
            assert!(String::from_utf8_lossy(&output.stderr).contains("Nothing was allowed"));
        }
    }
}

#[test]
fn reasons_are_told_in_japanese() {
    let event = event("reboot", "default").to_string();
    let output = hook(&["claude-code", "--lang", "ja"], &event);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let reason = &answer["hookSpecificOutput"]["permissionDecisionReason"];
    assert!(
        reason
            .as_str()
            .unwrap()
            .contains("ホストの再起動・停止（ルール reboot.host）"),
        "{reason}"
    );
}

#[test]
fn any_other_agent_gets_one_object() {
    let answer = |event: Value| -> Value {
        let output = hook(&["json"], &event.to_string());
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let none = answer(json!({ "command": "ls", "can_ask": true }));
    assert_eq!(none, json!({ "decision": "none", "rules": [] }));
    let ask = answer(json!({ "command": "reboot", "can_ask": true, "cwd": "/" }));
    assert_eq!(ask["decision"], "ask");
    assert_eq!(ask["rules"], json!(["reboot.host"]));
    // Each sentence has its end, in the manner of its language.
    let told = hook(&["json", "--lang", "ja"], r#"{"command": "reboot"}"#);
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    let told = told["reason"].as_str().unwrap();
    assert!(told.contains("UNIT`。人が端末で"), "{told}");
    assert!(told.ends_with('。') && !told.contains(". "), "{told}");
    // An agent that does not say so cannot ask.
    assert_eq!(answer(json!({ "command": "reboot" }))["decision"], "deny");
}

#[test]
fn the_hook_goes_into_the_settings_and_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    let before = r#"{"model":"x","hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[{"type":"command","command":"other"}]}]},"a":{"z":1,"b":2}}"#;
    fs::write(&path, before).unwrap();
    let file = path.to_str().unwrap();
    let call = |what: &str| hook(&[what, "claude-code", "--settings", file], "");
    assert!(call("install").status.success());
    let once = fs::read_to_string(&path).unwrap();
    assert!(once.contains("kanmonctl hook claude-code") && once.contains("other"));
    assert!(call("install").status.success());
    assert_eq!(fs::read_to_string(&path).unwrap(), once, "once is enough");
    // What stands there answers as the agent would start it.
    let settings: Value = serde_json::from_str(&once).unwrap();
    let command = settings["hooks"]["PreToolUse"][1]["hooks"][0]["command"]
        .as_str()
        .unwrap();
    let mut child = Command::new("/bin/sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let event = event("reboot", "default").to_string();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(event.as_bytes())
        .unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&said).contains("\"ask\""));
    assert!(call("uninstall").status.success());
    let after: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(after.to_string(), before, "order and all");
    // Where there was no file, there is none again.
    fs::remove_file(&path).unwrap();
    assert!(call("install").status.success() && path.exists());
    assert!(call("uninstall").status.success() && !path.exists());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn settings_that_are_broken_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.json");
    for text in ["{ \"a\": 1, }", "[]", "{\"hooks\": []}"] {
        fs::write(&path, text).unwrap();
        let output = hook(
            &[
                "install",
                "claude-code",
                "--settings",
                path.to_str().unwrap(),
            ],
            "",
        );
        assert!(!output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("was left as it is"));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
