//! What a commit changes in the files of another, path by path.

use std::collections::BTreeMap;
use std::rc::Rc;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::tree::{self, Entry};

use super::tree_edits::{Changes, File, Trees};
use super::trees_error::TreesError;

/// What is to be done to turn the files of `from` into those of `to`; no tree is one without files.
pub(crate) fn between(
    trees: &mut Trees<'_>,
    from: Option<ObjectId>,
    to: Option<ObjectId>,
) -> Result<Changes, TreesError> {
    let mut changes = Changes::new();
    let mut pending = vec![(BString::default(), from, to)];
    while let Some((folder, from, to)) = pending.pop() {
        if from == to {
            continue;
        }
        let (old, new) = (entries(trees, from)?, entries(trees, to)?);
        let names = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
        for key in names {
            let (before, after) = (old.get(key).copied(), new.get(key).copied());
            if before == after {
                continue;
            }
            let path: BString = [folder.as_slice(), key.as_slice()].concat().into();
            if key.ends_with(b"/") {
                pending.push((path, before.map(|(_, id)| id), after.map(|(_, id)| id)));
            } else if after.is_some() || !changes.contains_key(&path) {
                changes.insert(path, after);
            }
        }
    }
    Ok(changes)
}

/// The entries of a tree; names of folders end with a slash.
fn entries(trees: &mut Trees<'_>, id: Option<ObjectId>) -> Result<BTreeMap<BString, File>, TreesError> {
    let Some(id) = id else { return Ok(BTreeMap::new()) };
    let bytes: Rc<[u8]> = trees.get(&id)?;
    let entry = |entry: Entry<'_>| {
        let mut name = entry.name.to_owned();
        if entry.is_tree() {
            name.push(b'/');
        }
        Some((name, (entry.mode, ObjectId::try_from(entry.id).ok()?)))
    };
    let list = tree::entries(&bytes, id.as_slice().len());
    list.filter_map(|one| one.map(entry).transpose())
        .collect::<Result<_, _>>()
        .map_err(|error| TreesError::Malformed(id, error))
}
