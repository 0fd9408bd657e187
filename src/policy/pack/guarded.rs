//! What a rule file that cannot be used may have guarded: the names that stand in it as strings.
//!
//! In: the text, also where it is no TOML, and the lines that do not parse. Out: matchers that fit
//! at least what the file's own could have fitted by name. The text is looked at word by word, so
//! that one lost quote does not hide what follows it; on the lines that do not parse every word
//! counts. What is not found by name is found by what it looks at: paths that are written to,
//! opaqueness, raw text.

use std::collections::BTreeSet;

use crate::policy::pattern::Pattern;
use crate::policy::rule::{AnyOf, Matcher, OpaqueKind};

/// Returns matchers for all that a broken file may have guarded; none where it guards nothing.
/// `broken_lines` are those, from 1, that are no TOML.
#[must_use]
pub fn guarded_by(text: &str, broken_lines: &BTreeSet<usize>) -> Vec<Matcher> {
    let mut found = Found::default();
    let mut scanner = Scanner {
        rest: text,
        line: 1,
        key: "",
    };
    while let Some(token) = scanner.next() {
        match token {
            Token::Header(path) => found.header(path),
            Token::Key(key) => found.key(key),
            Token::Value(value) => {
                found.value(scanner.key, value);
                if broken_lines.contains(&scanner.line) {
                    let is_word = |c: char| c.is_ascii_alphanumeric() || "_.+@-/".contains(c);
                    value
                        .split(|c| !is_word(c))
                        .for_each(|word| found.name(word));
                }
            }
        }
    }
    found.into_matchers()
}

/// Returns matchers that every invocation fits.
#[must_use]
pub fn everything() -> Vec<Matcher> {
    let found = Found {
        all: true,
        ..Found::default()
    };
    found.into_matchers()
}

/// What was found so far.
#[derive(Default)]
struct Found {
    /// Names and patterns of programs.
    programs: BTreeSet<String>,
    /// Paths that are written to.
    writes: BTreeSet<String>,
    /// Whether a rule looks at what is opaque.
    opaque: bool,
    /// Whether a rule may fit any program.
    all: bool,
}

impl Found {
    /// Takes a header: `[words.kubectl]` names a program.
    fn header(&mut self, path: &str) {
        if let Some(program) = path.trim_start().strip_prefix("words.") {
            self.name(program.trim().trim_matches(['"', '\'']));
        }
    }

    /// Takes a key.
    fn key(&mut self, key: &str) {
        match key {
            "opaque" => self.opaque = true,
            "line" => self.all = true,
            _ => {}
        }
    }

    /// Takes a value that stands under `key`.
    fn value(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if key == "program" {
            return self.program(value);
        }
        if key == "writes" && Pattern::parse(value).is_ok() {
            self.writes.insert(value.to_owned());
        }
        value.split('|').for_each(|name| self.name(name));
    }

    /// Takes an entry of `program`.
    fn program(&mut self, value: &str) {
        if value.starts_with('!') {
            // Any program but this one, unless plain entries stand beside it.
            self.all = true;
            return;
        }
        let is_open = |glob: &str| glob.chars().all(|c| matches!(c, '*' | '?' | '/'));
        let is_all = value.split('|').any(is_open);
        match Pattern::parse(value) {
            Ok(_) if !is_all => {
                self.programs.insert(value.to_owned());
            }
            Ok(_) | Err(_) => self.all = true,
        }
    }

    /// Takes a word that may be a program's name or path.
    fn name(&mut self, word: &str) {
        let base = word.rsplit('/').next().unwrap_or(word);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '@' | '-');
        let is_option = base.starts_with(['-', '+']);
        if !base.is_empty() && !is_option && base.chars().all(is_name) {
            self.programs.insert(base.to_owned());
        }
    }

    /// Returns what was found as matchers.
    fn into_matchers(self) -> Vec<Matcher> {
        let any_of = |texts: BTreeSet<String>| AnyOf {
            plain: texts
                .into_iter()
                .filter_map(|text| Pattern::parse(&text).ok())
                .collect(),
            not: Vec::new(),
        };
        let all = || BTreeSet::from([String::from("*")]);
        let (programs, writes) = match self.all {
            true => (all(), all()),
            false => (self.programs, self.writes),
        };
        let mut matchers = Vec::new();
        if !programs.is_empty() {
            matchers.push(Matcher {
                program: any_of(programs),
                ..Matcher::default()
            });
        }
        if !writes.is_empty() {
            matchers.push(Matcher {
                writes: any_of(writes),
                ..Matcher::default()
            });
        }
        if self.opaque || self.all {
            matchers.push(Matcher {
                opaque: vec![OpaqueKind::Any],
                ..Matcher::default()
            });
        }
        matchers
    }
}

