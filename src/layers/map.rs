//! Maps a compiled set of rules into memory.
//!
//! The mapping stays until the process ends or becomes the command: what is read of the rules
//! points into it.

#![expect(unsafe_code, reason = "a file is mapped through a C pointer")]

use std::num::NonZeroUsize;
use std::os::fd::BorrowedFd;

use nix::errno::Errno;
use nix::sys::mman::{MapFlags, ProtFlags, mmap};

/// Maps the first `length` bytes of an open file for reading.
///
/// The caller has checked that only those who may replace this program can write the file; they
/// replace it by renaming and never write into it (a cut would end the gate by SIGBUS, which lets
/// nothing run).
pub(super) fn map(file: BorrowedFd<'_>, length: usize) -> Result<&'static [u8], Errno> {
    let length = NonZeroUsize::new(length).ok_or(Errno::EINVAL)?;
    // SAFETY: the kernel chooses the place, so nothing is mapped over; `file` is open.
    let start = unsafe {
        mmap(
            None,
            length,
            ProtFlags::PROT_READ,
            MapFlags::MAP_PRIVATE,
            file,
            0,
        )
    }?;
    // SAFETY: `length` bytes from `start` on are mapped, readable, and never unmapped.
    Ok(unsafe { std::slice::from_raw_parts(start.as_ptr().cast::<u8>(), length.get()) })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::AsFd as _;

    use super::*;

    #[test]
    fn a_file_is_seen_as_it_is() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"kanmon").unwrap();
        assert_eq!(map(file.as_fd(), 6), Ok(b"kanmon".as_slice()));
        assert_eq!(map(file.as_fd(), 0), Err(Errno::EINVAL));
    }
}
