//! The directories of a repository: that of each worktree, where its files are, and where a ref of a name lies.
//!
//! Refs are named as git names them from the main worktree, whichever worktree was opened.

use std::path::{Path, PathBuf};

use bstr::{BStr, BString, ByteSlice as _};
use unleak_objects::repository::Repository;

use crate::durable::{FileError, entries, read};
use crate::git::{Git, GitError};

/// A worktree: the main one (also that of a bare repository, which has no files) or a linked one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Worktree {
    /// The name of a linked one, empty for the main one.
    pub(crate) id: BString,
    /// Where its `HEAD` and index lie.
    pub(crate) git_dir: PathBuf,
    /// The top of its files; `None` if it has none, or they are out of reach.
    pub(crate) top: Option<PathBuf>,
}

/// Why the worktrees are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlacesError {
    /// A directory or file that says where they are cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// git cannot be asked for the configuration.
    #[error(transparent)]
    Git(#[from] GitError),
}

/// All worktrees, the main one first, the others by name.
pub(crate) fn worktrees(repo: &Repository, git: &Git) -> Result<Vec<Worktree>, PlacesError> {
    let common = repo.common_dir();
    let mut found =
        vec![Worktree { id: BString::default(), git_dir: common.to_owned(), top: main_top(repo, git)? }];
    for entry in entries(&common.join("worktrees"))? {
        let git_dir = entry.path();
        if !git_dir.is_dir() {
            continue;
        }
        let link = read(&git_dir.join("gitdir"))?.unwrap_or_default();
        let top = link.trim_end().to_path().ok().map(|link| git_dir.join(link));
        let top =
            top.and_then(|link| link.parent().map(Path::to_owned)).filter(|top| top.join(".git").exists());
        found.push(Worktree { id: entry.file_name().as_encoded_bytes().into(), git_dir, top });
    }
    Ok(found)
}

/// As git finds it: named in the configuration, or around a directory of the usual name.
fn main_top(repo: &Repository, git: &Git) -> Result<Option<PathBuf>, GitError> {
    let common = repo.common_dir();
    if repo.git_dir() == common {
        return Ok(repo.work_dir().map(Path::to_owned));
    }
    let asked = |args: &[&str]| git.at(common).args(["config"]).args(args).ask();
    if asked(&["--type=bool", "core.bare"])?.is_some_and(|answer| answer.trim() == b"true") {
        return Ok(None);
    }
    let named = asked(&["core.worktree"])?;
    let named =
        named.as_ref().and_then(|answer| answer.trim_end().to_path().ok()).map(|path| common.join(path));
    let around = || common.parent().filter(|_| common.ends_with(".git")).map(Path::to_owned);
    Ok(named.or_else(around).filter(|top| top.is_dir()))
}

/// Turns a name as the opened worktree sees it into that of the main worktree.
pub(crate) fn from_main(repo: &Repository, name: &BStr) -> BString {
    let (own, common) = (repo.git_dir(), repo.common_dir());
    if own == common || name.starts_with(b"worktrees/") {
        return name.to_owned();
    }
    if let Some(rest) = name.strip_prefix(b"main-worktree/") {
        return rest.into();
    }
    if is_shared(name) {
        return name.to_owned();
    }
    let id = own.file_name().unwrap_or_default().as_encoded_bytes();
    [b"worktrees/", id, b"/", name].concat().into()
}

/// Whether all worktrees share the ref of this name.
pub(crate) fn is_shared(name: &[u8]) -> bool {
    let own: [&[u8]; 3] = [b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"];
    name.starts_with(b"refs/") && !own.iter().any(|prefix| name.starts_with(prefix))
}

/// The file of a ref, as it is named from the main worktree; it need not exist. `None`: no name of a ref.
pub(crate) fn file_of(common_dir: &Path, name: &BStr) -> Option<PathBuf> {
    let relative = name.to_path().ok()?;
    let inside = relative.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    inside.then(|| common_dir.join(relative))
}
