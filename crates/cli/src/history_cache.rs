//! Scans a repository with what earlier scans left in its private folder, and leaves there what the next one can use.

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{fs, io};

use unleak_objects::repository::Repository;
use unleak_scan::{Cache, Outcome, Progress, ScanError, Selection, scan_repository, scan_repository_cached};

use crate::engine::Engine;
use crate::output::whole_file;
use crate::own_folder::{self, OwnFolder};
use crate::terminal::{Terminal, Verbosity};

/// What the names of the files begin with, as [`unleak_scan::Cache::name`] makes them.
const PREFIX: &str = "history-";
/// Files kept: one for each of the rules and thresholds used last.
const FILES: usize = 4;
/// Larger files are none of ours. Bytes.
const LARGEST: u64 = 512 << 20;

/// Scans what is selected of a repository.
pub(crate) fn scan(
    engine: &Engine,
    repository: &Repository,
    selection: &Selection,
    progress: &Progress,
    terminal: Terminal,
) -> (Outcome, Vec<ScanError>) {
    let request = engine.request(progress);
    let cache = if selection.history { engine.cache(&request) } else { None };
    let Some(mut cache) = cache else {
        return scan_repository(&request, repository, selection);
    };
    let git_dir = repository.common_dir();
    let note = |error: &io::Error| {
        if terminal.verbosity == Verbosity::Verbose {
            let folder = git_dir.join(own_folder::NAME);
            terminal.note(&format!("nothing is kept in '{}': {error}", folder.display()));
        }
    };
    match OwnFolder::find(git_dir).and_then(|folder| folder.map_or(Ok(None), |folder| read(folder, &cache))) {
        Ok(Some((folder, file))) => cache.load(&file, &folder.mark),
        Ok(None) => {}
        Err(error) => note(&error),
    }
    let scanned = scan_repository_cached(&request, repository, selection, Some(&mut cache));
    if cache.is_refused() {
        let path = git_dir.join(own_folder::NAME).join(cache.name());
        terminal.note(&format!("'{}' is damaged or was made elsewhere: not used", path.display()));
    }
    if cache.is_outdated()
        && let Err(error) = OwnFolder::make(git_dir).and_then(|folder| write(&folder, &mut cache))
    {
        note(&error);
    }
    scanned
}

/// The file for `cache`; `None` if there is none.
fn read(folder: OwnFolder, cache: &Cache) -> io::Result<Option<(OwnFolder, Vec<u8>)>> {
    let path = folder.path.join(cache.name());
    let meta = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        meta => meta?,
    };
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(io::Error::other("there is something else in place of a file"));
    }
    Ok(Some((folder, fs::read(&path)?)))
}

fn write(folder: &OwnFolder, cache: &mut Cache) -> io::Result<()> {
    let path = folder.path.join(cache.name());
    if fs::symlink_metadata(&path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::other("there is something else in place of a file"));
    }
    let Some(content) = cache.take_fresh(&folder.mark) else { return Ok(()) };
    whole_file(&path, |out| out.write_all(&content))?;
    tidy(&folder.path, &path)
}

/// Removes the oldest files.
fn tidy(folder: &Path, current: &Path) -> io::Result<()> {
    let mut others: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes());
        if is_ours && entry.path() != current && entry.file_type()?.is_file() {
            others.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    others.sort_unstable();
    let surplus = (others.len() + 1).saturating_sub(FILES);
    others.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_files_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let path = |number: usize| root.path().join(format!("{PREFIX}{number}"));
        fs::write(root.path().join("other"), "").unwrap();
        for number in 0..9 {
            fs::write(path(number), "").unwrap();
            let date = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number as u64);
            fs::File::open(path(number)).unwrap().set_modified(date).unwrap();
            tidy(root.path(), &path(number)).unwrap();
        }
        let left: Vec<_> = (0..9).filter(|number| path(*number).exists()).collect();
        assert_eq!(left, [5, 6, 7, 8]);
        assert!(root.path().join("other").exists());
    }
}
