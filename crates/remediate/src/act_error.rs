//! What can go wrong while a repository is changed, by the step it went wrong in.

use bstr::BString;
use unleak_objects::repository::RefsError;

use crate::backup::BackupError;
use crate::durable::FileError;
use crate::git::GitError;
use crate::journal::JournalError;
use crate::lock::LockError;
use crate::places::PlacesError;
use crate::worktrees::ListingError;

/// Why applying, recovering, undoing or purging stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// Another run is at work, or the lock cannot be made.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A run of before is not finished: it is to be recovered first.
    #[error("run {number} stopped half-way: {state}")]
    Unfinished {
        /// Which run.
        number: u32,
        /// How far it came.
        state: crate::journal::State,
    },
    /// There is no run that could be undone or purged.
    #[error("there is nothing to {0}")]
    Nothing(&'static str),
    /// Refs are not where they were when the change was worked out.
    #[error("{} moved since: {}", count(refs.len()), shown(refs))]
    Moved {
        /// Their names.
        refs: Vec<BString>,
    },
    /// Nothing was moved, because the caller found the new history wanting.
    #[error("the new history is not what it should be")]
    Proof(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
    /// The objects of before are gone, and no backup has them.
    #[error("objects of the old history are gone from this repository")]
    Gone(#[source] GitError),
    /// No backup was made.
    #[error("the backup cannot be made")]
    Backup(#[source] BackupError),
    /// The new pack cannot be put in place.
    #[error("the new objects cannot be put in place")]
    Objects(#[source] FileError),
    /// git did not move the refs; none has moved.
    #[error("the refs cannot be moved")]
    Refs(#[source] GitError),
    /// The refs cannot be listed.
    #[error(transparent)]
    RefsUnknown(#[from] RefsError),
    /// The worktrees cannot be listed.
    #[error(transparent)]
    Places(#[from] PlacesError),
    /// An index or the files of a worktree cannot be brought up to date.
    #[error("a worktree cannot be brought up to date")]
    Worktree(#[source] ListingError),
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// git failed at housekeeping.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}

fn count(refs: usize) -> String {
    if refs == 1 { "a ref has".to_owned() } else { format!("{refs} refs have") }
}

/// The first few names.
fn shown(refs: &[BString]) -> String {
    let mut names: Vec<String> = refs.iter().take(5).map(ToString::to_string).collect();
    if refs.len() > names.len() {
        names.push("…".to_owned());
    }
    names.join(", ")
}
