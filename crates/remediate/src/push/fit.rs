//! Whether a map of a rewrite goes with what a remote has: the history it leads to must be there.

use std::collections::HashSet;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use super::advertised::{Advertised, Remote};
use super::arrivals::fetch;
use super::error::PushError;
use super::leases::{drop_leases, leases};
use crate::git::Git;
use crate::history_map::HistoryMap;

/// How a map goes with a remote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fit {
    /// Branches and tags of the remote that are, as they stand, of the old history.
    pub old: Vec<BString>,
    /// How many of the map's new commits the remote's branches and tags lead to.
    pub there: u64,
    /// How many new commits there are in the map.
    pub all: u64,
}

/// Fetches the branches and tags of a remote that was `seen`, and looks for the map's commits among what they lead to.
pub fn fit(
    repo: &Repository,
    git: &Git,
    (remote, seen): (&Remote, &Advertised),
    map: &HistoryMap,
) -> Result<Fit, PushError> {
    let is_shared = |name: &&BString| name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/");
    let is_old = |id: &ObjectId| map.commits.contains_key(id) || map.tags.contains_key(id);
    let old = seen.refs.iter().filter(|(name, id)| is_shared(name) && is_old(id));
    let old: Vec<BString> = old.map(|(name, _)| name.clone()).collect();
    let new: HashSet<ObjectId> = map.commits.values().filter_map(|id| *id).collect();
    drop_leases(git, repo.common_dir(), None)?;
    fetch(repo, git, remote, seen.refs.keys().filter(is_shared))?;
    let lines: Vec<String> = leases(git, repo.common_dir())?.iter().map(|(_, id)| id.to_string()).collect();
    let reached = git.at(repo.common_dir()).args(["rev-list", "--stdin"]).stdin(lines.join("\n")).run();
    drop_leases(git, repo.common_dir(), None)?;
    let is_new = |line: &&[u8]| ObjectId::from_hex(line).is_ok_and(|id| new.contains(&id));
    let there = reached?.lines().filter(is_new).count() as u64;
    Ok(Fit { old, there, all: new.len() as u64 })
}
