//! Whether one commit descends from another, in a history that is still being written.

use std::collections::{HashMap, HashSet};

use unleak_objects::history::CommitNumber;

/// Commits with their parents and how deep they lie.
#[derive(Debug, Default)]
pub(super) struct Ancestry {
    commits: HashMap<CommitNumber, (u32, Vec<CommitNumber>)>,
}

impl Ancestry {
    /// Adds a commit whose parents have been added.
    pub(super) fn add(&mut self, commit: CommitNumber, parents: Vec<CommitNumber>) {
        let depth = parents.iter().map(|parent| self.depth(*parent)).max().unwrap_or(0) + 1;
        self.commits.insert(commit, (depth, parents));
    }

    /// Whether `ancestor` is `commit` or one that it descends from.
    pub(super) fn is_ancestor(&self, ancestor: CommitNumber, commit: CommitNumber) -> bool {
        let least = self.depth(ancestor);
        let mut seen = HashSet::new();
        let mut stack = vec![commit];
        while let Some(at) = stack.pop() {
            if at == ancestor {
                return true;
            }
            if self.depth(at) > least && seen.insert(at) {
                stack.extend(self.commits.get(&at).into_iter().flat_map(|(_, parents)| parents));
            }
        }
        false
    }

    fn depth(&self, commit: CommitNumber) -> u32 {
        self.commits.get(&commit).map_or(0, |(depth, _)| *depth)
    }
}
