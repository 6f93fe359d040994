//! What `doctor` looks at: files, settings, remotes. Everything may be missing; what is there and cannot be read is said.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _};
use unleak_guard::doctor::Remark;
use unleak_guard::doctor::agent_hooks::{SettingsFile, codex_switch};
use unleak_guard::doctor::config::Setting;
use unleak_guard::doctor::env_files::{PrivateFile, Seen};
use unleak_guard::env_file::{is_env_file, is_key_file};
use unleak_guard::init::agents::{ALL, Settings};
use unleak_guard::init::ci;
use unleak_objects::repository::{Index, Repository, Standing, read_settings};

use crate::commands::guard::folders;
use crate::commands::init::plain;
use crate::commands::init::plan::is_known;
use crate::environment::Environment;
use crate::git_program::GitProgram;

/// Everything that was gathered.
pub(super) struct Subject {
    pub(super) top: PathBuf,
    pub(super) common_dir: PathBuf,
    pub(super) env_files: Vec<PrivateFile>,
    pub(super) key_files: Vec<PrivateFile>,
    /// The example file's name, and its text if there is one.
    pub(super) example: (String, Option<String>),
    pub(super) settings: Vec<Setting>,
    pub(super) agents: Vec<Settings>,
    pub(super) agent_settings: Vec<SettingsFile>,
    pub(super) uses_aider: bool,
    pub(super) aider: Option<String>,
    pub(super) ci_files: Vec<(String, String)>,
    /// Tracked files that may bind roles, and tracked source code.
    pub(super) infrastructure: Vec<String>,
    pub(super) sources: Vec<String>,
    pub(super) pre_commit_config: Option<String>,
    /// What is there and could not be read, by check.
    unread: RefCell<Vec<Remark>>,
}

impl Subject {
    pub(super) fn gather(
        repository: &Repository,
        environment: &Environment,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let top = repository.work_dir().ok_or("it is bare: there are no files to look at")?.to_owned();
        let index = repository.index(None)?;
        let tracked: Vec<String> =
            index.entries().map(|entry| entry.path.to_str_lossy().into_owned()).collect();
        let ending = |ends: &[&str]| {
            let fits = |path: &&String| ends.iter().any(|end| path.ends_with(end));
            tracked.iter().filter(fits).cloned().collect::<Vec<_>>()
        };
        let example = [".env.example", ".env.sample", ".env.template"]
            .into_iter()
            .find(|name| top.join(name).exists())
            .unwrap_or(".env.example");
        let home = environment.home.as_deref();
        let mut subject = Self {
            env_files: Vec::new(),
            key_files: Vec::new(),
            example: (example.to_owned(), None),
            settings: Vec::new(),
            agents: ALL.into_iter().filter(|agent| is_known(*agent, &top, home)).collect(),
            agent_settings: Vec::new(),
            uses_aider: [".aider.conf.yml", ".aider.chat.history.md"]
                .iter()
                .any(|name| top.join(name).exists()),
            aider: None,
            ci_files: Vec::new(),
            infrastructure: ending(&[".tf", ".tf.json", ".yaml", ".yml", ".sh", ".bash"]),
            sources: ending(&[".py", ".js", ".ts", ".mjs", ".tsx", ".go", ".rb", ".sh"]),
            pre_commit_config: None,
            common_dir: repository.common_dir().to_owned(),
            unread: RefCell::default(),
            top,
        };
        subject.private_files(repository, &index)?;
        subject.example.1 = subject.text("ENV006", example);
        subject.settings(environment);
        subject.agent_settings(home);
        subject.aider = subject.text("AGENT005", ".aider.conf.yml");
        subject.ci_files(&tracked);
        subject.pre_commit_config = subject.text("HOOK003", ".pre-commit-config.yaml");
        Ok(subject)
    }

    /// What could not be looked at.
    pub(super) fn unread(&self) -> Vec<Remark> {
        self.unread.take()
    }

    fn skipped(&self, check: &'static str, path: &str, why: impl std::fmt::Display) {
        let remark = Remark::skip(check, format!("it cannot be read: {why}"), format!("ls -l {path}"));
        self.unread.borrow_mut().push(remark.at(path));
    }

