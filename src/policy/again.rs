//! The command of an `again` probe: the held invocation once more, as its own dry run. Pure.
//!
//! The line is not cleared yet, so this must never be able to run the real thing. Only an
//! invocation of which every word is known is run again, with the probe's words after its verb (or
//! another verb in its place), and only where what comes of it is surely a harmless form, or surely
//! only reads, by what is known of the program. The program is one of the host's own folders. What
//! a program itself does in its dry run, it does.

use crate::line::options::{self, Doubt};
use crate::line::text::quote;
use crate::line::{Invocation, Span, Word, Words};

use super::around::Around;
use super::fit;

/// Folders whose programs a probe runs.
const FOLDERS: [&str; 6] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
];

/// Why an invocation is not run again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAgain {
    /// This part of it is not known.
    Unknown(String),
    /// It is not sure that this would change nothing.
    WouldRun(String),
}

/// Returns the invocation once more with `extra` after its verb, or with another verb, as text for
/// `sh`.
///
/// # Errors
/// Where a word is not known, or it is not sure that nothing is changed.
pub(super) fn command(
    invocation: &Invocation,
    words: Option<&Words>,
    extra: &[String],
    verb: Option<&str>,
) -> Result<String, NotAgain> {
    let program = program(invocation)?;
    let known: Vec<&Word> = invocation.args.iter().collect();
    for word in &known {
        text_of(word)?;
    }
    let args = match verb {
        Some(verb) => with_verb(invocation, words, extra, verb)?,
        None => with_words(invocation, words, extra)?,
    };
    let dry = Invocation {
        args,
        ..invocation.clone()
    };
    let is_safe = match verb {
        Some(_) => fit::surely_reads(&dry, words),
        None => fit::is_surely_harmless(&dry, words),
    };
    let texts: Result<Vec<String>, NotAgain> = dry.args.iter().map(text_of).collect();
    let line = std::iter::once(quote(&program)).chain(texts?.into_iter().map(|text| quote(&text)));
    let line = line.collect::<Vec<_>>().join(" ");
    match is_safe {
        true => Ok(Around::of(invocation, true)?.before_command() + &line),
        false => Err(NotAgain::WouldRun(line)),
    }
}

/// Returns the program as it is run again.
fn program(invocation: &Invocation) -> Result<String, NotAgain> {
    let typed = text_of(&invocation.program)?;
    let is_own = is_own_program(&typed);
    // What only might be run, or holds something that is not known, is no dry run of anything.
    if is_own && invocation.opaque.is_none() && !invocation.guessed {
        return Ok(typed);
    }
    Err(NotAgain::WouldRun(typed))
}

/// Returns whether a program is the host's own: typed without a path, or with one of the folders in
/// which a probe looks for programs.
pub(super) fn is_own_program(typed: &str) -> bool {
    match typed.rsplit_once('/') {
        Some((folder, _)) => FOLDERS.contains(&folder),
        None => true,
    }
}

/// Returns the text of a word that is wholly known.
pub(super) fn text_of(word: &Word) -> Result<String, NotAgain> {
    // What files a pattern stands for, the shell says when the line runs.
    let is_text = |text: &String| !word.lossy && !word.is_pattern() && !text.contains('\0');
    let text = word.known().filter(is_text);
    text.ok_or_else(|| NotAgain::Unknown(word.shown()))
}

/// Returns where in the arguments the words of the verb stand. Both readings must agree.
fn verb_at(invocation: &Invocation, words: Option<&Words>) -> Result<Vec<usize>, NotAgain> {
    let read = |doubt| options::parse(&invocation.args, words, &[], doubt).verb;
    let verb = read(Doubt::Takes);
    let unsure = || NotAgain::Unknown("verb".to_owned());
    if verb != read(Doubt::TakesNot) {
        return Err(unsure());
    }
    let mut places = Vec::new();
    for word in &verb {
        let from = places.last().map_or(0, |last| last + 1);
        let rest = invocation.args.iter().enumerate().skip(from);
        let found = rest.into_iter().find(|(_, arg)| *arg == word);
        places.push(found.map(|(at, _)| at).ok_or_else(unsure)?);
    }
    Ok(places)
}

