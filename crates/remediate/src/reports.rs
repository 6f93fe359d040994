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
        commits.extend(run.map.iter().filter(|(old, _)| !seen.contains(old)).map(|(old, new)| (*old, *new)));
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
            |id: &ObjectId| run.parents.get(id).is_some_and(|parents| parents.iter().any(changed));
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
            } else if !run.map.contains_key(heir) {
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
        let first = self.first.iter().map(|(old, new)| format!("{old} {new}\n")).collect::<String>();
        let [commit_map, ref_map, changed_refs, first_changed] = NAMES;
        [(commit_map, commits), (ref_map, refs), (changed_refs, changed), (first_changed, first.into())]
    }
}

/// The commits of this run.
struct This<'c> {
    map: BTreeMap<ObjectId, ObjectId>,
    parents: HashMap<ObjectId, &'c [ObjectId]>,
    null: ObjectId,
}

impl<'c> This<'c> {
    fn new(change: &'c Change, kind: Kind) -> Self {
        let null = ObjectId::null(kind);
        let map = change.commits.iter().map(|(old, new)| (*old, new.unwrap_or(null))).collect();
        let parents = change.commits.iter().zip(&change.parents);
        let parents = parents.map(|((old, _), parents)| (*old, parents.as_slice())).collect();
        Self { map, parents, null }
    }

    fn becomes(&self, id: &ObjectId) -> ObjectId {
        self.map.get(id).copied().unwrap_or(*id)
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
                pending.extend(self.parents.get(&id).into_iter().flat_map(|parents| parents.iter().rev()));
            }
        }
        self.null
    }
}
