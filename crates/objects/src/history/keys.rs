//! Ids cut short, so that millions of them fit into memory.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashTable;

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
        self.0 = low_half(key);
    }
}

pub(super) type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<KeyHasher>>;
pub(super) type KeySet = HashSet<Key, BuildHasherDefault<KeyHasher>>;

/// Keys with dense numbers; takes a third of the memory of a map from one to the other.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    keys: Vec<Key>,
    numbers: HashTable<u32>,
}

/// The low half of an evenly spread key: a hash of it.
pub(super) fn low_half(key: Key) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the half is meant")]
    let low = key as u64;
    low
}

impl Numbered {
    /// Room for this many.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self { keys: Vec::with_capacity(count), numbers: HashTable::with_capacity(count) }
    }

    /// Gives the key a new number, whether it has one or not.
    pub(super) fn push(&mut self, key: Key) -> u32 {
        let Self { keys, numbers } = self;
        let number = u32::try_from(keys.len()).expect("there are fewer than 2^32 objects in memory");
        keys.push(key);
        numbers.insert_unique(low_half(key), number, |number| low_half(keys[*number as usize]));
        number
    }

    /// The key's number.
    pub(super) fn get(&self, key: Key) -> Option<u32> {
        self.numbers.find(low_half(key), |number| self.keys[*number as usize] == key).copied()
    }

    /// The key with this number.
    pub(super) fn key(&self, number: u32) -> Key {
        self.keys[number as usize]
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }
}
