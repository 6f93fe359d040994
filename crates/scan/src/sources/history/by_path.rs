//! Blobs at paths that some rule asks for, once history tells the paths.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;
use unleak_findings::ObjectId;
use unleak_objects::history::History;
use unleak_objects::{Buffer, Kind, ObjectStore};

use crate::part::Context;
use crate::scanner::{Bench, Sighting};

/// Sightings of rules about paths, by blob and path.
pub(super) type ByPath = BTreeMap<ObjectId, BTreeMap<BString, Vec<Sighting>>>;

/// Asks the rules about every path of the blobs whose name allows for it. Blobs that stand at too many paths to list or
/// that cannot be read are in the ledger for that already.
pub(super) fn scan(
    context: &Context<'_>,
    store: &ObjectStore,
    placed: &BTreeSet<ObjectId>,
    history: &History,
) -> ByPath {
    let mut found = ByPath::new();
    let (mut bench, mut buffer) = (Bench::default(), Buffer::default());
    for id in placed {
        for presence in history.presences(id).unwrap_or_default() {
            // Nearly all paths are nobody's: the blob is not read for them.
            if context.scanner.detector.scan_path(&presence.path, b"?").is_empty() {
                continue;
            }
            let Ok(Some((Kind::Blob, text))) = store.find(id, &mut buffer) else { continue };
            let sightings = context.scanner.path(&presence.path, text, &mut bench);
            found.entry(*id).or_default().insert(presence.path, sightings);
        }
    }
    found
}
