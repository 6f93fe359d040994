//! Files that someone has changed and not committed, and that hold what is to be forgotten: no rewrite reaches them.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice as _};
use unleak_objects::repository::Repository;

use crate::act_error::ActError;
use crate::durable::{fail, read};
use crate::git::Git;
use crate::places::worktrees;
use crate::worktrees::changed_files;

/// A file is looked at in parts of this size at most.
const PART_BYTES: usize = 64 << 20;
/// What lies across two parts is seen if it is no longer than this.
const OVERLAP_BYTES: usize = 1 << 20;

/// A file with changes of someone's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DirtyFile {
    /// The top of its worktree.
    pub top: PathBuf,
    /// The path from there.
    pub path: BString,
}

/// The tracked files of all worktrees that differ from their index and for whose bytes `holds` is true, whether or not
/// the user told git to take them for unchanged.
pub fn dirty_holders(
    repo: &Repository,
    git: &Git,
    holds: &dyn Fn(&[u8]) -> bool,
) -> Result<Vec<DirtyFile>, ActError> {
    let mut found = Vec::new();
    for worktree in worktrees(repo, git)? {
        let Some(top) = &worktree.top else { continue };
        // Without an index nothing is tracked.
        let Some(index) = read(&worktree.git_dir.join("index"))? else { continue };
        for path in changed_files(git, &worktree.git_dir, top, &index).map_err(ActError::Worktree)? {
            let Ok(relative) = path.to_path() else { continue };
            let file = top.join(relative);
            if file_holds(&file, holds).map_err(fail("read", &file))? {
                found.push(DirtyFile { top: top.clone(), path });
            }
        }
    }
    Ok(found)
}

fn file_holds(path: &Path, holds: &dyn Fn(&[u8]) -> bool) -> io::Result<bool> {
    let metadata = match path.symlink_metadata() {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(false);
        }
        metadata => metadata?,
    };
    if metadata.is_symlink() {
        return Ok(holds(std::fs::read_link(path)?.as_os_str().as_encoded_bytes()));
    }
    if !metadata.is_file() {
        return Ok(false);
    }
    let (mut file, mut part) = (File::open(path)?, Vec::new());
    loop {
        let kept = part.len().min(OVERLAP_BYTES);
        part.drain(..part.len() - kept);
        let more = file.by_ref().take((PART_BYTES - kept) as u64).read_to_end(&mut part)?;
        if more == 0 {
            // An empty file is one part.
            return Ok(kept == 0 && holds(&part));
        }
        if holds(&part) {
            return Ok(true);
        }
    }
}
