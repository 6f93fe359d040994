//! Entries of an index are exchanged, flags and conflicts kept; or the whole index is put back as it was.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use bstr::BStr;
use gix_hash::ObjectId;

use super::listing::{FEW, Listed, ListingError, Tree};
use crate::durable::{Mode, fail, read, replace, sync_folder_of};
use crate::journal::Entry;

/// An entry and which way it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move<'a> {
    pub(super) entry: &'a Entry,
    pub(super) from: Option<ObjectId>,
    pub(super) to: Option<ObjectId>,
}

/// Exchanges the entries that are still where they come from.
pub(super) fn exchange(tree: Tree<'_>, lock: &File, moves: &[Move<'_>]) -> Result<(), ListingError> {
    let now = tree.list_at(moves.iter().map(|due| &due.entry.path))?;
    let at: HashMap<(&BStr, u8), &Listed> =
        now.iter().map(|listed| ((listed.path.as_ref(), listed.stage), listed)).collect();
    let due = moves.iter().filter(|due| {
        let listed = at.get(&(due.entry.path.as_ref(), due.entry.stage));
        due.from != due.to && listed.map(|listed| listed.id) == due.from
    });
    let due: Vec<&Move<'_>> = due.collect();
    if due.is_empty() {
        return Ok(());
    }
    let mut lines = Vec::new();
    for Move { entry, to, .. } in &due {
        let text = match to {
            Some(id) => format!("{} {id} {}\t", entry.mode, entry.stage),
            None => format!("0 {} 0\t", ObjectId::null(entry.old.kind())),
        };
        lines.extend_from_slice(text.as_bytes());
        lines.extend_from_slice(&entry.path);
        lines.push(0);
    }
    update(tree, lock, &["--index-info"], lines)?;
    // A new entry has no flags.
    for (flag, has) in [
        ("--skip-worktree", (|entry| entry.skip_worktree) as fn(&Entry) -> bool),
        ("--assume-unchanged", |entry| entry.assume_unchanged),
    ] {
        let flagged =
            due.iter().filter(|due| due.to.is_some() && has(due.entry)).map(|due| due.entry.path.as_slice());
        let flagged = flagged.flat_map(|path| [path, b"\0"]).collect::<Vec<_>>().concat();
        if !flagged.is_empty() {
            update(tree, lock, &[flag, "--stdin"], flagged)?;
        }
    }
    Ok(())
}

fn update(tree: Tree<'_>, lock: &File, args: &[&str], stdin: Vec<u8>) -> Result<(), ListingError> {
    let args = ["update-index", "-z"].iter().chain(args);
    tree.call().args(args).stdin(stdin).holding(lock).run()?;
    Ok(())
}

/// Lets git forget conflicts that were resolved long ago.
pub(super) fn forget_resolved(tree: Tree<'_>, lock: &File) -> Result<(), ListingError> {
    tree.call().args(["update-index", "--clear-resolve-undo"]).holding(lock).run()?;
    Ok(())
}

/// Looks again at the files of entries that were exchanged, so that git knows which are unchanged without reading them.
pub(super) fn refresh(tree: Tree<'_>, lock: &File, moves: &[Move<'_>]) -> Result<(), ListingError> {
    let paths: Vec<_> = moves.iter().filter(|due| due.to.is_some()).map(|due| &due.entry.path).collect();
    if !paths.is_empty() && paths.len() <= FEW {
        let call = tree.about(tree.call().args(["add", "--refresh"]), paths.into_iter())?;
        // It fails if one of them is not in the index any more.
        if let (Some(0 | 1), ..) = call.holding(lock).outcome()? {
            return Ok(());
        }
    }
    // Exit code 1 says that some file is changed.
    tree.call().args(["update-index", "-q", "--refresh"]).holding(lock).ask()?;
    Ok(())
}

/// Remembers what the index holds now.
pub(super) fn note(tree: Tree<'_>, listing: &Path) -> Result<(), ListingError> {
    let text = listing_text(tree)?;
    Ok(replace(listing, &text, Mode::Private)?)
}

fn listing_text(tree: Tree<'_>) -> Result<Vec<u8>, ListingError> {
    Ok(tree.call().args(["ls-files", "-z", "--stage", "-v"]).run()?)
}

/// Puts the saved index back byte for byte, if it still holds what was noted, and says whether it did. Not done for an
/// index that is split over two files.
pub(super) fn put_back(tree: Tree<'_>, listing: &Path, saved: &Path) -> Result<bool, ListingError> {
    let (Some(noted), Some(bytes)) = (read(listing)?, read(saved)?) else { return Ok(false) };
    let index = tree.index();
    if read(&index)?.as_deref() == Some(&bytes) {
        return Ok(true);
    }
    let split = tree.call().args(["rev-parse", "--shared-index-path"]).run()?;
    if !split.is_empty() || listing_text(tree)? != noted {
        return Ok(false);
    }
    let lock = index.with_extension("lock");
    let written = OpenOptions::new().write(true).create_new(true).open(&lock).map_err(fail("locked", &lock));
    let mut file = written?;
    let placed = file.write_all(&bytes).and_then(|()| file.sync_all()).and_then(|()| {
        fs::set_permissions(&lock, fs::metadata(&index)?.permissions())?;
        fs::rename(&lock, &index)
    });
    if let Err(source) = placed {
        drop(fs::remove_file(&lock));
        return Err(fail("written", &index)(source).into());
    }
    sync_folder_of(&index)?;
    Ok(true)
}
