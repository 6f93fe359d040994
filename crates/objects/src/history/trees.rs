//! Reads trees once and writes down who holds whom: the raw material of the reverse index. Notes on the way which blobs
//! have names that somebody is interested in, and what is named and not there.

use std::collections::{BTreeSet, HashSet};
use std::io::Read;

use bstr::BString;
use gix_hash::ObjectId;

use crate::kind::{Kind, KindSet};
use crate::store::ObjectStore;
use crate::tree::{Entry, TreeError};
use crate::trouble::Trouble;
use crate::visit::{Derived, VisitOptions, Visited, Visitor};

use super::keys::{Key, KeySet, key};
use super::names::{Folder, Interest, Interests, Names};
use super::places::{Place, Places};
use super::recent::Recent;
use super::tree_memory::TreeMemory;

/// What one thread has read.
#[derive(Debug, Default)]
pub(super) struct TreePart {
    /// Trees, as they came; none if [`Question::with_ids`].
    pub(super) trees: Vec<Key>,
    /// Their ids instead.
    pub(super) ids: Vec<ObjectId>,
    /// What is written down of them, tree after tree, by number in `places`.
    pub(super) held: Vec<u32>,
    /// For each tree, where its part of `held` ends.
    pub(super) ends: Vec<u32>,
    /// Folders and targets.
    pub(super) places: Places,
    pub(super) names: Vec<BString>,
    /// Folders in them, if they are to be read next.
    folders: Vec<ObjectId>,
}

/// The trees of a store.
#[derive(Debug)]
#[non_exhaustive]
pub struct Trees {
    pub(super) parts: Vec<TreePart>,
    /// What was noticed while they were read.
    pub noted: Noted,
    /// How much was read.
    pub visited: Visited,
    /// What could not be read.
    pub troubles: Vec<Trouble>,
}

/// What will be asked about trees.
pub struct Question<'q> {
    /// Blobs, and whatever else is named in trees, whose places are to be known.
    pub targets: Vec<ObjectId>,
    /// Names that make a blob a target.
    pub interests: Option<Interests<'q>>,
    /// Whether the ids of trees are to be kept, for a [`Forest`](super::Forest) and nothing else.
    pub with_ids: bool,
}

impl Trees {
    /// Reads the trees of `store`. Of `options`, the kinds are not heeded. The places of missing objects are known in the
    /// end, too, unless they are very many.
    pub fn read(store: &ObjectStore, question: &Question<'_>, options: &VisitOptions<'_>) -> Self {
        Self::read_and_list(store, question, options, false)
    }

    /// The same; says whether folders are listed.
    fn read_and_list(
        store: &ObjectStore,
        question: &Question<'_>,
        options: &VisitOptions<'_>,
        lists_folders: bool,
    ) -> Self {
        // Each entry that was not seen of late is looked up.
        if options.among.is_none() {
            store.prepare_for_many();
        }
        let targets: KeySet = question.targets.iter().map(|id| key(id.as_slice())).collect();
        let options = VisitOptions { kinds: KindSet::of(&[Kind::Tree]), ..*options };
        let outcome = store.visit(&options, || TreeReader::new(store, &targets, question, lists_folders));
        let (mut noted, mut parts) = (Noted::default(), Vec::new());
        for mut reader in outcome.visitors {
            reader.part.names = reader.names.into_list();
            reader.part.places.close();
            noted.merge(reader.noted);
            parts.push(reader.part);
        }
        Self { parts, noted, visited: outcome.visited, troubles: outcome.troubles }
    }

    /// Reads `roots` of the trees of `store`, and those in them that the question's interests do not ignore, no more than
    /// `depth` trees deep: what has been read before is not read again.
    pub fn read_below(
        store: &ObjectStore,
        question: &Question<'_>,
        roots: impl Iterator<Item = ObjectId>,
        depth: usize,
        options: &VisitOptions<'_>,
    ) -> Self {
        let mut all = Self::none();
        let (mut seen, mut due) = (KeySet::default(), roots.collect::<Vec<_>>());
        for _ in 0..depth {
            due.retain(|id| seen.insert(key(id.as_slice())));
            if due.is_empty() {
                break;
            }
            due.sort_unstable();
            let among = VisitOptions { among: Some(&due), ..*options };
            let mut round = Self::read_and_list(store, question, &among, true);
            due = round.parts.iter_mut().flat_map(|part| std::mem::take(&mut part.folders)).collect();
            all.merge(round);
        }
        // What cannot be opened is told anew each time.
        all.troubles.dedup();
        all
    }

