//! Where history begins.

use unleak_findings::ObjectId;
use unleak_objects::repository::{RefTrouble, ReflogEntry, RefsError, Repository, ShallowError, Tip};

/// Why history could not be scanned at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The refs cannot be listed.
    #[error(transparent)]
    Refs(#[from] RefsError),
    /// The list of shallow commits cannot be read.
    #[error(transparent)]
    Shallow(#[from] ShallowError),
}

/// Where history begins. To be read before the object store is opened: what is written later does not count then.
pub(crate) struct Starts {
    pub(super) tips: Vec<Tip>,
    pub(super) reflogs: Vec<ReflogEntry>,
    pub(super) troubles: Vec<RefTrouble>,
    pub(super) shallow: Vec<ObjectId>,
}

impl Starts {
    /// Reads refs and reflogs.
    pub(crate) fn read(repository: &Repository) -> Result<Self, HistoryError> {
        let (tips, mut troubles) = repository.tips()?;
        let (reflogs, more) = repository.reflogs()?;
        troubles.extend(more);
        Ok(Self { tips, reflogs, troubles, shallow: repository.shallow_commits()? })
    }
}
