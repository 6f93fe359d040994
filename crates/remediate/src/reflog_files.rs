//! The reflogs of all worktrees on disk: kept as they were, rewritten under git's own locks, put back.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use gix_hash::{Kind, ObjectId};

use crate::change::Fate;
use crate::durable::{
    FileError, Mode, entries, fail, files_below, make_folder, read, remove, replace, sync_folder_of,
};
use crate::journal;
use crate::reflogs::{MESSAGE, ids, rewritten, without_messages};

/// git holds a lock for the blink of an eye.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

type FateOf<'a> = &'a dyn Fn(&ObjectId) -> Fate;

/// The reflog files of a repository, as paths from its common directory.
fn logs(common_dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut folders = vec![common_dir.join("logs")];
    folders.extend(entries(&common_dir.join("worktrees"))?.iter().map(|entry| entry.path().join("logs")));
    let mut found = Vec::new();
    for folder in folders {
        let files = files_below(&folder)?.into_iter();
        let logs =
            files.filter(|file| !file.extension().is_some_and(|end| end == "lock" || end == "unleak-tmp"));
        found.extend(logs.filter_map(|file| Some(file.strip_prefix(common_dir).ok()?.to_owned())));
    }
    Ok(found)
}

/// Copies all reflogs into a folder.
pub(crate) fn save(common_dir: &Path, folder: &Path) -> Result<(), FileError> {
    for log in logs(common_dir)? {
        let Some(bytes) = read(&common_dir.join(&log))? else { continue };
        let to = folder.join(&log);
        make_folder(to.parent().unwrap_or(folder), Mode::Private)?;
        replace(&to, &bytes, Mode::Private)?;
    }
    Ok(())
}

/// Every id that a reflog names.
pub(crate) fn all_ids(common_dir: &Path, kind: Kind) -> Result<Vec<ObjectId>, FileError> {
    let mut found = Vec::new();
    for log in logs(common_dir)? {
        found.extend(ids(&read(&common_dir.join(log))?.unwrap_or_default(), kind));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Rewrites all reflogs. A second time it changes nothing.
pub(crate) fn rewrite(common_dir: &Path, kind: Kind, fate: FateOf<'_>) -> Result<(), FileError> {
    for log in logs(common_dir)? {
        change(common_dir, &log, &|bytes| Some(rewritten(bytes?, kind, fate)))?;
    }
    Ok(())
}

/// Rewrites all reflogs as before, and empties the messages for which `holds` is true.
pub(crate) fn purge(
    common_dir: &Path,
    kind: Kind,
    fate: FateOf<'_>,
    holds: &dyn Fn(&[u8]) -> bool,
) -> Result<(), FileError> {
    for log in logs(common_dir)? {
        change(common_dir, &log, &|bytes| {
            Some(without_messages(&rewritten(bytes?, kind, fate), kind, holds))
        })?;
    }
    Ok(())
}

/// Puts the saved reflogs back. What was added since the rewrite stays, told of the old objects again.
pub(crate) fn restore(
    common_dir: &Path,
    folder: &Path,
    kind: Kind,
    (fate, back): (FateOf<'_>, FateOf<'_>),
) -> Result<(), FileError> {
    let saved = files_below(folder)?.into_iter();
    let saved: Vec<PathBuf> =
        saved.filter_map(|file| Some(file.strip_prefix(folder).ok()?.to_owned())).collect();
    for log in logs(common_dir)?.into_iter().filter(|log| !saved.contains(log)) {
        change(common_dir, &log, &|bytes| Some(rewritten(bytes?, kind, back)))?;
    }
    for log in saved {
        let Some(original) = read(&folder.join(&log))? else { continue };
        let ours = rewritten(&original, kind, fate);
        change(common_dir, &log, &|bytes| {
            let current = bytes.map(|bytes| rewritten(bytes, kind, &|_| Fate::Same));
            let added = match &current {
                None => &[],
                Some(current) if current.starts_with(&original) => &current[original.len()..],
                Some(current) => match current.strip_prefix(ours.as_slice()) {
                    Some(added) => added,
                    // Someone has expired entries; they stay so.
                    None => return Some(rewritten(current, kind, back)),
                },
            };
            Some([original.as_slice(), &rewritten(added, kind, back)].concat())
        })?;
    }
    Ok(())
}

/// What becomes of the bytes of a log, or of there being none.
type Edit<'a> = &'a dyn Fn(Option<&[u8]>) -> Option<Vec<u8>>;

fn change(common_dir: &Path, log: &Path, edit: Edit<'_>) -> Result<(), FileError> {
    let path = common_dir.join(log);
    let before = read(&path)?;
    if edit(before.as_deref()) == before {
        return Ok(());
    }
    let lock = Lock::take(common_dir, &ref_of(common_dir, log))?;
    let before = read(&path)?;
    let after = edit(before.as_deref());
    if let Some(after) = after.filter(|after| before.as_ref() != Some(after)) {
        make_folder(path.parent().unwrap_or(common_dir), Mode::Usual)?;
        replace(&path, &after, Mode::Usual)?;
    }
    lock.release()
}

/// The file of the ref a log belongs to: the same path without the folder `logs`.
fn ref_of(common_dir: &Path, log: &Path) -> PathBuf {
    let mut seen = false;
    let parts = log.iter().filter(|part| {
        let logs = !seen && *part == "logs";
        seen |= logs;
        !logs
    });
    common_dir.join(parts.collect::<PathBuf>())
}

/// A second name for the file, or where the file system has no such thing, a copy.
fn place(file: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(file, path) {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => {
            OpenOptions::new().write(true).create_new(true).open(path)?.write_all(MESSAGE.as_bytes())
        }
        done => done,
    }
}

/// git's lock of a ref, which guards its reflog too.
struct Lock(Option<PathBuf>);

impl Lock {
    fn take(common_dir: &Path, file: &Path) -> Result<Self, FileError> {
        let written = Self::written(common_dir)?;
        let mut path = file.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        make_folder(path.parent().unwrap_or(&path), Mode::Usual).ok();
        let mut tries = 0;
        loop {
            match place(&written, &path) {
                Ok(()) => return Ok(Self(Some(path))),
                // No ref can have this name now, and no one can lock it.
                Err(error) if matches!(error.kind(), ErrorKind::NotADirectory | ErrorKind::NotFound) => {
                    return Ok(Self(None));
                }
                // Left behind by a run that was killed: whoever comes here holds the lock of runs.
                Err(_) if read(&path)?.is_some_and(|content| content == MESSAGE.as_bytes()) => remove(&path)?,
                Err(error) if error.kind() != ErrorKind::AlreadyExists || tries == TRIES => {
                    return Err(fail("locked", &path)(error));
                }
                Err(_) => {
                    tries += 1;
                    sleep(PAUSE);
                }
            }
        }
    }

    /// The file that becomes a lock by a second name: it says whose it is from the first instant, so that it is known as
    /// ours, should it be left behind.
    fn written(common_dir: &Path) -> Result<PathBuf, FileError> {
        let path = journal::folder(common_dir).join("ref-lock");
        if read(&path)?.as_deref() != Some(MESSAGE.as_bytes()) {
            replace(&path, MESSAGE.as_bytes(), Mode::Usual)?;
        }
        Ok(path)
    }

    fn release(mut self) -> Result<(), FileError> {
        let Some(path) = self.0.take() else { return Ok(()) };
        remove(&path)?;
        sync_folder_of(&path)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            drop(fs::remove_file(path));
        }
    }
}
