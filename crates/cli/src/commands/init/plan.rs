//! What `init` would write: the pure steps of the guard, fed with the files that are there.

use std::fs;
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _};
use unleak_guard::env_file::{is_env_file, is_key_file};
use unleak_guard::init::agents::{ALL, Settings};
use unleak_guard::init::ci::{self, Ci};
use unleak_guard::init::{env_example, gitignore};
use unleak_objects::repository::{Index, Repository, Standing};

use crate::commands::init::{plain, write};
use crate::environment::Environment;
use crate::error::CliError;
use crate::repo;

/// One file.
pub(super) struct Step {
    /// From the top.
    pub(super) path: String,
    /// What it is for.
    pub(super) what: String,
    pub(super) old: Option<String>,
    /// `None` if it is as it should be.
    pub(super) new: Option<String>,
}

/// Which CI.
#[derive(Clone, Copy)]
pub(super) enum CiWanted {
    Found,
    Named(Ci),
    Nothing,
}

/// All of it.
pub(super) struct Plan {
    pub(super) top: PathBuf,
    pub(super) steps: Vec<Step>,
    /// Files that were not understood, and why.
    pub(super) refused: Vec<(String, String)>,
    pub(super) warnings: Vec<String>,
    /// What is no file and fine, done, or missing.
    pub(super) fine: Vec<String>,
    pub(super) done: Vec<String>,
    pub(super) open: Vec<String>,
}

impl Plan {
    pub(super) fn make(
        path: &Path,
        agents: &[Settings],
        ci: CiWanted,
        environment: &Environment,
    ) -> Result<Self, CliError> {
        let repository = repo::need(path, environment)?;
        let top = repository.work_dir().map(Path::to_owned).ok_or_else(|| {
            CliError::new("a bare repository has no files to put anything into")
                .hint("unleak install, for the hooks of the server")
        })?;
        let mut plan = Self {
            top,
            steps: Vec::new(),
            refused: Vec::new(),
            warnings: Vec::new(),
            fine: Vec::new(),
            done: Vec::new(),
            open: Vec::new(),
        };
        plan.gitignore(&repository).map_err(|error| {
            CliError::new("it cannot be told what git ignores").caused_by(error).hint("git status")
        })?;
        plan.env_example();
        plan.agents(agents, environment);
        plan.ci(ci);
        Ok(plan)
    }

