//! Where hits came from: paths, the commits that introduced them, and the refs that still reach them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use bstr::BString;
use unleak_findings::{Appearance, Commit, Exposure, Medium, ObjectId};
use unleak_objects::history::{CommitNumber, History};
use unleak_objects::repository::RefClass;
use unleak_objects::{Buffer, Kind, ObjectStore};
use unleak_rules::file_name;

use super::by_path::ByPath;
use super::introducer;
use super::named::Named;
use super::pass::Seen;
use super::scope::{BareRoots, Scope, short};
use super::since;
use super::staged_blobs::StagedBlobs;
use super::stay::{self, Groups, Key, Stay, Version, key};
use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::scanner::Sighting;

/// What there is to attribute.
pub(super) struct Hits<'h> {
    pub(super) seen: &'h Seen,
    pub(super) named: &'h Named,
    pub(super) by_path: ByPath,
    pub(super) roots: &'h BareRoots,
    /// What the index has, if it is to be told apart from garbage.
    pub(super) staged: Option<&'h StagedBlobs>,
}

/// Introducing commits named for one version; cherry-picks of the same bytes can be many.
const INTRODUCERS: usize = 64;

impl<'h> Hits<'h> {
    /// The blobs with sightings.
    pub(super) fn blobs(&self) -> BTreeSet<&ObjectId> {
        let named = self.named.iter().filter(|(_, names)| names.values().any(|found| !found.is_empty()));
        self.seen.blobs.keys().chain(named.map(|(id, _)| id)).chain(self.by_path.keys()).collect()
    }

    /// The sightings in a blob that the index has, at each path there.
    fn staged(&self, id: &ObjectId) -> impl Iterator<Item = (&'h BString, &'h Sighting)> {
        let (named, unnamed) = (self.named.get(id), self.seen.blobs.get(id));
        self.staged.into_iter().flat_map(|staged| staged.paths(id)).flat_map(move |path| {
            let found = named.and_then(|names| names.get(file_name(path))).or(unnamed);
            found.into_iter().flatten().map(move |sighting| (path, sighting))
        })
    }

    /// The sightings in a blob that has no path: those under the names that trees give it, if there are any, else those
    /// for which the name did not matter.
    fn anywhere(&self, id: &ObjectId) -> Vec<&'h Sighting> {
        let named: Vec<_> = self.named.get(id).into_iter().flat_map(BTreeMap::values).flatten().collect();
        if named.is_empty() { self.seen.blobs.get(id).into_iter().flatten().collect() } else { named }
    }
}

/// Makes drafts of all hits that count.
pub(super) fn drafts(
    context: &Context<'_>,
    hits: &Hits<'_>,
    history: &History,
    scope: &Scope,
    store: &ObjectStore,
    part: &mut Part,
) {
    let mut groups = Groups::new();
    let restriction = context.restriction;
    let places = blobs(context, hits, history, scope, &mut groups);
    if restriction.has_pathless() {
        said(hits, history, scope, &mut groups);
    }
    if restriction.since.is_some() {
        let touched;
        (groups, touched) = since::keep(groups, &history.graph, &scope.window, store);
        part.unchanged += touched;
    }
    let mut writer =
        Writer { context, history, scope, store, commits: HashMap::new(), buffer: Buffer::default() };
    let groups: Vec<_> = groups.into_iter().collect();
    for chunk in groups.chunks(64) {
        writer.chunk(chunk, part);
    }
    loose_ends(context, hits, history, scope, store, &places, part);
    everywhere(context, hits, history, scope, &places.everywhere, part);
}

/// Blobs that have no path to report.
#[derive(Default)]
struct Unplaced<'h> {
    /// At no path in no commit.
    nowhere: Vec<&'h ObjectId>,
    /// At more paths than can be listed.
    everywhere: Vec<&'h ObjectId>,
}

