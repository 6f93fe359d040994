//! The young end of a history: what leads to a few commits is known without reading what came before them.

use std::collections::{BinaryHeap, HashSet};

use gix_hash::ObjectId;

use crate::buffer::Buffer;
use crate::commit;
use crate::kind::Kind;
use crate::store::ObjectStore;
use crate::tag;

use super::History;
use super::ancestry::Ancestry;
use super::trees::Trees;

/// Clocks go wrong: so much older a commit may be than one that it descends from. git's own measure (`name-rev`).
const SLOP: i64 = 24 * 60 * 60;

impl History {
    /// What `tips` lead to, back to the commits of the time `oldest` (seconds since 1970). What cannot be read leads
    /// nowhere. Older commits are missing parents.
    pub fn since(store: &ObjectStore, tips: impl IntoIterator<Item = ObjectId>, oldest: i64) -> Self {
        let mut young =
            Young { store, read: Ancestry::default(), seen: HashSet::new(), queue: BinaryHeap::new() };
        let mut buffer = Buffer::default();
        for tip in tips {
            young.see(tip, &mut buffer);
        }
        while let Some((time, parents)) = young.queue.pop() {
            if time < oldest.saturating_sub(SLOP) {
                break;
            }
            for parent in parents {
                young.see(parent, &mut buffer);
            }
        }
        Self::new(young.read, &[], Trees::none())
    }
}

struct Young<'s> {
    store: &'s ObjectStore,
    read: Ancestry,
    seen: HashSet<ObjectId>,
    /// Commits whose parents have not been looked at, the youngest first.
    queue: BinaryHeap<(i64, Vec<ObjectId>)>,
}

impl Young<'_> {
    /// Reads a commit, or what tags lead to.
    fn see(&mut self, mut id: ObjectId, buffer: &mut Buffer) {
        while self.seen.insert(id) {
            match self.store.find(&id, buffer) {
                Ok(Some((Kind::Commit, bytes))) => {
                    let Ok(commit) = commit::parse(bytes, self.store.hash()) else { return };
                    self.read.commit(&id, commit);
                    if let Some((time, parents)) = self.read.last() {
                        self.queue.push((time, parents.to_vec()));
                    }
                    return;
                }
                Ok(Some((Kind::Tag, bytes))) => {
                    let Ok(tag) = tag::parse(bytes, self.store.hash()) else { return };
                    self.read.tag(&id, tag.target);
                    id = tag.target;
                }
                _ => return,
            }
        }
    }
}
