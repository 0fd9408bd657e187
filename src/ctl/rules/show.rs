//! `kanmonctl rules list` and `rules show`: what rules there are, where each stands, what it asks.

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::ctl::out::{self, Failure};
use crate::policy::pack::{Layer, PackHead};
use crate::policy::rule::{Callee, OnStoreDown, Probe, Risk, Rule, StepKind, Text, Tune};
use crate::policy::ruleset::RuleSet;
use crate::policy::with_floor;
use crate::text::{Language, cause, ctl as say, rules as text, words};
use crate::ui::safe;

use super::words as steps;

/// Columns of a label.
const LABEL: usize = 8;

/// What rules are drawn with: the heads of their packs, the language.
struct Shelf {
    heads: Vec<PackHead>,
    language: Language,
}

impl Shelf {
    /// Reads the heads of the packs.
    fn new(rules: &RuleSet, language: Language) -> Result<Self, Failure> {
        let heads = rules.packs().map_err(|error| {
            let why = cause::of(&error.to_string(), language);
            Failure::new(text::packs_broken(language, why)).hint(text::install_anew(language))
        })?;
        Ok(Self { heads, language })
    }

    /// Returns the layer that a rule comes from.
    fn layer(&self, rule: &Rule) -> &'static str {
        let head = self
            .heads
            .iter()
            .find(|head| is_in_pack(&rule.id, &head.id));
        match head.map(|head| head.layer) {
            // What stands for a broken file is in no pack.
            None => "stand-in",
            Some(Layer::BuiltIn) => "built-in",
            Some(Layer::User) => "user",
            Some(Layer::Project) => "project",
            Some(Layer::System) => "system",
        }
    }

    /// Returns what that layer is called.
    fn layer_text(&self, rule: &Rule) -> String {
        words::of(words::LAYERS, self.layer(rule), self.language)
    }

    /// Returns what a rule's risk is called.
    fn risk(&self, rule: &Rule) -> String {
        words::of(words::RISKS, &risk(rule), self.language)
    }

    /// Returns a text as it is shown.
    fn text(&self, text: &Text) -> String {
        safe::value(text.in_language(self.language.tag()))
    }
}

/// Prints a line a rule.
///
/// # Errors
/// Where standard output fails.
pub(super) fn list(rules: &RuleSet, language: Language, as_json: bool) -> Result<i32, Failure> {
    let shelf = Shelf::new(rules, language)?;
    if as_json {
        let all = rules.rules().map(|rule| shelf.summary(rule));
        out::json(&Value::Array(all.collect()))?;
        return Ok(0);
    }
    let widest = |of: fn(&Rule) -> String| rules.rules().map(|rule| of(rule).width()).max();
    let id = widest(|rule| rule.id.clone()).unwrap_or(0);
    let file = widest(place).unwrap_or(0);
    let row = |rule: &Rule| {
        let cell = |text: String, width: usize| {
            let fill = width.saturating_sub(text.width());
            format!("{text}{:fill$}  ", "")
        };
        [
            cell(rule.id.clone(), id),
            cell(shelf.risk(rule), 8),
            cell(shelf.layer_text(rule), 8),
            cell(place(rule), file),
            shelf.text(&rule.title),
        ]
        .concat()
    };
    let fits = rules.rules().all(|rule| out::fits(&row(rule)));
    for rule in rules.rules() {
        if fits {
            out::line(&row(rule))?;
            continue;
        }
        out::row(&format!(
            "{}  {}  {}  {}  {}",
            rule.id,
            shelf.risk(rule),
            shelf.layer_text(rule),
            place(rule),
            shelf.text(&rule.title)
        ))?;
    }
    Ok(0)
}

/// Prints one rule.
///
/// # Errors
/// Where there is no such rule, or standard output fails.
pub(super) fn show(
    rules: &RuleSet,
    id: &str,
    language: Language,
    as_json: bool,
) -> Result<i32, Failure> {
    let Some(rule) = rules.rule(id) else {
        return Err(missing(rules, id, language));
    };
    let shelf = Shelf::new(rules, language)?;
    if as_json {
        let mut whole = serde_json::to_value(rule).map_err(std::io::Error::from)?;
        if let Value::Object(object) = &mut whole {
            object.insert("layer".to_owned(), json!(shelf.layer(rule)));
        }
        out::json(&whole)?;
        return Ok(0);
    }
    for row in shelf.drawn(rule) {
        out::row(&row)?;
    }
    Ok(0)
}

