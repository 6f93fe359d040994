//! All of history: every object once, in pack order; then, for hits only, where they came from.

mod attribute;
mod by_path;
pub(crate) mod introducer;
pub(crate) mod message;
mod named;
mod pass;
pub(crate) mod scope;
mod since;
mod staged_blobs;
mod stay;

use std::collections::HashSet;

use bstr::{BStr, BString};
use unleak_findings::ObjectId;
use unleak_objects::history::{History, Interest, Question, Trees};
use unleak_objects::repository::{RefTrouble, ReflogEntry, RefsError, Repository, ShallowError, Tip};
use unleak_objects::{Kind, KindSet, ObjectStore, Trouble, TroubleKind, VisitOptions};
use unleak_rules::file_name;

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
    let (only, tips) = (context.restriction, &*context.restriction.tips(&starts.tips));
    let mask = |name: &BString| refs::masked(context, name);
    let mut part = if only.has_pathless() {
        refs::scan(context, tips.iter().map(|tip| (&tip.name, tip.class)))
    } else {
        Part::default()
    };
    for trouble in starts.troubles.iter().filter(|trouble| only.has_ref(&trouble.name)) {
        let why = mask(&trouble.kind.to_string().into());
        part.coverage.skip(SkipReason::BrokenRef, mask(&trouble.name).to_string(), why.to_string());
    }

    context.progress.start(Phase::History, store.packed_count());
    let kinds = KindSet::of(&[Kind::Blob, Kind::Commit, Kind::Tag]);
    let options = VisitOptions::new(kinds, context.threads, &context.progress.stop);
    let outcome = store.visit(&options, || Pass::new(*context, store));
    let mut seen = Seen::default();
    for pass in outcome.visitors {
        let (one, bench) = pass.finish();
        seen.merge(one);
        part.benches([bench]);
    }
    part.troubles(&outcome.troubles);
    let roots = scope::roots_without_commit(store, &seen.ancestry, tips, &mask);
    let staged = staged_names(context, store, everything);
    let mut trees = read_trees(context, store, &seen, &staged);
    trees.troubles.retain(|trouble| !outcome.troubles.contains(trouble));
    part.troubles(&trees.troubles);
    let mut visited = outcome.visited;
    visited.add(&trees.visited);
    part.objects += visited.objects();
    part.bytes += visited.bytes;
    let mut noted = std::mem::take(&mut trees.noted);
    noted.named.extend(staged);
    let troubles = [outcome.troubles, std::mem::take(&mut trees.troubles)].concat();
    let named = named::scan(context, store, &noted.named, &troubles, &mut part);

    context.progress.go_on(Phase::Attribution);
    let history = &History::new(std::mem::take(&mut seen.ancestry), &roots.trees, trees);
    let by_path = by_path::scan(context, store, &noted.placed, history);
    let hits = attribute::Hits { seen: &seen, named: &named, by_path, roots: &roots, staged: everything };
    if context.progress.stopped() {
        // What is known of history by now would attribute wrongly.
        attribute::unattributed(context, &hits, store, &mut part);
    } else {
        let mut missing: Vec<ObjectId> = seen.missing.union(&noted.missing).copied().collect();
        missing.sort_unstable();
        let scope =
            Scope::new(history, &starts.tips, &starts.reflogs, &starts.shallow, all_objects, only, &mask);
        let (partial, all_missing_count) = (repository.is_partial(), noted.missing_displaced);
        let gaps = Gaps { history, store, missing: &missing, all_missing_count, partial };
        gaps.note_tips(tips, &mask, &mut part.coverage);
        scope.note_gaps(&gaps, &mut part.coverage);
        attribute::drafts(context, &hits, history, &scope, store, &mut part);
    }
    for id in &seen.lfs {
        part.coverage.skip(SkipReason::LfsPointer, format!("blob {id}"), "its content is kept by Git LFS");
    }
    for (id, why) in &seen.malformed {
        part.coverage.skip(SkipReason::Corrupt, format!("object {id}"), why);
    }
    for (id, why) in &noted.malformed {
        part.coverage.skip(SkipReason::Corrupt, format!("object {id}"), why.to_string());
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

/// Reads all trees: which blobs have names that rules ask for, what is missing, and who holds what was found so far.
fn read_trees(
    context: &Context<'_>,
    store: &ObjectStore,
    seen: &Seen,
    staged: &HashSet<(ObjectId, BString)>,
) -> Trees {
    let detector = context.scanner.detector;
    let interest =
        |name: &BStr| Interest { name: detector.asks_for_name(name), path: detector.asks_for_path(name) };
    let found = seen.blobs.keys().chain(&seen.missing).chain(staged.iter().map(|(id, _)| id));
    let mut question =
        Question { targets: found.copied().collect(), interests: Some(&interest), with_ids: false };
    let mut options = VisitOptions::new(KindSet::ALL, context.threads, &context.progress.stop);
    options.progress = Some(&context.progress.trees);
    let trees = Trees::read(store, &question, &options);
    if !trees.noted.missing_displaced || trees.noted.missing.len() > MISSING {
        return trees;
    }
    question.targets.extend(trees.noted.missing);
    // These have been counted.
    options.progress = None;
    let mut trees = Trees::read(store, &question, &options);
    trees.noted.missing_displaced = false;
    trees
}

/// Blobs that the index has at names that rules ask for: no tree need have them.
fn staged_names(
    context: &Context<'_>,
    store: &ObjectStore,
    staged: Option<&StagedBlobs>,
) -> HashSet<(ObjectId, BString)> {
    let named = staged.into_iter().flat_map(StagedBlobs::all).map(|(id, path)| (*id, file_name(path).into()));
    named
        .filter(|(id, name): &(ObjectId, BString)| {
            context.scanner.detector.asks_for_name(name) && store.contains(id)
        })
        .collect()
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