    fn merge(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.noted.merge(other.noted);
        self.visited.add(&other.visited);
        self.troubles.extend(other.troubles);
        self.troubles.sort_by(|a, b| (&a.path, &a.id, a.kind).cmp(&(&b.path, &b.id, b.kind)));
    }

    /// No trees at all.
    pub(super) fn none() -> Self {
        let (noted, visited) = (Noted::default(), Visited::default());
        Self { parts: Vec::new(), noted, visited, troubles: Vec::new() }
    }
}

/// Reads trees on one thread.
struct TreeReader<'a> {
    store: &'a ObjectStore,
    targets: &'a KeySet,
    part: TreePart,
    names: Names<'a>,
    noted: Noted,
    recent: Recent,
    missing: KeySet,
    with_ids: bool,
    lists_folders: bool,
}

/// What was noticed while trees were read.
#[derive(Debug, Default)]
pub struct Noted {
    /// Blobs with a name that was asked for.
    pub named: HashSet<(ObjectId, BString)>,
    /// Blobs with a name for which paths were asked for.
    pub placed: BTreeSet<ObjectId>,
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
    fn new(
        store: &'a ObjectStore,
        targets: &'a KeySet,
        question: &Question<'a>,
        lists_folders: bool,
    ) -> Self {
        Self {
            store,
            targets,
            part: TreePart::default(),
            names: Names::new(question.interests),
            with_ids: question.with_ids,
            lists_folders,
            noted: Noted::default(),
            recent: Recent::default(),
            missing: KeySet::default(),
        }
    }

    /// Looks at an entry; says which place it is, if that is written down for every tree that has it.
    fn entry(&mut self, entry: &Entry<'_>) -> Option<u32> {
        let Self { store, targets, part, names, noted, recent, missing, lists_folders, .. } = self;
        recent.verdict(entry, || {
            let (what, name, is_folder) = (key(entry.id), names.number(entry.name), entry.is_tree());
            let interest = names.interest(name);
            if interest.folder == Folder::Ignored {
                return None;
            }
            // What a submodule names is in another repository.
            if entry.is_submodule() && !interest.path {
                return None;
            }
            let is_wanted = interest.name || interest.path || targets.contains(&what);
            let known = Place { what, name, is_folder, is_target: is_wanted || missing.contains(&what) };
            // What has a number has been looked at.
            if let Some(number) = part.places.get(known) {
                return Some(number);
            }
            if !entry.is_submodule() {
                look(store, entry, interest, missing, noted);
            }
            let place = Place { is_target: is_wanted || missing.contains(&what), ..known };
            if *lists_folders && is_folder {
                part.folders.extend(ObjectId::try_from(entry.id));
            }
            (place.is_target || is_folder && interest.folder == Folder::Listed)
                .then(|| part.places.add(place))
        })
    }

    /// Writes down what a tree holds.
    fn tree(&mut self, id: &ObjectId, (memory, error): (TreeMemory, Option<TreeError>)) -> TreeMemory {
        if self.with_ids {
            self.part.ids.push(*id);
        } else {
            self.part.trees.push(key(id.as_slice()));
        }
        self.part.held.extend(memory.numbers());
        let end = u32::try_from(self.part.held.len()).expect("there are fewer than 2^32 entries in memory");
        self.part.ends.push(end);
        self.noted.malformed.extend(error.map(|error| (*id, error)));
        memory
    }
}

/// Looks at an entry that has not been seen of late.
fn look(store: &ObjectStore, entry: &Entry<'_>, interest: Interest, places: &mut KeySet, noted: &mut Noted) {
    let Ok(id) = ObjectId::try_from(entry.id) else { return };
    // The tree without entries need not exist.
    let is_missing = !store.contains(&id) && id != ObjectId::empty_tree(store.hash());
    if is_missing {
        noted.missing.insert(id);
        if places.len() < MISSING_PLACES {
            places.insert(key(entry.id));
        } else {
            noted.missing_displaced = true;
        }
    } else if entry.is_blob() && interest.name {
        noted.named.insert((id, entry.name.to_owned()));
    }
    if entry.is_blob() && interest.path {
        noted.placed.insert(id);
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