    /// The text of a file; `Err` if it is there and cannot be read as text.
    fn read(&self, path: &str) -> Result<Option<String>, String> {
        let bytes = plain::read(&self.top.join(path)).map_err(|error| error.to_string())?;
        bytes.map(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string())).transpose()
    }

    /// Takes up what `step` makes of the file.
    fn step(
        &mut self,
        path: &str,
        what: &str,
        step: impl FnOnce(Option<&str>) -> Result<Option<String>, String>,
    ) {
        let place = write::inside(&self.top, path).map_err(|error| error.to_string());
        let stepped = place.and_then(|_| self.read(path)).and_then(|old| Ok((step(old.as_deref())?, old)));
        match stepped {
            Ok((new, old)) => {
                self.steps.push(Step { path: path.to_owned(), what: what.to_owned(), old, new });
            }
            Err(why) => self.refused.push((path.to_owned(), why)),
        }
    }

    fn gitignore(&mut self, repository: &Repository) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let index = repository.index(None)?;
        let probes: Vec<&BStr> = gitignore::PATTERNS.iter().map(|pattern| BStr::new(pattern.probe)).collect();
        let standings = repository.standings_untracked(&index, &probes)?;
        let shared: Vec<&str> = gitignore::PATTERNS
            .iter()
            .zip(&standings)
            .filter(|(_, standing)| is_shared(standing))
            .map(|(pattern, _)| pattern.text)
            .collect();
        let is_link = fs::symlink_metadata(self.top.join(".gitignore")).is_ok_and(|meta| meta.is_symlink());
        self.step(".gitignore", "env files and keys stay out of commits", |old| {
            if is_link {
                return Err("git reads no .gitignore that is a link".to_owned());
            }
            Ok(gitignore::step(old, |pattern| shared.contains(&pattern.text)))
        });
        for path in tracked(&index, &self.top) {
            self.warnings.push(format!(
                "{path} is tracked, so ignoring it changes nothing. Revoke what is in it, then: git rm --cached -- {path}"
            ));
        }
        Ok(())
    }

    fn env_example(&mut self) {
        let env = match plain::read(&self.top.join(".env")) {
            Ok(Some(env)) => env,
            Ok(None) => return,
            Err(error) => return self.refused.push((".env".to_owned(), error.to_string())),
        };
        let named = [".env.example", ".env.sample", ".env.template"];
        let path = named.into_iter().find(|name| self.top.join(name).exists()).unwrap_or(named[0]);
        self.step(path, "the names of .env without its values", |old| Ok(env_example::step(old, &env)));
    }

    fn agents(&mut self, wanted: &[Settings], environment: &Environment) {
        for settings in ALL {
            if is_known(settings, &self.top, environment.home.as_deref()) || wanted.contains(&settings) {
                let what = format!("hooks of {}", settings.name());
                self.step(settings.path(), &what, |old| {
                    settings.step(old).map_err(|error| error.to_string())
                });
            }
        }
    }

    fn ci(&mut self, wanted: CiWanted) {
        let ci = match wanted {
            CiWanted::Named(ci) => Some(ci),
            CiWanted::Found => ci::ALL.into_iter().find(|ci| self.top.join(ci.trace()).exists()),
            CiWanted::Nothing => None,
        };
        let Some(ci) = ci else { return };
        let workflows = fs::read_dir(self.top.join(Ci::GitHub.trace())).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = workflows.map(|entry| entry.path()).collect();
        files.extend(ci::ALL.into_iter().map(|ci| self.top.join(ci.path())));
        let gate = files.iter().find(|file| matches!(plain::read(file), Ok(Some(text)) if is_gate(&text)));
        if let Some(gate) = gate {
            let name = gate.strip_prefix(&self.top).unwrap_or(gate);
            self.fine.push(format!("CI gate in {}", name.display()));
            return;
        }
        if ci.step(self.read(ci.path()).ok().flatten().as_deref()).is_none() {
            self.open.push(format!(
                "CI gate: add a job that runs `unleak ci` with the whole history to {}",
                ci.path()
            ));
            return;
        }
        self.step(ci.path(), "a gate for what is to be merged", |old| Ok(ci.step(old)));
        self.warnings.extend(ci.open().map(|what| format!("{}: {what}", ci.path())));
    }
}

/// Whether a CI file speaks of unleak, and not in a comment only.
fn is_gate(text: &[u8]) -> bool {
    let mut lines = text.lines().map(<[u8]>::trim_start);
    lines.any(|line| !line.starts_with(b"#") && !line.starts_with(b"//") && line.contains_str("unleak"))
}

/// Whether the project, or its user, works with the agent.
pub(crate) fn is_known(agent: Settings, top: &Path, home: Option<&Path>) -> bool {
    let in_home = |trace: &str| {
        let is_folder = trace.starts_with('.') && !trace.contains('/');
        is_folder && home.is_some_and(|home| home.join(trace).is_dir())
    };
    agent.traces().iter().any(|trace| top.join(trace).exists() || in_home(trace))
}

/// Ignored by a file that everybody has: not by the user's own, nor by `info/exclude`.
fn is_shared(standing: &Standing) -> bool {
    matches!(standing, Standing::Ignored { source: Some(source) } if source.file_name().is_some_and(|name| name == ".gitignore"))
}

/// Env files and keys that git tracks.
fn tracked(index: &Index, top: &Path) -> Vec<String> {
    let paths = index.entries().map(|entry| entry.path.to_str_lossy().into_owned());
    let holds_key = |path: &str| {
        // A certificate alone is nobody's secret.
        let text = plain::read(&top.join(path)).ok().flatten().unwrap_or_default();
        text.find(b"-----BEGIN").is_none() || text.find(b"PRIVATE KEY").is_some()
    };
    let is_fixture = |path: &str| unleak_rules::is_fixture_path(path.as_bytes());
    paths
        .filter(|path| !is_fixture(path) && (is_env_file(path) || is_key_file(path) && holds_key(path)))
        .collect()
}
