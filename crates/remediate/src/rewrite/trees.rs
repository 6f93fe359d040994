//! New trees: every dirty one read once, rewritten from the bottom up, and written as what changed against another new one.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use bstr::{BStr, BString};
use gix_hash::ObjectId;
use rayon::prelude::*;
use unleak_objects::history::TreeNumber;
use unleak_objects::{
    Buffer, Derived, Kind, KindSet, NewEntry, ObjectStore, ReadError, VisitOptions, Visitor,
};

use crate::output::{Output, OutputError};

use super::dirt::{Dirt, DirtyTree};
use super::tree::{self, EntryFate};

/// So many bytes of trees are held between reading and writing; the rest is read once more.
const HELD_BYTES: usize = 256 << 20;

/// A tree could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreesError {
    /// A tree that must change cannot be read.
    #[error("tree {0} must change and cannot be read")]
    Read(ObjectId, #[source] Option<Box<ReadError>>),
    /// A tree that must change is malformed.
    #[error("tree {0} must change and is malformed")]
    Malformed(ObjectId, #[source] unleak_objects::tree::TreeError),
    /// The new tree cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What trees are rewritten with.
pub(crate) struct TreeWork<'a> {
    pub(crate) store: &'a ObjectStore,
    pub(crate) dirt: &'a Dirt<'a>,
    /// What became of blobs.
    pub(crate) blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
    /// Other names for names.
    pub(crate) rename: &'a (dyn Fn(&BStr) -> Option<BString> + Sync),
    pub(crate) output: &'a Output<'a>,
}

/// What became of a dirty tree.
#[derive(Debug)]
struct NewTree {
    /// `None`: nothing is left of it.
    id: Option<ObjectId>,
    /// The new bytes, where they are held and will be written.
    bytes: Option<Vec<u8>>,
}

/// A dirty tree as it was read.
#[derive(Debug)]
struct OldTree {
    bytes: Vec<u8>,
    /// The tree it is stored as a change of, if that is dirty too, and how many of those there are in a row.
    base: Option<ObjectId>,
    depth: u32,
}

/// Rewrites all dirty trees; the new ids by position, `None` where nothing is left of a tree.
pub(crate) fn rewrite(
    work: &TreeWork<'_>,
    options: &VisitOptions<'_>,
) -> Result<Vec<Option<ObjectId>>, TreesError> {
    let old = read(work, options);
    let dirty = &work.dirt.dirty;
    let new: Vec<OnceLock<NewTree>> = dirty.iter().map(|_| OnceLock::new()).collect();
    let mut by_height: Vec<Vec<u32>> = Vec::new();
    for (position, tree) in (0u32..).zip(dirty) {
        let height = tree.height as usize;
        by_height.resize_with(by_height.len().max(height + 1), Vec::new);
        by_height[height].push(position);
    }
    for level in by_height {
        level.par_iter().try_for_each_init(Buffer::default, |buffer, position| {
            let result = work.tree(&dirty[*position as usize], &old, &new, buffer)?;
            // Each position comes once.
            new[*position as usize].set(result).unwrap_or_default();
            Ok::<_, TreesError>(())
        })?;
    }
    let mut new: Vec<NewTree> = new.into_iter().filter_map(OnceLock::into_inner).collect();
    if work.output.writes() {
        write(work, &old, &mut new)?;
    }
    Ok(new.into_iter().map(|tree| tree.id).collect())
}

impl TreeWork<'_> {
    fn tree(
        &self,
        dirty: &DirtyTree,
        old: &HashMap<ObjectId, OldTree>,
        new: &[OnceLock<NewTree>],
        buffer: &mut Buffer,
    ) -> Result<NewTree, TreesError> {
        let id = self.dirt.forest.id(dirty.tree);
        let held = old.get(&id);
        let bytes = match held {
            Some(tree) => tree.bytes.as_slice(),
            None => match self.store.find(&id, buffer) {
                Ok(Some((Kind::Tree, bytes))) => bytes,
                Ok(_) => return Err(TreesError::Read(id, None)),
                Err(error) => return Err(TreesError::Read(id, Some(Box::new(error)))),
            },
        };
        let hash_len = self.store.hash().len_in_bytes();
        let fate = |entry: &unleak_objects::tree::Entry<'_>| self.fate(entry, dirty, new);
        let bytes = tree::rewrite(bytes, hash_len, fate, self.rename)
            .map_err(|error| TreesError::Malformed(id, error))?;
        let Some(bytes) = bytes else { return Ok(NewTree { id: None, bytes: None }) };
        let new_id = self.output.name(Kind::Tree, &bytes)?;
        if !self.output.writes() {
            return Ok(NewTree { id: Some(new_id), bytes: None });
        }
        if held.is_none() {
            self.output.put(new_id, Kind::Tree, &bytes, None)?;
            return Ok(NewTree { id: Some(new_id), bytes: None });
        }
        Ok(NewTree { id: Some(new_id), bytes: Some(bytes) })
    }

    fn fate(
        &self,
        entry: &unleak_objects::tree::Entry<'_>,
        dirty: &DirtyTree,
        new: &[OnceLock<NewTree>],
    ) -> EntryFate {
        if !entry.is_tree() {
            if self.dirt.deletes(dirty.state, entry.name) {
                return EntryFate::Gone;
            }
            if entry.is_submodule() || self.blobs.is_empty() {
                return EntryFate::Same;
            }
            let Ok(id) = ObjectId::try_from(entry.id) else { return EntryFate::Same };
            return match self.blobs.get(&id) {
                None => EntryFate::Same,
                Some(Some(new)) => EntryFate::To(*new),
                Some(None) => EntryFate::Gone,
            };
        }
        let below = self.dirt.entered(dirty.state, entry.name);
        if self.dirt.removes(below) {
            return EntryFate::Gone;
        }
        let tree: Option<TreeNumber> =
            ObjectId::try_from(entry.id).ok().and_then(|id| self.dirt.forest.number(&id));
        // What stands in a tree is lower, so it is done.
        match tree.and_then(|tree| self.dirt.position(tree, below)).and_then(|at| new[at as usize].get()) {
            None => EntryFate::Same,
            Some(NewTree { id: Some(id), .. }) => EntryFate::To(*id),
            Some(NewTree { id: None, .. }) => EntryFate::Gone,
        }
    }
}

