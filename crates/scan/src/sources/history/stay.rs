//! Hits as versions: the same bytes at one path, in the commits that have them there.

use std::collections::BTreeMap;
use std::rc::Rc;

use bstr::BString;
use unleak_findings::{Fingerprint, Medium, ObjectId};
use unleak_objects::history::{CommitNumber, History};

use super::scope::Scope;
use crate::restriction::Restriction;
use crate::scanner::Sighting;

/// What makes occurrences in several versions one finding.
pub(super) type Key<'h> = (Medium, BString, &'h Fingerprint, usize, usize);

/// Versions by finding, in report order.
pub(super) type Groups<'h> = BTreeMap<Key<'h>, Vec<Version<'h>>>;

/// One version of a finding: the same bytes in some commits.
pub(super) struct Version<'h> {
    pub(super) sighting: &'h Sighting,
    pub(super) blob: Option<ObjectId>,
    pub(super) stay: Rc<Stay>,
}

/// When one object stood at one path: what is worth keeping of the list of commits, which can be as long as history, for
/// each of a hundred thousand hits.
#[derive(Clone)]
pub(super) struct Stay {
    /// Commits that have it while none of their parents does; ascending, not empty. All others descend from them.
    pub(super) introducers: Vec<CommitNumber>,
    pub(super) last: CommitNumber,
    pub(super) in_head: bool,
    pub(super) pushed: bool,
}

impl Stay {
    /// `commits` are ascending and lose those that do not count; `None` if none does.
    pub(super) fn new(history: &History, scope: &Scope, commits: &mut Vec<CommitNumber>) -> Option<Self> {
        // These are so whatever was asked for.
        let in_head = scope.head.is_some_and(|head| commits.binary_search(&head).is_ok());
        let pushed = commits.iter().any(|&commit| scope.pushed.contains(commit));
        commits.retain(|&commit| scope.counted.contains(commit));
        let graph = &history.graph;
        let set = (commits.len() > graph.len() / MANY).then(|| graph.set(commits));
        let is_here = |commit: &CommitNumber| match &set {
            Some(set) => set.contains(*commit),
            None => commits.binary_search(commit).is_ok(),
        };
        let introduces = |commit: &&CommitNumber| !graph.parents(**commit).iter().any(is_here);
        Some(Self {
            last: *commits.last()?,
            introducers: commits.iter().filter(introduces).copied().collect(),
            in_head,
            pushed,
        })
    }
}

/// From this part of all commits on, a set of them is made sooner than they are searched.
const MANY: usize = 256;

pub(super) fn key(medium: Medium, path: BString, sighting: &Sighting) -> Key<'_> {
    (medium, path, &sighting.fingerprint, sighting.found.rule, sighting.ordinal)
}

/// Where and when a blob stood: `None` at too many paths to list, else whether at any path, and the stays that count, each
/// with its path and whether only notes had it there.
pub(super) type Stays = Option<(bool, Vec<(BString, bool, Stay)>)>;

/// Where a blob stood.
pub(super) fn stays(restriction: &Restriction, history: &History, scope: &Scope, id: &ObjectId) -> Stays {
    let presences = history.presences(id).ok()?;
    let anywhere = !presences.is_empty();
    let wanted = presences.into_iter().filter(|presence| restriction.has_path(presence.path.as_ref()));
    let stays = wanted.filter_map(|mut presence| {
        let stay = Stay::new(history, scope, &mut presence.commits)?;
        let note = presence.commits.iter().all(|&commit| scope.notes.contains(commit));
        (!note || restriction.has_pathless()).then_some((presence.path, note, stay))
    });
    Some((anywhere, stays.collect()))
}