impl Shelf {
    /// A rule in a few words, for programs.
    fn summary(&self, rule: &Rule) -> Value {
        json!({
            "id": rule.id,
            "risk": rule.risk,
            "title": rule.title.source,
            "title_ja": rule.title.in_language("ja"),
            "file": rule.source.file,
            "line": rule.source.line,
            "layer": self.layer(rule),
            "off": rule.off,
            "tunes": rule.tunes,
        })
    }

    /// Draws one rule.
    fn drawn(&self, rule: &Rule) -> Vec<String> {
        let language = self.language;
        let mut rows = vec![
            rule.id.clone(),
            format!("  {}", self.text(&rule.title)),
            String::new(),
        ];
        let mut fact = |label: fn(Language) -> String, text: Option<String>| {
            let label = label(language);
            let fill = LABEL.saturating_sub(label.width());
            rows.extend(text.map(|text| format!("  {label}{:fill$} {text}", "")));
        };
        fact(say::risk, Some(self.risk(rule)));
        fact(say::layer, Some(self.layer_text(rule)));
        fact(say::file, Some(place(rule)));
        let why = (!rule.why.source.is_empty()).then(|| self.text(&rule.why));
        fact(say::why, why);
        fact(
            say::instead,
            rule.instead.as_ref().map(|text| self.text(text)),
        );
        fact(say::undo, rule.undo.as_ref().map(|text| self.text(text)));
        fact(say::docs, rule.docs.as_deref().map(safe::value));
        fact(
            say::only,
            rule.production_only.then(|| "production".to_owned()),
        );
        let on_store_down = rule.on_store_down.map(|what| match what {
            OnStoreDown::Hold => text::on_down_hold(language),
            OnStoreDown::Local => text::on_down_local(language),
        });
        fact(say::on_store_down, on_store_down);
        fact(say::off, rule.off.then(|| say::switched_off(language)));
        for tune in &rule.tunes {
            fact(say::tune, Some(safe::value(&tuned(tune))));
        }
        let heading = |heading: fn(Language) -> String| format!("  {}", heading(language));
        rows.push(String::new());
        rows.push(heading(say::steps));
        let own = rule.steps.len();
        for (number, step) in with_floor(rule).iter().enumerate() {
            // Those that the rule does not have itself.
            let because = match number >= own {
                true => format!("  {}", say::by_risk(language, self.risk(rule))),
                false => String::new(),
            };
            for words in steps::of_step(&step.kind, self.language.tag()) {
                rows.push(format!("    {}{because}", safe::value(&words)));
            }
            rows.extend(probe(&step.kind).map(|probe| self.look(probe)));
        }
        if rule.risk == Risk::Note {
            rows.push(format!("    {}", say::only_noted(language)));
        }
        if !rule.after.is_empty() {
            rows.push(heading(say::afters));
        }
        for after in &rule.after {
            let when = format!("{:?}", after.when).to_lowercase();
            for words in steps::of_step(&after.step, self.language.tag()) {
                let when = say::after_if(language, &when);
                rows.push(format!("    {}  {when}", safe::value(&words)));
            }
            rows.extend(probe(&after.step).map(|probe| self.look(probe)));
        }
        for (label, lines) in [
            (say::holds as fn(Language) -> String, &rule.test_hold),
            (say::passes, &rule.test_pass),
        ] {
            if !lines.is_empty() {
                rows.push(heading(label));
            }
            rows.extend(
                lines
                    .iter()
                    .map(|line| format!("    {}", safe::command_line(line))),
            );
        }
        rows
    }

    /// What a probe is and runs.
    fn look(&self, probe: &Probe) -> String {
        let label = self.text(&probe.label);
        let run = safe::command_line(&probe.run);
        match probe.label.source == probe.run {
            true => format!("        $ {run}"),
            false => format!("        {label}: $ {run}"),
        }
    }
}

/// The probe of a step that looks.
fn probe(kind: &StepKind) -> Option<&Probe> {
    match kind {
        StepKind::Show(probe) | StepKind::Check { probe, .. } => Some(probe),
        StepKind::Call {
            what: Callee::Probe(probe),
            ..
        }
        | StepKind::Witness {
            what: Callee::Probe(probe),
            ..
        } => Some(probe),
        StepKind::Call { .. }
        | StepKind::Witness { .. }
        | StepKind::Approve { .. }
        | StepKind::Window(_)
        | StepKind::First { .. }
        | StepKind::Confirm(_)
        | StepKind::Checklist(_)
        | StepKind::Cooldown(_)
        | StepKind::Gap { .. }
        | StepKind::Key => None,
    }
}

