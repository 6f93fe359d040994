//! What can go wrong between a repository and its remote.

use unleak_objects::OpenStoreError;
use unleak_objects::repository::RefsError;

use crate::durable::FileError;
use crate::git::GitError;
use crate::history_map::MapFileError;
use crate::lock::LockError;
use crate::proof::ProofError;
use crate::rewrite::RewriteError;

/// Why nothing could be planned, fetched or sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// git, or whoever it talked to, said no.
    #[error(transparent)]
    Git(#[from] GitError),
    /// A line of git's answer is none that is known.
    #[error("git's answer cannot be understood: {0}")]
    Answer(String),
    /// The refs cannot be listed.
    #[error(transparent)]
    Refs(#[from] RefsError),
    /// Another run is at work.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// What was rewritten is not known.
    #[error(transparent)]
    Map(#[from] MapFileError),
    /// The object store.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// What arrived cannot be rewritten.
    #[error("what arrived cannot be rewritten")]
    Rewrite(#[from] RewriteError),
    /// Something that arrived cannot be read.
    #[error("what arrived cannot be read: {0}")]
    Unreadable(String),
    /// The proof could not be begun.
    #[error(transparent)]
    Unproved(#[from] ProofError),
    /// The proof fails.
    #[error("what arrived still holds what is to be forgotten: {0}")]
    Left(String),
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}
