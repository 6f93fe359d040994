//! Maps in the repository, one a run, and all of them told as one. They outlast a purge.

use std::path::{Path, PathBuf};

use unleak_objects::repository::Repository;

use super::map::HistoryMap;
use super::text::MapError;
use crate::durable::{FileError, Mode, read, remove, replace};
use crate::journal::{JournalError, State, folder, runs};

/// Why it is not known what rewrites have made of a repository.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapFileError {
    /// A kept map is damaged.
    #[error("{} cannot be used", path.display())]
    Map {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: MapError,
    },
    /// A journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A map cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

fn path_of(folder: &Path, run: u32) -> PathBuf {
    folder.join(format!("map-{run}"))
}

/// Keeps the map of a run.
pub(crate) fn keep(folder: &Path, run: u32, map: &HistoryMap) -> Result<(), FileError> {
    replace(&path_of(folder, run), &map.to_bytes(true), Mode::Private)
}

/// The run came to nothing, or was undone.
pub(crate) fn forget(folder: &Path, run: u32) -> Result<(), FileError> {
    remove(&path_of(folder, run))
}

fn counts(state: State) -> bool {
    matches!(state, State::Done | State::Purging | State::Purged)
}

/// What all rewrites of this repository that stand have made of it; `None` if there is none.
pub fn history_map(repo: &Repository) -> Result<Option<HistoryMap>, MapFileError> {
    let folder = folder(repo.common_dir());
    let mut whole: Option<HistoryMap> = None;
    for run in runs(&folder)?.iter().filter(|run| counts(run.state)) {
        let path = path_of(&folder, run.number);
        let Some(bytes) = read(&path)? else { continue };
        let map = HistoryMap::parse(&bytes).map_err(|source| MapFileError::Map { path, source })?;
        match &mut whole {
            None => whole = Some(map),
            Some(whole) => whole.then(map),
        }
    }
    Ok(whole)
}

/// Adds what was rewritten after the last run that stands, by its rules.
pub(crate) fn extend(repo: &Repository, more: &HistoryMap) -> Result<(), MapFileError> {
    let folder = folder(repo.common_dir());
    let runs = runs(&folder)?;
    let Some(run) = runs.iter().rev().find(|run| counts(run.state)) else { return Ok(()) };
    let path = path_of(&folder, run.number);
    let bytes = read(&path)?.unwrap_or_default();
    let mut map = HistoryMap::parse(&bytes).map_err(|source| MapFileError::Map { path, source })?;
    map.add(more.clone());
    Ok(keep(&folder, run.number, &map)?)
}
