//! Lists of hosts as programs are given them: separated names, ranges in brackets, files.

use std::collections::BTreeSet;

/// The most hosts that are counted; the number of more is not known.
const MAX_HOSTS: usize = 4096;

/// Returns the hosts of a list (`web[01-20],db1`, `a b`), each once; nothing where only the program
/// knows what a part of it stands for.
pub(super) fn of_list(text: &str) -> Option<Vec<String>> {
    let mut hosts = Vec::new();
    for item in items(text) {
        if !is_named(item) {
            return None;
        }
        hosts.extend(spread(item, MAX_HOSTS)?);
        if hosts.len() > MAX_HOSTS {
            return None;
        }
    }
    let hosts = hosts.iter().map(|host| bare(host).to_owned());
    Some(each_once(hosts))
}

/// Returns the hosts in a file, one a row, without comments; what follows the first word of a row
/// is about it.
pub(super) fn of_file(text: &str) -> Option<Vec<String>> {
    let rows = text.lines().filter_map(|row| {
        let row = row.split('#').next().unwrap_or_default();
        row.split_whitespace().next()
    });
    let mut hosts = Vec::new();
    for row in rows {
        hosts.extend(of_list(row)?);
        if hosts.len() > MAX_HOSTS {
            return None;
        }
    }
    Some(each_once(hosts.into_iter()))
}

/// Returns the words of a text, each once.
pub(super) fn words(text: &str) -> Option<Vec<String>> {
    few(each_once(text.split_whitespace().map(str::to_owned)))
}

/// Returns the rows of a text without blanks around them, each once.
pub(super) fn rows(text: &str) -> Option<Vec<String>> {
    few(each_once(text.lines().map(|row| row.trim().to_owned())))
}

/// Returns the texts where they are not too many.
fn few(texts: Vec<String>) -> Option<Vec<String>> {
    (texts.len() <= MAX_HOSTS).then_some(texts)
}

/// Returns texts without those that came before; host names have no case.
pub(super) fn each_once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    texts
        .filter(|text| !text.is_empty() && seen.insert(text.to_lowercase()))
        .collect()
}

/// Splits a list at commas and blanks that are not in brackets.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let separates = move |c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == ',' || c.is_whitespace())
    };
    text.split(separates).filter(|item| !item.is_empty())
}

/// Returns whether an item is made of what names and ranges are made of. `^file`, `@group`, `-x`,
/// `/pattern/`, `!x`, `a*` are none.
fn is_named(item: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || "._-:[],/@".contains(c);
    item.chars().all(is_plain) && item.starts_with(|c: char| c.is_alphanumeric() || c == '[')
}

/// Returns a host without user and port.
fn bare(host: &str) -> &str {
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    match host.split_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Returns what a name with ranges in brackets stands for, at most `limit`.
fn spread(item: &str, limit: usize) -> Option<Vec<String>> {
    let Some((before, rest)) = item.split_once('[') else {
        return (!item.contains(']')).then(|| vec![item.to_owned()]);
    };
    let (inside, after) = rest.split_once(']')?;
    let tails = spread(after, limit)?;
    let mut found = Vec::new();
    for part in inside.split(',') {
        for number in range(part, limit)? {
            for tail in &tails {
                found.push(format!("{before}{number}{tail}"));
                if found.len() > limit {
                    return None;
                }
            }
        }
    }
    Some(found)
}

/// Returns the numbers of `7`, `01-20` or `1-9/2`, as wide as the first is written.
fn range(part: &str, limit: usize) -> Option<Vec<String>> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
        None => (part, 1),
    };
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let width = first.len();
    let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    if last.checked_sub(first)? / step >= limit {
        return None;
    }
    let numbers = (first..=last).step_by(step);
    Some(numbers.map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[&str]>) {
        let found = of_list(text);
        let found = found
            .as_ref()
            .map(|hosts| hosts.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn a_list_of_hosts_is_counted_as_the_programs_read_it() {
        check("web1", Some(&["web1"]));
        check("a,b a,,A", Some(&["a", "b"]));
        check("root@a:22 op@b", Some(&["a", "b"]));
        check("web[1-3]", Some(&["web1", "web2", "web3"]));
        check(
            "web[08-10,12],db1",
            Some(&["web08", "web09", "web10", "web12", "db1"]),
        );
        check("r[1-2]n[1-2]", Some(&["r1n1", "r1n2", "r2n1", "r2n2"]));
        check("n[0-6/3]x", Some(&["n0x", "n3x", "n6x"]));
        check("app/0,app/1", Some(&["app/0", "app/1"]));
        check("", Some(&[]));
    }

    #[test]
    fn what_only_the_program_knows_is_not_counted() {
        for text in [
            "^hosts",
            "@web",
            "a,-b",
            "/web/",
            "web*",
            "a!b",
            "web[1-",
            "web]1",
            "w[a-c]",
            "w[3-1]",
            "w[1-9/0]",
            "w[0-9999]",
            "web:&prod",
            "a,…",
        ] {
            check(text, None);
        }
        check(&"n[0-99]".repeat(3), None);
    }

    #[test]
    fn a_file_of_hosts_has_one_a_row() {
        let text = "# all\nweb1\n\nroot@web2:2222 root # x\n  web[3-4]\nweb1\n";
        let hosts = of_file(text).unwrap();
        assert_eq!(hosts, ["web1", "web2", "web3", "web4"]);
        assert_eq!(of_file("web1\n@group\n"), None);
        assert_eq!(of_file("# none\n").unwrap(), [""; 0]);
    }
}
