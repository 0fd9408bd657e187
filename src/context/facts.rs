//! Answers what conditions ask about the place where the gate stands.

use std::cell::OnceCell;
use std::fmt;

use nix::unistd::{getegid, getgroups};

use crate::gate::Who;
use chrono::{DateTime, Utc};

use crate::policy::Facts;
use crate::policy::facts::{Around, Fact, History};

use super::environment::Environment;
use super::{branch, clock, cloud, host, kube, users};

/// The facts of this process and this host, read only when a condition asks: most lines that need
/// a reading meet none.
#[derive(Default)]
pub struct SystemFacts {
    environment: OnceCell<Environment>,
    who: OnceCell<Who>,
    history: Option<Box<dyn History>>,
    now: Option<DateTime<Utc>>,
}

impl fmt::Debug for SystemFacts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("SystemFacts");
        shown.field("who", &self.who).finish_non_exhaustive()
    }
}

impl SystemFacts {
    /// Returns the facts of the one who asks.
    #[must_use]
    pub fn new(who: Who, environment: Environment) -> Self {
        Self {
            environment: environment.into(),
            who: who.into(),
            history: None,
            now: None,
        }
    }

    /// Lets them know of earlier runs too.
    #[must_use]
    pub fn and_history(mut self, history: Box<dyn History>) -> Self {
        self.history = Some(history);
        self
    }

    /// Returns facts that know of earlier runs too.
    #[must_use]
    pub fn with_history(history: Box<dyn History>) -> Self {
        Self {
            history: Some(history),
            ..Self::default()
        }
    }

    /// Returns facts of this time; else the clock is read where a condition asks.
    #[must_use]
    pub fn at(self, now: DateTime<Utc>) -> Self {
        Self {
            now: Some(now),
            ..self
        }
    }

    /// Returns the variables; a condition on one of them asks nobody who is here.
    fn environment(&self) -> &Environment {
        self.environment.get_or_init(Environment::of_process)
    }

    /// Returns who asks.
    fn who(&self) -> &Who {
        let read = || super::who::who(self.environment());
        self.who.get_or_init(read)
    }
}

impl Facts for SystemFacts {
    fn host(&self, typed: Option<&str>) -> Fact {
        if self.who().host.is_empty() {
            return Fact::Unknown;
        }
        let own = host::names(&self.who().host);
        Fact::Known(match typed {
            None => own,
            Some(typed) => names_of(typed, own),
        })
    }

    fn user(&self) -> Fact {
        Fact::Known(vec![self.who().effective_user.clone()])
    }

    fn login(&self) -> Fact {
        known(&self.who().login_user)
    }

    fn groups(&self) -> Fact {
        let Ok(mut groups) = getgroups() else {
            return Fact::Unknown;
        };
        let own = getegid();
        if !groups.contains(&own) {
            groups.push(own);
        }
        let names = groups
            .into_iter()
            .map(|group| users::group_name(group.as_raw()));
        Fact::Known(names.collect())
    }

    fn cwd(&self) -> Fact {
        // What was not text was replaced when it was read, and must not fit a pattern by that.
        if self.who().cwd.contains(char::REPLACEMENT_CHARACTER) {
            return Fact::Unknown;
        }
        known(&self.who().cwd)
    }

    fn ssh_from(&self) -> Fact {
        let Who {
            ssh_from,
            login_user,
            real_user,
            ..
        } = self.who();
        if !ssh_from.is_empty() {
            return Fact::Known(vec![ssh_from.clone()]);
        }
        // `sudo` and `su` take the variable away.
        if !login_user.is_empty() && login_user != real_user {
            return Fact::Unknown;
        }
        Fact::Known(Vec::new())
    }

    fn tty(&self) -> Option<bool> {
        Some(!self.who().terminal.is_empty())
    }

    fn variable(&self, name: &str) -> Fact {
        match self.environment().raw(name) {
            None => Fact::Known(Vec::new()),
            Some(value) => value
                .to_str()
                .map_or(Fact::Unknown, |value| Fact::Known(vec![value.to_owned()])),
        }
    }

