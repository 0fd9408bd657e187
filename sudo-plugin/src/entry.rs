//! What sudo calls: the two symbols, and what each call does.
//!
//! In intercept mode sudo asks about what the command starts too; each such command has a gate of
//! its own, and its end is not known.

#![expect(unsafe_code, reason = "the functions and symbols that sudo calls")]

use std::ffi::OsStr;
use std::ffi::{c_char, c_int, c_uint};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::ptr::null;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::abi::{
    API_VERSION, APPROVAL, AUDIT, ApprovalPlugin, AuditPlugin, Exported, FRONT_END, Message,
    Strings, Unused, strings,
};
use crate::gate::{self, Answer, FROM_ASKER, Waiting};
use crate::request::{self, Asker, value};
use crate::{text, trust, typed};

/// Where the gate is, where the option `gate=` does not say otherwise.
const GATE: &str = "/usr/bin/kanmon";
/// sudo's word for yes, and for "go on".
const YES: c_int = 1;
/// sudo's word for no.
const NO: c_int = 0;
/// sudo's word for an error, which denies too.
const ERROR: c_int = -1;

/// The symbol of the approval plugin.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
pub static kanmon_approval: Exported<ApprovalPlugin> = Exported::new(ApprovalPlugin {
    kind: APPROVAL,
    version: API_VERSION,
    open: approval_open,
    close: approval_close,
    check,
    show_version,
});

/// The symbol of the audit plugin.
// SAFETY: nothing else has this name.
#[unsafe(no_mangle)]
pub static kanmon_audit: Exported<AuditPlugin> = Exported::new(AuditPlugin {
    kind: AUDIT,
    version: API_VERSION,
    open: audit_open,
    close: audit_close,
    accept,
    reject,
    error: reject,
    show_version,
    register_hooks: null(),
    deregister_hooks: null(),
    event_alloc: null(),
});

/// What is known between sudo's calls.
#[derive(Debug)]
struct State {
    /// Who asks.
    asker: Asker,
    /// What the gate gets of the asker's environment.
    environment: Vec<(Vec<u8>, Vec<u8>)>,
    /// The gate's file.
    gate: PathBuf,
    /// Gates that cleared a command.
    waiting: Vec<Waiting>,
}

/// The state; sudo calls from one thread.
static STATE: Mutex<Option<State>> = Mutex::new(None);

/// Returns the state, a poisoned one too: after a panic every answer is a no anyway.
fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `call`; a panic in it is `otherwise`, for it must not cross into C.
fn guarded<T>(otherwise: T, call: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or(otherwise)
}

/// Keeps who asks, and how.
unsafe extern "C" fn approval_open(
    version: c_uint,
    _conversation: Unused,
    _printf: Unused,
    settings: Strings,
    user_info: Strings,
    submit_optind: c_int,
    submit_argv: Strings,
    submit_envp: Strings,
    plugin_options: Strings,
    _message: Message,
) -> c_int {
    // SAFETY: sudo's arrays end with a null pointer, here and below.
    let settings = unsafe { strings(settings) };
    // SAFETY: as above.
    let user_info = unsafe { strings(user_info) };
    // SAFETY: as above.
    let typed = unsafe { strings(submit_argv) };
    // SAFETY: as above.
    let submitted = unsafe { strings(submit_envp) };
    // SAFETY: as above.
    let options = unsafe { strings(plugin_options) };
    guarded(ERROR, || {
        if version >> 16 != API_VERSION >> 16 {
            return ERROR;
        }
        let n_options = usize::try_from(submit_optind).unwrap_or(usize::MAX);
        let typed: Vec<_> = typed.into_iter().take(n_options).collect();
        let gate = value(&options, "gate").unwrap_or(GATE.as_bytes());
        let of_asker = |name: &&str| {
            let value = value(&submitted, name)?;
            Some((name.as_bytes().to_vec(), value.to_vec()))
        };
        let mut environment: Vec<_> = FROM_ASKER.iter().filter_map(of_asker).collect();
        // Behind root, sudo's own word on who it was adds one more whose permits do not count.
        if value(&user_info, "uid") == Some(b"0") {
            environment.extend(of_asker(&"SUDO_UID"));
        }
        let mut state = state();
        let waiting = state.take().map(|state| state.waiting);
        *state = Some(State {
            asker: Asker {
                may_ask: typed::may_ask(&settings, &typed),
                user_info,
            },
            environment,
            gate: PathBuf::from(OsStr::from_bytes(gate)),
            waiting: waiting.unwrap_or_default(),
        });
        YES
    })
}

