//! Which hosts an invocation acts on, where the line does not simply name one: programs that go to
//! many (`pssh`, `ansible`), hosts that `xargs` and `parallel` hand on, names in variables.
//!
//! After the walk, over finished invocations: most lines have none of it.

use super::hosts;
use super::options::{Opt, Scan};
use super::unwrap::Call;
use super::walk::is_all_unknown;
use super::{
    Content, Fan, Fed, Givens, Inner, Invocation, Lore, Moves, Needs, Piece, Via, Word, Wrapper,
};

/// Wrappers that run a command once for each of the words that they are given.
const HANDING_ON: [&str; 3] = ["xargs", "gxargs", "parallel"];

/// Fills [`Target::fan`](super::Target::fan) of all that needs it; what files of hosts are missing
/// goes to `needs`.
pub(super) fn settle(
    invocations: &mut [Invocation],
    needs: &mut Needs,
    lore: &dyn Lore,
    givens: &Givens,
) {
    let all = &*invocations;
    let mut found = Vec::new();
    for (number, invocation) in all.iter().enumerate() {
        let Some(at) = host_via(invocation) else {
            continue;
        };
        let mut asker = Asker {
            invocation,
            at,
            all,
            lore,
            givens,
            needs,
        };
        if let Some(fan) = asker.fan() {
            found.push((number, fan));
        }
    }
    for (number, fan) in found {
        if let Some(invocation) = invocations.get_mut(number) {
            invocation.target.many |= fan.hosts.as_ref().is_some_and(|hosts| hosts.len() > 1);
            invocation.target.fan = Some(fan);
        }
    }
}

/// Returns the number of the wrapper that decides on the host.
fn host_via(invocation: &Invocation) -> Option<usize> {
    let mut vias = invocation.via.iter();
    vias.rposition(|via| via.moves == Some(Moves::Host))
}

/// Asks one invocation for its hosts.
struct Asker<'a> {
    invocation: &'a Invocation,
    /// The wrapper that decides on the host.
    at: usize,
    all: &'a [Invocation],
    lore: &'a dyn Lore,
    givens: &'a Givens,
    needs: &'a mut Needs,
}

impl<'a> Asker<'a> {
    /// Returns the hosts, where they are not one that the line names.
    fn fan(&mut self) -> Option<Fan> {
        let via = self.invocation.via.get(self.at)?;
        let wrappers = self.lore.wrappers(&via.name);
        if let Some(wrapper) = wrappers.iter().find(|wrapper| wrapper.many) {
            return Some(self.listed(via, wrapper));
        }
        let host = self.invocation.target.host.as_ref()?;
        let handed = self.handing_on();
        // `parallel` leaves its braces to itself.
        let is_open = |word: &Word| handed.is_some() && word.shown() == "{}";
        if host.is_known() && !is_open(host) {
            return None;
        }
        let items = handed.and_then(|at| self.items(at));
        Some(Fan {
            hosts: items.and_then(|items| filled(host, &items)),
            said: String::new(),
        })
    }

