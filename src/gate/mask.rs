//! Hides secrets before anything is written or shown again. Pure.
//!
//! Known by their form alone: values of flags whose name says secret, assignments to such names,
//! passwords in URLs, `Authorization` headers. A value becomes `****`, whatever its length.

use crate::line::Span;

use super::world::{NotSeen, Seen};

/// What stands in place of a secret.
const HIDDEN: &str = "****";

/// Parts of a name that say that its value is secret, in upper case.
const SECRET_NAMES: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "API-KEY",
    "ACCESS_KEY",
    "ACCESS-KEY",
    "PRIVATE_KEY",
    "PRIVATE-KEY",
    "CREDENTIAL",
];

/// Names that contain a secret name and are none.
const NOT_SECRET: &[&str] = &["FILE", "PATH", "PROMPT", "STDIN"];

/// Names that are secret as a whole or after `_` or `-`; as a part they are in too many others.
const SECRET_ENDS: &[&str] = &["PASS", "PWD", "AUTH"];

/// Short options whose value is secret, by program.
const SECRET_OPTIONS: &[(&str, &str, Place)] = &[
    ("ipmitool", "-P", Place::Anywhere),
    ("ipmitool", "-k", Place::Anywhere),
    ("ipmitool", "-y", Place::Anywhere),
    ("sshpass", "-p", Place::Anywhere),
    ("redis-cli", "-a", Place::Anywhere),
    ("ldapsearch", "-w", Place::Anywhere),
    ("ldapmodify", "-w", Place::Anywhere),
    ("ldapdelete", "-w", Place::Anywhere),
    ("mongo", "-p", Place::Anywhere),
    ("mongosh", "-p", Place::Anywhere),
    ("sqlcmd", "-P", Place::Anywhere),
    ("mysql", "-p", Place::Glued),
    ("mysqladmin", "-p", Place::Glued),
    ("mysqldump", "-p", Place::Glued),
    ("mariadb", "-p", Place::Glued),
    ("mariadb-admin", "-p", Place::Glued),
    ("mariadb-dump", "-p", Place::Glued),
    ("mysqlcheck", "-p", Place::Glued),
    ("mysqlimport", "-p", Place::Glued),
    ("mysqlshow", "-p", Place::Glued),
    ("mysqlpump", "-p", Place::Glued),
    ("mysqlsh", "-p", Place::Glued),
    (LOGIN, "-p", Place::Anywhere),
    ("curl", "-u", Place::AfterColon),
    ("curl", "--user", Place::AfterColon),
];

/// The subcommand of container tools that takes a password.
const LOGIN: &str = "login";

/// Where an option's secret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Glued to it or in the next word.
    Anywhere,
    /// Glued to it alone.
    Glued,
    /// Glued to it or in the next word, after a user's name and a colon.
    AfterColon,
}

/// A masked text, and the spans of the original moved along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Masked {
    /// The text.
    pub text: String,
    /// The spans given, in the same order.
    pub spans: Vec<Span>,
}

/// Masks `text` and moves `spans`, byte positions in it, along.
#[must_use]
pub fn line(text: &str, spans: &[Span]) -> Masked {
    let secrets = secrets(text);
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for secret in &secrets {
        masked.push_str(text.get(from..secret.start).unwrap_or_default());
        masked.push_str(HIDDEN);
        from = secret.end;
    }
    masked.push_str(text.get(from..).unwrap_or_default());
    let spans = spans
        .iter()
        .map(|span| {
            Span::new(
                moved(span.start, &secrets, Edge::Start),
                moved(span.end, &secrets, Edge::End),
            )
        })
        .collect();
    Masked {
        text: masked,
        spans,
    }
}

/// Masks what a probe saw, for the screen; its value stays, to be judged and called.
#[must_use]
pub fn seen(seen: Seen) -> Seen {
    match seen {
        Seen::Value { value, lines, more } => Seen::Value {
            value,
            lines: lines.iter().map(|line| text(line)).collect(),
            more,
        },
        Seen::NotSeen(NotSeen::Status { status, said }) => Seen::NotSeen(NotSeen::Status {
            status,
            said: text(&said),
        }),
        other => other,
    }
}

/// Masks a text of which no positions matter.
#[must_use]
pub fn text(text: &str) -> String {
    line(text, &[]).text
}

/// Which end of a span is moved: one inside a secret goes to the near edge of what hides it.
#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

/// Where byte `at` of the original stands in the masked text.
fn moved(at: usize, secrets: &[Span], edge: Edge) -> usize {
    let mut gained = 0;
    let mut lost = 0;
    for secret in secrets {
        if at >= secret.end {
            gained += HIDDEN.len();
            lost += secret.end - secret.start;
        } else if at > secret.start {
            let near = match edge {
                Edge::Start => secret.start,
                Edge::End => secret.start + HIDDEN.len(),
            };
            return (near + gained).saturating_sub(lost);
        }
    }
    (at + gained).saturating_sub(lost)
}

