//! The rules that count for one run: one or more compiled tables, read lazily.
//!
//! In: tables, the most binding layer first. Out: candidate rules and what is known of programs
//! ([`crate::line::Lore`]). What is decoded once is kept, so that references can be handed out.
//! Where tables know the same program, the first one counts: a later layer only adds.

mod part;

use std::borrow::Cow;
use std::sync::Arc;

use part::{Beyond, Part};

use super::pack::{PackHead, Packs};
use super::pattern::{Case, Pattern};
use super::rule::Rule;
use super::setup::{Notice, Setup};
use super::table::{CompileError, Entry, TableError, compile};
use crate::line::{Fed, Invocation, Lore, Words, Wrapper};

/// The rules that count.
#[derive(Debug)]
pub struct RuleSet {
    /// The tables, the most binding first.
    parts: Vec<Part>,
    /// How many of them bind; those that follow only add rules and readings.
    n_binding: usize,
    /// What stands beside the rules.
    setup: Setup,
}

impl RuleSet {
    /// Returns the rules of compiled tables that were verified, the most binding first.
    pub fn of_tables(
        tables: impl IntoIterator<Item = Cow<'static, [u8]>>,
    ) -> Result<Self, TableError> {
        let parts = tables
            .into_iter()
            .map(Part::open)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            n_binding: parts.len(),
            parts,
            setup: Setup::default(),
        })
    }

    /// Adds a table that only adds: its rules count beside all others, its wrappers are readings of
    /// programs that no other table knows, and the rest of what it says about programs counts for
    /// nothing. So whoever wrote it, it weakens nothing.
    pub fn add(&mut self, table: Cow<'static, [u8]>) -> Result<(), TableError> {
        self.parts.push(Part::open(table)?);
        Ok(())
    }

    /// Adds to what every hold says.
    pub fn add_notices(&mut self, notices: impl IntoIterator<Item = Notice>) {
        self.setup.notices.extend(notices);
    }

    /// Returns these rules with what stands beside them.
    #[must_use]
    pub fn with_setup(self, setup: Setup) -> Self {
        Self { setup, ..self }
    }

    /// Returns what stands beside the rules.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Returns the rules of packs that were read at run time.
    pub fn of_packs(packs: &Packs) -> Result<Self, CompileError> {
        let bytes = compile(packs)?;
        // What was just written opens.
        Self::of_tables([Cow::Owned(bytes)])
            .map_err(|error| CompileError::Encode(error.to_string()))
    }

    /// Returns whether a program with this base name can matter: a rule may name it, or it is a
    /// wrapper. Nothing is decoded, and nothing
    /// allocated but, once, the few patterns of names. `false`
    /// still leaves what stands behind a program that is not *known*, see [`RuleSet::is_known`].
    ///
    /// An argv has no redirects and nothing opaque in it, so rules that look at these alone do not
    /// count here; rules that look at raw text alone do.
    #[must_use]
    pub fn mentions(&self, name: &[u8]) -> bool {
        let named = |part: &Part| {
            let entry = part.lookup(name);
            entry.is_some_and(|entry| entry.is_guarded() || entry.is_wrapper())
        };
        self.parts.iter().any(named)
            || self.fits_pattern(name)
            || self.parts.iter().any(|part| part.table().has_line_rules())
    }

    /// Returns the names of all programs that a rule names or that are wrappers, as [`mentions`]
    /// would find them; names that are compared without case are in lower case.
    ///
    /// [`mentions`]: RuleSet::mentions
    pub fn mentioned_names(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().flat_map(|part| {
            let table = part.table();
            (0..table.n_names()).filter_map(move |index| {
                let entry = table.entry(index)?;
                let matters = entry.is_guarded() || entry.is_wrapper();
                matters.then(|| table.name(index))?
            })
        })
    }

    /// Returns the patterns of program names that are no fixed names.
    pub fn mentioned_patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.parts.iter().flat_map(Part::patterns)
    }

    /// Returns whether a rule looks at raw text alone, so that no name excuses a line.
    #[must_use]
    pub fn has_line_rules(&self) -> bool {
        self.parts.iter().any(|part| part.table().has_line_rules())
    }

    /// Returns whether the program stands in `plain.toml`: it runs nothing that it is given.
    #[must_use]
    pub fn is_plain_name(&self, name: &[u8]) -> bool {
        self.binding(name).any(|(_, entry)| entry.is_plain())
    }

    /// Returns whether a program is *known*: it has words or a wrapper entry, or is plain.
    #[must_use]
    pub fn is_known(&self, name: &[u8]) -> bool {
        self.binding(name)
            .any(|(_, entry)| entry.is_plain() || entry.has_words() || entry.is_wrapper())
    }

    /// Returns the rules that may fit a program with this base name, in the order of the layers and
    /// files: those that name it, and those that say nothing of a program. A name that is not known
    /// (empty) gives the latter.
    pub fn candidates(&self, name: &str) -> impl Iterator<Item = &Arc<Rule>> {
        self.tried(name, |_| true)
    }

    /// Returns those of [`RuleSet::candidates`] that may fit this invocation: a rule that is there
    /// for what it says of redirects, standard input or opaqueness alone is left out where there
    /// is nothing of the kind.
    pub fn candidates_for(&self, invocation: &Invocation) -> impl Iterator<Item = &Arc<Rule>> {
        let is_indexed = is_indexed_name(&invocation.name);
        let has = Beyond {
            writes: !invocation.writes.is_empty(),
            opaque: invocation.opaque.is_some(),
            fed: invocation.fed != Fed::Nothing,
        };
        self.tried(&invocation.name, move |asks| {
            !is_indexed || asks.is_within(has)
        })
    }

    /// Returns the rules that are found by a name, and those that are not for which `may_fit` says
    /// so.
    fn tried(
        &self,
        name: &str,
        may_fit: impl Fn(Beyond) -> bool + Copy,
    ) -> impl Iterator<Item = &Arc<Rule>> {
        self.parts.iter().flat_map(move |part| {
            let patterns = part.patterns().iter().enumerate();
            let patterns = patterns.filter(|(_, pattern)| fits_name(pattern, name));
            let beyond = part.beyond().iter();
            let beyond = beyond.filter(|(asks, _)| may_fit(*asks));
            let numbers = part.table().candidates(
                part.lookup(name.as_bytes()),
                patterns.map(|(index, _)| index),
                beyond.map(|(_, number)| *number),
            );
            numbers.into_iter().map(|number| part.rule(number))
        })
    }

    /// Returns all rules.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.parts.iter().flat_map(|part| {
            let numbers = 0..part.table().n_rules();
            numbers.map(|number| part.rule(number).as_ref())
        })
    }

    /// Returns the rule with this full id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules().find(|rule| rule.id == id)
    }

    /// Returns the heads of all packs.
    pub fn packs(&self) -> Result<Vec<PackHead>, TableError> {
        let mut heads = Vec::new();
        for part in &self.parts {
            heads.extend(part.table().heads()?);
        }
        Ok(heads)
    }

    /// Returns all wrappers, each once, for their own tests.
    pub fn all_wrappers(&self) -> impl Iterator<Item = &Wrapper> {
        self.parts
            .iter()
            .enumerate()
            .flat_map(move |(number, part)| {
                let names =
                    (0..part.table().n_names()).filter_map(|index| part.table().name(index));
                // What an added table repeats was given before.
                let is_new = move |name: &&[u8]| number < self.n_binding || !self.is_known(name);
                names.filter(is_new).flat_map(move |name| {
                    let known = part
                        .table()
                        .lookup(name)
                        .and_then(|entry| part.known(entry));
                    let wrappers = known.map_or(&[][..], |known| &known.wrappers);
                    // One with several programs stands under each of them.
                    wrappers.iter().filter(move |wrapper| {
                        let first = wrapper.programs.first();
                        first.is_some_and(|first| first.as_bytes().eq_ignore_ascii_case(name))
                    })
                })
            })
    }

    /// Returns whether a rule has a program pattern, no fixed name, that this name fits.
    fn fits_pattern(&self, name: &[u8]) -> bool {
        let mut patterns = self.parts.iter().flat_map(Part::patterns).peekable();
        if patterns.peek().is_none() {
            return false;
        }
        let name = String::from_utf8_lossy(name);
        patterns.any(|pattern| fits_name(pattern, &name))
    }

    /// Returns what the binding tables have of a name, the most binding first.
    fn binding<'s>(&'s self, name: &[u8]) -> impl Iterator<Item = (&'s Part, Entry<'s>)> {
        let parts = self.parts.iter().take(self.n_binding);
        parts.filter_map(move |part| Some((part, part.table().lookup(name)?)))
    }

    /// Returns what the tables have of a name, the most binding first.
    fn entries<'s>(&'s self, name: &[u8]) -> impl Iterator<Item = (&'s Part, Entry<'s>)> {
        let parts = self.parts.iter();
        parts.filter_map(move |part| Some((part, part.lookup(name)?)))
    }
}