fn blobs<'h>(
    context: &Context<'_>,
    hits: &'h Hits<'h>,
    history: &History,
    scope: &Scope,
    groups: &mut Groups<'h>,
) -> Unplaced<'h> {
    let mut unplaced = Unplaced::default();
    let ids: Vec<_> = hits.blobs().into_iter().collect();
    let (all, _) = crate::workers::each(
        context.threads,
        &ids,
        || (),
        |(), id| stay::stays(context.restriction, history, scope, id),
    );
    for (id, stays) in ids.into_iter().zip(all) {
        let Some((anywhere, stays)) = stays else {
            unplaced.everywhere.push(id);
            continue;
        };
        if !anywhere {
            unplaced.nowhere.push(id);
        }
        let by_name = hits.named.get(id);
        for (path, note, stay) in stays {
            let stay = Rc::new(stay);
            let named = by_name.and_then(|names| names.get(file_name(&path)));
            let sightings = named.or_else(|| hits.seen.blobs.get(id));
            let (medium, path) = if note { (Medium::Note, "(note)".into()) } else { (Medium::File, path) };
            let by_path = hits.by_path.get(id).and_then(|paths| paths.get(&path));
            for sighting in sightings.into_iter().chain(by_path).flatten() {
                let version = Version { sighting, blob: Some(*id), stay: Rc::clone(&stay) };
                groups.entry(key(medium, path.clone(), sighting)).or_default().push(version);
            }
        }
    }
    unplaced
}

fn said<'h>(hits: &'h Hits<'h>, history: &History, scope: &Scope, groups: &mut Groups<'h>) {
    let mut said: Vec<_> = hits.seen.said.iter().collect();
    said.sort_unstable_by_key(|(id, _)| **id);
    for (id, said) in said {
        let Some(commit) = history.graph.number(id).filter(|&commit| scope.counted.contains(commit)) else {
            continue;
        };
        let Some(stay) = Stay::new(history, scope, &mut vec![commit]) else { continue };
        let stay = Rc::new(stay);
        for (medium, path, sighting) in said {
            let version = Version { sighting, blob: None, stay: Rc::clone(&stay) };
            groups.entry(key(*medium, path.clone(), sighting)).or_default().push(version);
        }
    }
}

/// Turns groups into drafts.
struct Writer<'a, 'c> {
    context: &'a Context<'c>,
    history: &'a History,
    scope: &'a Scope,
    store: &'a ObjectStore,
    commits: HashMap<CommitNumber, Option<Commit>>,
    buffer: Buffer,
}

impl Writer<'_, '_> {
    /// At most 64 groups, so that one sweep tells which refs descend from each.
    fn chunk(&mut self, chunk: &[(Key<'_>, Vec<Version<'_>>)], part: &mut Part) {
        let sets: Vec<Vec<CommitNumber>> = chunk
            .iter()
            .map(|(_, versions)| {
                versions.iter().flat_map(|version| version.stay.introducers.iter().copied()).collect()
            })
            .collect();
        let masks = self.history.graph.descendants(&sets);
        for (bit, (key, versions)) in chunk.iter().enumerate() {
            let reaches = |commit: CommitNumber| masks[commit as usize] & (1 << bit) != 0;
            let draft = self.draft(key, versions, &reaches);
            part.drafts.push(draft);
        }
    }

