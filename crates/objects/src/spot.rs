//! Where one copy of an object is stored.

use std::collections::HashSet;

use gix_hash::ObjectId;

/// One stored copy of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Spot {
    /// The entry at `offset` in the pack with this number.
    Packed { pack: u32, offset: u64 },
    /// The loose object `id` in the folder with this number.
    Loose { folder: u32, id: ObjectId },
}

/// Copies that turned out to be unreadable.
pub(crate) type Bad = HashSet<Spot>;

/// The number of a pack or folder. There are never four billion files open.
pub(crate) fn number_u32(number: usize) -> u32 {
    u32::try_from(number).expect("a store has fewer than 2^32 packs and folders")
}
