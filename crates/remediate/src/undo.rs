//! A finished run is undone: refs, reflogs, indexes, files and reports are again what they were.

use std::path::{Path, PathBuf};

use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use crate::act_error::ActError;
use crate::durable::{FileError, Mode, fail, files_below, make_folder, read};
use crate::git::{Git, GitError};
use crate::journal::{Journal, Run, State, last};
use crate::lock::RunLock;
use crate::reflogs::ids;
use crate::refs::{Standing, Way, standing};
use crate::steps::{LeftAlone, Site, Watch, runs_folder};
use crate::worktrees::Direction;
use crate::{history_map, report_files};

/// What undoing has done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undone {
    /// Which run.
    pub run: u32,
    /// Where its backup is, which nobody needs any more.
    pub backup: Option<PathBuf>,
    /// Files that did not follow.
    pub left_alone: LeftAlone,
}

/// Undoes the last run that can be: one that is done and not purged.
///
/// Refuses with [`ActError::Moved`] if a ref of it is neither where the run found it nor where it put it. Objects that
/// git has cleaned away meanwhile come from the backup.
pub fn undo(repo: &Repository, git: &Git, watch: Watch<'_>) -> Result<Undone, ActError> {
    let folder = runs_folder(repo);
    let lock = RunLock::take(&folder)?;
    let unfinished = last(&folder, |run| run.state.is_unfinished() && run.state != State::Undoing)?;
    if let Some(run) = unfinished {
        return Err(ActError::Unfinished { number: run.number, state: run.state });
    }
    let run = last(&folder, |run| matches!(run.state, State::Done | State::Undoing))?;
    let run = run.ok_or(ActError::Nothing("undo"))?;
    let journal = Journal::reopen(&folder, run.number)?;
    let mut site = Site { repo, git, lock: &lock, journal };
    let left_alone = take_back(&mut site, &run, watch)?;
    Ok(Undone { run: run.number, backup: run.begin.backup, left_alone })
}

/// Takes a run back, or goes on with it.
pub(crate) fn take_back(site: &mut Site<'_>, run: &Run, watch: Watch<'_>) -> Result<LeftAlone, ActError> {
    if run.state == State::Undoing {
        site.clear_locks(run)?;
    }
    let sides = site.sides(&run.refs)?;
    if let Standing::Foreign(refs) = standing(&run.refs, &sides) {
        return Err(ActError::Moved { refs });
    }
    bring_back(site, run)?;
    if run.state != State::Undoing {
        site.reach(State::Undoing, watch)?;
    }
    site.shift(&run.refs, &sides, Way::Back)?;
    let left = site.follow(run, Direction::Back)?;
    if run.begin.reports {
        report_files::take_back(site.repo.common_dir(), &site.journal.run_folder())?;
    }
    site.journal.forget_folder()?;
    history_map::forget(&runs_folder(site.repo), run.number)?;
    site.end(State::Undone, watch)?;
    Ok(left)
}

/// Makes sure that everything the old history needs is there, if need be from the backup.
fn bring_back(site: &Site<'_>, run: &Run) -> Result<(), ActError> {
    let Err(missing) = is_whole(site, run)? else { return Ok(()) };
    let Some(backup) = run.begin.backup.as_ref().filter(|path| path.is_dir()) else {
        return Err(ActError::Gone(missing));
    };
    link_objects(&backup.join("objects"), site.repo.objects_dir())?;
    is_whole(site, run)?.map_err(ActError::Gone)
}

/// Whether git finds everything below what refs, indexes and reflogs named, and that refs do not lead to anyway.
fn is_whole(site: &Site<'_>, run: &Run) -> Result<Result<(), GitError>, ActError> {
    let kind = site.repo.hash_kind();
    let mut wanted: Vec<ObjectId> = run.refs.iter().map(|update| update.old).collect();
    wanted.extend(run.entries.iter().map(|entry| entry.old));
    let fates = crate::commit_fates::CommitFates::load(&site.journal.run_folder())?;
    for log in files_below(&site.journal.run_folder().join("saved-logs"))? {
        let named = ids(&read(&log)?.unwrap_or_default(), kind);
        wanted.extend(named.into_iter().filter(|id| fates.forward(id) != crate::change::Fate::Same));
    }
    let lines = wanted.iter().flat_map(|id| [id.to_string(), "\n".to_owned()]).collect::<String>();
    let args = ["rev-list", "--objects", "--quiet", "--stdin", "--not", "--all"];
    Ok(site.git.at(site.repo.common_dir()).args(args).stdin(lines).run().map(drop))
}

/// Links or copies every object file that is not there; packs before their indexes.
fn link_objects(from: &Path, to: &Path) -> Result<(), FileError> {
    let mut files = files_below(from)?;
    files.sort_by_key(|file| file.extension().is_some_and(|end| end == "idx"));
    for file in files {
        let Ok(relative) = file.strip_prefix(from) else { continue };
        let target = to.join(relative);
        if relative.starts_with("info") || target.exists() || is_derived(relative) {
            continue;
        }
        make_folder(target.parent().unwrap_or(to), Mode::Usual)?;
        let placed = std::fs::hard_link(&file, &target).or_else(|_| std::fs::copy(&file, &target).map(drop));
        placed.map_err(fail("written", &target))?;
    }
    Ok(())
}

/// What git makes from packs, and what would be wrong among others.
fn is_derived(relative: &Path) -> bool {
    let name = relative.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b"multi-pack-index") || name.ends_with(b".bitmap")
}
