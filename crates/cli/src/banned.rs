//! The ban list of a repository: written after a rewrite, looked up by whatever lets commits pass.

use std::io;
use std::path::{Path, PathBuf};

use bstr::{BStr, BString};
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
    /// A commit or tag of the old history, or a blob that held a secret.
    pub(crate) id: ObjectId,
    /// The commit or tree that brings the blob, and where; `None` for what is named straight away.
    pub(crate) blob_of: Option<(ObjectId, BString)>,
}

impl Banned {
    /// What to tell whoever wanted to let it pass.
    pub(crate) fn refusal(&self) -> CliError {
        let what = match &self.blob_of {
            None => format!("{} is of the history from before a secret was removed", self.id),
            Some((commit, path)) => format!(
                "{commit} brings back a version of {} that held a secret (blob {})",
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
    list.tags.extend(map.tags.keys().copied());
    list.blobs.extend(map.blobs.keys().copied());
    // What exists again under its old id in the new history is banned by nobody.
    let news = [&map.commits, &map.tags, &map.blobs].map(|part| part.values().filter_map(|new| *new));
    let new: std::collections::HashSet<ObjectId> = news.into_iter().flatten().collect();
    for ids in [&mut list.commits, &mut list.tags, &mut list.blobs] {
        ids.retain(|id| !new.contains(id));
    }
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

/// Looks for what is banned in everything that `tips` lead to: in one call whether a push, a range or a merge may pass.
/// Blobs are looked for in the commits that `not` does not lead to; ids of `not` that are unknown here leave nothing out.
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
    let reader = repository.reader();
    let mut commits = Vec::new();
    for tip in tips {
        let peeled = reader.peel(tip).map_err(unknown)?;
        // A tag holds a text of its own, and a ref may name a blob or a tree straight away.
        if let Some(id) = peeled.tags.iter().chain([&peeled.id]).find(|id| list.bans(id)) {
            return Ok(Some(Banned { id: *id, blob_of: None }));
        }
        match peeled.kind {
            Kind::Commit => commits.push(peeled.id),
            Kind::Tree => {
                let files = repository.files_of_tree(peeled.id, BStr::new("")).map_err(unknown)?;
                if let Some((path, id, _)) = files.into_iter().find(|(_, id, _)| list.blobs.contains(id)) {
                    return Ok(Some(Banned { id, blob_of: Some((peeled.id, path)) }));
                }
            }
            Kind::Blob | Kind::Tag => {}
        }
    }
    if let Some(id) = old_commit(repository, &reader, list, &commits)? {
        return Ok(Some(Banned { id, blob_of: None }));
    }
    let not: Vec<ObjectId> = not.iter().filter_map(|id| commit(&reader, id)).collect();
    blob(repository, &reader, list, (&commits, &not))
}

/// A banned commit that these lead to. Nothing leaves one out: a clone that has not heard of the new history has the old
/// one under the refs of its remotes, and a host under those of requests.
fn old_commit(
    repository: &Repository,
    reader: &ObjectReader,
    list: &BanList,
    commits: &[ObjectId],
) -> Result<Option<ObjectId>, CliError> {
    // Where history was cleaned none of them is here any more, and nothing has to be walked.
    if commits.is_empty() || !list.commits.iter().any(|id| reader.contains(id)) {
        return Ok(None);
    }
    let all = repository.commits_in_range(commits, &[]).map_err(unknown)?;
    Ok(all.commits.into_iter().rev().find(|id| list.commits.contains(id)))
}

fn blob(
    repository: &Repository,
    reader: &ObjectReader,
    list: &BanList,
    (commits, not): (&[ObjectId], &[ObjectId]),
) -> Result<Option<Banned>, CliError> {
    if commits.is_empty() || list.blobs.is_empty() {
        return Ok(None);
    }
    let range = repository.commits_in_range(commits, not).map_err(unknown)?;
    for commit in &range.commits {
        let cut = range.shallow_cut.binary_search(commit).is_ok();
        let changes = reader.changed_blobs(commit, cut).map_err(unknown)?;
        if let Some(file) = changes.files.into_iter().find(|file| list.blobs.contains(&file.id)) {
            return Ok(Some(Banned { id: file.id, blob_of: Some((*commit, file.path)) }));
        }
    }
    Ok(None)
}

fn unknown(error: impl std::error::Error + Send + Sync + 'static) -> CliError {
    CliError::new("whether something banned comes back is not known").caused_by(error).hint("git fetch")
}

/// The commit that an id stands for, if it is here and stands for one.
fn commit(reader: &ObjectReader, id: &ObjectId) -> Option<ObjectId> {
    reader.peel(id).ok().filter(|peeled| peeled.kind == Kind::Commit).map(|peeled| peeled.id)
}
