//! Commits as a graph with dense numbers, parents before children.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use foldhash::fast::RandomState;
use gix_hash::ObjectId;

use super::ancestry::{Ancestry, RawCommit};
use super::keys::{Key, key};
use super::lists::Lists;

/// Number of a commit in its graph. Parents have smaller numbers than their children; otherwise the older the smaller.
/// The smallest of a set has no parent in it.
pub type CommitNumber = u32;

/// All commits of a store and how they descend from one another.
#[derive(Debug)]
pub struct Graph {
    ids: Vec<ObjectId>,
    times: Vec<i64>,
    parents: Lists,
    /// The commits in the order of their times.
    by_time: HashMap<ObjectId, u32, RandomState>,
    /// The numbers of the commits in that order.
    numbers: Vec<CommitNumber>,
    /// Parents that are not in the store: `(child, parent)`.
    missing: Vec<(CommitNumber, ObjectId)>,
}

impl Graph {
    /// Numbers the commits that were read; beside them their trees, by number.
    pub fn of(ancestry: Ancestry) -> (Self, Vec<ObjectId>) {
        let trees: Vec<(ObjectId, ObjectId)> =
            ancestry.commits.iter().map(|commit| (commit.id, commit.tree)).collect();
        let (graph, _) = Self::new(ancestry.commits);
        let mut by_number = vec![ObjectId::null(gix_hash::Kind::Sha1); graph.len()];
        for (commit, tree) in trees {
            if let Some(number) = graph.number(&commit) {
                by_number[number as usize] = tree;
            }
        }
        (graph, by_number)
    }

    /// Numbers `commits`: the same for any order in which they were read. Gives the keys of their trees by number, too.
    pub(super) fn new(mut commits: Vec<RawCommit>) -> (Self, Vec<Key>) {
        commits.sort_unstable_by_key(|commit| (commit.time, commit.id));
        commits.dedup_by(|a, b| a.id == b.id);
        let count = commits.len();
        let mut by_time = HashMap::with_capacity_and_hasher(count, RandomState::default());
        by_time.extend(commits.iter().zip(0..).map(|(commit, at)| (commit.id, at)));
        // By their places in the order of times first.
        let (mut links, mut missing) = (Vec::with_capacity(count), Vec::new());
        for (commit, child) in commits.iter().zip(0u32..) {
            for parent in &commit.parents {
                match by_time.get(parent) {
                    Some(parent) => links.push((child, *parent)),
                    None => missing.push((child, *parent)),
                }
            }
        }
        let order = parents_first(count, &links);
        let mut numbers = vec![0; count];
        for (at, number) in order.iter().zip(0..) {
            numbers[*at as usize] = number;
        }
        let number = |at: u32| numbers[at as usize];
        for (child, _) in &mut missing {
            *child = number(*child);
        }
        missing.sort_by_key(|(child, _)| *child);
        let parents =
            Lists::new(count, || links.iter().map(|&(child, parent)| (number(child), number(parent))));
        let in_order = || order.iter().map(|at| &commits[*at as usize]);
        let (ids, times) = in_order().map(|commit| (commit.id, commit.time)).unzip();
        let trees = in_order().map(|commit| key(commit.tree.as_slice())).collect();
        (Self { ids, times, parents, by_time, numbers, missing }, trees)
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
        self.by_time.get(id).map(|at| self.numbers[*at as usize])
    }

    /// The parents that are in the store.
    pub fn parents(&self, commit: CommitNumber) -> &[CommitNumber] {
        self.parents.of(commit)
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

    /// These commits in ascending order, each once.
    pub(super) fn sorted(&self, mut commits: Vec<CommitNumber>) -> Vec<CommitNumber> {
        if commits.len() < self.len() / SPARSE {
            commits.sort_unstable();
            commits.dedup();
            return commits;
        }
        let mut set = CommitSet::new(self.len());
        for &commit in &commits {
            set.insert(commit);
        }
        set.iter().collect()
    }

    /// These commits as a set.
    pub fn set(&self, commits: &[CommitNumber]) -> CommitSet {
        let mut set = CommitSet::new(self.len());
        for &commit in commits {
            set.insert(commit);
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

/// Where fewer than one in so many commits are meant, sorting them takes less time than a set of all.
const SPARSE: usize = 256;

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

    /// The commits, ascending.
    fn iter(&self) -> impl Iterator<Item = CommitNumber> {
        (0u32..).step_by(64).zip(&self.0).flat_map(|(first, word)| {
            let rest = std::iter::successors(Some(*word), |word| Some(word & word.wrapping_sub(1)));
            rest.take_while(|word| *word > 0).map(move |word| first + word.trailing_zeros())
        })
    }
}

fn dense(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 commits in memory")
}

/// The places of commits, which are in the order of their times, in an order with parents before children and otherwise by
/// time (Kahn's algorithm with a heap). `links` are children and parents. Commits on a cycle, which only a broken hash
/// function could make, come last.
fn parents_first(count: usize, links: &[(u32, u32)]) -> Vec<u32> {
    let children = Lists::new(count, || links.iter().map(|&(child, parent)| (parent, child)));
    let mut waiting = vec![0u32; count];
    for (child, _) in links {
        waiting[*child as usize] += 1;
    }
    let mut ready: BinaryHeap<Reverse<u32>> =
        (0..dense(count)).filter(|&at| waiting[at as usize] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse(at)) = ready.pop() {
        order.push(at);
        for &child in children.of(at) {
            waiting[child as usize] -= 1;
            if waiting[child as usize] == 0 {
                ready.push(Reverse(child));
            }
        }
    }
    order.extend((0..dense(count)).filter(|&at| waiting[at as usize] > 0));
    order
}
