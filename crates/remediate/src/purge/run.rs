//! Purging as a whole: what would go, and that it goes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use super::leftovers::{Wanted, remove_leftovers};
use super::store::{StoreError, clean, count_unreachable, kept_packs, remaining};
use crate::act_error::ActError;
use crate::backup;
use crate::change::Fate;
use crate::commit_fates::CommitFates;
use crate::durable::remove;
use crate::git::Git;
use crate::journal::{Journal, Run, State, runs};
use crate::lock::RunLock;
use crate::places::worktrees;
use crate::push::drop_leases;
use crate::reflog_files;
use crate::steps::runs_folder;

/// What would be purged, to be shown before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgePreview {
    /// The runs that can no longer be undone then, oldest first.
    pub runs: Vec<u32>,
    /// Their backups that exist.
    pub backups: Vec<PathBuf>,
    /// Packs with a `.keep` file: they stay as they are unless that is consented to.
    pub kept_packs: Vec<PathBuf>,
    /// How many objects go at most: all those that no ref, reflog or index leads to, be they of a run or not.
    pub unreachable: u64,
}

/// What to purge besides the objects.
pub struct PurgeOptions<'o> {
    /// Whether the backups go, too. As long as one stays, so do the old objects, in it.
    pub backups: bool,
    /// Whether packs with a `.keep` file may be rewritten like all others.
    pub kept_packs: bool,
    /// Whether bytes hold what is to be forgotten: asked of messages of reflogs, and of files that operations have left
    /// behind.
    pub holds: &'o dyn Fn(&[u8]) -> bool,
}

/// What purging has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// The runs that can no longer be undone.
    pub runs: Vec<u32>,
    /// Backups that were removed.
    pub backups: Vec<PathBuf>,
    /// Files that were removed because they named or held what was to go.
    pub files: Vec<PathBuf>,
    /// Packs that stay because of a `.keep` file.
    pub kept_packs: Vec<PathBuf>,
    /// Old commits, tags and blobs known to the journals that are there still: in a kept pack, or borrowed.
    pub remaining: Vec<ObjectId>,
}

/// Runs that are done, or on their way out.
fn purgeable(repo: &Repository) -> Result<Vec<Run>, ActError> {
    let all = runs(&runs_folder(repo))?;
    if let Some(run) = all.iter().find(|run| run.state.is_unfinished() && run.state != State::Purging) {
        return Err(ActError::Unfinished { number: run.number, state: run.state });
    }
    let runs: Vec<Run> =
        all.into_iter().filter(|run| matches!(run.state, State::Done | State::Purging)).collect();
    if runs.is_empty() { Err(ActError::Nothing("purge")) } else { Ok(runs) }
}

fn backups_of(runs: &[Run]) -> Vec<PathBuf> {
    runs.iter().filter_map(|run| run.begin.backup.clone()).filter(|path| path.exists()).collect()
}

/// Says what [`purge`] would do. Changes nothing.
pub fn preview_purge(repo: &Repository, git: &Git) -> Result<PurgePreview, ActError> {
    let runs = purgeable(repo)?;
    Ok(PurgePreview {
        backups: backups_of(&runs),
        runs: runs.iter().map(|run| run.number).collect(),
        kept_packs: kept_packs(repo.objects_dir())?,
        unreachable: count_unreachable(git, repo.common_dir())?,
    })
}

/// Removes the old objects of all runs that are done, and whatever would keep them: entries of reflogs, files that
/// operations have left behind, leases, and, if asked for, backups. Objects that nothing leads to go as well, whoever
/// made them. Nothing can be undone afterwards; begun again after a crash, it goes on.
pub fn purge(repo: &Repository, git: &Git, options: &PurgeOptions<'_>) -> Result<Purged, ActError> {
    let folder = runs_folder(repo);
    let lock = RunLock::take(&folder)?;
    let runs = purgeable(repo)?;
    let mut journals = Vec::new();
    let (mut fates, mut old) = (Vec::new(), BTreeSet::new());
    for run in &runs {
        let mut journal = Journal::reopen(&folder, run.number)?;
        if run.state != State::Purging {
            journal.reach(State::Purging)?;
        }
        let of_run = CommitFates::load(&journal.run_folder())?;
        old.extend(run.refs.iter().map(|update| update.old));
        old.extend(run.entries.iter().map(|entry| entry.old));
        old.extend(of_run.changed());
        fates.push(of_run);
        journals.push(journal);
    }
    // A ref may have gone back to what another run had changed.
    let old: BTreeSet<ObjectId> = old;
    let files = forget_names(repo, git, (&fates, &old), options)?;
    drop_leases(git, repo.common_dir(), Some(lock.file()))?;
    let backups = if options.backups { backups_of(&runs) } else { Vec::new() };
    for path in &backups {
        backup::remove(path)?;
    }
    if options.kept_packs {
        kept_packs(repo.objects_dir())?.iter().try_for_each(|path| remove(path))?;
    }
    clean(git, lock.file(), repo.common_dir(), repo.objects_dir()).map_err(|error| match error {
        StoreError::Git(error) => ActError::Git(error),
        StoreError::File(error) => ActError::File(error),
    })?;
    for journal in &mut journals {
        journal.forget_folder()?;
        journal.reach(State::Purged)?;
    }
    let old: Vec<ObjectId> = old.into_iter().collect();
    Ok(Purged {
        runs: runs.iter().map(|run| run.number).collect(),
        backups,
        files,
        kept_packs: kept_packs(repo.objects_dir())?,
        remaining: remaining(git, repo.common_dir(), &old)?,
    })
}

/// Reflogs and leftovers no longer name or hold what goes. Returns the files that were removed.
fn forget_names(
    repo: &Repository,
    git: &Git,
    (fates, old): (&[CommitFates], &BTreeSet<ObjectId>),
    options: &PurgeOptions<'_>,
) -> Result<Vec<PathBuf>, ActError> {
    // What one run made, a later one may have changed again.
    let fate = |id: &ObjectId| {
        let mut now = *id;
        for fates in fates {
            match fates.forward(&now) {
                Fate::Same => {}
                Fate::Replaced(new) => now = new,
                Fate::Gone => return Fate::Gone,
            }
        }
        if now == *id { Fate::Same } else { Fate::Replaced(now) }
    };
    reflog_files::purge(repo.common_dir(), repo.hash_kind(), &fate, options.holds)?;
    let is_old = |id: &ObjectId| old.contains(id) && fate(id) != Fate::Same;
    let wanted = Wanted { is_old: &is_old, holds: options.holds };
    let mut files = Vec::new();
    for worktree in worktrees(repo, git)? {
        files.extend(remove_leftovers(&worktree.git_dir, &wanted)?);
    }
    Ok(files)
}
