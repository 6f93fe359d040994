//! Old ids to new ones, by kind of object. Ids and names only: what was forgotten is nowhere in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::BString;
use gix_hash::{Kind, ObjectId};

use crate::change::Fate;

/// What rewrites have made of a repository. Only what changed is in it; `None` stands for what is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryMap {
    /// The hash the ids are of.
    pub kind: Kind,
    /// What the rewrites were asked for, oldest first: a line of JSON each, which their caller understands.
    pub asked: Vec<String>,
    /// Commits.
    pub commits: BTreeMap<ObjectId, Option<ObjectId>>,
    /// Annotated tags.
    pub tags: BTreeMap<ObjectId, Option<ObjectId>>,
    /// Blobs that held something to forget.
    pub blobs: BTreeMap<ObjectId, Option<ObjectId>>,
    /// Changed commits none of whose parents changed: every other changed commit descends from one of them.
    pub first: BTreeSet<ObjectId>,
    /// What refs and `HEAD`s were left at: the last rewrite has looked at whatever they reach. For oneself.
    pub looked: BTreeSet<ObjectId>,
    /// Refs as they are called in the repository that was rewritten.
    pub refs: BTreeMap<BString, (ObjectId, Option<ObjectId>)>,
}

impl HistoryMap {
    /// A map of nothing.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            asked: Vec::new(),
            commits: BTreeMap::new(),
            tags: BTreeMap::new(),
            blobs: BTreeMap::new(),
            first: BTreeSet::new(),
            looked: BTreeSet::new(),
            refs: BTreeMap::new(),
        }
    }

    /// What became of an object.
    pub fn fate(&self, id: &ObjectId) -> Fate {
        let new = [&self.commits, &self.tags, &self.blobs].into_iter().find_map(|part| part.get(id));
        match new {
            None => Fate::Same,
            Some(None) => Fate::Gone,
            Some(Some(new)) => Fate::Replaced(*new),
        }
    }

    /// Goes on with what a later rewrite has made of the result: A to B and B to C become A to C.
    pub fn then(&mut self, later: Self) {
        self.asked.extend(later.asked);
        let parts = [
            (&mut self.commits, later.commits),
            (&mut self.tags, later.tags),
            (&mut self.blobs, later.blobs),
        ];
        for (mine, theirs) in parts {
            for new in mine.values_mut() {
                if let Some(newer) = new.and_then(|middle| theirs.get(&middle)) {
                    *new = *newer;
                }
            }
            for (old, new) in theirs {
                mine.entry(old).or_insert(new);
            }
        }
        // A first commit of the later rewrite that an earlier one had made stays first by its oldest id.
        self.first.extend(later.first);
        // What the earlier one looked at, it looked at for something else.
        self.looked = later.looked;
        for (name, (old, new)) in later.refs {
            self.refs.entry(name).or_insert((old, new)).1 = new;
        }
    }

    /// Adds what the same rules have made of more. What is known already stays, and so do the refs.
    pub fn add(&mut self, more: Self) {
        for (old, new) in more.commits {
            self.commits.entry(old).or_insert(new);
        }
        for (old, new) in more.tags {
            self.tags.entry(old).or_insert(new);
        }
        for (old, new) in more.blobs {
            self.blobs.entry(old).or_insert(new);
        }
        self.first.extend(more.first);
        self.looked.extend(more.looked);
    }

    /// Ids, old and new, by which one tells whether a repository is one that was rewritten.
    pub fn new_commits(&self) -> HashMap<ObjectId, ObjectId> {
        self.commits.iter().filter_map(|(old, new)| Some(((*new)?, *old))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> ObjectId {
        ObjectId::from_bytes_or_panic(&[n; 20])
    }

    #[test]
    fn two_rewrites_are_told_as_one() {
        let mut map = HistoryMap::new(Kind::Sha1);
        map.commits.extend([(id(1), Some(id(11))), (id(2), Some(id(12))), (id(3), None)]);
        map.refs.insert("refs/heads/main".into(), (id(2), Some(id(12))));
        let mut later = HistoryMap::new(Kind::Sha1);
        later.commits.extend([(id(12), Some(id(22))), (id(11), None), (id(4), Some(id(24)))]);
        later.refs.insert("refs/heads/main".into(), (id(12), Some(id(22))));
        map.then(later);
        assert_eq!(map.fate(&id(1)), Fate::Gone);
        assert_eq!(map.fate(&id(2)), Fate::Replaced(id(22)));
        assert_eq!(map.fate(&id(3)), Fate::Gone);
        assert_eq!(map.fate(&id(4)), Fate::Replaced(id(24)));
        assert_eq!(map.fate(&id(12)), Fate::Replaced(id(22)), "whoever stopped half-way comes along");
        assert_eq!(map.fate(&id(5)), Fate::Same);
        assert_eq!(map.refs[&BString::from("refs/heads/main")], (id(2), Some(id(22))));
    }
}
