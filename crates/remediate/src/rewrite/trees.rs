//! New trees, from the bottom up: at each height every dirty tree is decoded once, along its chain, rewritten, and written as
//! what changed against the new tree that stands for its base.

use std::collections::HashMap;
use std::io::Read;
use std::sync::OnceLock;

use bstr::{BStr, BString};
use gix_hash::ObjectId;
use unleak_objects::history::TreeNumber;
use unleak_objects::tree::Entry;
use unleak_objects::{Buffer, Derived, Kind, KindSet, ObjectStore, VisitOptions, Visitor};

use crate::output::Output;

use super::deleted::LeftOut;
use super::dirt::{Dirt, DirtyTree, StateNumber};
use super::tree::{self, EntryFate};
use super::trees_error::TreesError;

/// What trees are rewritten with.
pub(crate) struct TreeWork<'a> {
    pub(crate) store: &'a ObjectStore,
    pub(crate) dirt: &'a Dirt<'a>,
    /// What became of blobs.
    pub(crate) blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
    /// Other names for names.
    pub(crate) rename: &'a (dyn Fn(&BStr) -> Option<BString> + Sync),
    pub(crate) output: &'a Output<'a>,
    /// Told what is left out for its path.
    pub(crate) left_out: &'a LeftOut,
}

/// What became of the dirty trees, by position; `Some(None)`: nothing is left of one.
type NewTrees = [OnceLock<Option<ObjectId>>];

/// The dirty trees of one height with their positions, sorted: a tree may be dirty in several states of the path rules.
type Level = [(ObjectId, u32)];

/// Rewrites all dirty trees; the new ids by position, `None` where nothing is left of a tree.
pub(crate) fn rewrite(
    work: &TreeWork<'_>,
    options: &VisitOptions<'_>,
) -> Result<Vec<Option<ObjectId>>, TreesError> {
    let dirty = &work.dirt.dirty;
    let new: Vec<OnceLock<Option<ObjectId>>> = dirty.iter().map(|_| OnceLock::new()).collect();
    let mut by_height: Vec<u32> = (0u32..).take(dirty.len()).collect();
    by_height.sort_by_key(|position| dirty[*position as usize].height);
    for level in by_height.chunk_by(|one, next| dirty[*one as usize].height == dirty[*next as usize].height) {
        let id = |position: u32| work.dirt.forest.id(dirty[position as usize].tree);
        let mut level: Vec<(ObjectId, u32)> =
            level.iter().map(|position| (id(*position), *position)).collect();
        level.sort_unstable();
        work.level(&level, &new, options)?;
    }
    Ok(new.into_iter().map(|id| id.into_inner().flatten()).collect())
}

