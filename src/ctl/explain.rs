//! `kanmonctl explain`: what was understood of a line, and which rules hold it.

use std::ffi::OsString;

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::context::Environment;
use crate::line::{Fed, Invocation, Line, Opaque, Span, Word};
use crate::policy::rule::Rule;
use crate::policy::{Verdict, judge, place};
use crate::text::{Language, ctl as say};
use crate::ui::{self, safe};

mod tree;

use tree::Edge;

use super::check::{self, Judge};
use super::object::{Field, Object};
use super::out::{self, Failure};
use super::rules::show::tuned;

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command line to explain, as one word: quote it
    line: String,
    /// Judge with this machine's host, user and environment; otherwise they are unknown
    #[arg(long)]
    here: bool,
    /// Which rules are in, where it is not the prefix door's profile
    #[arg(long, value_enum, value_name = "NAME")]
    profile: Option<check::ProfileName>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Runs `explain`; exits 0.
///
/// # Errors
/// Where standard output fails.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let judge = Judge::new(args.here, args.profile, "prefix")?;
    let understood = judge.one(&args.line, None);
    let invocations = &understood.reading.invocations;
    let judged: Vec<Judged> = invocations
        .iter()
        .map(|invocation| Judged::new(&judge, &args.line, &understood.reading, invocation))
        .collect();
    if args.json {
        let mut answer = Object::of_text("cmd", args.line.as_str());
        check::describe(&understood, &mut answer);
        let each = invocations
            .iter()
            .zip(&judged)
            .map(|(invocation, judged)| as_json(invocation, judged));
        answer.set("invocations", Field::Value(each.collect()));
        out::json(&answer)?;
        return Ok(0);
    }
    let language = Environment::of_process().language();
    out::row(&safe::value(&args.line))?;
    let walk = tree::walk(invocations);
    let depths: Vec<usize> = walk.iter().map(|(_, depth)| *depth).collect();
    let page = Page {
        line: &args.line,
        width: ui::output_columns(),
        language,
    };
    let edges = tree::edges(&depths);
    for ((at, _), edge) in walk.iter().zip(&edges) {
        if let (Some(invocation), Some(judged)) = (invocations.get(*at), judged.get(*at)) {
            page.draw(invocation, judged, edge)?;
        }
    }
    out::raw("")?;
    let said = check::said(&understood.verdict, language);
    out::row(&match understood.verdict {
        Verdict::Pass(_) => format!("{said}: {}", say::no_rule(language)),
        Verdict::Note(_) | Verdict::Hold(_) | Verdict::Refuse(_) => said,
    })?;
    Ok(0)
}

/// What the rules say of one invocation.
struct Judged {
    /// Rules that hold it.
    held_by: Vec<String>,
    /// Rules of its program that do not, with the key at fault.
    nearly: Vec<(String, &'static str)>,
    /// What the system changed of those that hold, or switched off of those that would.
    tuned: Vec<(String, String)>,
}

impl Judged {
    fn new(
        judge: &Judge,
        line: &str,
        reading: &crate::line::Reading,
        invocation: &Invocation,
    ) -> Self {
        let mut judged = Self {
            held_by: Vec::new(),
            nearly: Vec::new(),
            tuned: Vec::new(),
        };
        for rule in judge.rules.candidates(&invocation.name) {
            match judge::why_not(rule, line, reading, invocation, &judge.rules, judge.facts()) {
                None if !judge.profile.has(rule) => judged.nearly.push((rule.id.clone(), "only")),
                None => judged.hold(rule),
                // Another program's rule is not near.
                Some("program") => {}
                Some(key) => judged.nearly.push((rule.id.clone(), key)),
            }
        }
        // One that is switched off is no candidate.
        for rule in judge.rules.rules().filter(|rule| rule.off) {
            let fits = judge::why_not(rule, line, reading, invocation, &judge.rules, judge.facts());
            if fits.is_none() {
                judged.note_tunes(rule);
            }
        }
        judged
    }

    /// Takes note of a rule that holds.
    fn hold(&mut self, rule: &Rule) {
        self.held_by.push(rule.id.clone());
        self.note_tunes(rule);
    }

    /// Takes note of what the system changed of a rule.
    fn note_tunes(&mut self, rule: &Rule) {
        let tunes = rule.tunes.iter();
        self.tuned
            .extend(tunes.map(|tune| (rule.id.clone(), tuned(tune))));
    }
}

/// What a line is drawn on.
struct Page<'l> {
    line: &'l str,
    width: usize,
    language: Language,
}

