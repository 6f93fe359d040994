//! One search for the anchors of all rules, at several bytes a nanosecond's worth of work.
//!
//! Three levels, each rarer than the one before. A bitmap over hashed groups of three bytes looks at every second
//! offset; what passes is looked up by four bytes; what passes that is compared. Each anchor is looked for at the four
//! of its bytes that are rarest in source text. Valid because those four bytes, or the three from the second of them on,
//! stand at an even distance from the start. It stops paying when anchors are shorter than four bytes or number
//! thousands; an Aho-Corasick automaton, against which it is proved, runs at a quarter of the speed whatever the anchors.

use std::ops::Range;

use crate::anchor::Anchor;
use crate::grams::{FOURS, Map, THREES, fold, hash3, hash4, load};
use crate::rarest::places;
use crate::rule::Rule;

/// Index of a rule in its rule set.
pub type RuleIndex = usize;

/// Probes are found by the high bits of the hash of four bytes.
const BUCKETS: usize = 1 << 13;
/// Candidates of one block, at the most; they stay in the first-level cache.
const SLOTS: usize = 4096;
/// Bytes of one block: even, and fewer offsets than slots.
const BLOCK: usize = 2 * SLOTS - 2;

/// Room for the candidates of a block, kept from one text to the next: clearing it would take longer than most texts.
#[derive(Debug)]
pub(crate) struct Candidates {
    first: Box<[u32; SLOTS]>,
    second: Box<[u32; 2 * SLOTS]>,
}

impl Default for Candidates {
    fn default() -> Self {
        let zeroes = |length| vec![0; length].into_boxed_slice();
        let (first, second) = (zeroes(SLOTS).try_into(), zeroes(2 * SLOTS).try_into());
        Self { first: first.expect("it has this length"), second: second.expect("it has this length") }
    }
}

