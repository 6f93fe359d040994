//! One search for the anchors of all rules, at several bytes a nanosecond's worth of work.
//!
//! Three levels, each rarer than the one before. A bitmap over hashed groups of three bytes looks at every second
//! offset; what passes is looked up by four bytes; what passes that is compared. Each anchor is looked for at the four
//! of its bytes that are rarest in source text. Valid because those four bytes, or the three from the second of them on,
//! stand at an even distance from the start. It stops paying when anchors are shorter than four bytes or number
//! thousands; an Aho-Corasick automaton, against which it is proved, runs at a quarter of the speed whatever the anchors.

use std::ops::Range;

use crate::anchor::Anchor;
use crate::rule::{Rule, Signature};

/// Index of a rule in its rule set.
pub type RuleIndex = usize;

/// Hashes of three and of four bytes have this many values.
const BUCKETS: usize = 1 << 15;
/// Candidates of one block, at the most; they stay in the first-level cache.
const SLOTS: usize = 4096;
/// Bytes of one block: even, and fewer offsets than slots.
const BLOCK: usize = 2 * SLOTS - 2;

/// The search.
#[derive(Debug)]
pub(crate) struct Prefilter {
    /// First level: hashes of three bytes.
    threes: Box<[u64; BUCKETS / 64]>,
    /// Second level: hashes of four bytes.
    fours: Box<[u64; BUCKETS / 64]>,
    /// Second level for anchors of three bytes.
    short: Box<[u64; BUCKETS / 64]>,
    /// Third level: who to compare, sorted by bucket.
    probes: Vec<Probe>,
    /// Where each bucket's probes start.
    buckets: Vec<u32>,
    /// The largest [`Probe::offset`].
    deepest: usize,
}

/// An anchor of one rule, and where in it the search looks.
#[derive(Debug)]
struct Probe {
    bucket: usize,
    offset: usize,
    rule: RuleIndex,
    anchor: Anchor,
}

impl Prefilter {
    /// Builds the search over the anchors of `rules`.
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut search = Self {
            threes: Box::new([0; BUCKETS / 64]),
            fours: Box::new([0; BUCKETS / 64]),
            short: Box::new([0; BUCKETS / 64]),
            probes: Vec::new(),
            buckets: Vec::new(),
            deepest: 0,
        };
        for (rule, anchors) in rules.iter().enumerate().filter_map(|(index, rule)| match &rule.signature {
            Signature::Content { anchors, .. } => Some((index, anchors)),
            Signature::Dotenv | Signature::File | Signature::Text(_) | Signature::Path => None,
        }) {
            for anchor in anchors {
                search.add(rule, anchor);
            }
        }
        search.probes.sort_by_key(|probe| probe.bucket);
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
        let bucket = if literal.len() == 3 {
            // At an odd distance only the last two bytes and one unknown one are seen.
            set(&mut self.threes, hash3(load(literal, 0)));
            for third in 0..32 {
                set(&mut self.threes, hash3(u32::from_le_bytes([literal[1], literal[2], third, 0])));
            }
            let bucket = hash3(load(literal, 0));
            set(&mut self.short, bucket);
            bucket
        } else {
            set(&mut self.threes, hash3(load(literal, offset)));
            set(&mut self.threes, hash3(load(literal, offset + 1)));
            let bucket = hash4(load(literal, offset));
            set(&mut self.fours, bucket);
            bucket
        };
        self.deepest = self.deepest.max(offset);
        self.probes.push(Probe { bucket, offset, rule, anchor: anchor.clone() });
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
            count += usize::from(get(&self.threes, hash3(word)));
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
        let word = load(text, at);
        let four = hash4(word);
        if get(&self.fours, four) {
            self.compare(text, at, four, range, hit);
        }
        let three = hash3(word);
        if get(&self.short, three) {
            self.compare(text, at, three, range, hit);
        }
    }

    fn compare(
        &self,
        text: &[u8],
        at: usize,
        bucket: usize,
        range: &Range<usize>,
        hit: &mut impl FnMut(RuleIndex, &Anchor, usize),
    ) {
        let probes = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        for probe in &self.probes[probes] {
            let start = at.checked_sub(probe.offset).filter(|start| range.contains(start));
            if let Some(start) = start.filter(|&start| probe.anchor.begins(&text[start..])) {
                hit(probe.rule, &probe.anchor, start);
            }
        }
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

/// The low five bits of three bytes, in which case does not matter, spread by multiplication (Knuth, The Art of Computer
/// Programming, 6.4).
#[inline]
fn hash3(word: u32) -> usize {
    ((word & 0x1f_1f1f).wrapping_mul(0x9e37_79b1) >> 17) as usize
}

/// Four bytes without case, spread the same way.
#[inline]
fn hash4(word: u32) -> usize {
    ((word | 0x2020_2020).wrapping_mul(0x9e37_79b1) >> 17) as usize
}

#[inline]
fn get(map: &[u64; BUCKETS / 64], bucket: usize) -> bool {
    map[bucket / 64 % (BUCKETS / 64)] >> (bucket % 64) & 1 != 0
}

fn set(map: &mut [u64; BUCKETS / 64], bucket: usize) {
    map[bucket / 64] |= 1 << (bucket % 64);
}

/// Where in `literal` the four bytes are that are rarest in source text.
fn rarest(literal: &[u8]) -> usize {
    let cost = |at: &usize| literal[*at..*at + 4].iter().map(|byte| commonness(*byte)).sum::<u32>();
    (0..=literal.len().saturating_sub(4))
        .min_by_key(|at| if literal.len() < 4 { 0 } else { cost(at) })
        .unwrap_or(0)
}

/// How common a byte is in source text, roughly the logarithm of its share: from letter frequencies of English and
/// punctuation of code.
fn commonness(byte: u8) -> u32 {
    match byte.to_ascii_lowercase() {
        b' ' | b'e' => 10,
        b't' | b'a' | b'i' | b'n' | b'o' | b'r' | b's' => 9,
        b'l' | b'd' | b'c' => 8,
        b'u' | b'm' | b'p' | b'f' | b'_' | b'-' | b'*' | b'/' => 7,
        b'h' | b'g' | b'b' | b'.' | b'(' | b')' | b'0' | b'=' | b'"' => 6,
        b'y' | b'v' | b'w' | b'k' | b'1' | b':' => 5,
        b'x' | b'2'..=b'9' => 4,
        b'j' | b'q' | b'z' => 2,
        _ => 3,
    }
}
