//! The commits of a range: what each of them introduces, against all its parents, and what it says.

use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;

use bstr::BString;
use unleak_findings::{Exposure, Medium, ObjectId};
use unleak_objects::Buffer;
use unleak_objects::history::History;
use unleak_objects::repository::{Change, RangeError, RefClass, RefsError, Repository, Tip};

use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::restriction::EVERYTHING;
use crate::scanner::Bench;
use crate::sources::blobs::{BlobReader, Blobs, Unread};
use crate::sources::commits::CommitsToScan;
use crate::sources::history::scope::Scope;
use crate::sources::history::{introducer, message};
use crate::sources::{before, brought, refs, tips};
use crate::workers;

/// What came of one commit.
#[derive(Default)]
struct Scanned {
    /// Commits looked at: it, or none if the scan was stopped.
    commits: u64,
    drafts: Vec<Draft>,
    skipped: Vec<(SkipReason, String, String)>,
    blobs: u64,
    bytes: u64,
    unchanged: u64,
}

/// Why a range is not scanned.
pub(crate) enum Unscanned {
    /// Its commits are not known.
    Range(RangeError),
    /// The refs that may lead to them are not.
    Refs(RefsError),
}

/// Scans the commits of `range`, and what the refs that lead to them are called and say. A secret that one of a commit's
/// parents already holds at the same path is counted, not reported. Where a range has only what is brought, none of the
/// repository's own refs is looked at.
///
/// # Errors
/// When the commits of the range, or the refs, cannot be known.
pub(crate) fn scan(
    context: &Context<'_>,
    repository: &Repository,
    store: &unleak_objects::ObjectStore,
    range: &CommitsToScan,
) -> Result<Part, Unscanned> {
    let commits = repository.commits_in_range(&range.include, &range.exclude).map_err(Unscanned::Range)?;
    // Asked for by the first finding only: there may be a ref for every pull request there ever was.
    let unpushed = OnceLock::new();
    let exposure = |id: &ObjectId| {
        let unpushed = unpushed.get_or_init(|| unpushed_in(repository, range, &commits.commits));
        if unpushed.contains(id) { Exposure::Committed } else { Exposure::Pushed }
    };
    let cut: HashSet<ObjectId> = commits.shallow_cut.iter().copied().collect();
    context.progress.start(Phase::Range, commits.commits.len() as u64);
    let (source, only) = (Blobs::new(context, repository), context.restriction);
    let state = || (Bench::default(), source.reader(), Buffer::default());
    let (results, benches) =
        workers::each_of_few(context.threads, &commits.commits, state, |(bench, reader, buffer), id| {
            if context.progress.stopped() {
                return Scanned::default();
            }
            let mut scanned = Scanned { commits: 1, ..Scanned::default() };
            if only.has_pathless() {
                commit(context, store, id, &exposure, buffer, bench, &mut scanned);
            }
            match reader.objects.changed_blobs(id, cut.contains(id)) {
                Ok(changes) => {
                    for change in changes.files.iter().filter(|change| only.has_path(change.path.as_ref())) {
                        let looked =
                            blob(context, &source, reader, change, (id, &exposure), bench, &mut scanned);
                        if let Err(unread) = looked {
                            scanned.skip(unread, change.path.to_string());
                        }
                    }
                    let submodules =
                        changes.submodules.into_iter().filter(|path| only.has_path(path.as_ref()));
                    scanned.skipped.extend(submodules.map(|path| {
                        (SkipReason::Submodule, path.to_string(), "a submodule: scan it by itself".to_owned())
                    }));
                }
                Err(error) => scanned.skip(source.unread(&error), format!("commit {id}")),
            }
            introducer::describe(store, id, buffer, &mut scanned.drafts);
            scanned
        });
    let mut part = Part::default();
    part.benches(benches.into_iter().map(|(bench, ..)| bench));
    let (mut count, mut blobs) = (0, 0);
    for scanned in results {
        part.objects += scanned.blobs + scanned.commits;
        part.bytes += scanned.bytes;
        part.unchanged += scanned.unchanged;
        part.drafts.extend(scanned.drafts);
        count += scanned.commits;
        blobs += scanned.blobs;
        for (reason, what, why) in scanned.skipped {
            part.coverage.skip(reason, what, why);
        }
    }
    for id in &commits.shallow_cut {
        let why = "its parents were not fetched: everything in it counts as new";
        part.coverage.skip(SkipReason::Shallow, format!("before commit {id}"), why);
    }
    if range.only_brought {
        brought::reach(context, repository, range, &mut part.drafts);
    } else if !part.drafts.is_empty() {
        reach(context, repository, store, &mut part.drafts);
    }
    let inside: HashSet<ObjectId> = commits.commits.iter().copied().collect();
    let mut said = Part::default();
    if !range.only_brought && only.has_pathless() {
        let named = tips::meant_by(&range.tips);
        let (tips, _) = repository.stored_tips_to(&inside, &named).map_err(Unscanned::Refs)?;
        said = tips::scan(context, store, &tips, &inside, named);
    }
    said.merge(brought::scan(context, repository, store, &range.brought, &inside));
    part.note_stop(context, &format!("range {}", range.name));
    let counts = vec![("commits", count), ("changed files", blobs), ("tags", said.objects)];
    part.coverage.scanned(format!("range {}", range.name), counts);
    part.merge(said);
    Ok(part)
}

