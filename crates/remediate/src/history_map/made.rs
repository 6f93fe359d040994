//! The map of one rewrite, from the change it made.

use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::{ObjectReader, Repository};

use super::map::HistoryMap;
use crate::change::{Change, Fate};

/// The map of `change`, while its old objects are there. `tips` are what it was worked out from.
pub(crate) fn of_change(
    repo: &Repository,
    change: &Change,
    tips: impl IntoIterator<Item = ObjectId>,
    asked: Option<&str>,
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
    map.looked.extend(tips.into_iter().filter_map(|id| left_at(change, &reader, id)));
    map.refs.extend(change.refs.iter().map(|update| (update.name.clone(), (update.old, update.new))));
    for id in &change.deleted {
        map.blobs.entry(*id).or_insert(None);
    }
    map
}

/// What a tip is left at. A commit that came up only meanwhile was not looked at.
fn left_at(change: &Change, reader: &ObjectReader, id: ObjectId) -> Option<ObjectId> {
    match change.objects.fate(&id) {
        Fate::Replaced(new) => Some(new),
        Fate::Gone => None,
        Fate::Same => {
            let is_commit = reader.header(&id).is_ok_and(|(kind, _)| kind == Kind::Commit);
            let was_looked_at = || change.commits.binary_search_by_key(&id, |(old, _)| *old).is_ok();
            (!is_commit || was_looked_at()).then_some(id)
        }
    }
}
