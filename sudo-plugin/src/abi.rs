//! Structures of `sudo_plugin.h`, API 1.15, and strings that come through them.

#![expect(unsafe_code, reason = "reads the strings that sudo points to")]

use std::cell::UnsafeCell;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};

/// Version of the interface that is spoken: 1.15, the first with approval and audit plugins.
pub const API_VERSION: c_uint = (1 << 16) | 15;
/// `SUDO_AUDIT_PLUGIN`.
pub const AUDIT: c_uint = 3;
/// `SUDO_APPROVAL_PLUGIN`.
pub const APPROVAL: c_uint = 4;
/// `SUDO_FRONT_END`: sudo itself, where a plugin is named.
pub const FRONT_END: c_uint = 0;

/// An array of C strings, ended by a null pointer; may itself be null.
pub type Strings = *const *const c_char;
/// A function of sudo's that is never called here.
pub type Unused = *const c_void;
/// Where a message for sudo's log may be put; never used here.
pub type Message = *mut *const c_char;

/// Called before all else; 1 goes on.
pub type Open = unsafe extern "C" fn(
    version: c_uint,
    conversation: Unused,
    printf: Unused,
    settings: Strings,
    user_info: Strings,
    submit_optind: c_int,
    submit_argv: Strings,
    submit_envp: Strings,
    plugin_options: Strings,
    message: Message,
) -> c_int;

/// Called when an audit plugin is told of an accepted command.
pub type Accept = unsafe extern "C" fn(
    plugin_name: *const c_char,
    plugin_type: c_uint,
    command_info: Strings,
    run_argv: Strings,
    run_envp: Strings,
    message: Message,
) -> c_int;

/// Called when an audit plugin is told of a rejected command, or of an error.
pub type Reject = unsafe extern "C" fn(
    plugin_name: *const c_char,
    plugin_type: c_uint,
    audit_message: *const c_char,
    command_info: Strings,
    message: Message,
) -> c_int;

/// `struct approval_plugin`.
#[repr(C)]
#[derive(Debug)]
pub struct ApprovalPlugin {
    /// [`APPROVAL`].
    pub kind: c_uint,
    /// [`API_VERSION`].
    pub version: c_uint,
    /// Begins.
    pub open: Open,
    /// Ends; the command has not run yet.
    pub close: extern "C" fn(),
    /// 1 allows, 0 denies, -1 is an error, which denies too.
    pub check: unsafe extern "C" fn(Strings, Strings, Strings, Message) -> c_int,
    /// `sudo -V`.
    pub show_version: extern "C" fn(c_int) -> c_int,
}

/// `struct audit_plugin`.
#[repr(C)]
#[derive(Debug)]
pub struct AuditPlugin {
    /// [`AUDIT`].
    pub kind: c_uint,
    /// [`API_VERSION`].
    pub version: c_uint,
    /// Begins.
    pub open: Open,
    /// Ends: kind of the status, and the status.
    pub close: extern "C" fn(c_int, c_int),
    /// A command was accepted.
    pub accept: Accept,
    /// A command was rejected.
    pub reject: Reject,
    /// Something went wrong.
    pub error: Reject,
    /// `sudo -V`.
    pub show_version: extern "C" fn(c_int) -> c_int,
    /// None.
    pub register_hooks: Unused,
    /// None.
    pub deregister_hooks: Unused,
    /// None; sudo sets it.
    pub event_alloc: Unused,
}

/// A structure that sudo reads, and in which it writes `event_alloc`: so it lies in memory that can
/// be written. Nothing here reads it.
#[repr(transparent)]
#[derive(Debug)]
pub struct Exported<T>(UnsafeCell<T>);

impl<T> Exported<T> {
    /// Returns it for export.
    pub const fn new(plugin: T) -> Self {
        Self(UnsafeCell::new(plugin))
    }
}

// SAFETY: this crate never looks into it, and sudo has one thread.
unsafe impl<T> Sync for Exported<T> {}

/// Copies an array of C strings.
///
/// # Safety
/// `strings` is null, or points to pointers to C strings of which the last is null.
#[must_use]
pub unsafe fn strings(strings: Strings) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if strings.is_null() {
        return found;
    }
    let mut at = strings;
    loop {
        // SAFETY: not beyond the null pointer at which the array ends.
        let string = unsafe { *at };
        if string.is_null() {
            return found;
        }
        // SAFETY: the caller vouches for a C string.
        let string = unsafe { CStr::from_ptr(string) };
        found.push(string.to_bytes().to_vec());
        // SAFETY: the null pointer has not been reached, so there is one more.
        at = unsafe { at.add(1) };
    }
}

#[cfg(test)]
mod tests {
    use std::ptr::null;

    use super::*;

    #[test]
    fn an_array_ends_at_its_null_pointer() {
        let array = [c"a=1".as_ptr(), c"".as_ptr(), null(), c"beyond".as_ptr()];
        // SAFETY: the third pointer is null.
        let found = unsafe { strings(array.as_ptr()) };
        assert_eq!(found, [b"a=1".to_vec(), Vec::new()]);
        // SAFETY: null is allowed.
        assert_eq!(unsafe { strings(null()) }, Vec::<Vec<u8>>::new());
    }
}
