//! The map of one rewrite, from the change it made.

use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::Repository;

use super::map::HistoryMap;
use crate::change::Change;

/// The map of `change`, while its old objects are there.
pub(crate) fn of_change(repo: &Repository, change: &Change, asked: Option<&str>) -> HistoryMap {
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
    for id in &change.deleted {
        map.blobs.entry(*id).or_insert(None);
    }
    map
}
