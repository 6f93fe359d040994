//! Where in an anchor the search looks for it: at the bytes that are rarest in source code.

use std::collections::HashMap;

use crate::grams::{Map, THREES, fold, hash3, load};
use crate::trigrams::Trigrams;

/// Where to look for each of the anchors that are searched for together: where it was placed beforehand, or else where
/// it is rarest.
pub(crate) fn places(anchors: &[(&[u8], Option<usize>)]) -> Vec<usize> {
    if let Some(places) = anchors.iter().map(|(_, place)| *place).collect() {
        return places;
    }
    let mut rarest = Rarest::new();
    for (literal, place) in anchors {
        if let Some(place) = place {
            rarest.take(literal, *place);
        }
    }
    let mut places: Vec<_> = anchors.iter().map(|(_, place)| place.unwrap_or(0)).collect();
    let mut open: Vec<_> = (0..anchors.len()).filter(|&at| anchors[at].1.is_none()).collect();
    // Those come first that have the least choice.
    open.sort_by_key(|&at| anchors[at].0.len());
    for at in open {
        places[at] = rarest.offset(anchors[at].0);
    }
    places
}

/// Chooses for one anchor after the other.
struct Rarest {
    trigrams: Trigrams,
    /// Groups of three bytes that are looked for.
    threes: Map<{ THREES / 64 }>,
    /// How many anchors are looked for at these four bytes.
    fours: HashMap<u32, u32>,
}

impl Rarest {
    fn new() -> Self {
        Self { trigrams: Trigrams::new(), threes: Map::new(), fours: HashMap::new() }
    }

    /// The offset in `literal`, of at least three bytes, of the four bytes to look for; they count as taken.
    fn offset(&mut self, literal: &[u8]) -> usize {
        let offset =
            (0..=literal.len().saturating_sub(4)).min_by_key(|&at| self.cost(literal, at)).unwrap_or(0);
        self.take(literal, offset);
        offset
    }

    /// Counts the four bytes at `offset` as taken.
    fn take(&mut self, literal: &[u8], offset: usize) {
        for three in threes(literal, offset) {
            self.threes.set(hash3(three));
        }
        *self.fours.entry(fold(load(literal, offset))).or_default() += 1;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin;
    use crate::rule::Rule;

    #[test]
    fn the_anchors_that_are_built_in_stand_where_they_are_rarest() {
        let rules = builtin::rule_set().into_rules();
        for has_name in [false, true] {
            let rules = rules.iter().filter(|rule| rule.files.is_some() == has_name);
            let anchors: Vec<_> = rules.flat_map(Rule::anchors).collect();
            assert!(anchors.len() > 10);
            let open: Vec<_> = anchors.iter().map(|anchor| (&*anchor.literal, None)).collect();
            let placed: Option<Vec<_>> = anchors.iter().map(|anchor| anchor.place).collect();
            assert_eq!(placed, Some(places(&open)));
        }
    }

    #[test]
    fn what_is_placed_stays_and_the_others_avoid_it() {
        let anchor = b"wvkzxjqygh";
        let alone = places(&[(anchor, None)])[0];
        let mut crowd = vec![(&anchor[alone..alone + 4], Some(0)); 50];
        crowd.push((anchor, None));
        let (others, own) = (places(&crowd), crowd.len() - 1);
        assert!(others[..own].iter().all(|place| *place == 0));
        assert_ne!(others[own], alone);
    }
}
