//! A held line where nobody can answer.

use std::ffi::c_int;

use super::{Bringing, OuterUsed, Parts};
use crate::gate::not_cleared::NotCleared;
use crate::gate::permit::Missing;
use crate::gate::world::LedgerError;
use crate::gate::{self, Asked, Gone, Ledger, World};
use crate::probe::ProbeRunner;
use crate::text::{Language, gate as say, words};
use crate::ui;

impl Bringing<'_> {
    /// A held line where nobody can answer: cleared where permits stand in for all that would be
    /// asked; else recorded, refused, and the way out is named.
    pub(super) fn nobody(
        &self,
        asked: &Asked<'_>,
        gone: Gone,
        mut ledger: Result<Box<dyn Ledger>, LedgerError>,
        parts: &mut Parts<'_>,
    ) -> Result<c_int, OuterUsed> {
        let language = self.request.language;
        let mut missing = Vec::new();
        if let (Ok(ledger), Gone::NoTerminal) = (&mut ledger, gone) {
            let (given, clock) = (&mut *parts.given, parts.clock);
            match gate::covered(asked, given, ledger.as_mut(), clock, &self.who) {
                Ok(covered) => {
                    missing = gate::missing(asked, &self.who, &covered);
                    if missing.is_empty() && !covered.used.is_empty() {
                        return self.unattended(asked, ledger.as_mut(), parts);
                    }
                }
                Err(error) => return Ok(self.not_cleared(&NotCleared::Ledger(error))),
            }
        }
        let clock = parts.clock;
        for hit in &self.plan.hits {
            let title = hit.rule.title.in_language(language.tag());
            ui::notice(&say::held_by(language, &hit.rule.id, title));
            for freeze in &hit.frozen {
                ui::notice(&ui::frozen(freeze, language));
            }
        }
        for warning in &asked.warnings {
            ui::notice(&gate::mask::text(warning));
        }
        let reason = NotCleared::Gone(gone);
        let recorded = ledger.and_then(|mut ledger| {
            gate::not_asked(asked, &reason, ledger.as_mut(), clock, &self.who)
        });
        if let Err(error) = recorded {
            return Ok(self.not_cleared(&NotCleared::Ledger(error)));
        }
        let status = self.not_cleared(&reason);
        if !self.request.what.may_ask() {
            ui::notice(&say::sudo_may_not_ask(language));
        }
        for (rule, target, steps) in by_hit(&missing, language) {
            let steps = steps.join(language.comma());
            ui::notice(&say::permit_would_clear(language, steps, rule, target));
        }
        Ok(status)
    }

    /// Walks a line that permits or an outer door's clearance alone clear, and starts it.
    pub(super) fn unattended(
        &self,
        asked: &Asked<'_>,
        ledger: &mut dyn Ledger,
        parts: &mut Parts<'_>,
    ) -> Result<c_int, OuterUsed> {
        let mut probes = ProbeRunner::new(parts.clock);
        let walked = gate::walk(
            asked,
            &mut World {
                operator: &mut ui::Nobody::new(self.request.language),
                probes: &mut probes,
                ledger,
                given: parts.given,
                clock: parts.clock,
                who: &self.who,
            },
        );
        self.go_on(walked, Ok(()), asked, probes, ledger, parts)
    }
}

/// What is missing, by rule and target.
fn by_hit(missing: &[Missing], language: Language) -> Vec<(&str, &str, Vec<String>)> {
    let mut found: Vec<(&str, &str, Vec<String>)> = Vec::new();
    for each in missing {
        let step = words::of(words::STEPS, each.stand.name(), language);
        let is_it = |(rule, target, _): &&mut (&str, &str, Vec<String>)| {
            *rule == each.rule && *target == each.target
        };
        match found.iter_mut().find(is_it) {
            Some((_, _, steps)) => steps.push(step),
            None => found.push((&each.rule, &each.target, vec![step])),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::permit::Stand;

    #[test]
    fn steps_are_named_in_the_operator_s_language() {
        let missing = [Stand::Checklist, Stand::Cooldown, Stand::Call].map(|stand| Missing {
            rule: "t.critical".to_owned(),
            target: "mx1".to_owned(),
            stand,
        });
        let named = |language| {
            let found = by_hit(&missing, language);
            let [(_, _, steps)] = &found[..] else {
                panic!("{found:?}")
            };
            steps.join(language.comma())
        };
        assert_eq!(named(Language::English), "checklist, cooldown, call");
        assert_eq!(
            named(Language::Japanese),
            "チェックリスト、待機、指差し確認"
        );
    }
}
