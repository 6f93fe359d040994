//! When an object stood at a path: which commits brought it there, which had it last.

use bstr::BString;
use unleak_findings::ObjectId;
use unleak_objects::history::{CommitNumber, History};

use super::scope::Scope;

/// When one object stood at one path: what is worth keeping of the list of commits, which can be as long as history, for
/// each of a hundred thousand hits.
pub(super) struct Stay {
    /// Commits that have it while none of their parents does; ascending, not empty. All others descend from them.
    pub(super) introducers: Vec<CommitNumber>,
    pub(super) last: CommitNumber,
    pub(super) in_head: bool,
    pub(super) pushed: bool,
}

impl Stay {
    /// `commits` are ascending; `None` if there are none.
    pub(super) fn new(history: &History, scope: &Scope, commits: &[CommitNumber]) -> Option<Self> {
        let introduces = |commit: &&CommitNumber| {
            let mut parents = history.graph.parents(**commit).iter();
            !parents.any(|parent| commits.binary_search(parent).is_ok())
        };
        Some(Self {
            last: *commits.last()?,
            introducers: commits.iter().filter(introduces).copied().collect(),
            in_head: scope.head.is_some_and(|head| commits.binary_search(&head).is_ok()),
            pushed: commits.iter().any(|&commit| scope.pushed.contains(commit)),
        })
    }
}

/// Where and when a blob stood: `None` at too many paths to list, else whether at any path, and the stays that count.
pub(super) type Stays = Option<(bool, Vec<(BString, bool, Stay)>)>;

/// Where a blob stood; of each path, whether only notes had it there.
pub(super) fn stays(history: &History, scope: &Scope, id: &ObjectId) -> Stays {
    let presences = history.presences(id).ok()?;
    let anywhere = !presences.is_empty();
    let stays = presences.into_iter().filter_map(|mut presence| {
        presence.commits.retain(|&commit| scope.counted.contains(commit));
        let stay = Stay::new(history, scope, &presence.commits)?;
        let note = presence.commits.iter().all(|&commit| scope.notes.contains(commit));
        Some((presence.path, note, stay))
    });
    Some((anywhere, stays.collect()))
}
