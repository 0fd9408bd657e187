//! Options, verb and operands of an invocation, read as getopt reads them.

use super::{Lore, OptionStyle, Span, Target, TargetKey, Word, Words};

/// How an option is read of which it is not known whether it takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It takes the next word.
    Takes,
    /// It takes none.
    TakesNot,
}

/// One option as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opt {
    /// Its name, dashes included; a letter of a cluster stands as `-x`.
    pub name: String,
    /// Its value.
    pub value: Option<Word>,
    /// Whether the value was glued to it (`-ovalue`, `--option=value`).
    pub glued: bool,
    /// Where the word with the option stands.
    pub span: Span,
    /// The number of that word among the arguments, from 0.
    pub at: usize,
    /// Whether it was known if the option takes a value.
    pub is_sure: bool,
}

/// What an invocation's arguments say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The options in order.
    pub options: Vec<Opt>,
    /// The verb path.
    pub verb: Vec<Word>,
    /// The operands after the verb.
    pub operands: Vec<Word>,
    /// How many of them, from the first, are no files.
    pub n_names: usize,
    /// What the program's own options say of the target.
    pub target: Target,
    /// Whether another [`Doubt`] could read it otherwise.
    pub is_doubtful: bool,
}

/// Reads `args` with what is known of the program. `extra_values` are options that take a value
/// though `words` may not know it (a rule wrote them with `=`).
#[must_use]
pub fn parse(args: &[Word], words: Option<&Words>, extra_values: &[&str], doubt: Doubt) -> Parsed {
    let mut reader = Reader::default();
    if let Some(words) = words {
        reader.style = words.style;
        reader.abbrev = words.abbrev;
        reader.values.push(&words.values);
        reader.optional.push(&words.optional);
        reader
            .values
            .extend(words.target.values().map(Vec::as_slice));
        reader.has_words = true;
    }
    reader.extra_values = extra_values;
    reader.doubt = Some(doubt);
    let scan = reader.scan(args, usize::MAX);
    let target = words.map_or_else(Target::default, |words| own_target(words, &scan.options));
    let is_doubtful = scan.options.iter().any(|option| !option.is_sure);
    let all: Vec<Word> = scan
        .operands
        .iter()
        .filter_map(|at| args.get(*at).cloned())
        .collect();
    let n_verb = words.map_or_else(
        || usize::from(!all.is_empty()),
        |words| verb_length(words, &scan.options, &all),
    );
    let mut verb = all;
    let operands = verb.split_off(n_verb.min(verb.len()));
    Parsed {
        n_names: words.map_or(0, |words| n_names(words, &scan.options)),
        options: scan.options,
        verb,
        operands,
        target,
        is_doubtful,
    }
}

/// Returns whether the option `typed` is the option `full`: the same, or a beginning of at least
/// three letters where the program takes those and no other known option owns it. Not to be asked
/// for an excuse (see [`is_exactly`]).
#[must_use]
pub fn is_option(typed: &str, full: &str, words: Option<&Words>) -> bool {
    if typed == full {
        return true;
    }
    let Some(words) = words else {
        return false;
    };
    let letters = typed.trim_start_matches('-').len();
    let is_beginning =
        words.abbrev && typed.starts_with("--") && letters >= 3 && full.starts_with(typed);
    let is_owned = |known: &&String| known.as_str() == typed;
    is_beginning && !all_options(words).any(|known| is_owned(&known))
}

/// Returns whether the option `typed` is the option `full` beyond doubt: what an excuse needs.
#[must_use]
pub fn is_exactly(typed: &str, full: &str) -> bool {
    typed == full
}

/// Returns every option that `words` names.
fn all_options(words: &Words) -> impl Iterator<Item = &String> {
    words
        .values
        .iter()
        .chain(&words.optional)
        .chain(&words.dry)
        .chain(words.target.values().flatten())
}

