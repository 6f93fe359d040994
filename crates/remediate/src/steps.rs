//! The steps that applying, recovering and undoing share, each of which can be begun again where it stopped.

use std::ops::ControlFlow;
use std::path::PathBuf;

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::repository::Repository;

use crate::act_error::ActError;
use crate::change::{Fate, RefUpdate};
use crate::commit_fates::CommitFates;
use crate::git::Git;
use crate::journal::{Journal, Run, State, folder};
use crate::lock::RunLock;
use crate::places::worktrees;
use crate::refs::{Side, Way, clear_locks, shift, sides};
use crate::worktrees::{Direction, Followed, clear_index_lock, follow};
use crate::{backup, fetch_head, history_map, place_pack, reflog_files, report_files};

/// Is told of each state that is reached; `Break` asks to stop. Before the refs move that takes everything back, later
/// it leaves a run that [`recover`](crate::recover) finishes.
pub type Watch<'w> = &'w mut dyn FnMut(State) -> ControlFlow<()>;

/// A repository at hand and a run in it.
pub(crate) struct Site<'s> {
    pub(crate) repo: &'s Repository,
    pub(crate) git: &'s Git,
    pub(crate) lock: &'s RunLock,
    pub(crate) journal: Journal,
}

/// Files that did not follow, by worktree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftAlone {
    /// Tracked no longer, still on disk: the top of the worktree and the path.
    pub kept: Vec<(PathBuf, BString)>,
    /// Changed by someone and not committed, with whatever was in them: the top of the worktree and the path.
    pub edited: Vec<(PathBuf, BString)>,
}

impl LeftAlone {
    fn add(&mut self, top: Option<&PathBuf>, followed: Followed) {
        let Some(top) = top else { return };
        self.kept.extend(followed.kept.into_iter().map(|path| (top.clone(), path)));
        self.edited.extend(followed.edited.into_iter().map(|path| (top.clone(), path)));
    }
}

impl Site<'_> {
    pub(crate) fn reach(&mut self, state: State, watch: Watch<'_>) -> Result<(), ActError> {
        self.journal.reach(state)?;
        if watch(state).is_break() { Err(ActError::Stopped) } else { Ok(()) }
    }

    /// As [`reach`](Self::reach) for the last state of all, after which there is nothing to stop.
    pub(crate) fn end(&mut self, state: State, watch: Watch<'_>) -> Result<(), ActError> {
        self.journal.reach(state)?;
        let _ = watch(state);
        Ok(())
    }

    pub(crate) fn sides(&self, refs: &[RefUpdate]) -> Result<Vec<Side>, ActError> {
        Ok(sides(self.repo, refs)?)
    }

    /// Moves all refs, and notes that they have.
    pub(crate) fn shift(&self, refs: &[RefUpdate], sides: &[Side], way: Way) -> Result<(), ActError> {
        shift(self.git, self.repo.common_dir(), self.lock.file(), (refs, sides), way).map_err(ActError::Refs)
    }

    /// Removes what a git that was killed together with this program has left.
    pub(crate) fn clear_locks(&self, run: &Run) -> Result<(), ActError> {
        // Only in these states a transaction may have been at work.
        let in_transaction = matches!(run.state, State::Proof | State::Undoing);
        let since = if in_transaction { self.journal.modified() } else { None };
        clear_locks(self.repo.common_dir(), &run.refs, since)?;
        for worktree in worktrees(self.repo, self.git)? {
            clear_index_lock(&self.journal.run_folder(), &worktree)?;
        }
        Ok(())
    }

    /// Reflogs, indexes and files follow the refs.
    pub(crate) fn follow(&self, run: &Run, direction: Direction) -> Result<LeftAlone, ActError> {
        let (common, kind) = (self.repo.common_dir(), self.repo.hash_kind());
        let run_folder = self.journal.run_folder();
        let fates = CommitFates::load(&run_folder)?;
        let (forward, back) = (|id: &_| fates.forward(id), |id: &_| fates.back(id));
        match direction {
            Direction::Forward => reflog_files::rewrite(common, kind, &forward)?,
            Direction::Back => {
                reflog_files::restore(common, &run_folder.join("saved-logs"), kind, (&forward, &back))?;
            }
        }
        let mut left = LeftAlone::default();
        let worktrees = worktrees(self.repo, self.git)?;
        for worktree in &worktrees {
            let fate: &dyn Fn(&ObjectId) -> Fate =
                if direction == Direction::Forward { &forward } else { &back };
            fetch_head::follow(&worktree.git_dir, kind, fate)?;
        }
        for record in &run.worktrees {
            // One that was removed meanwhile needs nothing.
            let Some(worktree) = worktrees.iter().find(|worktree| worktree.id == record.id) else { continue };
            let entries = run.entries_of(record);
            let followed =
                follow(self.git, self.lock.file(), &run_folder, (worktree, record, &entries), direction);
            left.add(worktree.top.as_ref(), followed.map_err(ActError::Worktree)?);
        }
        Ok(left)
    }

    /// Whatever remains to be done once the refs are to move: from any state between [`State::Proof`] and
    /// [`State::Done`].
    pub(crate) fn finish(&mut self, run: &Run, watch: Watch<'_>) -> Result<LeftAlone, ActError> {
        let mut left = LeftAlone::default();
        if run.state < State::Refs {
            let sides = self.sides(&run.refs)?;
            self.shift(&run.refs, &sides, Way::Forward)?;
            self.reach(State::Refs, watch)?;
        }
        if run.state < State::Worktrees {
            left = self.follow(run, Direction::Forward)?;
            self.reach(State::Worktrees, watch)?;
        }
        if run.state < State::Meta {
            if run.begin.reports {
                report_files::install(self.repo.common_dir(), &self.journal.run_folder())?;
            }
            self.reach(State::Meta, watch)?;
        }
        self.end(State::Done, watch)?;
        Ok(left)
    }

    /// Gives up a run whose refs have not moved: what it made is removed, and nothing else has changed.
    pub(crate) fn give_up(&mut self, run: &Run) -> Result<(), ActError> {
        // A backup is this run's own once the snapshot is taken: there was none of that name.
        if let Some(path) = run.begin.backup.as_ref().filter(|_| run.state >= State::Snapshot) {
            backup::remove(path)?;
        }
        if let Some(name) = run.begin.pack.as_ref().filter(|_| run.state >= State::Backup) {
            place_pack::remove_named(self.repo.objects_dir(), name)?;
        }
        self.journal.forget_folder()?;
        history_map::forget(&runs_folder(self.repo), run.number)?;
        self.journal.reach(State::RolledBack)?;
        Ok(())
    }
}

/// The folder for what runs leave behind in this repository.
pub(crate) fn runs_folder(repo: &Repository) -> PathBuf {
    folder(repo.common_dir())
}