    /// Returns what a wrapper that goes to many says of them.
    fn listed(&mut self, via: &Via, wrapper: &Wrapper) -> Fan {
        let (words, own) = self.own_args(self.at, via, wrapper);
        let target = &self.invocation.target;
        let call = Call {
            wrapper,
            words: self.lore.words(&via.name),
            name: &via.name,
            argv: &words,
            target,
        };
        let scan = call.reader().scan(&own, usize::MAX);
        let mut said = Vec::new();
        let mut listed = Some(Vec::new());
        let each = &wrapper.each;
        let mut add = |more: Option<Vec<String>>| match (&mut listed, more) {
            (Some(all), Some(more)) => all.extend(more),
            (listed, _) => *listed = None,
        };
        for option in &scan.options {
            let Opt { name, value, .. } = option;
            if each.list.contains(name) {
                let text = value.as_ref().map(Word::shown).unwrap_or_default();
                add(hosts::of_list(&text));
                said.push(text);
            } else if each.rest.contains(name) {
                let words = value.iter().chain(behind(option, &scan, &own));
                let text: Vec<String> = words.map(Word::shown).collect();
                let text = text.join(" ");
                add(hosts::of_list(&text));
                said.push(text);
            } else if each.file.contains(name) {
                let text = value.as_ref().map(Word::shown).unwrap_or_default();
                add(value.as_ref().and_then(|path| self.file(path, self.at)));
                said.push(text);
            } else if each.not.contains(name) {
                add(None);
                said.push(value.as_ref().map_or_else(|| name.clone(), Word::shown));
            }
        }
        if said.is_empty()
            && let Some(host) = &target.host
        {
            let text = host.shown();
            let mut flags = scan.options.iter();
            let is_list = flags.any(|option| each.when.contains(&option.name));
            add(hosts::of_list(&text).filter(|_| is_list));
            said.push(text);
        }
        let said = said.join(" ");
        let is_sayable = !said.contains('…');
        let listed = listed.map(|listed| hosts::each_once(listed.into_iter()));
        Fan {
            // A program that is given no host finds its own, and an empty list may be filled yet.
            hosts: listed.filter(|listed| is_sayable && !listed.is_empty()),
            said: if is_sayable { said } else { String::new() },
        }
    }

    /// Returns the wrapper's whole argv as far as it is its own, and the arguments in it.
    fn own_args(&self, at: usize, via: &Via, wrapper: &Wrapper) -> (Vec<Word>, Vec<Word>) {
        let ends_before = matches!(wrapper.inner, Some(Inner::Rest | Inner::IfFlag { .. }));
        let words = match self.call(at) {
            // What is in the value of an option may have more options behind it.
            Some(call) if !ends_before => {
                let program = std::iter::once(&call.program);
                program.chain(&call.args).cloned().collect()
            }
            _ => via.words.clone(),
        };
        let own = words.get(1..).unwrap_or_default().to_vec();
        (words, own)
    }

    /// Returns the call of the wrapper `at`.
    fn call(&self, at: usize) -> Option<&'a Invocation> {
        let via = self.invocation.via.get(at)?;
        let before = self.invocation.via.get(..at)?;
        let program = via.words.first()?;
        let mut all = self.all.iter();
        all.find(|call| call.name == via.name && call.program == *program && call.via == before)
    }

    /// Returns the number of the wrapper that hands on words, one for each command.
    fn handing_on(&self) -> Option<usize> {
        let before = self.invocation.via.get(..self.at)?;
        let at = before
            .iter()
            .rposition(|via| HANDING_ON.contains(&via.name.as_str()))?;
        let between = before.get(at..)?;
        let stays = |via: &Via| via.moves != Some(Moves::Host);
        between.iter().all(stays).then_some(at)
    }

    /// Returns the words that the wrapper `at` hands on one by one.
    fn items(&mut self, at: usize) -> Option<Vec<String>> {
        let via = self.invocation.via.get(at)?;
        let call = self.call(at)?;
        let own: Vec<String> = via.words.iter().skip(1).map(Word::shown).collect();
        let is_split_otherwise = |word: &String| {
            word.starts_with("-d")
                || word.starts_with("--delim")
                || word == "-0"
                || word == "--null"
        };
        if own.iter().any(is_split_otherwise) {
            return None;
        }
        // One row each, or with `-n 1` one word each.
        let mut is_by_row = own.iter().map(|word| is_by_row(word));
        let split = match via.name == "parallel" || is_by_row.any(|is_so| is_so) {
            true => hosts::rows,
            false => hosts::words,
        };
        if via.name == "parallel" {
            if let Some(colons) = call.args.iter().position(|word| word.shown() == ":::") {
                let items = call.args.get(colons + 1..)?.iter().map(Word::known);
                let items: Vec<String> = items.collect::<Option<_>>()?;
                let has_more = items.iter().any(|item| item.starts_with(":::"));
                return (!has_more).then(|| hosts::each_once(items.into_iter()));
            }
        } else if !own.iter().any(|word| is_one_by_one(word)) && !has_value(&own, "1") {
            return None;
        }
        let file = own.iter().zip(own.iter().skip(1));
        let mut files = file.filter(|(option, _)| matches!(option.as_str(), "-a" | "--arg-file"));
        if let Some((_, path)) = files.next() {
            let word = via.words.iter().find(|word| word.shown() == *path)?;
            return split(self.text(word, at)?);
        }
        match &call.fed {
            Fed::Text(word) => split(&word.known()?),
            Fed::File(path) => split(self.text(path, at)?),
            Fed::Nothing | Fed::Unknown => None,
        }
    }

    /// Returns the hosts in a file that the wrapper `at` reads.
    fn file(&mut self, path: &Word, at: usize) -> Option<Vec<String>> {
        hosts::of_file(self.text(path, at)?)
    }

    /// Returns the text of a file; asks for it where it lies on the host that reads the line.
    fn text(&mut self, path: &Word, at: usize) -> Option<&'a str> {
        let before = self.invocation.via.get(..at)?;
        let is_here = |via: &Via| !matches!(via.moves, Some(Moves::Host | Moves::Container));
        let has_moved = |call: &Invocation| matches!(call.name.as_str(), "cd" | "pushd" | "popd");
        let path = path.known().filter(|path| !path.is_empty())?;
        let is_elsewhere = !path.starts_with('/') && self.all.iter().any(has_moved);
        if path == "-" || is_elsewhere || !before.iter().all(is_here) {
            return None;
        }
        match self.givens.files.get(&path) {
            Some(Content::Text(text)) => Some(text),
            Some(Content::Nothing | Content::Unseen) => None,
            None => {
                self.needs.hosts.insert(path);
                None
            }
        }
    }
}

