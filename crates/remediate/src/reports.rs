//! What changed into what, in the files git-filter-repo leaves behind and hosts consume: `commit-map`, `ref-map`,
//! `changed-refs` and `first-changed-commits`.
//!
//! The formats, and how a run goes on from the files of one before (A to B and B to C become A to C), are those of
//! git-filter-repo 2.47, `_compute_metadata` and `_record_metadata`.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::{BString, ByteSlice as _};
use gix_hash::{Kind, ObjectId};

use crate::change::Change;

/// The files' names, in the order of [`Reports::files`].
pub(crate) const NAMES: [&str; 4] = ["commit-map", "ref-map", "changed-refs", "first-changed-commits"];

/// The contents of the files, parsed. A null id stands for what is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reports {
    commits: BTreeMap<ObjectId, ObjectId>,
    refs: BTreeMap<BString, (ObjectId, ObjectId)>,
    first: BTreeMap<ObjectId, ObjectId>,
}

impl Reports {
    /// Reads what a run before left: `commit-map`, `ref-map` and `first-changed-commits`. Lines that are none do not
    /// count.
    pub(crate) fn parse(commit_map: &[u8], ref_map: &[u8], first: &[u8]) -> Self {
        let pair = |line: &[u8]| {
            let (old, new) = line.split_once_str(" ")?;
            Some((ObjectId::from_hex(old).ok()?, ObjectId::from_hex(new.trim_end()).ok()?))
        };
        let refs = ref_map.lines().filter_map(|line| {
            let (old, rest) = line.split_once_str(" ")?;
            let (new, name) = rest.split_once_str(" ")?;
            Some((name.into(), (ObjectId::from_hex(old).ok()?, ObjectId::from_hex(new).ok()?)))
        });
        Self {
            commits: commit_map.lines().filter_map(pair).collect(),
            refs: refs.collect(),
            first: first.lines().filter_map(pair).collect(),
        }
    }

    /// Goes on from the files of before with a change. `refs` are those of `refs/` that are no symbolic ones, as they
    /// are before it.
    pub(crate) fn then(&self, change: &Change, refs: &[(BString, ObjectId)], kind: Kind) -> Self {
        let run = This::new(change, kind);
        let mut commits: BTreeMap<ObjectId, ObjectId> =
            self.commits.iter().map(|(old, middle)| (*old, run.becomes(middle))).collect();
        let seen: HashSet<&ObjectId> = self.commits.values().collect();
        let more = change.commits.iter().filter(|(old, _)| !seen.contains(old));
        commits.extend(more.map(|(old, new)| (*old, new.unwrap_or(run.null))));
        Self { refs: self.refs_after(change, refs, kind), first: self.first_after(change, &run), commits }
    }

    fn refs_after(
        &self,
        change: &Change,
        refs: &[(BString, ObjectId)],
        kind: Kind,
    ) -> BTreeMap<BString, (ObjectId, ObjectId)> {
        let before: HashMap<&ObjectId, &ObjectId> =
            self.commits.iter().map(|(old, new)| (new, old)).collect();
        let moves: HashMap<&BString, Option<ObjectId>> =
            change.refs.iter().map(|update| (&update.name, update.new)).collect();
        let mut map = self.refs.clone();
        for (name, id) in refs.iter().filter(|(name, _)| !name.starts_with(b"refs/replace/")) {
            let new = moves.get(name).map_or(*id, |new| new.unwrap_or(ObjectId::null(kind)));
            let first = **before.get(id).unwrap_or(&id);
            map.entry(name.clone()).or_insert((first, new)).1 = new;
        }
        map
    }

    fn first_after(&self, change: &Change, run: &This<'_>) -> BTreeMap<ObjectId, ObjectId> {
        let changed_before = self.commits.iter().filter(|(old, new)| old != new && !new.is_null());
        let middles: HashSet<&ObjectId> = changed_before.map(|(_, new)| new).collect();
        let changed = |id: &ObjectId| middles.contains(id) || run.becomes(id) != *id;
        let has_changed_parent =
            |id: &ObjectId| run.parents(id).is_some_and(|parents| parents.iter().any(changed));
        let mut first = BTreeMap::new();
        for (old, new) in &change.commits {
            if *new != Some(*old) && !middles.contains(old) && !has_changed_parent(old) {
                first.insert(*old, run.surviving(old));
            }
        }
        for (old, heir) in &self.first {
            let pruned = self.commits.get(old).is_some_and(ObjectId::is_null);
            let stays = if heir.is_null() {
                Some(*heir)
            } else if pruned {
                Some(*heir).filter(|heir| run.becomes(heir) == *heir)
            } else if run.at(heir).is_none() {
                Some(*heir)
            } else {
                (!has_changed_parent(heir)).then(|| run.surviving(heir))
            };
            if let Some(heir) = stays {
                first.insert(*old, heir);
            }
        }
        first
    }

