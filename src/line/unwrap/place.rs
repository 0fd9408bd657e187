//! Where what a wrapper runs takes effect.

use super::super::knowledge::TargetFrom;
use super::super::options::{Scan, set_target};
use super::super::{Moves, Span, Target, Word};
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
                TargetFrom::Options(names) => {
                    let said = scan
                        .options
                        .iter()
                        .rev()
                        .find(|option| names.contains(&option.name));
                    said.and_then(|option| option.value.clone())
                }
                TargetFrom::Operand(name) => {
                    let number = self.wrapper.operands.iter().position(|known| known == name);
                    let at = number.and_then(|number| scan.operands.get(n_verb + number));
                    at.and_then(|at| args.get(*at)).cloned()
                }
            };
            if let Some(value) = value {
                set_target(&mut target, *key, value);
            }
        }
        target
    }
}
