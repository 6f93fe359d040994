//! A repository made for trying one gate: it has that hook as the real one has it and no other, and a fake secret.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use unleak_gates::Hook;

use crate::environment::Environment;
use crate::error::CliError;
use crate::git_program::{GitProgram, Ran};

/// Files that hooks look for in the repository they run in.
const FILES: [&str; 12] = [
    ".pre-commit-config.yaml",
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    "lefthook.toml",
    "package.json",
    ".gitleaks.toml",
    ".gitleaksignore",
    ".secrets.baseline",
    ".betterleaks.toml",
    ".gitguardian.yaml",
    ".pre-commit-hooks.yaml",
];

/// How a hook is put into effect in the real repository.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// The hooks directory, wherever it is.
    pub(super) directory: Option<PathBuf>,
    /// Keys and values of `hook.*` in the configuration.
    pub(super) configured: Vec<(String, String)>,
    /// The top of the working tree.
    pub(super) top: Option<PathBuf>,
}

/// What a change holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Harmless,
    Planted,
}

impl Content {
    /// An AWS access key id, which any scanner knows, put together here.
    fn text(self) -> String {
        match self {
            Self::Harmless => "nothing to see\n".to_owned(),
            Self::Planted => ["aws_access_key_id = AKI", "AQ3EGRIGBZ5UPZXWK\n"].concat(),
        }
    }
}

/// The repository, with a bare one to push to.
pub(super) struct Trial {
    folder: TempDir,
    work: GitProgram,
}

impl Trial {
    /// Makes one in which `hook` works as `source` has it.
    pub(super) fn new(hook: Hook, source: &Source, environment: &Environment) -> Result<Self, CliError> {
        let fail = |error| CliError::new("no folder for a trial can be made").caused_by(error);
        let folder = tempfile::Builder::new().prefix("unleak-trial-").tempdir().map_err(fail)?;
        let git = |name: &str| -> Result<GitProgram, CliError> {
            let path = folder.path().join(name);
            fs::create_dir(&path).map_err(fail)?;
            Ok(hermetic(&path, environment))
        };
        let (work, remote) = (git("work")?, git("remote")?);
        work.need(["init", "-q", "--template="])?;
        work.need(["symbolic-ref", "HEAD", "refs/heads/trial"])?;
        remote.need(["init", "-q", "--bare", "--template="])?;
        work.need(["remote", "add", "origin", "../remote"])?;
        let trial = Self { folder, work };
        for name in FILES {
            if let Some(top) = &source.top
                && let Ok(text) = fs::read(top.join(name))
            {
                trial.write(name, &text)?;
            }
        }
        trial.write("README", b"a trial\n")?;
        trial.work.need(["add", "."])?;
        trial.work.need(["commit", "-q", "-m", "start"])?;
        let target = if matches!(hook, Hook::PreReceive | Hook::Update) { &remote } else { &trial.work };
        trial.put(hook, source, target)?;
        Ok(trial)
    }

    fn write(&self, name: &str, text: &[u8]) -> Result<(), CliError> {
        let path = self.folder.path().join("work").join(name);
        fs::write(path, text)
            .map_err(|error| CliError::new("a file of a trial cannot be written").caused_by(error))
    }

    /// Only the one hook: another gate must not stand in for it.
    fn put(&self, hook: Hook, source: &Source, git: &GitProgram) -> Result<(), CliError> {
        let hooks = self.folder.path().join("hooks");
        let fail = |error| CliError::new("a hook of a trial cannot be written").caused_by(error);
        fs::create_dir(&hooks).map_err(fail)?;
        let script = source.directory.as_ref().map(|directory| directory.join(hook.name()));
        if let Some(script) = script.filter(|script| runs(script)) {
            // Called by its own path, since some scripts look for others beside them.
            let word = script.display().to_string().replace('\'', r"'\''");
            let text = format!("#!/bin/sh\nexec '{word}' \"$@\"\n");
            crate::output::program(&hooks.join(hook.name()), text.as_bytes()).map_err(fail)?;
        }
        git.need(["config", "core.hooksPath", &hooks.display().to_string()])?;
        for (key, value) in named(hook, &source.configured) {
            git.need(["config", "--add", key, value])?;
        }
        Ok(())
    }

