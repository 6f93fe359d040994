//! Trees from the top down: what is worth knowing of each, held in memory by number.
//!
//! The reverse of the ladder: from a root tree to the targets in it, without reading any tree again.

use bstr::{BStr, BString};
use gix_hash::ObjectId;

use super::keys::{Numbered, key};
use super::names::Names;
use super::trees::Trees;

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
    trees: Numbered,
    ids: Vec<ObjectId>,
    files: Numbered,
    /// What stands somewhere, each once.
    standings: Vec<Standing>,
    /// Where each tree's part of `held` starts; one more for the end.
    starts: Vec<u32>,
    /// By number in `standings`.
    held: Vec<u32>,
    names: Vec<BString>,
}

impl Forest {
    /// Joins what was read.
    pub fn new(trees: Trees) -> Self {
        let Trees { mut parts, .. } = trees;
        let mut numbered = Numbered::default();
        for key in parts.iter().flat_map(|part| &part.trees) {
            numbered.push(*key);
        }
        let ids = parts.iter_mut().flat_map(|part| std::mem::take(&mut part.ids)).collect();
        let (mut names, mut files) = (Names::new(None), Numbered::default());
        let (mut standings, mut starts, mut held) = (Vec::new(), vec![0], Vec::new());
        for part in parts {
            let renamed: Vec<u32> = part.names.iter().map(|name| names.number(name.as_ref())).collect();
            let (first_place, first_held) = (number(standings.len()), number(held.len()));
            standings.extend(part.places.iter().map(|place| Standing {
                what: match (place.is_folder, numbered.get(place.what)) {
                    (true, Some(tree)) => Thing::Tree(tree),
                    (true, None) => Thing::MissingTree,
                    (false, _) => {
                        Thing::File(files.get(place.what).unwrap_or_else(|| files.push(place.what)))
                    }
                },
                name: renamed[place.name as usize],
            }));
            held.extend(part.held.iter().map(|place| first_place + place));
            starts.extend(part.ends.iter().map(|end| first_held + end));
        }
        Self { trees: numbered, ids, files, standings, starts, held, names: names.into_list() }
    }

    /// The number of a tree; `None` if it is not in the store.
    pub fn number(&self, tree: &ObjectId) -> Option<TreeNumber> {
        self.trees.get(key(tree.as_slice()))
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
        let at = tree as usize;
        let held = &self.held[self.starts[at] as usize..self.starts[at + 1] as usize];
        held.iter().map(|standing| self.standings[*standing as usize])
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

fn number(number: usize) -> u32 {
    u32::try_from(number).expect("there are fewer than 2^32 tree entries in memory")
}
