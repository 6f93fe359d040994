//! What builds history: commits, branches, merges, tags, notes, stashes, worktrees, submodules.

use std::ffi::OsStr;

use super::TestRepo;

impl<'env> TestRepo<'env> {
    /// Commits what is staged, be it nothing, and returns the commit's id.
    #[track_caller]
    pub fn commit(&self, message: &str) -> String {
        self.git(["commit", "--quiet", "--allow-empty", "--message", message]);
        self.id("HEAD")
    }

    /// Commits what is staged under another author's name.
    #[track_caller]
    pub fn commit_as(&self, author: &str, message: &str) -> String {
        let author = [("GIT_AUTHOR_NAME", OsStr::new(author))];
        self.git_with_variables(["commit", "--quiet", "--allow-empty", "--message", message], &author);
        self.id("HEAD")
    }

    /// Commits only `path` of what is staged and returns the commit's id.
    #[track_caller]
    pub fn commit_only(&self, path: &str, message: &str) -> String {
        self.git(["commit", "--quiet", "--message", message, "--only", "--", path]);
        self.id("HEAD")
    }

    /// Replaces the last commit by what is staged and returns the new id; the old one stays in the reflog.
    #[track_caller]
    pub fn amend(&self, message: &str) -> String {
        self.git(["commit", "--quiet", "--amend", "--allow-empty", "--message", message]);
        self.id("HEAD")
    }

    /// Makes the branch `name` at HEAD and switches to it.
    #[track_caller]
    pub fn branch(&self, name: &str) -> &Self {
        self.git(["switch", "--quiet", "--create", name]);
        self
    }

    /// Makes the branch `name` without any parent and with an empty index, and switches to it.
    #[track_caller]
    pub fn orphan(&self, name: &str) -> &Self {
        self.git(["switch", "--quiet", "--orphan", name]);
        self
    }

    /// Switches to an existing branch.
    #[track_caller]
    pub fn switch(&self, name: &str) -> &Self {
        self.git(["switch", "--quiet", name]);
        self
    }

    /// Detaches HEAD at `revision`.
    #[track_caller]
    pub fn detach(&self, revision: &str) -> &Self {
        self.git(["switch", "--quiet", "--detach", revision]);
        self
    }

    /// Merges `branches` (two or more make an octopus) with a merge commit and returns its id.
    #[track_caller]
    pub fn merge(&self, branches: &[&str], message: &str) -> String {
        let options = ["merge", "--quiet", "--no-ff", "--message", message];
        self.git(options.iter().chain(branches));
        self.id("HEAD")
    }

    /// Starts a merge of `branch` and stops before the commit: what is staged now is an evil merge.
    #[track_caller]
    pub fn merge_without_commit(&self, branch: &str) -> &Self {
        self.git(["merge", "--quiet", "--no-ff", "--no-commit", branch]);
        self
    }

    /// Makes a lightweight tag.
    #[track_caller]
    pub fn tag(&self, name: &str, revision: &str) -> &Self {
        self.git(["tag", name, revision]);
        self
    }

    /// Makes an annotated tag and returns the id of the tag object.
    #[track_caller]
    pub fn annotated_tag(&self, name: &str, revision: &str, message: &str) -> String {
        self.git(["tag", "--annotate", "--message", message, name, revision]);
        self.id(&format!("refs/tags/{name}"))
    }

    /// Attaches a note to `revision`.
    #[track_caller]
    pub fn note(&self, revision: &str, message: &str) -> &Self {
        self.git(["notes", "add", "--message", message, revision]);
        self
    }

    /// Puts changes of tracked and untracked files on the stash.
    #[track_caller]
    pub fn stash(&self, message: &str) -> &Self {
        self.git(["stash", "push", "--quiet", "--include-untracked", "--message", message]);
        self
    }

    /// Adds a linked working tree `name` next to this repository, on a new branch of the same name.
    #[must_use]
    #[track_caller]
    pub fn worktree_add(&self, name: &str) -> TestRepo<'env> {
        let path = self.environment().path(name);
        let path_text = path.to_str().expect("a test names its worktrees in UTF-8");
        self.git(["worktree", "add", "--quiet", "-b", name, path_text]);
        TestRepo::open(self.environment(), path)
    }

    /// Adds `other` as the submodule `name`, staged.
    #[track_caller]
    pub fn submodule_add(&self, other: &TestRepo<'_>, name: &str) -> &Self {
        let path = other.path().to_str().expect("a test names its repositories in UTF-8");
        self.git(["submodule", "--quiet", "add", path, name]);
        self
    }

    /// Feeds a `git fast-import` stream.
    #[track_caller]
    pub fn fast_import(&self, stream: &[u8]) -> &Self {
        self.git_with_input(["fast-import", "--quiet", "--force"], stream);
        self
    }

    /// Returns the ids of the commits `git log` names for `args`, oldest first.
    #[track_caller]
    pub fn log(&self, args: &[&str]) -> Vec<String> {
        let listed = self.git(["log", "--reverse", "--format=%H"].iter().chain(args));
        listed.lines().map(str::to_owned).collect()
    }
}
