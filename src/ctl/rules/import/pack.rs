//! A runbook becomes a pack: which row makes a rule, which a check, which an item of a checklist.
//! Pure.
//!
//! A command that acts becomes a rule. What is to be checked in its row, and in the rows before it
//! that have no such command, is asked before it runs. A row whose command only looks and that has
//! an expected value becomes a `check` with a probe. What is left becomes a comment, so that nothing
//! of the runbook is lost.

use std::collections::BTreeSet;

use crate::gate::mask;
use crate::policy::pack::placeholder;
use crate::policy::ruleset::RuleSet;
use crate::text::Language;
use crate::ui::safe;

use super::commands::{Act, Part, parts};
use super::expected::{self, ReadAs};
use super::sheet::{Row, Sheet};
use super::toml::{comment, quoted};

/// The longest text of a title.
const LONGEST_TITLE: usize = 80;

/// What the pack is called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<'n> {
    /// Its id.
    pub(super) id: &'n str,
    /// Its title.
    pub(super) title: &'n str,
    /// The file that it comes from.
    pub(super) file: &'n str,
}

/// A pack while it is put together.
struct Draft<'d> {
    names: Names<'d>,
    /// Test lines of commands that become comments.
    left_out: &'d BTreeSet<String>,
    language: Language,
    probes: Vec<Look>,
    rules: Vec<Draught>,
    ids: BTreeSet<String>,
    /// What waits for the next command: steps, and what becomes a comment.
    waiting: Asked,
}

/// What is asked before a command.
#[derive(Debug, Default)]
struct Asked {
    /// Rows that become comments.
    comments: Vec<String>,
    /// `check` steps as TOML.
    checks: Vec<String>,
    /// Items of a checklist as TOML.
    items: Vec<String>,
    /// `witness` steps as TOML.
    witnesses: Vec<String>,
}

/// A probe.
struct Look {
    name: String,
    run: String,
    label: String,
    read: ReadAs,
}

/// One rule.
struct Draught {
    row: u64,
    id: String,
    title: String,
    act: Act,
    asked: Asked,
}

/// Returns the pack as TOML; `None` where no row has a command that acts. Commands of which a rule
/// holds nothing are `left_out`, by their test lines.
pub(super) fn write(
    sheet: &Sheet,
    names: Names<'_>,
    rules: &RuleSet,
    left_out: &BTreeSet<String>,
) -> Option<String> {
    let mut draft = Draft {
        names,
        left_out,
        language: sheet.language,
        probes: Vec::new(),
        rules: Vec::new(),
        ids: BTreeSet::new(),
        waiting: Asked::default(),
    };
    for row in &sheet.rows {
        draft.add(row, rules);
    }
    (!draft.rules.is_empty()).then(|| draft.to_toml())
}

