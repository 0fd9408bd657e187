//! The files of a layer become one set of rules, however many of them are broken. Pure.
//!
//! Section 11 of the rule language: a file with a mistake is replaced by its last good version;
//! without one every program whose name stands in it is held, with a question that shows the
//! mistake; one that cannot be read at all holds every line. Putting an older text in a file's
//! place, or leaving a file out, may break another that names what stood in it, so this is done
//! until nothing is wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Profile;
use crate::policy::pack::{
    Layer, Mistake, Packs, SourceFile, everything, guarded_by, read, read_config,
};
use crate::policy::rule::{Matcher, Rule, Source, Step, StepKind, Text};
use crate::policy::setup::{Notice, Setup};
use crate::text::{Language, layers as say};

use super::compiled::Texts;
use super::mistakes;

/// How many mistakes of a file a hold shows; a screen has 24 rows.
const SHOWN: usize = 2;

/// A file as it was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Its full path.
    pub(super) name: String,
    /// Its text, where it could be read.
    pub(super) text: Option<String>,
    /// Why it is not used.
    pub(super) refused: Option<String>,
}

/// What came of the files of a layer.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// All packs, those that the files build on too, with rules that stand for broken files.
    pub(super) packs: Packs,
    /// What stands beside the rules.
    pub(super) setup: Setup,
    /// The newest good text of each file that has one.
    pub(super) texts: Texts,
    /// The mistakes of the files as they are, and why files are refused.
    pub(super) trouble: Vec<Trouble>,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The file.
    pub(super) file: String,
    /// The first mistake in a line.
    pub(super) first: String,
    /// All mistakes, each with its line underlined.
    pub(super) shown: Text,
}

/// Which of its texts counts for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counts {
    /// That which it has now.
    New,
    /// The last good one.
    LastGood,
    /// None.
    None,
}

/// One file while it is settled.
struct Case<'f> {
    file: &'f Found,
    last_good: Option<&'f String>,
    counts: Counts,
    mistakes: Vec<Mistake>,
}

impl Case<'_> {
    /// Returns the text that counts.
    fn text(&self) -> Option<&String> {
        match self.counts {
            Counts::New => self.file.text.as_ref(),
            Counts::LastGood => self.last_good,
            Counts::None => None,
        }
    }

    /// Goes to the next older text.
    fn step_back(&mut self) {
        self.counts = match self.counts {
            Counts::New if self.last_good.is_some() => Counts::LastGood,
            Counts::New | Counts::LastGood | Counts::None => Counts::None,
        };
    }

    /// Returns what is wrong with the text that the file has now.
    fn trouble(&self, layer: Layer) -> Option<Trouble> {
        let file = self.file.name.clone();
        if let Some(why) = &self.file.refused {
            return Some(Trouble {
                shown: mistakes::refused(&file, why),
                first: why.clone(),
                file,
            });
        }
        let first = self.mistakes.first()?;
        let source = source(self.file, self.file.text.as_ref()?, layer);
        Some(Trouble {
            first: format!("{}:{}: {}", first.line, first.column, first.message),
            shown: mistakes::of_file(&self.mistakes, &[source], 0),
            file,
        })
    }

    /// Returns the rule that stands for the file.
    fn stand_in(&self, trouble: &Trouble, number: usize, layer: Layer) -> Rule {
        let lines = self.mistakes.iter().map(|mistake| mistake.line);
        let broken: BTreeSet<usize> = lines.collect();
        let matchers = match &self.file.text {
            Some(text) => guarded_by(text, &broken),
            None => everything(),
        };
        let text = self.file.text.as_ref();
        let text = text.filter(|_| !self.mistakes.is_empty());
        let why = text.map(|text| {
            let first = self.mistakes.get(..SHOWN).unwrap_or(&self.mistakes);
            let more = self.mistakes.len() - first.len();
            mistakes::of_file(first, &[source(self.file, text, layer)], more)
        });
        let why = why.unwrap_or_else(|| trouble.shown.clone());
        let file = &self.file.name;
        stand_in(StandIn {
            id: format!("{}.{number}", Rule::STAND_IN),
            source: Source {
                file: file.clone(),
                line: self.mistakes.first().map_or(1, |mistake| mistake.line),
            },
            title: in_all(|language| say::title_of_broken(language, file)),
            why,
            ask: in_all(|language| say::ask_in_spite_of(language, file)),
            matchers,
        })
    }
}