    /// Does what `hook` watches over, with `content`.
    pub(super) fn fire(&self, hook: Hook, content: Content) -> Result<Ran, CliError> {
        let text = content.text();
        let message = text.trim_end();
        let name = if content == Content::Planted { "planted.txt" } else { "harmless.txt" };
        match hook {
            Hook::CommitMsg => self.work.run(["commit", "-q", "--allow-empty", "-m", message], b""),
            Hook::PreCommit | Hook::ReferenceTransaction => {
                self.write(name, text.as_bytes())?;
                self.work.need(["add", name])?;
                let skip = if hook == Hook::PreCommit { "--verify" } else { "--no-verify" };
                self.work.run(["commit", "-q", skip, "-m", name], b"")
            }
            Hook::PreMergeCommit => {
                let side = self.commit(name, &text)?;
                self.work.run(["merge", "-q", "--no-ff", "--no-edit", &side], b"")
            }
            Hook::PrePush | Hook::PreReceive | Hook::Update => {
                let side = self.commit(name, &text)?;
                let to = format!("{side}:refs/heads/{}", name.trim_end_matches(".txt"));
                self.work.run(["push", "-q", "origin", &to], b"")
            }
        }
    }

    /// A commit on top of the first one that no ref knows: it fires no hook.
    fn commit(&self, name: &str, text: &str) -> Result<String, CliError> {
        let blob = self.work.run(["hash-object", "-w", "--stdin"], text.as_bytes())?.output;
        let tree = self.work.need(["ls-tree", "HEAD"])?;
        let tree = format!("{tree}\n100644 blob {blob}\t{name}\n");
        let tree = self.work.run(["mktree"], tree.as_bytes())?.output;
        self.work.need(["commit-tree", &tree, "-p", "HEAD", "-m", name])
    }
}

/// git that knows nothing of the user but where programs are.
fn hermetic(folder: &Path, environment: &Environment) -> GitProgram {
    let mut git = GitProgram::new(folder, environment)
        .with("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
        .with("GIT_CONFIG_NOSYSTEM", "1")
        .with("GIT_TERMINAL_PROMPT", "0")
        .with("GIT_ALLOW_PROTOCOL", "file");
    for who in ["AUTHOR", "COMMITTER"] {
        git = git
            .with(&format!("GIT_{who}_NAME"), "unleak")
            .with(&format!("GIT_{who}_EMAIL"), "unleak@localhost");
    }
    git
}

/// What the configuration says about `hook`: the sections that have it as an event, and the one of its own name.
fn named(hook: Hook, configured: &[(String, String)]) -> Vec<(&str, &str)> {
    let own = format!("hook.{}", hook.name());
    let split = configured.iter().filter_map(|(key, value)| {
        let (section, name) = key.rsplit_once('.')?;
        Some((section, name, key.as_str(), value.as_str()))
    });
    let split: Vec<_> = split.collect();
    let is_its = |section: &str| {
        let is_event = |entry: &(&str, &str, &str, &str)| {
            entry.0 == section && entry.1 == "event" && entry.3 == hook.name()
        };
        section == own || split.iter().any(is_event)
    };
    let its = split
        .iter()
        .filter(|(section, name, _, value)| is_its(section) && (*name != "event" || *value == hook.name()));
    its.map(|(_, _, key, value)| (*key, *value)).collect()
}

#[cfg(unix)]
fn runs(script: &Path) -> bool {
    let mode = |meta: fs::Metadata| std::os::unix::fs::PermissionsExt::mode(&meta.permissions());
    fs::metadata(script).is_ok_and(|meta| meta.is_file() && mode(meta) & 0o111 != 0)
}

#[cfg(not(unix))]
fn runs(script: &Path) -> bool {
    script.is_file()
}
