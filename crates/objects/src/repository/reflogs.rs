//! Every id that a reflog of any worktree mentions: commits that no ref holds any more, older stash entries.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

use bstr::{BString, ByteSlice as _};
use gix_hash::{Kind, ObjectId};

use super::{
    handle::Repository,
    places::files_below,
    ref_class::PER_WORKTREE,
    ref_file::parse_reflog_line,
    ref_store::{RefTrouble, RefTroubleKind, RefsError},
};

/// An id from a reflog. The object may be gone: git prunes what only a reflog's expired entries held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReflogEntry {
    /// The ref the log belongs to, named as in [`Tip`](super::Tip).
    pub name: BString,
    /// An old or a new value of that ref.
    pub id: ObjectId,
}

impl Repository {
    /// The ids of all reflogs, each once for every ref, by name and id. A broken line or an unreadable log is
    /// a trouble naming the ref.
    pub fn reflogs(&self) -> Result<(Vec<ReflogEntry>, Vec<RefTrouble>), RefsError> {
        let mut entries = Vec::new();
        let mut troubles = Vec::new();
        let places = self.places().map_err(|(path, source)| RefsError::Unreadable { path, source })?;
        for place in &places {
            let is_common = place.directory == self.common_dir();
            let below = files_below(&place.directory.join("logs"), b"logs");
            for (name, error) in below.unreadable {
                let kind = RefTroubleKind::Unreadable(error);
                troubles.push(RefTrouble { name: place.prefixed(&name), kind });
            }
            for (file_name, path) in below.files {
                let name = &file_name["logs/".len()..];
                let own =
                    !name.starts_with(b"refs/") || PER_WORKTREE.iter().any(|prefix| name.starts_with(prefix));
                if !own && !is_common {
                    continue;
                }
                let name = if own { place.prefixed(name) } else { name.into() };
                let mut ids = BTreeSet::new();
                if let Err(kind) = read_log(&path, self.hash_kind(), &mut ids) {
                    troubles.push(RefTrouble { name: name.clone(), kind });
                }
                entries.extend(ids.into_iter().map(|id| ReflogEntry { name: name.clone(), id }));
            }
        }
        entries.sort();
        Ok((entries, troubles))
    }
}

/// Collects the ids of all lines, also of those after a broken one; reports the first broken one.
fn read_log(path: &Path, kind: Kind, ids: &mut BTreeSet<ObjectId>) -> Result<(), RefTroubleKind> {
    let unreadable = RefTroubleKind::Unreadable;
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("not a regular file")));
    }
    let mut log = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut first_broken = None;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if log.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            break;
        }
        match parse_reflog_line(line.trim_end_with(|c| c == '\n'), kind) {
            Some(pair) => ids.extend(pair.into_iter().flatten()),
            None => drop(first_broken.get_or_insert(number)),
        }
    }
    first_broken.map_or(Ok(()), |number| Err(RefTroubleKind::BadLine(number)))
}