/// Finds the secrets, in order, without overlap.
fn secrets(text: &str) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let words = words(text);
    let mut next = None;
    let mut program = "";
    let mut before = "";
    let mut end = 0;
    for word in &words {
        let Some(typed) = text.get(word.start..word.end) else {
            continue;
        };
        let between = text.get(end..word.start).unwrap_or_default();
        end = word.end;
        if between.contains([';', '|', '&', '(', ')', '\n']) {
            (program, before, next) = ("", "", None);
        }
        let base = typed.rsplit('/').next().unwrap_or(typed);
        if base != LOGIN && SECRET_OPTIONS.iter().any(|(name, ..)| *name == base) {
            program = base;
        }
        // Of these, `-p` is a password only there: `docker run -p 80:80`.
        if base == "login"
            && matches!(
                before,
                "docker" | "podman" | "nerdctl" | "buildah" | "skopeo" | "helm" | "oras"
            )
        {
            program = LOGIN;
        }
        if !typed.starts_with('-') {
            before = base;
        }
        if let Some(place) = next.take()
            && (place != Place::Anywhere || !typed.starts_with('-'))
        {
            found.extend(secret_part(typed, *word, place));
            continue;
        }
        if let Some(span) = value_in(typed, word.start) {
            found.push(span);
        } else if let Some((option, place)) = secret_option(program, typed) {
            // Before what the name says: `-psecret` is `-p` with its value.
            let value = Span::new(word.start + option.len(), word.end);
            if program == "sshpass" {
                // What follows is another program's: `ssh -p 22`.
                program = "";
            }
            match typed.get(option.len()..).unwrap_or_default() {
                "" => next = (place != Place::Glued).then_some(place),
                glued => found.extend(secret_part(glued, value, place)),
            }
        } else if is_secret_flag(typed) {
            next = Some(Place::Anywhere);
        }
        let lower = typed.to_ascii_lowercase();
        if lower.ends_with("bearer") || lower.ends_with("basic") {
            next = Some(Place::Anywhere);
        }
    }
    found
}

/// Returns which secret option of `program` the word is, or begins with where it is a short one.
fn secret_option(program: &str, typed: &str) -> Option<(&'static str, Place)> {
    SECRET_OPTIONS
        .iter()
        .find(|(name, option, _)| {
            let is_short = !option.starts_with("--");
            *name == program && (typed == *option || is_short && typed.starts_with(option))
        })
        .map(|(_, option, place)| (*option, *place))
}

/// The secret in an option's value, `span`.
fn secret_part(typed: &str, span: Span, place: Place) -> Option<Span> {
    let inner = inside_quotes(typed, span);
    if place != Place::AfterColon {
        return Some(inner);
    }
    let start = span.start + typed.find(':')? + 1;
    (start < inner.end).then(|| Span::new(start, inner.end))
}

/// The secret within one word: `NAME=value`, `--flag=value`, `scheme://user:password@`.
fn value_in(typed: &str, start: usize) -> Option<Span> {
    if let Some(scheme) = typed.find("://") {
        let rest = typed.get(scheme + 3..)?;
        let authority = rest.split(['/', '?', '#']).next()?;
        if let Some(at) = authority.rfind('@')
            && let Some(colon) = authority.get(..at)?.find(':')
        {
            let from = start + scheme + 3;
            return (colon + 1 < at).then(|| Span::new(from + colon + 1, from + at));
        }
    }
    let equals = typed.find('=')?;
    let name = typed.get(..equals)?.trim_start_matches(['\'', '"']);
    if !is_secret_name(name.trim_start_matches('-')) {
        return None;
    }
    let value = Span::new(start + equals + 1, start + typed.len());
    let inner = inside_quotes(typed.get(equals + 1..)?, value);
    (inner.start < inner.end).then_some(inner)
}

/// Whether a flag's value is the next word.
fn is_secret_flag(typed: &str) -> bool {
    typed.starts_with('-') && !typed.contains('=') && is_secret_name(typed.trim_start_matches('-'))
}

/// Whether a name says that its value is secret.
fn is_secret_name(name: &str) -> bool {
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let upper = name.to_ascii_uppercase();
    let has_end = |end: &&str| {
        let before = upper.strip_suffix(*end);
        before.is_some_and(|before| {
            before.is_empty() && **end != *"PWD" || before.ends_with(['_', '-'])
        })
    };
    is_name
        && (SECRET_NAMES.iter().any(|secret| upper.contains(secret))
            || SECRET_ENDS.iter().any(has_end))
        && !NOT_SECRET.iter().any(|harmless| upper.ends_with(harmless))
}

/// The span without quotes at its ends, so that the line still reads as one.
fn inside_quotes(typed: &str, span: Span) -> Span {
    let first = typed.chars().next();
    let is_quoted =
        typed.len() >= 2 && first == typed.chars().last() && matches!(first, Some('\'' | '"'));
    if is_quoted {
        Span::new(span.start + 1, span.end - 1)
    } else {
        span
    }
}

