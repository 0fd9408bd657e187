//! `kanmonctl check`: the verdict on a line, or on a stream of lines.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Write};
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::context::SystemFacts;
use crate::door::earlier;
use crate::door::exit::NOT_CLEARED;
use crate::door::prefix::OwnEnvironment;
use crate::door::understand::{NoVariables, Understood, Variables, understand};
use crate::line::{Content, Line, STANDARD_INPUT};
use crate::policy::facts::NothingKnown;
use crate::policy::ruleset::RuleSet;
use crate::policy::{Facts, Profile, Verdict};
use crate::team::earlier::Inquiry;
use crate::text::{Language, cause, words};

use super::object::{Field, Object};
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
    /// Read one JSON object a line from standard input: {"cmd": "…", "env": {…}, "aliases": {…}}
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
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub enum ProfileName {
    /// All rules
    #[default]
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
        judge.stream(io::stdin().lock(), io::stdout().lock())?;
        return Ok(0);
    };
    let understood = judge.one(line, None);
    if args.json {
        let mut answer = Object::of_text("cmd", line);
        describe(&understood, &mut answer);
        out::json(&answer)?;
    } else {
        out::line(&said(&understood.verdict, out::language()))?;
    }
    Ok(match understood.verdict {
        Verdict::Pass(_) | Verdict::Note(_) => 0,
        Verdict::Hold(_) | Verdict::Refuse(_) => NOT_CLEARED,
    })
}

/// The rules and facts with which lines are judged.
#[derive(Debug)]
pub struct Judge {
    pub(super) rules: RuleSet,
    /// This machine, where lines are judged as on it.
    here: Option<SystemFacts>,
    own: OwnEnvironment,
    /// What the team's store is asked for the line at hand.
    inquiry: Rc<RefCell<Inquiry>>,
    pub(super) profile: Profile,
}

impl Judge {
    /// Returns a judge that knows this machine, or nothing.
    ///
    /// Where no profile is named that of the door counts.
    ///
    /// # Errors
    /// Where the rules cannot be put together.
    pub fn new(here: bool, profile: Option<ProfileName>, door: &str) -> Result<Self, Failure> {
        let rules = out::rules()?;
        let of_door = rules.setup().profile(door);
        let store = rules.setup().store.as_deref();
        let inquiry = Rc::default();
        let history = || Box::new(earlier::of_this_user(store, &inquiry));
        Ok(Self {
            profile: profile.map_or(of_door, Profile::from),
            here: here.then(|| SystemFacts::with_history(history())),
            rules,
            own: OwnEnvironment::default(),
            inquiry,
        })
    }

    /// Returns what is known of the world.
    pub(super) fn facts(&self) -> &dyn Facts {
        match &self.here {
            Some(facts) => facts,
            None => &NothingKnown,
        }
    }

    /// Judges one line; `env` are the variables given with it.
    pub(super) fn one(&self, line: &str, env: Option<&Map<String, Value>>) -> Understood {
        self.one_of_shell(line, env, None)
    }

    /// Judges one line that a shell with these variables and aliases reads.
    fn one_of_shell(
        &self,
        line: &str,
        env: Option<&Map<String, Value>>,
        aliases: Option<&Map<String, Value>>,
    ) -> Understood {
        self.inquiry.replace(Inquiry::default());
        let line = Line::shell(line.as_bytes());
        let here = self.here.is_some();
        let given = Given {
            env,
            aliases,
            here,
            own: &self.own,
        };
        let known = env.is_some() || aliases.is_some() || here;
        let variables: &dyn Variables = if known { &given } else { &NoVariables };
        understand(&line, &self.rules, self.facts(), variables, self.profile)
    }

