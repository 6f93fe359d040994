//! A change becomes true: journal, backup, objects, proof, and then refs, worktrees and reports.
//!
//! Until the refs move, any failure takes everything back. From then on everything can be done again by
//! [`recover`](crate::recover), which finishes.

use std::error::Error;
use std::path::PathBuf;

use bstr::BStr;
use unleak_objects::repository::Repository;

use crate::act_error::ActError;
use crate::change::{Change, RefUpdate};
use crate::commit_fates::CommitFates;
use crate::git::Git;
use crate::journal::{Begin, Journal, Record, Run, State, last};
use crate::lock::RunLock;
use crate::places::worktrees;
use crate::refs::{Side, Way};
use crate::rewrite::Starts;
use crate::steps::{LeftAlone, Site, Watch, runs_folder};
use crate::worktrees::{index_copy, plan, save};
use crate::{backup, history_map, place_pack, reflog_files, report_files};

/// How to apply a change.
pub struct ApplyOptions<'o> {
    /// Where the backup is made: a path that does not exist, outside of the repository, best on the same file system.
    /// `None`: no backup.
    pub backup: Option<PathBuf>,
    /// The time, in seconds since 1970.
    pub now: i64,
    /// Whether to write the reports of git-filter-repo's formats.
    pub reports: bool,
    /// Whether a path, as an index names it, is deleted from all of history.
    pub deleted: &'o dyn Fn(&BStr) -> bool,
    /// What was asked for, a line of JSON without any value that is to be forgotten: kept with the map of what changed.
    pub asked: Option<String>,
}

/// What applying a change has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// The number of the run, for [`status`](crate::status) and the journal's name.
    pub run: u32,
    /// Where the backup is.
    pub backup: Option<PathBuf>,
    /// Files that did not follow.
    pub left_alone: LeftAlone,
}

/// What the caller makes sure of once the new objects are in the store and before any ref moves.
pub type Prove<'p> = &'p mut dyn FnMut() -> Result<(), Box<dyn Error + Send + Sync>>;

/// Applies a change to its repository.
///
/// Refuses if a ref is not where the change has it, or a run of before is unfinished. See [`ActError`]; what is wrong
/// with the state of the repository otherwise, [`obstacles`](crate::obstacles) says beforehand.
pub fn apply(
    repo: &Repository,
    git: &Git,
    change: &Change,
    options: &ApplyOptions<'_>,
    prove: Prove<'_>,
    watch: Watch<'_>,
) -> Result<Applied, ActError> {
    let folder = runs_folder(repo);
    let lock = RunLock::take(&folder)?;
    if let Some(run) = last(&folder, |run| run.state.is_unfinished())? {
        return Err(ActError::Unfinished { number: run.number, state: run.state });
    }
    let refs = movable(&change.refs);
    let sides = crate::refs::sides(repo, &refs)?;
    let moved = refs.iter().zip(&sides).filter(|(_, side)| **side != Side::Old);
    let moved: Vec<_> = moved.map(|(update, _)| update.name.clone()).collect();
    if !moved.is_empty() {
        return Err(ActError::Moved { refs: moved });
    }
    let begin = begin(change, options);
    let journal = Journal::begin(&folder, options.now, begin.clone())?;
    let mut run = Run {
        number: journal.number(),
        begin,
        refs,
        worktrees: Vec::new(),
        entries: Vec::new(),
        state: State::Init,
    };
    let mut site = Site { repo, git, lock: &lock, journal };
    let done = prepare(&mut site, &mut run, (change, options), prove, watch)
        .and_then(|()| site.shift(&run.refs, &sides, Way::Forward));
    if let Err(error) = done {
        // If this fails too, the next command finds an unfinished run and tries again. A transaction that broke off
        // may have moved refs, and then there is no way back from here.
        if site.sides(&run.refs).is_ok_and(|sides| !sides.contains(&Side::New)) {
            drop(site.give_up(&run));
        }
        return Err(error);
    }
    site.reach(State::Refs, watch)?;
    run.state = State::Refs;
    let left_alone = site.finish(&run, watch)?;
    Ok(Applied { run: run.number, backup: run.begin.backup, left_alone })
}

