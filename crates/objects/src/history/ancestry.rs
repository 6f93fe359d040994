//! Commits and tags as read: who descends from whom, and what tags name.

use std::collections::HashMap;

use gix_hash::ObjectId;

use crate::commit::Commit;

/// A commit as read.
#[derive(Debug, Clone)]
pub(super) struct RawCommit {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    /// Not a list with room for more: there may be millions.
    pub(super) parents: Box<[ObjectId]>,
    pub(super) time: i64,
}

/// The commits and tags of a store, or those that one thread has read.
#[derive(Debug, Clone, Default)]
pub struct Ancestry {
    pub(super) commits: Vec<RawCommit>,
    pub(super) tags: HashMap<ObjectId, ObjectId>,
}

impl Ancestry {
    /// Adds a commit.
    pub fn commit(&mut self, id: &ObjectId, commit: Commit<'_>) {
        let time = commit.committer.and_then(|committer| committer.time);
        self.commits.push(RawCommit {
            id: *id,
            tree: commit.tree,
            parents: commit.parents.into_boxed_slice(),
            time: time.map_or(0, |time| time.seconds),
        });
    }

    /// The time and the parents of the commit that was added last.
    pub(super) fn last(&self) -> Option<(i64, &[ObjectId])> {
        self.commits.last().map(|commit| (commit.time, &*commit.parents))
    }

    /// Adds a tag and what it names.
    pub fn tag(&mut self, id: &ObjectId, target: ObjectId) {
        self.tags.insert(*id, target);
    }

    /// What a tag names; `None` if it is none that was added.
    pub fn target(&self, tag: &ObjectId) -> Option<ObjectId> {
        self.tags.get(tag).copied()
    }

    /// What every tag names.
    pub fn tags(&self) -> &HashMap<ObjectId, ObjectId> {
        &self.tags
    }

    /// Adds what another thread has read.
    pub fn merge(&mut self, mut other: Self) {
        self.commits.append(&mut other.commits);
        self.tags.extend(other.tags);
    }
}