    /// Judges standard input, an object a line, in its order, each answered before the next is
    /// waited for.
    ///
    /// # Errors
    /// Where input or output fails.
    pub fn stream(&self, input: impl Read, output: impl Write) -> Result<(), Failure> {
        let mut input = BufReader::with_capacity(BUFFER, input);
        let mut output = BufWriter::with_capacity(BUFFER, output);
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
            self.answer(&text, &mut output)?;
            output.write_all(b"\n")?;
            // Where no further line is at hand somebody may wait for this answer.
            if !input.buffer().contains(&b'\n') {
                output.flush()?;
            }
        }
    }

    /// Answers one line of input; one that is no object with a `cmd` gets an `error`.
    fn answer(&self, text: &[u8], output: impl Write) -> io::Result<()> {
        let write = |object: &Object<'_>| Ok(serde_json::to_writer(output, object)?);
        let mut object = match object(text) {
            Ok(object) => object,
            Err(message) => return write(&Object::of_text("error", message)),
        };
        let judged = match object.get("cmd") {
            Some(Field::Text(line)) => match (map(&object, "env"), map(&object, "aliases")) {
                (Ok(env), Ok(aliases)) => Ok(self.one_of_shell(line, env, aliases)),
                (Err(message), _) | (_, Err(message)) => Err(message),
            },
            Some(Field::Texts(_) | Field::Value(_)) | None => Err("no text under `cmd`".to_owned()),
        };
        match &judged {
            Ok(understood) => describe(understood, &mut object),
            Err(message) => object.set("error", Field::Text(message.clone().into())),
        }
        write(&object)
    }
}

/// Returns the object under a key, if there is one; says where something else stands there.
fn map<'o>(object: &'o Object<'_>, key: &str) -> Result<Option<&'o Map<String, Value>>, String> {
    match object.get(key) {
        None | Some(Field::Value(Value::Null)) => Ok(None),
        Some(Field::Value(Value::Object(map))) => Ok(Some(map)),
        Some(_) => Err(format!("`{key}` is not an object")),
    }
}

/// Reads an object, or says why there is none.
fn object(text: &[u8]) -> Result<Object<'_>, String> {
    serde_json::from_slice(text).or_else(|_| match serde_json::from_slice(text) {
        Ok(Value::Object(map)) => Ok(map.into()),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// Variables given with a line; those not given are unknown, or this machine's.
struct Given<'e> {
    env: Option<&'e Map<String, Value>>,
    aliases: Option<&'e Map<String, Value>>,
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

    fn aliases(&self) -> BTreeMap<String, String> {
        let given = self.aliases.into_iter().flatten();
        let texts = given.filter_map(|(name, text)| Some((name, text.as_str()?)));
        texts
            .map(|(name, text)| (name.clone(), text.to_owned()))
            .collect()
    }

    fn file(&self, path: &str) -> Option<Content> {
        // What is on standard input here is nothing that the line would be fed.
        let is_fed = path == STANDARD_INPUT;
        (self.here && !is_fed).then(|| self.own.file(path))?
    }
}

/// Adds the verdict to an answer.
pub(super) fn describe<'u>(understood: &'u Understood, answer: &mut Object<'u>) {
    let is_opaque = understood
        .reading
        .invocations
        .iter()
        .any(|found| found.opaque.is_some());
    let verdict = word(&understood.verdict);
    answer.set("verdict", Field::Text(verdict.into()));
    answer.set("rules", Field::Texts(rules(&understood.verdict)));
    answer.set("opaque", Field::Value(is_opaque.into()));
    if let Verdict::Refuse(cause) = &understood.verdict {
        answer.set("reason", Field::Text(cause.to_string().into()));
    }
}

