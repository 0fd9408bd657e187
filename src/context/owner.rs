//! Whose a file is, and who else could have written it.
//!
//! In: owner and mode as an open handle told them. What sudo and sshd ask of their files: the owner
//! is one of those that may be trusted, and neither group nor others can write.

/// Mode bits that let others than the owner write.
pub const OTHERS_WRITE: u32 = 0o022;

/// Mode bits of a folder in which everyone may write.
pub const WORLD_WRITES: u32 = 0o002;

/// The sticky bit: in such a folder only a file's owner can rename or remove it.
pub const STICKY: u32 = 0o1000;

/// Why a file is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// It belongs to another user.
    #[error("it belongs to user {0}; use `chown` or move it away")]
    Owner(u32),
    /// Others than its owner can write it; the permission bits.
    #[error("others can write it (mode {0:04o}); use `chmod go-w`")]
    Mode(u32),
}

/// Checks that one of `owners` has it and nobody else can write it.
///
/// # Errors
/// Where that is not so.
pub fn check(owner: u32, mode: u32, owners: &[u32]) -> Result<(), Distrust> {
    if !owners.contains(&owner) {
        return Err(Distrust::Owner(owner));
    }
    if mode & OTHERS_WRITE != 0 {
        return Err(Distrust::Mode(mode & 0o7777));
    }
    Ok(())
}

/// Returns whether everyone can rename what lies in a folder of this mode.
#[must_use]
pub fn all_can_swap(mode: u32) -> bool {
    mode & WORLD_WRITES != 0 && mode & STICKY == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owners_may_write() {
        assert_eq!(check(0, 0o100_644, &[0]), Ok(()));
        assert_eq!(check(1000, 0o100_600, &[0, 1000]), Ok(()));
        assert_eq!(check(1000, 0o100_644, &[0]), Err(Distrust::Owner(1000)));
        assert_eq!(check(0, 0o100_664, &[0]), Err(Distrust::Mode(0o664)));
        assert_eq!(check(0, 0o041_777, &[0]), Err(Distrust::Mode(0o1777)));
    }

    #[test]
    fn in_a_sticky_folder_names_stay() {
        assert!(all_can_swap(0o777));
        assert!(!all_can_swap(0o1777) && !all_can_swap(0o775));
    }
}