/// The approval plugin is closed before the command runs; the gate waits on.
extern "C" fn approval_close() {}

/// Asks the gate.
unsafe extern "C" fn check(
    command_info: Strings,
    run_argv: Strings,
    run_envp: Strings,
    _message: Message,
) -> c_int {
    // SAFETY: sudo's arrays end with a null pointer, here and below.
    let info = unsafe { strings(command_info) };
    // SAFETY: as above.
    let argv = unsafe { strings(run_argv) };
    // SAFETY: as above.
    let environment = unsafe { strings(run_envp) };
    let answer = guarded(None, || {
        state()
            .as_mut()
            .map(|state| judge(state, &info, &argv, &environment))
    });
    answer.unwrap_or_else(|| {
        guarded((), || text::say(&text::failed(false)));
        NO
    })
}

/// Asks the gate about one command.
fn judge(state: &mut State, info: &[Vec<u8>], argv: &[Vec<u8>], environment: &[Vec<u8>]) -> c_int {
    let is_japanese = text::is_japanese(&state.environment);
    let deny = |said: String| {
        text::say(&said);
        NO
    };
    let Some(records) = request::records(&state.asker, info, argv, environment) else {
        return deny(text::failed(is_japanese));
    };
    let gate = match trust::gate(&state.gate) {
        Ok(gate) => gate,
        Err(broken) => return deny(text::broken(&broken, is_japanese)),
    };
    match gate::ask(&gate, &records, &state.environment) {
        Ok(Answer::Pass) => YES,
        Ok(Answer::Cleared(waiting)) => {
            state.waiting.push(waiting);
            YES
        }
        Ok(Answer::No) => NO,
        Ok(Answer::Died(how)) => deny(text::no_answer(&how, is_japanese)),
        Err(cause) => deny(text::broken(
            &trust::Broken::Missing(gate, cause),
            is_japanese,
        )),
    }
}

/// Nothing is to be kept: the approval plugin does.
unsafe extern "C" fn audit_open(
    version: c_uint,
    _conversation: Unused,
    _printf: Unused,
    _settings: Strings,
    _user_info: Strings,
    _submit_optind: c_int,
    _submit_argv: Strings,
    _submit_envp: Strings,
    _plugin_options: Strings,
    _message: Message,
) -> c_int {
    match version >> 16 == API_VERSION >> 16 {
        true => YES,
        false => ERROR,
    }
}

/// Tells the gate that the command is about to start, once sudo itself says so: other plugins may
/// still refuse it before.
unsafe extern "C" fn accept(
    _plugin_name: *const c_char,
    plugin_type: c_uint,
    _command_info: Strings,
    _run_argv: Strings,
    _run_envp: Strings,
    _message: Message,
) -> c_int {
    guarded(ERROR, || {
        if plugin_type == FRONT_END
            && let Some(state) = state().as_mut()
        {
            state.waiting.iter_mut().for_each(Waiting::started);
        }
        YES
    })
}

/// Another plugin said no, or sudo failed: the end tells the gate.
unsafe extern "C" fn reject(
    _plugin_name: *const c_char,
    _plugin_type: c_uint,
    _audit_message: *const c_char,
    _command_info: Strings,
    _message: Message,
) -> c_int {
    YES
}

/// Tells the gate how the command ended.
extern "C" fn audit_close(kind: c_int, status: c_int) {
    guarded((), || {
        let waiting = state().take().map(|state| state.waiting);
        let mut waiting = waiting.unwrap_or_default().into_iter();
        if let Some(first) = waiting.next() {
            first.ended(kind, status);
        }
        // Of what the command itself started, in intercept mode, sudo does not say how it ended.
        drop(waiting);
    });
}

/// Says its version.
extern "C" fn show_version(_verbose: c_int) -> c_int {
    guarded(ERROR, || {
        let version = concat!(
            "kanmon sudo plugin version ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        );
        let _ = std::io::stdout().write_all(version.as_bytes());
        YES
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_no() {
        assert_eq!(guarded(NO, || [YES].iter().copied().nth(1).unwrap()), NO);
        assert_eq!(guarded(NO, || YES), YES);
    }

    #[test]
    fn a_panic_while_the_state_is_held_leaves_every_later_answer_a_no() {
        guarded((), || {
            let _held = STATE.lock().unwrap();
            panic!("while the state is held");
        });
        assert!(state().is_none());
        // SAFETY: null arrays are empty ones.
        let answer = unsafe { check(null(), null(), null(), std::ptr::null_mut()) };
        assert_eq!(answer, NO);
    }
}
