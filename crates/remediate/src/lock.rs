//! Who may change the repository: one run at a time, by a lock that ends with whoever holds it.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::durable::{FileError, Mode, fail, make_folder, options};

/// A git that outlived a killed run lets go as soon as it is done.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);
/// A lock that is let go is held a moment longer by a process that is just being started.
const MOMENTS: u32 = 5;

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(crate) struct RunLock {
    file: File,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Another run has it.
    #[error("another unleak is at work in this repository")]
    Taken,
    /// The lock file cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
}

impl RunLock {
    /// Takes the lock of the repository with this folder for what runs leave behind, which is made.
    pub(crate) fn take(folder: &Path) -> Result<Self, LockError> {
        make_folder(folder, Mode::Private)?;
        let path = folder.join("lock");
        let file = options(Mode::Private)
            .read(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fail("made", &path))?;
        for attempt in 0..TRIES {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::WouldBlock) if attempt + 1 < TRIES => sleep(PAUSE),
                Err(TryLockError::WouldBlock) => break,
                Err(TryLockError::Error(error)) => return Err(fail("locked", &path)(error).into()),
            }
        }
        Err(LockError::Taken)
    }

    /// Whether someone holds the lock, and not just for a moment.
    pub(crate) fn is_taken(folder: &Path) -> bool {
        let Ok(file) = File::open(folder.join("lock")) else { return false };
        for _ in 0..MOMENTS {
            if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                return false;
            }
            sleep(PAUSE);
        }
        true
    }

    /// The file, for a git that is to hold it too.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}
