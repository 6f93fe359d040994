//! A closed world for one test: its own directory, home, configuration, clock and identity.
//!
//! Nothing of the machine's git configuration, locale, time or user reaches a command started here. The directory
//! disappears with the value.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::output::Output;
use crate::process::{Invocation, Running};

/// 2024-01-01 00:00:00 UTC: the time of the first commit of every test.
const START: u64 = 1_704_067_200;

/// Settings every `git` of a test gets on its command line, in place of a configuration file.
const GIT_SETTINGS: [&str; 10] = [
    "init.defaultBranch=main",
    "protocol.file.allow=always",
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "core.autocrlf=false",
    "advice.detachedHead=false",
    "core.fsync=none",
    // The clock of a test stands in the past; its reflogs are fresh all the same.
    "gc.reflogExpire=never",
    "gc.reflogExpireUnreachable=never",
];

/// A temporary directory and the environment commands run with.
#[derive(Debug)]
pub struct TestEnvironment {
    directory: TempDir,
    root: PathBuf,
    variables: BTreeMap<OsString, OsString>,
    unleak: Option<PathBuf>,
    clock: Cell<u64>,
}

impl TestEnvironment {
    /// Makes a fresh environment that can run `git`.
    pub fn new() -> Self {
        let directory =
            tempfile::Builder::new().prefix("unleak-test-").tempdir().expect("a temporary directory");
        // Canonical, because git prints canonical paths and some systems link their temporary directory.
        let root = directory.path().canonicalize().expect("the directory was just made");
        let home = root.join("home");
        std::fs::create_dir(&home).expect("the directory is empty");
        let variables = variables(&root, &home);
        Self { directory, root, variables, unleak: None, clock: Cell::new(START) }
    }

    /// Names the binary that [`unleak`](Self::unleak) runs: `env!("CARGO_BIN_EXE_unleak")` of the calling test.
    #[must_use]
    pub fn with_unleak(mut self, binary: impl Into<PathBuf>) -> Self {
        self.unleak = Some(binary.into());
        self
    }

    /// The directory everything happens in. It is no repository and lies in none.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The home directory of the commands, empty at first.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// Returns a path below [`root`](Self::root).
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file below [`root`](Self::root), folders included, and returns its path.
    #[track_caller]
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let parent = path.parent().expect("a file lies in a folder");
        std::fs::create_dir_all(parent).unwrap_or_else(|error| panic!("{}: {error}", parent.display()));
        std::fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }

    /// Runs `unleak` in `directory`, whatever its exit code.
    #[track_caller]
    pub fn unleak(&self, directory: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        self.unleak_with(directory, args, &[], b"")
    }

    /// Runs `unleak` with further variables and a standard input.
    #[track_caller]
    pub fn unleak_with(
        &self,
        directory: &Path,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        variables: &[(&str, &OsStr)],
        stdin: &[u8],
    ) -> Output {
        self.unleak_invocation(directory).args(args).envs(variables).stdin(stdin).run()
    }

    /// Starts `unleak` without waiting for it.
    #[track_caller]
    pub fn start_unleak(
        &self,
        directory: &Path,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
    ) -> Running {
        self.unleak_invocation(directory).args(args).start()
    }

    /// Runs `git` in `directory`, whatever its exit code. Every call is a minute later than the one before.
    #[track_caller]
    pub fn git_output(
        &self,
        directory: &Path,
        args: impl IntoIterator<Item = impl AsRef<OsStr>>,
        variables: &[(&str, &OsStr)],
        stdin: &[u8],
    ) -> Output {
        let settings = GIT_SETTINGS.iter().flat_map(|setting| ["-c", setting]);
        self.dated_invocation("git", directory).args(settings).args(args).envs(variables).stdin(stdin).run()
    }

    /// Runs `git` in `directory`, which must succeed, and returns its output without the last line end.
    #[track_caller]
    pub fn git(&self, directory: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
        let output = self.git_output(directory, args, &[], b"").expect_code(0);
        output.stdout_text().trim_end_matches('\n').to_owned()
    }

    /// Runs a shell script in `directory`, which must succeed. The script sees the environment's `git` settings and the
    /// given variables.
    #[track_caller]
    pub fn script(&self, script: &Path, directory: &Path, variables: &[(&str, &OsStr)]) -> Output {
        let mut settings: Vec<(String, OsString)> =
            vec![("GIT_CONFIG_COUNT".into(), GIT_SETTINGS.len().to_string().into())];
        for (index, setting) in GIT_SETTINGS.iter().enumerate() {
            let (key, value) = setting.split_once('=').expect("a setting is key=value");
            settings.push((format!("GIT_CONFIG_KEY_{index}"), key.into()));
            settings.push((format!("GIT_CONFIG_VALUE_{index}"), value.into()));
        }
        let settings: Vec<(&str, &OsStr)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).collect();
        self.dated_invocation("sh", directory)
            .args([OsStr::new("-eu"), script.as_os_str()])
            .envs(&settings)
            .envs(variables)
            .run()
            .expect_code(0)
    }

    /// Moves the clock on by a minute and returns the new time, in seconds since 1970.
    pub(crate) fn tick(&self) -> u64 {
        self.clock.set(self.clock.get() + 60);
        self.clock.get()
    }

    /// Keeps the directory on disk after the test and returns its path: for looking at a failure.
    #[must_use]
    pub fn keep(self) -> PathBuf {
        self.directory.keep()
    }

    /// A command whose commits and tags are a minute later than those of the one before.
    fn dated_invocation(&self, program: &str, directory: &Path) -> Invocation {
        let date: OsString = format!("{} +0000", self.tick()).into();
        Invocation::new(OsStr::new(program), directory, &self.variables)
            .envs(&[("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
    }

    #[track_caller]
    fn unleak_invocation(&self, directory: &Path) -> Invocation {
        let binary = self.unleak.as_ref().expect("the test names the binary with `with_unleak`");
        Invocation::new(binary.as_os_str(), directory, &self.variables)
    }
}

impl Default for TestEnvironment {
    fn default() -> Self {
        Self::new()
    }
}

fn variables(root: &Path, home: &Path) -> BTreeMap<OsString, OsString> {
    let mut variables: BTreeMap<OsString, OsString> = [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_ATTR_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_PAGER", "cat"),
        ("GIT_EDITOR", "true"),
        ("GIT_MERGE_AUTOEDIT", "no"),
        ("GIT_AUTHOR_NAME", "Ada Author"),
        ("GIT_AUTHOR_EMAIL", "ada@project.test"),
        ("GIT_COMMITTER_NAME", "Carl Committer"),
        ("GIT_COMMITTER_EMAIL", "carl@project.test"),
        ("LC_ALL", "C"),
        ("TZ", "UTC"),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("RUST_BACKTRACE", "1"),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value.into()))
    .collect();
    for (name, folder) in [
        ("XDG_CONFIG_HOME", ".config"),
        ("XDG_CACHE_HOME", ".cache"),
        ("XDG_DATA_HOME", ".local/share"),
        ("XDG_STATE_HOME", ".local/state"),
    ] {
        variables.insert(name.into(), home.join(folder).into());
    }
    variables.insert("HOME".into(), home.into());
    // No repository above the test's directory can be discovered.
    variables.insert("GIT_CEILING_DIRECTORIES".into(), root.into());
    variables
}