impl TreeWork<'_> {
    /// Rewrites the trees of one height; what stands in them is done.
    fn level(&self, level: &Level, new: &NewTrees, options: &VisitOptions<'_>) -> Result<(), TreesError> {
        let mut among: Vec<ObjectId> = level.iter().map(|(id, _)| *id).collect();
        among.dedup();
        let mut options = *options;
        options.kinds = KindSet::of(&[Kind::Tree]);
        options.among = Some(&among);
        let outcome = self.store.visit(&options, || TreeRewriter { work: self, level, new, failure: None });
        if let Some(failure) = outcome.visitors.into_iter().find_map(|rewriter| rewriter.failure) {
            return Err(failure);
        }
        if outcome.interrupted {
            return Ok(());
        }
        // Whatever the visit could not read is looked for once more, so that the error names it.
        let mut buffer = Buffer::default();
        for (id, position) in level.iter().filter(|(_, at)| new[*at as usize].get().is_none()) {
            let bytes = match self.store.find(id, &mut buffer) {
                Ok(Some((Kind::Tree, bytes))) => bytes,
                Ok(_) => return Err(TreesError::Read(*id, None)),
                Err(error) => return Err(TreesError::Read(*id, Some(Box::new(error)))),
            };
            self.tree(id, bytes, *position, new, None)?;
        }
        Ok(())
    }

    /// Rewrites a tree and writes it; gives what is written, if it is to be the base of others.
    fn tree(
        &self,
        id: &ObjectId,
        bytes: &[u8],
        position: u32,
        new: &NewTrees,
        base: Option<&NewTree>,
    ) -> Result<Option<NewTree>, TreesError> {
        let dirty = &self.dirt.dirty[position as usize];
        let hash_len = self.store.hash().len_in_bytes();
        let fate = |entry: &Entry<'_>| self.fate(entry, dirty, new);
        let bytes = tree::rewrite(bytes, hash_len, fate, self.rename)
            .map_err(|error| TreesError::Malformed(*id, error))?;
        let new_id = bytes.as_ref().map(|bytes| self.output.name(Kind::Tree, bytes)).transpose()?;
        // Each position comes once.
        new[position as usize].set(new_id).unwrap_or_default();
        let (Some(new_id), Some(bytes), true) = (new_id, bytes, self.output.writes()) else {
            return Ok(None);
        };
        self.output.put(new_id, Kind::Tree, &bytes, base.map(|base| (base.id, base.bytes.as_slice())))?;
        Ok(Some(NewTree { state: dirty.state, id: new_id, bytes }))
    }

    fn fate(&self, entry: &Entry<'_>, dirty: &DirtyTree, new: &NewTrees) -> EntryFate {
        if !entry.is_tree() {
            if self.dirt.deletes(dirty.state, entry.name) {
                if entry.is_blob() {
                    self.left_out.blob(entry.id);
                }
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
            self.left_out.tree(entry.id);
            return EntryFate::Gone;
        }
        let tree: Option<TreeNumber> =
            ObjectId::try_from(entry.id).ok().and_then(|id| self.dirt.forest.number(&id));
        // What stands in a tree is lower, so it is done.
        match tree.and_then(|tree| self.dirt.position(tree, below)).and_then(|at| new[at as usize].get()) {
            None => EntryFate::Same,
            Some(Some(id)) => EntryFate::To(*id),
            Some(None) => EntryFate::Gone,
        }
    }
}

/// A new tree, for those that are made from the old one.
struct NewTree {
    state: StateNumber,
    id: ObjectId,
    bytes: Vec<u8>,
}

struct TreeRewriter<'a> {
    work: &'a TreeWork<'a>,
    level: &'a Level,
    new: &'a NewTrees,
    failure: Option<TreesError>,
}

impl TreeRewriter<'_> {
    fn rewrite(&mut self, id: &ObjectId, bytes: &[u8], bases: &[NewTree]) -> Vec<NewTree> {
        let mut written = Vec::new();
        let first = self.level.partition_point(|(other, _)| other < id);
        for (_, position) in self.level[first..].iter().take_while(|(other, _)| other == id) {
            if self.failure.is_some() {
                break;
            }
            let state = self.work.dirt.dirty[*position as usize].state;
            let base = bases.iter().find(|base| base.state == state);
            match self.work.tree(id, bytes, *position, self.new, base) {
                Ok(tree) => written.extend(tree),
                Err(failure) => self.failure = Some(failure),
            }
        }
        written
    }
}

impl Visitor for TreeRewriter<'_> {
    type Memory = Vec<NewTree>;

    fn object(&mut self, id: &ObjectId, _kind: Kind, bytes: &[u8]) -> Self::Memory {
        self.rewrite(id, bytes, &[])
    }

    fn derived(
        &mut self,
        id: &ObjectId,
        _kind: Kind,
        derived: &mut Derived<'_>,
        bases: &Self::Memory,
    ) -> Self::Memory {
        self.rewrite(id, derived.bytes(), bases)
    }

    fn large_blob(&mut self, _id: &ObjectId, _size: u64, _content: &mut dyn Read) {}
}