/// Settles the rule files of a layer that builds on `base`, whose files have no mistakes.
pub(super) fn settle(
    base: &[SourceFile],
    layer: Layer,
    files: &[Found],
    last_good: &Texts,
) -> Settled {
    let mut cases: Vec<Case<'_>> = files
        .iter()
        .map(|file| Case {
            file,
            last_good: last_good.get(&file.name),
            counts: Counts::New,
            mistakes: Vec::new(),
        })
        .collect();
    for case in &mut cases {
        if case.file.refused.is_some() || case.file.text.is_none() {
            case.step_back();
        }
    }
    let packs = loop {
        let (packs, mistakes) = read_counting(base, layer, &cases);
        if mistakes.is_empty() {
            break packs;
        }
        let mut by_file: BTreeMap<&str, Vec<&Mistake>> = BTreeMap::new();
        for mistake in &mistakes {
            by_file.entry(&mistake.file).or_default().push(mistake);
        }
        let mut stepped = false;
        for case in &mut cases {
            let Some(found) = by_file.get(case.file.name.as_str()) else {
                continue;
            };
            if case.counts == Counts::New {
                case.mistakes = found.iter().map(|mistake| (*mistake).clone()).collect();
            }
            stepped |= case.counts != Counts::None;
            case.step_back();
        }
        if !stepped {
            // A mistake in a file that is not ours to mend: none of ours counts.
            cases.iter_mut().for_each(|case| case.counts = Counts::None);
            break read_counting(base, layer, &cases).0;
        }
    };
    finish(packs, &cases, layer)
}

