//! The hook in an agent's settings file: put in, taken out, everything else as it was.
//!
//! The file is written beside itself and moved into place, with its owner and mode kept; one that is
//! no JSON object, or holds `hooks` of another shape, is left alone and told.

#![expect(
    clippy::disallowed_methods,
    reason = "the settings of an agent are read and written here"
)]

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::context::Environment;
use crate::ctl::out::{self, Failure};
use crate::text::{cause, setup as say};

/// The event that comes before a tool is used.
const EVENT: &str = "PreToolUse";
/// The tool that runs a shell line.
const MATCHER: &str = "Bash";
/// How our command ends, whatever the path of the program.
const COMMAND: &str = "kanmonctl hook claude-code";

/// Puts the hook in; says so where it stands there already.
pub(super) fn install(settings: Option<&Path>) -> Result<i32, Failure> {
    let language = out::language();
    let path = place(settings)?;
    let mut root = read(&path)?;
    if !take_out(&mut root)
        .map_err(|what| odd(&path, what))?
        .is_empty()
    {
        out::row(&say::has_hook(language, path.display()))?;
        return Ok(0);
    }
    let program = std::env::current_exe()?;
    let program = program.to_str().ok_or_else(|| {
        Failure::new(say::odd_path(language, program.display())).hint(say::plain_path(language))
    })?;
    let command = format!("{} hook claude-code", quoted(program));
    put_in(&mut root, &command).map_err(|what| odd(&path, what))?;
    write(&path, &root)?;
    out::row(&say::hook_in(language, path.display(), MATCHER))?;
    Ok(0)
}

/// Takes the hook out; nothing else changes.
pub(super) fn uninstall(settings: Option<&Path>) -> Result<i32, Failure> {
    let language = out::language();
    let path = place(settings)?;
    let mut root = read(&path)?;
    let gone = take_out(&mut root).map_err(|what| odd(&path, what))?;
    if gone.is_empty() {
        out::row(&say::no_hook(language, path.display()))?;
        return Ok(0);
    }
    match root.is_empty() && !path.is_symlink() {
        // Nothing in it but the hook: there was no such file before, or one that said as little.
        true => fs::remove_file(&path).map_err(|error| unwritten(&path, &error))?,
        false => write(&path, &root)?,
    }
    out::row(&say::hook_out(language, path.display()))?;
    Ok(0)
}

/// Returns the settings file: the one that was named, or the user's own.
fn place(settings: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(path) = settings {
        return Ok(path.to_owned());
    }
    let environment = Environment::of_process();
    let folder = match (
        environment.get("CLAUDE_CONFIG_DIR"),
        environment.get("HOME"),
    ) {
        (Some(folder), _) if !folder.is_empty() => PathBuf::from(folder),
        (_, Some(home)) if !home.is_empty() => Path::new(home).join(".claude"),
        _ => {
            let language = environment.language();
            return Err(Failure::new(say::no_home(language)).hint(say::name_settings(language)));
        }
    };
    Ok(folder.join("settings.json"))
}

/// Reads a settings file; one that is not there is empty.
fn read(path: &Path) -> Result<Map<String, Value>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => {
            let language = out::language();
            let why = cause::of(&error.to_string(), language);
            return Err(
                Failure::new(say::cannot_read(language, path.display(), why))
                    .hint(say::mend_settings(language)),
            );
        }
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(root)) => Ok(root),
        Ok(_) => Err(odd(path, "it is no JSON object")),
        Err(error) => Err(odd(path, &error.to_string())),
    }
}

/// Says that a file is not what an agent's settings are.
fn odd(path: &Path, what: &str) -> Failure {
    let language = out::language();
    Failure::new(say::left(
        language,
        path.display(),
        cause::of(what, language),
    ))
    .hint(say::mend_settings(language))
}

/// Adds the hook.
fn put_in(root: &mut Map<String, Value>, command: &str) -> Result<(), &'static str> {
    let hooks = root.entry("hooks").or_insert_with(|| json!({}));
    let hooks = hooks.as_object_mut().ok_or("`hooks` is no object")?;
    let event = hooks.entry(EVENT).or_insert_with(|| json!([]));
    let event = event
        .as_array_mut()
        .ok_or("`hooks.PreToolUse` is no list")?;
    event.push(json!({
        "matcher": MATCHER,
        "hooks": [{ "type": "command", "command": command }],
    }));
    Ok(())
}

