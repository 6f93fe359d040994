//! A repository under construction: files, index and plain git commands.
//!
//! The sibling files add what builds history, what copies a repository, and what changes or damages its storage.

mod clones;
mod history;
pub(crate) mod storage;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::environment::TestEnvironment;
use crate::output::Output;

/// A repository in a [`TestEnvironment`].
#[derive(Clone, Debug)]
pub struct TestRepo<'env> {
    environment: &'env TestEnvironment,
    path: PathBuf,
}

impl<'env> TestRepo<'env> {
    /// Makes an empty repository with a working tree and the branch `main` yet to be born.
    #[track_caller]
    pub fn init(environment: &'env TestEnvironment, name: &str) -> Self {
        Self::init_with(environment, name, &[])
    }

    /// Makes an empty repository without a working tree.
    #[track_caller]
    pub fn init_bare(environment: &'env TestEnvironment, name: &str) -> Self {
        Self::init_with(environment, name, &["--bare"])
    }

    /// Makes an empty repository whose object ids are SHA-256.
    #[track_caller]
    pub fn init_sha256(environment: &'env TestEnvironment, name: &str) -> Self {
        Self::init_with(environment, name, &["--object-format=sha256"])
    }

    /// Takes an existing repository or working tree at `path`.
    pub fn open(environment: &'env TestEnvironment, path: impl Into<PathBuf>) -> Self {
        Self { environment, path: path.into() }
    }

    #[track_caller]
    fn init_with(environment: &'env TestEnvironment, name: &str, options: &[&str]) -> Self {
        let path = environment.path(name);
        let path_text = path.to_str().expect("a test names its repositories in UTF-8");
        environment.git(environment.root(), ["init", "--quiet"].iter().chain(options).chain(&[path_text]));
        Self { environment, path }
    }

    /// The environment the repository lives in.
    pub fn environment(&self) -> &'env TestEnvironment {
        self.environment
    }

    /// The working tree, or the git directory of a bare repository.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in the working tree.
    pub fn file_path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path.join(name)
    }

    /// The git directory (that of this working tree, when there are several).
    #[track_caller]
    pub fn git_dir(&self) -> PathBuf {
        self.git(["rev-parse", "--absolute-git-dir"]).into()
    }

    /// Runs git, which must succeed, and returns its output without the last line end.
    #[track_caller]
    pub fn git(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        self.environment.git(&self.path, args)
    }

    /// Runs git with `stdin`, which must succeed, and returns its output without the last line end.
    #[track_caller]
    pub fn git_with_input(
        &self,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        stdin: impl AsRef<[u8]>,
    ) -> String {
        let output = self.environment.git_output(&self.path, args, &[], stdin.as_ref()).expect_code(0);
        output.stdout_text().trim_end_matches('\n').to_owned()
    }

    /// Runs git with further variables, which must succeed, and returns its output without the last line end.
    #[track_caller]
    pub fn git_with_variables(
        &self,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        variables: &[(&str, &OsStr)],
    ) -> String {
        let output = self.environment.git_output(&self.path, args, variables, b"").expect_code(0);
        output.stdout_text().trim_end_matches('\n').to_owned()
    }

    /// Runs `unleak` in the repository.
    #[track_caller]
    pub fn unleak(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        self.environment.unleak(&self.path, args)
    }

    /// Writes a file of the working tree without telling git, folders included.
    #[track_caller]
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let path = self.file_path(name);
        self.environment.write(path, content);
        self
    }

    /// Writes a file and stages it, ignored or not.
    #[track_caller]
    pub fn file(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        self.write(&name, content).add(name)
    }

    /// Stages a path, ignored or not.
    #[track_caller]
    pub fn add(&self, name: impl AsRef<Path>) -> &Self {
        self.git([OsStr::new("add"), OsStr::new("--force"), OsStr::new("--"), name.as_ref().as_os_str()]);
        self
    }

    /// Stages `content` under `name` and leaves the working tree as it is.
    #[track_caller]
    pub fn stage_only(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        let blob = self.blob(content);
        self.git(["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{name}")]);
        self
    }

    /// Stages a file written this moment with `git add -N`: the index knows the name and no content.
    #[track_caller]
    pub fn intend_to_add(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        self.write(name, content).git(["add", "--intent-to-add", "--", name]);
        self
    }

    /// Removes a path from index and working tree.
    #[track_caller]
    pub fn remove(&self, name: impl AsRef<Path>) -> &Self {
        self.git([
            OsStr::new("rm"),
            OsStr::new("--quiet"),
            OsStr::new("-r"),
            OsStr::new("--"),
            name.as_ref().as_os_str(),
        ]);
        self
    }

    /// Makes and stages a symbolic link with the text `target`.
    #[cfg(unix)]
    #[track_caller]
    pub fn symlink(&self, name: &str, target: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.file_path(name)).expect("the name is free");
        self.add(name)
    }

    /// Writes a loose blob that nothing refers to and returns its id.
    #[track_caller]
    pub fn blob(&self, content: impl AsRef<[u8]>) -> String {
        self.git_with_input(["hash-object", "-w", "--stdin"], content)
    }

    /// Resolves a revision to the id of its object.
    #[track_caller]
    pub fn id(&self, revision: &str) -> String {
        self.git(["rev-parse", "--verify", revision])
    }
}
