//! Before anything moves: which entries of which index will change, and a copy of each index as it is.

use std::path::{Path, PathBuf};

use bstr::{BStr, ByteSlice as _};

use gix_hash::ObjectId;

use super::listing::{Listed, ListingError, Tree};
use crate::change::{Fate, ObjectMap};
use crate::durable::{Mode, make_folder, read, replace};
use crate::git::Git;
use crate::journal::{Entry, WorktreeRecord};
use crate::places::Worktree;

/// An entry that names a commit of another repository.
const GITLINK: &str = "160000";

/// Where the copy of an index lies.
pub(crate) fn index_copy(run_folder: &Path, worktree: usize) -> PathBuf {
    run_folder.join(format!("index-{worktree}"))
}

/// What will change in the index of one worktree; `None` if nothing will.
pub(crate) fn plan(
    git: &Git,
    worktree: &Worktree,
    number: usize,
    run_folder: &Path,
    (objects, deleted): (&ObjectMap, &dyn Fn(&BStr) -> bool),
) -> Result<Option<(WorktreeRecord, Vec<Entry>)>, ListingError> {
    if !worktree.git_dir.join("index").is_file() {
        return Ok(None);
    }
    let nowhere = run_folder.join("nowhere");
    make_folder(&nowhere, Mode::Private)?;
    let top = worktree.top.as_deref().unwrap_or(&nowhere);
    let tree = Tree { git, git_dir: &worktree.git_dir, top };
    let mut entries = Vec::new();
    for listed in tree.list(None)? {
        let new = match objects.fate(&listed.id) {
            _ if deleted(listed.path.as_bstr()) => None,
            Fate::Replaced(new) if listed.mode != GITLINK => Some(new),
            Fate::Gone if listed.mode != GITLINK => None,
            _ => continue,
        };
        entries.push(entry(listed, number, new));
    }
    let forget_resolved = tree.resolved()?.iter().any(|id| objects.fate(id) != Fate::Same);
    if entries.is_empty() && !forget_resolved {
        return Ok(None);
    }
    Ok(Some((WorktreeRecord { number, id: worktree.id.clone(), forget_resolved }, entries)))
}

fn entry(listed: Listed, worktree: usize, new: Option<ObjectId>) -> Entry {
    Entry {
        worktree,
        path: listed.path,
        mode: listed.mode,
        stage: listed.stage,
        old: listed.id,
        new,
        assume_unchanged: listed.assume_unchanged,
        skip_worktree: listed.skip_worktree,
    }
}

/// Copies the index of a worktree, as it is, unless it was copied already.
pub(crate) fn save(worktree: &Worktree, copy: &Path) -> Result<(), ListingError> {
    if copy.exists() {
        return Ok(());
    }
    if let Some(bytes) = read(&worktree.git_dir.join("index"))? {
        replace(copy, &bytes, Mode::Private)?;
    }
    Ok(())
}
