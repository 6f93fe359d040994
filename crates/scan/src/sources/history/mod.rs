//! All of history: every object once, in pack order; then, for hits only, where they came from.

mod attribute;
mod by_path;
pub(crate) mod introducer;
pub(crate) mod message;
mod named;
mod pass;
pub(crate) mod scope;
mod staged_blobs;

use bstr::BString;
use unleak_findings::ObjectId;
use unleak_objects::history::History;
use unleak_objects::repository::{RefTrouble, ReflogEntry, RefsError, Repository, ShallowError, Tip};
use unleak_objects::{KindSet, ObjectStore, Trouble, TroubleKind, VisitOptions, Visited};

use self::pass::{Pass, Seen};
use self::scope::{Gaps, Scope};
pub(crate) use self::staged_blobs::StagedBlobs;
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::sources::refs;

/// Why history could not be scanned at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// The refs cannot be listed.
    #[error(transparent)]
    Refs(#[from] RefsError),
    /// The list of shallow commits cannot be read.
    #[error(transparent)]
    Shallow(#[from] ShallowError),
}

/// More objects than that are not asked for one by one whether a commit that counts needs them: a partial clone lacks
/// millions, and nearly always all are needed.
const MISSING: usize = 1 << 16;

/// Where history begins. To be read before the object store is opened: what is written later does not count then.
pub(crate) struct Starts {
    tips: Vec<Tip>,
    reflogs: Vec<ReflogEntry>,
    troubles: Vec<RefTrouble>,
    shallow: Vec<ObjectId>,
}

impl Starts {
    /// Reads refs and reflogs.
    pub(crate) fn read(repository: &Repository) -> Result<Self, HistoryError> {
        let (tips, mut troubles) = repository.tips()?;
        let (reflogs, more) = repository.reflogs()?;
        troubles.extend(more);
        Ok(Self { tips, reflogs, troubles, shallow: repository.shallow_commits()? })
    }
}

/// Scans every object that refs or reflogs reach; with `everything`, all that are in the store: those that only the index
/// has are reported with their path in it.
pub(crate) fn scan(
    context: &Context<'_>,
    repository: &Repository,
    starts: &Starts,
    store: &ObjectStore,
    everything: Option<&StagedBlobs>,
) -> Part {
    let all_objects = everything.is_some();
    let tips = &starts.tips;
    let mask = |name: &BString| refs::masked(context, name);
    let mut part = refs::scan(context, tips.iter().map(|tip| (&tip.name, tip.class)));
    for trouble in &starts.troubles {
        let why = mask(&trouble.kind.to_string().into());
        part.coverage.skip(SkipReason::BrokenRef, mask(&trouble.name).to_string(), why.to_string());
    }

    context.progress.start(Phase::History, store.packed_count());
    let options = VisitOptions::new(KindSet::ALL, context.threads, &context.progress.stop);
    let outcome = store.visit(&options, || Pass::new(*context, store));
    let mut seen = Seen::default();
    for pass in outcome.visitors {
        let (one, bench) = pass.finish();
        seen.merge(one);
        part.benches([bench]);
    }
    let only_if_asked_for = everything.into_iter().flat_map(StagedBlobs::all);
    seen.name(only_if_asked_for, context, store);
    let visited = outcome.visited;
    part.objects += visited.objects();
    part.bytes += visited.bytes;
    part.troubles(&outcome.troubles);
    let named = named::scan(context, store, &seen, &outcome.troubles, &mut part);

    context.progress.start(Phase::Attribution, 0);
    let mut missing: Vec<ObjectId> = seen.missing.iter().copied().collect();
    missing.sort_unstable();
    let all_missing_count = missing.len() > MISSING;
    let asked = if all_missing_count { &[] } else { missing.as_slice() };
    let roots = scope::roots_without_commit(store, &seen.tags, tips, &mask);
    let by_path = by_path::ByPath::new();
    let mut hits = attribute::Hits { seen: &seen, named: &named, by_path, roots: &roots, staged: everything };
    let targets = hits.blobs().into_iter().chain(asked).chain(&seen.by_path).copied();
    let (history, troubles) =
        History::read(store, targets, &roots.trees, context.threads, &context.progress.stop);
    hits.by_path = by_path::scan(context, store, &seen, &history);
    if context.progress.stopped() {
        // What is known of history by now would attribute wrongly.
        attribute::unattributed(context, &hits, store, &mut part);
    } else {
        note_second_pass(&visited, &history, &outcome.troubles, troubles, &mut part);
        let scope = Scope::new(&history, tips, &starts.reflogs, &starts.shallow, all_objects, &mask);
        let partial = repository.is_partial();
        let gaps = Gaps { history: &history, store, missing: &missing, all_missing_count, partial };
        gaps.note_tips(tips, &mask, &mut part.coverage);
        scope.note_gaps(&gaps, &mut part.coverage);
        attribute::drafts(context, &hits, &history, &scope, store, &mut part);
    }
    for id in &seen.lfs {
        part.coverage.skip(SkipReason::LfsPointer, format!("blob {id}"), "its content is kept by Git LFS");
    }
    for (id, why) in &seen.malformed {
        part.coverage.skip(SkipReason::Corrupt, format!("object {id}"), why);
    }
    part.note_stop(context, "history");
    let counts = vec![
        ("commits", visited.commits),
        ("trees", visited.trees),
        ("blobs", visited.blobs),
        ("tags", visited.tags),
        ("refs", tips.len() as u64),
    ];
    part.coverage.scanned("history", counts);
    part
}

/// Enters into the ledger what the second pass could not read and the first one could.
fn note_second_pass(
    first: &Visited,
    history: &History,
    known: &[Trouble],
    mut troubles: Vec<Trouble>,
    part: &mut Part,
) {
    troubles.retain(|trouble| !known.contains(trouble));
    part.troubles(&troubles);
    let second = &history.visited;
    // Trees are only read again if there is something to attribute.
    let fewer_trees = second.trees > 0 && second.trees < first.trees;
    if second.commits < first.commits || second.tags < first.tags || fewer_trees {
        let why = "objects were removed while it was read: scan again";
        part.coverage.skip(SkipReason::Unstable, "history", why);
    }
}

impl Part {
    /// Enters what the object store could not read into the ledger.
    pub(crate) fn troubles(&mut self, troubles: &[Trouble]) {
        for trouble in troubles {
            let reason = match trouble.kind {
                TroubleKind::Unreadable => SkipReason::Unreadable,
                TroubleKind::TooLarge => SkipReason::TooLarge,
                _ => SkipReason::Corrupt,
            };
            let what =
                trouble.id.map_or_else(|| trouble.path.display().to_string(), |id| format!("object {id}"));
            self.coverage.skip(reason, what, &*trouble.message);
        }
    }
}
