//! The reverse index: from a blob to every path and commit that holds it.
//!
//! One pass over commits, trees and tags writes down which tree stands in which, and where the blobs asked for stand.
//! [`History::presences`] then climbs from a blob to the root trees. Nothing about other blobs is kept.

mod ancestry;
mod keys;
mod lists;
mod names;
mod places;
mod recent;
mod tree_memory;

mod graph;
mod trees;

mod climb;
mod forest;
mod held;

mod since;

use std::collections::HashMap;
use std::io::Read;
use std::sync::atomic::AtomicBool;

use bstr::BString;
use gix_hash::ObjectId;

pub use self::ancestry::Ancestry;
use self::climb::Ladder;
pub use self::climb::TooManyPaths;
pub use self::forest::{Forest, Standing, Thing, TreeNumber};
pub use self::graph::{CommitNumber, CommitSet, Graph};
pub use self::held::Held;
use self::keys::key;
pub use self::names::{Folder, Interest, Interests};
pub use self::trees::{Noted, Question, Trees};
use crate::kind::{Kind, KindSet};
use crate::store::ObjectStore;
use crate::trouble::Trouble;
use crate::visit::{VisitOptions, Visited, Visitor};
use crate::{commit, tag};

/// Commits, and how to get from some blobs to them.
#[derive(Debug)]
pub struct History {
    /// The commits.
    pub graph: Graph,
    /// How much was read. Less than another visit of the same store has seen means that objects went away in between.
    pub visited: Visited,
    ladder: Ladder,
    tags: HashMap<ObjectId, ObjectId>,
}

/// One path at which a blob stood, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// From the top of the tree.
    pub path: BString,
    /// The commits whose tree has the blob there; ascending.
    pub commits: Vec<CommitNumber>,
}

/// Reads commits and tags.
struct AncestryReader {
    hash: gix_hash::Kind,
    read: Ancestry,
}

impl Visitor for AncestryReader {
    type Memory = ();

    fn object(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) {
        // What cannot be parsed leads nowhere; the scan that reads the same object reports it.
        match kind {
            Kind::Commit => {
                if let Ok(commit) = commit::parse(bytes, self.hash) {
                    self.read.commit(id, commit);
                }
            }
            Kind::Tag => {
                if let Ok(tag) = tag::parse(bytes, self.hash) {
                    self.read.tag(id, tag.target);
                }
            }
            Kind::Tree | Kind::Blob => {}
        }
    }

    fn large_blob(&mut self, _id: &ObjectId, _size: u64, _content: &mut dyn Read) {}
}

impl History {
    /// Reads all commits and tags of `store`, and its trees if there are `targets`: the blobs (or missing objects) whose
    /// places will be asked for. `roots` are trees that refs name without a commit: they count as commits of their own.
    pub fn read(
        store: &ObjectStore,
        targets: impl IntoIterator<Item = ObjectId>,
        roots: &[ObjectId],
        threads: usize,
        interrupt: &AtomicBool,
    ) -> (Self, Vec<Trouble>) {
        let options = VisitOptions::new(KindSet::of(&[Kind::Commit, Kind::Tag]), threads, interrupt);
        let outcome =
            store.visit(&options, || AncestryReader { hash: store.hash(), read: Ancestry::default() });
        let mut ancestry = Ancestry::default();
        outcome.visitors.into_iter().for_each(|reader| ancestry.merge(reader.read));
        let question = Question { targets: targets.into_iter().collect(), interests: None, with_ids: false };
        let mut trees =
            if question.targets.is_empty() { Trees::none() } else { Trees::read(store, &question, &options) };
        trees.visited.add(&outcome.visited);
        let mut troubles = [outcome.troubles, std::mem::take(&mut trees.troubles)].concat();
        troubles.sort_by(|a, b| (&a.path, &a.id, a.kind).cmp(&(&b.path, &b.id, b.kind)));
        troubles.dedup();
        (Self::new(ancestry, roots, trees), troubles)
    }

    /// Joins commits and trees.
    pub fn new(ancestry: Ancestry, roots: &[ObjectId], trees: Trees) -> Self {
        let Ancestry { mut commits, tags } = ancestry;
        for &tree in roots {
            // The newest of all, so that a real commit with the same tree is the one that introduced it.
            commits.push(ancestry::RawCommit { id: tree, tree, parents: Box::default(), time: i64::MAX });
        }
        let (graph, roots) = Graph::new(commits);
        let ladder = Ladder::new(trees.parts, roots.into_iter().zip(0..));
        Self { graph, visited: trees.visited, ladder, tags }
    }

    /// Follows annotated tags from `id` to what they name in the end.
    pub fn peeled(&self, mut id: ObjectId) -> ObjectId {
        // Tags of tags are finite; the bound is for a cycle that only a broken hash function could make.
        for _ in 0..1000 {
            match self.tags.get(&id) {
                Some(target) => id = *target,
                None => break,
            }
        }
        id
    }

    /// Every path at which `target` stood, with the commits that have it there; by path. Only for ids that were among
    /// the targets of [`Self::read`].
    pub fn presences(&self, target: &ObjectId) -> Result<Vec<Presence>, TooManyPaths> {
        let mut found = self.ladder.climb(key(target.as_slice()))?;
        found.sort_unstable();
        found.dedup_by(|(path, commits), (kept, all)| {
            let is_same = path == kept;
            if is_same {
                all.append(commits);
            }
            is_same
        });
        let presence = |(path, commits)| Presence { path, commits: self.graph.sorted(commits) };
        Ok(found.into_iter().map(presence).collect())
    }

    /// What `commits` hold, for many targets at once or ones that stand at too many paths to list.
    pub fn held_by<'h>(&'h self, commits: &'h CommitSet) -> Held<'h> {
        Held::new(&self.ladder, commits)
    }
}