impl Page<'_> {
    /// Draws one invocation: its words, its part of the line, marked, and what is known of it.
    fn draw(&self, invocation: &Invocation, judged: &Judged, edge: &Edge) -> Result<(), Failure> {
        let language = self.language;
        let rest = &edge.rest;
        out::raw(&edge.gap)?;
        let words = safe::value(&command(invocation));
        let width = self.width.saturating_sub(edge.head.width());
        out::raw(&format!("{}{}", edge.head, tree::cut(&words, width)))?;
        let width = self.width.saturating_sub(rest.width());
        let (shown, mark) = match &invocation.origin {
            // Its part of a script; the call that runs the script stands above.
            Some(origin) => {
                let place = format!("{}:{}: ", origin.file, origin.row);
                tree::marked(&place, &origin.text, "", width)
            }
            None => {
                let (before, call, after) = around(self.line, invocation.span);
                tree::marked(before, call, after, width)
            }
        };
        out::raw(&format!("{rest}{shown}"))?;
        out::raw(&format!("{rest}{mark}"))?;
        let row = |label: String, text: &str| {
            let text = tree::cut(&safe::value(text), width.saturating_sub(8));
            out::labelled(rest, &label, 8, &text)
        };
        let via: Vec<&str> = invocation.via.iter().map(|via| via.name.as_str()).collect();
        if !via.is_empty() {
            row(say::via(language), &via.join(" > "))?;
        }
        let target = match place::Where::of(&invocation.target) {
            place::Where::Unsaid(said) if said.is_empty() => say::not_known(language),
            _ => place::name(&invocation.target).unwrap_or_else(|| say::this_host(language)),
        };
        row(say::target(language), &target)?;
        if let place::Where::Each(hosts) = place::Where::of(&invocation.target) {
            row(say::hosts(language), &hosts.join(language.comma()))?;
        }
        if let Some(user) = &invocation.target.user {
            row(say::user(language), &user.shown())?;
        }
        for write in &invocation.writes {
            row(say::writes(language), &write.path.shown())?;
        }
        match &invocation.fed {
            Fed::Nothing => {}
            Fed::Text(text) => row(say::fed(language), &text.shown())?,
            Fed::File(path) => row(say::fed(language), &format!("< {}", path.shown()))?,
            Fed::Unknown => row(say::fed(language), &say::not_known(language))?,
        }
        if let Some(opaque) = invocation.opaque {
            row(say::opaque(language), opaque_word(opaque))?;
        }
        if invocation.guessed {
            row(say::guessed(language), &say::behind_unknown(language))?;
        }
        for id in &judged.held_by {
            row(say::held_by(language), id)?;
        }
        for (id, key) in &judged.nearly {
            let why = format!("{id}: {}", reason(key, language));
            row(say::not_by(language), &why)?;
        }
        for (id, tune) in &judged.tuned {
            row(say::tuned(language), &format!("{id}: {tune}"))?;
        }
        Ok(())
    }
}

/// The call in words; those that are known in quotes where they need them.
fn command(invocation: &Invocation) -> String {
    let words = || std::iter::once(&invocation.program).chain(&invocation.args);
    let known: Option<Vec<OsString>> = words().map(|word| word.known().map(Into::into)).collect();
    match known {
        Some(argv) => Line::argv(argv).text().to_owned(),
        None => words().map(Word::shown).collect::<Vec<_>>().join(" "),
    }
}

/// The text before a span, in it, and behind it.
fn around(line: &str, span: Span) -> (&str, &str, &str) {
    (
        line.get(..span.start).unwrap_or_default(),
        line.get(span.start..span.end).unwrap_or_default(),
        line.get(span.end..).unwrap_or_default(),
    )
}

/// Why a rule does not hold, from the key at fault.
fn reason(key: &str, language: Language) -> String {
    match key {
        "harmless" => say::harmless(language),
        "only" => say::not_in_profile(language),
        key => say::key_does_not_fit(language, key),
    }
}

/// The word of the rule language.
fn opaque_word(opaque: Opaque) -> &'static str {
    match opaque {
        Opaque::Variable => "variable",
        Opaque::Eval => "eval",
        Opaque::Download => "download",
        Opaque::Unparsed => "unparsed",
    }
}

/// One invocation for programs.
fn as_json(invocation: &Invocation, judged: &Judged) -> Value {
    let nearly: Map<String, Value> = judged
        .nearly
        .iter()
        .map(|(id, key)| (id.clone(), json!(key)))
        .collect();
    json!({
        "program": invocation.program.shown(),
        "args": invocation.args.iter().map(Word::shown).collect::<Vec<_>>(),
        "span": invocation.span,
        "via": invocation.via.iter().map(|via| &via.name).collect::<Vec<_>>(),
        "target": place::name(&invocation.target),
        "user": invocation.target.user.as_ref().map(Word::shown),
        "writes": invocation.writes.iter().map(|write| write.path.shown()).collect::<Vec<_>>(),
        "opaque": invocation.opaque.map(opaque_word),
        "guessed": invocation.guessed,
        "held_by": judged.held_by,
        "not_by": nearly,
        "tuned": judged.tuned,
    })
}