/// Returns how many of the operands are the verb path.
fn verb_length(words: &Words, options: &[Opt], operands: &[Word]) -> usize {
    let Some(first) = operands.first() else {
        return 0;
    };
    if is_one_there(&words.verbless, words, options) {
        return 0;
    }
    let ends = |word: &Word| {
        let text = word.known().unwrap_or_default();
        words.ends.iter().any(|end| fits_simple(end, &text))
    };
    if !words.ends.is_empty() {
        let found = operands.iter().position(ends);
        return found.map_or(operands.len(), |at| at + 1);
    }
    let first = first.known().unwrap_or_default();
    let depth = words.depth_by_first.get(&first).unwrap_or(&words.depth);
    usize::from(*depth)
}

/// Returns how many operands, from the first, are no files.
fn n_names(words: &Words, options: &[Opt]) -> usize {
    match is_one_there(&words.names.without, words, options) {
        true => 0,
        false => words.names.operands,
    }
}

/// Returns whether one of the options that `names` lists is typed.
fn is_one_there(names: &[String], words: &Words, options: &[Opt]) -> bool {
    names.iter().any(|full| {
        let mut options = options.iter();
        options.any(|option| is_option(&option.name, full, Some(words)))
    })
}

/// Returns what the program's own options say of the target.
fn own_target(words: &Words, options: &[Opt]) -> Target {
    let mut target = Target::default();
    for (key, names) in &words.target {
        let said = options
            .iter()
            .rev()
            .find(|option| names.contains(&option.name));
        if let Some(value) = said.and_then(|option| option.value.clone()) {
            set_target(&mut target, *key, value);
        }
    }
    target
}

/// Returns what an invocation's own options say of its target.
pub(super) fn target_of(name: &str, args: &[Word], lore: &dyn Lore) -> Option<Target> {
    let words = lore.words(name)?;
    if words.target.is_empty() {
        return None;
    }
    Some(parse(args, Some(words), &[], Doubt::TakesNot).target)
}

/// Puts what was said of a target into it; `user@host` is both.
pub(super) fn set_target(target: &mut Target, key: TargetKey, value: Word) {
    match key {
        TargetKey::Host => {
            let Some(value) = address(value) else {
                return;
            };
            let (user, host) = split_host(value);
            target.host = Some(host);
            if user.is_some() {
                target.user = user;
            }
        }
        TargetKey::User => target.user = Some(value),
        TargetKey::Container => target.container = Some(value),
        TargetKey::Pod => target.pod = Some(value),
        TargetKey::Namespace => target.namespace = Some(value),
        TargetKey::Context => target.context = Some(value),
        TargetKey::Account => target.account = Some(value),
    }
}

/// Returns the host of `tcp://host:port`, or what is no address as it is; nothing for a socket of
/// this host.
fn address(value: Word) -> Option<Word> {
    let shown = value.shown();
    let Some((scheme, rest)) = shown.split_once("://") else {
        return Some(value);
    };
    match scheme {
        "unix" | "fd" | "npipe" => None,
        "ssh" => Some(value),
        _ => {
            let start = scheme.len() + "://".len();
            let length = rest.find([':', '/']).unwrap_or(rest.len());
            Some(value.part(start, start + length))
        }
    }
}

/// Splits `ssh://user@host:port` and `user@host`.
fn split_host(word: Word) -> (Option<Word>, Word) {
    let Some(whole) = word.known() else {
        // `op@$HOST`: the user may be known though the host is not.
        let shown = word.shown();
        return match shown.rfind('@') {
            Some(at) if !shown.get(..at).unwrap_or_default().contains('…') => {
                (Some(word.part(0, at)), word.tail(at + 1))
            }
            _ => (None, word),
        };
    };
    let is_url = whole.starts_with("ssh://");
    let start = if is_url { 6 } else { 0 };
    let rest = whole.get(start..).unwrap_or_default();
    let rest = rest.split('/').next().unwrap_or_default();
    let host_start = rest.rfind('@').map_or(0, |at| at + 1);
    let host = rest.get(host_start..).unwrap_or_default();
    let host_length = match host.find(':') {
        Some(colon) if is_url && !host.starts_with('[') => colon,
        _ => host.len(),
    };
    let user = (host_start > 1).then(|| word.part(start, start + host_start - 1));
    let from = start + host_start;
    (user, word.part(from, from + host_length))
}

