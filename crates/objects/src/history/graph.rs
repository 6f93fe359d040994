//! Commits as a graph with dense numbers, parents before children.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use gix_hash::ObjectId;

use super::ancestry::{Ancestry, RawCommit};

/// Number of a commit in its graph. Parents have smaller numbers than their children; otherwise the older the smaller.
/// The smallest of a set has no parent in it.
pub type CommitNumber = u32;

/// All commits of a store and how they descend from one another.
#[derive(Debug, Default)]
pub struct Graph {
    ids: Vec<ObjectId>,
    times: Vec<i64>,
    parents: Vec<CommitNumber>,
    /// Where each commit's parents end in `parents`.
    ends: Vec<u32>,
    numbers: HashMap<ObjectId, CommitNumber>,
    /// Parents that are not in the store: `(child, parent)`.
    missing: Vec<(CommitNumber, ObjectId)>,
}

impl Graph {
    /// Numbers the commits that were read; beside them their trees, by number.
    pub fn of(ancestry: Ancestry) -> (Self, Vec<ObjectId>) {
        let trees: Vec<(ObjectId, ObjectId)> =
            ancestry.commits.iter().map(|commit| (commit.id, commit.tree)).collect();
        let graph = Self::new(ancestry.commits);
        let mut by_number = vec![ObjectId::null(gix_hash::Kind::Sha1); graph.len()];
        for (commit, tree) in trees {
            if let Some(number) = graph.number(&commit) {
                by_number[number as usize] = tree;
            }
        }
        (graph, by_number)
    }

    /// Numbers `commits`: the same for any order in which they were read.
    pub(super) fn new(mut commits: Vec<RawCommit>) -> Self {
        commits.sort_unstable_by_key(|commit| (commit.time, commit.id));
        commits.dedup_by(|a, b| a.id == b.id);
        let order = parents_first(&commits);
        let mut graph = Self::default();
        for (number, &at) in order.iter().enumerate() {
            graph.ids.push(commits[at].id);
            graph.times.push(commits[at].time);
            graph.numbers.insert(commits[at].id, dense(number));
        }
        for (number, &at) in order.iter().enumerate() {
            for parent in &commits[at].parents {
                match graph.numbers.get(parent) {
                    Some(parent) => graph.parents.push(*parent),
                    None => graph.missing.push((dense(number), *parent)),
                }
            }
            graph.ends.push(dense(graph.parents.len()));
        }
        graph
    }

    /// How many commits there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id of a commit.
    pub fn id(&self, commit: CommitNumber) -> ObjectId {
        self.ids[commit as usize]
    }

    /// When it was committed, in seconds since 1970.
    pub fn time(&self, commit: CommitNumber) -> i64 {
        self.times[commit as usize]
    }

    /// The number of a commit.
    pub fn number(&self, id: &ObjectId) -> Option<CommitNumber> {
        self.numbers.get(id).copied()
    }

    /// The parents that are in the store.
    pub fn parents(&self, commit: CommitNumber) -> &[CommitNumber] {
        let at = commit as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.parents[start as usize..self.ends[at] as usize]
    }

    /// Parents that are not in the store, with the child that names them.
    pub fn missing_parents(&self) -> &[(CommitNumber, ObjectId)] {
        &self.missing
    }

    /// Everything that `tips` reach, themselves included.
    pub fn reachable(&self, tips: impl IntoIterator<Item = CommitNumber>) -> CommitSet {
        let mut set = CommitSet::new(self.len());
        for tip in tips {
            set.insert(tip);
        }
        // Children have larger numbers, so one pass downwards is enough.
        for commit in (0..dense(self.len())).rev() {
            if set.contains(commit) {
                for &parent in self.parents(commit) {
                    set.insert(parent);
                }
            }
        }
        set
    }

    /// For up to 64 sets of commits at once: bit `n` of a commit's mask says that it is in, or descends from, set `n`.
    pub fn descendants(&self, sets: &[Vec<CommitNumber>]) -> Vec<u64> {
        let mut masks = vec![0u64; self.len()];
        for (bit, set) in sets.iter().take(64).enumerate() {
            for &commit in set {
                masks[commit as usize] |= 1 << bit;
            }
        }
        for commit in 0..dense(self.len()) {
            let inherited =
                self.parents(commit).iter().fold(0, |mask, &parent| mask | masks[parent as usize]);
            masks[commit as usize] |= inherited;
        }
        masks
    }
}

/// A set of commits of one graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSet(Vec<u64>);

impl CommitSet {
    /// An empty set over `commits` commits.
    pub fn new(commits: usize) -> Self {
        Self(vec![0; commits.div_ceil(64)])
    }

    /// Adds a commit.
    pub fn insert(&mut self, commit: CommitNumber) {
        self.0[commit as usize / 64] |= 1 << (commit % 64);
    }

    /// Whether a commit is in it.
    pub fn contains(&self, commit: CommitNumber) -> bool {
        self.0[commit as usize / 64] & (1 << (commit % 64)) != 0
    }
}

fn dense(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 commits in memory")
}

/// Positions of `commits`, which are sorted by time, in an order with parents before children and otherwise by time
/// (Kahn's algorithm with a heap). Commits on a cycle, which only a broken hash function could make, come last.
fn parents_first(commits: &[RawCommit]) -> Vec<usize> {
    let at: HashMap<ObjectId, usize> =
        commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); commits.len()];
    let mut waiting: Vec<u32> = vec![0; commits.len()];
    for (child, commit) in commits.iter().enumerate() {
        for parent in commit.parents.iter().filter_map(|id| at.get(id).copied()) {
            children[parent].push(dense(child));
            waiting[child] += 1;
        }
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..commits.len()).filter(|&at| waiting[at] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(commits.len());
    while let Some(Reverse(at)) = ready.pop() {
        order.push(at);
        for &child in &children[at] {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                ready.push(Reverse(child as usize));
            }
        }
    }
    order.extend((0..commits.len()).filter(|&at| waiting[at] > 0));
    order
}
