//! A scratch repository made by git, cut off from the user's configuration, with fixed people and times.

use std::{
    cell::Cell,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{OpenOptions, Repository};

/// A directory with one repository, and room for others beside it.
pub(crate) struct Scratch {
    root: tempfile::TempDir,
    pub(crate) top: PathBuf,
    clock: Cell<u32>,
}

impl Scratch {
    /// An empty repository on branch `main`.
    pub(crate) fn new() -> Self {
        Self::init(&[])
    }

    /// As `new`, with arguments for `git init`.
    pub(crate) fn init(args: &[&str]) -> Self {
        let root = tempfile::tempdir().unwrap();
        let top = root.path().canonicalize().unwrap().join("repo");
        std::fs::create_dir(&top).unwrap();
        let scratch = Self { root, top, clock: Cell::new(1_700_000_000) };
        scratch.git(&[&["init", "-q", "-b", "main"], args].concat());
        scratch
    }

    /// A directory that is in no repository.
    pub(crate) fn outside(&self) -> PathBuf {
        self.root.path().canonicalize().unwrap()
    }

    pub(crate) fn git_dir(&self) -> PathBuf {
        self.top.join(".git")
    }

    pub(crate) fn open(&self) -> Repository {
        Repository::open(&self.top, OpenOptions::default()).unwrap()
    }

    /// Writes a file of the worktree, with the directories above it.
    pub(crate) fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let path = self.top.join(path.as_ref());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Stages everything and commits it.
    pub(crate) fn commit(&self, message: &str) -> ObjectId {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.id("HEAD")
    }

    pub(crate) fn id(&self, revision: &str) -> ObjectId {
        id(&self.git(&["rev-parse", "--verify", revision]))
    }

    /// The output of a git command that has to succeed.
    pub(crate) fn git(&self, args: &[&str]) -> BString {
        self.git_in(&self.top, args)
    }

    pub(crate) fn git_in(&self, directory: &Path, args: &[&str]) -> BString {
        let output = self.try_git(directory, args, &[]);
        assert!(output.status.success(), "git {args:?}: {}", output.stderr.as_bstr());
        output.stdout.into()
    }

    /// Runs git; every command is a second later than the one before.
    #[expect(clippy::disallowed_methods, reason = "tests compare with git, and only this function runs it")]
    pub(crate) fn try_git(&self, directory: &Path, args: &[&str], env: &[(&str, &OsStr)]) -> Output {
        self.clock.set(self.clock.get() + 1);
        let time = format!("{} +0000", self.clock.get());
        let mut command = Command::new("git");
        command.env_clear().envs([
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "A"),
            ("GIT_AUTHOR_EMAIL", "a@example.org"),
            ("GIT_AUTHOR_DATE", &time),
            ("GIT_COMMITTER_NAME", "C"),
            ("GIT_COMMITTER_EMAIL", "c@example.org"),
            ("GIT_COMMITTER_DATE", &time),
        ]);
        let settings = ["-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "core.quotePath=false"];
        command.envs(env.iter().copied()).args(settings).args(args).current_dir(directory).output().unwrap()
    }
}

/// An id as git prints it.
pub(crate) fn id(text: &[u8]) -> ObjectId {
    ObjectId::from_hex(text.trim()).unwrap_or_else(|_| panic!("{:?} is no id", text.as_bstr()))
}

/// The ids of a list with one on every line.
pub(crate) fn ids(text: &[u8]) -> Vec<ObjectId> {
    text.lines().map(id).collect()
}

/// The fields of output made with `-z`.
pub(crate) fn fields(text: &[u8]) -> Vec<BString> {
    text.split_str("\0").filter(|field| !field.is_empty()).map(BString::from).collect()
}

/// A small generator of numbers that are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 up to, without, `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}
