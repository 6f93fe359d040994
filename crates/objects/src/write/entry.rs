//! One new object, ready to be put into a pack; made on any thread.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use gix_hash::ObjectId;

use crate::hashing::object_id;
use crate::kind::Kind;

use super::delta;

/// A new object, compressed.
#[derive(Debug)]
pub struct NewEntry {
    pub(super) id: ObjectId,
    pub(super) body: Body,
    /// The size before compression: of the object, or of the instructions.
    pub(super) size: u64,
    pub(super) compressed: Vec<u8>,
}

/// What an entry holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body {
    Whole(Kind),
    /// The id of the object it is made from, which is in the same pack before it.
    Delta(ObjectId),
}

impl NewEntry {
    /// The object with these bytes; `None` when SHA-1 collision detection finds an attack in them.
    pub fn whole(hash: gix_hash::Kind, kind: Kind, bytes: &[u8]) -> Option<Self> {
        Some(Self::whole_with(object_id(hash, kind, bytes)?, kind, bytes))
    }

    /// The object with these bytes, whose id is known.
    pub fn whole_with(id: ObjectId, kind: Kind, bytes: &[u8]) -> Self {
        Self { id, body: Body::Whole(kind), size: bytes.len() as u64, compressed: compress(bytes) }
    }

    /// The object `id` with these `bytes`, made from another of the same kind which is in the pack already; `None` if that
    /// saves less than half.
    pub fn derived(id: ObjectId, bytes: &[u8], base_id: ObjectId, base: &[u8]) -> Option<Self> {
        // Copies name places in the base with 32 bits.
        u32::try_from(base.len()).ok()?;
        let delta = delta::make(base, bytes);
        (delta.len() < bytes.len() / 2).then(|| Self {
            id,
            body: Body::Delta(base_id),
            size: delta.len() as u64,
            compressed: compress(&delta),
        })
    }

    /// Its id.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// How many bytes it takes in the pack, about.
    pub fn stored(&self) -> usize {
        self.compressed.len() + 24
    }
}

/// Level 1: a pack that `git gc` packs again; higher levels take several times as long for a tenth less.
fn compress(bytes: &[u8]) -> Vec<u8> {
    let out = Vec::with_capacity(bytes.len() / 3 + 32);
    let mut encoder = ZlibEncoder::new(out, Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}
