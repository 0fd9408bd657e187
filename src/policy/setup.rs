//! What stands beside the rules: each door's profile, and what the operator has to know of the
//! files that the rules came from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::judge::Profile;
use super::pack::Sink;

/// The doors that can have a profile of their own, and the one that each has by itself.
pub const DOORS: [(&str, Profile); 6] = [
    ("prefix", Profile::Production),
    ("hook", Profile::Workstation),
    ("shim", Profile::Production),
    ("ssh", Profile::Production),
    ("sudo", Profile::Production),
    ("agent", Profile::Workstation),
];

/// What stands beside the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// Profiles that the system's configuration sets, by door.
    pub profiles: BTreeMap<String, Profile>,
    /// The team's store, as a URL.
    pub store: Option<String>,
    /// What every hold says.
    pub notices: Vec<Notice>,
    /// Who is told of runs.
    pub sinks: Vec<Sink>,
}

impl Setup {
    /// Returns the profile of a door.
    #[must_use]
    pub fn profile(&self, door: &str) -> Profile {
        let own = DOORS.iter().find(|(name, _)| *name == door);
        let own = own.map_or(Profile::Production, |(_, profile)| *profile);
        self.profiles.get(door).copied().unwrap_or(own)
    }
}

/// Something about rule files that every hold says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// A file cannot be used; its last good version counts.
    Replaced {
        /// The file.
        file: String,
        /// The first mistake, as `LINE:COLUMN: what`, or why it is not trusted.
        why: String,
    },
    /// A file cannot be used and has no good version: what it may guard is held.
    Out {
        /// The file.
        file: String,
        /// The first mistake, as `LINE:COLUMN: what`, or why it is not trusted.
        why: String,
    },
    /// A compiled set is not used: its files were read instead.
    NotCompiled {
        /// The compiled file.
        file: String,
        /// Why not.
        why: NotUsed,
    },
    /// The user's folder is somebody else's and counts for nothing.
    Foreign {
        /// The folder.
        folder: String,
        /// Whose it is.
        owner: u32,
    },
    /// A project folder counts for nothing.
    Project {
        /// The folder.
        folder: String,
        /// Whether it was trusted with another content.
        changed: bool,
    },
}

/// Why a compiled set of rules is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotUsed {
    /// There is none.
    Missing,
    /// This file or folder is not as it was when it was compiled.
    Changed(String),
    /// A file had been changed so shortly before that a later change may not show.
    Recent,
    /// Another version of the program made it.
    OtherVersion,
    /// It is not whole.
    Damaged,
    /// It cannot be read, or others could have written it.
    Distrusted(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_has_its_own_profile_unless_the_system_sets_another() {
        let mut setup = Setup::default();
        assert_eq!(setup.profile("prefix"), Profile::Production);
        assert_eq!(setup.profile("hook"), Profile::Workstation);
        assert_eq!(setup.profile("drill"), Profile::Production);
        setup
            .profiles
            .insert(String::from("prefix"), Profile::Workstation);
        assert_eq!(setup.profile("prefix"), Profile::Workstation);
    }
}