/// The search.
#[derive(Debug)]
pub(crate) struct Prefilter {
    /// First level: hashes of three bytes.
    threes: Map<{ THREES / 64 }>,
    /// Second level: hashes of four bytes; for anchors of three with every byte that may follow.
    fours: Map<{ FOURS / 64 }>,
    /// The buckets of anchors of three bytes, which are few.
    short: Map<{ BUCKETS / 64 }>,
    /// Third level: who to compare, sorted by bucket.
    probes: Vec<Probe>,
    /// What to compare first, in the same order.
    hints: Vec<Hint>,
    /// The bytes that probes look for, each once, in the same order: most comparisons end here. One more at the end.
    words: Vec<Word>,
    /// Where each bucket's words start.
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

/// Where an anchor is looked for; see [`Probe`].
struct Place {
    bucket: usize,
    word: u32,
    offset: usize,
}

/// Another four bytes of a probe's anchor: nearly all comparisons end here, without a look at the anchor itself.
#[derive(Clone, Copy, Debug)]
struct Hint {
    /// [`Probe::offset`].
    offset: u32,
    /// Where in the anchor they stand.
    other: u32,
    /// They, without case.
    word: u32,
    /// Nothing, if the anchor is too short to have others.
    mask: u32,
}

impl Hint {
    fn of(probe: &Probe) -> Self {
        let literal = &probe.anchor.literal;
        let last = literal.len().saturating_sub(4);
        let other = if probe.offset == last { 0 } else { last };
        let mask = if literal.len() > 4 { u32::MAX } else { 0 };
        let place = |at: usize| u32::try_from(at).expect("anchors are short");
        Self { offset: place(probe.offset), other: place(other), word: fold(load(literal, other)), mask }
    }
}

/// Bytes without case that some probes look for.
#[derive(Clone, Copy, Debug)]
struct Word {
    word: u32,
    /// Where its probes start; they end where those of the next word start.
    probes: u32,
}

impl Prefilter {
    /// Builds the search over the anchors of `rules`, each with its index.
    pub(crate) fn new<'r>(rules: impl Iterator<Item = (RuleIndex, &'r Rule)>) -> Self {
        let mut search = Self {
            threes: Map::new(),
            fours: Map::new(),
            short: Map::new(),
            probes: Vec::new(),
            hints: Vec::new(),
            words: Vec::new(),
            buckets: Vec::new(),
            deepest: 0,
        };
        let anchors: Vec<(RuleIndex, &Anchor)> = rules
            .flat_map(|(index, rule)| rule.anchors().iter().map(move |anchor| (index, anchor)))
            .collect();
        let literals: Vec<_> = anchors.iter().map(|(_, anchor)| (&*anchor.literal, anchor.place)).collect();
        let found: Vec<Place> =
            anchors.iter().zip(places(&literals)).map(|((_, anchor), at)| search.note(anchor, at)).collect();
        // Numbers are sorted, and not what they belong to, which is large.
        let mut order: Vec<_> =
            found.iter().enumerate().map(|(at, place)| (place.bucket, place.word, at)).collect();
        order.sort_unstable();
        search.probes = order
            .into_iter()
            .map(|(bucket, word, at)| {
                let (rule, anchor) = anchors[at];
                Probe { bucket, word, offset: found[at].offset, rule, anchor: anchor.clone() }
            })
            .collect();
        search.hints = search.probes.iter().map(Hint::of).collect();
        search.buckets = vec![0; BUCKETS + 1];
        for (at, probe) in (0u32..).zip(&search.probes) {
            let is_new = search.probes[..at as usize]
                .last()
                .is_none_or(|last| (last.bucket, last.word) != (probe.bucket, probe.word));
            if is_new {
                search.words.push(Word { word: probe.word, probes: at });
                search.buckets[probe.bucket + 1] += 1;
            }
        }
        let end = u32::try_from(search.probes.len()).expect("there are fewer than 2^32 anchors");
        search.words.push(Word { word: 0, probes: end });
        for bucket in 0..BUCKETS {
            search.buckets[bucket + 1] += search.buckets[bucket];
        }
        search
    }

    /// Has the first two levels let through an anchor that is looked for at `offset`.
    fn note(&mut self, anchor: &Anchor, offset: usize) -> Place {
        let literal = &anchor.literal;
        let word = fold(load(literal, offset));
        let bucket = if literal.len() == 3 {
            // At an odd distance only the last two bytes and one unknown one are seen.
            self.threes.set(hash3(word));
            for next in 0..=u8::MAX {
                self.threes.set(hash3(u32::from_le_bytes([literal[1], literal[2], next, 0])));
                self.fours.set(hash4(word | u32::from(next) << 24));
            }
            self.short.set(bucket3(word));
            bucket3(word)
        } else {
            self.threes.set(hash3(word));
            self.threes.set(hash3(load(literal, offset + 1)));
            self.fours.set(hash4(word));
            bucket4(word)
        };
        let word = if literal.len() == 3 { word & 0xff_ffff } else { word };
        self.deepest = self.deepest.max(offset);
        Place { bucket, word, offset }
    }

    /// Calls `hit(rule, anchor, offset)` for every occurrence of every anchor that starts in `range`, including those
    /// that overlap, in no particular order. `range` must lie inside `text`; an anchor may end beyond it.
    pub(crate) fn each_hit(
        &self,
        text: &[u8],
        range: Range<usize>,
        candidates: &mut Candidates,
        mut hit: impl FnMut(RuleIndex, &Anchor, usize),
    ) {
        // One more than the deepest probe, for those seen from their second byte.
        let end = text.len().min(range.end.saturating_add(self.deepest + 2));
        let mut start = range.start;
        while start < end {
            let stop = end.min(start + BLOCK);
            let Candidates { first, second } = candidates;
            let count = self.first_level(text, start..stop, first);
            let count = self.second_level(text, start, &first[..count], second);
            for &candidate in &second[..count] {
                self.third_level(text, start + candidate as usize - 1, &range, &mut hit);
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

    /// Notes the distances from the byte before `start` at which an anchor's probe may be: at one of the `candidates` or
    /// one byte before it. Returns how many they are.
    #[expect(clippy::cast_possible_truncation, reason = "the low bytes are meant")]
    fn second_level(
        &self,
        text: &[u8],
        start: usize,
        candidates: &[u32],
        found: &mut [u32; 2 * SLOTS],
    ) -> usize {
        let mut count = 0;
        for &candidate in candidates {
            let at = start + candidate as usize;
            let eight = at.checked_sub(1).and_then(|before| text.get(before..)?.first_chunk());
            let (before, word) = match eight.map(|eight| u64::from_le_bytes(*eight)) {
                Some(eight) => (eight as u32, (eight >> 8) as u32),
                None => (load(text, at.saturating_sub(1)), load(text, at)),
            };
            // As in the first level.
            found[count % (2 * SLOTS)] = candidate;
            count += usize::from(at > 0 && self.fours.get(hash4(before)));
            found[count % (2 * SLOTS)] = candidate + 1;
            count += usize::from(self.fours.get(hash4(word)));
        }
        count
    }

    /// Compares the anchors that have their probe at `at`.
    fn third_level(
        &self,
        text: &[u8],
        at: usize,
        range: &Range<usize>,
        hit: &mut impl FnMut(RuleIndex, &Anchor, usize),
    ) {
        let word = fold(load(text, at));
        self.compare(text, at, bucket4(word), word, range, hit);
        if self.short.get(bucket3(word)) {
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
        let words = self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize;
        let Some(found) = words.clone().find(|found| self.words[*found].word == word) else { return };
        let probes = self.words[found].probes as usize..self.words[found + 1].probes as usize;
        for (hint, probe) in self.hints[probes.clone()].iter().zip(&self.probes[probes]) {
            let Some(start) = at.checked_sub(hint.offset as usize).filter(|start| range.contains(start))
            else {
                continue;
            };
            let other = fold(load(text, start + hint.other as usize));
            if (other ^ hint.word) & hint.mask == 0 && probe.anchor.begins(&text[start..]) {
                hit(probe.rule, &probe.anchor, start);
            }
        }
    }
}

fn bucket4(word: u32) -> usize {
    hash4(word) >> (FOURS.ilog2() - BUCKETS.ilog2())
}

fn bucket3(word: u32) -> usize {
    hash3(word) >> (THREES.ilog2() - BUCKETS.ilog2())
}
