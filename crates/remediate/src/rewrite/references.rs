//! Ids of commits in messages: where they stand, and which commits they mean.

use std::ops::Range;

use gix_hash::ObjectId;
use unleak_objects::history::{CommitNumber, Graph};

/// Shorter ones are not taken for ids.
const SHORTEST: usize = 7;

/// Finds commits by what their ids begin with.
pub(crate) struct References {
    sorted: Vec<(ObjectId, CommitNumber)>,
    hex_len: usize,
}

impl References {
    /// All commits of `graph`.
    pub(crate) fn new(graph: &Graph, hash: gix_hash::Kind) -> Self {
        let numbers = 0..u32::try_from(graph.len()).expect("commits have numbers");
        let mut sorted: Vec<_> = numbers.map(|number| (graph.id(number), number)).collect();
        sorted.sort_unstable();
        Self { sorted, hex_len: hash.len_in_hex() }
    }

    /// The commits that `message` names, each with the place of its id.
    pub(crate) fn find<'r>(
        &'r self,
        message: &'r [u8],
    ) -> impl Iterator<Item = (Range<usize>, CommitNumber)> + 'r {
        words(message)
            .filter(|word| (SHORTEST..=self.hex_len).contains(&word.len()))
            .filter_map(|word| Some((word.clone(), self.commit(&message[word])?)))
    }

    /// The one commit whose id begins so.
    fn commit(&self, hex: &[u8]) -> Option<CommitNumber> {
        let hex = std::str::from_utf8(hex).ok()?;
        let prefix = gix_hash::Prefix::from_hex(hex).ok()?;
        let from = self.sorted.partition_point(|(id, _)| prefix.cmp_oid(id).is_gt());
        let mut found = self.sorted[from..].iter().take_while(|(id, _)| prefix.cmp_oid(id).is_eq());
        let (_, number) = found.next()?;
        found.next().is_none().then_some(*number)
    }
}

/// Stretches of lower-case hexadecimal digits that no letter, digit or underscore touches.
pub(super) fn words(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(is_word)?;
        at = start + text[start..].iter().position(|byte| !is_word(byte)).unwrap_or(text.len() - start);
        Some(start..at)
    })
    .filter(|word| text[word.clone()].iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}
