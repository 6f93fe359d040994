//! A rewrite worked out: what becomes of every object and every ref.

use std::collections::HashMap;
use std::path::PathBuf;

use bstr::BString;
use gix_hash::ObjectId;

/// What becomes of a ref. Names are as git spells them from the main worktree: `refs/heads/main`, `HEAD` (only where it
/// is detached), `worktrees/topic/HEAD`, `refs/stash`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefUpdate {
    /// The full name.
    pub name: BString,
    /// What it names now.
    pub old: ObjectId,
    /// What it will name; `None` deletes it.
    pub new: Option<ObjectId>,
}

/// What becomes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays as it is.
    Same,
    /// Another takes its place.
    Replaced(ObjectId),
    /// Nothing takes its place: a commit that was pruned to nothing, a blob that is deleted wherever it stands.
    Gone,
}

/// Old ids to new ones; only what changes is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectMap {
    changed: HashMap<ObjectId, Option<ObjectId>>,
}

impl ObjectMap {
    /// Says what becomes of `old`; `None` when nothing takes its place.
    pub fn insert(&mut self, old: ObjectId, new: Option<ObjectId>) {
        if new != Some(old) {
            self.changed.insert(old, new);
        }
    }

    /// What becomes of `id`.
    pub fn fate(&self, id: &ObjectId) -> Fate {
        match self.changed.get(id) {
            None => Fate::Same,
            Some(None) => Fate::Gone,
            Some(Some(new)) => Fate::Replaced(*new),
        }
    }

    /// The id that takes the place of `id`; `None` if it stays, or nothing does.
    pub fn new_id(&self, id: &ObjectId) -> Option<ObjectId> {
        self.changed.get(id).copied().flatten()
    }

    /// How many objects change.
    pub fn len(&self) -> usize {
        self.changed.len()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    /// What changes, sorted by old id.
    pub fn sorted(&self) -> Vec<(ObjectId, Option<ObjectId>)> {
        let mut list: Vec<_> = self.changed.iter().map(|(old, new)| (*old, *new)).collect();
        list.sort_unstable();
        list
    }
}

/// A rewrite worked out, its new objects in a pack that no one sees yet.
#[derive(Debug)]
pub struct Change {
    /// The refs that change, sorted by name. Symbolic refs are not among them: they follow.
    pub refs: Vec<RefUpdate>,
    /// Every commit of the repository that was looked at, old id to new (the same for a commit that stays); sorted.
    /// `None` for one that was pruned.
    pub commits: Vec<(ObjectId, Option<ObjectId>)>,
    /// The parents of these commits as they were, in the same order.
    pub parents: Vec<Vec<ObjectId>>,
    /// Everything that changes: blobs, trees (where they do not depend on their path), commits, tags.
    pub objects: ObjectMap,
    /// Blobs that stood at deleted paths and nowhere else, sorted; of a change that is not written, pointers of Git LFS only.
    pub deleted: Vec<ObjectId>,
    /// The new objects, `(pack, index)`, complete and on disk in the repository's `objects/pack` under temporary names
    /// that git ignores and `git gc` removes; `None` if there are none.
    pub pack: Option<NewPack>,
}

/// A pack that is complete but not yet visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPack {
    /// The pack, `objects/pack/tmp_pack_…`.
    pub pack: PathBuf,
    /// Its index, `objects/pack/tmp_idx_…`.
    pub index: PathBuf,
    /// The name both get: `objects/pack/pack-<hash>`, without extension.
    pub target: PathBuf,
    /// How many objects are in it.
    pub objects: u32,
}
