//! What decides, outside of the program, what a scan of history finds.

use bstr::BString;
use sha2::{Digest, Sha256};
use unleak_findings::ObjectId;
use unleak_objects::{ObjectStore, Pack};

use super::staged_blobs::StagedBlobs;
use super::starts::Starts;
use crate::cache::Digested;
use crate::codec::Out;

/// A blob in which, read as a file of that name, there is a secret below the threshold.
pub(super) type Witness = (ObjectId, BString);

/// The state of everything outside of the program that decides what a scan of history finds: refs, reflogs, where a
/// shallow clone ends, and which objects there are. `None` if something of it cannot be told.
pub(super) fn state(
    store: &ObjectStore,
    starts: &Starts,
    loose: &[ObjectId],
    is_partial: bool,
    staged: Option<&StagedBlobs>,
) -> Option<Digested> {
    if !store.troubles().is_empty() || !starts.troubles.is_empty() {
        return None;
    }
    let mut out = Out::default();
    out.count(store.hash().len_in_bytes());
    let packs: Vec<_> = store.packs().iter().map(Pack::identity).collect::<Option<_>>()?;
    out.list(&packs, |out, pack| out.bytes(pack));
    out.list(loose, Out::id);
    out.list(&starts.tips, |out, tip| {
        out.bytes(&tip.name);
        out.id(&tip.target);
    });
    out.list(&starts.reflogs, |out, entry| {
        out.bytes(&entry.name);
        out.id(&entry.id);
    });
    out.list(&starts.shallow, Out::id);
    out.count(usize::from(is_partial) + 2 * usize::from(staged.is_some()));
    for (id, path) in staged.into_iter().flat_map(StagedBlobs::all) {
        out.id(id);
        out.bytes(path);
    }
    Some(Sha256::digest(&out.0).into())
}
