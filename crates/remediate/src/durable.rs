//! Files that are there as a whole or not at all, also after the power fails.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// A file or folder that cannot be worked with.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be {doing}", path.display())]
pub struct FileError {
    /// What was tried: "read", "written", "renamed".
    pub doing: &'static str,
    /// Which one.
    pub path: PathBuf,
    /// Why not.
    pub source: io::Error,
}

/// For `map_err`.
pub(crate) fn fail(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { doing, path, source }
}

/// Who may read what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The owner alone.
    Private,
    /// Whoever the user lets.
    Usual,
}

/// Makes a folder and those above it; those made are the owner's alone if that is asked for.
pub(crate) fn make_folder(path: &Path, mode: Mode) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if mode == Mode::Private {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(path).map_err(fail("made", path))
}

/// Options to write a file of that mode with.
pub(crate) fn options(mode: Mode) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    if mode == Mode::Private {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Puts `bytes` in the place of a file or of nothing, by way of a neighbour that is renamed.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), FileError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".unleak-tmp");
    let beside = path.with_file_name(name);
    let written = options(mode).create(true).truncate(true).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| {
        if let Ok(metadata) = fs::metadata(path) {
            fs::set_permissions(&beside, metadata.permissions())?;
        }
        fs::rename(&beside, path)
    });
    if placed.is_err() {
        drop(fs::remove_file(&beside));
    }
    placed.map_err(fail("written", path))?;
    sync_folder_of(path)
}

/// Makes what was done to the entries of a folder last.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), FileError> {
    // Only Unix can open a folder as a file.
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(fail("synced", folder))
    } else {
        Ok(())
    }
}

pub(crate) fn sync_folder_of(path: &Path) -> Result<(), FileError> {
    path.parent().map_or(Ok(()), sync_folder)
}

/// Whether [`sync_all_below`] does something here.
pub(crate) const CAN_SYNC_ALL: bool = cfg!(any(target_os = "linux", target_os = "android"));

/// Makes everything last that was written to the file system of a folder.
pub(crate) fn sync_all_below(folder: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    rustix::fs::syncfs(File::open(folder)?)?;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = folder;
    Ok(())
}

/// The bytes of a file; `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(FileError { doing: "read", path: path.to_owned(), source }),
    }
}

/// Removes a file that may be gone already.
pub(crate) fn remove(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fail("removed", path)(error)),
        _ => Ok(()),
    }
}

/// Removes a folder with all that is in it; it may be gone already.
pub(crate) fn remove_folder(path: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(fail("removed", path)(error)),
        _ => Ok(()),
    }
}

/// The entries of a folder by name; none if it does not exist.
pub(crate) fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>, FileError> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        listed => listed.and_then(Iterator::collect::<io::Result<Vec<_>>>),
    };
    let mut listed = listed.map_err(fail("listed", folder))?;
    listed.sort_by_key(fs::DirEntry::file_name);
    Ok(listed)
}

/// Every file below a folder, symbolic links unfollowed; sorted within each folder.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let (mut files, mut pending) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in entries(&folder)? {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a file was last written after that.
pub(crate) fn is_younger(path: &Path, since: Option<std::time::SystemTime>) -> bool {
    let modified = path.metadata().and_then(|metadata| metadata.modified()).ok();
    modified.zip(since).is_some_and(|(modified, since)| modified >= since)
}