/// A piece of a file.
enum Token<'t> {
    /// What stands between the brackets of a header.
    Header(&'t str),
    /// A key, its last part.
    Key(&'t str),
    /// A string, without its quotes, or a word that should have had some.
    Value(&'t str),
}

/// Goes through a text that need not be TOML.
struct Scanner<'t> {
    /// What is left.
    rest: &'t str,
    /// The line, from 1, in which the last token began.
    line: usize,
    /// The key that the next value stands under.
    key: &'t str,
}

impl<'t> Scanner<'t> {
    /// Returns the next piece.
    fn next(&mut self) -> Option<Token<'t>> {
        let mut is_line_start = self.line == 1;
        loop {
            let first = self.rest.chars().next()?;
            match first {
                '\n' => {
                    self.line += 1;
                    is_line_start = true;
                    self.skip(1);
                }
                '#' => self.skip(self.line_end()),
                '[' if is_line_start => {
                    if let Some(header) = self.header() {
                        return Some(Token::Header(header));
                    }
                    self.skip(1);
                }
                '"' | '\'' => {
                    let string = self.string(first);
                    return Some(self.key_or_value(string));
                }
                _ if is_bare(first) => {
                    let word = self.word();
                    let token = self.key_or_value(word);
                    match token {
                        Token::Value(word) if is_no_name(word) => is_line_start = false,
                        Token::Header(_) | Token::Key(_) | Token::Value(_) => return Some(token),
                    }
                }
                _ => {
                    is_line_start &= first.is_whitespace();
                    self.skip(first.len_utf8());
                }
            }
        }
    }

    /// Leaves out so many bytes.
    fn skip(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or_default();
    }

    /// Returns how many bytes the line still has.
    fn line_end(&self) -> usize {
        self.rest.find('\n').unwrap_or(self.rest.len())
    }

    /// Reads a header, if the whole line is one.
    fn header(&mut self) -> Option<&'t str> {
        let line = self.rest.get(..self.line_end())?;
        let (line, _comment) = line.split_once('#').unwrap_or((line, ""));
        let inner = line.trim().strip_prefix('[')?.strip_suffix(']')?;
        let inner = inner.trim_matches(['[', ']']);
        if inner.contains(['=', ',', '{']) {
            return None;
        }
        self.skip(self.line_end());
        Some(inner)
    }

    /// Reads a bare word.
    fn word(&mut self) -> &'t str {
        let end = self.rest.find(|c| !is_bare(c));
        let word = self
            .rest
            .get(..end.unwrap_or(self.rest.len()))
            .unwrap_or_default();
        self.skip(word.len());
        word
    }

    /// Reads a string. One that has no end in its line ends there; of a long one without an end
    /// only the quotes are left out, so that what follows is still seen.
    fn string(&mut self, quote: char) -> &'t str {
        let long = if quote == '"' { "\"\"\"" } else { "'''" };
        if self.rest.starts_with(long) {
            self.skip(3);
            let Some(end) = self.rest.find(long) else {
                return "";
            };
            let string = self.rest.get(..end).unwrap_or_default();
            self.line += string.matches('\n').count();
            self.skip(end + 3);
            return string;
        }
        self.skip(1);
        let line = self.rest.get(..self.line_end()).unwrap_or_default();
        let mut is_escaped = false;
        let end = line.find(|c| {
            let ends = c == quote && !is_escaped;
            is_escaped = quote == '"' && c == '\\' && !is_escaped;
            ends
        });
        let string = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
        self.skip(string.len() + usize::from(end.is_some()));
        string
    }

    /// Returns a token as a key where `=` follows, else as a value.
    fn key_or_value(&mut self, token: &'t str) -> Token<'t> {
        if !self.rest.trim_start_matches([' ', '\t']).starts_with('=') {
            return Token::Value(token);
        }
        self.key = token.rsplit('.').next().unwrap_or(token);
        Token::Key(self.key)
    }
}