/// Which of `commits` no remote is known to have.
fn unpushed_in(repository: &Repository, range: &CommitsToScan, commits: &[ObjectId]) -> HashSet<ObjectId> {
    let tips = repository.tips().map(|(tips, _)| tips).unwrap_or_default();
    let remote = |tip: &&Tip| matches!(tip.class, RefClass::RemoteTracking | RefClass::Pull);
    let pushed = tips.iter().filter(remote).map(|tip| tip.peeled.unwrap_or(tip.target));
    // Of the range only, lest a clone without remotes has all of its history walked.
    let known: Vec<ObjectId> = range.exclude.iter().copied().chain(pushed).collect();
    match repository.commits_in_range(&range.include, &known) {
        Ok(unpushed) => unpushed.commits.into_iter().collect(),
        // Refs of remotes may be broken; then nothing is known to be pushed.
        Err(_) => commits.iter().copied().collect(),
    }
}

/// Fills in which refs reach what was found. Refs that cannot be read were no reason to stop: they leave a gap here.
fn reach(
    context: &Context<'_>,
    repository: &Repository,
    store: &unleak_objects::ObjectStore,
    drafts: &mut [Draft],
) {
    let (Ok((tips, _)), Ok((reflogs, _))) = (repository.tips(), repository.reflogs()) else { return };
    let oldest = drafts.iter().flat_map(|draft| &draft.finding.appearances);
    let oldest = oldest.filter_map(|seen| seen.commit.as_ref()).map(|commit| commit.committed).min();
    let ends = tips.iter().map(|tip| tip.target).chain(reflogs.iter().map(|entry| entry.id));
    let history = History::since(store, ends, oldest.unwrap_or(i64::MIN));
    let scope = Scope::new(&history, &tips, &reflogs, &[], false, &EVERYTHING, &refs::mask(context));
    let head = repository.head_tree().ok().flatten();
    for drafts in drafts.chunks_mut(64) {
        let sets: Vec<_> = drafts.iter().map(|draft| numbers(&history, draft)).collect();
        let masks = history.graph.descendants(&sets);
        for (bit, draft) in drafts.iter_mut().enumerate() {
            let finding = &mut draft.finding;
            let now = head.and_then(|tree| repository.file_in_tree(&tree, &finding.path).ok().flatten());
            let in_head = finding.medium == Medium::File && now.is_some() && now == finding.blob;
            finding.reach = scope.reach(in_head, &|commit| masks[commit as usize] & (1 << bit) != 0);
        }
    }
}

fn numbers(history: &History, draft: &Draft) -> Vec<unleak_objects::history::CommitNumber> {
    let commits = draft.finding.appearances.iter().filter_map(|appearance| appearance.commit.as_ref());
    commits.filter_map(|commit| history.graph.number(&commit.id)).collect()
}

impl Scanned {
    fn skip(&mut self, unread: Unread, what: String) {
        self.skipped.push((unread.reason, what, unread.why));
    }
}

fn commit(
    context: &Context<'_>,
    store: &unleak_objects::ObjectStore,
    id: &ObjectId,
    exposure: &impl Fn(&ObjectId) -> Exposure,
    buffer: &mut Buffer,
    bench: &mut Bench,
    scanned: &mut Scanned,
) {
    let Ok(Some((unleak_objects::Kind::Commit, bytes))) = store.find(id, buffer) else {
        scanned.skipped.push((SkipReason::Corrupt, format!("commit {id}"), "it cannot be read".to_owned()));
        return;
    };
    scanned.bytes += bytes.len() as u64;
    for (medium, path, sighting) in message::commit(&context.scanner, bytes, store.hash(), bench) {
        let spot =
            Spot { medium, path, exposure: exposure(id), blob: None, recency: Recency::Commit(0, *id) };
        scanned.drafts.push(Draft::new(context.rules(), &sighting, spot));
    }
}

fn blob(
    context: &Context<'_>,
    blobs: &Blobs<'_>,
    reader: &mut BlobReader,
    change: &Change,
    (commit, exposure): (&ObjectId, &impl Fn(&ObjectId) -> Exposure),
    bench: &mut Bench,
    scanned: &mut Scanned,
) -> Result<(), Unread> {
    let mut looked = blobs.scan(reader, &change.id, &change.path, bench)?;
    scanned.blobs += 1;
    scanned.bytes += looked.bytes;
    let lfs = looked.lfs.then(|| (SkipReason::LfsPointer, "its content is kept by Git LFS".to_owned()));
    for (reason, why) in lfs.into_iter().chain(looked.left_out) {
        scanned.skipped.push((reason, change.path.to_string(), why));
    }
    context.looked_at(looked.bytes, &looked.sightings);
    if looked.sightings.is_empty() {
        return Ok(());
    }
    let old: BTreeSet<&ObjectId> = change.old.iter().flatten().collect();
    let parents: Vec<_> = old.into_iter().map(|id| blobs.before(reader, id, &change.path)).collect();
    scanned.unchanged += before::drop_known(&mut looked.sightings, &parents);
    for sighting in &looked.sightings {
        let spot = Spot {
            medium: Medium::File,
            path: BString::clone(&change.path),
            exposure: exposure(commit),
            blob: Some(change.id),
            recency: Recency::Commit(0, *commit),
        };
        scanned.drafts.push(Draft::new(context.rules(), sighting, spot));
    }
    Ok(())
}
