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
    /// Where each tree's entries start in `standings`; one more for the end.
    starts: Vec<u32>,
    standings: Vec<Standing>,
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
        let mut names = Names::new(None);
        let mut numbered_files = Numbered::default();
        let (mut starts, mut standings) = (Vec::with_capacity(numbered.len() + 1), Vec::new());
        for part in parts {
            let renamed: Vec<u32> = part.names.iter().map(|name| names.number(name.as_ref())).collect();
            let (mut folders, mut files) = (part.folders.iter().peekable(), part.files.iter().peekable());
            for parent in 0..number(part.trees.len()) {
                starts.push(number(standings.len()));
                while let Some(edge) = folders.next_if(|edge| edge.parent == parent) {
                    let tree = numbered.get(part.children[edge.child as usize]);
                    let what = tree.map_or(Thing::MissingTree, Thing::Tree);
                    standings.push(Standing { what, name: renamed[edge.name as usize] });
                }
                while let Some(edge) = files.next_if(|edge| edge.parent == parent) {
                    let what = Thing::File(numbered_files.number(part.children[edge.child as usize]));
                    standings.push(Standing { what, name: renamed[edge.name as usize] });
                }
            }
        }
        starts.push(number(standings.len()));
        Self { trees: numbered, ids, files: numbered_files, starts, standings, names: names.into_list() }
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
    pub fn standings(&self, tree: TreeNumber) -> &[Standing] {
        let at = tree as usize;
        &self.standings[self.starts[at] as usize..self.starts[at + 1] as usize]
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
