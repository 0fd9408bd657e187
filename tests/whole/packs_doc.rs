//! `docs/packs.md`: its tables are made of the packs, so that a page that no longer says what the
//! rules do fails here. `KANMON_WRITE_PACKS=1` writes them anew.
#![expect(
    clippy::disallowed_methods,
    reason = "compares a page of the repository with what the program says"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The head of each table.
const HEAD: &str = "| rule | what | example | risk | test lines | typed answers | asks |\n\
                    | --- | --- | --- | --- | --- | --- | --- |\n";

/// Returns what `kanmonctl` says as JSON.
fn json(args: &[&str]) -> Value {
    let told = Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
        .args(args)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    serde_json::from_slice(&told.stdout).unwrap()
}

/// Returns a text in the language of its pack.
fn text(value: &Value) -> &str {
    value["source"].as_str().unwrap_or_default()
}

/// Returns a label as it stands in a sentence.
fn label(probe: &Value) -> String {
    let label = text(&probe["label"]);
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => label.to_owned(),
    }
}

/// Returns what is called.
fn call(of: &Value) -> String {
    let what = &of["what"];
    let asked = match what.get("Probe") {
        Some(probe) => label(probe),
        None if what == "Target" => "the target".to_owned(),
        None if what == "User" => "the user".to_owned(),
        None => "the name in the command".to_owned(),
    };
    format!("call: {asked}")
}

/// Returns one step in words, and how many answers are typed in it.
fn step(step: &Value) -> (String, usize) {
    let kind = &step["kind"];
    let Some((name, of)) = kind.as_object().and_then(|kind| kind.iter().next()) else {
        return (String::new(), 0);
    };
    let time = |of: &Value| match of["secs"].as_u64().unwrap_or_default() {
        seconds if seconds % 60 == 0 => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    };
    match name.as_str() {
        "Show" => (format!("shows {}", label(of)), 0),
        "Check" => (format!("checks {}", label(&of["probe"])), 0),
        "Confirm" => (text(of.get("text").unwrap_or(of)).to_owned(), 0),
        "Checklist" => {
            let items = of.as_array().unwrap();
            let typed = |item: &&Value| item["typed"] == true;
            let told: Vec<String> = items
                .iter()
                .map(|item| match typed(&item) {
                    true => format!("{} *(typed)*", text(&item["ask"])),
                    false => text(&item["ask"]).to_owned(),
                })
                .collect();
            (told.join("; "), items.iter().filter(typed).count())
        }
        "Gap" => (format!("gap {}", time(&of["time"])), 0),
        "Cooldown" => (format!("waits {}", time(of)), 0),
        "Call" => (call(of), 1),
        other => (other.to_lowercase(), 0),
    }
}

/// Returns the row of a rule.
fn row(rule: &Value, name: &str) -> String {
    let steps = rule["steps"].as_array().unwrap();
    let (mut told, typed): (Vec<String>, Vec<usize>) = steps.iter().map(step).unzip();
    let mut typed: usize = typed.iter().sum();
    let risk = rule["risk"].as_str().unwrap();
    let has = |kind: &str| steps.iter().any(|step| step["kind"].get(kind).is_some());
    // What the risk adds.
    match risk {
        "low" if steps.is_empty() => told.push("one key".to_owned()),
        "medium" if !has("Confirm") && typed == 0 => told.push("a yes".to_owned()),
        "high" | "critical" if !has("Call") => {
            told.push("call: the target".to_owned());
            typed += 1;
        }
        "note" => told.push("nothing; its end is recorded".to_owned()),
        _ => {}
    }
    if risk == "critical" && !has("Cooldown") {
        told.push("waits 30s".to_owned());
    }
    let most = match risk {
        "note" | "low" => 0,
        "medium" => 1,
        "high" => 3,
        _ => 5,
    };
    assert!(typed <= most, "{name}: {typed} typed answers");
    let lines = |key: &str| rule[key].as_array().map_or(0, Vec::len);
    let example = rule["test_hold"][0].as_str().unwrap_or_default();
    let japanese = rule["title"]["other"]["ja"].as_str();
    let cells = [
        format!("`{name}`"),
        format!("{}<br>{}", text(&rule["title"]), japanese.expect(name)),
        format!("`{}`", example.lines().next().unwrap_or_default()),
        risk.to_owned(),
        format!("{} hold, {} pass", lines("test_hold"), lines("test_pass")),
        typed.to_string(),
        told.join("; "),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

/// Returns the table of each pack.
fn tables() -> BTreeMap<String, String> {
    let mut tables = BTreeMap::new();
    for listed in json(&["rules", "list", "--json"]).as_array().unwrap() {
        if listed["layer"] != "built-in" {
            continue;
        }
        let id = listed["id"].as_str().unwrap();
        let (pack, name) = id.split_once('.').unwrap();
        let rule = json(&["rules", "show", id, "--json"]);
        let table = tables
            .entry(pack.to_owned())
            .or_insert_with(|| HEAD.to_owned());
        *table += &row(&rule, name);
    }
    tables
}

#[test]
fn the_page_of_the_packs_says_what_the_rules_do() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/packs.md");
    let page = fs::read_to_string(&path).unwrap();
    let mut tables = tables();
    let mut made = String::new();
    let mut pack = String::new();
    let mut in_table = false;
    for line in page.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("## `") {
            pack = rest.split('`').next().unwrap_or_default().to_owned();
        }
        let is_table = line.starts_with('|') && !pack.is_empty();
        if is_table && !in_table {
            made += &tables.remove(&pack).unwrap_or_default();
        }
        in_table = is_table;
        if !is_table {
            made += line;
        }
    }
    assert!(tables.is_empty(), "no section for {:?}", tables.keys());
    if std::env::var_os("KANMON_WRITE_PACKS").is_some() {
        fs::write(&path, &made).unwrap();
        return;
    }
    let is_current = made == page;
    assert!(
        is_current,
        "run it with KANMON_WRITE_PACKS=1 and look at the difference"
    );
}

#[test]
fn the_example_of_a_teams_batch_scripts_is_whole() {
    let example = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/examples/batch.toml");
    for what in ["test", "lint"] {
        let told = Command::new(env!("CARGO_BIN_EXE_kanmonctl"))
            .args(["rules", what])
            .arg(&example)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&told.stdout);
        assert!(told.status.success(), "{what}: {said}");
    }
}
