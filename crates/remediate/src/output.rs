//! Where new objects go: into a pack, or, while only a plan is made, nowhere.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gix_hash::ObjectId;
use unleak_objects::{FinishedPack, Kind, NewEntry, ObjectStore, PackWriter, object_id};

/// Takes new objects from many threads.
#[derive(Debug)]
pub(crate) struct Output<'s> {
    store: &'s ObjectStore,
    writer: Option<Mutex<PackWriter>>,
}

/// A new object could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The pack could not be written: mostly, the disk is full or read-only.
    #[error("the new objects cannot be written")]
    Write(#[from] io::Error),
    /// The bytes of a new object look like an attack on SHA-1.
    #[error("a new {0} collides with other objects as only forged ones do")]
    Collision(Kind),
}

impl<'s> Output<'s> {
    /// Writes into a new pack of `store`.
    pub(crate) fn to_pack(store: &'s ObjectStore) -> Result<Self, OutputError> {
        let writer = PackWriter::create(&store.folders()[0].join("pack"), store.hash())?;
        Ok(Self { store, writer: Some(Mutex::new(writer)) })
    }

    /// Only names objects.
    pub(crate) fn nowhere(store: &'s ObjectStore) -> Self {
        Self { store, writer: None }
    }

    /// Whether objects are written at all.
    pub(crate) fn writes(&self) -> bool {
        self.writer.is_some()
    }

    /// The id of an object with these bytes.
    pub(crate) fn name(&self, kind: Kind, bytes: &[u8]) -> Result<ObjectId, OutputError> {
        object_id(self.store.hash(), kind, bytes).ok_or(OutputError::Collision(kind))
    }

    /// Writes the object `id`; with `base`, as what makes it of that one, if that is in the pack.
    pub(crate) fn put(
        &self,
        id: ObjectId,
        kind: Kind,
        bytes: &[u8],
        base: Option<(ObjectId, &[u8])>,
    ) -> Result<(), OutputError> {
        if let Some(entry) = self.entry(id, kind, bytes, base) {
            self.add(&entry)?;
        }
        Ok(())
    }

    /// Compresses the object `id` for the pack; `None` if it is not needed there.
    pub(crate) fn entry(
        &self,
        id: ObjectId,
        kind: Kind,
        bytes: &[u8],
        base: Option<(ObjectId, &[u8])>,
    ) -> Option<NewEntry> {
        let writer = self.writer.as_ref()?;
        let base = {
            let writer = lock(writer);
            if writer.contains(&id) {
                return None;
            }
            base.filter(|(base, _)| writer.contains(base))
        };
        if self.store.contains(&id) {
            return None;
        }
        let derived = base.and_then(|(base, base_bytes)| NewEntry::derived(id, bytes, base, base_bytes));
        Some(derived.unwrap_or_else(|| NewEntry::whole_with(id, kind, bytes)))
    }

    /// Adds what [`entry`](Self::entry) has compressed.
    pub(crate) fn add(&self, entry: &NewEntry) -> Result<(), OutputError> {
        match &self.writer {
            Some(writer) => Ok(lock(writer).add(entry)?),
            None => Ok(()),
        }
    }

    /// Completes the pack; `None` if nothing was written.
    pub(crate) fn finish(self) -> Result<Option<FinishedPack>, OutputError> {
        let writer = self.writer.map(|writer| writer.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok(writer.map(PackWriter::finish).transpose()?.flatten())
    }
}

/// A thread that panicked with the lock has ended the rewrite anyway.
fn lock(writer: &Mutex<PackWriter>) -> MutexGuard<'_, PackWriter> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}
