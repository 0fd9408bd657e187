//! Who gave something, and whether that is the asker. Pure.
//!
//! What stands in for a person is a file; its owner is the giver, and an asker's own never counts
//! (promise 4). Root is a role that many persons take, so behind root's number the one who logged in
//! counts, where the kernel's audit knows them:
//!
//! | asker | who that is |
//! | --- | --- |
//! | `ann` | ann |
//! | `ann` after `su bob` | ann and bob |
//! | `ann` after `sudo`, login known | ann |
//! | root's login, root's cron job, a daemon of root | root |
//! | `sudo` where the login is not known | root, and whom sudo names |
//!
//! A file of root's is root's, or its maker's where it says who had logged in: only root can have
//! written that. In any other file such a claim adds a giver and takes none away.

use std::collections::BTreeSet;

use super::world::Who;

/// Who gave something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Giver {
    /// Owner of the file.
    pub owner: u32,
    /// Who had logged in when it was made, as the file claims.
    pub login: Option<u32>,
    /// What the person is called.
    pub name: String,
}

impl Giver {
    /// Returns whether the asker, under any of their numbers, is the giver.
    #[must_use]
    pub fn is_asker(&self, who: &Who) -> bool {
        !self.persons().is_disjoint(&asker(who))
    }

    /// Returns whether two things were given by the same person.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        !self.persons().is_disjoint(&other.persons())
    }

    /// The number of the person, where several stand for it the login's.
    #[must_use]
    pub fn person(&self) -> u32 {
        match self.login {
            Some(login) if self.owner == 0 => login,
            _ => self.owner,
        }
    }

    /// All numbers under which the giver is known.
    fn persons(&self) -> BTreeSet<u32> {
        match self.login {
            Some(login) if self.owner == 0 && login != 0 => [login].into(),
            login => login.into_iter().chain([self.owner]).collect(),
        }
    }
}

/// Who said yes to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approver {
    /// A user of this host, the owner of a file.
    User(Giver),
    /// A role that logged in at the team's store. The store knows which roles are one person's.
    Role(String),
}

impl Approver {
    /// Returns whether the asker, under any of their numbers or names, said it.
    #[must_use]
    pub fn is_asker(&self, who: &Who) -> bool {
        match self {
            Self::User(giver) => giver.is_asker(who),
            Self::Role(name) => names(who).contains(&name.to_lowercase()),
        }
    }

    /// Returns whether two were said by the same person.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User(one), Self::User(other)) => one.is_same(other),
            (Self::Role(one), Self::Role(other)) => one == other,
            (Self::User(_), Self::Role(_)) | (Self::Role(_), Self::User(_)) => false,
        }
    }

    /// Returns whether it is a role that many persons take.
    #[must_use]
    pub fn is_root(&self) -> bool {
        matches!(self, Self::User(giver) if giver.owner == 0)
    }

    /// Returns what they are called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User(giver) => &giver.name,
            Self::Role(name) => name,
        }
    }
}

/// Returns all names under which somebody is known who is here, in lower case. Where the login is known, root
/// is a role that they took, as others do.
#[must_use]
pub fn names(who: &Who) -> Vec<String> {
    let is_person_known = who.login_uid.is_some_and(|login| login != 0);
    let is_role = |uid: u32| uid == 0 && is_person_known;
    let all = [
        Some(&who.login_user),
        (!is_role(who.uid)).then_some(&who.real_user),
        (!is_role(who.euid)).then_some(&who.effective_user),
        Some(&who.sudo_user),
    ];
    let mut names: Vec<String> = Vec::new();
    for name in all.into_iter().flatten().map(|name| name.to_lowercase()) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// All numbers under which the asker is known. A variable only adds one: it proves nothing.
fn asker(who: &Who) -> BTreeSet<u32> {
    let is_person_behind_root = who.uid == 0 && who.login_uid.is_some_and(|login| login != 0);
    let real = (!is_person_behind_root).then_some(who.uid);
    [real, who.login_uid, who.sudo_uid]
        .into_iter()
        .flatten()
        .collect()
}

/// Returns whether the asker has this name, under any of theirs. What another host gave is known by names.
#[must_use]
pub fn is_named(who: &Who, name: &str) -> bool {
    let is_person_behind_root = who.uid == 0 && who.login_uid.is_some_and(|login| login != 0);
    let real = if is_person_behind_root {
        ""
    } else {
        &who.real_user
    };
    let names = [real, &who.login_user, &who.sudo_user];
    let is_same = |known: &&str| !known.is_empty() && known.eq_ignore_ascii_case(name);
    names.iter().any(is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asker: real user, login, whom sudo names.
    fn who(uid: u32, login_uid: Option<u32>, sudo_uid: Option<u32>) -> Who {
        Who {
            uid,
            login_uid,
            sudo_uid,
            ..Who::default()
        }
    }

    #[track_caller]
    fn check(owner: u32, login: Option<u32>, who: &Who, is_own: bool) {
        let giver = Giver {
            owner,
            login,
            name: String::new(),
        };
        assert_eq!(giver.is_asker(who), is_own, "{giver:?} {who:?}");
    }

    const ANN: u32 = 4001;
    const BOB: u32 = 4002;

    #[test]
    fn ones_own_is_found_under_each_number() {
        check(ANN, None, &who(ANN, Some(ANN), None), true);
        check(BOB, None, &who(ANN, Some(ANN), None), false);
        // ann after `su bob`.
        check(BOB, None, &who(BOB, Some(ANN), None), true);
        check(ANN, None, &who(BOB, Some(ANN), None), true);
        // Without audit logins the real user alone is known.
        check(ANN, None, &who(ANN, None, None), true);
        check(BOB, None, &who(ANN, None, None), false);
    }

    #[test]
    fn behind_sudo_stands_a_person() {
        let ann_as_root = who(0, Some(ANN), Some(ANN));
        check(ANN, None, &ann_as_root, true);
        check(BOB, None, &ann_as_root, false);
        // Made with sudo: the maker counts.
        check(0, Some(ANN), &ann_as_root, true);
        check(0, Some(BOB), &ann_as_root, false);
        check(0, None, &ann_as_root, false);
        // Where no login is known sudo's word only adds.
        check(ANN, None, &who(0, None, Some(ANN)), true);
        check(0, None, &who(0, None, Some(ANN)), true);
        check(BOB, None, &who(0, None, Some(ANN)), false);
    }

    #[test]
    fn roots_own_is_no_others() {
        let login = who(0, Some(0), None);
        let cron = who(0, None, None);
        for root in [&login, &cron] {
            check(0, None, root, true);
            check(0, Some(0), root, true);
            check(0, Some(ANN), root, false);
            check(ANN, None, root, false);
        }
        check(0, None, &who(ANN, Some(ANN), None), false);
    }

    #[test]
    fn a_claim_in_a_users_file_takes_nobody_away() {
        check(ANN, Some(BOB), &who(ANN, Some(ANN), None), true);
        check(ANN, Some(BOB), &who(BOB, Some(BOB), None), true);
    }
}