/// The risk as a rule writes it.
fn risk(rule: &Rule) -> String {
    format!("{:?}", rule.risk).to_lowercase()
}

/// What the system changed, why, and where that stands.
pub(in crate::ctl) fn tuned(tune: &Tune) -> String {
    let (changes, source) = (tune.changes.join(", "), &tune.source);
    format!(
        "{changes}: {} ({}:{})",
        tune.reason, source.file, source.line
    )
}

/// File and line.
fn place(rule: &Rule) -> String {
    format!("{}:{}", rule.source.file, rule.source.line)
}

/// Returns whether the rule of this full id is of this pack.
fn is_in_pack(rule: &str, pack: &str) -> bool {
    rule.split_once('.').is_some_and(|(of, _)| of == pack)
}

/// Says that there is no such rule, and which is near.
fn missing(rules: &RuleSet, id: &str, language: Language) -> Failure {
    let near = rules
        .rules()
        .map(|rule| (strsim::jaro_winkler(id, &rule.id), rule.id.as_str()))
        .filter(|(nearness, _)| *nearness > 0.7)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let failure = Failure::new(text::no_rule(language, safe::value(id)));
    if rules.rules().any(|rule| is_in_pack(&rule.id, id)) {
        return failure.hint(text::is_pack(language, id));
    }
    match near {
        Some((_, near)) => failure.hint(text::did_you_mean(language, near)),
        None => failure.hint(text::list_names(language)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::pack::tests::system_packs;

    const TEAM: &str = "[pack]\nid = 'team'\ntitle = 'Team'\n\
        [probe]\nqueue = { run = 'mailq', label = 'Waiting mail' }\n\
        [[rule]]\nid = 'batch'\ntitle = 'Start the batch'\nwhy = 'It mails customers'\nrisk = 'critical'\n\
        match = [{ program = 'batchctl' }]\nundo = '`batchctl stop`'\nonly = 'production'\non_store_down = 'local'\n\
        steps = [{ show = 'queue' }, { checklist = ['Is the mail ready?'] }, { cooldown = '2m' }]\n\
        after = [{ show = 'queue', if = 'failed' }]\n\
        test.hold = ['batchctl start']\ntest.pass = ['ls']\n\
        [ja]\n'Start the batch' = 'バッチの開始'\n'Waiting mail' = '滞留メール'\n\
        'It mails customers' = '顧客にメールが送られます'\n'Is the mail ready?' = 'メールの準備はできていますか?'\n\
        'Team' = 'チーム'\n";

    /// Draws the rule.
    fn drawn(language: Language) -> String {
        let rules = RuleSet::of_packs(&system_packs(TEAM)).unwrap();
        let shelf = Shelf::new(&rules, language).unwrap();
        shelf.drawn(rules.rule("team.batch").unwrap()).join("\n")
    }

    #[test]
    fn a_rule_is_shown_with_all_that_it_asks() {
        insta::assert_snapshot!(drawn(Language::English), @"
        team.batch
          Start the batch

          Risk     critical
          Layer    system
          File     x.toml:6
          Why      It mails customers
          Undo     `batchctl stop`
          Only     production
          No store local

          Steps
            show team.queue
                Waiting mail: $ mailq
            checklist Is the mail ready?
            cooldown 2m
            call target  (risk: critical)
          After
            show team.queue  (if failed)
                Waiting mail: $ mailq
          Holds
            batchctl start
          Passes
            ls
        ");
    }

    #[test]
    fn it_is_shown_in_the_language_that_is_asked_for() {
        insta::assert_snapshot!(drawn(Language::Japanese), @"
        team.batch
          バッチの開始

          危険度   最高
          レイヤー システム
          ファイル x.toml:6
          理由     顧客にメールが送られます
          取り消し `batchctl stop`
          限定     production
          共有なし このホストの記録だけで続ける

          手順
            show team.queue
                滞留メール: $ mailq
            checklist メールの準備はできていますか?
            cooldown 2m
            call target  （危険度 最高 のため）
          実行後
            show team.queue  （failed の場合）
                滞留メール: $ mailq
          保留する例
            batchctl start
          通す例
            ls
        ");
    }

    #[test]
    fn a_name_that_is_near_is_told() {
        let rules = RuleSet::built_in().unwrap();
        let hint = |id| missing(&rules, id, Language::English).to_string();
        assert!(hint("reboot.hots").ends_with("Did you mean `reboot.host`?"));
        assert!(hint("mail").contains("`mail` is a pack"));
        assert!(hint("zzz").ends_with("`kanmonctl rules list` names them all."));
    }
}
