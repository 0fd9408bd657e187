//! Claude Code's `PreToolUse` event.
//!
//! In: `{"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "…"},
//! "permission_mode": "…", "cwd": "…", …}`. Out: `hookSpecificOutput` with a `permissionDecision`,
//! or nothing. Of several hooks the strictest counts there (deny, then ask, then allow), so that
//! saying nothing never loosens. Source: the agent's hooks reference, October 2026.

use serde_json::{Value, json};

use crate::text::Language;

use super::Judgement;

/// The tools that run a shell line.
const TOOLS: [&str; 1] = ["Bash"];
/// The permission modes in which a person is asked. Those that never ask, and those that are not
/// known here, get *deny*.
const ASKING: [&str; 3] = ["default", "acceptEdits", "plan"];

/// Answers one event.
pub(super) fn answer(
    event: &[u8],
    judge: &dyn Fn(&str) -> Judgement,
    language: Language,
) -> Result<Option<String>, String> {
    let event: Value = serde_json::from_slice(event).map_err(|error| error.to_string())?;
    let text = |key: &str| event.get(key).and_then(Value::as_str);
    let tool = text("tool_name").ok_or("no text under `tool_name`")?;
    if !TOOLS.contains(&tool) {
        return Ok(None);
    }
    let input = event.get("tool_input");
    let line = input
        .and_then(|input| input.get("command"))
        .and_then(Value::as_str)
        .ok_or("no text under `tool_input.command`")?;
    if let Some(folder) = text("cwd") {
        super::go_to(folder)?;
    }
    // Before there were modes, a person was asked.
    let asks = text("permission_mode").is_none_or(|mode| ASKING.contains(&mode));
    let judgement = match judge(line) {
        judgement if asks => judgement,
        judgement => judgement.without_asking(language),
    };
    Ok(match judgement {
        Judgement::Nothing => None,
        Judgement::Ask { reason, .. } => Some(decision("ask", &reason)),
        Judgement::Deny { reason, .. } => Some(decision("deny", &reason)),
    })
}

/// Writes a decision down.
fn decision(decision: &str, reason: &str) -> String {
    json!({
        "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": decision,
            "permissionDecisionReason": reason,
        }
    })
    .to_string()
}