/// Splits at blanks outside quotes; good enough to find values, whatever the shell makes of it.
/// Within a quoted text (`bash -c "…"`) words are looked for as well.
fn words(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') if is_value_quote(text, at, c) => {
                start.get_or_insert(at);
                quote = Some(c);
            }
            // A quote that opens or closes a longer text is looked into like a blank.
            (None, '\'' | '"') => {
                found.extend(start.take().map(|start| Span::new(start, at)));
            }
            (None, c) if c.is_whitespace() || ";|&()".contains(c) => {
                if let Some(start) = start.take() {
                    found.push(Span::new(start, at));
                }
            }
            _ => {
                start.get_or_insert(at);
            }
        }
    }
    if let Some(start) = start {
        found.push(Span::new(start, text.len()));
    }
    found
}

/// Whether the quote at `at` surrounds a value (after `=`, or after a secret flag) and not a text
/// of several words.
fn is_value_quote(text: &str, at: usize, quote: char) -> bool {
    let before = text.get(..at).unwrap_or_default();
    if before.ends_with('=') {
        return true;
    }
    let previous = before.split_whitespace().next_back().unwrap_or_default();
    let rest = text.get(at + 1..).unwrap_or_default();
    let inner = rest.split(quote).next().unwrap_or_default();
    is_secret_flag(previous)
        || SECRET_OPTIONS
            .iter()
            .any(|(_, option, _)| *option == previous)
        || !inner.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, masked: &str) {
        assert_eq!(text(typed), masked, "{typed}");
    }

    #[test]
    fn values_of_secret_flags_and_names_are_hidden() {
        check(
            "mysql --password=hunter2 shop",
            "mysql --password=**** shop",
        );
        check("x --db-password hunter2 y", "x --db-password **** y");
        check(
            "AWS_SECRET_ACCESS_KEY=abc GH_TOKEN='a b' run",
            "AWS_SECRET_ACCESS_KEY=**** GH_TOKEN='****' run",
        );
        check(
            "bash -c 'PGPASSWORD=x psql'",
            "bash -c 'PGPASSWORD=**** psql'",
        );
        check("x --token \"a b\" y", "x --token \"****\" y");
        check(
            "curl -H 'Authorization: Bearer abc.def' u",
            "curl -H 'Authorization: Bearer ****' u",
        );
    }

    #[test]
    fn values_of_short_options_that_are_secret_are_hidden() {
        check(
            "sudo /usr/bin/ipmitool -H b -U op -P hunter2 power off",
            "sudo /usr/bin/ipmitool -H b -U op -P **** power off",
        );
        check(
            "ipmitool -Phunter2 -y 'ab cd' sol",
            "ipmitool -P**** -y '****' sol",
        );
        check("mysql -phunter2 -p shop", "mysql -p**** -p shop");
        // A password that looks like a flag with a secret name.
        check(
            "mysqladmin -psecret123 shutdown",
            "mysqladmin -p**** shutdown",
        );
        check(
            "docker login -u ann -p x reg; docker run -p 80:80 i",
            "docker login -u ann -p **** reg; docker run -p 80:80 i",
        );
        check("login -p ann", "login -p ann");
        check(
            "sshpass -p x ssh -p 22 mx1",
            "sshpass -p **** ssh -p 22 mx1",
        );
        check(
            "sshpass -p x ssh mx1 reboot",
            "sshpass -p **** ssh mx1 reboot",
        );
        check("mysql; ssh -p22 mx1", "mysql; ssh -p22 mx1");
        check(
            "curl -u op:x -uop:y -u op z",
            "curl -u op:**** -uop:**** -u op z",
        );
        check(
            "MYSQL_PWD=x DB_PASS=y PASS=z a",
            "MYSQL_PWD=**** DB_PASS=**** PASS=**** a",
        );
        check(
            "PWD=/tmp a --bypass x --auth y",
            "PWD=/tmp a --bypass x --auth ****",
        );
    }

    #[test]
    fn passwords_in_urls_are_hidden() {
        check(
            "psql postgresql://op:hunter2@db1/shop",
            "psql postgresql://op:****@db1/shop",
        );
        check(
            "git clone https://github.com/a/b",
            "git clone https://github.com/a/b",
        );
        check("curl http://h:80/a@b", "curl http://h:80/a@b");
    }

    #[test]
    fn names_that_only_sound_secret_stay() {
        check("x --password-file /etc/p", "x --password-file /etc/p");
        check("reboot -f", "reboot -f");
        check("TOKEN=", "TOKEN=");
        check("x --password -y", "x --password -y");
    }

    #[test]
    fn spans_move_along() {
        let masked = line(
            "A_TOKEN=abcdefgh reboot now",
            &[Span::new(17, 27), Span::new(8, 12)],
        );
        assert_eq!(masked.text, "A_TOKEN=**** reboot now");
        assert_eq!(masked.spans, [Span::new(13, 23), Span::new(8, 12)]);
    }
}