/// Returns the arguments with further words after the verb; at the end of the options once more
/// where an option stands behind the verb, so that the last one that counts is ours.
fn with_words(
    invocation: &Invocation,
    words: Option<&Words>,
    extra: &[String],
) -> Result<Vec<Word>, NotAgain> {
    let at = verb_at(invocation, words)?
        .last()
        .map_or(0, |last| last + 1);
    let (before, after) = invocation.args.split_at_checked(at).unwrap_or_default();
    let extra: Vec<Word> = extra.iter().map(|text| plain(text)).collect();
    let is_end = |word: &Word| word.beginning() == "--";
    let end = after.iter().position(is_end).unwrap_or(after.len());
    let (options, operands) = after.split_at_checked(end).unwrap_or_default();
    let has_options = options.iter().any(|word| word.beginning().starts_with('-'));
    let again: &[Word] = if has_options { &extra } else { &[] };
    Ok([before, &extra, options, again, operands].concat())
}

/// Returns the arguments with another verb, and further words after it.
fn with_verb(
    invocation: &Invocation,
    words: Option<&Words>,
    extra: &[String],
    verb: &str,
) -> Result<Vec<Word>, NotAgain> {
    let places = verb_at(invocation, words)?;
    let Some(first) = places.first() else {
        return Err(NotAgain::Unknown("verb".to_owned()));
    };
    let mut args = Vec::new();
    for (at, word) in invocation.args.iter().enumerate() {
        if at == *first {
            args.extend(verb.split_whitespace().map(plain));
            args.extend(extra.iter().map(|text| plain(text)));
        }
        if !places.contains(&at) {
            args.push(word.clone());
        }
    }
    Ok(args)
}

