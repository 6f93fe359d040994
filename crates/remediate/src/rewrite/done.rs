//! What a rewrite is about, and what it has made so far.

use std::collections::HashMap;

use gix_hash::ObjectId;
use unleak_objects::Trouble;
use unleak_objects::history::{CommitNumber, CommitSet};

use crate::archive::Archive;

use super::tags;

/// The new trees of commits, and of what refs name besides.
#[derive(Default)]
pub(super) struct NewRoots {
    pub(super) by_tree: HashMap<ObjectId, ObjectId>,
    pub(super) count: u64,
    /// Blobs that are deleted for their paths.
    pub(super) deleted: Vec<ObjectId>,
    pub(super) archives: Vec<Archive>,
    pub(super) troubles: Vec<Trouble>,
}

/// The commits of a rewrite.
pub(super) struct Among {
    pub(super) all: CommitSet,
    /// Those that only notes lead to.
    pub(super) notes_only: CommitSet,
}

/// Commits and annotated tags, rewritten.
#[derive(Default)]
pub(super) struct Done {
    /// By number, what stands for a commit that is not what it was; `None`: nothing.
    pub(super) commits: HashMap<CommitNumber, Option<ObjectId>>,
    /// Commits that were left out, so that another stands for them.
    pub(super) pruned: Vec<CommitNumber>,
    pub(super) tags: tags::NewTags,
    pub(super) notes_moved: u64,
    pub(super) signatures_lost: Vec<ObjectId>,
    pub(super) trees: u64,
    pub(super) deleted: Vec<ObjectId>,
    pub(super) archives: Vec<Archive>,
    pub(super) troubles: Vec<Trouble>,
}
