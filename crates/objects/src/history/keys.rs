//! Ids cut short, so that millions of them fit into memory.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Sixteen bytes of an id. Enough to tell objects apart: forging two that agree costs as much as 2^64 hashes.
pub(super) type Key = u128;

/// The key of a raw id of at least 16 bytes.
pub(super) fn key(id: &[u8]) -> Key {
    id.first_chunk().map_or(0, |bytes| Key::from_le_bytes(*bytes))
}

/// Keys are already evenly spread.
#[derive(Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, key: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "the low half of an evenly spread key")]
        let low = key as u64;
        self.0 = low;
    }
}

pub(super) type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<KeyHasher>>;
pub(super) type KeySet = HashSet<Key, BuildHasherDefault<KeyHasher>>;
