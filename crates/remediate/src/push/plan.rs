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
    let mut unmapped = Vec::new();
    for (name, id) in remote.refs.iter().filter(|(name, _)| !name.starts_with(b"refs/unleak/")) {
        let fate = map.fate(id);
        let is_hidden = is_of_host(name.as_ref()) || hidden.contains(name);
        match fate {
            Fate::Same if is_hidden => plan.unchanged += 1,
            Fate::Same => unmapped.push((name.clone(), *id)),
            _ if is_hidden => plan.hidden.push(name.clone()),
            Fate::Gone => plan.updates.push(RefUpdate { name: name.clone(), old: *id, new: None }),
            Fate::Replaced(new) => {
                plan.updates.push(RefUpdate { name: name.clone(), old: *id, new: Some(new) });
            }
        }
    }
    let arrived = of_elsewhere(repo, git, map, &unmapped)?;
    plan.unchanged += unmapped.len() - arrived.len();
    plan.arrived = arrived;
    Ok(plan)
}

/// Those of these refs whose objects are not here, or rest on what was rewritten.
fn of_elsewhere(
    repo: &Repository,
    git: &Git,
    map: &HistoryMap,
    refs: &[(BString, ObjectId)],
) -> Result<Vec<(BString, ObjectId)>, PushError> {
    let own: HashSet<ObjectId> = repo.tips()?.0.into_iter().map(|tip| tip.target).collect();
    let reader = repo.reader();
    let (mut arrived, mut commits): (HashSet<ObjectId>, Vec<(ObjectId, ObjectId)>) = Default::default();
    for (_, id) in refs {
        match reader.header(id).map(|(kind, _)| kind) {
            Ok(Kind::Commit) => commits.push((*id, *id)),
            // A tag that is no ref here was never looked at: its message may hold something.
            Ok(Kind::Tag) if own.contains(id) => {
                commits.extend(peeled(repo, git, *id)?.map(|commit| (*id, commit)));
            }
            Ok(Kind::Blob | Kind::Tree) => {}
            Ok(Kind::Tag) | Err(_) => {
                arrived.insert(*id);
            }
        }
    }
    let all: Vec<ObjectId> = commits.iter().map(|(_, commit)| *commit).collect();
    if rests_on_old(repo, git, map, &all)? {
        for (id, commit) in commits {
            if rests_on_old(repo, git, map, &[commit])? {
                arrived.insert(id);
            }
        }
    }
    Ok(refs.iter().filter(|(_, id)| arrived.contains(id)).cloned().collect())
}

/// The commit that a tag stands for; `None` if it is none.
fn peeled(repo: &Repository, git: &Git, tag: ObjectId) -> Result<Option<ObjectId>, PushError> {
    let call = git.at(repo.common_dir()).args(["rev-parse", "--quiet", "--verify"]);
    let output = call.args([format!("{tag}^{{commit}}")]).ask()?;
    Ok(output.and_then(|output| ObjectId::from_hex(output.trim_end()).ok()))
}

/// Whether any of these commits has a rewritten one among its ancestors. What is missing further down counts as such.
fn rests_on_old(
    repo: &Repository,
    git: &Git,
    map: &HistoryMap,
    commits: &[ObjectId],
) -> Result<bool, PushError> {
    if commits.is_empty() {
        return Ok(false);
    }
    let reader = repo.reader();
    let is_commit = |id: &ObjectId| reader.header(id).is_ok_and(|(kind, _)| kind == Kind::Commit);
    let clean = map.refs.values().filter_map(|(_, new)| *new).filter(is_commit);
    let clean = clean.map(|id| format!("^{id}"));
    let lines: Vec<String> = commits.iter().map(ToString::to_string).chain(clean).collect();
    let (code, output, _) =
        git.at(repo.common_dir()).args(["rev-list", "--stdin"]).stdin(lines.join("\n")).outcome()?;
    let old = |line: &[u8]| ObjectId::from_hex(line).is_ok_and(|id| map.commits.contains_key(&id));
    Ok(code != Some(0) || output.lines().any(old))
}