/// Returns whether every matcher that names a program with this name is found by it. Names with
/// capitals are compared in ways of their own, and an unknown or a made-up one may fit a pattern
/// of paths.
fn is_indexed_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase() && byte != b'/';
    !name.is_empty() && name.bytes().all(is_plain)
}

/// Returns whether a program name may fit a pattern of names. Case is ignored: what looks like a
/// cmdlet is compared without, and a candidate too many costs nothing but time.
fn fits_name(pattern: &Pattern, name: &str) -> bool {
    !name.is_empty() && pattern.fits(name, Case::Ignored)
}

impl Lore for RuleSet {
    fn words(&self, program: &str) -> Option<&Words> {
        let mut entries = self.binding(program.as_bytes());
        let (part, entry) = entries.find(|(_, entry)| entry.has_words())?;
        part.known(entry)?.words.as_ref()
    }

    fn wrappers(&self, program: &str) -> &[Wrapper] {
        let name = program.as_bytes();
        let is_known = Lore::is_known(self, program);
        let mut binding = self.binding(name);
        let found = match is_known {
            true => binding.find(|(_, entry)| entry.is_wrapper()),
            false => self.entries(name).find(|(_, entry)| entry.is_wrapper()),
        };
        found
            .and_then(|(part, entry)| part.known(entry))
            .map_or(&[], |known| &known.wrappers)
    }