/// Returns a word of the probe's own.
fn plain(text: &str) -> Word {
    Word::plain(text, Span::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Givens, Line, Lore as _};
    use crate::policy::RuleSet;
    use crate::policy::pack::tests::system_packs;

    const PACK: &str = r#"
[pack]
id = "x"
title = "X"
[words.apt]
values = ["-o", "-t"]
dry = ["-s", "--simulate", "!--no-simulate"]
[words.tf]
values = ["-chdir", "-var"]
options = "long"
depth = { state = 2 }
set.read = ["plan", "state list"]
[words.kubectl]
values = ["-n"]
dry = ["--dry-run", "!--dry-run=none"]
[[wrapper]]
program = "sudo"
moves = "user"
inner = "rest"
[[wrapper]]
program = "env"
skip = "assignments"
inner = "rest"
[[rule]]
id = "r"
title = "R"
why = "w"
risk = "low"
match = [{ program = ["apt", "tf", "kubectl", "bare"] }]
"#;

    /// What `again` makes of the first invocation of one of the rule's programs.
    fn again(line: &str, extra: &str, verb: Option<&str>) -> Result<String, NotAgain> {
        let rules = RuleSet::of_packs(&system_packs(PACK)).unwrap();
        let line = Line::shell(line.as_bytes());
        let reading = crate::line::read(&line, &rules, &Givens::default()).unwrap();
        let named = ["apt", "tf", "kubectl", "bare"];
        let mut found = reading.invocations.iter();
        let found = found
            .find(|found| named.contains(&found.name.as_str()))
            .unwrap();
        let extra: Vec<String> = extra.split_whitespace().map(str::to_owned).collect();
        command(found, rules.words(&found.name), &extra, verb)
    }

    #[track_caller]
    fn check(line: &str, extra: &str, verb: Option<&str>, expected: &str) {
        assert_eq!(again(line, extra, verb).as_deref(), Ok(expected), "{line}");
    }

    #[track_caller]
    fn would_run(line: &str, extra: &str, verb: Option<&str>) {
        let found = again(line, extra, verb);
        assert!(
            matches!(found, Err(NotAgain::WouldRun(_))),
            "{line}: {found:?}"
        );
    }

    #[track_caller]
    fn unknown(line: &str, extra: &str, verb: Option<&str>, what: &str) {
        let expected = Err(NotAgain::Unknown(what.to_owned()));
        assert_eq!(again(line, extra, verb), expected, "{line}");
    }

    #[test]
    fn the_words_come_after_the_verb_and_the_options_stay() {
        check("apt install nginx", "-s", None, "apt install -s nginx");
        check(
            "sudo /usr/bin/apt -t x upgrade",
            "-s",
            None,
            "/usr/bin/apt -t x upgrade -s",
        );
        check(
            "apt -y install 'a b'",
            "-s",
            None,
            "apt -y install -s 'a b'",
        );
        check(
            "kubectl -n web delete pod x",
            "--dry-run=server",
            None,
            "kubectl -n web delete --dry-run=server pod x",
        );
    }

    #[test]
    fn behind_the_verbs_own_options_the_words_come_once_more() {
        check("apt install -y a", "-s", None, "apt install -s -y a -s");
        check(
            "apt install -y -- a",
            "-s",
            None,
            "apt install -s -y -s -- a",
        );
    }

    #[test]
    fn another_verb_stands_in_the_place_of_the_first() {
        check(
            "tf -chdir=prod apply -var a=1",
            "",
            Some("plan"),
            "tf -chdir=prod plan -var a=1",
        );
        check(
            "tf state rm a.b",
            "",
            Some("state list"),
            "tf state list a.b",
        );
        check("tf apply", "-var b=2", Some("plan"), "tf plan -var b=2");
    }

    #[test]
    fn what_the_line_set_counts_where_it_says_the_place() {
        check(
            "AWS_PROFILE='a b' LD_PRELOAD=./x.so tf apply",
            "",
            Some("plan"),
            "AWS_PROFILE='a b' tf plan",
        );
        check(
            "cd /srv/prod && tf apply",
            "",
            Some("plan"),
            "cd /srv/prod && tf plan",
        );
        unknown("AWS_PROFILE=$X tf apply", "", Some("plan"), "AWS_PROFILE");
        unknown("AWS_PROFILE=x; tf apply", "", Some("plan"), "AWS_PROFILE");
        unknown(
            "env AWS_PROFILE=x tf apply",
            "",
            Some("plan"),
            "AWS_PROFILE",
        );
        check(
            "cd a; cd b && tf apply",
            "",
            Some("plan"),
            "cd a/b && tf plan",
        );
        for line in [
            "cd .. && tf apply",
            "cd $X && cd a && tf apply",
            "CDPATH=/x; cd a; tf apply",
        ] {
            unknown(line, "", Some("plan"), "folder");
        }
    }

    #[test]
    fn what_is_not_surely_harmless_is_not_run() {
        // Behind `--` it is no option.
        would_run("apt -- install a", "-s", None);
        would_run("apt install a --no-simulate", "-s", None);
        would_run("kubectl delete x --dry-run=none", "--dry-run=server", None);
        // Words that are not listed, and a program of which nothing is known.
        would_run("apt install a", "-y", None);
        would_run("apt install a", "", None);
        would_run("bare x", "-s", None);
        would_run("bare x", "", Some("plan"));
        // A verb that does not only read.
        would_run("tf apply", "", Some("destroy"));
        would_run("tf state rm a", "", Some("state rm"));
        // A program from elsewhere.
        would_run("./apt install a", "-s", None);
        would_run("/home/x/apt install a", "-s", None);
    }

    #[test]
    fn what_is_not_known_is_not_run() {
        unknown("apt install $X", "-s", None, "…");
        unknown("apt install *.deb", "-s", None, "*.deb");
        unknown("tf", "", Some("plan"), "verb");
    }

    proptest::proptest! {
        /// Whatever the line, what is run again is a harmless form.
        #[test]
        fn only_a_harmless_form_is_run_again(words in proptest::collection::vec("(-[a-zA-Z]|--[a-z-]{1,12}|--|--no-simulate|-s|-o|[a-z/.]{1,6}|'[ -~&&[^']]{0,6}')", 0..7)) {
            if let Ok(text) = again(&format!("apt {}", words.join(" ")), "-s", None) {
                let rules = RuleSet::of_packs(&system_packs(PACK)).unwrap();
                let line = Line::shell(text.as_bytes());
                let reading = crate::line::read(&line, &rules, &Givens::default()).unwrap();
                proptest::prop_assert_eq!(reading.invocations.len(), 1);
                let found = &reading.invocations[0];
                proptest::prop_assert!(fit::is_surely_harmless(found, rules.words("apt")), "{}", text);
            }
        }
    }
}
