//! Literals, searched for all at once.

use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use zeroize::Zeroizing;

use super::error::ReplacerError;
use super::sampler::Sampler;

/// Up to so many are searched for by the automaton, whose prefilter is then good.
const FEW: usize = 24;

/// Literals, searched for all at once.
pub struct Literals {
    automaton: AhoCorasick,
    /// Says sooner that none occurs; only if they are many and none is too short for it.
    sampler: Option<Sampler>,
    longest: usize,
    extent: usize,
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Literals({})", self.automaton.patterns_len())
    }
}

impl Literals {
    /// None of them empty; a literal is known by its place in the list.
    pub(super) fn new<'l>(
        literals: impl IntoIterator<Item = &'l [u8]> + Clone,
    ) -> Result<Self, ReplacerError> {
        let many = literals.clone().into_iter().nth(FEW).is_some();
        let copies =
            || literals.clone().into_iter().map(|literal| Zeroizing::new(literal.to_vec())).collect();
        let sampler = if many { Sampler::new(copies()) } else { None };
        let builder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).to_owned();
        let automaton = builder.build(literals).map_err(|_| ReplacerError::TooLarge)?;
        let longest = automaton.max_pattern_len();
        Ok(Self { automaton, sampler, longest, extent: longest })
    }

    /// The length of the longest, in bytes: what is found inside a text depends on no more bytes than these.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The same literals as signs of something longer, which takes `extent` bytes at most.
    pub(super) fn reaching(self, extent: usize) -> Self {
        Self { extent: self.extent.max(extent), ..self }
    }

    /// How many bytes whatever is replaced for one of them can take: more than [`longest`](Self::longest) where a literal
    /// is only a part of it.
    pub fn extent(&self) -> usize {
        self.extent
    }

    /// Whether one of them occurs.
    pub fn any_in(&self, bytes: &[u8]) -> bool {
        match &self.sampler {
            Some(sampler) => sampler.any_in(bytes),
            None => self.automaton.is_match(bytes),
        }
    }

    /// Calls `hit` with the place of each, from left to right, the longest where several begin; no two overlap.
    pub fn each(&self, bytes: &[u8], hit: &mut dyn FnMut(Range<usize>)) {
        self.automaton.find_iter(bytes).for_each(|found| hit(found.range()));
    }

    /// The same, with the place of the literal in the list.
    pub(super) fn each_with_index(&self, bytes: &[u8], hit: &mut dyn FnMut(usize, Range<usize>)) {
        self.automaton.find_iter(bytes).for_each(|found| hit(found.pattern().as_usize(), found.range()));
    }
}
