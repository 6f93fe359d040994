//! What an index holds, as git lists it.

use std::io;
use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;

use crate::durable::{FileError, fail};
use crate::git::{Call, Git, GitError};

/// Why an index or the files of a worktree could not follow.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListingError {
    /// git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// git lists something else than expected.
    #[error("git lists an index entry that cannot be understood: {line}")]
    Odd {
        /// What it listed.
        line: BString,
    },
}

/// An entry of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) path: BString,
    pub(super) mode: String,
    pub(super) stage: u8,
    pub(super) id: ObjectId,
    pub(super) assume_unchanged: bool,
    pub(super) skip_worktree: bool,
}

/// A worktree to run git in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tree<'a> {
    pub(super) git: &'a Git,
    pub(super) git_dir: &'a Path,
    /// Where the files are, or an empty folder in place of them: git wants one.
    pub(super) top: &'a Path,
}

impl<'a> Tree<'a> {
    pub(super) fn call(&self) -> Call<'a> {
        self.git.at(self.git_dir).worktree(self.top)
    }

    pub(super) fn index(&self) -> PathBuf {
        self.git_dir.join("index")
    }

    /// What the index holds, or a copy of it.
    pub(super) fn list(&self, copy: Option<&Path>) -> Result<Vec<Listed>, ListingError> {
        let mut call = self.call();
        if let Some(copy) = copy {
            call = call.variable("GIT_INDEX_FILE", copy);
        }
        listed(call.args(["ls-files", "-z", "--stage", "-v"]))
    }

    /// What the index holds at these paths at least: of a few, little else is listed.
    pub(super) fn list_at<'p>(
        &self,
        paths: impl ExactSizeIterator<Item = &'p BString>,
    ) -> Result<Vec<Listed>, ListingError> {
        listed(self.about(self.call().args(["ls-files", "-z", "--stage", "-v"]), paths)?)
    }

    /// Tells a command which paths it is about, unless they are many: then it is about all.
    pub(super) fn about<'p>(
        &self,
        call: Call<'a>,
        paths: impl ExactSizeIterator<Item = &'p BString>,
    ) -> Result<Call<'a>, ListingError> {
        let mut call = call.args(["--"]);
        if paths.len() > FEW {
            return Ok(call);
        }
        for path in paths {
            let path = path.to_os_str().map_err(io::Error::other);
            call = call.args([path.map_err(fail("named", self.top))?]);
        }
        Ok(call)
    }

    /// The ids that resolved conflicts have left in the index.
    pub(super) fn resolved(&self) -> Result<Vec<ObjectId>, ListingError> {
        let output = self.call().args(["ls-files", "-z", "--resolve-undo"]).run()?;
        let lines = output.split_str(b"\0").filter(|line| !line.is_empty());
        lines.map(|line| parse(line).map(|(_, id, ..)| id).ok_or_else(|| odd(line))).collect()
    }
}

/// So many paths are named to git one by one; of more, it is asked about all.
pub(super) const FEW: usize = 64;

fn listed(call: Call<'_>) -> Result<Vec<Listed>, ListingError> {
    call.run()?.split_str(b"\0").filter(|line| !line.is_empty()).map(entry).collect()
}

fn odd(line: &[u8]) -> ListingError {
    ListingError::Odd { line: line.into() }
}

/// `TAG MODE ID STAGE TAB PATH`.
fn entry(line: &[u8]) -> Result<Listed, ListingError> {
    let (tag, rest) = line.split_once_str(" ").ok_or_else(|| odd(line))?;
    let (mode, id, stage, path) = parse(rest).ok_or_else(|| odd(line))?;
    let tag = tag.first().copied().unwrap_or_default();
    Ok(Listed {
        path: path.into(),
        mode,
        stage,
        id,
        assume_unchanged: tag.is_ascii_lowercase(),
        skip_worktree: tag.eq_ignore_ascii_case(&b'S'),
    })
}

/// `MODE ID STAGE TAB PATH`.
fn parse(line: &[u8]) -> Option<(String, ObjectId, u8, &[u8])> {
    let (numbers, path) = line.split_once_str("\t")?;
    let mut numbers = numbers.split_str(" ");
    let mode = numbers.next()?.to_str().ok()?.to_owned();
    let id = ObjectId::from_hex(numbers.next()?).ok()?;
    let stage = numbers.next()?.to_str().ok()?.parse().ok()?;
    Some((mode, id, stage, path))
}
