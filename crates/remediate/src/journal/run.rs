//! A run as its journal tells it.

use std::path::Path;

use super::file::{JournalError, numbers, read_records};
use super::record::{Begin, Entry, Record, State, WorktreeRecord};
use crate::change::RefUpdate;

/// What a run set out to do, and how far it came.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) number: u32,
    pub(crate) begin: Begin,
    pub(crate) refs: Vec<RefUpdate>,
    pub(crate) worktrees: Vec<WorktreeRecord>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) state: State,
}

impl Run {
    fn read(folder: &Path, number: u32) -> Result<Option<Self>, JournalError> {
        let mut records = read_records(folder, number)?.into_iter();
        // Without its first line it did nothing.
        let Some(Record::Begin(begin)) = records.next() else { return Ok(None) };
        let mut run = Self {
            number,
            begin,
            refs: Vec::new(),
            worktrees: Vec::new(),
            entries: Vec::new(),
            state: State::Init,
        };
        for record in records {
            match record {
                Record::Begin(_) => {}
                Record::Ref { name, old, new } => run.refs.push(RefUpdate { name, old, new }),
                Record::Worktree(worktree) => run.worktrees.push(worktree),
                Record::Entry(entry) => run.entries.push(entry),
                Record::State { state } => run.state = state,
            }
        }
        Ok(Some(run))
    }

    /// The entries of one of its worktrees.
    pub(crate) fn entries_of(&self, worktree: &WorktreeRecord) -> Vec<&Entry> {
        self.entries.iter().filter(|entry| entry.worktree == worktree.number).collect()
    }
}

/// All runs, oldest first.
pub(crate) fn runs(folder: &Path) -> Result<Vec<Run>, JournalError> {
    let runs = numbers(folder)?.into_iter().map(|number| Run::read(folder, number));
    runs.filter_map(Result::transpose).collect()
}

/// The last run for which this holds.
pub(crate) fn last(folder: &Path, holds: impl Fn(&Run) -> bool) -> Result<Option<Run>, JournalError> {
    Ok(runs(folder)?.into_iter().rev().find(holds))
}
