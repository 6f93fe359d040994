//! What `doctor` looks at: files, settings, remotes. Everything that can be missing may be missing.

use std::fs;
use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _};
use unleak_guard::doctor::Remark;
use unleak_guard::doctor::agent_hooks::SettingsFile;
use unleak_guard::doctor::config::Setting;
use unleak_guard::doctor::env_files::{PrivateFile, Seen};
use unleak_guard::env_file::{is_env_file, is_key_file};
use unleak_guard::init::agents::{ALL, Settings};
use unleak_guard::init::ci;
use unleak_objects::repository::{Index, Repository, Standing, read_settings};

use crate::environment::Environment;

/// Larger files are none that is looked for. Bytes.
const MAX_BYTES: u64 = 1 << 20;
/// Files of source code that are looked through.
const MAX_SOURCES: usize = 5000;

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
    pub(super) infrastructure: Vec<(String, Vec<u8>)>,
    pub(super) sources: Vec<(String, String)>,
    pub(super) pre_commit_config: Option<String>,
}

impl Subject {
    pub(super) fn gather(
        repository: &Repository,
        environment: &Environment,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let top = repository.work_dir().ok_or("it is bare: there are no files to look at")?.to_owned();
        let index = repository.index(None)?;
        let (env_files, key_files) = private_files(repository, &index, &top)?;
        let tracked: Vec<String> =
            index.entries().map(|entry| entry.path.to_str_lossy().into_owned()).collect();
        let example = [".env.example", ".env.sample", ".env.template"]
            .into_iter()
            .find(|name| top.join(name).exists())
            .unwrap_or(".env.example");
        let exists = |name: &str| top.join(name).exists();
        let home = environment.home.as_deref();
        Ok(Self {
            env_files,
            key_files,
            example: (example.to_owned(), text(&top.join(example))),
            settings: settings(repository, environment),
            agents: ALL
                .into_iter()
                .filter(|agent| agent.traces().iter().any(|trace| exists(trace)))
                .collect(),
            agent_settings: agent_settings(&top, home),
            uses_aider: exists(".aider.conf.yml") || exists(".aider.chat.history.md"),
            aider: text(&top.join(".aider.conf.yml")),
            ci_files: of(&tracked, &top, is_ci).into_iter().chain(untracked_ci(&top, &tracked)).collect(),
            infrastructure: of(&tracked, &top, |path| {
                [".tf", ".tf.json", ".yaml", ".yml", ".sh", ".bash"].iter().any(|end| path.ends_with(end))
            })
            .into_iter()
            .map(|(path, text)| (path, text.into_bytes()))
            .collect(),
            sources: of(&tracked, &top, |path| {
                [".py", ".js", ".ts", ".mjs", ".tsx", ".go", ".rb", ".sh"]
                    .iter()
                    .any(|end| path.ends_with(end))
            }),
            pre_commit_config: text(&top.join(".pre-commit-config.yaml")),
            common_dir: repository.common_dir().to_owned(),
            top,
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
            let Ok(config) = fs::read(path.join("config")) else { continue };
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
}

/// The text of a small file.
fn text(path: &Path) -> Option<String> {
    fs::metadata(path).ok().filter(|meta| meta.is_file() && meta.len() <= MAX_BYTES)?;
    Some(String::from_utf8_lossy(&fs::read(path).ok()?).into_owned())
}

fn of(tracked: &[String], top: &Path, wanted: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let paths = tracked.iter().filter(|path| wanted(path)).take(MAX_SOURCES);
    paths.filter_map(|path| Some((path.clone(), text(&top.join(path))?))).collect()
}

fn is_ci(path: &str) -> bool {
    let is_yaml = matches!(path.rsplit_once('.'), Some((_, "yml" | "yaml")));
    path.starts_with(".github/workflows/") && is_yaml || ci::ALL.iter().any(|ci| ci.path() == path)
}

/// Workflows that were made just now.
fn untracked_ci(top: &Path, tracked: &[String]) -> Vec<(String, String)> {
    let folder = fs::read_dir(top.join(".github").join("workflows")).into_iter().flatten().flatten();
    let names = folder.map(|entry| format!(".github/workflows/{}", entry.file_name().to_string_lossy()));
    let names =
        names.chain(ci::ALL.iter().filter(|ci| **ci != ci::Ci::GitHub).map(|ci| ci.path().to_owned()));
    let new = names.filter(|name| is_ci(name) && !tracked.contains(name));
    new.filter_map(|name| Some((name.clone(), text(&top.join(&name))?))).collect()
}

type Private = (Vec<PrivateFile>, Vec<PrivateFile>);

/// Env files and key files: tracked, or lying around in folders that git looks into.
fn private_files(
    repository: &Repository,
    index: &Index,
    top: &Path,
) -> Result<Private, Box<dyn std::error::Error + Send + Sync>> {
    let listed = repository.worktree_files(index, false)?;
    let mut folders: Vec<String> = vec![String::new()];
    folders.extend(
        listed.files.iter().filter_map(|file| Some(file.path.to_str_lossy().rsplit_once('/')?.0.to_owned())),
    );
    folders.sort_unstable();
    folders.dedup();
    let mut paths: Vec<String> = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(top.join(&folder)).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file
                && (is_env_file(&path) || is_key_file(&path))
                && !unleak_rules::is_fixture_path(path.as_bytes())
            {
                paths.push(path);
            }
        }
    }
    // Tracked, and gone from the disk.
    for entry in index.entries() {
        let path = entry.path.to_str_lossy().into_owned();
        if is_env_file(&path) && !paths.contains(&path) && !unleak_rules::is_fixture_path(path.as_bytes()) {
            paths.push(path);
        }
    }
    let named: Vec<&BStr> = paths.iter().map(|path| BStr::new(path.as_str())).collect();
    let standings = repository.standings(index, &named)?;
    let (mut env_files, mut key_files) = (Vec::new(), Vec::new());
    for (path, standing) in paths.iter().zip(standings) {
        let full = top.join(path);
        let seen = match standing {
            Standing::Tracked => Seen::Tracked,
            Standing::Free => Seen::Free,
            Standing::Ignored { source: Some(source) }
                if source.file_name().is_some_and(|name| name == ".gitignore") =>
            {
                Seen::Ignored
            }
            Standing::Ignored { .. } => Seen::IgnoredPrivately,
        };
        let text = text(&full).unwrap_or_default().into_bytes();
        let file = PrivateFile { path: path.clone(), text, seen, is_open: is_open(&full) };
        if is_env_file(path) {
            env_files.push(file);
        } else if file.text.find(b"PRIVATE KEY").is_some() || file.text.find(b"private_key").is_some() {
            key_files.push(file);
        }
    }
    Ok((env_files, key_files))
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

/// Settings of the repository and of the user.
fn settings(repository: &Repository, environment: &Environment) -> Vec<Setting> {
    let mut files = vec![repository.common_dir().join("config")];
    if let Some(global) = environment.variable("GIT_CONFIG_GLOBAL") {
        files.push(PathBuf::from(global));
    } else {
        files.extend(environment.home.as_ref().map(|home| home.join(".gitconfig")));
        files.extend(environment.config_home.as_ref().map(|config| config.join("git").join("config")));
    }
    let mut found = Vec::new();
    for file in files {
        let Some(settings) = fs::read(&file).ok().and_then(|text| read_settings(&text)) else { continue };
        for one in settings {
            let middle = one.subsection.map(|name| format!("{}.", name.to_str_lossy())).unwrap_or_default();
            found.push(Setting {
                name: format!("{}.{middle}{}", one.section, one.key),
                value: one.value.to_str_lossy().into_owned(),
                file: file.display().to_string(),
            });
        }
    }
    found
}

/// The settings of agents, in the project and at home.
fn agent_settings(top: &Path, home: Option<&Path>) -> Vec<SettingsFile> {
    let mut found = Vec::new();
    for agent in ALL {
        let mut names = vec![agent.path().to_owned()];
        match agent {
            Settings::Claude => names.push(".claude/settings.local.json".to_owned()),
            Settings::Copilot => {
                let folder = fs::read_dir(top.join(".github").join("hooks")).into_iter().flatten().flatten();
                let others =
                    folder.map(|entry| format!(".github/hooks/{}", entry.file_name().to_string_lossy()));
                names.extend(
                    others.filter(|name| name.rsplit('.').next() == Some("json") && name != agent.path()),
                );
            }
            _ => {}
        }
        for name in names {
            if let Some(text) = text(&top.join(&name)) {
                found.push(SettingsFile { agent, path: name, text });
            }
        }
        let own = home.filter(|_| agent != Settings::Copilot).map(|home| home.join(agent.path()));
        if let Some(text) = own.and_then(|path| text(&path)) {
            found.push(SettingsFile { agent, path: format!("~/{}", agent.path()), text });
        }
    }
    found
}