    /// The text of a file, from the top, that `check` is about; what is no file is none.
    pub(super) fn text(&self, check: &'static str, path: &str) -> Option<String> {
        let bytes = self.bytes(check, path, &self.top.join(path))?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn bytes(&self, check: &'static str, name: &str, path: &Path) -> Option<Vec<u8>> {
        plain::read(path).unwrap_or_else(|error| {
            self.skipped(check, name, error);
            None
        })
    }

    /// HOOK003: pre-commit hides refs of a push, and needs every stage named.
    pub(super) fn pre_commit(&self) -> Option<Remark> {
        let text = self.pre_commit_config.as_ref()?;
        let is_ours = text.contains("unleak");
        let lacks = is_ours && !text.contains("default_install_hook_types");
        lacks.then(|| {
            let remedy = "default_install_hook_types: [pre-commit, pre-merge-commit, commit-msg]; and for pushes: unleak install";
            Remark::warn("HOOK003", "only pre-commit's own stage is installed: merges and messages pass", remedy)
                .at(".pre-commit-config.yaml")
        })
    }

    /// GIT001: remotes on this machine that take forced pushes.
    pub(super) fn bare_remotes(&self) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for setting in self
            .settings
            .iter()
            .filter(|one| one.name.starts_with("remote.") && one.name.rsplit('.').next() == Some("url"))
        {
            let path = setting.value.strip_prefix("file://").unwrap_or(&setting.value);
            let path = self.top.join(path);
            let Ok(Some(config)) = plain::read(&path.join("config")) else { continue };
            let refuses = read_settings(&config).into_iter().flatten().any(|one| {
                one.section == "receive" && one.key == "denynonfastforwards" && one.value != "false"
            });
            if !refuses && path.join("objects").is_dir() {
                let name = setting.name.trim_start_matches("remote.").trim_end_matches(".url");
                let remedy = format!("git -C {} config receive.denyNonFastForwards true", path.display());
                remarks.push(Remark::warn(
                    "GIT001",
                    format!("the remote '{name}' takes forced pushes from everybody"),
                    remedy,
                ));
            }
        }
        remarks
    }

    /// KEY002: what an unfinished clean-up leaves.
    pub(super) fn leftovers(&self) -> Vec<Remark> {
        let own = self.common_dir.join("unleak");
        let mut remarks = Vec::new();
        let runs = fs::read_dir(own.join("runs")).into_iter().flatten().flatten().count();
        if runs > 0 {
            let text = format!(
                "{runs} clean-up{} can still be undone: the old history, secrets included, is still here",
                if runs == 1 { "" } else { "s" }
            );
            remarks.push(Remark::warn("KEY002", text, "unleak prove, then unleak purge"));
        }
        for leftover in ["filter-repo", "filter-branch"] {
            if self.common_dir.join(leftover).exists() {
                let text = format!("{leftover} ran here, and left notes of what was before");
                remarks.push(Remark::warn("KEY002", text, "unleak scan --all-objects"));
            }
        }
        if self.common_dir.join("refs").join("original").is_dir() {
            let text = "refs/original holds the history from before filter-branch, secrets included";
            remarks.push(Remark::fail(
                "KEY002",
                text,
                "git for-each-ref --format='delete %(refname)' refs/original | git update-ref --stdin",
            ));
        }
        remarks
    }

    /// Workflows and pipelines, also those that were made just now.
    fn ci_files(&mut self, tracked: &[String]) {
        let folder = fs::read_dir(self.top.join(".github").join("workflows")).into_iter().flatten().flatten();
        let names = folder.map(|entry| format!(".github/workflows/{}", entry.file_name().to_string_lossy()));
        let others = ci::ALL.iter().map(|ci| ci.path().to_owned());
        let mut paths: Vec<String> =
            tracked.iter().cloned().chain(names).chain(others).filter(|path| is_ci(path)).collect();
        paths.sort_unstable();
        paths.dedup();
        self.ci_files =
            paths.into_iter().filter_map(|path| self.text("CI001", &path).map(|text| (path, text))).collect();
    }

