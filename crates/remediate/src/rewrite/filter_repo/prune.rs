//! Which parents a commit keeps and which commits go, once what they were about is gone: git-filter-repo's rules.

use std::collections::{HashMap, HashSet};

use unleak_objects::history::CommitNumber;

use crate::forget::{Prune, Ways};

use super::ancestry::Ancestry;

/// The history as it was and as it becomes, as far as it is written.
#[derive(Default)]
pub(super) struct Histories {
    pub(super) old: Ancestry,
    pub(super) new: Ancestry,
    /// Commits that were left out, and what took their place: a commit that stays, or nothing.
    pub(super) pruned: HashMap<CommitNumber, Option<CommitNumber>>,
}

/// The parents of a commit.
pub(super) struct Parents {
    /// Those it is given.
    pub(super) kept: Vec<CommitNumber>,
    /// The only one it would have if it did not stay a merge.
    pub(super) instead: Option<CommitNumber>,
}

impl Histories {
    /// What stands for a commit.
    pub(super) fn now(&self, commit: CommitNumber) -> Option<CommitNumber> {
        self.pruned.get(&commit).copied().unwrap_or(Some(commit))
    }

    /// The parents of a commit that had `parents`: without those that nothing stands for, and without those that only
    /// pruning made redundant, unless the commit would be no merge any more.
    pub(super) fn trimmed(&self, parents: &[CommitNumber], ways: Ways) -> Parents {
        let always = ways.prune_degenerate == Prune::Always;
        let moved = |old: &CommitNumber| always || self.pruned.contains_key(old);
        let mut links: Vec<(CommitNumber, CommitNumber, bool)> =
            parents.iter().filter_map(|old| Some((self.now(*old)?, *old, moved(old)))).collect();
        let all: Vec<CommitNumber> = links.iter().map(|(new, ..)| *new).collect();
        if all.len() < 2 || ways.prune_degenerate == Prune::Never {
            return Parents { kept: all, instead: None };
        }
        let mut seen = HashSet::new();
        links.retain(|(new, _, moved)| seen.insert(*new) || !moved);
        if links.len() >= 2 {
            let redundant: Vec<bool> = (0..links.len())
                .map(|at| !(ways.no_ff && at == 0) && self.is_redundant(at, &links, always))
                .collect();
            let mut redundant = redundant.into_iter();
            links.retain(|_| !redundant.next().unwrap_or(false));
        }
        let kept: Vec<CommitNumber> = links.iter().map(|(new, ..)| *new).collect();
        match kept.as_slice() {
            // Two that lead to each other would leave none.
            [] => Parents { kept: all, instead: None },
            [only] => Parents { instead: Some(*only), kept: all },
            _ => Parents { kept, instead: None },
        }
    }

    /// Whether the parent at `at` is an ancestor of another one, and was not before.
    fn is_redundant(&self, at: usize, links: &[(CommitNumber, CommitNumber, bool)], always: bool) -> bool {
        let (new, old, moved) = links[at];
        moved
            && links.iter().enumerate().any(|(other, (other_new, other_old, _))| {
                other != at
                    && self.new.is_ancestor(new, *other_new)
                    && (always || !self.old.is_ancestor(old, *other_old))
            })
    }

    /// Whether a commit goes that changed files before, or did not, and still `names_some`, or does not.
    pub(super) fn goes(
        &self,
        old_parents: &[CommitNumber],
        parents: &Parents,
        (had_changes, names_some): (bool, bool),
        ways: Ways,
    ) -> Verdict {
        let Parents { kept, instead } = parents;
        if ways.prune_empty == Prune::Never || (kept.len() >= 2 && instead.is_none()) {
            return Verdict::Stays;
        }
        if kept.len() < 2 {
            if !had_changes && ways.prune_empty != Prune::Always {
                let lost_a_parent = kept.len() < old_parents.len()
                    || matches!(old_parents, [only] if self.pruned.contains_key(only));
                return if !names_some && lost_a_parent { Verdict::Goes } else { Verdict::Stays };
            }
            if !names_some {
                return Verdict::Goes;
            }
        }
        match instead.or(kept.first().copied()) {
            Some(first) => Verdict::GoesIfSameAs(first),
            None => Verdict::Stays,
        }
    }
}

/// Whether a commit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Stays,
    Goes,
    /// If all it changes is so in that commit already.
    GoesIfSameAs(CommitNumber),
}
