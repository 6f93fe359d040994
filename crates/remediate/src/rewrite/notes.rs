//! Notes: a tree whose paths are the ids of what they are about. When those change, the notes move along.

use std::collections::HashMap;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::ObjectStore;

use crate::output::Output;

use super::file_changes;
use super::tree_edits::{Changes, Trees};
use super::trees_error::TreesError;

/// Rewrites trees of notes, each from what it changes against the one before: there may be as many as there are notes.
pub(crate) struct Notes<'a> {
    store: &'a ObjectStore,
    trees: Trees<'a>,
    /// What became of a blob.
    blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
}

impl<'a> Notes<'a> {
    pub(crate) fn new(
        store: &'a ObjectStore,
        output: &'a Output<'a>,
        blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
    ) -> Self {
        Self { store, trees: Trees::new(store, output), blobs }
    }

    /// The new tree for `root`, in which ids that `moved` knows have become others. `before` is a tree that has been
    /// rewritten so, and what it became.
    pub(crate) fn rewrite(
        &mut self,
        before: Option<(ObjectId, ObjectId)>,
        root: ObjectId,
        moved: &dyn Fn(&ObjectId) -> Option<ObjectId>,
    ) -> Result<ObjectId, TreesError> {
        let hash = self.store.hash();
        let changes = file_changes::between(&mut self.trees, before.map(|(old, _)| old), Some(root))?;
        let mut new = Changes::new();
        for (path, file) in changes {
            let file =
                file.and_then(|(mode, id)| Some((mode, self.blobs.get(&id).copied().unwrap_or(Some(id))?)));
            let path = moved_path(&path, hash, moved).unwrap_or(path);
            // A note that comes to a place counts more than one that goes from there.
            if file.is_some() || !new.contains_key(&path) {
                new.insert(path, file);
            }
        }
        self.trees.changed(before.map_or(ObjectId::empty_tree(hash), |(_, new)| new), &new)
    }
}

/// The path for the new id, with slashes where they were; `None` if the path is no id, or that of something that stays.
fn moved_path(
    path: &BString,
    hash: gix_hash::Kind,
    moved: &dyn Fn(&ObjectId) -> Option<ObjectId>,
) -> Option<BString> {
    let hex: Vec<u8> = path.iter().copied().filter(|byte| *byte != b'/').collect();
    if hex.len() != hash.len_in_hex() {
        return None;
    }
    let new = moved(&ObjectId::from_hex(&hex).ok()?)?.to_hex().to_string();
    let mut new = new.bytes();
    Some(path.iter().map(|byte| if *byte == b'/' { b'/' } else { new.next().unwrap_or(b'0') }).collect())
}