/// Returns whether `text` fits `pattern`: `a|b` either, `*` at one end or both any text.
pub(super) fn fits_simple(pattern: &str, text: &str) -> bool {
    pattern.split('|').any(|one| {
        let middle = one.trim_matches('*');
        match (one.starts_with('*'), one.ends_with('*')) {
            (true, true) => text.contains(middle),
            (true, false) => text.ends_with(middle),
            (false, true) => text.starts_with(middle),
            (false, false) => one == text,
        }
    })
}

/// What is known of how a program's options are read.
#[derive(Debug, Default)]
pub(super) struct Reader<'w> {
    /// Lists of options that take a value.
    pub(super) values: Vec<&'w [String]>,
    /// Lists of options whose value may only be glued.
    pub(super) optional: Vec<&'w [String]>,
    /// Further options that take a value.
    pub(super) extra_values: &'w [&'w str],
    /// How options are written.
    pub(super) style: OptionStyle,
    /// Whether long options may be shortened.
    pub(super) abbrev: bool,
    /// Whether case does not count.
    pub(super) any_case: bool,
    /// Whether `NAME=value` words are no operands, nor is a lone `-` (`env`).
    pub(super) skips_assignments: bool,
    /// Whether the lists are of a program with words.
    pub(super) has_words: bool,
    /// How options are read that stand in no list; `None` where the lists are complete.
    pub(super) doubt: Option<Doubt>,
}

/// What a reader found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// The options in order.
    pub(super) options: Vec<Opt>,
    /// The numbers of the operands.
    pub(super) operands: Vec<usize>,
    /// The number of the first word that was not read; the number of words where all were.
    pub(super) rest: usize,
}

/// Whether an option takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arity {
    /// It does.
    Value,
    /// Only a glued one.
    Glued,
    /// It does not.
    None,
    /// It is not known; taken as this.
    Unsure(Doubt),
}