    fn draft(
        &mut self,
        key: &Key<'_>,
        versions: &[Version<'_>],
        reaches: &dyn Fn(CommitNumber) -> bool,
    ) -> Draft {
        let newest = |version: &&Version<'_>| (version.stay.in_head, version.stay.last, version.blob);
        let shown = versions.iter().max_by_key(newest).expect("a group has a version");
        let is_in_head = key.0 == Medium::File && shown.stay.in_head;
        let exposure = exposure(versions.iter().any(|version| version.stay.pushed));
        let last = shown.stay.last;
        let recency = if is_in_head {
            Recency::Head
        } else {
            Recency::Commit(self.history.graph.time(last), self.history.graph.id(last))
        };
        let spot = Spot { medium: key.0, path: key.1.clone(), exposure, blob: shown.blob, recency };
        let mut draft = Draft::new(self.context.rules(), shown.sighting, spot);
        draft.object = shown.blob.or_else(|| Some(self.history.graph.id(last)));
        draft.finding.reach = self.scope.reach(is_in_head, reaches);
        draft.finding.appearances =
            versions.iter().flat_map(|version| self.appearances(&key.1, version)).collect();
        draft
    }

    /// One for each commit that introduced the version.
    fn appearances(&mut self, path: &BString, version: &Version<'_>) -> Vec<Appearance> {
        let exposure = exposure(version.stay.pushed);
        let line = version.sighting.match_place.start_line;
        let appearance =
            |commit| Appearance { exposure, path: path.clone(), blob: version.blob, commit, line };
        let introducers = version.stay.introducers.iter().take(INTRODUCERS);
        let mut commits: Vec<_> = introducers.filter_map(|number| self.commit(*number)).collect();
        // A tree that a ref names without a commit.
        if commits.is_empty() {
            return vec![appearance(None)];
        }
        commits.sort_unstable();
        commits.into_iter().map(|commit| appearance(Some(commit))).collect()
    }

    fn commit(&mut self, number: CommitNumber) -> Option<Commit> {
        let (store, id, buffer) = (self.store, self.history.graph.id(number), &mut self.buffer);
        self.commits.entry(number).or_insert_with(|| introducer::commit(store, &id, buffer)).clone()
    }
}

fn exposure(pushed: bool) -> Exposure {
    if pushed { Exposure::Pushed } else { Exposure::Committed }
}

/// Hits that no commit holds: annotated tags, blobs that a ref names, and with `--all-objects` garbage.
fn loose_ends(
    context: &Context<'_>,
    hits: &Hits<'_>,
    history: &History,
    scope: &Scope,
    store: &ObjectStore,
    places: &Unplaced<'_>,
    part: &mut Part,
) {
    let (none, is_pathless) = (BTreeSet::new(), context.restriction.has_pathless());
    let is_meant = |id: &ObjectId| {
        is_pathless && history.graph.number(id).is_none() && context.restriction.has_time(tagged(store, id))
    };
    let mut said: Vec<_> = hits.seen.said.iter().filter(|(id, _)| is_meant(id)).collect();
    said.sort_unstable_by_key(|(id, _)| **id);
    for (id, said) in said {
        let refs = hits.roots.tags.get(id).unwrap_or(&none);
        for (medium, path, sighting) in said {
            let draft = unrooted(context, scope, sighting, (*medium, path.clone(), None), refs);
            part.drafts.extend(draft.map(|draft| Draft { object: Some(*id), ..draft }));
        }
    }
    for (id, refs) in hits.roots.blobs.iter().filter(|_| is_pathless) {
        let name = refs.first().map_or_else(String::new, ToString::to_string);
        for sighting in hits.anywhere(id) {
            let what = (Medium::File, format!("(blob of {name})").into(), Some(*id));
            part.drafts.extend(unrooted(context, scope, sighting, what, refs));
        }
    }
    for id in places.nowhere.iter().filter(|id| !hits.roots.blobs.contains_key(**id)) {
        let staged: Vec<_> =
            hits.staged(id).map(|(path, sighting)| (path, staged(context, id, path, sighting))).collect();
        if !staged.is_empty() || !is_pathless {
            let meant = staged.into_iter().filter(|(path, _)| context.restriction.has_path((*path).as_ref()));
            part.drafts.extend(meant.map(|(_, draft)| draft));
            continue;
        }
        for sighting in hits.anywhere(id) {
            let what = (Medium::File, format!("(unreachable blob {id})").into(), Some(**id));
            part.drafts.extend(unrooted(context, scope, sighting, what, &none));
        }
    }
}

/// When a tag was made, if it says so.
fn tagged(store: &ObjectStore, id: &ObjectId) -> Option<i64> {
    let mut buffer = Buffer::default();
    let Ok(Some((Kind::Tag, bytes))) = store.find(id, &mut buffer) else { return None };
    unleak_objects::tag::parse(bytes, store.hash()).ok()?.tagger?.time.map(|time| time.seconds)
}

/// A draft of what the index has at `path`, the one that scanning the index makes.
fn staged(context: &Context<'_>, id: &ObjectId, path: &BString, sighting: &Sighting) -> Draft {
    let (medium, path, exposure) = (Medium::File, path.clone(), Exposure::Staged);
    let spot = Spot { medium, path, exposure, blob: Some(*id), recency: Recency::Index };
    Draft::new(context.rules(), sighting, spot)
}

/// Hits that stand at more paths than can be listed.
fn everywhere(
    context: &Context<'_>,
    hits: &Hits<'_>,
    history: &History,
    scope: &Scope,
    ids: &[&ObjectId],
    part: &mut Part,
) {
    if ids.is_empty() {
        return;
    }
    let (counted, pushed) = (history.held_by(&scope.window), history.held_by(&scope.pushed));
    for id in ids.iter().filter(|id| counted.holds(id)) {
        let why = "it holds secrets and stands at more paths than can be listed";
        part.coverage.skip(SkipReason::TooLarge, format!("blob {id}"), why);
        part.drafts.extend(
            hits.anywhere(id).into_iter().map(|found| bare(context, found, id, exposure(pushed.holds(id)))),
        );
    }
}

/// Makes drafts of all hits of a scan that was stopped before it could find out where they came from.
pub(super) fn unattributed(context: &Context<'_>, hits: &Hits<'_>, store: &ObjectStore, part: &mut Part) {
    for id in hits.blobs() {
        part.drafts
            .extend(hits.anywhere(id).into_iter().map(|found| bare(context, found, id, Exposure::Committed)));
    }
    let mut said: Vec<_> = hits.seen.said.iter().collect();
    said.sort_unstable_by_key(|(id, _)| **id);
    let mut buffer = Buffer::default();
    for (id, said) in said {
        let draft = |(medium, path, sighting): &(Medium, BString, Sighting)| {
            let (path, exposure) = (path.clone(), Exposure::Committed);
            let spot = Spot { medium: *medium, path, exposure, blob: None, recency: Recency::Commit(0, *id) };
            Draft::new(context.rules(), sighting, spot)
        };
        let mut drafts: Vec<_> = said.iter().map(draft).collect();
        introducer::describe(store, id, &mut buffer, &mut drafts);
        part.drafts.extend(drafts);
    }
}

/// A draft that says no more than which blob it is about.
fn bare(context: &Context<'_>, sighting: &Sighting, id: &ObjectId, exposure: Exposure) -> Draft {
    let (path, recency) = (format!("(blob {id})").into(), Recency::Commit(0, *id));
    let spot = Spot { medium: Medium::File, path, exposure, blob: Some(*id), recency };
    Draft::new(context.rules(), sighting, spot)
}

fn unrooted(
    context: &Context<'_>,
    scope: &Scope,
    sighting: &Sighting,
    (medium, path, blob): (Medium, BString, Option<ObjectId>),
    refs: &BTreeSet<BString>,
) -> Option<Draft> {
    if refs.is_empty() && !scope.everything() {
        return None;
    }
    let remote = |name: &BString| name.starts_with(b"refs/remotes/") || name == "FETCH_HEAD";
    let exposure = exposure(refs.iter().any(remote));
    let spot = Spot { medium, path, exposure, blob, recency: Recency::Commit(0, blob.unwrap_or_else(null)) };
    let mut draft = Draft::new(context.rules(), sighting, spot);
    for name in refs {
        let class = RefClass::of(name.as_ref());
        let reach = &mut draft.finding.reach;
        let names = match class {
            RefClass::Tag => &mut reach.tags,
            RefClass::Branch => &mut reach.branches,
            RefClass::RemoteTracking => &mut reach.remotes,
            _ => &mut reach.others,
        };
        names.push(short(class, name));
    }
    Some(draft)
}

fn null() -> ObjectId {
    ObjectId::null(gix_hash::Kind::Sha1)
}