/// Returns the operands right behind an option.
fn behind<'w>(option: &Opt, scan: &Scan, args: &'w [Word]) -> impl Iterator<Item = &'w Word> {
    let next = option.at + 1 + usize::from(!option.glued);
    let rest = args.get(next..).unwrap_or_default().iter().enumerate();
    let operands = scan.operands.clone();
    rest.take_while(move |(number, _)| operands.contains(&(next + number)))
        .map(|(_, word)| word)
}

/// Returns whether a word of `xargs` says that each row has a command of its own.
fn is_by_row(word: &str) -> bool {
    word.starts_with("-I")
        || word.starts_with("-i")
        || word.starts_with("--replace")
        || matches!(word, "-L1" | "-L" | "--max-lines=1" | "--max-lines")
}

/// Returns whether a word of `xargs` says that each row or word has a command of its own.
fn is_one_by_one(word: &str) -> bool {
    matches!(word, "-n1" | "--max-args=1") || (is_by_row(word) && word != "-L")
}

/// Returns whether `-n` or `-L` has this value as a word of its own.
fn has_value(own: &[String], value: &str) -> bool {
    let pairs = own.iter().zip(own.iter().skip(1));
    let mut pairs = pairs.filter(|(option, _)| {
        matches!(option.as_str(), "-n" | "-L" | "--max-args" | "--max-lines")
    });
    pairs.any(|(_, said)| said == value)
}

/// Returns the host's word with each item in place of what is not known of it.
fn filled(host: &Word, items: &[String]) -> Option<Vec<String>> {
    if is_all_unknown(host) || host.shown() == "{}" {
        return Some(items.to_vec());
    }
    let unknown = host
        .pieces
        .iter()
        .filter(|piece| matches!(piece, Piece::Unknown { .. }));
    if unknown.count() != 1 {
        return None;
    }
    let shown = host.shown();
    let (before, after) = shown.split_once('…')?;
    let hosts = items.iter().map(|item| format!("{before}{item}{after}"));
    Some(hosts.collect())
}
