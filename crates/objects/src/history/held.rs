//! Whether some commits hold a target at all, and one place where they do: a way up that remembers where it has been, so
//! that all targets together take no longer than one sweep over the trees.
//! [`History::presences`](super::History::presences) lists every place, at a price.

use std::cell::RefCell;

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
    known: RefCell<Vec<Known>>,
}

/// What is known of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    /// It is held.
    Held,
    /// It is not, as far as those lead that are not on the way: finally when the way has come back from it.
    Free,
}

/// Names in a path that is spelt; only a circle of trees, which takes a broken hash function, has more.
const DEEPEST: usize = 4096;

impl<'h> Held<'h> {
    pub(super) fn new(ladder: &'h Ladder, commits: &'h CommitSet) -> Self {
        Self { ladder, commits, known: RefCell::new(vec![Known::Nothing; ladder.trees()]) }
    }

    /// Whether any of the commits holds `target`, which was among the targets of
    /// [`History::read`](super::History::read).
    pub fn holds(&self, target: &ObjectId) -> bool {
        let target = key(target.as_slice());
        self.root(target).is_some() || self.held(self.ladder.places_of_target(target)).next().is_some()
    }

    /// One path at which one of the commits has `target`: always the same one.
    pub fn place(&self, target: &ObjectId) -> Option<(BString, CommitNumber)> {
        let ladder = self.ladder;
        let mut at = key(target.as_slice());
        let mut places = ladder.places_of_target(at);
        let mut names: Vec<&BString> = Vec::new();
        loop {
            if let Some(commit) = self.root(at) {
                names.reverse();
                return Some((bstr::join("/", names).into(), commit));
            }
            let first = |(place, tree): &(u32, u32)| (ladder.name(*place), ladder.key(*tree));
            let (place, tree) = self.held(places).min_by_key(first)?;
            names.push(ladder.name(place));
            if names.len() > DEEPEST {
                return None;
            }
            (at, places) = (ladder.key(tree), ladder.places_of_tree(tree));
        }
    }

    /// `(place, tree)`: the trees that are held and have one of these places.
    fn held(&self, places: &[u32]) -> impl Iterator<Item = (u32, u32)> {
        let holders = |&place| self.ladder.holders(place).iter().map(move |&tree| (place, tree));
        places.iter().flat_map(holders).filter(|(_, tree)| self.is_held(*tree))
    }

    /// Goes up from a tree until it comes to one of the commits, or to a tree of which it is known whether it is held.
    fn is_held(&self, tree: u32) -> bool {
        let mut known = self.known.borrow_mut();
        match known[tree as usize] {
            Known::Held => return true,
            Known::Free => return false,
            Known::Nothing => {}
        }
        let mut way = vec![(tree, self.ladder.holders_of_tree(tree))];
        while let Some((tree, holders)) = way.last_mut() {
            let state = &mut known[*tree as usize];
            if *state == Known::Nothing {
                let is_root =
                    self.ladder.commits_of(*tree).iter().any(|&commit| self.commits.contains(commit));
                *state = if is_root { Known::Held } else { Known::Free };
            }
            if *state == Known::Held {
                // So is all that led here.
                for (tree, _) in &way {
                    known[*tree as usize] = Known::Held;
                }
                return true;
            }
            match holders.find(|holder| known[*holder as usize] != Known::Free) {
                Some(holder) => way.push((holder, self.ladder.holders_of_tree(holder))),
                None => drop(way.pop()),
            }
        }
        false
    }

    /// The smallest of the commits whose tree this is.
    fn root(&self, tree: Key) -> Option<CommitNumber> {
        self.ladder.commits(tree).iter().copied().filter(|&commit| self.commits.contains(commit)).min()
    }
}