impl Reader<'_> {
    /// Reads `args` until `n_operands` operands were found and another one comes.
    pub(super) fn scan(&self, args: &[Word], n_operands: usize) -> Scan {
        let mut scan = Scan::default();
        let mut at = 0;
        let mut only_operands = false;
        while let Some(word) = args.get(at) {
            let text = word.beginning();
            if !only_operands && text == "--" && word.is_known() {
                only_operands = true;
                at += 1;
            } else if !only_operands && self.is_option_word(&text) {
                at = self.read_option(args, at, &mut scan.options);
            } else if self.skips_assignments && is_assignment_or_dash(&text) {
                at += 1;
            } else if scan.operands.len() >= n_operands {
                break;
            } else {
                scan.operands.push(at);
                at += 1;
            }
        }
        scan.rest = at;
        scan
    }

    /// Returns whether a word that begins with `text` is an option.
    fn is_option_word(&self, text: &str) -> bool {
        let mut chars = text.chars();
        match chars.next() {
            Some('-') => chars.next().is_some(),
            Some('+') => self
                .values
                .iter()
                .flat_map(|list| list.iter())
                .any(|name| name.starts_with('+')),
            _ => false,
        }
    }

    /// Reads the option word at `at`; returns the number of the word after it.
    fn read_option(&self, args: &[Word], at: usize, options: &mut Vec<Opt>) -> usize {
        let Some(word) = args.get(at) else {
            return at + 1;
        };
        let text = word.beginning();
        if self.style == OptionStyle::Long || text.starts_with("--") || text.starts_with('+') {
            self.read_long(args, at, options)
        } else {
            self.read_cluster(args, at, options)
        }
    }

    /// Reads `--name`, `--name=value`, `-name`.
    fn read_long(&self, args: &[Word], at: usize, options: &mut Vec<Opt>) -> usize {
        let Some(word) = args.get(at) else {
            return at + 1;
        };
        let text = word.beginning();
        let equals = text.find('=');
        let name = text.get(..equals.unwrap_or(text.len())).unwrap_or_default();
        let arity = self.arity(name);
        let mut option = Opt {
            name: name.to_owned(),
            value: equals.map(|equals| word.tail(equals + 1)),
            glued: equals.is_some(),
            span: word.span,
            at,
            is_sure: equals.is_some() || !matches!(arity, Arity::Unsure(_)),
        };
        let next = args.get(at + 1);
        let takes_next = equals.is_none() && takes_next(arity, next);
        if takes_next {
            option.value = next.cloned();
        }
        options.push(option);
        at + 1 + usize::from(takes_next)
    }

    /// Reads `-abc`, `-ovalue`.
    fn read_cluster(&self, args: &[Word], at: usize, options: &mut Vec<Opt>) -> usize {
        let Some(word) = args.get(at) else {
            return at + 1;
        };
        let text = word.beginning();
        for (offset, letter) in text.char_indices().skip(1) {
            let name = format!("-{letter}");
            let arity = self.arity(&name);
            let after = offset + letter.len_utf8();
            let is_last = after >= text.len() && word.is_known();
            let mut option = Opt {
                name,
                value: None,
                glued: false,
                span: word.span,
                at,
                is_sure: !matches!(arity, Arity::Unsure(_)),
            };
            let takes = matches!(
                arity,
                Arity::Value | Arity::Glued | Arity::Unsure(Doubt::Takes)
            );
            if takes && !is_last {
                let equals =
                    usize::from(text.get(after..).is_some_and(|rest| rest.starts_with('=')));
                option.value = Some(word.tail(after + equals));
                option.glued = true;
                options.push(option);
                return at + 1;
            }
            let next = args.get(at + 1);
            if is_last && takes_next(arity, next) {
                option.value = next.cloned();
                options.push(option);
                return at + 2;
            }
            options.push(option);
        }
        at + 1
    }

    /// Returns whether an option takes a value.
    fn arity(&self, name: &str) -> Arity {
        let is = |known: &str| {
            known == name
                || (self.any_case && known.eq_ignore_ascii_case(name))
                || (self.abbrev
                    && name.len() >= 4
                    && name.starts_with("--")
                    && known.starts_with(name))
        };
        let any = |lists: &[&[String]]| {
            lists
                .iter()
                .flat_map(|list| list.iter())
                .any(|known| is(known))
        };
        if any(&self.optional) {
            Arity::Glued
        } else if any(&self.values) || self.extra_values.iter().any(|known| is(known)) {
            Arity::Value
        } else {
            match self.doubt {
                // The words of a program list the options that take a value.
                Some(_) if self.has_words => Arity::None,
                Some(doubt) => Arity::Unsure(doubt),
                None => Arity::None,
            }
        }
    }
}

/// Returns whether an option takes the word after it.
fn takes_next(arity: Arity, next: Option<&Word>) -> bool {
    match arity {
        Arity::Value => next.is_some(),
        // A guess does not reach over another option.
        Arity::Unsure(Doubt::Takes) => next.is_some_and(|word| !word.beginning().starts_with('-')),
        Arity::Glued | Arity::None | Arity::Unsure(Doubt::TakesNot) => false,
    }
}

