//! What the runbook remembers in the git directory: which leaks there were, without their values, and which steps are done.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use unleak_objects::repository::Repository;
use unleak_runbook::Leak;

use crate::error::CliError;
use crate::output;

fn path(repository: &Repository, name: &str) -> PathBuf {
    repository.common_dir().join("unleak").join(name)
}

fn read<T: DeserializeOwned + Default>(path: &Path) -> Result<T, CliError> {
    let broken = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new(format!("'{}' cannot be used", path.display()))
            .caused_by(error)
            .hint(format!("rm {}   # what it remembers is lost", path.display()))
    };
    match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        Err(error) => Err(broken(error.into())),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| broken(error.into())),
    }
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), CliError> {
    let failed =
        |error: io::Error| CliError::new(format!("'{}' cannot be written", path.display())).caused_by(error);
    if let Some(folder) = path.parent() {
        output::private_folder(folder).map_err(failed)?;
    }
    output::whole_file(path, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
    .map_err(failed)
}

/// The leaks that were seen before.
pub(crate) fn leaks(repository: &Repository) -> Result<Vec<Leak>, CliError> {
    read(&path(repository, "leaks.json"))
}

/// Remembers leaks, those that are new beside those of before; returns all. What was known of one before its history was
/// rewritten says more than what is left of it.
pub(crate) fn remember(repository: &Repository, now: Vec<Leak>) -> Result<Vec<Leak>, CliError> {
    let mut all = leaks(repository)?;
    let before = all.clone();
    for leak in now {
        match all.iter_mut().find(|known| known.fingerprint == leak.fingerprint) {
            Some(known) if known.commit.is_none() || leak.is_pushed() && !known.is_pushed() => *known = leak,
            Some(_) => {}
            None => all.push(leak),
        }
    }
    if all != before {
        write(&path(repository, "leaks.json"), &all)?;
    }
    Ok(all)
}

/// The id of the map that was published last.
pub(crate) fn published(repository: &Repository) -> Result<Option<String>, CliError> {
    read(&path(repository, "published-map.json"))
}

pub(crate) fn write_published(repository: &Repository, id: &str) -> Result<(), CliError> {
    write(&path(repository, "published-map.json"), &id)
}

/// The steps that are done.
pub(super) fn done(repository: &Repository) -> Result<BTreeMap<String, i64>, CliError> {
    read(&path(repository, "runbook.json"))
}

pub(super) fn write_done(repository: &Repository, done: &BTreeMap<String, i64>) -> Result<(), CliError> {
    write(&path(repository, "runbook.json"), done)
}
