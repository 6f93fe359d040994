//! Trees from the top down: what is worth knowing of each, held in memory by number.
//!
//! The reverse of the ladder: from a root tree to the targets in it, without reading any tree again.

use bstr::{BStr, BString};
use gix_hash::ObjectId;
use hashbrown::HashTable;

use super::keys::{Key, Numbered, key, low_half};
use super::names::Names;
use super::trees::{TreePart, Trees};

/// The number of a tree in its [`Forest`].
pub type TreeNumber = u32;

/// What stands in a tree, if it is worth knowing: every folder, and every target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it is.
    pub what: Thing,
    /// Its name; see [`Forest::name`].
    pub name: u32,
}

/// What an entry of a tree leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A tree.
    Tree(TreeNumber),
    /// A tree that is not in the store.
    MissingTree,
    /// A target, or a file with a name for which paths were asked for; see [`Forest::file`].
    File(u32),
}

/// The trees of a store.
#[derive(Debug)]
pub struct Forest {
    /// By number.
    ids: Vec<ObjectId>,
    numbers: HashTable<TreeNumber>,
    files: Numbered,
    /// What stands somewhere, each once.
    standings: Vec<Standing>,
    parts: Vec<Part>,
    names: Vec<BString>,
}

/// The trees that one thread has read: as it left them, since a copy would take as much memory again.
#[derive(Debug)]
struct Part {
    first_tree: TreeNumber,
    /// Where its part of the forest's `standings` starts.
    first_standing: u32,
    /// For each tree, where its part of `held` ends.
    ends: Vec<u32>,
    /// By number in its part of `standings`.
    held: Vec<u32>,
}

impl Forest {
    /// Joins what was read with ids.
    pub fn new(trees: Trees) -> Self {
        let Trees { mut parts, .. } = trees;
        let mut ids = Vec::with_capacity(parts.iter().map(|part| part.ids.len()).sum());
        ids.extend(parts.iter_mut().flat_map(|part| std::mem::take(&mut part.ids)));
        let hash = |tree: &TreeNumber| low_half(key(ids[*tree as usize].as_slice()));
        let mut numbers = HashTable::with_capacity(ids.len());
        for tree in 0..number(ids.len()) {
            numbers.insert_unique(hash(&tree), tree, hash);
        }
        let find = |what: Key| find(&numbers, &ids, what);
        let (mut names, mut files) = (Names::new(None), Numbered::default());
        let mut standings = Vec::with_capacity(parts.iter().map(|part| part.places.len()).sum());
        let (mut joined, mut first_tree) = (Vec::with_capacity(parts.len()), 0);
        for TreePart { held, ends, places, names: of_part, .. } in parts {
            let renamed: Vec<u32> = of_part.iter().map(|name| names.number(name.as_ref())).collect();
            let first_standing = number(standings.len());
            standings.extend(places.iter().map(|place| Standing {
                what: match (place.is_folder, find(place.what).filter(|_| place.is_folder)) {
                    (true, Some(tree)) => Thing::Tree(tree),
                    (true, None) => Thing::MissingTree,
                    (false, _) => {
                        Thing::File(files.get(place.what).unwrap_or_else(|| files.push(place.what)))
                    }
                },
                name: renamed[place.name as usize],
            }));
            let count = number(ends.len());
            joined.push(Part { first_tree, first_standing, ends, held });
            first_tree += count;
        }
        Self { ids, numbers, files, standings, parts: joined, names: names.into_list() }
    }

    /// The number of a tree; `None` if it is not in the store.
    pub fn number(&self, tree: &ObjectId) -> Option<TreeNumber> {
        find(&self.numbers, &self.ids, key(tree.as_slice()))
    }

    /// The id of a tree.
    pub fn id(&self, tree: TreeNumber) -> ObjectId {
        self.ids[tree as usize]
    }

    /// How many trees there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The number of a file; `None` if it stands in no tree or is not worth knowing.
    pub fn file(&self, id: &ObjectId) -> Option<u32> {
        self.files.get(key(id.as_slice()))
    }

    /// How many files have a number.
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// What stands in a tree.
    pub fn standings(&self, tree: TreeNumber) -> impl ExactSizeIterator<Item = Standing> + '_ {
        let part = &self.parts[self.parts.partition_point(|part| part.first_tree <= tree) - 1];
        let at = (tree - part.first_tree) as usize;
        let start = if at == 0 { 0 } else { part.ends[at - 1] };
        let standings = &self.standings[part.first_standing as usize..];
        part.held[start as usize..part.ends[at] as usize].iter().map(|at| standings[*at as usize])
    }

    /// The one in the place `at`, counted from 0, of what stands in a tree.
    pub fn standing(&self, tree: TreeNumber, at: usize) -> Option<Standing> {
        self.standings(tree).nth(at)
    }

    /// A name.
    pub fn name(&self, number: u32) -> &BStr {
        self.names[number as usize].as_ref()
    }

    /// How many names there are.
    pub fn names(&self) -> usize {
        self.names.len()
    }
}

/// The number of the tree with this key.
fn find(numbers: &HashTable<TreeNumber>, ids: &[ObjectId], what: Key) -> Option<TreeNumber> {
    let same = |tree: &TreeNumber| key(ids[*tree as usize].as_slice()) == what;
    numbers.find(low_half(what), same).copied()
}

fn number(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 tree entries in memory")
}