impl Draft<'_> {
    /// Adds a row of the runbook.
    fn add(&mut self, row: &Row, rules: &RuleSet) {
        let mut prose = Vec::new();
        let mut looks = Vec::new();
        let mut acts = Vec::new();
        for part in parts(&row.step, rules) {
            match part {
                Part::Prose(text) => prose.push(text),
                Part::Look(line) => looks.push(line),
                Part::Act(act) if self.left_out.contains(&mask::text(&act.line)) => {
                    prose.push(act.line);
                }
                Part::Act(act) => acts.push(act),
            }
        }
        let checks: Vec<&str> = rows_of(&row.check);
        // A step without a command may be the continued one of the row before.
        let goes_on = row.step.is_empty();
        let mut asked = match goes_on {
            true => Asked::default(),
            false => std::mem::take(&mut self.waiting),
        };
        let probe = match (looks.as_slice(), expected::expectation(&row.expected)) {
            ([line], Some(expected)) if acts.is_empty() && checks.len() <= 1 => self
                .probe(row, line, expected.read)
                .map(|name| (name, expected.is)),
            _ => None,
        };
        if acts.is_empty() {
            let head = format!("{} row {}", self.names.file, row.number);
            let all = prose.iter().chain(&looks);
            asked
                .comments
                .extend(all.map(|text| format!("{head}  {text}")));
        }
        match probe {
            Some((name, is)) => asked.checks.push(format!(
                "{{ check = {}, is = {} }}",
                quoted(&name),
                quoted(&is)
            )),
            None => asked.items.extend(self.items(&checks, &row.expected)),
        }
        let by = self.by(&row.by).into_iter().collect();
        asked.add(Asked {
            witnesses: by,
            ..Asked::default()
        });
        let title = prose.first().map(String::as_str);
        let mut acts = acts.into_iter();
        match acts.next() {
            Some(act) => self.rule(row, title, act, asked),
            // The row before has the command that this one is about.
            None if goes_on && self.waiting_is_empty() && !self.rules.is_empty() => {
                if let Some(last) = self.rules.last_mut() {
                    last.asked.add(asked);
                }
            }
            None => self.waiting.add(asked),
        }
        for act in acts {
            self.rule(row, title, act, Asked::default());
        }
    }

    /// Returns whether nothing waits for the next command.
    fn waiting_is_empty(&self) -> bool {
        let Asked {
            comments,
            checks,
            items,
            witnesses,
        } = &self.waiting;
        [comments, checks, items, witnesses]
            .iter()
            .all(|list| list.is_empty())
    }

    /// Adds a rule, or what is asked to the one that has the same calls.
    fn rule(&mut self, row: &Row, title: Option<&str>, act: Act, asked: Asked) {
        let same = self
            .rules
            .iter_mut()
            .find(|rule| rule.act.calls == act.calls);
        if let Some(rule) = same {
            rule.asked.add(asked);
            return;
        }
        let name: Vec<&str> = act
            .calls
            .first()
            .map(|call| vec![call.program.as_str(), call.verb.as_str()])
            .unwrap_or_default();
        let id = self.free_id(&slug(&name.join("-"), "step"));
        let run = text(&mask::text(&act.line));
        let title = match (
            title.map(text).filter(|title| !title.is_empty()),
            self.language,
        ) {
            (Some(title), _) => title,
            (None, Language::English) => format!("Run {run}"),
            (None, Language::Japanese) => format!("{run} の実行"),
        };
        self.rules.push(Draught {
            row: row.number,
            id,
            title: clipped(&title, LONGEST_TITLE),
            act,
            asked,
        });
    }

    /// Adds a probe; `None` where its command would mean something else in a rule.
    fn probe(&mut self, row: &Row, line: &str, read: ReadAs) -> Option<String> {
        // A secret does not belong into a rule file.
        if !placeholder::names(line).is_empty() || mask::text(line) != line {
            return None;
        }
        let name = self.free_id(&format!("row-{}", row.number));
        let check = text(rows_of(&row.check).first().copied().unwrap_or_default());
        let label = match check.is_empty() {
            true => text(line),
            false => check,
        };
        self.probes.push(Look {
            name: name.clone(),
            run: line.to_owned(),
            label,
            read,
        });
        Some(name)
    }

    /// Returns what is to be checked as items of a checklist.
    fn items(&self, checks: &[&str], expected: &str) -> Vec<String> {
        let values = rows_of(expected);
        let each = |(number, check): (usize, &&str)| {
            let value = match values.len() {
                0 => None,
                n if n == checks.len() => values.get(number).copied(),
                _ if checks.len() == 1 => Some(expected),
                _ => None,
            };
            self.item(check, value)
        };
        let mut items: Vec<String> = checks.iter().enumerate().map(each).collect();
        let is_left = !values.is_empty()
            && (checks.len() > 1 && values.len() != checks.len() || checks.is_empty());
        if is_left {
            items.push(self.item("", Some(expected)));
        }
        items
    }

    /// Returns one item: typed where the expected value is one that can be typed.
    fn item(&self, check: &str, value: Option<&str>) -> String {
        let check = text(check);
        let value = value.map(text).filter(|value| !value.is_empty());
        let wanted = match self.language {
            Language::English => "expected",
            Language::Japanese => "期待値",
        };
        match value {
            None => quoted(&check),
            Some(value) if check.is_empty() => quoted(&format!("{wanted}: {value}")),
            Some(value) => match expected::exactly(&value) {
                Some(like) => format!(
                    "{{ ask = {}, answer = \"text\", like = {} }}",
                    quoted(&check),
                    quoted(&like)
                ),
                None => quoted(&format!("{check} ({wanted}: {value})")),
            },
        }
    }

    /// Returns the step at which the second person types their name and their own call.
    fn by(&self, by: &str) -> Option<String> {
        let by = text(by);
        (!by.is_empty()).then(|| {
            let asked = match self.language {
                Language::English => format!("Checked by {by}"),
                Language::Japanese => format!("確認者 ({by})"),
            };
            format!("{{ witness = {} }}", quoted(&asked))
        })
    }

    /// Returns the id with a number behind it where it is taken.
    fn free_id(&mut self, id: &str) -> String {
        let mut free = id.to_owned();
        let mut number = 1_usize;
        while !self.ids.insert(free.clone()) {
            number += 1;
            free = format!("{id}-{number}");
        }
        free
    }

    /// Returns the whole as TOML.
    fn to_toml(&self) -> String {
        let (finish, why, pass) = match self.language {
            Language::English => (
                "Finish this pack: say in each `why` what goes wrong, set the `risk`, narrow the matches, add `test.pass`.",
                "what goes wrong here is not written down yet",
                "add lines that look alike and must pass: test.pass = […]",
            ),
            Language::Japanese => (
                "仕上げてください: why (誤ると何が起きるか)、risk、match の絞り込み、test.pass。",
                "誤ると何が起きるかは、まだ書かれていません",
                "似ているが止めてはいけない行を足してください: test.pass = […]",
            ),
        };
        let lang = self.language.tag();
        let mut out = comment(&format!("{}\n{finish}", self.names.file));
        out.push_str(&format!(
            "[pack]\nid = {}\ntitle = {}\nlang = {}\n",
            quoted(self.names.id),
            quoted(&text(self.names.title)),
            quoted(lang)
        ));
        if !self.probes.is_empty() {
            out.push_str("\n[probe]\n");
        }
        for look in &self.probes {
            if look.read == ReadAs::Number {
                out.push_str(&comment(match self.language {
                    Language::English => "The last number that it prints; is it the one?",
                    Language::Japanese => "出力の最後の数値です。目的の値か確かめてください。",
                }));
            }
            out.push_str(&format!(
                "{} = {{ run = {}{}, label = {} }}\n",
                look.name,
                quoted(&look.run),
                look.read.keys(),
                quoted(&look.label)
            ));
        }
        for rule in &self.rules {
            out.push('\n');
            out.push_str(&comment(&rule.asked.comments.join("\n")));
            out.push_str(&format!(
                "[[rule]]\n# {}\nid = {}\ntitle = {}\nwhy = {}\nrisk = \"medium\"\nmatch = [\n",
                comment_text(&format!("{} row {}", self.names.file, rule.row)),
                quoted(&rule.id),
                quoted(&rule.title),
                quoted(why),
            ));
            for call in &rule.act.calls {
                out.push_str(&format!("  {{ program = {}", quoted(&call.program)));
                if !call.verb.is_empty() {
                    out.push_str(&format!(", verb = [{}]", quoted(&call.verb)));
                }
                if !call.flag.is_empty() {
                    out.push_str(&format!(", flag = [{}]", quoted(&call.flag)));
                }
                out.push_str(" },\n");
            }
            out.push_str("]\n");
            out.push_str(&rule.asked.steps());
            out.push_str(&format!(
                "test.hold = [{}]\n# {pass}\n",
                quoted(&mask::text(&rule.act.line))
            ));
        }
        let rest = &self.waiting;
        let left: Vec<&String> = [&rest.comments, &rest.checks, &rest.items, &rest.witnesses]
            .into_iter()
            .flatten()
            .collect();
        if !left.is_empty() {
            out.push('\n');
            let left: Vec<&str> = left.into_iter().map(String::as_str).collect();
            out.push_str(&comment(&left.join("\n")));
        }
        out
    }
}

