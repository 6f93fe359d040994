//! What is remembered of a tree so that those made from it need not be parsed anew.
//!
//! Parsing a tree only ever goes forward from the start of an entry. So where a copied part holds the start of an entry of
//! the base, everything from there on parses as it did there, up to the last entry that lies in the copy as a whole.

use std::ops::Range;

use crate::tree::{self, Entry, TreeError};
use crate::visit::Piece;

/// Where the entries of a tree start, and those that are worth remembering.
#[derive(Debug, Default)]
pub(super) struct TreeMemory {
    starts: Vec<u32>,
    marks: Vec<Mark>,
    size: u32,
    /// Whether it was parsed to its end.
    sound: bool,
}

/// An entry that is written down for every tree that has it.
#[derive(Debug, Clone, Copy)]
struct Mark {
    start: u32,
    /// The number that the judge gave it.
    number: u32,
}

/// Gives an entry that is to be remembered a number.
pub(super) type Judge<'j> = &'j mut dyn FnMut(&Entry<'_>) -> Option<u32>;

impl TreeMemory {
    /// Parses a whole tree. A malformed entry ends it.
    pub(super) fn of(bytes: &[u8], hash_len: usize, judge: Judge<'_>) -> (Self, Option<TreeError>) {
        let mut memory = Self { size: offset(bytes.len()), ..Self::default() };
        let mut at = 0;
        let error = memory.parse(bytes, &mut at, bytes.len(), hash_len, judge).err();
        memory.sound = error.is_none() && fits(bytes);
        (memory, error)
    }

    /// Parses the tree that `pieces` make of the remembered one: entries that were copied are not looked at. `None` if the
    /// base was not parsed to its end.
    pub(super) fn derive<'p>(
        &self,
        pieces: impl Iterator<Item = Piece<'p>>,
        bytes: &[u8],
        hash_len: usize,
        judge: Judge<'_>,
    ) -> Option<(Self, Option<TreeError>)> {
        if !self.sound {
            return None;
        }
        let mut memory = Self { size: offset(bytes.len()), ..Self::default() };
        memory.starts.reserve(self.starts.len() + 4);
        // Where parsing is, and where the piece starts.
        let (mut at, mut piece_start) = (0, 0);
        for piece in pieces {
            let end = piece_start
                + match &piece {
                    Piece::Copied(range) => range.len(),
                    Piece::New(new) => new.len(),
                };
            while at < end {
                if let Piece::Copied(range) = &piece
                    && at >= piece_start
                    && self.copy(range, piece_start, &mut at, &mut memory)
                {
                    continue;
                }
                if let Err(error) = memory.parse(bytes, &mut at, 0, hash_len, judge) {
                    return Some((memory, Some(error)));
                }
            }
            piece_start = end;
        }
        memory.sound = fits(bytes);
        Some((memory, None))
    }

    /// Takes over the entries that lie in the copied `range` as a whole, if one of them starts at `at`.
    fn copy(&self, range: &Range<usize>, piece_start: usize, at: &mut usize, to: &mut Self) -> bool {
        let (from, last) = (offset(range.start + (*at - piece_start)), offset(range.end));
        let Ok(first) = self.starts.binary_search(&from) else { return false };
        let (count, end) = if last == self.size {
            (self.starts.len(), self.size)
        } else {
            let next = self.starts.partition_point(|start| *start <= last) - 1;
            (next, self.starts[next])
        };
        if count <= first {
            return false;
        }
        let moved = |start: u32| start - from + offset(*at);
        to.starts.extend(self.starts[first..count].iter().map(|start| moved(*start)));
        let marks = self.marks.partition_point(|mark| mark.start < from);
        let marks = self.marks[marks..].iter().take_while(|mark| mark.start < end);
        to.marks.extend(marks.map(|mark| Mark { start: moved(mark.start), ..*mark }));
        *at += (end - from) as usize;
        true
    }

    /// Parses one entry, or more until `at` reaches `end`.
    fn parse(
        &mut self,
        bytes: &[u8],
        at: &mut usize,
        end: usize,
        hash_len: usize,
        judge: Judge<'_>,
    ) -> Result<(), TreeError> {
        let start = *at;
        let mut entries = tree::entries(&bytes[start..], hash_len);
        while let Some(entry) = entries.next() {
            let entry = entry.map_err(|error| TreeError { offset: start + error.offset })?;
            self.starts.push(offset(*at));
            if let Some(number) = judge(&entry) {
                self.marks.push(Mark { start: offset(*at), number });
            }
            *at = bytes.len() - entries.rest();
            if *at >= end {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The numbers of the entries that are written down.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.marks.iter().map(|mark| mark.number)
    }
}

/// Whether places in a tree have 32 bits; a larger one is parsed anew, and so is what is made from it.
fn fits(bytes: &[u8]) -> bool {
    u32::try_from(bytes.len()).is_ok()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use unleak_testkit::Random;

    use super::*;

    /// Entries whose ids look like modes, names and ends of names, so that a parser in the wrong place finds something.
    fn tree(random: &mut Random, entries: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..entries {
            let mode = random.pick(&["100644", "40000", "160000"]);
            bytes.extend_from_slice(mode.as_bytes());
            bytes.push(b' ');
            let length = 1 + random.below(5);
            bytes.extend_from_slice(random.text(b"ab4 0", length).as_bytes());
            bytes.push(0);
            bytes.extend_from_slice(random.text(b"410 \0ab", 20).as_bytes());
        }
        bytes
    }

    /// Every entry that ends in an even byte is to be remembered; its number is that byte.
    fn judge(entry: &Entry<'_>) -> Option<u32> {
        let last = u32::from(*entry.id.last()?);
        last.is_multiple_of(2).then(|| last << 8 | u32::from(entry.name[0]))
    }

    fn seen(memory: &TreeMemory) -> String {
        format!("{:?} {:?} {}", memory.starts, memory.marks, memory.sound)
    }

    #[test]
    fn a_tree_made_from_another_parses_as_if_alone() {
        let mut random = Random::new(5);
        let (mut sound, mut skipped) = (0, 0);
        for _ in 0..4000 {
            let count = 1 + random.below(9);
            let base = tree(&mut random, count);
            let (memory, _) = TreeMemory::of(&base, 20, &mut judge);
            let (mut pieces, mut bytes) = (Vec::new(), Vec::new());
            let new: Vec<Vec<u8>> = (0..4)
                .map(|_| if random.one_in(3) { random.bytes(7) } else { tree(&mut random, 1) })
                .collect();
            for new in &new {
                // Mostly at the borders of entries, so that most trees are sound.
                let border = |random: &mut Random| match random.below(4) {
                    0 => random.below(base.len()),
                    1 => base.len(),
                    _ => memory.starts[random.below(memory.starts.len())] as usize,
                };
                let (one, other) = (border(&mut random), border(&mut random));
                let range = one.min(other)..one.max(other);
                if !range.is_empty() {
                    bytes.extend_from_slice(&base[range.clone()]);
                    pieces.push(Piece::Copied(range));
                }
                if random.one_in(2) {
                    bytes.extend_from_slice(new);
                    pieces.push(Piece::New(new));
                }
            }
            let (alone, error) = TreeMemory::of(&bytes, 20, &mut judge);
            let mut looked = 0;
            let mut judge = |entry: &Entry<'_>| {
                looked += 1;
                judge(entry)
            };
            let (derived, derived_error) =
                memory.derive(pieces.into_iter(), &bytes, 20, &mut judge).expect("the base is sound");
            assert_eq!((seen(&derived), derived_error), (seen(&alone), error));
            sound += usize::from(alone.sound);
            skipped += alone.starts.len() - looked;
        }
        assert!(sound > 300 && skipped > 3000, "{sound} {skipped}");
    }
}
