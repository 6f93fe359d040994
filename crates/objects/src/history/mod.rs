//! The reverse index: from a blob to every path and commit that holds it.
//!
//! One pass over commits, trees and tags writes down which tree stands in which, and where the blobs asked for stand.
//! [`History::presences`] then climbs from a blob to the root trees. Nothing about other blobs is kept.

mod climb;
mod collect;
mod graph;
mod held;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use bstr::BString;
use gix_hash::ObjectId;

use self::climb::Ladder;
pub use self::climb::TooManyPaths;
use self::collect::{Collector, KeySet, key};
pub use self::graph::{CommitNumber, CommitSet, Graph};
pub use self::held::Held;
use crate::kind::{Kind, KindSet};
use crate::store::ObjectStore;
use crate::trouble::Trouble;
use crate::visit::{VisitOptions, Visited};

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

impl History {
    /// Reads all commits, trees and tags of `store`. `targets` are the blobs (or missing trees) that will be asked for;
    /// `roots` are trees that refs name without a commit: they count as commits of their own.
    pub fn read(
        store: &ObjectStore,
        targets: impl IntoIterator<Item = ObjectId>,
        roots: &[ObjectId],
        threads: usize,
        interrupt: &AtomicBool,
    ) -> (Self, Vec<Trouble>) {
        let targets: KeySet = targets.into_iter().map(|id| key(id.as_slice())).collect();
        let kinds = KindSet::of(if targets.is_empty() {
            &[Kind::Commit, Kind::Tag]
        } else {
            &[Kind::Commit, Kind::Tree, Kind::Tag]
        });
        let options = VisitOptions::new(kinds, threads, interrupt);
        let outcome = store.visit(&options, || Collector::new(store.hash(), &targets));
        (Self::merge(outcome.visitors, roots, outcome.visited), outcome.troubles)
    }

    fn merge(mut parts: Vec<Collector<'_>>, roots: &[ObjectId], visited: Visited) -> Self {
        let (mut commits, mut tags) = (Vec::new(), HashMap::new());
        for part in &mut parts {
            commits.append(&mut part.commits);
            tags.extend(part.tags.drain(..));
        }
        for &tree in roots {
            // The newest of all, so that a real commit with the same tree is the one that introduced it.
            commits.push(collect::RawCommit { id: tree, tree, parents: Vec::new(), time: i64::MAX });
        }
        let trees: Vec<(ObjectId, ObjectId)> =
            commits.iter().map(|commit| (commit.id, commit.tree)).collect();
        let graph = Graph::new(commits);
        let roots =
            trees.iter().filter_map(|(commit, tree)| Some((key(tree.as_slice()), graph.number(commit)?)));
        let ladder = Ladder::new(parts, roots);
        Self { graph, visited, ladder, tags }
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
        let mut presences: Vec<Presence> = self
            .ladder
            .climb(key(target.as_slice()))?
            .into_iter()
            .map(|(path, mut commits)| {
                commits.sort_unstable();
                commits.dedup();
                Presence { path, commits }
            })
            .collect();
        presences.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(presences)
    }

    /// What `commits` hold, for many targets at once or ones that stand at too many paths to list.
    pub fn held_by<'h>(&'h self, commits: &'h CommitSet) -> Held<'h> {
        Held::new(&self.ladder, commits)
    }
}
