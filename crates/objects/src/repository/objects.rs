//! Reads single objects by id, for paths that need few of them. Bulk reading belongs to the pack reader.

use std::cell::RefCell;
use std::error::Error;
use std::sync::Arc;

use gix_hash::ObjectId;

use super::handle::Repository;
use super::live_store::LiveStore;
use crate::buffer::Buffer;
use crate::kind::Kind;
use crate::store::{ObjectStore, OpenStoreError};
use crate::trouble::ReadError;

/// Bytes of decoded objects a reader keeps, enough for the trees of a few commits of a large repository.
const OBJECT_CACHE_BYTES: usize = 16 << 20;

/// Why an object was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The object is not in the repository: a shallow or partial clone, or damage. It is never fetched.
    #[error("object {id} is missing")]
    Missing {
        /// The missing object.
        id: ObjectId,
    },
    /// The object is there, and is something else.
    #[error("object {id} is a {found}, not a {wanted}")]
    WrongKind {
        /// The object.
        id: ObjectId,
        /// What was asked for.
        wanted: Kind,
        /// What it is.
        found: Kind,
    },
    /// The object is there, and its stored form cannot be decoded.
    #[error(transparent)]
    Stored(Box<ReadError>),
    /// No object can be read.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// The object is there and cannot be understood.
    #[error("object {id} cannot be read")]
    Corrupt {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A tree that shares its subtrees so often that listing its files would not end.
    #[error("tree {id} holds too many entries to list")]
    TooManyEntries {
        /// The tree.
        id: ObjectId,
    },
}

pub(super) fn corrupt(id: &ObjectId, source: impl Into<Box<dyn Error + Send + Sync>>) -> ObjectError {
    ObjectError::Corrupt { id: *id, source: source.into() }
}

/// One thread's reader, with a cache that pays when trees are compared. What other processes add is found: a pack that
/// came since is looked for before an object is called missing.
pub struct ObjectReader {
    live: Arc<LiveStore>,
    state: RefCell<State>,
}

struct State {
    /// Opened by the first read.
    store: Option<Arc<ObjectStore>>,
    buffer: Buffer,
}

impl ObjectReader {
    /// The contents of a blob.
    pub fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, ObjectError> {
        let mut bytes = Vec::new();
        self.read(id, Kind::Blob, &mut bytes)?;
        Ok(bytes)
    }

    /// The kind and the size in bytes, without reading the object.
    pub fn header(&self, id: &ObjectId) -> Result<(Kind, u64), ObjectError> {
        self.ask(id, |store, buffer| store.header_with(id, &mut buffer.inflater))
    }

    /// The size in bytes of an object that is stored as such, and so could be read in parts; `None` for one stored as a
    /// delta, and for one that [`header`](Self::header) has an error for.
    pub fn whole_size(&self, id: &ObjectId) -> Option<u64> {
        self.ask(id, |store, buffer| {
            Ok(store.contains(id).then(|| store.whole_size(id, &mut buffer.inflater)))
        })
        .ok()?
    }

    /// `true` if the object is in the repository. Does not tell whether it can be read.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.ask(id, |store, _| Ok(store.contains(id).then_some(()))).is_ok()
    }

    /// Reads an object of the `wanted` kind into `bytes`, replacing what was there.
    pub(super) fn read(&self, id: &ObjectId, wanted: Kind, bytes: &mut Vec<u8>) -> Result<(), ObjectError> {
        let found = self.read_any(id, bytes)?;
        if found == wanted { Ok(()) } else { Err(ObjectError::WrongKind { id: *id, wanted, found }) }
    }

    /// Reads any object into `bytes`, replacing what was there.
    pub(super) fn read_any(&self, id: &ObjectId, bytes: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        self.ask(id, |store, buffer| {
            let kind = store.read(id, buffer)?;
            if kind.is_some() {
                std::mem::swap(&mut buffer.bytes, bytes);
            }
            Ok(kind)
        })
    }

    /// The answer of the store, or of the store as it is now where that has none.
    fn ask<T>(
        &self,
        id: &ObjectId,
        mut question: impl FnMut(&ObjectStore, &mut Buffer) -> Result<Option<T>, ReadError>,
    ) -> Result<T, ObjectError> {
        let state = &mut *self.state.borrow_mut();
        let mut store = match state.store.take() {
            Some(store) => store,
            None => self.live.get()?,
        };
        loop {
            let answer = question(&store, &mut state.buffer);
            if let Ok(Some(answer)) = answer {
                state.store = Some(store);
                return Ok(answer);
            }
            let Some(newer) = self.live.newer(&store)? else {
                state.store = Some(store);
                let missing = ObjectError::Missing { id: *id };
                return Err(answer.err().map_or(missing, |error| ObjectError::Stored(Box::new(error))));
            };
            state.buffer.forget();
            store = newer;
        }
    }
}

impl Repository {
    /// A reader for the calling thread.
    pub fn reader(&self) -> ObjectReader {
        let state = State { store: None, buffer: Buffer::with_cache(OBJECT_CACHE_BYTES) };
        ObjectReader { live: Arc::clone(&self.objects), state: RefCell::new(state) }
    }

    /// The contents of one blob. Whoever reads several takes a [`reader`](Self::reader).
    pub fn read_blob(&self, id: &ObjectId) -> Result<Vec<u8>, ObjectError> {
        self.reader().blob(id)
    }
}
