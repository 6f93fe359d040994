//! Ids of commits in messages, named anew: of those that have been written before, as git-filter-repo does it.

use std::collections::BTreeMap;

use gix_hash::{ObjectId, Prefix};

use crate::rewrite::references::words;

/// So many digits are taken for an id.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=40;

/// The commits written so far, old ids to new ones.
#[derive(Default)]
pub(super) struct Written(BTreeMap<ObjectId, ObjectId>);

impl Written {
    pub(super) fn add(&mut self, old: ObjectId, new: ObjectId) {
        self.0.insert(old, new);
    }

    /// The message with new ids, each as long as the old one was; `None` if it names no commit.
    pub(super) fn renamed(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut out = None;
        for place in words(message).filter(|word| DIGITS.contains(&word.len())) {
            if let Some(new) = self.new_of(&message[place.clone()]) {
                let hex = new.to_hex_with_len(place.len()).to_string();
                out.get_or_insert_with(|| message.to_vec())[place].copy_from_slice(hex.as_bytes());
            }
        }
        out
    }

    /// What became of the one commit whose id begins so.
    fn new_of(&self, hex: &[u8]) -> Option<ObjectId> {
        let prefix = Prefix::from_hex(std::str::from_utf8(hex).ok()?).ok()?;
        let mut found = self.0.range(prefix.as_oid().to_owned()..);
        let mut next = || found.next().filter(|(old, _)| prefix.cmp_oid(old).is_eq());
        let (_, new) = next()?;
        next().is_none().then_some(*new)
    }
}