/// Returns whether a word is `NAME=value` or `-`.
fn is_assignment_or_dash(text: &str) -> bool {
    let name = text.split_once('=').map(|(name, _)| name);
    let is_name = |name: &str| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    text == "-" || name.is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::testing::{lore, read_argv};

    /// Returns a reading as text: options with values, verb, operands.
    fn drawn(line: &str, extra_values: &[&str], doubt: Doubt) -> String {
        let reading = read_argv(line);
        let first = reading.invocations.first().unwrap();
        let lore = lore();
        let parsed = parse(&first.args, lore.words(&first.name), extra_values, doubt);
        let shown = |words: &[Word]| words.iter().map(Word::shown).collect::<Vec<_>>().join(" ");
        let options: Vec<String> = parsed
            .options
            .iter()
            .map(|option| match &option.value {
                Some(value) => format!("{}={}", option.name, value.shown()),
                None => option.name.clone(),
            })
            .collect();
        let verb = shown(&parsed.verb);
        format!(
            "{} / {verb} / {}",
            options.join(" "),
            shown(&parsed.operands)
        )
    }

    #[test]
    fn getopt_is_read_as_programs_do() {
        let cases = [
            ("systemctl|-Hmx1|reboot|x", "-H=mx1 / reboot / x"),
            ("systemctl|reboot|-H|mx1|-f", "-H=mx1 -f / reboot / "),
            (
                "systemctl|--host=mx1|-qf|stop|a|b",
                "--host=mx1 -q -f / stop / a b",
            ),
            ("systemctl|--hos|mx1|stop", "--hos=mx1 / stop / "),
            ("systemctl|--|-f|stop", " / -f / stop"),
            ("postsuper|-d|ALL", "-d=ALL /  / "),
            (
                "kubectl|-n|x|rollout|restart|deploy/a",
                "-n=x / rollout restart / deploy/a",
            ),
            (
                "kubectl|delete|pod|a|-|--force",
                "--force / delete / pod a -",
            ),
            (
                "gcloud|compute|instances|delete|a|--zone|b",
                "--zone=b / compute instances delete / a",
            ),
            ("nowords|-rf|/", "-r -f / / / "),
        ];
        for (line, expected) in cases {
            assert_eq!(drawn(line, &[], Doubt::TakesNot), expected, "{line}");
        }
    }

    #[test]
    fn doubt_reads_both_ways() {
        assert_eq!(drawn("x|-f|a|b", &[], Doubt::TakesNot), "-f / a / b");
        assert_eq!(drawn("x|-f|a|b", &[], Doubt::Takes), "-f=a / b / ");
        assert_eq!(drawn("x|--f|-g|b", &[], Doubt::Takes), "--f -g=b /  / ");
        assert_eq!(drawn("x|-f|a|b", &["-f"], Doubt::TakesNot), "-f=a / b / ");
        let words = [Word::plain("-f", Span::default())];
        assert!(parse(&words, None, &[], Doubt::Takes).is_doubtful);
        assert!(!parse(&words, None, &["-f"], Doubt::Takes).is_doubtful);
    }

    #[test]
    fn a_long_option_may_be_shortened_where_the_program_allows() {
        let lore = lore();
        let systemctl = lore.words("systemctl");
        assert!(is_option("--force", "--force", None));
        assert!(is_option("--for", "--force", systemctl));
        assert!(!is_option("--fo", "--force", systemctl));
        assert!(!is_option("--for", "--force", lore.words("kubectl")));
        assert!(!is_option("--host", "--hostile", systemctl));
        assert!(!is_exactly("--for", "--force"));
    }

    #[test]
    fn hosts_are_split_from_users() {
        let split = |text: &str| {
            let (user, host) = split_host(Word::plain(text, Span::new(0, text.len())));
            (user.map(|user| user.shown()), host.shown())
        };
        let user = Some("op".to_owned());
        assert_eq!(split("mx1"), (None, "mx1".to_owned()));
        assert_eq!(split("op@mx1"), (user.clone(), "mx1".to_owned()));
        assert_eq!(split("ssh://op@mx1:22/"), (user, "mx1".to_owned()));
        assert_eq!(split("a:b"), (None, "a:b".to_owned()));
    }
}