impl Asked {
    /// Adds what is asked elsewhere.
    fn add(&mut self, other: Self) {
        self.comments.extend(other.comments);
        self.checks.extend(other.checks);
        self.items.extend(other.items);
        // One person is asked once, however many rows they check.
        for witness in other.witnesses {
            if !self.witnesses.contains(&witness) {
                self.witnesses.push(witness);
            }
        }
    }

    /// Returns the steps as TOML, in the order in which they are passed.
    fn steps(&self) -> String {
        if self.checks.is_empty() && self.items.is_empty() && self.witnesses.is_empty() {
            return String::new();
        }
        let mut out = String::from("steps = [\n");
        for check in &self.checks {
            out.push_str(&format!("  {check},\n"));
        }
        if !self.items.is_empty() {
            out.push_str("  { checklist = [\n");
            for item in &self.items {
                out.push_str(&format!("    {item},\n"));
            }
            out.push_str("  ] },\n");
        }
        for witness in &self.witnesses {
            out.push_str(&format!("  {witness},\n"));
        }
        out.push_str("]\n");
        out
    }
}

/// Returns the rows of a cell that are not blank.
fn rows_of(cell: &str) -> Vec<&str> {
    let rows = cell.lines().map(|row| {
        row.trim()
            .trim_start_matches(['・', '•', '□', '☐', '■', '●', '○'])
            .trim()
    });
    rows.filter(|row| !text(row).is_empty()).collect()
}

/// Returns a text of one row that means nothing but itself in a rule: braces around what would be a
/// placeholder get spaces, what cannot be seen goes.
pub(super) fn text(cell: &str) -> String {
    let seen = |c: char| match c.is_control() || safe::is_hidden(c) {
        true => ' ',
        false => c,
    };
    let seen: String = cell.chars().map(seen).collect();
    let mut text = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in placeholder::names(&text.clone()) {
        text = text.replace(&format!("{{{name}}}"), &format!("{{ {name} }}"));
    }
    text
}

/// Returns a text for a comment in a row of its own.
fn comment_text(text: &str) -> String {
    let seen = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(seen).collect()
}

/// Returns at most `most` characters.
fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// Returns an id made of a text.
pub(super) fn slug(text: &str, otherwise: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let parts: Vec<&str> = lower
        .split(|c| !is_part(c))
        .filter(|part| !part.is_empty())
        .collect();
    match parts.is_empty() {
        true => otherwise.to_owned(),
        false => clipped(&parts.join("-"), 40)
            .trim_end_matches(['…', '-'])
            .to_owned(),
    }
}
