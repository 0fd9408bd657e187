//! `kanmonctl explain`: what was understood of a line, and which rules hold it.

use serde_json::{Map, Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::line::{Fed, Invocation, Opaque, Span, Word};
use crate::policy::{Verdict, judge, place};
use crate::ui::safe;

use super::check::{self, Judge};
use super::out::{self, Failure};

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
    let judge = Judge::new(args.here, args.profile)?;
    let understood = judge.one(&args.line, None);
    let invocations = &understood.reading.invocations;
    let judged: Vec<Judged> = invocations
        .iter()
        .map(|invocation| Judged::new(&judge, &args.line, &understood.reading, invocation))
        .collect();
    if args.json {
        let mut answer = Map::new();
        answer.insert("cmd".to_owned(), json!(args.line));
        check::describe(&understood, &mut answer);
        let each = invocations
            .iter()
            .zip(&judged)
            .map(|(invocation, judged)| as_json(invocation, judged));
        answer.insert("invocations".to_owned(), Value::Array(each.collect()));
        out::json(&Value::Object(answer))?;
        return Ok(0);
    }
    out::line(&safe::value(&args.line))?;
    for (invocation, judged) in invocations.iter().zip(&judged) {
        draw(&args.line, invocation, judged)?;
    }
    let verdict = check::word(&understood.verdict);
    match &understood.verdict {
        Verdict::Refuse(cause) => out::line(&format!("{verdict}: {cause}"))?,
        Verdict::Pass(_) | Verdict::Note(_) | Verdict::Hold(_) => {
            let rules = check::rules(&understood.verdict);
            let rules = if rules.is_empty() {
                "no rule".to_owned()
            } else {
                rules.join(", ")
            };
            out::line(&format!("{verdict}: {rules}"))?;
        }
    }
    Ok(0)
}

/// What the rules say of one invocation.
struct Judged {
    /// Rules that hold it.
    held_by: Vec<String>,
    /// Rules of its program that do not, with the key at fault.
    nearly: Vec<(String, &'static str)>,
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
        };
        for rule in judge.rules.candidates(&invocation.name) {
            match judge::why_not(rule, line, reading, invocation, &judge.rules, judge.facts()) {
                None => judged.held_by.push(rule.id.clone()),
                // Another program's rule is not near.
                Some("program") => {}
                Some(key) => judged.nearly.push((rule.id.clone(), key)),
            }
        }
        judged
    }
}

/// Draws one invocation: its part of the line, marked, and what is known of it.
fn draw(line: &str, invocation: &Invocation, judged: &Judged) -> Result<(), Failure> {
    out::line("")?;
    out::line(&format!("  {}", safe::value(&command(invocation))))?;
    let (before, marked) = around(line, invocation.span);
    out::line(&format!("    {}", safe::value(line)))?;
    out::line(&format!(
        "    {}{}",
        " ".repeat(before.width()),
        "^".repeat(marked.width().max(1))
    ))?;
    let via: Vec<&str> = invocation.via.iter().map(|via| via.name.as_str()).collect();
    if !via.is_empty() {
        out::line(&format!("    via     {}", via.join(" > ")))?;
    }
    let target = place::name(&invocation.target).unwrap_or_else(|| "this host".to_owned());
    out::line(&format!("    target  {}", safe::value(&target)))?;
    if let Some(user) = &invocation.target.user {
        out::line(&format!("    user    {}", safe::value(&user.shown())))?;
    }
    for write in &invocation.writes {
        out::line(&format!("    writes  {}", safe::value(&write.path.shown())))?;
    }
    match &invocation.fed {
        Fed::Nothing => {}
        Fed::Text(text) => out::line(&format!("    fed     {}", safe::value(&text.shown())))?,
        Fed::File(path) => out::line(&format!("    fed     < {}", safe::value(&path.shown())))?,
        Fed::Unknown => out::line("    fed     (not known)")?,
    }
    if let Some(opaque) = invocation.opaque {
        out::line(&format!("    opaque  {}", opaque_word(opaque)))?;
    }
    if invocation.guessed {
        out::line("    guessed it stands behind a program that is not known")?;
    }
    for id in &judged.held_by {
        out::line(&format!("    held by {id}"))?;
    }
    for (id, key) in &judged.nearly {
        out::line(&format!("    not by  {id}: {}", reason(key)))?;
    }
    Ok(())
}

/// The call in words.
fn command(invocation: &Invocation) -> String {
    let words = std::iter::once(&invocation.program)
        .chain(&invocation.args)
        .map(Word::shown);
    words.collect::<Vec<_>>().join(" ")
}

/// The text before a span, and in it.
fn around(line: &str, span: Span) -> (&str, &str) {
    (
        line.get(..span.start).unwrap_or_default(),
        line.get(span.start..span.end).unwrap_or_default(),
    )
}

/// Why a rule does not hold, from the key at fault.
fn reason(key: &str) -> String {
    match key {
        "harmless" => "it only simulates, helps or tells its version".to_owned(),
        key => format!("`{key}` does not fit"),
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
    })
}