/// Lists of what was fetched or is being merged are no refs, and git does not move them.
fn movable(refs: &[RefUpdate]) -> Vec<RefUpdate> {
    let is_list = |update: &&RefUpdate| {
        !["FETCH_HEAD", "MERGE_HEAD"].iter().any(|name| update.name.ends_with(name.as_bytes()))
    };
    refs.iter().filter(is_list).cloned().collect()
}

fn begin(change: &Change, options: &ApplyOptions<'_>) -> Begin {
    // A pack of that name that is there already is not ours to remove.
    let fresh = change.pack.as_ref().filter(|pack| !pack.target.with_extension("idx").exists());
    let pack = fresh.and_then(|pack| Some(pack.target.file_name()?.to_str()?.to_owned()));
    // The journal fills in its version and the time.
    Begin { version: 0, time: 0, backup: options.backup.clone(), pack, reports: options.reports }
}

/// Everything before the refs move.
fn prepare(
    site: &mut Site<'_>,
    run: &mut Run,
    (change, options): (&Change, &ApplyOptions<'_>),
    prove: Prove<'_>,
    watch: Watch<'_>,
) -> Result<(), ActError> {
    if let Some(path) = options.backup.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        return Err(ActError::Backup(backup::BackupError::Exists { path: path.clone() }));
    }
    reached(run, State::Init, watch)?;
    snapshot(site, run, change, options)?;
    site.journal.reach(State::Snapshot)?;
    reached(run, State::Snapshot, watch)?;
    if let Some(path) = &options.backup {
        backup::make(site.repo.common_dir(), path).map_err(ActError::Backup)?;
    }
    site.journal.reach(State::Backup)?;
    reached(run, State::Backup, watch)?;
    if let Some(pack) = &change.pack {
        place_pack::place(pack).map_err(ActError::Objects)?;
    }
    site.journal.reach(State::Objects)?;
    reached(run, State::Objects, watch)?;
    prove().map_err(ActError::Proof)?;
    site.journal.reach(State::Proof)?;
    reached(run, State::Proof, watch)
}

fn reached(run: &mut Run, state: State, watch: Watch<'_>) -> Result<(), ActError> {
    run.state = state;
    if watch(state).is_break() { Err(ActError::Stopped) } else { Ok(()) }
}

/// Writes down what there is and what it will become.
fn snapshot(
    site: &mut Site<'_>,
    run: &mut Run,
    change: &Change,
    options: &ApplyOptions<'_>,
) -> Result<(), ActError> {
    let (repo, folder) = (site.repo, site.journal.run_folder());
    let (common, kind) = (repo.common_dir(), repo.hash_kind());
    reflog_files::save(common, &folder.join("saved-logs"))?;
    CommitFates::save(change, &reflog_files::all_ids(common, kind)?, &folder, kind)?;
    for (number, worktree) in worktrees(repo, site.git)?.iter().enumerate() {
        let planned = plan(site.git, worktree, number, &folder, (&change.objects, options.deleted));
        if let Some((record, entries)) = planned.map_err(ActError::Worktree)? {
            save(worktree, &index_copy(&folder, number)).map_err(ActError::Worktree)?;
            run.worktrees.push(record);
            run.entries.extend(entries);
        }
    }
    let tips = Starts::read(repo).map_err(ActError::RefsUnknown)?.0.refs.into_iter().map(|(_, id)| id);
    let map = history_map::of_change(repo, change, tips, options.asked.as_deref());
    history_map::keep(&runs_folder(repo), run.number, &map)?;
    if options.reports {
        report_files::prepare(repo, change, &folder).map_err(|error| match error {
            report_files::PrepareError::File(error) => ActError::File(error),
            report_files::PrepareError::Refs(error) => ActError::RefsUnknown(error),
        })?;
    }
    let refs = run.refs.iter().cloned().map(|RefUpdate { name, old, new }| Record::Ref { name, old, new });
    let worktrees = run.worktrees.iter().cloned().map(Record::Worktree);
    let records = refs.chain(worktrees).chain(run.entries.iter().cloned().map(Record::Entry));
    Ok(site.journal.append(&records.collect::<Vec<_>>())?)
}
