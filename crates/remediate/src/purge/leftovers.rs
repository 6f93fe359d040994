//! Files in a git directory that past operations have left behind, and that name or hold what is to go.

use std::path::{Path, PathBuf};

use bstr::ByteSlice as _;
use gix_hash::ObjectId;

use crate::durable::{FileError, entries, files_below, read, remove, remove_folder};

/// Files of a worktree's git directory that nobody needs once the operation is over.
const FILES: [&str; 16] = [
    "FETCH_HEAD",
    "ORIG_HEAD",
    "AUTO_MERGE",
    "MERGE_MSG",
    "MERGE_RR",
    "MERGE_AUTOSTASH",
    "SQUASH_MSG",
    "COMMIT_EDITMSG",
    "TAG_EDITMSG",
    "NOTES_EDITMSG",
    "EDIT_DESCRIPTION",
    "ADD_EDIT.patch",
    "addp-hunk-edit.diff",
    "gitk.cache",
    "BISECT_EXPECTED_REV",
    "BISECT_ANCESTORS_OK",
];

/// What to look for.
pub(super) struct Wanted<'w> {
    pub(super) is_old: &'w dyn Fn(&ObjectId) -> bool,
    pub(super) holds: &'w dyn Fn(&[u8]) -> bool,
}

impl Wanted<'_> {
    /// Whether a file names an old object or holds what is to be forgotten.
    fn is_in(&self, bytes: &[u8]) -> bool {
        let words = bytes.split(|byte| !byte.is_ascii_hexdigit());
        let ids = words
            .filter(|word| matches!(word.len(), 40 | 64))
            .filter_map(|word| ObjectId::from_hex(word).ok());
        ids.into_iter().any(|id| (self.is_old)(&id)) || (self.holds)(bytes)
    }
}

/// Removes them from one git directory, and returns what was removed.
pub(super) fn remove_leftovers(git_dir: &Path, wanted: &Wanted<'_>) -> Result<Vec<PathBuf>, FileError> {
    let mut removed = Vec::new();
    for name in FILES {
        let path = git_dir.join(name);
        // A symbolic ref of that name is none of these.
        if path.is_file()
            && read(&path)?.is_some_and(|bytes| !bytes.starts_with_str("ref:") && wanted.is_in(&bytes))
        {
            remove(&path)?;
            removed.push(path);
        }
    }
    // Remembered resolutions of conflicts: a folder each.
    for entry in entries(&git_dir.join("rr-cache"))? {
        let mut hit = false;
        for file in files_below(&entry.path())? {
            hit |= read(&file)?.is_some_and(|bytes| wanted.is_in(&bytes));
        }
        if hit {
            remove_folder(&entry.path())?;
            removed.push(entry.path());
        }
    }
    Ok(removed)
}
