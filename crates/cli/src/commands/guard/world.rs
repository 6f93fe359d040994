//! The world around an agent's command: files, repositories, configuration, environment. Everything is looked up late.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bstr::ByteSlice as _;
use unleak_findings::{Baseline, Fingerprint, Standing as Accepted};
use unleak_guard::{Adding, Candidate, Facts, Standing};
use unleak_objects::repository::{Setting, read_settings};

use crate::accepted;
use crate::commands::guard::files;
use crate::commands::guard::located::{Located, Opened};
use crate::environment::Environment;

/// Files that a check reads are small. Bytes.
const MAX_BYTES: u64 = 4 << 20;
/// Files of git's configuration that are followed, each to those that it includes.
const MAX_CONFIG_FILES: usize = 32;
/// Bytes of infrastructure code that are read in all.
const MAX_INFRASTRUCTURE: usize = 32 << 20;
/// Env files as frameworks load them, the one that counts first.
const ENV_FILES: [&str; 6] =
    [".env.local", ".env.development.local", ".env.development", ".env", ".envrc", "env.local"];

/// The facts, from the disk.
pub(crate) struct World<'e> {
    environment: &'e Environment,
    located: Located<'e>,
    baseline: OnceCell<Baseline>,
}

impl<'e> World<'e> {
    pub(crate) fn new(environment: &'e Environment) -> Self {
        Self { environment, located: Located::new(environment), baseline: OnceCell::new() }
    }

    fn opened(&self, folder: &Path) -> Result<Option<(Rc<Opened>, PathBuf)>, String> {
        let folder = Located::real(folder);
        Ok(self.located.repository(&folder)?.map(|opened| (opened, folder)))
    }

    /// The configuration files that count in `folder`, the one that counts most first.
    fn config_files(&self, folder: &Path) -> Vec<PathBuf> {
        let local = self
            .opened(folder)
            .ok()
            .flatten()
            .map(|(opened, _)| opened.repository.common_dir().join("config"));
        let global = self.environment.variable("GIT_CONFIG_GLOBAL").map(PathBuf::from);
        let usual = || {
            let home = self.environment.home.as_ref().map(|home| home.join(".gitconfig"));
            let config =
                self.environment.config_home.as_ref().map(|config| config.join("git").join("config"));
            home.into_iter().chain(config).collect::<Vec<_>>()
        };
        let system = PathBuf::from("/etc/gitconfig");
        local.into_iter().chain(global.map_or_else(usual, |file| vec![file])).chain([system]).collect()
    }
}

impl World<'_> {
    /// Where a configuration file's `include.path` leads.
    fn included(&self, from: &Path, path: &str) -> Option<PathBuf> {
        match path.strip_prefix("~/") {
            Some(rest) => Some(self.environment.home.as_ref()?.join(rest)),
            None => Some(from.parent()?.join(path)),
        }
    }
}

impl Facts for World<'_> {
    fn standing(&self, path: &Path) -> Result<Standing, String> {
        let Some((opened, real)) = self.opened(path)? else { return Ok(Standing::Outside) };
        files::standing(&opened, &real)
    }

    fn accepts(&self, fingerprint: &Fingerprint) -> bool {
        let baseline = self.baseline.get_or_init(|| {
            let opened = self.opened(&self.environment.current_dir).ok().flatten();
            let read =
                opened.and_then(|(opened, _)| accepted::of_revision(&opened.repository, Some("HEAD")).ok());
            read.map(|file| file.baseline).unwrap_or_default()
        });
        matches!(baseline.standing(fingerprint, Environment::today()), Accepted::Accepted(_))
    }

    fn top(&self, folder: &Path) -> Option<PathBuf> {
        let (opened, _) = self.opened(folder).ok().flatten()?;
        // As the agent names it, where that leads to the same place.
        let named = folder.ancestors().find(|one| one.canonicalize().is_ok_and(|real| real == opened.top));
        Some(named.map_or_else(|| opened.top.clone(), Path::to_owned))
    }

    fn staged(&self, folder: &Path) -> Result<Vec<Candidate>, String> {
        self.opened(folder)?.map_or(Ok(Vec::new()), |(opened, _)| files::staged(&opened))
    }

    fn stageable(&self, folder: &Path, adding: &Adding) -> Result<Vec<Candidate>, String> {
        let opened = self.opened(folder)?;
        opened.map_or(Ok(Vec::new()), |(opened, real)| files::stageable(&opened, &real, adding))
    }

    fn unrecoverable(&self, path: &Path) -> Result<Vec<String>, String> {
        let opened = self.opened(path)?;
        opened.map_or(Ok(Vec::new()), |(opened, real)| files::unrecoverable(&opened, &real))
    }

    fn alias(&self, folder: &Path, name: &str) -> Option<String> {
        let name = name.to_ascii_lowercase();
        let mut pending = self.config_files(folder);
        pending.reverse();
        let mut looked_at = 0;
        while let Some(file) = pending.pop().filter(|_| looked_at < MAX_CONFIG_FILES) {
            looked_at += 1;
            let settings = self.read(&file).and_then(|text| read_settings(&text)).unwrap_or_default();
            let is_alias =
                |one: &&Setting| one.section == "alias" && one.subsection.is_none() && one.key == name;
            if let Some(alias) = settings.iter().rev().find(is_alias) {
                return Some(alias.value.to_str_lossy().into_owned());
            }
            // Whether a condition holds is not asked: an alias that may count counts.
            let included =
                settings.iter().filter(|one| one.section.starts_with("include") && one.key == "path");
            pending.extend(included.filter_map(|one| self.included(&file, &one.value.to_str_lossy())));
        }
        None
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.environment.variable(name)
    }

    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        let meta = std::fs::metadata(path).ok()?;
        (meta.is_file() && meta.len() <= MAX_BYTES).then(|| std::fs::read(path).ok()).flatten()
    }

    fn env_files(&self, folder: &Path) -> Vec<(String, Vec<u8>)> {
        let top = self.top(folder).filter(|top| top != folder);
        let mut found = Vec::new();
        for place in std::iter::once(folder).chain(top.as_deref()) {
            for name in ENV_FILES {
                if let Some(text) = self.read(&place.join(name)) {
                    found.push((name.to_owned(), text));
                }
            }
        }
        found
    }

    fn infrastructure(&self, folder: &Path) -> Vec<(String, Vec<u8>)> {
        let Some((opened, _)) = self.opened(folder).ok().flatten() else { return Vec::new() };
        let Ok(index) = opened.index() else { return Vec::new() };
        let (mut found, mut size) = (Vec::new(), 0);
        for entry in index.entries() {
            let path = entry.path.to_string();
            let is_one =
                [".tf", ".tf.json", ".yaml", ".yml", ".sh", ".bash"].iter().any(|end| path.ends_with(end));
            if let Some(text) = is_one.then(|| self.read(&opened.top.join(&path))).flatten() {
                size += text.len();
                if size > MAX_INFRASTRUCTURE {
                    break;
                }
                found.push((path, text));
            }
        }
        found
    }

    fn home(&self) -> Option<PathBuf> {
        self.environment.home.clone()
    }
}
