//! Where what a wrapper runs takes effect.

use super::super::knowledge::TargetFrom;
use super::super::options::{Opt, Scan, set_target};
use super::super::{Moves, Span, Target, TargetKey, Word};
use super::Call;

impl Call<'_> {
    /// Returns where the inside takes effect.
    pub(super) fn inner_target(&self, args: &[Word], scan: &Scan, n_verb: usize) -> Target {
        let outer = self.target;
        let mut target = match self.wrapper.moves {
            Some(Moves::Host) => Target {
                many: outer.many,
                later: outer.later,
                ..Target::default()
            },
            Some(Moves::Container) => Target {
                user: None,
                ..outer.clone()
            },
            Some(Moves::User | Moves::Later) | None => outer.clone(),
        };
        if self.wrapper.moves == Some(Moves::User) {
            // All of them become root where they are not told another user.
            let span = self
                .argv
                .first()
                .map_or_else(Span::default, |word| word.span);
            target.user = Some(Word::plain("root", span));
        }
        target.later |= self.wrapper.moves == Some(Moves::Later);
        target.many |= self.wrapper.many;
        for (key, from) in &self.wrapper.target {
            let value = match from {
                TargetFrom::Options(names) => said_by(names, scan),
                TargetFrom::Operand(name) => {
                    let number = self.wrapper.operands.iter().position(|known| known == name);
                    let at = number.and_then(|number| scan.operands.get(n_verb + number));
                    at.and_then(|at| args.get(*at)).cloned()
                }
            };
            let Some(value) = value else { continue };
            match key {
                TargetKey::Host => {
                    if let Some(value) = address(value) {
                        set_target(&mut target, *key, value);
                    }
                }
                TargetKey::Container => {
                    // `machinectl shell op@web1`
                    let shown = value.shown();
                    let at = shown.find('@').filter(|at| *at > 0);
                    if let Some(at) = at {
                        target.user = Some(value.part(0, at));
                    }
                    set_target(&mut target, *key, value.tail(at.map_or(0, |at| at + 1)));
                }
                _ => set_target(&mut target, *key, value),
            }
        }
        target
    }
}

/// Returns what the options say. Where an entry is `-b=root` (the option without a value stands for
/// that text), the first entry that is there decides; else the last option that is there.
fn said_by(names: &[String], scan: &Scan) -> Option<Word> {
    let value = |option: &Opt| option.value.clone();
    if !names.iter().any(|name| name.contains('=')) {
        let mut said = scan.options.iter().rev();
        let said = said.find(|option| names.contains(&option.name));
        return said.and_then(value);
    }
    names.iter().find_map(|entry| {
        let (name, text) = entry.split_once('=').unwrap_or((entry, ""));
        let mut said = scan.options.iter().rev();
        let option = said.find(|option| option.name == name)?;
        match text.is_empty() {
            true => value(option),
            false => Some(Word::plain(text, option.span)),
        }
    })
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
