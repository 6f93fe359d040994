//! Makes a delta: what turns one text into another that is much like it (gitformat-pack(5), "Deltified representation").

use std::hash::BuildHasher as _;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Equal stretches shorter than this are written anew: naming them costs up to seven bytes, and a place in the index.
const BLOCK: usize = 16;

/// The longest copy that one instruction can name in a pack of version 2.
const LONGEST_COPY: usize = 0xff_ffff;

/// The longest stretch of new bytes in one instruction.
const LONGEST_INSERT: usize = 127;

/// The instructions that make `target` of `base`. Both ends are compared first; what is left between them is looked up
/// block by block. Linear in both lengths; the base has less than four gigabytes.
pub(super) fn make(base: &[u8], target: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    size(base.len(), &mut out);
    size(target.len(), &mut out);
    let front = base.iter().zip(target).take_while(|(a, b)| a == b).count();
    let most = base.len().min(target.len()) - front;
    let back = base.iter().rev().zip(target.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    copy(0..front, &mut out);
    middle(base, front..base.len() - back, &target[front..target.len() - back], &mut out);
    copy(base.len() - back..base.len(), &mut out);
    out
}

/// Writes `target` as copies from `range` of `base` and new bytes.
fn middle(base: &[u8], range: Range<usize>, target: &[u8], out: &mut Vec<u8>) {
    let old = &base[range.clone()];
    if old.len() < BLOCK || target.len() < BLOCK {
        return insert(target, out);
    }
    let blocks = Blocks::of(old);
    let (mut at, mut written) = (0, 0);
    while let Some(block) = target.get(at..at + BLOCK) {
        let Some(start) = blocks.find(old, block) else {
            at += 1;
            continue;
        };
        let before = old[..start].iter().rev().zip(target[written..at].iter().rev());
        let before = before.take_while(|(a, b)| a == b).count();
        let after =
            old[start + BLOCK..].iter().zip(&target[at + BLOCK..]).take_while(|(a, b)| a == b).count();
        insert(&target[written..at - before], out);
        copy(range.start + start - before..range.start + start + BLOCK + after, out);
        at += BLOCK + after;
        written = at;
    }
    insert(&target[written..], out);
}

/// The aligned blocks of a text, the first of each content.
struct Blocks {
    places: HashTable<u32>,
    hasher: FixedState,
}

impl Blocks {
    fn of(text: &[u8]) -> Self {
        let mut blocks = Self { places: HashTable::new(), hasher: FixedState::default() };
        // Beyond four gigabytes nothing is copied.
        for (number, block) in (0..u32::MAX / 16).zip(text.chunks_exact(BLOCK)) {
            if blocks.find(text, block).is_none() {
                let Blocks { places, hasher } = &mut blocks;
                places.insert_unique(hasher.hash_one(block), number, |number| {
                    hasher.hash_one(&text[place(*number)..place(*number) + BLOCK])
                });
            }
        }
        blocks
    }

    fn find(&self, text: &[u8], block: &[u8]) -> Option<usize> {
        let same = |number: &u32| &text[place(*number)..place(*number) + BLOCK] == block;
        self.places.find(self.hasher.hash_one(block), same).map(|number| place(*number))
    }
}

fn place(number: u32) -> usize {
    number as usize * BLOCK
}

/// Writes a size in groups of seven bits, the lowest first.
fn size(mut size: usize, out: &mut Vec<u8>) {
    while size > 0x7f {
        out.push(low_byte(size) | 0x80);
        size >>= 7;
    }
    out.push(low_byte(size));
}

fn low_byte(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

fn insert(bytes: &[u8], out: &mut Vec<u8>) {
    for part in bytes.chunks(LONGEST_INSERT) {
        out.push(low_byte(part.len()));
        out.extend_from_slice(part);
    }
}

fn copy(range: Range<usize>, out: &mut Vec<u8>) {
    let mut start = range.start;
    while start < range.end {
        let length = (range.end - start).min(LONGEST_COPY);
        let at = out.len();
        out.push(0x80);
        for (bit, byte) in start.to_le_bytes()[..4].iter().enumerate().filter(|(_, byte)| **byte != 0) {
            out[at] |= 1 << bit;
            out.push(*byte);
        }
        for (bit, byte) in length.to_le_bytes()[..3].iter().enumerate().filter(|(_, byte)| **byte != 0) {
            out[at] |= 0x10 << bit;
            out.push(*byte);
        }
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use unleak_testkit::Random;

    use crate::pack::delta::Delta;

    use super::*;

    fn restored(base: &[u8], delta: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Delta::parse(delta).unwrap().apply(base, &mut out).unwrap();
        out
    }

    #[test]
    fn what_is_made_gives_back_the_target() {
        let mut random = Random::new(3);
        for round in 0..3000 {
            let length = random.below(if round % 50 == 0 { 200_000 } else { 400 });
            let base = random.bytes(length);
            let mut target = Vec::new();
            for _ in 0..random.below(6) {
                let (one, other) = (random.below(base.len() + 1), random.below(base.len() + 1));
                target.extend_from_slice(&base[one.min(other)..one.max(other)]);
                let new = random.below(200);
                target.extend_from_slice(&random.bytes(new));
            }
            assert!(restored(&base, &make(&base, &target)) == target, "{} {}", base.len(), target.len());
        }
    }

    #[test]
    fn a_small_change_makes_a_small_delta() {
        let base = Random::new(4).bytes(100_000);
        let mut target = base.clone();
        target.splice(50_000..50_010, *b"***REMOVED***");
        target.splice(90_000..90_010, *b"***REMOVED***");
        let delta = make(&base, &target);
        assert!(restored(&base, &delta) == target);
        assert!(delta.len() < 120, "{}", delta.len());
    }
}
