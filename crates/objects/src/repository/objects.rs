//! Reads single objects by id, for paths that need few of them. Bulk reading belongs to the pack reader.

use std::error::Error;

use gix::objs::{Exists as _, FindHeader as _};
use gix_hash::ObjectId;

use super::handle::Repository;
use crate::kind::Kind;

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
    /// The object is there and cannot be read.
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

fn kind_of(kind: gix::objs::Kind) -> Kind {
    match kind {
        gix::objs::Kind::Blob => Kind::Blob,
        gix::objs::Kind::Tree => Kind::Tree,
        gix::objs::Kind::Commit => Kind::Commit,
        gix::objs::Kind::Tag => Kind::Tag,
    }
}

/// One thread's reader, with a cache that pays when trees are compared.
pub struct ObjectReader {
    odb: gix::OdbHandle,
    more: Vec<gix::odb::Handle>,
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
        let mut found = self.odb.try_header(id);
        for odb in &self.more {
            if let Ok(None) = found {
                found = odb.try_header(id);
            }
        }
        let header = found.map_err(|error| corrupt(id, error))?.ok_or(ObjectError::Missing { id: *id })?;
        Ok((kind_of(header.kind), header.size))
    }

    /// `true` if the object is in the repository. Does not tell whether it can be read.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.odb.exists(id) || self.more.iter().any(|odb| odb.exists(id))
    }

    /// Reads an object of the `wanted` kind into `bytes`, replacing what was there.
    pub(super) fn read(&self, id: &ObjectId, wanted: Kind, bytes: &mut Vec<u8>) -> Result<(), ObjectError> {
        let found = self.read_any(id, bytes)?;
        if found == wanted { Ok(()) } else { Err(ObjectError::WrongKind { id: *id, wanted, found }) }
    }

    /// Reads any object into `bytes`, replacing what was there.
    pub(super) fn read_any(&self, id: &ObjectId, bytes: &mut Vec<u8>) -> Result<Kind, ObjectError> {
        let mut kind = find(&self.odb, id, bytes)?;
        for odb in &self.more {
            if kind.is_none() {
                kind = find(odb, id, bytes)?;
            }
        }
        kind.ok_or(ObjectError::Missing { id: *id })
    }
}

fn find(odb: &impl gix::objs::Find, id: &ObjectId, bytes: &mut Vec<u8>) -> Result<Option<Kind>, ObjectError> {
    let found = odb.try_find(id, bytes).map_err(|error| corrupt(id, error))?;
    Ok(found.map(|object| kind_of(object.kind)))
}

impl Repository {
    /// A reader for the calling thread.
    pub fn reader(&self) -> ObjectReader {
        let mut local = self.local();
        local.object_cache_size(OBJECT_CACHE_BYTES);
        let more = self.more_objects.iter().map(|store| store.to_handle().into()).collect();
        ObjectReader { odb: local.objects, more }
    }

    /// The contents of one blob. Whoever reads several takes a [`reader`](Self::reader).
    pub fn read_blob(&self, id: &ObjectId) -> Result<Vec<u8>, ObjectError> {
        self.reader().blob(id)
    }
}
