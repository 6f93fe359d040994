//! The entries of trees that were seen of late.

use std::hash::{BuildHasher as _, RandomState};

use bstr::BStr;

/// Remembers recent tree entries with the numbers of their names. Neighbouring trees share nearly all of theirs, and
/// looking each up in the store would take longer than everything else. A forgotten entry is only looked at again.
pub(super) struct Recent {
    slots: Vec<Slot>,
    /// Unknown to whoever chose names and contents, so that nobody can make two entries look like one.
    keys: [u64; 2],
}

#[derive(Clone, Copy, Default)]
struct Slot {
    mark: u64,
    name: u32,
}

/// Entries remembered; about as many as fit into a core's second-level cache.
const SLOTS: usize = 1 << 18;

impl Default for Recent {
    fn default() -> Self {
        let random = RandomState::new();
        Self { slots: vec![Slot::default(); SLOTS], keys: [random.hash_one(0) | 1, random.hash_one(1)] }
    }
}

impl Recent {
    /// The number of the entry's name if the entry is remembered; else it is from now on, with the number that `look`
    /// gives.
    pub(super) fn name(&mut self, name: &BStr, id: &[u8], look: impl FnOnce() -> u32) -> u32 {
        let mark = self.fingerprint(name, id);
        let slot = &mut self.slots[usize::try_from(mark >> 40).unwrap_or_default() % SLOTS];
        if slot.mark != mark {
            *slot = Slot { mark, name: look() };
        }
        slot.name
    }

    /// Eight bytes of the id, not the leading ones by which packs are searched, and all of the name, mixed by long
    /// multiplication. Two entries agree by accident in one of 2^63 pairs.
    fn fingerprint(&self, name: &[u8], id: &[u8]) -> u64 {
        let mix = |word: u64| {
            let product = u128::from(word) * u128::from(self.keys[0]);
            #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
            let halves = (product as u64, (product >> 64) as u64);
            halves.0 ^ halves.1
        };
        let mut mixed = self.keys[1] ^ (name.len() as u64);
        for chunk in name.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mixed = mix(mixed ^ u64::from_le_bytes(word)).wrapping_add(self.keys[1]);
        }
        let tail = id.last_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        mix(mixed ^ tail) | 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_name_and_of_an_id_s_end_makes_another_entry() {
        let mut entries = Recent::default();
        let id = [7u8; 20];
        let mut other = id;
        other[19] ^= 1;
        let names =
            ["-env.production", ".env.production", "zenv.production", "zenv.productio", "a", "a\0", ""];
        for (number, name) in (1..).zip(names) {
            for id in [id, other] {
                let mut looked = 0;
                let mut look = || {
                    looked += 1;
                    number
                };
                assert_eq!(entries.name(name.into(), &id, &mut look), number, "{name}");
                assert_eq!(entries.name(name.into(), &id, &mut look), number, "{name}");
                assert_eq!(looked, 1, "{name}");
            }
        }
    }
}
