//! The whole observable state of a repository as one value, to compare before and after.
//!
//! Read from the files themselves wherever that is possible, and through git with optional locks off, so that looking
//! changes nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use bstr::BString;

use crate::repo::TestRepo;

/// Refs, HEAD, reflogs, index, status, stash and every file, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoState {
    entries: BTreeMap<BString, BString>,
}

impl RepoState {
    /// Takes what a person can see: refs, HEAD, reflogs, stash, index, status and the files of the working tree.
    #[track_caller]
    pub fn capture(repo: &TestRepo<'_>) -> Self {
        let mut state = Self { entries: BTreeMap::new() };
        let git_dir = repo.git_dir();
        state.command(repo, "refs", &["for-each-ref", "--format=%(refname) %(objectname) %(symref)"]);
        state.command(repo, "worktrees", &["worktree", "list", "--porcelain"]);
        state.file("HEAD", &git_dir.join("HEAD"));
        state.folder("reflog", &git_dir.join("logs"), &[]);
        if repo.git(["rev-parse", "--is-bare-repository"]) == "false" {
            state.command(repo, "stash", &["stash", "list", "--format=%H %gs"]);
            state.command(
                repo,
                "status",
                &["status", "--porcelain=v2", "--untracked-files=all", "--ignored"],
            );
            state.command(repo, "index", &["ls-files", "--stage", "--debug"]);
            state.folder("worktree", repo.path(), &[repo.path().join(".git")]);
        }
        state
    }

    /// Takes, besides [`capture`](Self::capture), every file of the git directory byte for byte: what a command that
    /// only reads must leave alone.
    #[track_caller]
    pub fn capture_all(repo: &TestRepo<'_>) -> Self {
        let mut state = Self::capture(repo);
        state.folder("git directory", &repo.git_dir(), &[]);
        let common = repo.git(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
        state.folder("common directory", Path::new(&common), &[]);
        state
    }

    /// Names what differs from `other`, one line each.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let gone = self.entries.keys().filter(|name| !other.entries.contains_key(*name));
        let gone = gone.map(|name| format!("gone: {name}"));
        let rest = other.entries.iter().filter_map(|(name, value)| match self.entries.get(name) {
            None => Some(format!("new: {name}")),
            Some(old) if old != value => Some(format!("changed: {name}")),
            Some(_) => None,
        });
        gone.chain(rest).collect()
    }

    /// Panics with the differences unless `later` is the same state.
    #[track_caller]
    pub fn expect_same(&self, later: &Self) {
        let differences = self.differences(later);
        assert!(differences.is_empty(), "the repository has changed:\n{}", differences.join("\n"));
    }

    #[track_caller]
    fn command(&mut self, repo: &TestRepo<'_>, name: &str, args: &[&str]) {
        let variables = [("GIT_OPTIONAL_LOCKS", OsStr::new("0"))];
        let output = repo.environment().git_output(repo.path(), args, &variables, b"").expect_code(0);
        self.entries.insert(name.into(), output.stdout);
    }

    #[track_caller]
    fn file(&mut self, name: &str, path: &Path) {
        self.entries.insert(name.into(), content(path));
    }

    /// Adds every file below `folder`, symbolic links by their text; a folder counts by its name.
    #[track_caller]
    fn folder(&mut self, label: &str, folder: &Path, without: &[std::path::PathBuf]) {
        let mut pending = vec![folder.to_owned()];
        while let Some(directory) = pending.pop() {
            let Ok(entries) = std::fs::read_dir(&directory) else { continue };
            for entry in entries {
                let path = entry.expect("a readable folder").path();
                if without.contains(&path) {
                    continue;
                }
                let shown =
                    path.strip_prefix(folder).expect("found below the folder").as_os_str().as_encoded_bytes();
                let name = BString::from([label.as_bytes(), b": ", shown].concat());
                if path.is_dir() && !path.is_symlink() {
                    self.entries.insert(name, "folder".into());
                    pending.push(path);
                } else {
                    self.entries.insert(name, content(&path));
                }
            }
        }
    }
}

/// The permission bits and bytes of a file, or the text of a symbolic link.
#[track_caller]
fn content(path: &Path) -> BString {
    let fail = |error: std::io::Error| -> ! { panic!("{}: {error}", path.display()) };
    if path.is_symlink() {
        let target = std::fs::read_link(path).unwrap_or_else(|error| fail(error));
        return [b"link ".as_slice(), target.as_os_str().as_encoded_bytes()].concat().into();
    }
    let metadata = std::fs::metadata(path).unwrap_or_else(|error| fail(error));
    let bytes = std::fs::read(path).unwrap_or_else(|error| fail(error));
    [format!("{:?} ", metadata.permissions()).as_bytes(), &bytes].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TestEnvironment;

    #[test]
    fn looking_changes_nothing_and_a_change_is_seen() {
        let environment = TestEnvironment::new();
        let repo = TestRepo::init(&environment, "work");
        repo.file("a.txt", "one").commit("first");
        let before = RepoState::capture_all(&repo);
        before.expect_same(&RepoState::capture_all(&repo));

        repo.write("b.txt", "two");
        let differences = before.differences(&RepoState::capture(&repo));
        assert!(differences.contains(&"new: worktree: b.txt".to_owned()), "{differences:?}");
        assert!(differences.contains(&"changed: status".to_owned()), "{differences:?}");

        repo.tag("v1", "HEAD");
        let differences = before.differences(&RepoState::capture_all(&repo));
        assert!(differences.contains(&"changed: refs".to_owned()), "{differences:?}");
        assert!(differences.contains(&"new: git directory: refs/tags/v1".to_owned()), "{differences:?}");
    }
}
