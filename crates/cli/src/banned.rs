//! The ban list of a repository: written after a rewrite, looked up by whatever lets commits pass.

use std::io;
use std::path::{Path, PathBuf};

use bstr::BString;
use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::{ObjectReader, Repository};
use unleak_remediate::{HistoryMap, history_map};
use unleak_runbook::BanList;

use crate::error::CliError;
use crate::output;
use crate::trusted::Trusted;

/// The list that a repository shares with everyone, at the top of its tree.
pub(crate) const SHARED: &str = ".unleak-bans";

/// Something that must not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Banned {
    /// A commit of the old history, or a blob that held a secret.
    pub(crate) id: ObjectId,
    /// The commit that brings the blob, and where; `None` for a commit.
    pub(crate) blob_of: Option<(ObjectId, BString)>,
}

impl Banned {
    /// What to tell whoever wanted to let it pass.
    pub(crate) fn refusal(&self) -> CliError {
        let what = match &self.blob_of {
            None => format!("{} is of the history from before a secret was removed", self.id),
            Some((commit, path)) => format!(
                "commit {commit} brings back a version of {} that held a secret (blob {})",
                unleak_report::harmless(path),
                self.id
            ),
        };
        CliError::new(what)
            .hint("unleak rejoin   # moves this clone, and work that is not pushed, onto the new history")
    }
}

fn own_path(repository: &Repository) -> PathBuf {
    repository.common_dir().join("unleak/bans")
}

/// The list that a map stands for.
pub(crate) fn of_map(map: &HistoryMap) -> BanList {
    let mut list = BanList::default();
    list.commits.extend(map.first.iter().copied());
    // What exists again under its old id in the new history is banned by nobody.
    let new: std::collections::HashSet<ObjectId> = map.commits.values().filter_map(|new| *new).collect();
    list.commits.retain(|id| !new.contains(id));
    list.blobs.extend(map.blobs.keys().copied());
    list
}

/// Writes the repository's own list, as its rewrites have it; removes it if there is none.
pub(crate) fn write(repository: &Repository) -> Result<(), CliError> {
    let path = own_path(repository);
    let failed = |error: io::Error| {
        CliError::new(format!("the ban list '{}' cannot be written", path.display())).caused_by(error)
    };
    let map = history_map(repository).map_err(|error| {
        CliError::new("what was rewritten is not known").caused_by(error).hint("unleak undo --unfinished")
    })?;
    match map {
        None => match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        },
        Some(map) => {
            output::whole_file(&path, |out| out.write_all(of_map(&map).to_text().as_bytes())).map_err(failed)
        }
    }
}

/// Everything that is banned: by the repository's own list, and by the shared one as `trusted` has it.
pub(crate) fn list(repository: &Repository, trusted: &Trusted<'_>) -> Result<BanList, CliError> {
    let path = own_path(repository);
    let mut list = match std::fs::read(&path) {
        Ok(bytes) => parse(&path.display().to_string(), &bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => BanList::default(),
        Err(error) => return Err(unusable(&path.display().to_string()).caused_by(error)),
    };
    match trusted.read(SHARED) {
        Ok(Some((name, bytes))) => list.add(parse(&name, &bytes)?),
        Ok(None) => {}
        Err(why) => return Err(unusable(SHARED).caused_by(why)),
    }
    Ok(list)
}

/// Reads a ban list that is called `name`.
pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<BanList, CliError> {
    BanList::parse(bytes).map_err(|error| unusable(name).caused_by(error))
}

fn unusable(name: &str) -> CliError {
    CliError::new(format!("the ban list '{name}' cannot be used"))
        .hint(format!("unleak ban --output {}   # where history was rewritten", Path::new(SHARED).display()))
}

/// Looks for what is banned in everything that `tips` lead to and `not` does not: in one call whether a push, a range or
/// a merge may pass. Annotated tags count for what they stand for; ids of `not` that are unknown here leave nothing out.
///
/// The first thing found is enough: `None` means that nothing is.
pub(crate) fn find(
    repository: &Repository,
    list: &BanList,
    tips: &[ObjectId],
    not: &[ObjectId],
) -> Result<Option<Banned>, CliError> {
    if list.is_empty() {
        return Ok(None);
    }
    // A ref may name a blob straight away.
    if let Some(id) = tips.iter().find(|id| list.bans(id)) {
        return Ok(Some(Banned { id: *id, blob_of: None }));
    }
    let reader = repository.reader();
    let tips: Vec<ObjectId> = tips.iter().filter_map(|id| commit(repository, &reader, id)).collect();
    let not: Vec<ObjectId> = not.iter().filter_map(|id| commit(repository, &reader, id)).collect();
    let unknown = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new("whether something banned comes back is not known").caused_by(error).hint("git fetch")
    };
    let range = repository.commits_in_range(&tips, &not).map_err(|error| unknown(error.into()))?;
    if let Some(id) = range.commits.iter().rev().find(|id| list.commits.contains(*id)) {
        return Ok(Some(Banned { id: *id, blob_of: None }));
    }
    for commit in range.commits.iter().filter(|_| !list.blobs.is_empty()) {
        let cut = range.shallow_cut.binary_search(commit).is_ok();
        let changes = reader.changed_blobs(commit, cut).map_err(|error| unknown(error.into()))?;
        if let Some(file) = changes.files.into_iter().find(|file| list.blobs.contains(&file.id)) {
            return Ok(Some(Banned { id: file.id, blob_of: Some((*commit, file.path)) }));
        }
    }
    Ok(None)
}

/// The commit that an id stands for, if it is here and stands for one.
fn commit(repository: &Repository, reader: &ObjectReader, id: &ObjectId) -> Option<ObjectId> {
    match reader.header(id).map(|(kind, _)| kind) {
        Ok(Kind::Commit) => Some(*id),
        Ok(Kind::Tag) => repository.resolve(&format!("{id}^{{commit}}")).ok(),
        _ => None,
    }
}
