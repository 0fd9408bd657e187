//! What a condition can ask of the world.

/// A value that a condition asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// All names that the thing has (a host: as typed, its `HostName`, fully qualified).
    Known(Vec<String>),
    /// It cannot be read; never excuses.
    Unknown,
}

/// Answers what conditions ask about the place where the gate stands.
pub trait Facts {
    /// Returns the names of the host that the line calls `typed`; of this host for `None`.
    fn host(&self, typed: Option<&str>) -> Fact;
    /// Returns the effective user's name.
    fn user(&self) -> Fact;
    /// Returns the name under which the operator logged in.
    fn login(&self) -> Fact;
    /// Returns the names of the user's groups.
    fn groups(&self) -> Fact;
    /// Returns the working directory.
    fn cwd(&self) -> Fact;
    /// Returns the address from which the ssh session comes; empty where there is none.
    fn ssh_from(&self) -> Fact;
    /// Returns whether there is a terminal.
    fn tty(&self) -> Option<bool>;
    /// Returns an environment variable; an empty list of names where it is not set.
    fn variable(&self, name: &str) -> Fact;
}

/// Facts of which none is known: `check` without `--here`, and tests of rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct NothingKnown;

impl Facts for NothingKnown {
    fn host(&self, typed: Option<&str>) -> Fact {
        // A name in the line is the target's only name.
        typed.map_or(Fact::Unknown, |name| Fact::Known(vec![name.to_owned()]))
    }
    fn user(&self) -> Fact {
        Fact::Unknown
    }
    fn login(&self) -> Fact {
        Fact::Unknown
    }
    fn groups(&self) -> Fact {
        Fact::Unknown
    }
    fn cwd(&self) -> Fact {
        Fact::Unknown
    }
    fn ssh_from(&self) -> Fact {
        Fact::Unknown
    }
    fn tty(&self) -> Option<bool> {
        None
    }
    fn variable(&self, _name: &str) -> Fact {
        Fact::Unknown
    }
}