/// Reads all texts that count.
fn read_counting(base: &[SourceFile], layer: Layer, cases: &[Case<'_>]) -> (Packs, Vec<Mistake>) {
    let mut files = base.to_vec();
    let ours = cases
        .iter()
        .filter_map(|case| Some(source(case.file, case.text()?, layer)));
    files.extend(ours);
    read(&files)
}

/// Adds the rules that stand for broken files, and what is to be said of them.
fn finish(packs: Packs, cases: &[Case<'_>], layer: Layer) -> Settled {
    let mut settled = Settled {
        packs,
        ..Settled::default()
    };
    for (number, case) in cases.iter().enumerate() {
        if let Some(text) = case.text() {
            settled.texts.insert(case.file.name.clone(), text.clone());
        }
        if case.counts == Counts::New {
            continue;
        }
        let trouble = case.trouble(layer).unwrap_or_else(|| Trouble {
            file: case.file.name.clone(),
            first: String::from("another file that it builds on is broken"),
            shown: in_all(|_| case.file.name.clone()),
        });
        let (file, why) = (trouble.file.clone(), trouble.first.clone());
        settled.setup.notices.push(match case.counts {
            Counts::LastGood => Notice::Replaced { file, why },
            Counts::New | Counts::None => Notice::Out { file, why },
        });
        // A rule file that names a calendar which does not count is broken itself.
        let is_calendar = case.file.name.ends_with(".csv");
        if case.counts == Counts::None && !is_calendar {
            let rule = case.stand_in(&trouble, number + 1, layer);
            if !rule.matchers.is_empty() {
                settled.packs.rules.push(rule);
            }
        }
        settled.trouble.push(trouble);
    }
    settled
}

/// Settles the system's configuration. One without a good version counts as empty: every door then
/// has the profile that it has by itself.
pub(super) fn settle_config(found: &Found, last_good: &Texts, settled: &mut Settled) {
    let layer = Layer::System;
    let read_text = |text: &String| read_config(&source(found, text, layer));
    let is_there = found.text.is_some() || found.refused.is_some();
    if !is_there {
        return;
    }
    let mut case = Case {
        file: found,
        last_good: last_good.get(&found.name),
        counts: Counts::New,
        mistakes: Vec::new(),
    };
    if let Some(text) = &found.text {
        case.mistakes = read_text(text).1;
    }
    if found.refused.is_some() || !case.mistakes.is_empty() {
        case.step_back();
    }
    let config = case
        .text()
        .map(|text| read_text(text).0)
        .unwrap_or_default();
    // Whatever store it may have named: one that nobody can reach stands in for it, so that what is
    // held without the team's store stays held.
    let says_store = found
        .text
        .as_ref()
        .is_none_or(|text| text.contains("store"));
    settled.setup.store = match case.text() {
        None if says_store => Some(String::new()),
        _ => config.store,
    };
    settled.setup.sinks = config.sinks;
    settled.setup.profiles = config
        .profiles
        .into_iter()
        .map(|(door, is_workstation)| match is_workstation {
            true => (door, Profile::Workstation),
            false => (door, Profile::Production),
        })
        .collect();
    if let Some(text) = case.text() {
        settled.texts.insert(found.name.clone(), text.clone());
    }
    if case.counts != Counts::New
        && let Some(trouble) = case.trouble(layer)
    {
        let (file, why) = (trouble.file.clone(), trouble.first.clone());
        settled.setup.notices.push(match case.counts {
            Counts::LastGood => Notice::Replaced { file, why },
            Counts::New | Counts::None => Notice::Out { file, why },
        });
        settled.trouble.push(trouble);
    }
}

/// Returns the rule that holds every line because a folder cannot be read.
pub(super) fn stand_in_for_folder(folder: &str, why: &str) -> Rule {
    stand_in(StandIn {
        id: Rule::STAND_IN.to_owned(),
        source: Source {
            file: folder.to_owned(),
            line: 1,
        },
        title: in_all(|language| say::title_of_unread(language, folder)),
        why: mistakes::refused(folder, why),
        ask: in_all(|language| say::ask_without(language, folder)),
        matchers: everything(),
    })
}

/// What is particular about a rule that stands for something broken.
struct StandIn {
    id: String,
    source: Source,
    title: Text,
    why: Text,
    ask: Text,
    matchers: Vec<Matcher>,
}

/// Returns a rule that stands for something broken.
fn stand_in(parts: StandIn) -> Rule {
    let rule = Rule::standing_in(
        parts.id,
        parts.source,
        parts.title,
        parts.why,
        parts.matchers,
    );
    Rule {
        steps: vec![Step {
            id: None,
            kind: StepKind::Confirm(parts.ask),
        }],
        ..rule
    }
}

/// Returns a text in all languages.
pub(super) fn in_all(text: impl Fn(Language) -> String) -> Text {
    let other = Language::Japanese;
    Text {
        source: text(Language::English),
        other: BTreeMap::from([(other.tag().to_owned(), text(other))]),
    }
}

/// Returns a file with one of its texts.
fn source(file: &Found, text: &str, layer: Layer) -> SourceFile {
    SourceFile {
        name: file.name.clone(),
        text: text.to_owned(),
        layer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::rule::Risk;
    use crate::policy::ruleset::RuleSet;

    /// A pack with one rule for a program; `more` stands in the rule.
    fn pack(id: &str, program: &str, more: &str) -> String {
        format!(
            "[pack]\nid = '{id}'\ntitle = 'T'\n[[rule]]\nid = 'r'\ntitle = 'R'\nwhy = 'w'\n\
             risk = 'medium'\nmatch = [{{ program = '{program}' }}]\n{more}\n"
        )
    }

    fn found(name: &str, text: &str) -> Found {
        Found {
            name: name.to_owned(),
            text: Some(text.to_owned()),
            refused: None,
        }
    }

    /// Settles files of the system alone.
    fn settled(files: &[Found], last_good: &[(&str, &str)]) -> Settled {
        let last_good = last_good
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        settle(&[], Layer::System, files, &last_good.collect())
    }

    /// Returns the ids of the rules that may hold a program.
    fn held_by(settled: &Settled, program: &str) -> Vec<String> {
        let rules = RuleSet::of_packs(&settled.packs).unwrap();
        rules
            .candidates(program)
            .map(|rule| rule.id.clone())
            .collect()
    }

    #[test]
    fn files_without_a_mistake_count_as_they_are() {
        let files = [found("/a.toml", &pack("a", "reboot", ""))];
        let settled = settled(&files, &[("/a.toml", "old")]);
        assert_eq!(held_by(&settled, "reboot"), ["a.r"]);
        assert_eq!(settled.setup.notices, []);
        assert_eq!(settled.texts.get("/a.toml"), files[0].text.as_ref());
    }

    #[test]
    fn a_broken_file_is_replaced_by_its_last_good_version() {
        let files = [
            found("/a.toml", &pack("a", "halt", "rsik = 3")),
            found("/b.toml", &pack("b", "mail", "")),
        ];
        let good = pack("a", "reboot", "");
        let settled = settled(&files, &[("/a.toml", &good)]);
        assert_eq!(held_by(&settled, "reboot"), ["a.r"]);
        assert_eq!(held_by(&settled, "halt"), [""; 0]);
        assert_eq!(held_by(&settled, "mail"), ["b.r"]);
        let [Notice::Replaced { file, why }] = settled.setup.notices.as_slice() else {
            panic!("{:?}", settled.setup.notices);
        };
        assert_eq!(
            (file.as_str(), why.as_str()),
            ("/a.toml", "10:1: unknown key `rsik` in a rule")
        );
        assert_eq!(
            settled.texts.get("/a.toml"),
            Some(&good),
            "the broken text is not kept"
        );
    }

    #[test]
    fn without_a_good_version_all_that_it_names_is_held_and_shown() {
        let files = [found("/a.toml", &pack("a", "halt", "rsik = 3"))];
        let settled = settled(&files, &[]);
        let rules = RuleSet::of_packs(&settled.packs).unwrap();
        let rule = rules.candidates("halt").next().unwrap();
        assert_eq!(rule.id, "kanmon.broken.1");
        assert_eq!(rule.risk, Risk::Medium);
        for part in ["/a.toml:10:1", "rsik = 3", "^^^^", "did you mean `risk`?"] {
            assert!(
                rule.why.source.contains(part),
                "{part}: {}",
                rule.why.source
            );
        }
        assert!(rule.title.in_language("ja").contains("/a.toml"));
        assert_eq!(held_by(&settled, "mail"), [""; 0]);
    }

    #[test]
    fn a_file_that_cannot_be_read_holds_every_line() {
        let mut file = found("/a.toml", "");
        file.text = None;
        file.refused = Some(String::from("it cannot be read"));
        let settled = settled(&[file], &[]);
        assert_eq!(held_by(&settled, "anything"), ["kanmon.broken.1"]);
    }

    #[test]
    fn a_refused_file_holds_what_it_names_and_nothing_of_it_counts() {
        let mut file = found("/a.toml", &pack("a", "reboot", ""));
        file.refused = Some(String::from("others can write it"));
        let with_good = settled(&[file.clone()], &[("/a.toml", &pack("a", "halt", ""))]);
        assert_eq!(held_by(&with_good, "reboot"), [""; 0]);
        assert_eq!(held_by(&with_good, "halt"), ["a.r"]);
        let without = settled(&[file], &[]);
        assert_eq!(held_by(&without, "reboot"), ["kanmon.broken.1"]);
    }

    #[test]
    fn a_file_that_builds_on_a_broken_one_is_broken_too() {
        let uses = pack("b", "mail", "steps = [{ show = 'a.queue' }]");
        let files = [
            found(
                "/a.toml",
                "[pack]\nid = 'a'\ntitle = 'T'\n[probe]\nqueue = { run = 'q', label = 'Q' }\nx = 'y'\nz =\n",
            ),
            found("/b.toml", &uses),
        ];
        let settled = settled(&files, &[]);
        assert_eq!(held_by(&settled, "mail"), ["kanmon.broken.2"]);
        assert_eq!(settled.setup.notices.len(), 2);
    }

    #[test]
    fn the_configuration_falls_back_to_its_last_good_version() {
        let broken = found("/config.toml", "[profile]\nprefix = 'work'\n");
        let good = Texts::from([(
            String::from("/config.toml"),
            String::from("[profile]\nprefix = 'workstation'\n"),
        )]);
        let mut settled = Settled::default();
        settle_config(&broken, &good, &mut settled);
        assert_eq!(settled.setup.profile("prefix"), Profile::Workstation);
        assert!(matches!(
            settled.setup.notices.as_slice(),
            [Notice::Replaced { .. }]
        ));
        let mut settled = Settled::default();
        settle_config(&broken, &Texts::new(), &mut settled);
        assert_eq!(settled.setup.profile("prefix"), Profile::Production);
        assert!(matches!(
            settled.setup.notices.as_slice(),
            [Notice::Out { .. }]
        ));
    }

    #[test]
    fn a_store_in_a_configuration_that_cannot_be_read_is_one_that_nobody_reaches() {
        let store = |text: &str| {
            let mut settled = Settled::default();
            settle_config(&found("/config.toml", text), &Texts::new(), &mut settled);
            settled.setup.store
        };
        let named = "postgresql://u@db/k";
        assert_eq!(store(&format!("store = '{named}'")).as_deref(), Some(named));
        assert_eq!(store("store = 'mysql://db'").as_deref(), Some(""));
        assert_eq!(store("[profile]\nprefx = 'production'\n"), None);
    }
}