    /// The bytes of the files, with their names.
    pub(crate) fn files(&self) -> [(&'static str, Vec<u8>); 4] {
        let mut commits = format!("{:<40} new\n", "old").into_bytes();
        for (old, new) in &self.commits {
            commits.extend_from_slice(format!("{old} {new}\n").as_bytes());
        }
        let mut refs = format!("{:<40} {:<40} ref\n", "old", "new").into_bytes();
        let mut changed = Vec::new();
        for (name, (old, new)) in &self.refs {
            refs.extend_from_slice(format!("{old} {new} ").as_bytes());
            refs.extend_from_slice(name);
            refs.push(b'\n');
            if old != new {
                changed.extend_from_slice(name);
                changed.push(b'\n');
            }
        }
        let mut first = Vec::new();
        for (old, new) in &self.first {
            first.extend_from_slice(format!("{old} {new}\n").as_bytes());
        }
        let [commit_map, ref_map, changed_refs, first_changed] = NAMES;
        [(commit_map, commits), (ref_map, refs), (changed_refs, changed), (first_changed, first)]
    }
}

/// The commits of this run, which are sorted.
struct This<'c> {
    change: &'c Change,
    null: ObjectId,
}

impl<'c> This<'c> {
    fn new(change: &'c Change, kind: Kind) -> Self {
        Self { change, null: ObjectId::null(kind) }
    }

    fn at(&self, id: &ObjectId) -> Option<usize> {
        self.change.commits.binary_search_by(|(old, _)| old.cmp(id)).ok()
    }

    fn becomes(&self, id: &ObjectId) -> ObjectId {
        self.at(id).map_or(*id, |at| self.change.commits[at].1.unwrap_or(self.null))
    }

    fn parents(&self, id: &ObjectId) -> Option<&'c [ObjectId]> {
        self.at(id).map(|at| self.change.parents[at].as_slice())
    }

    /// What a commit becomes, or, if it is gone, its nearest ancestor that is not, first parents first; a null id if
    /// there is none.
    fn surviving(&self, id: &ObjectId) -> ObjectId {
        let (mut pending, mut seen) = (vec![*id], HashSet::new());
        while let Some(id) = pending.pop() {
            let new = self.becomes(&id);
            if !new.is_null() {
                return new;
            }
            if seen.insert(id) {
                pending.extend(self.parents(&id).into_iter().flat_map(|parents| parents.iter().rev()));
            }
        }
        self.null
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{ObjectMap, RefUpdate};

    fn id(n: u8) -> ObjectId {
        ObjectId::from_bytes_or_panic(&[n; 20])
    }

    /// A chain of commits, each the parent of the next, with what becomes of them (0: pruned), and `main` at its end.
    fn change(chain: &[(u8, u8)]) -> Change {
        let new = |new: u8| (new != 0).then(|| id(new));
        let (last, becomes) = chain[chain.len() - 1];
        let parents = std::iter::once(vec![]).chain(chain.iter().map(|(old, _)| vec![id(*old)]));
        let mut objects = ObjectMap::default();
        for (old, becomes) in chain {
            objects.insert(id(*old), new(*becomes));
        }
        let commits = chain.iter().map(|(old, becomes)| (id(*old), new(*becomes)));
        let mut sorted: Vec<_> = commits.zip(parents).collect();
        sorted.sort_unstable();
        let (commits, parents) = sorted.into_iter().unzip();
        Change {
            refs: vec![RefUpdate { name: "refs/heads/main".into(), old: id(last), new: new(becomes) }],
            commits,
            parents,
            objects,
            deleted: Vec::new(),
            pack: None,
        }
    }

    fn text(reports: &Reports) -> [String; 4] {
        reports.files().map(|(_, bytes)| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn the_files_have_the_bytes_filter_repo_writes() {
        let refs = [("refs/heads/main".into(), id(3)), ("refs/heads/old".into(), id(1))];
        let refs = [refs[0].clone(), refs[1].clone(), ("refs/replace/x".into(), id(1))];
        let reports = Reports::default().then(&change(&[(1, 1), (2, 0), (3, 33)]), &refs, Kind::Sha1);
        let zeros = "0".repeat(40);
        let blanks = " ".repeat(37);
        let [one, two, three, new] = [1, 2, 3, 33].map(id);
        assert_eq!(
            text(&reports),
            [
                format!("old{blanks} new\n{one} {one}\n{two} {zeros}\n{three} {new}\n"),
                format!(
                    "old{blanks} new{blanks} ref\n{three} {new} refs/heads/main\n{one} {one} refs/heads/old\n"
                ),
                "refs/heads/main\n".to_owned(),
                format!("{two} {one}\n"),
            ]
        );
    }

    #[test]
    fn two_runs_are_told_as_one() {
        let main = |at| [(BString::from("refs/heads/main"), id(at))];
        let first = Reports::default().then(&change(&[(1, 11), (2, 12), (3, 13)]), &main(3), Kind::Sha1);
        let [commit_map, ref_map, _, first_changed] = text(&first);
        let read = Reports::parse(commit_map.as_bytes(), ref_map.as_bytes(), first_changed.as_bytes());
        assert_eq!(read, first);
        // The second run prunes what became of 2, and knows a commit made in between.
        let second = read.then(&change(&[(11, 11), (12, 0), (13, 23), (4, 24)]), &main(4), Kind::Sha1);
        let null = ObjectId::null(Kind::Sha1);
        let commits = [(1, id(11)), (2, null), (3, id(23)), (4, id(24))].map(|(old, new)| (id(old), new));
        assert_eq!(second.commits.into_iter().collect::<Vec<_>>(), commits);
        let refs = [("refs/heads/main".into(), (id(3), id(24)))];
        assert_eq!(second.refs.into_iter().collect::<Vec<_>>(), refs);
        // Still the first of all: its parent, if it had one, was never changed.
        assert_eq!(second.first.into_iter().collect::<Vec<_>>(), [(id(1), id(11))]);
    }
}
