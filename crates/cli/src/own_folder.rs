//! The program's private folder in a git directory: made where nobody else has a say, and told from copies of itself.

use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// What it is called in the git directory that all working trees share.
pub(crate) const NAME: &str = "unleak";

/// The folder, which exists.
pub(crate) struct OwnFolder {
    pub(crate) path: PathBuf,
    /// Number and time of birth. Nobody can say beforehand what they will be when an archive is unpacked, a directory
    /// restored or copied: so nobody can hand over a folder with something in it that is believed.
    pub(crate) mark: Vec<u8>,
}

impl OwnFolder {
    /// The folder in `git_dir`; `None` if there is none.
    ///
    /// # Errors
    /// When there is something else in its place, when others may write there, when the git directory is somebody
    /// else's, and when the file system knows no times of birth.
    pub(crate) fn find(git_dir: &Path) -> io::Result<Option<Self>> {
        expect_own(&fs::metadata(git_dir)?)?;
        let path = git_dir.join(NAME);
        let meta = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            meta => meta?,
        };
        if !meta.is_dir() {
            return Err(io::Error::other("there is something else in its place"));
        }
        expect_own(&meta)?;
        expect_private(&meta)?;
        let born = meta.created()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
        let mark = [&number(&meta).to_le_bytes()[..], &born.as_nanos().to_le_bytes()].concat();
        Ok(Some(Self { path, mark }))
    }

    /// The folder in `git_dir`, made if it is not there.
    ///
    /// # Errors
    /// Those of [`Self::find`], and when it cannot be made.
    pub(crate) fn make(git_dir: &Path) -> io::Result<Self> {
        if let Some(folder) = Self::find(git_dir)? {
            return Ok(folder);
        }
        match private().create(git_dir.join(NAME)) {
            // Another scan was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        Self::find(git_dir)?.ok_or_else(|| io::Error::other("it vanished"))
    }
}

/// Makes folders that only their owner can look into.
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

#[cfg(unix)]
fn expect_own(meta: &Metadata) -> io::Result<()> {
    let is_own = std::os::unix::fs::MetadataExt::uid(meta) == rustix::process::geteuid().as_raw();
    is_own.then_some(()).ok_or_else(|| io::Error::other("it belongs to somebody else"))
}

#[cfg(unix)]
fn expect_private(meta: &Metadata) -> io::Result<()> {
    let is_private = std::os::unix::fs::MetadataExt::mode(meta) & 0o022 == 0;
    is_private.then_some(()).ok_or_else(|| io::Error::other("others may write there"))
}

#[cfg(unix)]
fn number(meta: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(meta)
}

#[cfg(not(unix))]
fn expect_own(_: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn expect_private(_: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn it_is_private_and_stays_what_it_is() {
        let root = tempfile::tempdir().unwrap();
        let first = OwnFolder::make(root.path()).unwrap();
        assert_eq!(fs::metadata(&first.path).unwrap().permissions().mode() & 0o777, 0o700);
        fs::write(first.path.join("file"), "something").unwrap();
        assert_eq!(OwnFolder::make(root.path()).unwrap().mark, first.mark);
        // Held, so that its number is not given to the next one.
        fs::rename(&first.path, root.path().join("elsewhere")).unwrap();
        assert_ne!(OwnFolder::make(root.path()).unwrap().mark, first.mark);
    }

    #[test]
    fn what_is_no_private_folder_is_refused_and_left_alone() {
        let (root, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = root.path().join(NAME);
        symlink(other.path(), &path).unwrap();
        assert!(OwnFolder::make(root.path()).is_err());
        fs::remove_file(&path).unwrap();
        symlink(root.path().join("nowhere"), &path).unwrap();
        assert!(OwnFolder::make(root.path()).is_err());
        fs::remove_file(&path).unwrap();
        fs::write(&path, "a file").unwrap();
        assert!(OwnFolder::make(root.path()).is_err());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(OwnFolder::make(root.path()).is_err());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        assert!(OwnFolder::make(root.path()).is_ok());
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_git_directory_of_somebody_else_is_left_alone() {
        // Only the super-user can make one.
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(root.path(), Some(4242), None).unwrap();
        assert!(OwnFolder::make(root.path()).is_err());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