/// The verdict for a person: the rules, or why the line is refused.
pub(super) fn said(verdict: &Verdict, language: Language) -> String {
    let word = words::of(words::VERDICTS, word(verdict), language);
    let what = match verdict {
        Verdict::Refuse(why) => cause::of(&why.to_string(), language),
        Verdict::Pass(_) | Verdict::Note(_) | Verdict::Hold(_) => {
            rules(verdict).join(language.comma())
        }
    };
    match what.is_empty() {
        true => word,
        false => format!("{word}: {what}"),
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
pub(super) fn rules(verdict: &Verdict) -> Vec<&str> {
    let hits = match verdict {
        Verdict::Pass(_) | Verdict::Refuse(_) => return Vec::new(),
        Verdict::Note(hits) => hits,
        Verdict::Hold(plan) => &plan.hits,
    };
    let mut ids = Vec::with_capacity(hits.len());
    for hit in hits {
        let id = hit.rule.id.as_str();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// The same, for those who keep them.
pub(super) fn rule_ids(verdict: &Verdict) -> Vec<String> {
    rules(verdict).into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::rc::Rc;

    use super::*;

    /// Returns what `check --jsonl` answers.
    fn answers(input: &[u8]) -> Vec<String> {
        let judge = Judge::new(false, Some(ProfileName::Production), "prefix").unwrap();
        let mut output = Vec::new();
        judge.stream(input, &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn an_object_is_answered_with_what_it_brought() {
        let check = |input: &str, expected: &str| {
            assert_eq!(answers(input.as_bytes()), [expected], "{input}");
        };
        check(
            r#"{"n": 1, "cmd": "sudo reboot", "tags": ["a", {"b": null}]}"#,
            r#"{"n":1,"cmd":"sudo reboot","tags":["a",{"b":null}],"verdict":"hold","rules":["reboot.host"],"opaque":false}"#,
        );
        check(
            r#"{"opaque":0,"verdict":"?","cmd":"ls"}"#,
            r#"{"opaque":false,"verdict":"pass","cmd":"ls","rules":[]}"#,
        );
        check(
            r#"{"cmd":"$X","env":{"X":"reboot"}}"#,
            r#"{"cmd":"$X","env":{"X":"reboot"},"verdict":"hold","rules":["reboot.host"],"opaque":false}"#,
        );
        check(
            r#"{"cmd":"r -f","aliases":{"r":"sudo reboot"}}"#,
            r#"{"cmd":"r -f","aliases":{"r":"sudo reboot"},"verdict":"hold","rules":["reboot.host"],"opaque":false}"#,
        );
        check(
            r#"{"cmd":"ls","cmd":"reboot","env":null}"#,
            r#"{"cmd":"reboot","env":null,"verdict":"hold","rules":["reboot.host"],"opaque":false}"#,
        );
        check(
            r#"{"cmd":"\u0072eboot \"\u3042\""}"#,
            "{\"cmd\":\"reboot \\\"\u{3042}\\\"\",\"verdict\":\"hold\",\"rules\":[\"reboot.host\"],\"opaque\":false}",
        );
    }

    #[test]
    fn what_cannot_be_judged_is_told_and_the_next_line_is_read() {
        let input = b"[1]\n\n{\"cmd\": 1}\n  \n{\"n\":2}\n{\"cmd\":\"ls\",\"env\":[]}\n{\n\xff\n{\"cmd\":\"ls\"}";
        assert_eq!(
            answers(input),
            [
                r#"{"error":"not a JSON object"}"#,
                r#"{"cmd":1,"error":"no text under `cmd`"}"#,
                r#"{"n":2,"error":"no text under `cmd`"}"#,
                r#"{"cmd":"ls","env":[],"error":"`env` is not an object"}"#,
                r#"{"error":"EOF while parsing an object at line 2 column 0"}"#,
                r#"{"error":"expected value at line 1 column 1"}"#,
                r#"{"cmd":"ls","verdict":"pass","rules":[],"opaque":false}"#,
            ]
        );
    }

    /// Input of which each part is given only when all lines before it were answered.
    struct Waiting {
        parts: VecDeque<&'static str>,
        asked: usize,
        answered: Rc<RefCell<Vec<u8>>>,
    }

    impl Read for Waiting {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let answered = self.answered.borrow();
            let n_answers = answered.iter().filter(|byte| **byte == b'\n').count();
            assert!(n_answers >= self.asked, "somebody waits for an answer");
            let part = self.parts.pop_front().unwrap_or_default();
            self.asked += part.matches('\n').count();
            buffer[..part.len()].copy_from_slice(part.as_bytes());
            Ok(part.len())
        }
    }

    /// Output that the input sees.
    struct Shared(Rc<RefCell<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_answered_before_more_is_waited_for() {
        let answered = Rc::new(RefCell::new(Vec::new()));
        let input = Waiting {
            parts: VecDeque::from([
                "{\"cmd\":\"ls\"}\n",
                "{\"cmd\":\"ls\"}\n{\"cmd\":\"ls\"}\n",
                "{\"cmd\":\"ls\"}\n{\"cmd\":",
                "\"ls\"}\n",
                "{\"cmd\":\"ls\"}",
            ]),
            asked: 0,
            answered: Rc::clone(&answered),
        };
        let judge = Judge::new(false, Some(ProfileName::Production), "prefix").unwrap();
        judge.stream(input, Shared(Rc::clone(&answered))).unwrap();
        let text = String::from_utf8(answered.borrow().clone()).unwrap();
        assert_eq!(text.matches("\"pass\"").count(), 6);
    }
}
