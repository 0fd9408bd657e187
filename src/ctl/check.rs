//! `kanmonctl check`: the verdict on a line, or on a stream of lines.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};

use serde_json::{Map, Value, json};

use crate::context::LateFacts;
use crate::door::exit::NOT_CLEARED;
use crate::door::prefix::OwnEnvironment;
use crate::door::understand::{NoVariables, Understood, Variables, understand};
use crate::line::{Content, Line, STANDARD_INPUT};
use crate::policy::facts::NothingKnown;
use crate::policy::ruleset::RuleSet;
use crate::policy::{Facts, Profile, Verdict};

use super::out::{self, Failure};

/// Bytes of input read at once.
const BUFFER: usize = 64 * 1024;

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The command line to judge, as one word: quote it
    #[arg(
        required_unless_present = "jsonl",
        conflicts_with = "jsonl",
        value_name = "LINE"
    )]
    line: Option<String>,
    /// Read one JSON object a line from standard input: {"cmd": "…", "env": {…}}
    #[arg(long)]
    jsonl: bool,
    /// Judge with this machine's host, user and environment; otherwise they are unknown
    #[arg(long)]
    here: bool,
    /// Which rules are in, where it is not the prefix door's profile
    #[arg(long, value_enum, value_name = "NAME")]
    profile: Option<ProfileName>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// A profile as it is typed.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ProfileName {
    /// All rules
    Production,
    /// Without those for production alone
    Workstation,
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Production => Self::Production,
            ProfileName::Workstation => Self::Workstation,
        }
    }
}

/// Runs `check`; exits 0 for pass and note, 124 for hold and refuse.
///
/// # Errors
/// Where standard input or output fails.
pub fn run(args: &Args) -> Result<i32, Failure> {
    let judge = Judge::new(args.here, args.profile, "prefix")?;
    let Some(line) = &args.line else {
        judge.stream()?;
        return Ok(0);
    };
    let understood = judge.one(line, None);
    if args.json {
        let mut answer = Map::new();
        answer.insert("cmd".to_owned(), json!(line));
        describe(&understood, &mut answer);
        out::json(&Value::Object(answer))?;
    } else {
        let rules = rules(&understood.verdict);
        let word = word(&understood.verdict);
        out::line(&if rules.is_empty() {
            word.to_owned()
        } else {
            format!("{word}: {}", rules.join(", "))
        })?;
    }
    Ok(match understood.verdict {
        Verdict::Pass(_) | Verdict::Note(_) => 0,
        Verdict::Hold(_) | Verdict::Refuse(_) => NOT_CLEARED,
    })
}

/// The rules and facts with which lines are judged.
pub(super) struct Judge {
    pub(super) rules: RuleSet,
    facts: Box<dyn Facts>,
    here: bool,
    own: OwnEnvironment,
    profile: Profile,
}

impl Judge {
    /// Returns a judge that knows this machine, or nothing.
    ///
    /// Where no profile is named that of the door counts.
    pub(super) fn new(
        here: bool,
        profile: Option<ProfileName>,
        door: &str,
    ) -> Result<Self, Failure> {
        let facts: Box<dyn Facts> = if here {
            Box::<LateFacts>::default()
        } else {
            Box::new(NothingKnown)
        };
        let rules = out::rules()?;
        let of_door = rules.setup().profile(door);
        Ok(Self {
            profile: profile.map_or(of_door, Profile::from),
            rules,
            facts,
            here,
            own: OwnEnvironment::default(),
        })
    }

    /// Returns what is known of the world.
    pub(super) fn facts(&self) -> &dyn Facts {
        self.facts.as_ref()
    }

    /// Judges one line; `env` are the variables given with it.
    pub(super) fn one(&self, line: &str, env: Option<&Map<String, Value>>) -> Understood {
        let line = Line::shell(line.as_bytes());
        let given = Given {
            env,
            here: self.here,
            own: &self.own,
        };
        let known = env.is_some() || self.here;
        let variables: &dyn Variables = if known { &given } else { &NoVariables };
        understand(
            &line,
            &self.rules,
            self.facts.as_ref(),
            variables,
            self.profile,
        )
    }

