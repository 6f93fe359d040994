//! Which part of history counts: what refs and reflogs reach, and what is missing from it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bstr::BString;
use unleak_findings::{ObjectId, Reach};
use unleak_objects::history::{Ancestry, CommitNumber, CommitSet, History};
use unleak_objects::repository::{RefClass, ReflogEntry, Tip};
use unleak_objects::{Kind, ObjectStore};

use crate::outcome::{Coverage, SkipReason, Skipped};
use crate::restriction::Restriction;

/// Refs as commits of one history.
pub(crate) struct Scope {
    /// Commits that count.
    pub(super) counted: CommitSet,
    /// Of these, those late enough to be asked for.
    pub(super) window: CommitSet,
    /// Commits that a remote holds for all we know.
    pub(super) pushed: CommitSet,
    /// Commits that are only about notes.
    pub(super) notes: CommitSet,
    /// The checked-out commit.
    pub(super) head: Option<CommitNumber>,
    /// Every ref that leads to a commit.
    pub(super) refs: Vec<(CommitNumber, RefClass, BString)>,
    /// Commits that reflogs name.
    pub(super) reflogs: Vec<CommitNumber>,
    shallow: HashSet<ObjectId>,
    all: bool,
}

/// What refs name that is no commit. Names of refs are masked.
#[derive(Debug, Default)]
pub(super) struct BareRoots {
    /// Trees.
    pub(super) trees: Vec<ObjectId>,
    /// Blobs, with the refs.
    pub(super) blobs: Named,
    /// Annotated tags, with the refs that lead to them.
    pub(super) tags: Named,
}

/// Objects and the refs that name them.
pub(super) type Named = BTreeMap<ObjectId, BTreeSet<BString>>;

/// Follows every ref through its tags to what it names, and keeps what is no commit.
pub(super) fn roots_without_commit(
    store: &ObjectStore,
    ancestry: &Ancestry,
    tips: &[Tip],
    mask: &dyn Fn(&BString) -> BString,
) -> BareRoots {
    let mut roots = BareRoots::default();
    for tip in tips {
        let mut id = tip.target;
        let mut chain = HashSet::new();
        while let Some(target) = ancestry.target(&id) {
            roots.tags.entry(id).or_default().insert(mask(&tip.name));
            if !chain.insert(id) {
                break;
            }
            id = target;
        }
        match store.header(&id) {
            Ok(Some((Kind::Tree, _))) => roots.trees.push(id),
            Ok(Some((Kind::Blob, _))) => drop(roots.blobs.entry(id).or_default().insert(mask(&tip.name))),
            // One that cannot be parsed.
            Ok(Some((Kind::Tag, _))) => drop(roots.tags.entry(id).or_default().insert(mask(&tip.name))),
            // What is not there is entered into the ledger by `note_gaps`.
            _ => {}
        }
    }
    roots.trees.sort_unstable();
    roots.trees.dedup();
    roots
}

impl Scope {
    pub(crate) fn new(
        history: &History,
        tips: &[Tip],
        reflogs: &[ReflogEntry],
        shallow: &[ObjectId],
        all: bool,
        only: &Restriction,
        mask: &dyn Fn(&BString) -> BString,
    ) -> Self {
        let graph = &history.graph;
        let number = |id: ObjectId| graph.number(&history.peeled(id));
        let refs: Vec<_> =
            tips.iter().filter_map(|tip| Some((number(tip.target)?, tip.class, mask(&tip.name)))).collect();
        let logged = |notes: bool| {
            let about = reflogs.iter().filter(move |entry| entry.name.starts_with(b"refs/notes/") == notes);
            about.filter_map(|entry| number(entry.id)).collect::<Vec<_>>()
        };
        let (note_logs, content_logs) = (logged(true), logged(false));
        let mut reflogs = [&note_logs[..], &content_logs[..]].concat();
        reflogs.sort_unstable();
        reflogs.dedup();
        let of = |wanted: &dyn Fn(RefClass, &BString) -> bool| {
            refs.iter()
                .filter(|(_, class, name)| wanted(*class, name))
                .map(|(commit, ..)| *commit)
                .collect::<Vec<_>>()
        };
        let everything = (0..graph.len()).filter_map(|at| CommitNumber::try_from(at).ok());
        let counted = if only.refs.is_some() {
            graph.reachable(only.tips(tips).iter().filter_map(|tip| number(tip.target)))
        } else if all {
            graph.reachable(everything.clone())
        } else {
            graph.reachable(refs.iter().map(|(commit, ..)| *commit).chain(reflogs.iter().copied()))
        };
        let is_remote = |class: RefClass, name: &BString| {
            matches!(class, RefClass::RemoteTracking | RefClass::Pull) || name == "FETCH_HEAD"
        };
        let content =
            graph.reachable(of(&|class, _| class != RefClass::Note).into_iter().chain(content_logs));
        let about_notes =
            graph.reachable(of(&|class, _| class == RefClass::Note).into_iter().chain(note_logs));
        let mut notes = CommitSet::new(graph.len());
        for commit in everything.clone() {
            if about_notes.contains(commit) && !content.contains(commit) {
                notes.insert(commit);
            }
        }
        let mut window = CommitSet::new(graph.len());
        let is_late = |commit: &CommitNumber| only.has_time(Some(graph.time(*commit)));
        everything.filter(|&n| counted.contains(n)).filter(is_late).for_each(|commit| window.insert(commit));
        Self {
            counted,
            window,
            pushed: graph.reachable(of(&is_remote)),
            notes,
            head: refs.iter().find(|(_, class, _)| *class == RefClass::Head).map(|(commit, ..)| *commit),
            refs,
            reflogs,
            shallow: shallow.iter().copied().collect(),
            all,
        }
    }

