//! Reads the files of a project, which may hold anything under any name: nothing that never ends, nothing endless.

use std::fs;
use std::io;
use std::path::Path;

/// Larger files are none that is looked for. Bytes.
const MAX_BYTES: u64 = 64 << 20;

/// A file's content; `None` if there is none, or something else, such as a folder or a pipe.
///
/// # Errors
/// When it is there and cannot be read, or is too large.
pub(crate) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let meta = match fs::metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        meta => meta?,
    };
    if !meta.is_file() {
        return Ok(None);
    }
    if meta.len() > MAX_BYTES {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_BYTES >> 20)));
    }
    fs::read(path).map(Some)
}
