//! Why a rewrite was not worked out.

use crate::output::OutputError;

use super::blobs::BlobsError;
use super::commits::CommitsError;
use super::tags::TagsError;
use super::trees_error::TreesError;

/// A rewrite could not be worked out. Nothing has changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// It was broken off.
    #[error("interrupted; nothing has changed")]
    Interrupted,
    /// Trees that may hold something to forget are not in the store.
    #[error(
        "a folder of a commit is missing from the object store, so what stands in it cannot be rewritten"
    )]
    MissingTrees,
    /// Blobs.
    #[error(transparent)]
    Blobs(#[from] BlobsError),
    /// Trees.
    #[error(transparent)]
    Trees(#[from] TreesError),
    /// Commits.
    #[error(transparent)]
    Commits(#[from] CommitsError),
    /// Tags.
    #[error(transparent)]
    Tags(#[from] TagsError),
    /// Writing.
    #[error(transparent)]
    Output(#[from] OutputError),
}
