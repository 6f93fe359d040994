//! Content that Git LFS keeps for blobs that are no more: only its host can remove it.

use gix_hash::ObjectId;
use unleak_objects::{Buffer, Kind, ObjectStore, lfs};

/// Whether a blob is a pointer of Git LFS. One that cannot be read is none: what reads it for its content complains.
pub(super) fn is_pointer(store: &ObjectStore, id: &ObjectId) -> bool {
    target(store, id, &mut Buffer::default()).is_some()
}

/// What the pointers among `gone` point to, sorted.
pub(super) fn targets<'i>(store: &ObjectStore, gone: impl Iterator<Item = &'i ObjectId>) -> Vec<String> {
    let mut buffer = Buffer::default();
    let mut targets: Vec<_> = gone.filter_map(|id| target(store, id, &mut buffer)).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

fn target(store: &ObjectStore, id: &ObjectId, buffer: &mut Buffer) -> Option<String> {
    let is_small = matches!(store.header(id), Ok(Some((Kind::Blob, size))) if size < lfs::POINTER as u64);
    let (_, text) = is_small.then(|| store.find(id, buffer).ok().flatten()).flatten()?;
    lfs::target(text).map(str::to_owned)
}
