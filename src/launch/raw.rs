//! The arguments and the environment as the kernel gave them, and the calls that replace the
//! process by a command.
//!
//! The only unsafe file on the plain path. Bytes are handed on as they are: no argument and no
//! variable is copied, sorted, decoded or dropped.

#![expect(
    unsafe_code,
    reason = "the raw argv and environ exist only as C pointers"
)]

use std::ffi::{CStr, CString, OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt as _;
use std::ptr;

use nix::errno::Errno;
use nix::libc;

/// The arguments of the process: number 0 is the gate's own name.
#[derive(Debug, Clone, Copy)]
pub struct RawArgs {
    /// How many there are.
    count: usize,
    /// `count` pointers to C strings and a null pointer, as `main` got them.
    argv: *const *const c_char,
}

impl RawArgs {
    /// Returns the arguments of `main`.
    ///
    /// # Safety
    /// `argv` points to `argc` C strings and a null pointer; all of them live, unchanged, as long
    /// as the process.
    #[must_use]
    pub unsafe fn of_main(argc: c_int, argv: *const *const c_char) -> Self {
        Self {
            count: usize::try_from(argc).unwrap_or(0),
            argv,
        }
    }

    /// Returns how many arguments there are, the gate's own name included.
    #[must_use]
    pub fn count(self) -> usize {
        self.count
    }

    /// Returns argument `index`, from 0.
    #[must_use]
    pub fn get(self, index: usize) -> Option<&'static CStr> {
        if index >= self.count {
            return None;
        }
        // SAFETY: `index` is below the number of pointers that `of_main` was promised.
        let place = unsafe { self.argv.add(index) };
        // SAFETY: `place` is one of those pointers.
        let argument = unsafe { *place };
        // SAFETY: they point to C strings that live as long as the process.
        Some(unsafe { CStr::from_ptr(argument) })
    }

    /// Returns the bytes of argument `index`, from 0.
    #[must_use]
    pub fn bytes(self, index: usize) -> Option<&'static [u8]> {
        self.get(index).map(CStr::to_bytes)
    }

    /// Returns the arguments from number `first` on.
    pub fn from(self, first: usize) -> impl Iterator<Item = &'static OsStr> {
        (first..self.count).filter_map(move |index| self.bytes(index).map(OsStr::from_bytes))
    }
}

/// Returns whether the process was given rights that its caller lacks (setuid, setgid, file
/// capabilities), so that nothing of its environment may be trusted.
#[must_use]
pub fn is_privileged() -> bool {
    // SAFETY: `getauxval` takes any number and touches no memory of ours.
    let secure = unsafe { libc::getauxval(libc::AT_SECURE) };
    secure != 0
}

/// Returns the path of the program as the caller named it to the kernel: a link's own, not that of
/// the file behind it, and not what stands as argument 0. `None` where the kernel does not say.
#[must_use]
pub fn executed() -> Option<&'static CStr> {
    // SAFETY: `getauxval` takes any number and touches no memory of ours.
    let path = unsafe { libc::getauxval(libc::AT_EXECFN) };
    // The kernel's number is an address; 0 where there is none.
    let path: *const c_char = ptr::with_exposed_provenance(usize::try_from(path).ok()?);
    // SAFETY: the kernel put a C string there, above the environment, where nothing writes.
    (!path.is_null()).then(|| unsafe { CStr::from_ptr(path) })
}

/// Replaces the process by the arguments from number `first` on, found as a shell would find them,
/// with the process's own environment as it came. Returns only where that failed.
pub(super) fn exec_tail(args: RawArgs, first: usize) -> Errno {
    if first >= args.count {
        return Errno::ENOENT;
    }
    // SAFETY: `first` is below the number of pointers.
    let tail = unsafe { args.argv.add(first) };
    // SAFETY: as above.
    let program = unsafe { *tail };
    // SAFETY: `tail` is a null-terminated array of C strings, `program` its first; `environ` is as
    // the kernel built it, for nothing in this program sets variables.
    unsafe { libc::execvp(program, tail) };
    Errno::last()
}

/// Replaces the process by the program at this path with all of its own arguments, its name among
/// them as it came, and its own environment. Returns only where that failed.
pub(super) fn exec_as(program: &CStr, args: RawArgs) -> Errno {
    // SAFETY: a C string, and the null-terminated array of C strings that `of_main` was promised;
    // `environ` is as the kernel built it. A path with a `/` is not looked for.
    unsafe { libc::execvp(program.as_ptr(), args.argv) };
    Errno::last()
}

/// Replaces the process by `/bin/sh -c` with argument `line` as the text and what follows it as
/// the text's own arguments (`$0`, `$1`, …). Returns only where that failed.
pub(super) fn exec_line(args: RawArgs, line: usize) -> Errno {
    let mut argv = vec![c"sh".as_ptr(), c"-c".as_ptr()];
    // A text that begins like an option would be taken for one.
    if let Some([b'-' | b'+', ..]) = args.bytes(line) {
        argv.push(c"--".as_ptr());
    }
    argv.extend((line..args.count()).filter_map(|index| args.get(index).map(CStr::as_ptr)));
    argv.push(ptr::null());
    // SAFETY: `argv` is a null-terminated array of C strings that outlive the call.
    unsafe { libc::execv(c"/bin/sh".as_ptr(), argv.as_ptr()) };
    Errno::last()
}

/// Replaces the process by the program at this path, with the process's own environment as it came.
/// Returns only where that failed.
pub(super) fn exec_path(program: &CStr, argv: &[CString]) -> Errno {
    let mut pointers: Vec<*const c_char> = argv.iter().map(|word| word.as_ptr()).collect();
    pointers.push(ptr::null());
    // SAFETY: `pointers` is a null-terminated array of C strings that outlive the call.
    unsafe { libc::execv(program.as_ptr(), pointers.as_ptr()) };
    Errno::last()
}

/// Returns the arguments behind these pointers, of which the last is null.
#[cfg(test)]
pub(super) fn of_pointers(argv: &[*const c_char]) -> RawArgs {
    let count = c_int::try_from(argv.len() - 1).unwrap();
    // SAFETY: tests give static C strings and a null pointer, and use them while `argv` lives.
    unsafe { RawArgs::of_main(count, argv.as_ptr()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_end_where_the_count_says() {
        let argv = [c"kanmon".as_ptr(), c"\xff\xfe".as_ptr(), ptr::null()];
        let args = of_pointers(&argv);
        assert_eq!(args.bytes(1), Some(b"\xff\xfe".as_slice()));
        assert_eq!(args.bytes(2), None);
        assert_eq!(args.from(1).count(), 1);
    }
}
