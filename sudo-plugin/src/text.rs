//! What is said where the gate could not be asked, in the asker's language.

use std::io::{self, Write as _};

use crate::trust::Broken;

/// Returns whether the locale that was in force when sudo was typed speaks Japanese.
#[must_use]
pub fn is_japanese(environment: &[(Vec<u8>, Vec<u8>)]) -> bool {
    let names: [&[u8]; 3] = [b"LC_ALL", b"LC_MESSAGES", b"LANG"];
    let values = names.into_iter().filter_map(|name| {
        let found = environment.iter().find(|(key, _)| key == name)?;
        (!found.1.is_empty()).then_some(&found.1)
    });
    values.take(1).any(|value| value.starts_with(b"ja"))
}

/// Returns why the gate could not be asked, and the mend.
#[must_use]
pub fn broken(broken: &Broken, is_japanese: bool) -> String {
    let (english, japanese) = match broken {
        Broken::Missing(path, cause) => (
            format!("the gate {} cannot be started: {cause}", path.display()),
            format!("関門 {} を起動できません: {cause}", path.display()),
        ),
        Broken::NoProgram(path) => (
            format!("the gate {} is not a program", path.display()),
            format!("関門 {} は実行できるファイルではありません", path.display()),
        ),
        Broken::Owner(path, uid) => (
            format!(
                "{0} belongs to user {uid}, not to root; run as root: chown root {0}",
                path.display()
            ),
            format!(
                "{0} の所有者が root ではなくユーザー {uid} です。root で実行: chown root {0}",
                path.display()
            ),
        ),
        Broken::Writable(path, mode) => (
            format!(
                "{0} can be written by others (mode {mode:04o}); run as root: chmod go-w {0}",
                path.display()
            ),
            format!(
                "{0} は root 以外も書き込めます (モード {mode:04o})。root で実行: chmod go-w {0}",
                path.display()
            ),
        ),
    };
    held(&english, &japanese, is_japanese)
}

/// Returns that the gate's answer did not come.
#[must_use]
pub fn no_answer(cause: &str, is_japanese: bool) -> String {
    held(
        &format!("the gate ended without an answer ({cause})"),
        &format!("関門が答えずに終わりました ({cause})"),
        is_japanese,
    )
}

/// Returns that the plugin itself failed.
#[must_use]
pub fn failed(is_japanese: bool) -> String {
    held(
        "the sudo plugin itself failed",
        "sudo プラグイン自体が失敗しました",
        is_japanese,
    )
}

/// Puts the way out behind what is wrong.
fn held(english: &str, japanese: &str, is_japanese: bool) -> String {
    match is_japanese {
        false => format!(
            "kanmon: sudo runs nothing: {english}.\n\
             kanmon: mend that from a root shell (su -, pkexec, the console), \
             or take the plugin out there: kanmonctl sudo remove\n"
        ),
        true => format!(
            "kanmon: sudo は何も実行しません: {japanese}。\n\
             kanmon: root のシェル (su -、pkexec、コンソール) で直すか、\
             そこでプラグインを外してください: kanmonctl sudo remove\n"
        ),
    }
}

/// Writes to standard error; where that is closed, nobody wants to know.
pub fn say(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
