//! The event of any other agent.
//!
//! In: `{"command": "…"}`, with `cwd` (the folder in which it would run) and `can_ask` (whether the
//! agent will put a question to a person; false where it is not said) if known. Out, always one
//! object: `{"decision": "none" | "ask" | "deny", "rules": [ids], "reason": "…"}`. `none` is no
//! permission: the agent's own rules decide.

use serde_json::{Value, json};

use crate::text::Language;

use super::Judgement;

/// Answers one event.
pub(super) fn answer(
    event: &[u8],
    judge: &dyn Fn(&str) -> Judgement,
    language: Language,
) -> Result<Option<String>, String> {
    let event: Value = serde_json::from_slice(event).map_err(|error| error.to_string())?;
    let line = event
        .get("command")
        .and_then(Value::as_str)
        .ok_or("no text under `command`")?;
    match event.get("cwd") {
        None | Some(Value::Null) => {}
        Some(Value::String(folder)) => super::go_to(folder)?,
        Some(_) => return Err("`cwd` is no text".to_owned()),
    }
    let asks = event.get("can_ask") == Some(&Value::Bool(true));
    let judgement = match judge(line) {
        judgement if asks => judgement,
        judgement => judgement.without_asking(language),
    };
    let (decision, rules, reason) = match judgement {
        Judgement::Nothing => ("none", Vec::new(), None),
        Judgement::Ask { rules, reason } => ("ask", rules, Some(reason)),
        Judgement::Deny { rules, reason } => ("deny", rules, Some(reason)),
    };
    let mut answer = json!({ "decision": decision, "rules": rules });
    if let (Some(object), Some(reason)) = (answer.as_object_mut(), reason) {
        object.insert("reason".to_owned(), json!(reason));
    }
    Ok(Some(answer.to_string()))
}
