//! The rule files of one folder as they are now, and a compiled set put beside them.

use std::ffi::{CStr, CString};
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::time::Duration;

use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use crate::gate::Clock;
use crate::policy::setup::NotUsed;

use super::folder::{Folder, Refusal, shown};
use super::map::map;
use super::settle::Found;
use super::stamp::Stamp;

/// Files and folders that were looked at, with what they were like.
pub(super) type Stamps = Vec<(CString, Stamp)>;

/// How long a compile waits at most until no file counts as recently changed.
const SETTLING: Duration = Duration::from_millis(2_200);
/// How long it waits at once.
const BREATH: Duration = Duration::from_millis(50);

/// Reads the rule files of a folder. `inside` leads to it from where stamps are asked, and `path` is
/// what people call it.
pub(super) fn read(
    rules: &Folder,
    inside: &[u8],
    path: &str,
    stamps: &mut Stamps,
) -> Result<Vec<Found>, Refusal> {
    let mut files = Vec::new();
    for name in rules.rule_files()? {
        let read = rules.read(&name);
        let inside = [inside, name.to_bytes()].concat();
        // Names of entries have no zero byte.
        stamps.extend(CString::new(inside).ok().map(|inside| (inside, read.stamp)));
        files.push(Found {
            name: format!("{path}/{}", shown(&name)),
            text: read.text,
            refused: read.refused.map(|refused| refused.to_string()),
        });
    }
    Ok(files)
}

/// Reads with `read` once none of the files was just changed; says whether one still was in the end.
pub(super) fn at_rest<T>(clock: &dyn Clock, read: impl Fn() -> (T, Stamps)) -> (T, Stamps, bool) {
    let begun = clock.now().boot;
    loop {
        let now = clock.now();
        let nanoseconds = now.utc.timestamp_nanos_opt().map_or(0, i128::from);
        let (what, stamps) = read();
        let recent = stamps.iter().any(|(_, stamp)| stamp.is_recent(nanoseconds));
        if !recent || now.boot.saturating_sub(begun) > SETTLING {
            return (what, stamps, recent);
        }
        wait(BREATH);
    }
}

/// Waits.
#[expect(
    clippy::disallowed_methods,
    reason = "nobody is asked anything meanwhile: files are to come to rest"
)]
fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Maps a compiled set that lies in a folder.
pub(super) fn map_set(folder: &Folder, name: &CStr) -> Result<&'static [u8], NotUsed> {
    let distrusted = |refusal: Refusal| NotUsed::Distrusted(refusal.to_string());
    let opened = folder.open_file(name).map_err(distrusted)?;
    let (handle, stat) = opened.ok_or(NotUsed::Missing)?;
    folder.check(&stat).map_err(distrusted)?;
    let length = usize::try_from(stat.st_size).unwrap_or(0);
    map(handle.as_fd(), length).map_err(|_| NotUsed::Damaged)
}

/// Puts a file in place: whole and on disk under another name, then renamed.
pub(super) fn replace(folder: &Folder, name: &CStr, mode: u32, content: &[u8]) -> io::Result<()> {
    let dir = folder.as_fd();
    let next = CString::new([b".", name.to_bytes(), b".new"].concat())?;
    // What one left that was killed.
    let _gone = unlinkat(dir, next.as_c_str(), UnlinkatFlags::NoRemoveDir);
    let flags =
        OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mode = Mode::from_bits_truncate(mode);
    let handle = openat(dir, next.as_c_str(), flags, mode)?;
    // Whatever the umask is here.
    fchmod(&handle, mode)?;
    let mut file = std::fs::File::from(handle);
    file.write_all(content)?;
    file.sync_all()?;
    renameat(dir, next.as_c_str(), dir, name)?;
    Ok(fsync(dir)?)
}
