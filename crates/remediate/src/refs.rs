//! Refs move from what they name to what they shall name: all in one transaction of git, or none.
//!
//! Guaranteed: a ref that is not where it was expected to be stops the whole. Not guaranteed by git: that all are moved
//! when the machine stops in the middle of it. [`standing`] tells where they are, and the same transaction again, from
//! wherever each of them is, brings them together.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::time::SystemTime;

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{RefTroubleKind, RefsError, Repository};

use crate::change::RefUpdate;
use crate::durable::{CAN_SYNC_ALL, FileError, entries, is_younger, read, remove, sync_all_below};
use crate::git::{Git, GitError};
use crate::places::{file_of, from_main};

/// Where a ref is, of the two places it can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Old,
    New,
    /// Someone else has moved it.
    Foreign,
}

/// Where refs are, all together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    AllOld,
    AllNew,
    Mixed,
    /// Some are where nobody of us put them.
    Foreign(Vec<BString>),
}

/// Which way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Forward,
    Back,
}

/// From so many on, refs are brought to the disk all together: git does it one by one, which takes it milliseconds each.
const MANY: usize = 32;

/// What each ref of the repository names directly, by its name from the main worktree. Symbolic ones are not in it, nor
/// are those that cannot be read.
fn direct(repo: &Repository) -> Result<HashMap<BString, ObjectId>, RefsError> {
    let (tips, troubles) = repo.tips()?;
    let tips = tips.into_iter().filter(|tip| tip.symbolic.is_none()).map(|tip| (tip.name, tip.target));
    let missing = troubles.into_iter().filter_map(|trouble| match trouble.kind {
        RefTroubleKind::MissingObject(id) => Some((trouble.name, id)),
        _ => None,
    });
    Ok(tips.chain(missing).map(|(name, id)| (from_main(repo, name.as_ref()), id)).collect())
}

/// Where each of these refs is.
pub(crate) fn sides(repo: &Repository, refs: &[RefUpdate]) -> Result<Vec<Side>, RefsError> {
    let now = direct(repo)?;
    let side = |update: &RefUpdate| match now.get(&update.name) {
        Some(id) if *id == update.old => Side::Old,
        at if at == update.new.as_ref() && is_free(repo, update.name.as_ref(), at) => Side::New,
        _ => Side::Foreign,
    };
    Ok(refs.iter().map(side).collect())
}

/// A deleted ref must not have become a symbolic one.
fn is_free(repo: &Repository, name: &BStr, at: Option<&ObjectId>) -> bool {
    at.is_some() || file_of(repo.common_dir(), name).is_some_and(|path| !path.is_file())
}

/// Where these refs are, all together.
pub(crate) fn standing(refs: &[RefUpdate], sides: &[Side]) -> Standing {
    let foreign = refs.iter().zip(sides).filter(|(_, side)| **side == Side::Foreign);
    let foreign: Vec<BString> = foreign.map(|(update, _)| update.name.clone()).collect();
    let all = |wanted| sides.iter().all(|side| *side == wanted);
    match () {
        () if !foreign.is_empty() => Standing::Foreign(foreign),
        () if all(Side::Old) => Standing::AllOld,
        () if all(Side::New) => Standing::AllNew,
        () => Standing::Mixed,
    }
}

/// Moves every ref that is not there yet. `sides` is where they are, none of them foreign.
pub(crate) fn shift(
    git: &Git,
    common_dir: &Path,
    lock: &File,
    (refs, sides): (&[RefUpdate], &[Side]),
    way: Way,
) -> Result<(), GitError> {
    let mut lines = b"start\0".to_vec();
    let mut count = 0;
    for (update, side) in refs.iter().zip(sides) {
        let (from, to) = match (way, side) {
            (Way::Forward, Side::Old) => (Some(update.old), update.new),
            (Way::Back, Side::New) => (update.new, Some(update.old)),
            _ => continue,
        };
        count += 1;
        // Empty text for a value means that there must be none.
        let text = |id: Option<ObjectId>| id.map_or_else(String::new, |id| id.to_string());
        let (verb, values) = match (from, to) {
            (_, None) => ("delete", vec![text(from)]),
            (None, Some(_)) => ("create", vec![text(to)]),
            (Some(_), Some(_)) => ("update", vec![text(to), text(from)]),
        };
        lines.extend_from_slice(verb.as_bytes());
        lines.push(b' ');
        lines.extend_from_slice(&update.name);
        lines.push(0);
        for value in values {
            lines.extend_from_slice(value.as_bytes());
            lines.push(0);
        }
    }
    if count == 0 {
        return Ok(());
    }
    let args = ["update-ref", "-m", crate::reflogs::MESSAGE, "--stdin", "-z"];
    lines.extend_from_slice(b"prepare\0");
    let call = git.at(common_dir).args(args).stdin(lines).holding(lock);
    if count < MANY || !CAN_SYNC_ALL {
        return call.then("prepare: ok", || Ok(()), "commit\0").run().map(drop);
    }
    let sync = || sync_all_below(common_dir);
    call.settings(["core.fsync=none"]).then("prepare: ok", sync, "commit\0").run()?;
    sync().map_err(|source| GitError::Start { program: git.program().to_owned(), source })
}

/// Removes lock files that a killed transaction of ours has left: they hold what we were about to write, or nothing and
/// are younger than the journal. To be called with the lock of the run held, which a git of ours would hold as well.
pub(crate) fn clear_locks(
    common_dir: &Path,
    refs: &[RefUpdate],
    since: Option<SystemTime>,
) -> Result<(), FileError> {
    for update in refs {
        let Some(path) = file_of(common_dir, update.name.as_ref()) else { continue };
        let mut lock = path.into_os_string();
        lock.push(".lock");
        let lock = Path::new(&lock);
        let Some(content) = read(lock)? else { continue };
        let content = content.trim_end();
        let ours = [Some(update.old), update.new].into_iter().flatten();
        let ours = ours.map(|id| id.to_string()).any(|id| id.as_bytes() == content);
        if ours
            || content == crate::reflogs::MESSAGE.as_bytes()
            || (content.is_empty() && is_younger(lock, since))
        {
            remove(lock)?;
        }
    }
    let mut shared =
        ["packed-refs.lock", "packed-refs.new", "HEAD.lock"].map(|name| common_dir.join(name)).to_vec();
    shared.extend(entries(&common_dir.join("worktrees"))?.iter().map(|entry| entry.path().join("HEAD.lock")));
    shared.iter().filter(|path| is_younger(path, since)).try_for_each(|path| remove(path))
}
