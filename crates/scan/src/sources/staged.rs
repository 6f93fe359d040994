//! The index: what the next commit would add.

use std::collections::{BTreeSet, HashMap};

use bstr::BString;
use unleak_findings::{Exposure, Medium};
use unleak_objects::ObjectId;
use unleak_objects::repository::{Index, ObjectError, Repository, StagedChange};

use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::scanner::{Bench, Sighting};
use crate::sources::before;
use crate::sources::blobs::{BlobReader, Blobs};
use crate::workers;

/// What came of one staged file.
#[derive(Default)]
struct Staged {
    looked_at: bool,
    sightings: Vec<Sighting>,
    bytes: u64,
    unchanged: u64,
    lfs: bool,
    skipped: Option<(SkipReason, String)>,
}

/// Blobs by path and stage of an index.
type Versions = HashMap<(BString, u8), Option<ObjectId>>;

/// Scans the blobs that `index` has otherwise than HEAD and than the trees that are `merged`. Secrets that the version of
/// the same file in one of these already held are counted, not reported: this commit does not add them.
///
/// # Errors
/// When one of these trees cannot be read.
pub(crate) fn scan(
    context: &Context<'_>,
    repository: &Repository,
    index: &Index,
    head: Option<ObjectId>,
    merged: &[ObjectId],
) -> Result<Part, ObjectError> {
    let mut staged = repository.staged_changes(index, head)?;
    let mut others: Vec<Versions> = Vec::with_capacity(merged.len());
    for tree in merged {
        let changes = repository.staged_changes(index, Some(*tree))?;
        let versions = changes.files.into_iter().map(|change| ((change.path, change.stage), change.old));
        others.push(versions.collect());
    }
    staged.files.retain(|change| {
        others.iter().all(|versions| versions.contains_key(&(change.path.clone(), change.stage)))
    });
    staged.files.retain(|change| context.restriction.has_path(change.path.as_ref()));
    staged.submodules.retain(|path| context.restriction.has_path(path.as_ref()));
    context.progress.start(Phase::Index, staged.files.len() as u64);
    let blobs = Blobs::new(context, repository);
    let state = || (Bench::default(), blobs.reader());
    let (results, benches) =
        workers::each(context.threads, &staged.files, state, |(bench, reader), change: &StagedChange| {
            let key = (change.path.clone(), change.stage);
            let theirs = others.iter().filter_map(|versions| versions.get(&key).copied().flatten());
            one(context, &blobs, reader, (change, change.old.into_iter().chain(theirs).collect()), bench)
        });
    let mut part = Part::default();
    part.benches(benches.into_iter().map(|(bench, _)| bench));
    for (change, result) in staged.files.iter().zip(results) {
        part.objects += u64::from(result.looked_at);
        part.bytes += result.bytes;
        part.unchanged += result.unchanged;
        if let Some((reason, why)) = result.skipped {
            part.coverage.skip(reason, change.path.to_string(), why);
        }
        if result.lfs {
            part.coverage.skip(
                SkipReason::LfsPointer,
                change.path.to_string(),
                "its content is kept by Git LFS",
            );
        }
        part.drafts.extend(result.sightings.iter().map(|sighting| {
            let spot = Spot {
                medium: Medium::File,
                path: change.path.clone(),
                exposure: Exposure::Staged,
                blob: Some(change.new),
                recency: Recency::Index,
            };
            Draft::new(context.rules(), sighting, spot)
        }));
    }
    for path in staged.submodules {
        part.coverage.skip(SkipReason::Submodule, path.to_string(), "a submodule: scan it by itself");
    }
    part.note_stop(context, "index");
    part.coverage.scanned("index", vec![("staged files", part.objects)]);
    Ok(part)
}

fn one(
    context: &Context<'_>,
    blobs: &Blobs<'_>,
    reader: &mut BlobReader,
    (change, old): (&StagedChange, BTreeSet<ObjectId>),
    bench: &mut Bench,
) -> Staged {
    let mut staged = Staged::default();
    if context.progress.stopped() || !change.mode.is_blob() {
        return staged;
    }
    let looked = match blobs.scan(reader, &change.new, &change.path, bench) {
        Ok(looked) => looked,
        Err(unread) => {
            staged.skipped = Some((unread.reason, unread.why));
            return staged;
        }
    };
    staged.looked_at = true;
    (staged.bytes, staged.lfs, staged.skipped) = (looked.bytes, looked.lfs, looked.left_out);
    staged.sightings = looked.sightings;
    context.looked_at(staged.bytes, &staged.sightings);
    if !staged.sightings.is_empty() {
        let before: Vec<_> = old.iter().map(|old| blobs.before(reader, old, &change.path)).collect();
        staged.unchanged = before::drop_known(&mut staged.sightings, &before);
    }
    staged
}
