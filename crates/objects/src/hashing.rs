//! The id of an object: the hash of its kind, size and bytes.

use gix_hash::ObjectId;

use crate::kind::Kind;

/// The id of the object with these `bytes`; `None` when SHA-1 collision detection finds an attack in them.
pub fn object_id(hash: gix_hash::Kind, kind: Kind, bytes: &[u8]) -> Option<ObjectId> {
    let mut hasher = gix_hash::hasher(hash);
    hasher.update(format!("{kind} {}\0", bytes.len()).as_bytes());
    hasher.update(bytes);
    hasher.try_finalize().ok()
}
