//! What the guard must know about the world around a command; asked for only where a verdict depends on it.

use std::path::{Path, PathBuf};

use unleak_findings::Fingerprint;

/// How git sees a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In the index.
    Tracked,
    /// Not in the index, and ignored.
    Ignored,
    /// Neither: the next `git add` may take it.
    Trackable,
    /// In no working tree.
    Outside,
}

/// A file that is staged, or that a command would stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// From the top of the working tree, with `/` between.
    pub path: String,
    /// What would be committed; empty where it cannot be read.
    pub content: Vec<u8>,
    /// What HEAD has at the same path; `None` for a new file.
    pub previous: Option<Vec<u8>>,
}

/// What a `git add` or `git commit` takes besides what is staged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Adding {
    /// Paths and pathspecs, relative to the folder.
    pub paths: Vec<String>,
    /// Everything that is tracked and changed (`-u`, `commit -a`).
    pub tracked: bool,
    /// Everything else that is not ignored (`-A`).
    pub untracked: bool,
    /// Ignored files too (`-f`).
    pub ignored: bool,
}

/// The world as the guard sees it. Folders and paths are absolute.
pub trait Facts {
    /// How git sees `path`.
    ///
    /// # Errors
    /// When there is a repository that cannot be asked.
    fn standing(&self, path: &Path) -> Result<Standing, String>;
    /// Whether the baseline of HEAD accepts the secret.
    fn accepts(&self, fingerprint: &Fingerprint) -> bool;
    /// The top of the working tree that `folder` lies in.
    fn top(&self, folder: &Path) -> Option<PathBuf>;
    /// What is staged in the repository of `folder`.
    ///
    /// # Errors
    /// When it cannot be told.
    fn staged(&self, folder: &Path) -> Result<Vec<Candidate>, String>;
    /// What `adding` would stage there.
    ///
    /// # Errors
    /// When it cannot be told.
    fn stageable(&self, folder: &Path, adding: &Adding) -> Result<Vec<Candidate>, String>;
    /// Files at or below `path` that no commit can bring back: not tracked, and not ignored or with keys in them; or
    /// tracked, and not as in the index.
    ///
    /// # Errors
    /// When it cannot be told.
    fn unrecoverable(&self, path: &Path) -> Result<Vec<String>, String>;
    /// The alias of git with that name, as the configuration has it.
    fn alias(&self, folder: &Path, name: &str) -> Option<String>;
    /// An environment variable.
    fn variable(&self, name: &str) -> Option<String>;
    /// The content of a file; `None` if there is none, or it is too large to be what is looked for.
    fn read(&self, path: &Path) -> Option<Vec<u8>>;
    /// Names and contents of the env files in `folder` and at the top of its working tree, in the order of loading.
    fn env_files(&self, folder: &Path) -> Vec<(String, Vec<u8>)>;
    /// Names and contents of tracked files that may bind roles: Terraform, YAML, shell scripts.
    fn infrastructure(&self, folder: &Path) -> Vec<(String, Vec<u8>)>;
    /// The user's home directory.
    fn home(&self) -> Option<PathBuf>;
}
