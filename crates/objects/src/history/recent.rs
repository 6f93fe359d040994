//! The entries of trees that were seen of late.

use std::hash::{BuildHasher as _, RandomState};

use crate::tree::Entry;

/// Remembers what was made of recent tree entries. Neighbouring trees share nearly all of theirs, and looking each up in
/// the store would take longer than everything else. A forgotten entry is only looked at again.
pub(super) struct Recent {
    slots: Vec<Slot>,
    /// Unknown to whoever chose names and contents, so that nobody can make two entries look like one.
    keys: [u64; 2],
}

#[derive(Clone, Copy, Default)]
struct Slot {
    mark: u64,
    verdict: Option<u32>,
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
    /// What was made of the entry if it is remembered; else what `judge` makes of it now, a number or nothing.
    #[inline]
    pub(super) fn verdict(&mut self, entry: &Entry<'_>, judge: impl FnOnce() -> Option<u32>) -> Option<u32> {
        let mark = self.fingerprint(entry);
        let slot = &mut self.slots[usize::try_from(mark >> 40).unwrap_or_default() % SLOTS];
        if slot.mark != mark {
            *slot = Slot { mark, verdict: judge() };
        }
        slot.verdict
    }

    /// Eight bytes of the id, not the leading ones by which packs are searched, the mode and all of the name, mixed by
    /// long multiplication. Two entries agree by accident in one of 2^63 pairs.
    #[inline]
    fn fingerprint(&self, entry: &Entry<'_>) -> u64 {
        let mix = |word: u64| {
            let product = u128::from(word) * u128::from(self.keys[0]);
            #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
            let halves = (product as u64, (product >> 64) as u64);
            halves.0 ^ halves.1
        };
        let mut mixed = self.keys[1] ^ (entry.name.len() as u64) ^ u64::from(entry.mode) << 32;
        let (words, rest) = entry.name.as_chunks();
        for word in words {
            mixed = mix(mixed ^ u64::from_le_bytes(*word)).wrapping_add(self.keys[1]);
        }
        // Its last bytes; some of them once more if it has eight.
        let last = entry.name.last_chunk().map(|word| u64::from_le_bytes(*word));
        let last = last.unwrap_or_else(|| rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        mixed = mix(mixed ^ last).wrapping_add(self.keys[1]);
        let tail = entry.id.last_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        mix(mixed ^ tail) | 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_name_and_of_an_id_s_end_and_the_mode_make_another_entry() {
        let mut entries = Recent::default();
        let id = [7u8; 20];
        let mut other = id;
        other[19] ^= 1;
        let names =
            ["-env.production", ".env.production", "zenv.production", "zenv.productio", "a", "a\0", ""];
        let mut number = 0;
        for name in names {
            for (id, mode) in [(&id, 0o100_644), (&other, 0o100_644), (&id, 0o40_000)] {
                let entry = Entry { mode, name: name.into(), id };
                let mut looked = 0;
                number += 1;
                let mut look = || {
                    looked += 1;
                    (number % 3 > 0).then_some(number)
                };
                let expected = (number % 3 > 0).then_some(number);
                assert_eq!(entries.verdict(&entry, &mut look), expected, "{name}");
                assert_eq!(entries.verdict(&entry, &mut look), expected, "{name}");
                assert_eq!(looked, 1, "{name}");
            }
        }
    }
}