    fn is_plain(&self, program: &str) -> bool {
        self.is_plain_name(program.as_bytes())
    }

    fn is_known(&self, program: &str) -> bool {
        RuleSet::is_known(self, program.as_bytes())
    }

    fn is_guarded(&self, program: &str) -> bool {
        let name = program.as_bytes();
        self.entries(name).any(|(_, entry)| entry.is_guarded()) || self.fits_pattern(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Opaque, Span, Word, Write};
    use crate::policy::pack::tests::{good_packs, system_packs};

    /// Returns the ids of the candidates for a program.
    fn candidates<'a>(rules: &'a RuleSet, name: &str) -> Vec<&'a str> {
        rules
            .candidates(name)
            .map(|rule| rule.id.as_str())
            .collect()
    }

    /// Returns a pack with one rule that has these matchers.
    fn with_matchers(matchers: &str) -> RuleSet {
        let text = format!(
            "[pack]\nid = 'x'\ntitle = 'X'\n[[rule]]\nid = 'r'\ntitle = 'R'\nwhy = 'w'\nrisk = 'low'\nmatch = [{matchers}]\n"
        );
        RuleSet::of_packs(&system_packs(&text)).unwrap()
    }

    #[test]
    fn candidates_are_found_by_name() {
        let rules = RuleSet::of_packs(&good_packs()).unwrap();
        // `reboot.host` looks at redirects too, so every line is tried against it.
        assert_eq!(
            candidates(&rules, "postqueue"),
            ["mail.postfix", "reboot.host"]
        );
        assert_eq!(candidates(&rules, "reboot"), ["reboot.host"]);
        assert_eq!(candidates(&rules, "ls"), ["reboot.host"]);
        assert_eq!(candidates(&rules, ""), ["reboot.host"]);
    }

    #[test]
    fn what_a_rule_looks_at_beyond_names_has_to_be_there() {
        let ids = |matchers: &str, invocation: &Invocation| {
            with_matchers(matchers).candidates_for(invocation).count()
        };
        let named = |name: &str| Invocation {
            name: name.to_owned(),
            ..Invocation::default()
        };
        let redirected = Invocation {
            writes: vec![Write {
                path: Word::default(),
                span: Span::default(),
            }],
            ..named("ls")
        };
        let opaque = Invocation {
            opaque: Some(Opaque::Eval),
            ..named("ls")
        };
        let fed = Invocation {
            fed: Fed::Unknown,
            ..named("ls")
        };
        let all = [named("ls"), redirected, opaque, fed];
        for (matchers, expected) in [
            ("{ writes = '/dev/sd*' }", [0, 1, 0, 0]),
            ("{ opaque = 'eval' }", [0, 0, 1, 0]),
            ("{ program = 'reboot', fed = 'x' }", [0, 0, 0, 0]),
            ("{ line = 'prod' }", [1, 1, 1, 1]),
            ("{ line = 'prod', writes = '/dev/sd*' }", [0, 1, 0, 0]),
            ("{ program = 'ls' }, { writes = '/dev/sd*' }", [1, 1, 1, 1]),
            ("{ program = 'l*' }, { opaque = 'eval' }", [1, 1, 1, 1]),
        ] {
            let found = all.each_ref().map(|invocation| ids(matchers, invocation));
            assert_eq!(found, expected, "{matchers}");
        }
        // By such names the index may not find every rule, so none is left out.
        for name in ["", "LS", "ansible/ls", "\u{e9}"] {
            assert_eq!(ids("{ writes = '/dev/sd*' }", &named(name)), 1, "{name:?}");
        }
    }

    #[test]
    fn cmdlets_are_found_in_any_case() {
        let rules = RuleSet::of_packs(&good_packs()).unwrap();
        let expected = ["mail.exchange", "reboot.host"];
        for name in ["Resume-Queue", "resume-queue", "RESUME-QUEUE"] {
            assert_eq!(candidates(&rules, name), expected, "{name}");
        }
        assert!(rules.mentions(b"rEsUmE-qUeUe"));
        assert_eq!(rules.words("RESUME-QUEUE").unwrap().dry, ["-WhatIf"]);
        assert!(!rules.mentions(b"Reboot"));
    }

    #[test]
    fn the_first_question_is_for_guarded_programs_and_wrappers() {
        let rules = RuleSet::of_packs(&good_packs()).unwrap();
        for name in ["reboot", "sudo", "postsuper", "tee", "exim4"] {
            assert!(rules.mentions(name.as_bytes()), "{name}");
        }
        for name in ["true", "man", "kubectl2", "", "reboo", "reboott", "crontab"] {
            assert!(!rules.mentions(name.as_bytes()), "{name}");
        }
        assert!(!rules.mentions(b"reb\xffoot"));
        assert!(rules.is_plain_name(b"man") && !rules.is_plain_name(b"sudo"));
        assert!(rules.is_known(b"crontab") && !rules.is_known(b"make"));
    }

    #[test]
    fn lore_is_decoded_once() {
        let rules = RuleSet::of_packs(&good_packs()).unwrap();
        let first = rules.words("kubectl").unwrap();
        assert!(std::ptr::eq(first, rules.words("kubectl").unwrap()));
        assert_eq!(rules.wrappers("kubectl").len(), 1);
        assert_eq!(rules.wrappers("reboot"), []);
        assert!(rules.words("sudo").is_none());
        assert!(rules.is_guarded("reboot") && !rules.is_guarded("sudo"));
        assert!(rules.is_plain("echo"));
        assert_eq!(rules.all_wrappers().count(), 10);
    }

    #[test]
    fn patterns_of_names_are_tried() {
        let rules = with_matchers("{ program = 'mkfs.*' }");
        assert!(rules.mentions(b"mkfs.ext4") && !rules.mentions(b"mkfs"));
        assert!(rules.is_guarded("mkfs.ext4"));
        assert_eq!(candidates(&rules, "mkfs.ext4"), ["x.r"]);
        assert!(candidates(&rules, "mkfs").is_empty());
        let expression = with_matchers("{ program = 're:^py(thon)?3$' }");
        assert!(expression.mentions(b"python3") && !expression.mentions(b"python2"));
    }

    #[test]
    fn paths_are_found_by_base_name() {
        let rules = with_matchers("{ program = ['/opt/batch/auth.sh', '/srv/*/run-?.sh'] }");
        assert!(rules.mentions(b"auth.sh") && rules.mentions(b"run-1.sh"));
        assert!(!rules.mentions(b"auth"));
        assert_eq!(candidates(&rules, "auth.sh"), ["x.r"]);
        assert!(with_matchers("{ program = '/opt/*' }").mentions(b"anything"));
    }

    #[test]
    fn exclusions_and_raw_text_concern_every_program() {
        assert!(with_matchers("{ program = ['!ls'] }").mentions(b"true"));
        assert!(with_matchers("{ line = 'prod' }").mentions(b"true"));
        let writes = with_matchers("{ writes = '/dev/sd*' }");
        assert!(!writes.mentions(b"true"));
        assert_eq!(candidates(&writes, "true"), ["x.r"]);
    }

    #[test]
    fn the_first_layer_that_knows_a_program_counts() {
        let first = compile(&system_packs("[words.a]\nvalues = ['-x']\n")).unwrap();
        let second = compile(&system_packs(
            "[words.a]\nvalues = ['-y']\n[words.b]\nvalues = ['-z']\n",
        ))
        .unwrap();
        let rules = RuleSet::of_tables([Cow::Owned(first), Cow::Owned(second)]).unwrap();
        assert_eq!(rules.words("a").unwrap().values, ["-x"]);
        assert_eq!(rules.words("b").unwrap().values, ["-z"]);
    }

    #[test]
    fn a_rule_that_cannot_be_decoded_holds_every_program() {
        let mut packs = good_packs();
        packs.rules.truncate(1);
        let title = packs.rules[0].title.source.clone();
        let mut bytes = compile(&packs).unwrap();
        let at = bytes
            .windows(title.len())
            .position(|part| part == title.as_bytes())
            .unwrap();
        bytes[at] = 0xff;
        let rules = RuleSet::of_tables([Cow::Owned(bytes)]).unwrap();
        let held: Vec<&Arc<Rule>> = rules.candidates("postqueue").collect();
        assert_eq!(held[0].id, "kanmon.damaged");
        assert!(held[0].matchers[0].program.plain[0].fits("postqueue", Case::Counts));
    }
}
