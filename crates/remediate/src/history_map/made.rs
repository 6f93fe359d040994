//! The map of one rewrite, from the change it made.

use std::collections::HashSet;

use bstr::BStr;
use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::Repository;

use super::map::HistoryMap;
use crate::change::Change;

/// The map of `change`, while its old objects are there. `deleted` says of a path whether it is deleted from all of history.
pub(crate) fn of_change(
    repo: &Repository,
    change: &Change,
    asked: Option<&str>,
    deleted: Option<&dyn Fn(&BStr) -> bool>,
) -> HistoryMap {
    let mut map = HistoryMap::new(repo.hash_kind());
    map.asked.extend(asked.map(str::to_owned));
    map.commits.extend(change.commits.iter().filter(|(old, new)| *new != Some(*old)).copied());
    let reader = repo.reader();
    for (old, new) in change.objects.sorted() {
        // Trees follow from what is in them; what cannot be read is nobody's to bring back.
        match reader.header(&old).map(|(kind, _)| kind) {
            Ok(Kind::Blob) => map.blobs.insert(old, new),
            Ok(Kind::Tag) => map.tags.insert(old, new),
            Ok(Kind::Commit) => map.commits.insert(old, new),
            Ok(Kind::Tree) | Err(_) => None,
        };
    }
    for (old, parents) in change.commits.iter().map(|(old, _)| old).zip(&change.parents) {
        let changes = |id: &ObjectId| map.commits.contains_key(id);
        if changes(old) && !parents.iter().any(changes) {
            map.first.insert(*old);
        }
    }
    map.refs.extend(change.refs.iter().map(|update| (update.name.clone(), (update.old, update.new))));
    if let Some(deleted) = deleted {
        for id in deleted_blobs(repo, change, deleted) {
            map.blobs.entry(id).or_insert(None);
        }
    }
    map
}

/// Blobs that stood at deleted paths and nowhere else.
fn deleted_blobs(
    repo: &Repository,
    change: &Change,
    deleted: &dyn Fn(&BStr) -> bool,
) -> impl Iterator<Item = ObjectId> {
    let (mut gone, mut kept) = (HashSet::new(), HashSet::new());
    let reader = repo.reader();
    for (old, _) in &change.commits {
        // A commit whose trees cannot be read stops the rewrite elsewhere.
        let Ok(changes) = reader.changed_blobs(old, false) else { continue };
        for file in changes.files {
            let list = if deleted(file.path.as_ref()) { &mut gone } else { &mut kept };
            list.insert(file.id);
        }
    }
    let empty = ObjectId::empty_blob(repo.hash_kind());
    gone.into_iter().filter(move |id| *id != empty && !kept.contains(id))
}