/// Takes out what `put_in` added, and what it left empty; returns the commands.
fn take_out(root: &mut Map<String, Value>) -> Result<Vec<String>, &'static str> {
    let mut gone = Vec::new();
    let Some(hooks) = root.get_mut("hooks") else {
        return Ok(gone);
    };
    let hooks = hooks.as_object_mut().ok_or("`hooks` is no object")?;
    let Some(event) = hooks.get_mut(EVENT) else {
        return Ok(gone);
    };
    let event = event
        .as_array_mut()
        .ok_or("`hooks.PreToolUse` is no list")?;
    event.retain_mut(|group| {
        let Some(list) = group.get_mut("hooks").and_then(Value::as_array_mut) else {
            return true;
        };
        let before = gone.len();
        list.retain(|hook| {
            let command = hook.get("command").and_then(Value::as_str);
            match command.filter(|command| is_ours(command)) {
                Some(command) => {
                    gone.push(command.to_owned());
                    false
                }
                None => true,
            }
        });
        gone.len() == before || !list.is_empty()
    });
    if !gone.is_empty() && event.is_empty() {
        hooks.shift_remove(EVENT);
        if hooks.is_empty() {
            root.shift_remove("hooks");
        }
    }
    Ok(gone)
}

/// Whether a hook's command is ours, whatever the path and quotes.
fn is_ours(command: &str) -> bool {
    let plain: String = command
        .chars()
        .filter(|c| !matches!(c, '\'' | '"'))
        .collect();
    plain == COMMAND || plain.ends_with(&format!("/{COMMAND}"))
}

/// Quotes a path for the shell where it needs that.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

/// Writes a settings file as a whole: no reader ever sees half of it.
fn write(path: &Path, root: &Map<String, Value>) -> Result<(), Failure> {
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut text = serde_json::to_string_pretty(root).map_err(io::Error::from)?;
    text.push('\n');
    let new = folder.join(format!(".settings.kanmon.{}", std::process::id()));
    let done = (|| {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&new)?;
        if let Ok(before) = fs::metadata(&path) {
            file.set_permissions(fs::Permissions::from_mode(before.mode() & 0o7777))?;
            std::os::unix::fs::fchown(&file, Some(before.uid()), Some(before.gid()))?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)
    })();
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done.map_err(|error: io::Error| unwritten(&path, &error))
}

/// Says that a settings file cannot be changed.
fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let language = out::language();
    let why = cause::of(&error.to_string(), language);
    Failure::new(say::cannot_write(language, path.display(), why))
        .hint(say::mend_settings(language))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_was_there_stays_in_its_order() {
        let before = map(json!({
            "zeta": 1,
            "hooks": {
                "Stop": [{ "hooks": [{ "type": "command", "command": "x" }] }],
                "PreToolUse": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "y" }] }]
            },
            "alpha": { "b": [1, 2.5, null] }
        }));
        let mut root = before.clone();
        put_in(&mut root, "/opt/x/kanmonctl hook claude-code").unwrap();
        assert_eq!(root["hooks"]["PreToolUse"][1]["matcher"], "Bash");
        assert_ne!(root, before);
        assert_eq!(take_out(&mut root).unwrap().len(), 1);
        assert_eq!(
            serde_json::to_string(&root).unwrap(),
            serde_json::to_string(&before).unwrap()
        );
    }

    #[test]
    fn nothing_is_left_of_it_in_empty_settings() {
        let mut root = Map::new();
        put_in(&mut root, "'/a b/kanmonctl' hook claude-code").unwrap();
        assert_eq!(take_out(&mut root).unwrap().len(), 1);
        assert!(root.is_empty());
    }

    #[test]
    fn settings_of_another_shape_are_told() {
        for odd in [
            json!({ "hooks": [] }),
            json!({ "hooks": { "PreToolUse": 1 } }),
        ] {
            let mut root = map(odd.clone());
            assert!(take_out(&mut root).is_err(), "{odd}");
            assert!(put_in(&mut root, "x").is_err(), "{odd}");
        }
    }

    #[test]
    fn a_hook_of_another_is_none_of_ours() {
        assert!(is_ours("kanmonctl hook claude-code"));
        assert!(is_ours("/usr/bin/kanmonctl hook claude-code"));
        assert!(!is_ours("notkanmonctl hook claude-code"));
        assert!(!is_ours("kanmonctl hook claude-code && rm x"));
    }
}
