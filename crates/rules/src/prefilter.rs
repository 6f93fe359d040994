//! One search for the anchors of all rules, at several bytes a nanosecond's worth of work.
//!
//! Three levels, each rarer than the one before. A bitmap over hashed groups of three bytes looks at every second
//! offset; what passes is looked up by four bytes; what passes that is compared. Each anchor is looked for at the four
//! of its bytes that are rarest in source text. Valid because those four bytes, or the three from the second of them on,
//! stand at an even distance from the start. It stops paying when anchors are shorter than four bytes or number
//! thousands; an Aho-Corasick automaton, against which it is proved, runs at a quarter of the speed whatever the anchors.

use std::ops::Range;

use crate::anchor::Anchor;
use crate::letters;
use crate::rule::Rule;

/// Index of a rule in its rule set.
pub type RuleIndex = usize;

/// Hashes of three bytes have this many values; the map of them shares the first-level cache with the text.
const THREES: usize = 1 << 17;
/// Hashes of four bytes have this many; what passes the first level is a few percent of the offsets.
const FOURS: usize = 1 << 18;
/// Probes are found by the high bits of the hash of four bytes.
const BUCKETS: usize = 1 << 13;
/// Candidates of one block, at the most; they stay in the first-level cache.
const SLOTS: usize = 4096;
/// Bytes of one block: even, and fewer offsets than slots.
const BLOCK: usize = 2 * SLOTS - 2;

/// The search.
#[derive(Debug)]
pub(crate) struct Prefilter {
    /// First level: hashes of three bytes.
    threes: Map<THREES>,
    /// Second level: hashes of four bytes.
    fours: Map<FOURS>,
    /// Second level for anchors of three bytes, by their hash.
    short: Map<THREES>,
    /// Third level: who to compare, sorted by bucket.
    probes: Vec<Probe>,
    /// The bytes that each probe stands for, without case, in the same order: most comparisons end here.
    words: Vec<u32>,
    /// Where each bucket's probes start.
    buckets: Vec<u32>,
    /// The largest [`Probe::offset`].
    deepest: usize,
}

/// An anchor of one rule, and where in it the search looks.
#[derive(Debug)]
struct Probe {
    bucket: usize,
    /// The bytes looked at, without case; the fourth is zero when there are three.
    word: u32,
    offset: usize,
    rule: RuleIndex,
    anchor: Anchor,
}

impl Prefilter {
    /// Builds the search over the anchors of `rules`.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut search = Self {
            threes: Map::new(),
            fours: Map::new(),
            short: Map::new(),
            probes: Vec::new(),
            words: Vec::new(),
            buckets: Vec::new(),
            deepest: 0,
        };
        for (index, rule) in rules.iter().enumerate() {
            for anchor in rule.anchors() {
                search.add(index, anchor);
            }
        }
        search.probes.sort_by_key(|probe| probe.bucket);
        search.words = search.probes.iter().map(|probe| probe.word).collect();
        search.buckets = vec![0; BUCKETS + 1];
        for probe in &search.probes {
            search.buckets[probe.bucket + 1] += 1;
        }
        for bucket in 0..BUCKETS {
            search.buckets[bucket + 1] += search.buckets[bucket];
        }
        search
    }

    fn add(&mut self, rule: RuleIndex, anchor: &Anchor) {
        let literal = &anchor.literal;
        let offset = rarest(literal);
        let word = fold(load(literal, offset));
        let bucket = if literal.len() == 3 {
            // At an odd distance only the last two bytes and one unknown one are seen.
            self.threes.set(hash3(word));
            for third in 0..=u8::MAX {
                self.threes.set(hash3(u32::from_le_bytes([literal[1], literal[2], third, 0])));
            }
            self.short.set(hash3(word));
            bucket3(word)
        } else {
            self.threes.set(hash3(word));
            self.threes.set(hash3(load(literal, offset + 1)));
            self.fours.set(hash4(word));
            bucket4(word)
        };
        let word = if literal.len() == 3 { word & 0xff_ffff } else { word };
        self.deepest = self.deepest.max(offset);
        self.probes.push(Probe { bucket, word, offset, rule, anchor: anchor.clone() });
    }

    /// Calls `hit(rule, anchor, offset)` for every occurrence of every anchor that starts in `range`, including those
    /// that overlap, in no particular order. `range` must lie inside `text`; an anchor may end beyond it.
    pub(crate) fn each_hit(
        &self,
        text: &[u8],
        range: Range<usize>,
        mut hit: impl FnMut(RuleIndex, &Anchor, usize),
    ) {
        // One more than the deepest probe, for those seen from their second byte.
        let end = text.len().min(range.end.saturating_add(self.deepest + 2));
        let mut candidates = [0u32; SLOTS];
        let mut start = range.start;
        while start < end {
            let stop = end.min(start + BLOCK);
            let count = self.first_level(text, start..stop, &mut candidates);
            for &candidate in &candidates[..count] {
                let at = start + candidate as usize;
                self.look(text, at, &range, &mut hit);
                if at > range.start {
                    self.look(text, at - 1, &range, &mut hit);
                }
            }
            start = stop + (stop - start) % 2;
        }
    }

    /// Notes the even distances from the start of `block` at which an anchor may be, and returns how many they are.
    fn first_level(&self, text: &[u8], block: Range<usize>, found: &mut [u32; SLOTS]) -> usize {
        let mut count = 0;
        let mut note = |at: usize, word: u32| {
            // Written whether it counts or not: a branch would be mispredicted too often. There are fewer offsets in a
            // block than slots, so that the mask changes nothing but the check for the end.
            #[expect(clippy::cast_possible_truncation, reason = "a block is far smaller than 4 GiB")]
            let slot = at as u32;
            found[count % SLOTS] = slot;
            count += usize::from(self.threes.get(hash3(word)));
        };
        let length = block.end - block.start;
        let inner = &text[block.start..text.len().min(block.end + 2)];
        let mut at = 0;
        // Three offsets out of one load.
        for eight in inner.windows(8).step_by(6).take(length / 6) {
            let Some(eight) = eight.first_chunk() else { break };
            let word = u64::from_le_bytes(*eight);
            #[expect(clippy::cast_possible_truncation, reason = "the low bytes are meant")]
            for (offset, word) in [(0, word as u32), (2, (word >> 16) as u32), (4, (word >> 32) as u32)] {
                note(at + offset, word);
            }
            at += 6;
        }
        // The last bytes, read as if zeros followed the text.
        while at < length {
            note(at, load(text, block.start + at));
            at += 2;
        }
        count
    }

    /// Compares the anchors that have their probe at `at`.
    fn look(
        &self,
        text: &[u8],
        at: usize,
        range: &Range<usize>,
        hit: &mut impl FnMut(RuleIndex, &Anchor, usize),
    ) {
        let word = fold(load(text, at));
        if self.fours.get(hash4(word)) {
            self.compare(text, at, bucket4(word), word, range, hit);
        }
        if self.short.get(hash3(word)) {
            self.compare(text, at, bucket3(word), word & 0xff_ffff, range, hit);
        }
    }

    fn compare(
        &self,
        text: &[u8],
        at: usize,
        bucket: usize,
        word: u32,
        range: &Range<usize>,
        hit: &mut impl FnMut(RuleIndex, &Anchor, usize),
    ) {
        let probes = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        for (probe, _) in
            self.probes[probes.clone()].iter().zip(&self.words[probes]).filter(|(_, seen)| **seen == word)
        {
            let start = at.checked_sub(probe.offset).filter(|start| range.contains(start));
            if let Some(start) = start.filter(|&start| probe.anchor.begins(&text[start..])) {
                hit(probe.rule, &probe.anchor, start);
            }
        }
    }
}

