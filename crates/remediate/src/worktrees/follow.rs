//! One worktree follows the refs: first its index, then its files.

use std::fs::File;
use std::path::Path;

use bstr::{BString, ByteSlice as _};

use super::direction::Direction;
use super::files::{edited, renew};
use super::index::{Move, exchange, forget_resolved, note, put_back, refresh};
use super::listing::{ListingError, Tree};
use super::plan::{index_copy, save};
use crate::durable::{FileError, Mode, is_younger, make_folder, read, remove, replace};
use crate::git::Git;
use crate::journal::{Entry, WorktreeRecord};
use crate::places::Worktree;

/// Files that were not renewed.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    /// Tracked no longer and left on disk.
    pub(crate) kept: Vec<BString>,
    /// Someone works on them.
    pub(crate) edited: Vec<BString>,
}

/// Lets index and files of a worktree follow. Begun again after a crash, it goes on.
pub(crate) fn follow(
    git: &Git,
    lock: &File,
    run_folder: &Path,
    (worktree, record, entries): (&Worktree, &WorktreeRecord, &[&Entry]),
    direction: Direction,
) -> Result<Followed, ListingError> {
    let nowhere = run_folder.join("nowhere");
    make_folder(&nowhere, Mode::Private)?;
    let reachable = worktree.top.as_deref().filter(|top| top.is_dir());
    let tree = Tree { git, git_dir: &worktree.git_dir, top: reachable.unwrap_or(&nowhere) };
    // A worktree that was removed meanwhile needs nothing.
    if !tree.index().is_file() {
        return Ok(Followed::default());
    }
    mark(run_folder, worktree)?;
    let saved = index_copy(run_folder, record.number);
    let listing = run_folder.join(format!("listing-{}", record.number));
    let (moves, probe) = match direction {
        Direction::Forward => {
            let moves = entries.iter().map(|entry| Move { entry, from: Some(entry.old), to: entry.new });
            (moves.collect::<Vec<_>>(), saved.clone())
        }
        Direction::Back => {
            let probe = run_folder.join(format!("index-after-{}", record.number));
            save(worktree, &probe)?;
            let moves = entries.iter().map(|entry| Move { entry, from: entry.new, to: Some(entry.old) });
            (moves.collect(), probe)
        }
    };
    let restored = direction == Direction::Back && put_back(tree, &listing, &saved)?;
    if !restored {
        exchange(tree, lock, &moves)?;
    }
    if direction == Direction::Forward && record.forget_resolved {
        forget_resolved(tree, lock)?;
    }
    let mut followed = Followed::default();
    if let Some(top) = reachable {
        let renewed = renew(tree, run_folder, &probe, &moves, direction)?;
        if !restored {
            refresh(tree, lock, &moves)?;
        }
        let gone = moves.iter().filter(|due| due.to.is_none()).map(|due| &due.entry.path);
        let on_disk =
            |path: &&BString| path.to_path().is_ok_and(|path| top.join(path).symlink_metadata().is_ok());
        followed.kept = gone.filter(on_disk).cloned().collect();
        followed.kept.dedup();
        followed.edited = edited(tree, run_folder, &moves, &renewed)?;
    }
    if direction == Direction::Forward {
        note(tree, &listing)?;
    }
    remove(&run_folder.join(MARK))?;
    Ok(followed)
}

/// Names the worktree that is being worked on, for as long as it is.
const MARK: &str = "in-worktree";

fn mark(run_folder: &Path, worktree: &Worktree) -> Result<(), ListingError> {
    let path = run_folder.join(MARK);
    Ok(replace(&path, &worktree.id, Mode::Private)?)
}

/// Removes the lock of an index that a git, killed together with this program, has left. To be called with the lock of
/// the run held, which a git of ours would hold as well.
pub(crate) fn clear_index_lock(run_folder: &Path, worktree: &Worktree) -> Result<(), FileError> {
    let mark = run_folder.join(MARK);
    let marked = read(&mark)?.is_some_and(|name| name == *worktree.id);
    let since = mark.metadata().and_then(|metadata| metadata.modified()).ok();
    let lock = worktree.git_dir.join("index.lock");
    if marked && is_younger(&lock, since) { remove(&lock) } else { Ok(()) }
}
