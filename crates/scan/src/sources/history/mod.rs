//! All of history: every object once, in pack order; then, for hits only, where they came from.

mod attribute;
mod by_path;
pub(crate) mod introducer;
mod layers;
pub(crate) mod message;
mod named;
mod pass;
pub(crate) mod scope;
mod since;
mod staged_blobs;
mod starts;
mod state;
mod stay;
mod whole;

use std::collections::HashSet;

use bstr::{BStr, BString};
use unleak_findings::ObjectId;
use unleak_objects::history::{History, Interest, Question, Trees};
use unleak_objects::repository::Repository;
use unleak_objects::{Kind, KindSet, ObjectStore, Trouble, TroubleKind, VisitOptions, Visited};
use unleak_rules::file_name;

use self::layers::{Fresh, Layers};
use self::pass::{Pass, Seen};
use self::scope::{Gaps, Scope};
pub(crate) use self::staged_blobs::StagedBlobs;
pub use self::starts::HistoryError;
pub(crate) use self::starts::Starts;
use self::state::Witness;
use self::whole::{Desk, Found};
use crate::cache::{Cache, CacheUse, Sections};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::sources::refs;

/// More objects than that are not asked for one by one whether a commit that counts needs them: a partial clone lacks
/// millions, and nearly always all are needed.
const MISSING: usize = 1 << 16;

/// More loose objects are scanned each time.
const LOOSE: usize = 1 << 16;

/// A scan, with what is worth knowing for the next one.
struct Scanned {
    part: Part,
    /// How many drafts are about names of refs.
    about_refs: usize,
    visited: Visited,
    fresh: Fresh,
    witnesses: Vec<Witness>,
    /// Whether every object was read, each the first time it was tried.
    is_sound: bool,
}

/// Scans every object that refs or reflogs reach; with `everything`, all that are in the store: those that only the index
/// has are reported with their path in it. What the cache knows is not scanned again.
pub(crate) fn scan(
    context: &Context<'_>,
    repository: &Repository,
    starts: &Starts,
    store: &ObjectStore,
    everything: Option<&StagedBlobs>,
    cache: Option<&mut Cache>,
) -> Part {
    // What is kept is of scans of everything.
    let Some(cache) = cache.filter(|_| context.restriction.is_nothing()) else {
        return scan_objects(context, repository, starts, store, everything, None).part;
    };
    let loose = store.loose_ids();
    let of_loose =
        |loose: &Vec<ObjectId>| state::state(store, starts, loose, repository.is_partial(), everything);
    let now = loose.as_ref().and_then(of_loose);
    let desk = Desk { context, store, starts };
    if let Some(known) = cache.known().filter(|known| Some(known.state) == now && !context.progress.stopped())
        && !known.result.is_empty()
    {
        if let Some(part) = desk.read(&known.result) {
            cache.note(CacheUse::Everything);
            return part;
        }
        cache.refuse();
    }
    let layers = cache.known().map(|known| Layers::read(&known.layers, store));
    if layers.as_ref().is_some_and(Option::is_none) {
        cache.refuse();
    }
    let layers = layers.flatten().unwrap_or_default();
    cache.note(if layers.is_empty() { CacheUse::Nothing } else { CacheUse::Objects });
    let scanned = scan_objects(context, repository, starts, store, everything, Some(&layers));
    let Scanned { part, about_refs, visited, fresh, witnesses, is_sound } = scanned;
    let few_loose = loose.as_ref().is_some_and(|loose| loose.len() <= LOOSE);
    if !is_sound || !few_loose || context.progress.stopped() {
        return part;
    }
    let found = Found { part: &part, about_refs, visited, witnesses };
    // What came or went while everything was scanned belongs to no state.
    let result = if store.loose_ids() == loose { now.and_then(|_| desk.write(&found)) } else { None };
    if let Some(layers) = layers.grown(fresh, store) {
        let (state, result) = (now.unwrap_or_default(), result.unwrap_or_default());
        cache.keep(&Sections { layers, state, result });
    }
    part
}

/// Scans every object but those in which `known` says that nothing is.
fn scan_objects(
    context: &Context<'_>,
    repository: &Repository,
    starts: &Starts,
    store: &ObjectStore,
    everything: Option<&StagedBlobs>,
    known: Option<&Layers<'_>>,
) -> Scanned {
    let all_objects = everything.is_some();
    let (only, tips) = (context.restriction, &*context.restriction.tips(&starts.tips));
    let mask = refs::mask(context);
    let mut part = if only.has_pathless() {
        refs::scan(context, tips.iter().map(|tip| (&tip.name, tip.class)))
    } else {
        Part::default()
    };
    let about_refs = part.drafts.len();
    for trouble in starts.troubles.iter().filter(|trouble| only.has_ref(&trouble.name)) {
        let why = mask(&trouble.kind.to_string().into());
        part.coverage.skip(SkipReason::BrokenRef, mask(&trouble.name).to_string(), why.to_string());
    }

    context.progress.start(Phase::History, store.packed_count());
    let kinds = KindSet::of(&[Kind::Blob, Kind::Commit, Kind::Tag]);
    let known_blobs = known.filter(|known| !known.is_empty());
    // Commits and tags are read all the same, for what they lead to.
    let is_wanted =
        |id: &ObjectId, kind| kind != Kind::Blob || !known_blobs.is_some_and(|known| known.skips(id));
    let mut options = VisitOptions::new(kinds, context.threads, &context.progress.stop);
    options.select = known_blobs.is_some().then_some(&is_wanted);
    let outcome = store.visit(&options, || Pass::new(*context, store, known));
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
    let (blobs, bytes) = known.map_or((0, 0), Layers::skipped);
    (visited.blobs, visited.bytes) = (visited.blobs + blobs, visited.bytes + bytes);
    let mut noted = std::mem::take(&mut trees.noted);
    noted.named.extend(staged);
    let troubles = [outcome.troubles, std::mem::take(&mut trees.troubles)].concat();
    let (named, name_witnesses) = named::scan(context, store, &noted.named, &troubles, &mut part);

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
    part.history_read(&visited, tips.len());
    let mut witnesses = name_witnesses;
    witnesses.extend(seen.witnesses.drain(..).map(|id| (id, BString::default())));
    let is_sound = troubles.is_empty() && outcome.healed.is_empty();
    Scanned { part, about_refs, visited, fresh: std::mem::take(&mut seen.fresh), witnesses, is_sound }
}

/// Reads all trees: which blobs have names that rules ask for, what is missing, and who holds what was found so far.
fn read_trees(
    context: &Context<'_>,
    store: &ObjectStore,
    seen: &Seen,
    staged: &HashSet<(ObjectId, BString)>,
) -> Trees {
    let detector = context.scanner.detector;
    let interest = |name: &BStr| Interest {
        name: detector.asks_for_name(name),
        path: detector.asks_for_path(name),
        ..Interest::default()
    };
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
