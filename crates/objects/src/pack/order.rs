//! The entries of a pack by offset, the way they lie on disk. The index has them by id.

use std::ops::Range;

use rayon::prelude::*;

use super::index::PackIndex;

/// Offsets in ascending order, each with its position in the index. The place in this order is an entry's rank.
#[derive(Debug)]
pub(crate) struct Order {
    offsets: Vec<u64>,
    positions: Vec<u32>,
    /// Positions whose offset lies outside of the pack.
    strays: Vec<u32>,
}

impl Order {
    /// Sorts what `index` lists inside of `bounds`.
    pub(crate) fn new(index: &PackIndex, bounds: Range<u64>) -> Self {
        let mut strays = Vec::new();
        let mut rows = Vec::with_capacity(index.count() as usize);
        for position in 0..index.count() {
            match index.offset(position) {
                Some(offset) if bounds.contains(&offset) => rows.push((offset, position)),
                _ => strays.push(position),
            }
        }
        rows.par_sort_unstable();
        let (offsets, positions) = rows.into_iter().unzip();
        Self { offsets, positions, strays }
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    pub(crate) fn strays(&self) -> &[u32] {
        &self.strays
    }

    #[inline]
    pub(crate) fn offset(&self, rank: usize) -> u64 {
        self.offsets[rank]
    }

    #[inline]
    pub(crate) fn position(&self, rank: usize) -> u32 {
        self.positions[rank]
    }

    /// The rank of the entry at exactly this offset.
    #[inline]
    pub(crate) fn rank(&self, offset: u64) -> Option<usize> {
        self.offsets.binary_search(&offset).ok()
    }

    /// The same for an entry before the one with the rank `after`, best not far: bases mostly stand just before what rests
    /// on them.
    #[inline]
    pub(crate) fn rank_before(&self, offset: u64, after: usize) -> Option<usize> {
        let (mut step, mut start) = (1, after.min(self.offsets.len()));
        while start > 0 && self.offsets[start - 1] >= offset {
            start = start.saturating_sub(step);
            step *= 2;
        }
        let end = after.min(start + step);
        self.offsets[start..end].binary_search(&offset).ok().map(|at| start + at)
    }

    /// Whether two ids claim one offset, which no honest index has.
    pub(crate) fn has_twins(&self) -> bool {
        self.offsets.windows(2).any(|pair| pair[0] == pair[1])
    }
}

/// Which entry of a pack rests on which, by rank in its [`Order`].
#[derive(Debug)]
pub(crate) struct Lineage {
    /// Each entry's base, or one of two marks of whoever read it.
    pub(crate) bases: Vec<u32>,
    /// Each entry's kind and marks, as whoever read it notes them.
    pub(crate) flags: Vec<u8>,
    /// All entries so that each comes before its base.
    pub(crate) upward: Vec<u32>,
}