/// Reads the dirty trees, in the order in which they are stored, and holds as many as there is room for.
fn read(work: &TreeWork<'_>, options: &VisitOptions<'_>) -> HashMap<ObjectId, OldTree> {
    let wanted: HashSet<ObjectId> =
        work.dirt.dirty.iter().map(|dirty| work.dirt.forest.id(dirty.tree)).collect();
    let select = |id: &ObjectId, _: Kind| wanted.contains(id);
    let mut options = *options;
    options.kinds = KindSet::of(&[Kind::Tree]);
    options.select = Some(&select);
    let held = AtomicUsize::new(0);
    let outcome = work.store.visit(&options, || Holder { held: &held, trees: HashMap::new() });
    // What could not be read is looked for once more when its turn comes, and is an error then.
    let mut trees = HashMap::with_capacity(wanted.len());
    outcome.visitors.into_iter().for_each(|holder| trees.extend(holder.trees));
    trees
}

struct Holder<'h> {
    held: &'h AtomicUsize,
    trees: HashMap<ObjectId, OldTree>,
}

impl Holder<'_> {
    fn hold(
        &mut self,
        id: &ObjectId,
        bytes: &[u8],
        base: Option<(ObjectId, u32)>,
    ) -> Option<(ObjectId, u32)> {
        if self.held.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > HELD_BYTES {
            return None;
        }
        let depth = base.map_or(0, |(_, depth)| depth + 1);
        let tree = OldTree { bytes: bytes.to_vec(), base: base.map(|(id, _)| id), depth };
        self.trees.insert(*id, tree);
        Some((*id, depth))
    }
}

impl Visitor for Holder<'_> {
    type Memory = Option<(ObjectId, u32)>;

    fn object(&mut self, id: &ObjectId, _kind: Kind, bytes: &[u8]) -> Self::Memory {
        self.hold(id, bytes, None)
    }

    fn derived(
        &mut self,
        id: &ObjectId,
        _kind: Kind,
        derived: &mut Derived<'_>,
        base: &Self::Memory,
    ) -> Self::Memory {
        self.hold(id, derived.bytes(), *base)
    }

    fn large_blob(&mut self, _id: &ObjectId, _size: u64, _content: &mut dyn Read) {}
}

/// Writes the new trees: bases first, each as what changed against what stands for the base of the old one.
fn write(
    work: &TreeWork<'_>,
    old: &HashMap<ObjectId, OldTree>,
    new: &mut [NewTree],
) -> Result<(), TreesError> {
    let old_of = |position: u32| old.get(&work.dirt.forest.id(work.dirt.dirty[position as usize].tree));
    let mut by_depth: Vec<Vec<u32>> = Vec::new();
    for position in 0..u32::try_from(new.len()).expect("dirty trees have numbers") {
        let depth = old_of(position).map_or(0, |tree| tree.depth as usize);
        by_depth.resize_with(by_depth.len().max(depth + 1), Vec::new);
        by_depth[depth].push(position);
    }
    let new = &*new;
    for level in by_depth {
        for part in level.chunks(1 << 12) {
            let entries: Vec<Option<NewEntry>> = part
                .par_iter()
                .map(|position| {
                    let tree = &new[*position as usize];
                    let (id, bytes) = (tree.id?, tree.bytes.as_ref()?);
                    let state = work.dirt.dirty[*position as usize].state;
                    let base = old_of(*position).and_then(|old| work.dirt.forest.number(&old.base?));
                    let base = base.and_then(|base| work.dirt.position(base, state));
                    let base = base.and_then(|at| {
                        let base = &new[at as usize];
                        Some((base.id?, base.bytes.as_deref()?))
                    });
                    work.output.entry(id, Kind::Tree, bytes, base)
                })
                .collect();
            for entry in entries.iter().flatten() {
                work.output.add(entry)?;
            }
        }
    }
    Ok(())
}
