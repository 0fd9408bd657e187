//! What a test case says of the world, as facts and variables. What it does not say is unknown.

use chrono::{DateTime, Utc};

use crate::door::understand::Variables;
use crate::line::{Content, Word};
use crate::policy::Facts;
use crate::policy::facts::{self, Around, Earlier, Fact, History, Ran};
use crate::policy::pack::cases::Context;

/// The context of a case.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'c>(pub(super) &'c Context);

/// Returns names that may be unknown.
fn names(names: Option<&Vec<String>>) -> Fact {
    names.map_or(Fact::Unknown, |names| Fact::Known(names.clone()))
}

/// Returns one name that may be unknown.
fn one(name: Option<&String>) -> Fact {
    name.map_or(Fact::Unknown, |name| Fact::Known(vec![name.clone()]))
}

impl Facts for Known<'_> {
    fn host(&self, typed: Option<&str>) -> Fact {
        let own = self.0.host.as_ref();
        let Some(typed) = typed else {
            return names(own);
        };
        // As on a real host: the name that is typed, and what else that host is called.
        let mut found = vec![typed.to_owned()];
        let is_typed = |name: &String| name.eq_ignore_ascii_case(typed);
        let also = self.0.hosts.get(typed).into_iter().flatten();
        found.extend(also.cloned());
        if let Some(own) = own.filter(|own| own.iter().any(is_typed)) {
            found.extend(own.iter().filter(|name| !is_typed(name)).cloned());
        }
        Fact::Known(found)
    }

    fn user(&self) -> Fact {
        one(self.0.user.as_ref())
    }

    fn login(&self) -> Fact {
        one(self.0.login.as_ref())
    }

    fn groups(&self) -> Fact {
        names(self.0.group.as_ref())
    }

    fn cwd(&self) -> Fact {
        one(self.0.cwd.as_ref())
    }

    fn ssh_from(&self) -> Fact {
        match self.0.ssh_from.as_deref() {
            Some("") => Fact::Known(Vec::new()),
            _ => one(self.0.ssh_from.as_ref()),
        }
    }

    fn tty(&self) -> Option<bool> {
        self.0.tty
    }

    fn variable(&self, name: &str) -> Fact {
        match self.0.env.get(name) {
            None => Fact::Unknown,
            Some(value) => Fact::Known(value.iter().cloned().collect()),
        }
    }

    fn now(&self) -> Option<DateTime<Utc>> {
        self.0.time
    }

    fn context(&self, around: Around<'_>) -> Fact {
        let target = &around.invocation.target;
        typed_or(target.context.as_ref(), self.0.context.as_ref())
    }

    fn namespace(&self, around: Around<'_>) -> Fact {
        let target = &around.invocation.target;
        typed_or(target.namespace.as_ref(), self.0.namespace.as_ref())
    }

    fn account(&self, around: Around<'_>) -> Fact {
        let target = &around.invocation.target;
        typed_or(target.account.as_ref(), self.0.account.as_ref())
    }

    fn branch(&self, _around: Around<'_>) -> Fact {
        names(self.0.branch.as_ref())
    }

    fn history(&self) -> Option<&dyn History> {
        Some(self)
    }
}

impl History for Known<'_> {
    fn ran(&self, _earlier: Earlier<'_>, failed: bool) -> Option<bool> {
        match self.0.ran.as_deref()? {
            "failed" => Some(true),
            "ok" => Some(!failed),
            _ => Some(false),
        }
    }

    fn last(&self, _earlier: Earlier<'_>, _failed: bool) -> Option<Ran> {
        None
    }

    fn declined(&self, _earlier: Earlier<'_>) -> Option<usize> {
        self.0.declined
    }
}

/// Returns what the line says, or where it says nothing what the case does.
fn typed_or(word: Option<&Word>, known: Option<&Vec<String>>) -> Fact {
    match word {
        Some(word) => facts::typed(Some(word)),
        None => names(known),
    }
}

impl Variables for Known<'_> {
    fn variable(&self, name: &str) -> Option<Option<String>> {
        self.0.env.get(name).cloned()
    }

    fn file(&self, path: &str) -> Option<Content> {
        let text = self.0.files.get(path)?;
        Some(Content::Text(text.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn known(names: &[&str]) -> Fact {
        Fact::Known(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn what_a_case_does_not_say_is_unknown() {
        let context = Context::default();
        let facts = Known(&context);
        assert_eq!(facts.host(None), Fact::Unknown);
        assert_eq!(facts.host(Some("mx1")), known(&["mx1"]));
        assert_eq!(facts.user(), Fact::Unknown);
        assert_eq!(facts.ssh_from(), Fact::Unknown);
        assert_eq!(facts.tty(), None);
        assert_eq!(facts.now(), None);
        assert_eq!(Facts::variable(&facts, "A"), Fact::Unknown);
        assert_eq!(Variables::variable(&facts, "A"), None);
        assert_eq!(facts.file("x.sh"), None);
    }

    #[test]
    fn what_a_case_says_is_known() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let context = Context {
            host: Some(names(&["mx1", "mx1.example.com"])),
            hosts: BTreeMap::from([("db".to_owned(), names(&["db1.example.com"]))]),
            ssh_from: Some(String::new()),
            env: BTreeMap::from([
                ("A".to_owned(), Some("1".to_owned())),
                ("B".to_owned(), None),
            ]),
            ..Context::default()
        };
        let facts = Known(&context);
        assert_eq!(facts.host(None), known(&["mx1", "mx1.example.com"]));
        assert_eq!(facts.host(Some("MX1")), known(&["MX1", "mx1.example.com"]));
        assert_eq!(facts.host(Some("db")), known(&["db", "db1.example.com"]));
        assert_eq!(facts.ssh_from(), known(&[]));
        assert_eq!(Facts::variable(&facts, "A"), known(&["1"]));
        assert_eq!(Facts::variable(&facts, "B"), known(&[]));
        assert_eq!(Variables::variable(&facts, "B"), Some(None));
    }
}
