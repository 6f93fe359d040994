//! Which refs of a remote change, from what they are now and what became of that. Nothing is guessed: a value of which
//! it is not known what became of it has arrived from elsewhere.

use std::collections::{BTreeSet, HashSet};

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::{RefClass, Repository};

use super::advertised::Advertised;
use super::error::PushError;
use crate::change::{Fate, RefUpdate};
use crate::git::Git;
use crate::history_map::HistoryMap;

/// What a push would change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushPlan {
    /// The refs that change, from what they are to what they shall be (`None`: deleted); sorted by name.
    pub updates: Vec<RefUpdate>,
    /// Refs of the remote with something that is not here, or that was made on top of the old history: sorted.
    pub arrived: Vec<(BString, ObjectId)>,
    /// Refs that lead to the old history and that only the host can change: sorted.
    pub hidden: Vec<BString>,
    /// How many refs only the host can change and no rewrite has looked at: they may lead to the old history.
    pub unseen: usize,
    /// How many refs stay as they are.
    pub unchanged: usize,
    /// The remote's default branch.
    pub head: Option<BString>,
}

/// Folders that hosts keep for themselves, besides those of [`RefClass::Pull`].
const OF_HOSTS: [&[u8]; 4] =
    [b"refs/keep-around/", b"refs/environments/", b"refs/pipelines/", b"refs/remote_mirrors/"];

fn is_of_host(name: &BStr) -> bool {
    RefClass::of(name) == RefClass::Pull || OF_HOSTS.iter().any(|folder| name.starts_with(folder))
}

/// Works out what a push to a remote that has these refs would change. `hidden` are refs that it is known to show and
/// not to let anyone change.
pub fn plan_push(
    repo: &Repository,
    git: &Git,
    map: &HistoryMap,
    remote: &Advertised,
    hidden: &BTreeSet<BString>,
) -> Result<PushPlan, PushError> {
    let mut plan = PushPlan { head: remote.head.clone(), ..PushPlan::default() };
    let (mut unmapped, mut of_host) = (Vec::new(), Vec::new());
    for (name, id) in remote.refs.iter().filter(|(name, _)| !name.starts_with(b"refs/unleak/")) {
        let fate = map.fate(id);
        let is_hidden = is_of_host(name.as_ref()) || hidden.contains(name);
        match fate {
            Fate::Same if is_hidden => of_host.push((name.clone(), *id)),
            Fate::Same => unmapped.push((name.clone(), *id)),
            _ if is_hidden => plan.hidden.push(name.clone()),
            Fate::Gone => plan.updates.push(RefUpdate { name: name.clone(), old: *id, new: None }),
            Fate::Replaced(new) => {
                plan.updates.push(RefUpdate { name: name.clone(), old: *id, new: Some(new) });
            }
        }
    }
    let arrived = of_elsewhere(repo, git, map, &unmapped)?;
    plan.unseen = of_elsewhere(repo, git, map, &of_host)?.len();
    plan.unchanged = unmapped.len() - arrived.len() + of_host.len() - plan.unseen;
    plan.arrived = arrived;
    Ok(plan)
}

/// Those of these refs that lead to something which no rewrite has looked at, whether it is here already or not.
fn of_elsewhere(
    repo: &Repository,
    git: &Git,
    map: &HistoryMap,
    refs: &[(BString, ObjectId)],
) -> Result<Vec<(BString, ObjectId)>, PushError> {
    let reader = repo.reader();
    let is_commit = |id: &ObjectId| reader.header(id).is_ok_and(|(kind, _)| kind == Kind::Commit);
    let unknown = refs.iter().map(|(_, id)| *id).filter(|id| !map.looked.contains(id));
    let (commits, mut arrived): (HashSet<ObjectId>, HashSet<ObjectId>) = unknown.partition(is_commit);
    arrived.extend(not_looked_at(repo, git, map, &commits)?);
    Ok(refs.iter().filter(|(_, id)| arrived.contains(id)).cloned().collect())
}

/// Those of these commits that nothing which was looked at leads to. What is missing further down counts as such.
fn not_looked_at(
    repo: &Repository,
    git: &Git,
    map: &HistoryMap,
    commits: &HashSet<ObjectId>,
) -> Result<HashSet<ObjectId>, PushError> {
    if commits.is_empty() {
        return Ok(HashSet::new());
    }
    let reader = repo.reader();
    let looked = map.looked.iter().filter(|id| reader.contains(id)).map(|id| format!("^{id}"));
    let lines: Vec<String> = commits.iter().map(ToString::to_string).chain(looked).collect();
    let (code, output, _) =
        git.at(repo.common_dir()).args(["rev-list", "--stdin"]).stdin(lines.join("\n")).outcome()?;
    if code != Some(0) {
        return Ok(commits.clone());
    }
    let new: HashSet<ObjectId> = output.lines().filter_map(|line| ObjectId::from_hex(line).ok()).collect();
    Ok(commits.intersection(&new).copied().collect())
}
