//! Why trees were not rewritten.

use gix_hash::ObjectId;
use unleak_objects::ReadError;

use crate::output::OutputError;

/// A tree could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreesError {
    /// A tree that must change cannot be read.
    #[error("tree {0} must change and cannot be read")]
    Read(ObjectId, #[source] Option<Box<ReadError>>),
    /// A tree that must change is malformed.
    #[error("tree {0} must change and is malformed")]
    Malformed(ObjectId, #[source] unleak_objects::tree::TreeError),
    /// The new tree cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}
