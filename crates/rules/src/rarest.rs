//! Where in an anchor the search looks for it: at the bytes that are rarest in source code.

use std::collections::HashMap;

use crate::grams::{Map, THREES, fold, hash3, load};
use crate::trigrams::Trigrams;

/// Chooses for one anchor after the other; those that have the least choice come first.
pub(crate) struct Rarest {
    trigrams: Trigrams,
    /// Groups of three bytes that are looked for.
    threes: Map<{ THREES / 64 }>,
    /// How many anchors are looked for at these four bytes.
    fours: HashMap<u32, u32>,
}

impl Rarest {
    pub(crate) fn new() -> Self {
        Self { trigrams: Trigrams::new(), threes: Map::new(), fours: HashMap::new() }
    }

    /// The offset in `literal`, of at least three bytes, of the four bytes to look for; they count as taken.
    pub(crate) fn offset(&mut self, literal: &[u8]) -> usize {
        let offset =
            (0..=literal.len().saturating_sub(4)).min_by_key(|&at| self.cost(literal, at)).unwrap_or(0);
        for three in threes(literal, offset) {
            self.threes.set(hash3(three));
        }
        *self.fours.entry(fold(load(literal, offset))).or_default() += 1;
        offset
    }

    /// How much more work a text makes: at the first level for groups that nobody looks for yet, and wherever all four
    /// bytes stand, for each anchor that is looked for there.
    fn cost(&self, literal: &[u8], at: usize) -> u32 {
        let cost = |three: u32| self.trigrams.cost(three.to_le_bytes());
        let new = threes(literal, at).into_iter().filter(|three| !self.threes.get(hash3(*three)));
        let fours = self.trigrams.cost_of_four(load(literal, at).to_le_bytes());
        let shared = self.fours.get(&fold(load(literal, at))).copied().unwrap_or_default();
        new.map(cost).sum::<u32>().saturating_add(fours.saturating_mul(if shared == 0 {
            3
        } else {
            1 + shared
        }))
    }
}

/// The three bytes at `at`, and those one further on if there are four.
fn threes(literal: &[u8], at: usize) -> [u32; 2] {
    let further = if literal.len() > 3 { at + 1 } else { at };
    [at, further].map(|at| load(literal, at) & 0x00ff_ffff)
}
