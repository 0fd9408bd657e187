//! Which git branch is checked out: from `HEAD`, without starting git.
//!
//! The repository is found as git finds it: `--git-dir` or `GIT_DIR`, else upward from the working
//! directory, which `git -C` moves. A `.git` file of a worktree or submodule leads on.

use std::path::{Path, PathBuf};

use crate::policy::facts::{Around, Fact};

use super::look;

/// The most folders above the working directory.
const HIGHEST: usize = 128;

/// Returns the branch; no names where no branch is checked out or there is no repository.
pub(super) fn branch(around: Around<'_>) -> Fact {
    look::fact(name(around).map(Vec::from_iter))
}

/// Finds the branch's name; `Some(None)` where there is none.
fn name(around: Around<'_>) -> Option<Option<String>> {
    let Some(folder) = git_folder(around)? else {
        return Some(None);
    };
    let head = folder.join("HEAD");
    // Old repositories have a link for it.
    if let Ok(target) = std::fs::read_link(&head) {
        return Some(
            target
                .to_str()?
                .strip_prefix("refs/heads/")
                .map(str::to_owned),
        );
    }
    let text = look::text(&head)??;
    match text.trim().strip_prefix("ref:").map(str::trim) {
        // The reftable format keeps it elsewhere.
        Some("refs/heads/.invalid") => None,
        Some(reference) => Some(reference.strip_prefix("refs/heads/").map(str::to_owned)),
        None => Some(None),
    }
}

/// Finds the folder with `HEAD`; `Some(None)` where there is no repository.
fn git_folder(around: Around<'_>) -> Option<Option<PathBuf>> {
    let is_git = around.invocation.name == "git";
    let mut from = look::at(around, ".")?;
    if is_git {
        for word in (around.values)(&["-C"]) {
            from.push(look::text_of(&word)?);
        }
        if let Some(folder) = look::option(around, &["--git-dir"])? {
            return Some(Some(from.join(folder)));
        }
        if let Some(folder) = look::variable(around, "GIT_DIR")? {
            return Some(Some(from.join(folder)));
        }
    }
    let from = from.canonicalize().ok()?;
    for folder in from.ancestors().take(HIGHEST) {
        let inside = folder.join(".git");
        if inside.is_dir() {
            return Some(Some(inside));
        }
        if let Some(text) = look::text(&inside)? {
            let path = text.trim().strip_prefix("gitdir:")?.trim();
            return Some(Some(folder.join(path)));
        }
        if is_bare(folder) {
            return Some(Some(folder.to_owned()));
        }
    }
    Some(None)
}

/// Whether a folder is itself a repository without a worktree.
fn is_bare(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::context::look::testing::{Setting, known};

    /// A repository on `main` with a worktree on `topic` beside it, and what surrounds a git in it.
    fn repository() -> (TempDir, Setting) {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["repo/.git/worktrees/t", "repo/src/deep", "tree", "none"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::write(at("repo/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(
            at("repo/.git/worktrees/t/HEAD"),
            "ref: refs/heads/topic/x\n",
        )
        .unwrap();
        fs::write(at("tree/.git"), "gitdir: ../repo/.git/worktrees/t\n").unwrap();
        let setting = Setting {
            program: "git",
            folder: at("repo/src/deep").to_str().unwrap().to_owned(),
            ..Setting::default()
        };
        (folder, setting)
    }

    #[test]
    fn the_branch_is_found_upward() {
        let (_folder, setting) = repository();
        assert_eq!(setting.ask(branch), known(&["main"]));
    }

    #[test]
    fn the_line_says_another_repository() {
        let (folder, mut setting) = repository();
        setting.options.push(("-C", "..".to_owned()));
        setting.options.push(("-C", "../../tree".to_owned()));
        assert_eq!(setting.ask(branch), known(&["topic/x"]));
        setting.program = "make";
        assert_eq!(setting.ask(branch), known(&["main"]));
        setting.program = "git";
        setting.options.clear();
        let other = folder.path().join("repo/.git/worktrees/t");
        setting
            .variables
            .push(("GIT_DIR", other.to_str().unwrap().to_owned()));
        assert_eq!(setting.ask(branch), known(&["topic/x"]));
        setting.options.push(("--git-dir", "../../.git".to_owned()));
        assert_eq!(setting.ask(branch), known(&["main"]));
    }

    #[test]
    fn no_branch_is_no_name_and_what_cannot_be_read_is_unknown() {
        let (folder, mut setting) = repository();
        let head = folder.path().join("repo/.git/HEAD");
        fs::write(&head, "4f7a1c0000000000000000000000000000000000\n").unwrap();
        assert_eq!(setting.ask(branch), known(&[]));
        fs::write(&head, "ref: refs/heads/.invalid\n").unwrap();
        assert_eq!(setting.ask(branch), Fact::Unknown);
        fs::remove_file(&head).unwrap();
        assert_eq!(setting.ask(branch), Fact::Unknown);
        std::os::unix::fs::symlink("refs/heads/old", &head).unwrap();
        assert_eq!(setting.ask(branch), known(&["old"]));
        setting.folder = folder.path().join("none").to_str().unwrap().to_owned();
        assert_eq!(setting.ask(branch), known(&[]));
        setting.folder.push_str("/gone");
        assert_eq!(setting.ask(branch), Fact::Unknown);
    }

    #[test]
    fn a_repository_without_a_worktree_has_a_branch() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["objects", "refs"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::write(folder.path().join("HEAD"), "ref: refs/heads/trunk\n").unwrap();
        let setting = Setting {
            program: "git",
            folder: folder.path().to_str().unwrap().to_owned(),
            ..Setting::default()
        };
        assert_eq!(setting.ask(branch), known(&["trunk"]));
    }
}
