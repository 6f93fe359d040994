//! Which commits a push would take away from a remote: the lease that `git push --force` does not ask for.

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::{RangeError, Repository, Tip};

use crate::brings::tracked;
use crate::ref_update::RefUpdate;

/// A ref of a remote that would lose commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// The ref's name there.
    pub name: BString,
    /// What the pusher calls its new value.
    pub local: BString,
    /// What it is there now.
    pub old: ObjectId,
    /// What is known about that.
    pub erased: Erased,
}

/// What is known about the commits that would be lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erased {
    /// This clone has never seen the remote's commit, so nobody here knows what would be lost.
    Unseen,
    /// The remote's branch is not where it was when it was fetched last.
    Moved {
        /// Where it was then.
        fetched: ObjectId,
        /// What would be lost, the newest first.
        commits: Vec<ObjectId>,
    },
    /// The remote's branch is where this clone last saw it: whoever pushes could know what is lost.
    Seen {
        /// What would be lost, the newest first.
        commits: Vec<ObjectId>,
    },
}

impl Erased {
    /// Whether the push has to be refused.
    pub fn is_blind(&self) -> bool {
        !matches!(self, Self::Seen { .. })
    }
}

/// The refs of `updates` that lose commits when they are pushed to `remote`, in their order. A ref that is deleted is
/// none: that is said by name on the command line.
pub fn erased(
    repository: &Repository,
    tips: &[Tip],
    remote: &[u8],
    updates: &[RefUpdate],
) -> Result<Vec<Erasure>, RangeError> {
    let reader = repository.reader();
    let mut erasures = Vec::new();
    for update in updates {
        let (Some(old), Some(new)) = (update.old, update.new) else { continue };
        let erasure =
            |erased| Erasure { name: update.name.clone(), local: update.local.clone(), old, erased };
        let Ok(was) = reader.peel(&old) else {
            erasures.push(erasure(Erased::Unseen));
            continue;
        };
        if was.kind != Kind::Commit {
            continue;
        }
        let becomes = reader.peel(&new).ok().filter(|peeled| peeled.kind == Kind::Commit);
        let commits = match becomes {
            Some(becomes) => repository.commits_in_range(&[was.id], &[becomes.id])?.commits,
            None => vec![was.id],
        };
        if commits.is_empty() {
            continue;
        }
        let fetched = tracked(tips, remote, &update.name).filter(|fetched| *fetched != old);
        erasures.push(erasure(match fetched {
            Some(fetched) => Erased::Moved { fetched, commits },
            None => Erased::Seen { commits },
        }));
    }
    Ok(erasures)
}
