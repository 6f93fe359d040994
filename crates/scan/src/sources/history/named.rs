//! Blobs under a name that some rule asks for.

use std::collections::{BTreeMap, HashSet};

use bstr::BString;
use unleak_findings::ObjectId;
use unleak_objects::{Buffer, Kind, ObjectStore, Trouble};

use super::state::Witness;
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::scanner::{Bench, Sighting};
use crate::sources::unread;

/// Sightings in blobs for which the file's name matters, by blob and name.
pub(super) type Named = BTreeMap<ObjectId, BTreeMap<BString, Vec<Sighting>>>;

/// Scans the blobs whose name some rule asks for, again and as files of that name. For those that cannot be read, what
/// the pass saw in them stays. Beside the sightings come those of the blobs that hold, together, every secret below the
/// threshold.
pub(super) fn scan(
    context: &Context<'_>,
    store: &ObjectStore,
    wanted: &HashSet<(ObjectId, BString)>,
    known: &[Trouble],
    part: &mut Part,
) -> (Named, Vec<Witness>) {
    let mut wanted: Vec<_> = wanted.iter().collect();
    wanted.sort_unstable();
    let state = || (Bench::default(), Buffer::default());
    let (results, benches) =
        crate::workers::each(context.threads, &wanted, state, |(bench, buffer), (id, name)| {
            if context.progress.stopped() {
                return None;
            }
            let (mut looked, hidden) = (None, bench.hidden.len());
            let found = store.find_with(id, buffer, &mut |kind, content| {
                looked = (kind == Kind::Blob).then(|| context.named_blob(name, content, bench));
            });
            Some(match (found, looked) {
                (Ok(Some(_)), Some(looked)) => Ok((looked, bench.hidden.len() > hidden)),
                (Ok(Some(_)), None) => Err((SkipReason::Corrupt, "a tree takes it for a file".to_owned())),
                (Ok(None), _) => {
                    Err((SkipReason::Missing, "it was removed while history was read".to_owned()))
                }
                (Err(error), _) => Err((unread::reason_of_read(&error), unread::chain(&error))),
            })
        });
    part.benches(benches.into_iter().map(|(bench, _)| bench));
    let known: HashSet<_> = known.iter().filter_map(|trouble| trouble.id).collect();
    let (mut named, mut witnesses) = (Named::new(), Vec::new());
    for ((id, name), result) in wanted.into_iter().zip(results) {
        match result {
            Some(Ok((looked, is_witness))) => {
                if is_witness {
                    witnesses.push((*id, name.clone()));
                }
                if let Some((reason, why)) = looked.left_out {
                    part.coverage.skip(reason, format!("object {id}, a file called {name}"), why);
                }
                named.entry(*id).or_default().insert(name.clone(), looked.sightings);
            }
            Some(Err((reason, why))) if !known.contains(id) => {
                part.coverage.skip(reason, format!("object {id}"), why);
            }
            // In the ledger already, or the scan was stopped.
            Some(Err(_)) | None => {}
        }
    }
    (named, witnesses)
}
