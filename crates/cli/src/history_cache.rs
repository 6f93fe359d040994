//! Scans a repository with what earlier scans left in its private folder, and leaves there what the next one can use.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use unleak_objects::repository::Repository;
use unleak_scan::{Outcome, Progress, ScanError, Selection, scan_repository, scan_repository_cached};

use crate::engine::Engine;
use crate::output::whole_file;
use crate::terminal::{Terminal, Verbosity};

/// Below the git directory that all working trees share.
const FOLDER: &str = "unleak";
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
    let Some(mut cache) = engine.cache(&request).filter(|_| selection.history) else {
        return scan_repository(&request, repository, selection);
    };
    let folder = repository.common_dir().join(FOLDER);
    let path = folder.join(cache.name());
    let verbose = |text: String| {
        if terminal.verbosity == Verbosity::Verbose {
            terminal.note(&text);
        }
    };
    match read(&path) {
        Ok(Some(file)) => cache.load(&file),
        Ok(None) => {}
        Err(error) => verbose(format!("'{}' cannot be read: {error}", path.display())),
    }
    let scanned = scan_repository_cached(&request, repository, selection, Some(&mut cache));
    if cache.is_refused() {
        terminal.note(&format!("'{}' is damaged or was left by another scan: not used", path.display()));
    }
    if let Some(fresh) = cache.fresh()
        && let Err(error) = write(&folder, &path, fresh)
    {
        verbose(format!("nothing is kept for the next scan: '{}': {error}", path.display()));
    }
    scanned
}

/// `None` if there is no such file.
fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let meta = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        meta => meta?,
    };
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(io::Error::other("it is not a file that a scan left"));
    }
    fs::read(path).map(Some)
}

fn write(folder: &Path, path: &Path, content: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(meta) if meta.is_dir() => {}
        Ok(_) => return Err(io::Error::other("there is something else in its place")),
        Err(_) => private().create(folder)?,
    }
    if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return Err(io::Error::other("there is something else in its place"));
    }
    whole_file(path, |out| out.write_all(content))?;
    tidy(folder, path)
}

/// Makes folders that only their owner can look into.
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
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
    fn files_are_private_and_few() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(FOLDER);
        for number in 0..9 {
            write(&folder, &folder.join(format!("{PREFIX}{number}")), b"x").unwrap();
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), FILES);
        assert_eq!(read(&folder.join("history-8")).unwrap(), Some(b"x".to_vec()));
        assert_eq!(read(&folder.join("history-9")).unwrap(), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt as _, symlink};
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&folder), mode(&folder.join("history-8"))), (0o700, 0o600));
            symlink(root.path().join("elsewhere"), folder.join("history-link")).unwrap();
            assert!(read(&folder.join("history-link")).is_err());
            assert!(write(&folder, &folder.join("history-link"), b"x").is_err());
            assert!(!root.path().join("elsewhere").exists());
        }
    }
}
