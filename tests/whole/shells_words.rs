//! The list of words by which hooks tell lines apart without a process: what makes it stale.
#![expect(
    clippy::disallowed_methods,
    reason = "changes rule files and their times under a running shell"
)]

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::machine::DEPLOY;
use crate::shell::Shell;
use crate::shells_bash::bash;
use crate::shells_fish::fish;
use crate::shells_zsh::zsh;

/// Gives a file or folder the time of a day in 2020.
fn date(path: &Path, day: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(86400 * (18262 + day));
    File::open(path).unwrap().set_modified(time).unwrap();
}

/// A pack that holds this program.
fn pack(program: &str) -> String {
    DEPLOY
        .replace("deploy", program)
        .replace("team", &format!("of-{program}"))
}

/// Returns the number of the list's file: it is another file once it was written anew.
#[track_caller]
fn list(shell: &mut Shell) -> String {
    let before = shell.pty.count_raw("list-is-");
    shell.line("stat -c 'list-is-%i.' ~/.cache/kanmon/words");
    // Once typed, once printed.
    shell.mark();
    let said = shell.pty.raw();
    assert!(shell.pty.count_raw("list-is-") > before + 1, "{said}");
    let number = said.rsplit("list-is-").next().unwrap();
    number.split('.').next().unwrap().to_owned()
}

/// Brings rules as `cp -p`, `rsync -a` and packages do, with times of long ago, and types a line that
/// they hold.
#[track_caller]
fn rules_of_long_ago_count(start: fn() -> Option<Shell>) {
    let Some(mut shell) = start() else { return };
    let rules = shell.host.path("etc/kanmon/rules.d");
    // Nothing has changed within the last seconds, but for what is brought.
    date(&shell.host.path("bin/kanmonctl"), 20);
    let quiet = |folder: &Path| {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            date(&entry.path(), 20);
        }
        date(folder, 20);
    };
    quiet(&rules);
    quiet(rules.parent().unwrap());
    shell.mark();
    let first = list(&mut shell);
    assert_eq!(list(&mut shell), first);
    // Written over in place, with an older time: the folder does not tell.
    let team = rules.join("team.toml");
    fs::write(&team, pack("release")).unwrap();
    date(&team, 10);
    date(&rules, 20);
    shell.declined("release now");
    let second = list(&mut shell);
    assert_ne!(second, first);
    assert_eq!(list(&mut shell), second);
    // Another file, with the time of the folder where it came from.
    let other = rules.join("other.toml");
    fs::write(&other, pack("pay-out")).unwrap();
    date(&other, 5);
    date(&rules, 6);
    shell.declined("pay-out now");
    // A file in place of another.
    let new = rules.join(".other.toml.Xy");
    fs::write(&new, pack("pay-back")).unwrap();
    date(&new, 4);
    fs::rename(&new, &other).unwrap();
    date(&rules, 6);
    shell.declined("pay-back now");
    let last = list(&mut shell);
    assert_eq!(list(&mut shell), last);
    assert!(shell.host.ran().is_empty());
}

#[test]
fn bash_notices_rules_of_long_ago() {
    rules_of_long_ago_count(bash);
}

#[test]
fn zsh_notices_rules_of_long_ago() {
    rules_of_long_ago_count(zsh);
}

#[test]
fn fish_notices_rules_of_long_ago() {
    rules_of_long_ago_count(fish);
}
