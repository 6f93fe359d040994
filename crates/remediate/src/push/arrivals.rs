//! What others have pushed since: fetched into the leases, shown, rewritten by the same rules, proved.

use std::sync::atomic::AtomicBool;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::ObjectStore;
use unleak_objects::repository::Repository;

use super::advertised::{Remote, at_remote};
use super::error::PushError;
use super::leases::{LEASES, drop_leases, lease_of, leases, set};
use crate::change::RefUpdate;
use crate::forget::Forget;
use crate::git::{Git, GitError};
use crate::history_map::{self, HistoryMap};
use crate::proof::{Prover, Scope};
use crate::rewrite::{RewriteOptions, Starts, rewrite};
use crate::{change::Change, place_pack};

/// A commit that somebody else has pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Its id.
    pub id: ObjectId,
    /// Who wrote it: name and address.
    pub author: BString,
    /// The first line of its message.
    pub subject: BString,
}

/// What was fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// The remote's refs and what they are now.
    pub refs: Vec<(BString, ObjectId)>,
    /// The commits that were not known when history was rewritten, newest first.
    pub commits: Vec<Arrival>,
}

/// Fetches refs of a remote into the leases. Those that are gone meanwhile are left out.
pub(super) fn fetch<'a>(
    repo: &Repository,
    git: &Git,
    remote: &Remote,
    names: impl IntoIterator<Item = &'a BString>,
) -> Result<(), GitError> {
    let mut lines = Vec::new();
    for name in names {
        lines.extend_from_slice(&[b"+", name.as_slice(), b":", &lease_of(name.as_ref()), b"\n"].concat());
    }
    let flags = ["fetch", "--quiet", "--no-write-fetch-head", "--no-tags", "--refmap=", "--stdin"];
    let call = at_remote(repo, git).settings(["core.fsync=none", "fetch.prune=false"]).args(flags);
    let call = call.args(["--recurse-submodules=no", "--no-auto-maintenance", "--"]);
    call.args([remote.url.to_os_str_lossy()]).stdin(lines).run().map(drop)
}

/// Fetches these refs of a remote, and says what came.
pub fn fetch_arrivals(
    repo: &Repository,
    git: &Git,
    remote: &Remote,
    map: &HistoryMap,
    names: &[BString],
) -> Result<Arrivals, PushError> {
    // What an earlier attempt has left could be in the way of a name.
    drop_leases(git, repo.common_dir(), None)?;
    fetch(repo, git, remote, names)?;
    let mut refs = leases(git, repo.common_dir())?;
    refs.retain(|(name, _)| names.contains(name));
    let reader = repo.reader();
    let known = map.refs.values().map(|(old, _)| old).chain(&map.looked);
    let known = known.filter(|id| reader.contains(id)).map(|id| format!("^{id}"));
    let wanted = refs.iter().map(|(_, id)| id.to_string());
    let lines: Vec<String> = wanted.chain(known).collect();
    let format = "--format=%H%x00%an <%ae>%x00%s";
    let args = ["log", "--stdin", "--no-show-signature", format];
    let output = git.at(repo.common_dir()).args(args).stdin(lines.join("\n")).run()?;
    let commit = |line: &[u8]| {
        let mut fields = line.splitn(3, |byte| *byte == 0);
        let id = ObjectId::from_hex(fields.next()?).ok().filter(|id| !map.commits.contains_key(id))?;
        Some(Arrival { id, author: fields.next()?.into(), subject: fields.next()?.into() })
    };
    Ok(Arrivals { refs, commits: output.lines().filter_map(commit).collect() })
}

/// Rewrites what arrived by the same rules, proves it, and adds it to what is known of the rewrite.
pub fn absorb(
    repo: &Repository,
    git: &Git,
    forget: &Forget,
    arrivals: &Arrivals,
    (threads, interrupt): (usize, &AtomicBool),
) -> Result<HistoryMap, PushError> {
    let store = ObjectStore::open(repo.objects_dir(), repo.hash_kind())?;
    let starts = Starts { refs: arrivals.refs.clone(), ..Starts::default() };
    let options = RewriteOptions { threads, interrupt, progress: None, write: true };
    let rewritten = rewrite(&store, &starts, forget, options)?;
    if let Some(trouble) = rewritten.troubles.first() {
        return Err(PushError::Unreadable(trouble.message.clone()));
    }
    let change = rewritten.change;
    if let Some(pack) = &change.pack {
        place_pack::place(pack)?;
    }
    prove(repo, forget, &starts, &change, (threads, interrupt))?;
    let tips = arrivals.refs.iter().map(|(_, id)| *id);
    let map = history_map::of_change(repo, &change, tips, None);
    history_map::extend(repo, &map)?;
    let now = change.refs.iter().filter_map(|RefUpdate { name, new, .. }| Some((name, (*new)?)));
    // As long as it is not pushed, nothing else keeps it.
    set(git, repo.common_dir(), LEASES, now)?;
    Ok(map)
}

fn prove(
    repo: &Repository,
    forget: &Forget,
    starts: &Starts,
    change: &Change,
    (threads, interrupt): (usize, &AtomicBool),
) -> Result<(), PushError> {
    let prover = Prover::look(repo, forget, threads, interrupt, None)?;
    let after = starts.after(&change.refs);
    let proof = prover.prove(repo, (after, Vec::new()), Scope::Reachable, false)?;
    match proof.leftovers.first() {
        Some(left) => Err(PushError::Left(left.to_string())),
        None if proof.interrupted => Err(crate::rewrite::RewriteError::Interrupted.into()),
        None => Ok(()),
    }
}
