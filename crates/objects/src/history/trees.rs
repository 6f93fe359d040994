//! Reads trees once and writes down who holds whom: the raw material of the reverse index. Notes on the way which blobs
//! have names that somebody is interested in, and what is named and not there.

use std::collections::HashSet;
use std::io::Read;

use bstr::BString;
use gix_hash::ObjectId;

use crate::kind::Kind;
use crate::store::ObjectStore;
use crate::tree::{Entry, TreeError};
use crate::visit::{Derived, Visitor};

use super::keys::{Key, KeySet, key};
use super::names::{Interests, Names};
use super::recent::Recent;
use super::tree_memory::{Mark, TreeMemory};

/// Something stands in a tree under the name with number `name`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    /// Key of what stands there, in two halves: as one number it would take a third more memory.
    child: [u64; 2],
    /// The tree's place in [`Collector::trees`].
    pub(super) parent: u32,
    pub(super) name: u32,
}

impl Edge {
    fn new(child: Key, parent: u32, name: u32) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the halves of the key")]
        let child = [child as u64, (child >> 64) as u64];
        Self { child, parent, name }
    }

    /// The key of what stands there.
    pub(super) fn child(&self) -> Key {
        Key::from(self.child[0]) | Key::from(self.child[1]) << 64
    }
}

/// What one thread has read.
pub(super) struct TreeReader<'a> {
    store: &'a ObjectStore,
    targets: &'a KeySet,
    /// Trees, as they came.
    pub(super) trees: Vec<Key>,
    /// Trees within trees.
    pub(super) folders: Vec<Edge>,
    /// Targets within trees.
    pub(super) files: Vec<Edge>,
    pub(super) names: Names<'a>,
    pub(super) noted: Noted,
    recent: Recent,
    missing: KeySet,
}

/// What was noticed while trees were read.
#[derive(Debug, Default)]
pub struct Noted {
    /// Blobs with a name that was asked for.
    pub named: HashSet<(ObjectId, BString)>,
    /// Blobs with a name for which paths were asked for.
    pub placed: HashSet<ObjectId>,
    /// What trees name and the store does not have, submodules left out.
    pub missing: HashSet<ObjectId>,
    /// Whether missing objects are so many that their places were not kept.
    pub missing_displaced: bool,
    /// Trees that cannot be parsed to their end.
    pub malformed: Vec<(ObjectId, TreeError)>,
}

impl Noted {
    /// Adds what another thread has noticed.
    pub(super) fn merge(&mut self, other: Self) {
        self.named.extend(other.named);
        self.placed.extend(other.placed);
        self.missing.extend(other.missing);
        self.missing_displaced |= other.missing_displaced;
        self.malformed.extend(other.malformed);
    }
}

/// The places of so many missing objects are kept: a partial clone lacks millions, each in thousands of trees.
const MISSING_PLACES: usize = 1 << 10;

impl<'a> TreeReader<'a> {
    pub(super) fn new(store: &'a ObjectStore, targets: &'a KeySet, interests: Option<Interests<'a>>) -> Self {
        Self {
            store,
            targets,
            trees: Vec::new(),
            folders: Vec::new(),
            files: Vec::new(),
            names: Names::new(interests),
            noted: Noted::default(),
            recent: Recent::default(),
            missing: KeySet::default(),
        }
    }

    /// Looks at an entry; says whether it is to be written down for every tree that has it.
    fn entry(&mut self, entry: &Entry<'_>) -> Option<Mark> {
        if entry.is_submodule() {
            return None;
        }
        let child = key(entry.id);
        if self.recent.is_new(entry.name, entry.id) {
            self.look(entry, child);
        }
        let is_folder = entry.is_tree();
        let name = self.names.number(entry.name);
        let interest = self.names.interest(name);
        let wanted = is_folder
            || interest.name
            || interest.path
            || self.targets.contains(&child)
            || (!self.missing.is_empty() && self.missing.contains(&child));
        wanted.then(|| Mark::new(child, name, is_folder))
    }

    /// Looks at an entry for the first time.
    fn look(&mut self, entry: &Entry<'_>, child: Key) {
        let Ok(id) = ObjectId::try_from(entry.id) else { return };
        // The tree without entries need not exist.
        let is_missing = !self.store.contains(&id) && id != ObjectId::empty_tree(self.store.hash());
        let number = self.names.number(entry.name);
        let interest = self.names.interest(number);
        if is_missing {
            self.noted.missing.insert(id);
            if self.missing.len() < MISSING_PLACES {
                self.missing.insert(child);
            } else {
                self.noted.missing_displaced = true;
            }
        } else if entry.is_blob() && interest.name {
            self.noted.named.insert((id, entry.name.to_owned()));
        }
        if entry.is_blob() && interest.path {
            self.noted.placed.insert(id);
        }
    }

    /// Writes down what a tree holds.
    fn tree(&mut self, id: &ObjectId, (memory, error): (TreeMemory, Option<TreeError>)) -> TreeMemory {
        let parent = u32::try_from(self.trees.len()).expect("there are fewer than 2^32 trees in memory");
        self.trees.push(key(id.as_slice()));
        for mark in memory.marks() {
            let edge = Edge::new(mark.child, parent, mark.name);
            if mark.is_folder {
                self.folders.push(edge);
            }
            if !mark.is_folder || self.targets.contains(&mark.child) || self.missing.contains(&mark.child) {
                self.files.push(edge);
            }
        }
        self.noted.malformed.extend(error.map(|error| (*id, error)));
        memory
    }
}

impl Visitor for TreeReader<'_> {
    type Memory = TreeMemory;

    fn object(&mut self, id: &ObjectId, _kind: Kind, bytes: &[u8]) -> TreeMemory {
        let hash_len = self.store.hash().len_in_bytes();
        let read = TreeMemory::of(bytes, hash_len, &mut |entry| self.entry(entry));
        self.tree(id, read)
    }

    fn derived(
        &mut self,
        id: &ObjectId,
        kind: Kind,
        derived: &mut Derived<'_>,
        memory: &TreeMemory,
    ) -> TreeMemory {
        let hash_len = self.store.hash().len_in_bytes();
        let (pieces, bytes) = derived.whole();
        match memory.derive(pieces, bytes, hash_len, &mut |entry| self.entry(entry)) {
            Some(read) => self.tree(id, read),
            None => self.object(id, kind, derived.bytes()),
        }
    }

    fn large_blob(&mut self, _id: &ObjectId, _size: u64, _content: &mut dyn Read) {}
}
