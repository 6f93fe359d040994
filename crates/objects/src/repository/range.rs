//! The commits that some tips reach and others do not, as `git rev-list INCLUDE --not EXCLUDE`.

use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};

use gix_hash::ObjectId;

use super::{
    commit::{CommitHeader, read_commit},
    completeness::ShallowError,
    handle::Repository,
    objects::{ObjectError, ObjectReader},
};
use crate::kind::Kind;

/// Commits looked at after the last one that could matter. Only clocks that were wrong by more than this many
/// commits make the range larger than git's; they never make it smaller.
const SLOP: usize = 16;

/// The commits of a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommitRange {
    /// Children before their parents; among the others the newest first, then the smallest id.
    pub commits: Vec<ObjectId>,
    /// Those of them whose parents a shallow clone has cut off: what came before is unknown. Sorted.
    pub shallow_cut: Vec<ObjectId>,
}

/// Why the commits of a range are not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RangeError {
    /// One of the two ends cannot be read.
    #[error("the range's end cannot be read")]
    End(#[source] ObjectError),
    /// A commit in the range has a parent that cannot be read, and no shallow clone says why.
    #[error("a parent of commit {child} cannot be read")]
    Parent {
        /// The commit that has the parent.
        child: ObjectId,
        /// Which object, and why.
        source: ObjectError,
    },
    /// The list of shallow commits cannot be read.
    #[error(transparent)]
    Shallow(#[from] ShallowError),
}

struct Seen {
    header: CommitHeader,
    excluded: bool,
    /// Its parents are not looked at yet.
    queued: bool,
}

impl Repository {
    /// The commits that `include` reaches and `exclude` does not. Included ids must be commits; excluded trees and blobs
    /// exclude nothing. A commit is left out only if it is proven to be reachable from `exclude`.
    pub fn commits_in_range(
        &self,
        include: &[ObjectId],
        exclude: &[ObjectId],
    ) -> Result<CommitRange, RangeError> {
        let shallow: HashSet<_> = self.shallow_commits()?.into_iter().collect();
        let mut walk = Walk {
            reader: self.reader(),
            shallow,
            seen: HashMap::new(),
            missing: HashMap::new(),
            queue: BinaryHeap::new(),
            interesting: 0,
            buffer: Vec::new(),
        };
        for (ids, excluded) in [(include, false), (exclude, true)] {
            for id in ids {
                match walk.visit(*id, excluded) {
                    Err(ObjectError::WrongKind { found: Kind::Tree | Kind::Blob, .. }) if excluded => {}
                    seen => seen.map_err(RangeError::End)?,
                }
            }
        }
        walk.run();
        walk.finish()
    }
}

struct Walk {
    reader: ObjectReader,
    shallow: HashSet<ObjectId>,
    seen: HashMap<ObjectId, Seen>,
    /// Parents that cannot be read, with a child. Looked at in the end: what is excluded may be incomplete.
    missing: HashMap<ObjectId, (Vec<ObjectId>, ObjectError)>,
    /// What is seen and whose parents are not, the newest first.
    queue: BinaryHeap<(i64, ObjectId)>,
    /// How many commits in the queue are not excluded.
    interesting: usize,
    buffer: Vec<u8>,
}

impl Walk {
    /// Notes a commit, or that one known already is excluded.
    fn visit(&mut self, id: ObjectId, excluded: bool) -> Result<(), ObjectError> {
        if let Some(seen) = self.seen.get(&id) {
            if excluded && !seen.excluded {
                self.exclude(id);
            }
            return Ok(());
        }
        let mut header = read_commit(&self.reader, &id, &mut self.buffer)?;
        if self.shallow.contains(&id) {
            header.parents.clear();
        }
        self.queue.push((header.time, id));
        self.interesting += usize::from(!excluded);
        self.seen.insert(id, Seen { header, excluded, queued: true });
        Ok(())
    }

    /// Excludes a commit that was taken for one of the range, and what is known to be reachable from it.
    fn exclude(&mut self, id: ObjectId) {
        let mut pending = vec![id];
        while let Some(id) = pending.pop() {
            if let Some(seen) = self.seen.get_mut(&id).filter(|seen| !seen.excluded) {
                seen.excluded = true;
                self.interesting -= usize::from(seen.queued);
                pending.extend(&seen.header.parents);
            }
        }
    }

    /// Goes back in time until nothing that is left could be of the range, or exclude what is.
    fn run(&mut self) {
        let mut oldest_interesting = i64::MAX;
        let mut slop = SLOP;
        while let Some((time, id)) = self.queue.pop() {
            let Some(seen) = self.seen.get_mut(&id) else { continue };
            seen.queued = false;
            let (excluded, parents) = (seen.excluded, seen.header.parents.clone());
            if excluded {
                if self.interesting == 0 && time < oldest_interesting {
                    if slop == 0 {
                        break;
                    }
                    slop -= 1;
                }
            } else {
                self.interesting -= 1;
                oldest_interesting = oldest_interesting.min(time);
                slop = SLOP;
            }
            for parent in parents {
                if let Some((children, _)) = self.missing.get_mut(&parent) {
                    children.push(id);
                } else if let Err(error) = self.visit(parent, excluded) {
                    self.missing.insert(parent, (vec![id], error));
                }
            }
        }
    }

    fn finish(self) -> Result<CommitRange, RangeError> {
        let in_range = |id: &ObjectId| self.seen.get(id).is_some_and(|seen| !seen.excluded);
        let mut missing: Vec<_> = self.missing.into_values().collect();
        missing.retain_mut(|(children, _)| {
            children.retain(in_range);
            children.sort();
            !children.is_empty()
        });
        missing.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some((children, source)) = missing.into_iter().next() {
            return Err(RangeError::Parent { child: children[0], source });
        }
        let range: BTreeMap<_, _> = self
            .seen
            .iter()
            .filter(|(_, seen)| !seen.excluded)
            .map(|(id, seen)| (*id, &seen.header))
            .collect();
        let shallow_cut = range.keys().filter(|id| self.shallow.contains(*id)).copied().collect();
        Ok(CommitRange { commits: children_first(&range), shallow_cut })
    }
}

/// Kahn's algorithm with a queue ordered by time and id, so that equal input gives equal output.
fn children_first(range: &BTreeMap<ObjectId, &CommitHeader>) -> Vec<ObjectId> {
    let mut children: HashMap<ObjectId, usize> = HashMap::with_capacity(range.len());
    for header in range.values() {
        for parent in header.parents.iter().filter(|parent| range.contains_key(*parent)) {
            *children.entry(*parent).or_default() += 1;
        }
    }
    let ready = |id: &ObjectId| (range[id].time, std::cmp::Reverse(*id));
    let mut queue: BinaryHeap<_> = range.keys().filter(|id| !children.contains_key(*id)).map(ready).collect();
    let mut ordered = Vec::with_capacity(range.len());
    while let Some((_, std::cmp::Reverse(id))) = queue.pop() {
        ordered.push(id);
        for parent in &range[&id].parents {
            if let Some(left) = children.get_mut(parent) {
                *left -= 1;
                if *left == 0 {
                    children.remove(parent);
                    queue.push(ready(parent));
                }
            }
        }
    }
    ordered
}
