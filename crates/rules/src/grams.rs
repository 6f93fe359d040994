//! Groups of three and four bytes without case, as numbers: loading, hashing, sets of them.

/// Hashes of three bytes have this many values; the map of them shares the first-level cache with the text, and with
/// whatever decompresses it. With twice as many, a tenth fewer offsets pass.
pub(crate) const THREES: usize = 1 << 17;
/// Hashes of four bytes have this many; what passes the first level is a tenth of the offsets.
pub(crate) const FOURS: usize = 1 << 17;

/// A set of hashes below 64 times `WORDS`, a power of two; a bit each.
#[derive(Debug)]
pub(crate) struct Map<const WORDS: usize>(Box<[u64; WORDS]>);

impl<const WORDS: usize> Map<WORDS> {
    pub(crate) fn new() -> Self {
        Self(Box::new([0; WORDS]))
    }

    #[inline]
    pub(crate) fn get(&self, hash: usize) -> bool {
        // The remainder changes nothing, and spares a check in the innermost loop.
        self.0[hash / 64 % WORDS] >> (hash % 64) & 1 != 0
    }

    pub(crate) fn set(&mut self, hash: usize) {
        self.0[hash / 64 % WORDS] |= 1 << (hash % 64);
    }
}

/// Four bytes from `at` on, zeros beyond the end.
#[inline]
pub(crate) fn load(text: &[u8], at: usize) -> u32 {
    if let Some(four) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        return u32::from_le_bytes(*four);
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
}

/// Letters in lower case; other bytes may become one another.
#[inline]
pub(crate) fn fold(word: u32) -> u32 {
    word | 0x2020_2020
}

/// Three bytes without case, spread by multiplication (Knuth, The Art of Computer Programming, 6.4).
#[inline]
pub(crate) fn hash3(word: u32) -> usize {
    // The factor's shift drops the fourth byte.
    ((word | 0x0020_2020).wrapping_mul(0x9e37_79b1 << 8) >> (32 - THREES.ilog2())) as usize
}

/// Four bytes without case, spread the same way.
#[inline]
pub(crate) fn hash4(word: u32) -> usize {
    (fold(word).wrapping_mul(0x9e37_79b1) >> (32 - FOURS.ilog2())) as usize
}
