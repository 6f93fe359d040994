//! The repository as it is, beside it: objects by hard links, everything else copied. It is a git repository itself.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use bstr::ByteSlice as _;

use crate::durable::{
    FileError, Mode, entries, fail, make_folder, options, read, remove_folder, sync_folder,
};

/// What is not part of the repository's state: sockets of daemons, and what this program keeps.
const LEFT_OUT: [&str; 3] = ["unleak", "fsmonitor--daemon", "fsmonitor--daemon.ipc"];

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// Something is there already.
    #[error("{} exists already", path.display())]
    Exists {
        /// Where the backup was to be.
        path: PathBuf,
    },
    /// It lies inside of what it is to save.
    #[error("the backup {} lies inside the repository", path.display())]
    Inside {
        /// Where the backup was to be.
        path: PathBuf,
    },
    /// A file cannot be linked or copied.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Where a backup grows before it is whole.
fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    target.with_file_name(name)
}

/// Makes the backup of the repository with this common directory. It appears under its name when it is whole and on
/// disk.
pub(crate) fn make(common_dir: &Path, target: &Path) -> Result<(), BackupError> {
    if target.symlink_metadata().is_ok() {
        return Err(BackupError::Exists { path: target.to_owned() });
    }
    if target.starts_with(common_dir) {
        return Err(BackupError::Inside { path: target.to_owned() });
    }
    let growing = unfinished(target);
    remove_folder(&growing)?;
    make_folder(&growing, Mode::Private)?;
    let mut copy = Copy { folders: vec![growing.clone()] };
    for entry in entries(common_dir)? {
        let (from, to) = (entry.path(), growing.join(entry.file_name()));
        if entry.file_name() == "objects" {
            copy.tree(&from, &to, &is_immutable)?;
            absolute_alternates(&from, &to)?;
        } else if !LEFT_OUT.iter().any(|name| entry.file_name() == *name) {
            copy.tree(&from, &to, &|_| false)?;
        }
    }
    for folder in copy.folders.iter().rev() {
        sync_folder(folder)?;
    }
    fs::rename(&growing, target).map_err(fail("renamed", &growing))?;
    Ok(sync_folder(target.parent().unwrap_or(target))?)
}

/// Removes a backup, whole or not; it may never have been begun.
pub(crate) fn remove(target: &Path) -> Result<(), FileError> {
    remove_folder(&unfinished(target))?;
    remove_folder(target)
}

/// Files of the object store are written once, but for those with a name of their own, which are rewritten.
fn is_immutable(relative: &Path) -> bool {
    let in_info = relative.components().next().is_some_and(|part| part.as_os_str() == "info");
    let name = relative.extension().unwrap_or_default();
    let hash =
        relative.file_name().is_some_and(|name| name.as_encoded_bytes().iter().all(u8::is_ascii_hexdigit));
    hash || (!in_info
        && ["pack", "idx", "rev", "bitmap", "mtimes", "keep", "promisor"].iter().any(|end| name == *end))
}

struct Copy {
    /// Folders made.
    folders: Vec<PathBuf>,
}

impl Copy {
    /// Copies a file, a symbolic link or a folder with all that is in it.
    fn tree(&mut self, from: &Path, to: &Path, link: &dyn Fn(&Path) -> bool) -> Result<(), FileError> {
        let mut pending = vec![(from.to_owned(), to.to_owned(), PathBuf::new())];
        while let Some((from, to, relative)) = pending.pop() {
            let kind = match from.symlink_metadata() {
                // git may tidy up beside us; what is gone was not needed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                metadata => metadata.map_err(fail("read", &from))?.file_type(),
            };
            // The object folder itself may be a link to elsewhere: its files are what counts.
            let top_link = kind.is_symlink() && relative.as_os_str().is_empty() && from.is_dir();
            if kind.is_dir() || top_link {
                make_folder(&to, Mode::Private)?;
                self.folders.push(to.clone());
                for entry in entries(&from)? {
                    let name = entry.file_name();
                    pending.push((entry.path(), to.join(&name), relative.join(&name)));
                }
            } else if kind.is_symlink() {
                copy_link(&from, &to)?;
            } else if kind.is_file()
                && !is_temporary(&from)
                && !(link(&relative) && fs::hard_link(&from, &to).is_ok())
            {
                copy_file(&from, &to)?;
            }
        }
        Ok(())
    }
}

/// What a git at work, or one that was killed, has not finished.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.ends_with(b".lock") || name.starts_with(b"tmp_") || name.starts_with(b".tmp-")
}

fn copy_file(from: &Path, to: &Path) -> Result<(), FileError> {
    let mut source = match fs::File::open(from) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        opened => opened.map_err(fail("read", from))?,
    };
    let permissions = source.metadata().map_err(fail("read", from))?.permissions();
    let mut target = options(Mode::Private).create_new(true).open(to).map_err(fail("written", to))?;
    let copied = std::io::copy(&mut source, &mut target).and_then(|_| target.set_permissions(permissions));
    copied.and_then(|()| target.sync_all()).map_err(fail("written", to))
}

#[cfg(unix)]
fn copy_link(from: &Path, to: &Path) -> Result<(), FileError> {
    let text = fs::read_link(from).map_err(fail("read", from))?;
    std::os::unix::fs::symlink(text, to).map_err(fail("written", to))
}

#[cfg(not(unix))]
fn copy_link(from: &Path, to: &Path) -> Result<(), FileError> {
    copy_file(from, to)
}

/// Relative alternates are so from the object folder, and the backup's lies elsewhere.
fn absolute_alternates(from: &Path, to: &Path) -> Result<(), FileError> {
    let name = Path::new("info").join("alternates");
    let Some(bytes) = read(&from.join(&name))? else { return Ok(()) };
    let mut lines = Vec::new();
    for line in bytes.lines() {
        let relative = !line.is_empty() && !matches!(line[0], b'#' | b'"' | b'/');
        if relative && let Ok(path) = line.to_path() {
            lines.extend_from_slice(OsStr::as_encoded_bytes(from.join(path).as_os_str()));
        } else {
            lines.extend_from_slice(line);
        }
        lines.push(b'\n');
    }
    crate::durable::replace(&to.join(&name), &lines, Mode::Private)
}
