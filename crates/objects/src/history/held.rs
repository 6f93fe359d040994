//! Whether some commits hold a target at all, and one place where they do: one sweep over all trees, then a look-up for
//! each target. [`History::presences`](super::History::presences) lists every place, at a price.

use bstr::BString;
use gix_hash::ObjectId;

use super::climb::Ladder;
use super::graph::{CommitNumber, CommitSet};
use super::keys::{Key, key};

/// The trees that some commits hold.
#[derive(Debug)]
pub struct Held<'h> {
    ladder: &'h Ladder,
    commits: &'h CommitSet,
    /// By number of the tree.
    trees: Vec<bool>,
}

/// Names in a path that is spelt; only a circle of trees, which takes a broken hash function, has more.
const DEEPEST: usize = 4096;

impl<'h> Held<'h> {
    pub(super) fn new(ladder: &'h Ladder, commits: &'h CommitSet) -> Self {
        let numbers = 0..u32::try_from(ladder.trees()).expect("there are fewer than 2^32 trees in memory");
        // The ladder leads upwards; this is the way down: where each tree's subtrees end, and they one after the other.
        let mut ends = vec![0u32; ladder.trees() + 1];
        for child in numbers.clone() {
            for (holder, _) in ladder.holders_of_tree(child) {
                ends[*holder as usize + 1] += 1;
            }
        }
        for tree in 0..ladder.trees() {
            ends[tree + 1] += ends[tree];
        }
        let starts = ends.clone();
        let mut children = vec![0u32; ends.last().map_or(0, |end| *end as usize)];
        for child in numbers.clone() {
            for (holder, _) in ladder.holders_of_tree(child) {
                children[ends[*holder as usize] as usize] = child;
                ends[*holder as usize] += 1;
            }
        }
        let mut held = Self { ladder, commits, trees: vec![false; ladder.trees()] };
        let mut todo: Vec<u32> = numbers.filter(|&tree| held.root(ladder.key(tree)).is_some()).collect();
        while let Some(tree) = todo.pop() {
            if !std::mem::replace(&mut held.trees[tree as usize], true) {
                let range = starts[tree as usize] as usize..starts[tree as usize + 1] as usize;
                todo.extend(children[range].iter().filter(|child| !held.trees[**child as usize]));
            }
        }
        held
    }

    /// Whether any of the commits holds `target`, which was among the targets of
    /// [`History::read`](super::History::read).
    pub fn holds(&self, target: &ObjectId) -> bool {
        let target = key(target.as_slice());
        self.root(target).is_some()
            || self.ladder.holders_of_target(target).iter().any(|(tree, _)| self.is_held(*tree))
    }

    /// One path at which one of the commits has `target`: always the same one.
    pub fn place(&self, target: &ObjectId) -> Option<(BString, CommitNumber)> {
        let mut at = key(target.as_slice());
        let mut holders = self.ladder.holders_of_target(at);
        let mut names: Vec<&BString> = Vec::new();
        loop {
            if let Some(commit) = self.root(at) {
                names.reverse();
                return Some((bstr::join("/", names).into(), commit));
            }
            let held = holders.iter().filter(|(tree, _)| self.is_held(*tree));
            let (tree, name) =
                held.min_by_key(|(tree, name)| (self.ladder.name(*name), self.ladder.key(*tree)))?;
            names.push(self.ladder.name(*name));
            if names.len() > DEEPEST {
                return None;
            }
            (at, holders) = (self.ladder.key(*tree), self.ladder.holders_of_tree(*tree));
        }
    }

    fn is_held(&self, tree: u32) -> bool {
        self.trees[tree as usize]
    }

    /// The smallest of the commits whose tree this is.
    fn root(&self, tree: Key) -> Option<CommitNumber> {
        self.ladder.commits(tree).iter().copied().filter(|&commit| self.commits.contains(commit)).min()
    }
}