    /// Judges standard input, an object a line, in its order, each answered before the next is
    /// waited for.
    fn stream(&self) -> Result<(), Failure> {
        let mut input = BufReader::with_capacity(BUFFER, io::stdin().lock());
        let mut output = BufWriter::new(io::stdout().lock());
        let mut text = Vec::new();
        loop {
            text.clear();
            if input.read_until(b'\n', &mut text)? == 0 {
                output.flush()?;
                return Ok(());
            }
            if text.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            serde_json::to_writer(&mut output, &self.answer(&text)).map_err(io::Error::from)?;
            output.write_all(b"\n")?;
            // Where no further line is at hand somebody may wait for this answer.
            if !input.buffer().contains(&b'\n') {
                output.flush()?;
            }
        }
    }

    /// Answers one line of input; one that is no object with a `cmd` gets an `error`.
    fn answer(&self, text: &[u8]) -> Value {
        let mut object = match serde_json::from_slice::<Value>(text) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return json!({ "error": "not a JSON object" }),
            Err(error) => return json!({ "error": error.to_string() }),
        };
        let Some(line) = object.get("cmd").and_then(Value::as_str).map(str::to_owned) else {
            object.insert("error".to_owned(), json!("no text under `cmd`"));
            return Value::Object(object);
        };
        let env = match object.get("env") {
            None | Some(Value::Null) => None,
            Some(Value::Object(env)) => Some(env.clone()),
            Some(_) => {
                object.insert("error".to_owned(), json!("`env` is not an object"));
                return Value::Object(object);
            }
        };
        let understood = self.one(&line, env.as_ref());
        describe(&understood, &mut object);
        Value::Object(object)
    }
}

/// Variables given with a line; those not given are unknown, or this machine's.
struct Given<'e> {
    env: Option<&'e Map<String, Value>>,
    here: bool,
    own: &'e OwnEnvironment,
}

impl Variables for Given<'_> {
    fn variable(&self, name: &str) -> Option<Option<String>> {
        match self.env.and_then(|env| env.get(name)) {
            Some(Value::String(value)) => Some(Some(value.clone())),
            Some(Value::Null) => Some(None),
            Some(other) => Some(Some(other.to_string())),
            None if self.here => self.own.variable(name),
            None => None,
        }
    }

    fn file(&self, path: &str) -> Option<Content> {
        // What is on standard input here is nothing that the line would be fed.
        let is_fed = path == STANDARD_INPUT;
        (self.here && !is_fed).then(|| self.own.file(path))?
    }
}

/// Adds the verdict to an answer.
pub(super) fn describe(understood: &Understood, answer: &mut Map<String, Value>) {
    let is_opaque = understood
        .reading
        .invocations
        .iter()
        .any(|found| found.opaque.is_some());
    answer.insert("verdict".to_owned(), json!(word(&understood.verdict)));
    answer.insert("rules".to_owned(), json!(rules(&understood.verdict)));
    answer.insert("opaque".to_owned(), json!(is_opaque));
    if let Verdict::Refuse(cause) = &understood.verdict {
        answer.insert("reason".to_owned(), json!(cause.to_string()));
    }
}

/// The verdict in a word.
pub(super) fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Pass(_) => "pass",
        Verdict::Note(_) => "note",
        Verdict::Hold(_) => "hold",
        Verdict::Refuse(_) => "refuse",
    }
}

/// The ids of the rules that speak, each once, in the order of the plan.
pub(super) fn rules(verdict: &Verdict) -> Vec<String> {
    let hits = match verdict {
        Verdict::Pass(_) | Verdict::Refuse(_) => return Vec::new(),
        Verdict::Note(hits) => hits,
        Verdict::Hold(plan) => &plan.hits,
    };
    let mut seen = BTreeMap::new();
    for hit in hits {
        let next = seen.len();
        seen.entry(hit.rule.id.clone()).or_insert(next);
    }
    let mut ids: Vec<(usize, String)> = seen.into_iter().map(|(id, at)| (at, id)).collect();
    ids.sort();
    ids.into_iter().map(|(_, id)| id).collect()
}