    /// Whether objects count that nothing reaches.
    pub(super) fn everything(&self) -> bool {
        self.all
    }

    /// The refs and reflogs that `reaches` says yes to.
    pub(crate) fn reach(&self, in_head: bool, reaches: &dyn Fn(CommitNumber) -> bool) -> Reach {
        let mut reach = Reach { in_head, ..Reach::default() };
        for (commit, class, name) in &self.refs {
            if !reaches(*commit) {
                continue;
            }
            let names = match class {
                RefClass::Head => continue,
                RefClass::Branch => &mut reach.branches,
                RefClass::Tag => &mut reach.tags,
                RefClass::RemoteTracking => &mut reach.remotes,
                _ => &mut reach.others,
            };
            if names.len() < Reach::NAMES {
                names.push(short(*class, name));
            } else {
                reach.unnamed += 1;
            }
        }
        reach.reflog = self.reflogs.iter().any(|&commit| reaches(commit));
        reach
    }

    /// Enters into the ledger what counts and is not there.
    pub(super) fn note_gaps(&self, gaps: &Gaps<'_>, coverage: &mut Coverage) {
        let (history, graph, absent) = (gaps.history, &gaps.history.graph, gaps.absent());
        for (child, parent) in graph.missing_parents() {
            let id = graph.id(*child);
            if !self.window.contains(*child) || gaps.store.contains(parent) {
                continue;
            }
            if self.shallow.contains(&id) {
                coverage.skip(
                    SkipReason::Shallow,
                    format!("before commit {id}"),
                    "a shallow clone cut history off here",
                );
            } else {
                coverage.skip(
                    absent,
                    format!("commit {parent}"),
                    format!("the parent of {id} is not in the store"),
                );
            }
        }
        if gaps.missing.is_empty() {
            return;
        }
        let held = history.held_by(&self.window);
        let missing = gaps.missing.iter().filter(|id| !gaps.all_missing_count && held.holds(id));
        for (at, id) in missing.enumerate() {
            // They come in the order of the ledger, which keeps the first.
            let place = if at < Skipped::EXAMPLES { held.place(id) } else { None };
            let why = place.map_or_else(String::new, |(path, commit)| {
                format!("{path} of commit {} is not in the store", graph.id(commit))
            });
            coverage.skip(absent, format!("object {id}"), why);
        }
        for id in gaps.missing.iter().filter(|_| gaps.all_missing_count) {
            coverage.skip(
                absent,
                format!("object {id}"),
                "a tree or commit names it, and it is not in the store",
            );
        }
    }
}

/// What may be missing.
pub(super) struct Gaps<'g> {
    pub(super) history: &'g History,
    pub(super) store: &'g ObjectStore,
    /// Sorted.
    pub(super) missing: &'g [ObjectId],
    /// Whether all of them are entered, needed by a commit that counts or not.
    pub(super) all_missing_count: bool,
    pub(super) partial: bool,
}

impl Gaps<'_> {
    fn absent(&self) -> SkipReason {
        if self.partial { SkipReason::NotFetched } else { SkipReason::Missing }
    }

    /// Enters into the ledger the refs that lead to nothing: a tag whose target is not there, a commit that cannot be
    /// read.
    pub(super) fn note_tips(
        &self,
        tips: &[Tip],
        mask: &dyn Fn(&BString) -> BString,
        coverage: &mut Coverage,
    ) {
        for tip in tips {
            let id = self.history.peeled(tip.target);
            if self.history.graph.number(&id).is_some() {
                continue;
            }
            let (reason, why) = match self.store.header(&id) {
                Ok(Some((Kind::Blob, _))) => continue,
                Ok(None) => (self.absent(), "is not in the store"),
                Ok(Some(_)) | Err(_) => (SkipReason::Corrupt, "cannot be read"),
            };
            coverage.skip(
                reason,
                format!("ref {}", mask(&tip.name)),
                format!("object {id}, to which it leads, {why}"),
            );
        }
    }
}

/// A ref's name as people say it.
pub(crate) fn short(class: RefClass, name: &BString) -> BString {
    let prefix: &[u8] = match class {
        RefClass::Branch => b"refs/heads/",
        RefClass::Tag => b"refs/tags/",
        RefClass::RemoteTracking => b"refs/remotes/",
        _ => b"",
    };
    name.strip_prefix(prefix).unwrap_or(name).into()
}
