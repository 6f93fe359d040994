//! A run that stopped half-way is finished or taken back, by what its journal says and where the refs are.

use std::path::PathBuf;

use unleak_objects::repository::Repository;

use crate::act_error::ActError;
use crate::git::Git;
use crate::journal::{Journal, Run, State, last};
use crate::lock::RunLock;
use crate::refs::{Side, Standing as RefStanding, standing};
use crate::steps::{LeftAlone, Site, Watch, runs_folder};
use crate::undo::take_back;

/// Where the last run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Standing {
    /// Its number.
    pub run: u32,
    /// How far it came.
    pub state: State,
    /// When it began, in seconds since 1970.
    pub time: i64,
    /// Where its backup is or was to be.
    pub backup: Option<PathBuf>,
    /// How many refs it moves.
    pub refs: usize,
}

/// What became of a run that had stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovered {
    /// There was none.
    Nothing,
    /// No ref had moved. What the run had made is removed, and the repository is as before it.
    RolledBack,
    /// Refs had moved. The rest was done.
    Finished(LeftAlone),
    /// It was being undone. The rest of that was done.
    Undone(LeftAlone),
    /// It was being purged; [`purge`](crate::purge) goes on with that.
    Purging,
}

/// Where the repository stands: the run that is unfinished, or else the last one. `None`: there was none.
pub fn status(repo: &Repository) -> Result<Option<Standing>, ActError> {
    let folder = runs_folder(repo);
    let unfinished = last(&folder, |run| run.state.is_unfinished())?;
    let run = match unfinished {
        Some(run) => Some(run),
        None => last(&folder, |_| true)?,
    };
    Ok(run.map(|run| Standing {
        run: run.number,
        state: run.state,
        time: run.begin.time,
        backup: run.begin.backup,
        refs: run.refs.len(),
    }))
}

/// Finishes a run that stopped half-way, or takes it back if none of its refs has moved. If some have, some have not, and
/// someone else has moved others, nothing is done: [`ActError::Moved`] names the latter.
pub fn recover(repo: &Repository, git: &Git, watch: Watch<'_>) -> Result<Recovered, ActError> {
    let folder = runs_folder(repo);
    let lock = RunLock::take(&folder)?;
    let Some(run) = last(&folder, |run| run.state.is_unfinished())? else { return Ok(Recovered::Nothing) };
    let journal = Journal::reopen(&folder, run.number)?;
    let mut site = Site { repo, git, lock: &lock, journal };
    match run.state {
        State::Purging => return Ok(Recovered::Purging),
        State::Undoing => return take_back(&mut site, &run, watch).map(Recovered::Undone),
        state if state < State::Proof => {
            site.give_up(&run)?;
            return Ok(Recovered::RolledBack);
        }
        _ => {}
    }
    site.clear_locks(&run)?;
    if run.state == State::Proof && !has_moved(&site, &run)? {
        site.give_up(&run)?;
        return Ok(Recovered::RolledBack);
    }
    site.finish(&run, watch).map(Recovered::Finished)
}

/// Whether the run is to be finished: refs have moved.
fn has_moved(site: &Site<'_>, run: &Run) -> Result<bool, ActError> {
    let sides = site.sides(&run.refs)?;
    match standing(&run.refs, &sides) {
        RefStanding::AllOld => Ok(false),
        RefStanding::AllNew | RefStanding::Mixed => Ok(true),
        RefStanding::Foreign(refs) => match (sides.contains(&Side::Old), sides.contains(&Side::New)) {
            // The transaction was never carried out, or it was and someone has gone on from there.
            (true, false) => Ok(false),
            (false, true) => Ok(true),
            _ => Err(ActError::Moved { refs }),
        },
    }
}
