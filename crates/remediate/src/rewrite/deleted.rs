//! Blobs that stood at deleted paths and nowhere else: what must not come back.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use gix_hash::ObjectId;
use unleak_objects::history::{Forest, Question, Thing, TreeNumber, Trees};
use unleak_objects::{Buffer, Kind, ObjectStore, VisitOptions, tree};

use crate::path_rules::{PathRules, PathState};

use super::trees_error::TreesError;

/// What was left out of trees for its path.
#[derive(Debug, Default)]
pub(super) struct LeftOut(Mutex<(HashSet<ObjectId>, HashSet<ObjectId>)>);

impl LeftOut {
    pub(super) fn blob(&self, id: &[u8]) {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sets.0.extend(ObjectId::try_from(id));
    }

    /// A folder with all there is in it.
    pub(super) fn tree(&self, id: &[u8]) {
        let mut sets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sets.1.extend(ObjectId::try_from(id));
    }

    /// The `wanted` blobs among it that stand at no other path of `roots`; sorted.
    pub(super) fn nowhere_else(
        self,
        store: &ObjectStore,
        rules: &PathRules,
        wanted: &dyn Fn(&ObjectId) -> bool,
        roots: impl Iterator<Item = ObjectId>,
        visit: &VisitOptions<'_>,
    ) -> Result<Vec<ObjectId>, TreesError> {
        let (mut blobs, folders) = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        files_below(store, folders, &mut blobs)?;
        blobs.remove(&ObjectId::empty_blob(store.hash()));
        blobs.retain(wanted);
        let mut blobs: Vec<ObjectId> = blobs.into_iter().collect();
        blobs.sort_unstable();
        if blobs.is_empty() {
            return Ok(blobs);
        }
        let question = Question { targets: blobs.clone(), interests: None, with_ids: true };
        let forest = Forest::new(Trees::read(store, &question, visit));
        let kept = kept(&forest, rules, roots);
        blobs.retain(|id| forest.file(id).is_none_or(|file| !kept[file as usize]));
        Ok(blobs)
    }
}

/// The blobs in these folders.
fn files_below(
    store: &ObjectStore,
    folders: HashSet<ObjectId>,
    blobs: &mut HashSet<ObjectId>,
) -> Result<(), TreesError> {
    let mut buffer = Buffer::default();
    let mut pending: Vec<ObjectId> = folders.iter().copied().collect();
    let mut seen = folders;
    while let Some(id) = pending.pop() {
        let bytes = match store.find(&id, &mut buffer) {
            Ok(Some((Kind::Tree, bytes))) => bytes,
            Ok(_) => return Err(TreesError::Read(id, None)),
            Err(error) => return Err(TreesError::Read(id, Some(Box::new(error)))),
        };
        for entry in tree::entries(bytes, store.hash().len_in_bytes()) {
            let entry = entry.map_err(|error| TreesError::Malformed(id, error))?;
            let Ok(below) = ObjectId::try_from(entry.id) else { continue };
            if entry.is_blob() {
                blobs.insert(below);
            } else if entry.is_tree() && seen.insert(below) {
                pending.push(below);
            }
        }
    }
    Ok(())
}

/// By number of the file: whether it stands at a path that is not deleted.
fn kept(forest: &Forest, rules: &PathRules, roots: impl Iterator<Item = ObjectId>) -> Vec<bool> {
    let mut kept = vec![false; forest.files()];
    // Without a state, nothing below is deleted.
    let of = |state: PathState| (!rules.is_settled(state)).then_some(state);
    let start = of(rules.start());
    let mut pending: Vec<(TreeNumber, Option<PathState>)> =
        roots.filter_map(|root| Some((forest.number(&root)?, start))).collect();
    let mut seen: HashSet<(TreeNumber, Option<PathState>)> = HashSet::new();
    while let Some((tree, state)) = pending.pop() {
        if !seen.insert((tree, state)) {
            continue;
        }
        for standing in forest.standings(tree) {
            let name = forest.name(standing.name);
            match (standing.what, state) {
                (Thing::File(file), Some(state)) => kept[file as usize] |= !rules.file(state, name),
                (Thing::File(file), None) => kept[file as usize] = true,
                (Thing::Tree(below), Some(state)) => {
                    let entered = rules.enter(state, name);
                    if !rules.is_all_deleted(entered) {
                        pending.push((below, of(entered)));
                    }
                }
                (Thing::Tree(below), None) => pending.push((below, None)),
                (Thing::MissingTree, _) => {}
            }
        }
    }
    kept
}
