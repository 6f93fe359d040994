//! Files that nobody has changed get their new content, each at once; all others are left alone.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;

use super::changed::differing;
use super::direction::Direction;
use super::index::Move;
use super::listing::{ListingError, Tree};
use crate::durable::{Mode, fail, make_folder, read, remove, remove_folder, replace};

/// Where the files of a run that are on their way lie.
fn workshop(run_folder: &Path) -> (PathBuf, PathBuf) {
    (run_folder.join("probe"), run_folder.join("files"))
}

/// A copy of an index to ask git with. The lock that a git, killed at it, has left is nobody's: the folder is ours alone, and
/// whoever works in it holds the lock of the run.
fn probe_with(run_folder: &Path, index: &[u8]) -> Result<PathBuf, ListingError> {
    let (probe, _) = workshop(run_folder);
    remove(&probe.with_extension("lock"))?;
    replace(&probe, index, Mode::Private)?;
    Ok(probe)
}

type Stamp = (SystemTime, u64);
/// An entry with its file, and what that looked like.
type Due<'m> = (Move<'m>, PathBuf, Stamp);

/// What a file looked like, to see whether someone has written to it since.
fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = path.symlink_metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// The entries whose files are as this copy of an index has them, with where the file is and its stamp. Whether the user
/// told git to take a file for unchanged does not count: it is looked at.
fn unchanged<'m>(
    tree: Tree<'_>,
    run_folder: &Path,
    copy: &Path,
    moves: &[Move<'m>],
    direction: Direction,
) -> Result<Vec<Due<'m>>, ListingError> {
    let Some(bytes) = read(copy)? else { return Ok(Vec::new()) };
    let candidates =
        moves.iter().filter(|due| due.entry.stage == 0 && due.from.is_some() && due.to.is_some());
    let candidates = candidates.filter_map(|due| {
        let path = tree.top.join(due.entry.path.to_path().ok()?);
        let stamp = stamp(&path)?;
        Some((*due, path, stamp))
    });
    let mut candidates: Vec<_> = candidates.collect();
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let probe = probe_with(run_folder, &bytes)?;
    let these: Vec<&BString> = candidates.iter().map(|(due, ..)| &due.entry.path).collect();
    // The index from before a rewrite has the flags that were written down; whoever undoes it may have given others since.
    let has_flag = |due: &Move<'_>| due.entry.assume_unchanged || due.entry.skip_worktree;
    let flagged = candidates.iter().filter(|(due, ..)| direction == Direction::Back || has_flag(due));
    let flagged: Vec<&BString> = flagged.map(|(due, ..)| &due.entry.path).collect();
    let changed: HashSet<BString> = differing(tree, &probe, &flagged, &these)?.into_iter().collect();
    candidates.retain(|(due, ..)| !changed.contains(&due.entry.path));
    remove(&probe)?;
    Ok(candidates)
}

/// Gives files the content that their entries have in the index now; their paths. `copy` is the index they were checked out
/// from.
pub(super) fn renew(
    tree: Tree<'_>,
    run_folder: &Path,
    copy: &Path,
    moves: &[Move<'_>],
    direction: Direction,
) -> Result<HashSet<BString>, ListingError> {
    let due = unchanged(tree, run_folder, copy, moves, direction)?;
    let mut renewed = HashSet::new();
    if due.is_empty() {
        return Ok(renewed);
    }
    let now = tree.list_at(due.iter().map(|(due, ..)| &due.entry.path))?;
    let now: HashSet<(&[u8], ObjectId)> = now
        .iter()
        .filter(|listed| listed.stage == 0)
        .map(|listed| (listed.path.as_slice(), listed.id))
        .collect();
    let due = due
        .into_iter()
        .filter(|(due, ..)| due.to.is_some_and(|to| now.contains(&(due.entry.path.as_slice(), to))));
    let due: Vec<_> = due.collect();
    if due.is_empty() {
        return Ok(renewed);
    }
    let (_, folder) = workshop(run_folder);
    remove_folder(&folder)?;
    make_folder(&folder, Mode::Private)?;
    let mut prefix = b"--prefix=".to_vec();
    prefix.extend_from_slice(folder.as_os_str().as_encoded_bytes());
    prefix.push(b'/');
    let prefix = BString::from(prefix);
    let prefix = prefix.to_os_str().map_err(io::Error::other).map_err(fail("named", &folder))?;
    let paths =
        due.iter().flat_map(|(due, ..)| [due.entry.path.as_slice(), b"\0"]).collect::<Vec<_>>().concat();
    let args = ["checkout-index", "-q", "-f", "-z", "--stdin", "--ignore-skip-worktree-bits"];
    tree.call().args(args).args([prefix]).stdin(paths).run()?;
    for (entry, path, seen) in due {
        let Ok(relative) = entry.entry.path.to_path() else { continue };
        let from = folder.join(relative);
        // Without a file git had nothing to check out; after someone's edit the file is theirs.
        if from.symlink_metadata().is_ok() && stamp(&path) == Some(seen) {
            put(&from, &path).map_err(fail("written", &path))?;
            renewed.insert(entry.entry.path.clone());
        }
    }
    remove_folder(&folder)?;
    Ok(renewed)
}

/// Puts a file in the place of another, which keeps its permissions, also across file systems.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    let metadata = to.symlink_metadata()?;
    let is_file = from.symlink_metadata()?.is_file();
    if metadata.is_file() && is_file {
        fs::set_permissions(from, metadata.permissions())?;
        fs::File::open(from)?.sync_all()?;
    }
    if fs::rename(from, to).is_ok() {
        return Ok(());
    }
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".unleak-tmp");
    let beside = to.with_file_name(name);
    let copied = if is_file {
        fs::copy(from, &beside).and_then(|_| fs::File::open(&beside)?.sync_all())
    } else {
        link(from, &beside)
    };
    copied.and_then(|()| fs::rename(&beside, to)).inspect_err(|_| drop(fs::remove_file(&beside)))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}

/// Which of these have files that differ from the index now, by content: an index that was put back knows older files. Those
/// that were `renewed` do not.
pub(super) fn edited(
    tree: Tree<'_>,
    run_folder: &Path,
    moves: &[Move<'_>],
    renewed: &HashSet<BString>,
) -> Result<Vec<BString>, ListingError> {
    let paths = moves.iter().filter(|due| due.to.is_some()).map(|due| &due.entry.path);
    let paths: Vec<&BString> = paths.filter(|path| !renewed.contains(*path)).collect();
    let bytes = if paths.is_empty() { None } else { read(&tree.index())? };
    let Some(bytes) = bytes else { return Ok(Vec::new()) };
    let probe = probe_with(run_folder, &bytes)?;
    let changed: HashSet<BString> = differing(tree, &probe, &[], &paths)?.into_iter().collect();
    remove(&probe)?;
    let mut paths: Vec<BString> = paths.into_iter().filter(|path| changed.contains(*path)).cloned().collect();
    paths.dedup();
    Ok(paths)
}
