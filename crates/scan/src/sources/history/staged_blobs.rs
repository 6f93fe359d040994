//! Blobs that the index names: reachable from there, whatever else reaches them.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;
use unleak_findings::ObjectId;
use unleak_objects::repository::Index;

/// The blobs of an index, with the paths at which it has them.
#[derive(Default)]
pub(crate) struct StagedBlobs(BTreeMap<ObjectId, BTreeSet<BString>>);

impl StagedBlobs {
    /// Those of `index`, in all stages of a conflict.
    pub(crate) fn of(index: &Index) -> Self {
        let mut blobs = BTreeMap::<_, BTreeSet<_>>::new();
        for entry in index.entries().filter(|entry| entry.mode.is_blob()) {
            blobs.entry(entry.id).or_default().insert(entry.path.to_owned());
        }
        Self(blobs)
    }

    /// The paths at which the index has the blob.
    pub(super) fn paths(&self, id: &ObjectId) -> impl Iterator<Item = &BString> {
        self.0.get(id).into_iter().flatten()
    }

    /// All blobs, with each of their paths.
    pub(super) fn all(&self) -> impl Iterator<Item = (&ObjectId, &BString)> {
        self.0.iter().flat_map(|(id, paths)| paths.iter().map(move |path| (id, path)))
    }
}