    /// Env files and key files: tracked, or lying around in folders that git looks into.
    fn private_files(
        &mut self,
        repository: &Repository,
        index: &Index,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let listed = repository.worktree_files(index, false)?;
        for trouble in &listed.troubles {
            self.skipped("ENV002", &trouble.path.to_str_lossy(), &trouble.source);
        }
        let is_private = |path: &str| {
            (is_env_file(path) || is_key_file(path)) && !unleak_rules::is_fixture_path(path.as_bytes())
        };
        let mut paths: Vec<String> = Vec::new();
        for folder in folders::looked_into(repository, index, &self.top, &listed)? {
            let entries = fs::read_dir(self.top.join(&folder)).into_iter().flatten().flatten();
            let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
            let files = files.map(|entry| folders::within(&folder, &entry.file_name().to_string_lossy()));
            paths.extend(files.filter(|path| is_private(path)));
        }
        // Tracked, and gone from the disk.
        let tracked = index.entries().map(|entry| entry.path.to_str_lossy().into_owned());
        paths.extend(tracked.filter(|path| is_env_file(path) && is_private(path)));
        paths.sort_unstable();
        paths.dedup();
        let named: Vec<&BStr> = paths.iter().map(|path| BStr::new(path.as_str())).collect();
        for (path, standing) in paths.iter().zip(repository.standings(index, &named)?) {
            let full = self.top.join(path);
            let text = self.bytes("ENV004", path, &full).unwrap_or_default();
            let is_key = text.find(b"PRIVATE KEY").is_some() || text.find(b"private_key").is_some();
            let file =
                PrivateFile { path: path.clone(), text, seen: seen(&standing), is_open: is_open(&full) };
            match () {
                () if is_env_file(path) => self.env_files.push(file),
                () if is_key => self.key_files.push(file),
                () => {}
            }
        }
        Ok(())
    }

    /// Settings of git as it reads them here: of the repository, the user and the machine, with what they include.
    fn settings(&mut self, environment: &Environment) {
        let listed =
            GitProgram::new(&self.top, environment).need(["config", "--list", "--show-origin", "-z"]);
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return self.skipped("GIT002", ".git/config", error),
        };
        let mut fields = listed.split('\0');
        while let (Some(file), Some(setting)) = (fields.next(), fields.next()) {
            let (name, value) = setting.split_once('\n').unwrap_or((setting, "true"));
            let file = file.strip_prefix("file:").unwrap_or(file).to_owned();
            self.settings.push(Setting { name: name.to_owned(), value: value.to_owned(), file });
        }
    }

    /// The settings of agents, in the project and at home.
    fn agent_settings(&mut self, home: Option<&Path>) {
        for agent in ALL {
            let mut names = vec![agent.path().to_owned()];
            if agent == Settings::Claude {
                names.push(".claude/settings.local.json".to_owned());
            }
            if agent == Settings::Copilot {
                let folder = fs::read_dir(self.top.join(".github").join("hooks")).into_iter().flatten();
                let others = folder
                    .flatten()
                    .map(|entry| format!(".github/hooks/{}", entry.file_name().to_string_lossy()));
                names.extend(
                    others.filter(|name| name.rsplit('.').next() == Some("json") && name != agent.path()),
                );
            }
            for path in names {
                if let Some(text) = self.text("AGENT001", &path) {
                    self.agent_settings.push(SettingsFile { agent, path, text });
                }
            }
            let path = format!("~/{}", agent.path());
            let own = home.filter(|_| agent != Settings::Copilot).map(|home| home.join(agent.path()));
            if let Some(text) = own.and_then(|own| self.bytes("AGENT001", &path, &own)) {
                let text = String::from_utf8_lossy(&text).into_owned();
                self.agent_settings.push(SettingsFile { agent, path, text });
            }
        }
    }

    /// AGENT004: Codex has a switch of its own.
    pub(super) fn codex_switches(&self, environment: &Environment) -> Vec<Remark> {
        let name = ".codex/config.toml";
        let own = environment.home.as_ref().map(|home| (format!("~/{name}"), home.join(name)));
        let files = std::iter::once((name.to_owned(), self.top.join(name))).chain(own);
        let texts = files.filter_map(|(name, path)| Some((self.bytes("AGENT004", &name, &path)?, name)));
        texts.filter_map(|(text, name)| codex_switch(&name, &String::from_utf8_lossy(&text))).collect()
    }
}

fn is_ci(path: &str) -> bool {
    let is_yaml = matches!(path.rsplit_once('.'), Some((_, "yml" | "yaml")));
    path.starts_with(".github/workflows/") && is_yaml || ci::ALL.iter().any(|ci| ci.path() == path)
}

fn seen(standing: &Standing) -> Seen {
    match standing {
        Standing::Tracked => Seen::Tracked,
        Standing::Free => Seen::Free,
        Standing::Ignored { source: Some(source) }
            if source.file_name().is_some_and(|name| name == ".gitignore") =>
        {
            Seen::Ignored
        }
        Standing::Ignored { .. } => Seen::IgnoredPrivately,
    }
}

#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open(_: &Path) -> bool {
    false
}