/// Returns whether a word without quotes may have this in it.
fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '*' | '?' | '+' | '@' | ':' | '|')
}

/// Returns whether a bare word is a value that TOML has without quotes.
fn is_no_name(word: &str) -> bool {
    matches!(word, "true" | "false") || word.starts_with(|c: char| c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What holds everything.
    const ALL: [&str; 3] = ["*", "> *", "opaque"];

    /// Returns what is held for a text of which these lines are broken.
    fn held(text: &str, broken: &[usize]) -> Vec<String> {
        let matchers = guarded_by(text, &broken.iter().copied().collect());
        let mut shown = Vec::new();
        for matcher in matchers {
            let texts = |of: &AnyOf<Pattern>| {
                let texts = of
                    .plain
                    .iter()
                    .map(|pattern| pattern.as_written().to_owned());
                texts.collect::<Vec<_>>()
            };
            shown.extend(texts(&matcher.program));
            shown.extend(
                texts(&matcher.writes)
                    .into_iter()
                    .map(|path| format!("> {path}")),
            );
            shown.extend(matcher.opaque.iter().map(|_| String::from("opaque")));
        }
        shown
    }

    #[test]
    fn names_are_found_in_strings_alone() {
        let text = "# halt\n[pack]\nid = 'x'\ntitle = 'Stop a host'\n[[rule]]\nrisk = \"low\"\n\
            match = [{ program = ['reboot', \"/sbin/poweroff|halt2\"], flag = '-f' }]\nmany = true\n";
        assert_eq!(
            held(text, &[]),
            ["/sbin/poweroff|halt2", "low", "reboot", "x"]
        );
    }

    #[test]
    fn patterns_of_programs_are_held_as_patterns() {
        assert_eq!(
            held("program = ['mkfs.*', 're:^py']", &[]),
            ["mkfs.*", "re:^py"]
        );
        for any in ["'*'", "'!ls'", "'/opt/*|**'", "'re:('"] {
            assert_eq!(held(&format!("match = [{{ program = {any} }}]"), &[]), ALL);
        }
        // Elsewhere a pattern names no program.
        assert_eq!(held("host = 'web*'", &[]), [""; 0]);
    }

    #[test]
    fn what_looks_at_no_name_is_held_by_what_it_looks_at() {
        assert_eq!(held("writes = ['/dev/sd*']", &[]), ["> /dev/sd*"]);
        assert_eq!(held("opaque = ['*']", &[]), ["opaque"]);
        assert_eq!(held("line = 'prod'", &[]), ALL);
        assert_eq!(held("lines = 3", &[]), [""; 0]);
    }

    #[test]
    fn a_lost_quote_hides_nothing() {
        assert_eq!(
            held("program = 'reboot\nprogram = 'halt'\n", &[1]),
            ["halt", "reboot"]
        );
        assert_eq!(
            held("program = reboot'\nx = 'halt'", &[1]),
            ["halt", "reboot"]
        );
        assert_eq!(
            held("why = '''\nprogram = 'halt'\n", &[1]),
            ["halt"],
            "a long string without an end"
        );
        let shifted = held("match = [{ program = \"reboot, verb = \"now\" }]", &[1]);
        assert!(shifted.contains(&String::from("reboot")), "{shifted:?}");
    }

    #[test]
    fn headers_of_words_name_their_program() {
        assert_eq!(
            held("[words.kubectl]\n[words.\"my.tool\"]\n[[rule]]\n", &[]),
            ["kubectl", "my.tool"]
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_gone_through(text in "[\\[\\]'\"=#\\n a-z.|*{}]{0,60}") {
            let _ = guarded_by(&text, &BTreeSet::from([1, 2]));
        }

        #[test]
        fn a_program_in_quotes_is_found_wherever_the_file_is_cut(
            name in "[a-z]{4,8}", cut in 0_usize..200,
        ) {
            let text = format!("match = [{{ program = '{name}' }}]\n[pack]\ntitle = \"Ünder\" # '\nx = '''a\n'''\n");
            let mut cut = cut.max(25 + name.len()).min(text.len());
            while !text.is_char_boundary(cut) { cut += 1; }
            proptest::prop_assert!(held(text.get(..cut).unwrap(), &[]).contains(&name));
        }
    }
}