/// A set of hashes below `N`, a bit each.
#[derive(Debug)]
struct Map<const N: usize>(Box<[u64]>);

impl<const N: usize> Map<N> {
    fn new() -> Self {
        Self(vec![0; N / 64].into_boxed_slice())
    }

    #[inline]
    fn get(&self, hash: usize) -> bool {
        self.0[hash / 64 % (N / 64)] >> (hash % 64) & 1 != 0
    }

    fn set(&mut self, hash: usize) {
        self.0[hash / 64] |= 1 << (hash % 64);
    }
}

/// Four bytes from `at` on, zeros beyond the end.
#[inline]
fn load(text: &[u8], at: usize) -> u32 {
    if let Some(four) = text.get(at..).and_then(|rest| rest.first_chunk()) {
        return u32::from_le_bytes(*four);
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u32::from(byte))
}

/// Letters in lower case; other bytes may become one another.
#[inline]
fn fold(word: u32) -> u32 {
    word | 0x2020_2020
}

/// Three bytes without case, spread by multiplication (Knuth, The Art of Computer Programming, 6.4).
#[inline]
fn hash3(word: u32) -> usize {
    ((word << 8 | 0x2020_2000).wrapping_mul(0x9e37_79b1) >> (32 - THREES.ilog2())) as usize
}

/// Four bytes without case, spread the same way.
#[inline]
fn hash4(word: u32) -> usize {
    (fold(word).wrapping_mul(0x9e37_79b1) >> (32 - FOURS.ilog2())) as usize
}

fn bucket4(word: u32) -> usize {
    hash4(word) >> (FOURS.ilog2() - BUCKETS.ilog2())
}

fn bucket3(word: u32) -> usize {
    hash3(word) >> (THREES.ilog2() - BUCKETS.ilog2())
}

/// Where in `literal` the four bytes are that are rarest in source text.
fn rarest(literal: &[u8]) -> usize {
    let rarity =
        |at: usize| literal[at..at + 4].windows(2).map(|pair| pair_rarity(pair[0], pair[1])).sum::<usize>();
    // The first of the rarest.
    (0..=literal.len().saturating_sub(4))
        .rev()
        .max_by_key(|&at| if literal.len() < 4 { 0 } else { rarity(at) })
        .unwrap_or(0)
}

/// How rare two bytes are next to each other, in quarter bits: letters as in words, other bytes by themselves.
fn pair_rarity(first: u8, second: u8) -> usize {
    match (first.is_ascii_alphabetic(), second.is_ascii_alphabetic()) {
        (true, true) => 16 + letters::pair_cost(first, second),
        (false, false) => byte_rarity(first) + byte_rarity(second),
        (true, false) => 16 + byte_rarity(second),
        (false, true) => 16 + byte_rarity(first),
    }
}

/// How rare a byte that is no letter is in source text, in quarter bits, roughly.
fn byte_rarity(byte: u8) -> usize {
    match byte {
        b' ' => 12,
        b'_' | b'-' | b'.' | b'/' | b'"' | b'=' | b'(' | b')' | b'*' => 22,
        b':' | b'0' | b'1' | b',' | b';' | b'\'' => 24,
        b'2'..=b'9' => 27,
        _ => 32,
    }
}
