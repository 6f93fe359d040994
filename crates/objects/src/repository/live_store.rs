//! The object store of an open repository: opened when first read, and again when packs came since.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::{ObjectStore, OpenStoreError};

/// Shared by all readers of one repository.
pub(super) struct LiveStore {
    folders: Vec<PathBuf>,
    hash: gix_hash::Kind,
    opened: Mutex<Option<Arc<ObjectStore>>>,
}

impl LiveStore {
    /// Opens nothing yet. The first of the object `folders` is the repository's own.
    pub(super) fn new(folders: Vec<PathBuf>, hash: gix_hash::Kind) -> Self {
        Self { folders, hash, opened: Mutex::new(None) }
    }

    /// Every object folder that was named.
    pub(super) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The store as it was opened last.
    pub(super) fn get(&self) -> Result<Arc<ObjectStore>, OpenStoreError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*opened {
            return Ok(Arc::clone(store));
        }
        let store = self.open()?;
        *opened = Some(Arc::clone(&store));
        Ok(store)
    }

    /// A store opened after `known`, if packs came or went since: what `known` lacks may be there.
    pub(super) fn newer(&self, known: &Arc<ObjectStore>) -> Result<Option<Arc<ObjectStore>>, OpenStoreError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*opened
            && !Arc::ptr_eq(store, known)
        {
            return Ok(Some(Arc::clone(store)));
        }
        if known.is_current() {
            return Ok(None);
        }
        let store = self.open()?;
        *opened = Some(Arc::clone(&store));
        Ok(Some(store))
    }

    fn open(&self) -> Result<Arc<ObjectStore>, OpenStoreError> {
        let folders: Vec<_> = self.folders.iter().map(PathBuf::as_path).collect();
        ObjectStore::open_all(&folders, self.hash, crate::Limits::default()).map(Arc::new)
    }
}