    fn now(&self) -> Option<DateTime<Utc>> {
        Some(self.now.unwrap_or_else(clock::wall))
    }

    fn context(&self, around: Around<'_>) -> Fact {
        kube::context(around)
    }

    fn namespace(&self, around: Around<'_>) -> Fact {
        kube::namespace(around)
    }

    fn account(&self, around: Around<'_>) -> Fact {
        cloud::account(around)
    }

    fn branch(&self, around: Around<'_>) -> Fact {
        branch::branch(around)
    }

    fn history(&self) -> Option<&dyn History> {
        self.history.as_deref()
    }
}

/// Returns one value; where the host does not say it, it is unknown.
fn known(value: &str) -> Fact {
    if value.is_empty() {
        Fact::Unknown
    } else {
        Fact::Known(vec![value.to_owned()])
    }
}

/// Returns the names of the host that the line calls `typed`: the name itself, and this host's own
/// where it is one of them.
fn names_of(typed: &str, own: Vec<String>) -> Vec<String> {
    let is_own = host::is_self(typed) || own.iter().any(|name| name.eq_ignore_ascii_case(typed));
    let mut names = vec![typed.to_owned()];
    if is_own {
        names.extend(own.into_iter().filter(|name| name != typed));
    }
    names
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn facts(change: impl FnOnce(&mut Who)) -> SystemFacts {
        let mut who = Who {
            real_user: "ann".to_owned(),
            effective_user: "root".to_owned(),
            login_user: "ann".to_owned(),
            host: "mx1".to_owned(),
            terminal: "/dev/pts/0".to_owned(),
            cwd: "/srv".to_owned(),
            ..Who::default()
        };
        change(&mut who);
        let odd = OsString::from_vec(vec![0xff]);
        let environment = [("A", OsString::from("1")), ("ODD", odd)];
        SystemFacts::new(who, environment.into_iter().collect())
    }

    fn one(value: &str) -> Fact {
        Fact::Known(vec![value.to_owned()])
    }

    #[test]
    fn what_the_host_says_is_known() {
        let facts = facts(|_| {});
        assert_eq!(facts.user(), one("root"));
        assert_eq!(facts.login(), one("ann"));
        assert_eq!(facts.cwd(), one("/srv"));
        assert_eq!(facts.tty(), Some(true));
        assert_eq!(facts.ssh_from(), Fact::Known(vec![]));
    }

    #[test]
    fn what_the_host_does_not_say_is_unknown() {
        let facts = facts(|who| {
            who.login_user.clear();
            who.host.clear();
            who.cwd = "/srv/\u{fffd}".to_owned();
        });
        assert_eq!(facts.login(), Fact::Unknown);
        assert_eq!(facts.host(None), Fact::Unknown);
        assert_eq!(facts.cwd(), Fact::Unknown);
    }

    #[test]
    fn after_a_change_of_user_the_ssh_origin_is_unknown() {
        let facts = facts(|who| who.real_user = "root".to_owned());
        assert_eq!(facts.ssh_from(), Fact::Unknown);
    }

    #[test]
    fn a_variable_is_one_value_none_or_unknown() {
        let facts = facts(|_| {});
        assert_eq!(facts.variable("A"), one("1"));
        assert_eq!(facts.variable("NOT_SET"), Fact::Known(vec![]));
        assert_eq!(facts.variable("ODD"), Fact::Unknown);
    }

    #[test]
    fn a_typed_name_brings_this_hosts_names_where_it_is_one() {
        let own = || vec!["mx1".to_owned(), "mx1.example.com".to_owned()];
        assert_eq!(names_of("db1", own()), ["db1"]);
        assert_eq!(names_of("MX1", own()), ["MX1", "mx1", "mx1.example.com"]);
        assert_eq!(
            names_of("localhost", own()),
            ["localhost", "mx1", "mx1.example.com"]
        );
    }

    #[test]
    fn groups_have_names() {
        let Fact::Known(groups) = facts(|_| {}).groups() else {
            panic!("groups of a process are known");
        };
        assert!(groups.contains(&users::group_name(getegid().as_raw())));
    }
}
