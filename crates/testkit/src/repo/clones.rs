//! What copies a repository: bare, shallow, partial and borrowing clones, and pushing to a remote.

use super::TestRepo;

impl<'env> TestRepo<'env> {
    /// Clones with everything and a working tree.
    #[must_use]
    #[track_caller]
    pub fn clone_to(&self, name: &str) -> TestRepo<'env> {
        self.clone_with(name, &[])
    }

    /// Clones into a bare repository with all refs (`--mirror`).
    #[must_use]
    #[track_caller]
    pub fn clone_bare(&self, name: &str) -> TestRepo<'env> {
        self.clone_with(name, &["--mirror"])
    }

    /// Clones the last `depth` commits of the current branch.
    #[must_use]
    #[track_caller]
    pub fn clone_shallow(&self, name: &str, depth: usize) -> TestRepo<'env> {
        self.clone_with(name, &["--depth", &depth.to_string()])
    }

    /// Clones commits and trees and, without a checkout, no blobs (`--filter=blob:none`).
    #[must_use]
    #[track_caller]
    pub fn clone_partial(&self, name: &str) -> TestRepo<'env> {
        self.git(["config", "uploadpack.allowFilter", "true"]);
        self.clone_with(name, &["--filter=blob:none", "--no-checkout"])
    }

    /// Clones by borrowing this repository's objects through `objects/info/alternates`.
    #[must_use]
    #[track_caller]
    pub fn clone_borrowing(&self, name: &str) -> TestRepo<'env> {
        let path = self.environment().path(name);
        let source = self.path().to_str().expect("a test names its repositories in UTF-8");
        let target = path.to_str().expect("a test names its repositories in UTF-8");
        self.environment().git(self.environment().root(), ["clone", "--quiet", "--shared", source, target]);
        TestRepo::open(self.environment(), path)
    }

    /// Makes a bare repository, registers it as the remote `origin`, and pushes `refspecs` to it.
    #[allow(clippy::return_self_not_must_use, reason = "the remote is often not looked at again")]
    #[track_caller]
    pub fn push_to_new_origin(&self, name: &str, refspecs: &[&str]) -> TestRepo<'env> {
        let origin = TestRepo::init_bare(self.environment(), name);
        self.git(["remote", "add", "origin", origin.path().to_str().expect("a UTF-8 path")]);
        self.push(refspecs);
        origin
    }

    /// Pushes `refspecs` to `origin`.
    #[track_caller]
    pub fn push(&self, refspecs: &[&str]) -> &Self {
        self.git(["push", "--quiet", "origin"].iter().chain(refspecs));
        self
    }

    #[track_caller]
    fn clone_with(&self, name: &str, options: &[&str]) -> TestRepo<'env> {
        let path = self.environment().path(name);
        // A file:// address makes git use its transport; a plain path would copy the object files as they are.
        let source = format!("file://{}", self.path().display());
        let target = path.to_str().expect("a test names its repositories in UTF-8");
        let command = ["clone", "--quiet"];
        let places = [source.as_str(), target];
        self.environment().git(self.environment().root(), command.iter().chain(options).chain(&places));
        TestRepo::open(self.environment(), path)
    }
}
