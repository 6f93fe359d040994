//! The directories that hold refs and reflogs, and how names in each are told apart: one a worktree, as in git's
//! `main-worktree/HEAD` and `worktrees/NAME/HEAD`.

use std::{
    fs::{DirEntry, File},
    io::{self, ErrorKind, Read as _},
    path::{Path, PathBuf},
};

use bstr::{BString, ByteVec as _};

use super::handle::Repository;

/// The private git directory of one worktree.
pub(super) struct Place {
    pub(super) directory: PathBuf,
    /// What goes before the names of this worktree's own refs; empty for the repository that was opened.
    pub(super) prefix: BString,
}

/// A directory that could not be listed.
pub(super) type Unreadable = (PathBuf, io::Error);

impl Repository {
    /// All worktrees' directories, the one that was opened first. Those of the others in the order of their names.
    pub(super) fn places(&self) -> Result<Vec<Place>, Unreadable> {
        let own = std::fs::canonicalize(self.git_dir()).unwrap_or_else(|_| self.git_dir().to_owned());
        let mut places = vec![Place { directory: own.clone(), prefix: BString::default() }];
        if own != self.common_dir() {
            places.push(Place { directory: self.common_dir().to_owned(), prefix: "main-worktree/".into() });
        }
        let worktrees = self.common_dir().join("worktrees");
        for entry in sorted_entries(&worktrees).map_err(|error| (worktrees, error))? {
            let directory = entry.path();
            if directory.is_dir() && directory != own {
                let mut prefix = BString::from("worktrees/");
                prefix.extend_from_slice(entry.file_name().as_encoded_bytes());
                prefix.push_byte(b'/');
                places.push(Place { directory, prefix });
            }
        }
        Ok(places)
    }
}

impl Repository {
    /// The index file of every worktree, whether it exists or not, with what goes before the names of the worktree's own
    /// refs: nothing for the repository that was opened, else `worktrees/NAME/` or `main-worktree/`.
    pub fn index_files(&self) -> io::Result<Vec<(BString, PathBuf)>> {
        let places = self.places().map_err(|(_, error)| error)?;
        Ok(places.into_iter().map(|place| (place.prefix, place.directory.join("index"))).collect())
    }
}

/// The entries of a directory by name; none if it does not exist.
pub(super) fn sorted_entries(directory: &Path) -> io::Result<Vec<DirEntry>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

/// Reads a regular file of at most `limit` bytes; `None` if there is no such file. Never waits on a pipe or a device.
pub(super) fn read_file(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("not a regular file")),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other("file is too large"));
    }
    Ok(Some(bytes))
}

/// What is below a directory.
#[derive(Default)]
pub(super) struct Below {
    /// By name.
    pub(super) files: Vec<(BString, PathBuf)>,
    /// Directories that could not be listed.
    pub(super) unreadable: Vec<(BString, io::Error)>,
}

/// All files below `directory`, with names from it with `/` between; iterative, in the order of their names.
/// Lock files and names that begin with a dot are not refs for git, and are left out.
pub(super) fn files_below(directory: &Path, name: &[u8]) -> Below {
    let mut below = Below::default();
    let mut pending = vec![(directory.to_owned(), BString::from(name))];
    while let Some((directory, name)) = pending.pop() {
        let entries = match sorted_entries(&directory) {
            Ok(entries) => entries,
            Err(error) => {
                below.unreadable.push((name, error));
                continue;
            }
        };
        for entry in entries {
            let file_name = entry.file_name();
            let file_name = file_name.as_encoded_bytes();
            if file_name.starts_with(b".") || file_name.ends_with(b".lock") {
                continue;
            }
            let mut full = name.clone();
            full.push_byte(b'/');
            full.extend_from_slice(file_name);
            // A link to a directory is not followed: it could lead anywhere, and in circles.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push((entry.path(), full));
            } else {
                below.files.push((full, entry.path()));
            }
        }
    }
    below.files.sort();
    below
}
