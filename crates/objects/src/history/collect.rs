//! Reads commits, trees and tags once and writes down who holds whom: the raw material of the reverse index.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::io::Read;

use bstr::{BStr, BString};
use gix_hash::ObjectId;

use crate::kind::Kind;
use crate::visit::Visitor;
use crate::{commit, tag, tree};

/// Sixteen bytes of an id. Enough to tell objects apart: forging two that agree costs as much as 2^64 hashes.
pub(super) type Key = u128;

/// The key of a raw id of at least 16 bytes.
pub(super) fn key(id: &[u8]) -> Key {
    id.first_chunk().map_or(0, |bytes| Key::from_le_bytes(*bytes))
}

/// Keys are already evenly spread.
#[derive(Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u128(&mut self, key: u128) {
        #[expect(clippy::cast_possible_truncation, reason = "the low half of an evenly spread key")]
        let low = key as u64;
        self.0 = low;
    }
}

pub(super) type KeyMap<V> = HashMap<Key, V, BuildHasherDefault<KeyHasher>>;
pub(super) type KeySet = HashSet<Key, BuildHasherDefault<KeyHasher>>;

/// A commit as read.
#[derive(Debug, Clone)]
pub(super) struct RawCommit {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    pub(super) time: i64,
}

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
pub(super) struct Collector<'a> {
    hash: gix_hash::Kind,
    targets: &'a KeySet,
    pub(super) commits: Vec<RawCommit>,
    pub(super) tags: Vec<(ObjectId, ObjectId)>,
    /// Trees, as they came.
    pub(super) trees: Vec<Key>,
    /// Trees within trees.
    pub(super) folders: Vec<Edge>,
    /// Targets within trees.
    pub(super) files: Vec<Edge>,
    pub(super) names: Names,
}

/// Names seen, each once.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<BString, u32>,
    pub(super) list: Vec<BString>,
}

impl Names {
    pub(super) fn number(&mut self, name: &BStr) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).expect("there are fewer than 2^32 names in memory");
        self.numbers.insert(name.to_owned(), number);
        self.list.push(name.to_owned());
        number
    }
}

impl<'a> Collector<'a> {
    pub(super) fn new(hash: gix_hash::Kind, targets: &'a KeySet) -> Self {
        Self {
            hash,
            targets,
            commits: Vec::new(),
            tags: Vec::new(),
            trees: Vec::new(),
            folders: Vec::new(),
            files: Vec::new(),
            names: Names::default(),
        }
    }

    fn tree(&mut self, id: &ObjectId, bytes: &[u8]) {
        let parent = u32::try_from(self.trees.len()).expect("there are fewer than 2^32 trees in memory");
        self.trees.push(key(id.as_slice()));
        // A malformed entry ends the tree; the scan that read the same object reports it.
        for entry in tree::entries(bytes, self.hash.len_in_bytes()).flatten() {
            let child = key(entry.id);
            let wanted = self.targets.contains(&child);
            if wanted && !entry.is_submodule() {
                let name = self.names.number(entry.name);
                self.files.push(Edge::new(child, parent, name));
            }
            if entry.is_tree() {
                let name = self.names.number(entry.name);
                self.folders.push(Edge::new(child, parent, name));
            }
        }
    }
}

impl Visitor for Collector<'_> {
    type Memory = ();

    fn object(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) {
        match kind {
            Kind::Tree => self.tree(id, bytes),
            Kind::Commit => {
                if let Ok(commit) = commit::parse(bytes, self.hash) {
                    let time = commit.committer.and_then(|committer| committer.time);
                    self.commits.push(RawCommit {
                        id: *id,
                        tree: commit.tree,
                        parents: commit.parents,
                        time: time.map_or(0, |time| time.seconds),
                    });
                }
            }
            Kind::Tag => {
                if let Ok(tag) = tag::parse(bytes, self.hash) {
                    self.tags.push((*id, tag.target));
                }
            }
            Kind::Blob => {}
        }
    }

    fn large_blob(&mut self, _id: &ObjectId, _size: u64, _content: &mut dyn Read) {}
}
