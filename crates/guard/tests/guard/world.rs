//! A made-up world: a repository at `/work/app`, a home at `/home/dev`, files that the test names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use unleak_findings::Fingerprint;
use unleak_guard::policy::Policies;
use unleak_guard::{Adding, Candidate, Event, Facts, Judge, Scanner, Standing, Verdict};

/// Facts without a disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    /// Files of the working tree that git neither tracks nor ignores.
    pub(crate) untracked: BTreeMap<String, String>,
    /// Files in the index that HEAD does not have.
    pub(crate) staged: BTreeMap<String, String>,
    pub(crate) tracked: Vec<String>,
    pub(crate) ignored: Vec<String>,
    /// Other files, by absolute path.
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) env_files: Vec<(String, String)>,
    pub(crate) infrastructure: Vec<(String, String)>,
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) aliases: BTreeMap<String, String>,
    /// Every question about the repository fails.
    pub(crate) broken: bool,
}

pub(crate) const TOP: &str = "/work/app";

fn scanner() -> &'static Scanner {
    static SCANNER: OnceLock<Scanner> = OnceLock::new();
    SCANNER.get_or_init(|| Scanner::new(unleak_rules::builtin::rule_set()))
}

fn policies() -> &'static Policies {
    static POLICIES: OnceLock<Policies> = OnceLock::new();
    POLICIES.get_or_init(Policies::builtin)
}

impl World {
    pub(crate) fn judge(&self, event: &Event) -> Verdict {
        Judge { scanner: scanner(), policies: policies(), facts: self }.verdict(event, Path::new(TOP))
    }

    fn of(&self, files: &BTreeMap<String, String>) -> Result<Vec<Candidate>, String> {
        if self.broken {
            return Err("the index is damaged".to_owned());
        }
        let candidate = |(path, text): (&String, &String)| Candidate {
            path: path.clone(),
            content: text.clone().into_bytes(),
            previous: None,
        };
        Ok(files.iter().map(candidate).collect())
    }
}

impl Facts for World {
    fn standing(&self, path: &Path) -> Result<Standing, String> {
        if self.broken {
            return Err("the index is damaged".to_owned());
        }
        let Ok(inside) = path.strip_prefix(TOP) else { return Ok(Standing::Outside) };
        let inside = inside.to_string_lossy().into_owned();
        Ok(match () {
            () if self.tracked.contains(&inside) => Standing::Tracked,
            () if self.ignored.contains(&inside) => Standing::Ignored,
            () => Standing::Trackable,
        })
    }
    fn accepts(&self, _: &Fingerprint) -> bool {
        false
    }
    fn top(&self, folder: &Path) -> Option<PathBuf> {
        folder.starts_with(TOP).then(|| TOP.into())
    }
    fn staged(&self, _: &Path) -> Result<Vec<Candidate>, String> {
        self.of(&self.staged)
    }
    fn stageable(&self, _: &Path, adding: &Adding) -> Result<Vec<Candidate>, String> {
        let mut all = self.of(&self.untracked)?;
        let everything = adding.untracked || adding.paths.iter().any(|path| path == "." || path == "*");
        all.retain(|file| {
            everything || adding.paths.iter().any(|path| file.path.starts_with(path.trim_end_matches('/')))
        });
        Ok(all)
    }
    fn unrecoverable(&self, path: &Path) -> Result<Vec<String>, String> {
        let inside = path.strip_prefix(TOP).unwrap_or(path);
        let all = self.of(&self.untracked)?.into_iter().map(|file| file.path);
        Ok(all.filter(|file| Path::new(file).starts_with(inside)).collect())
    }
    fn alias(&self, _: &Path, name: &str) -> Option<String> {
        self.aliases.get(name).cloned()
    }
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
    fn read(&self, path: &Path) -> Option<Vec<u8>> {
        self.files.get(path.to_str()?).map(|text| text.clone().into_bytes())
    }
    fn env_files(&self, _: &Path) -> Vec<(String, Vec<u8>)> {
        self.env_files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect()
    }
    fn infrastructure(&self, _: &Path) -> Vec<(String, Vec<u8>)> {
        self.infrastructure.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect()
    }
    fn home(&self) -> Option<PathBuf> {
        Some("/home/dev".into())
    }
}
