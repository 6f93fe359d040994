//! What a repository does not hold: history that a shallow clone cut off, objects that a partial clone left out.

use std::{io, path::PathBuf};

use bstr::ByteSlice as _;
use gix_hash::ObjectId;

use super::{handle::Repository, places::read_file, ref_file::parse_id};

const MAX_SHALLOW_BYTES: u64 = 1 << 30;

/// Why it is not known where history is cut off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShallowError {
    /// The list cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line is no id.
    #[error("line {line} of {} is no object id", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

impl Repository {
    /// `true` if history is cut off.
    pub fn is_shallow(&self) -> bool {
        std::fs::metadata(self.common_dir().join("shallow")).is_ok_and(|metadata| metadata.len() > 0)
    }

    /// The commits whose parents were not fetched; sorted.
    pub fn shallow_commits(&self) -> Result<Vec<ObjectId>, ShallowError> {
        let path = self.common_dir().join("shallow");
        let bytes = match read_file(&path, MAX_SHALLOW_BYTES) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(source) => return Err(ShallowError::Unreadable { path, source }),
        };
        let ids = bytes.lines().enumerate().map(|(index, line)| {
            let broken = || ShallowError::Broken { path: path.clone(), line: index + 1 };
            parse_id(line, self.hash_kind()).ok_or_else(broken)
        });
        let mut ids = ids.collect::<Result<Vec<_>, _>>()?;
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    /// `true` if objects may be missing because a promisor remote has them: a partial clone.
    /// git does not always say so in the same place, hence three.
    pub fn is_partial(&self) -> bool {
        let promisor = |entry: io::Result<std::fs::DirEntry>| {
            entry.is_ok_and(|entry| entry.file_name().as_encoded_bytes().ends_with(b".promisor"))
        };
        if std::fs::read_dir(self.objects_dir().join("pack")).is_ok_and(|mut entries| entries.any(promisor)) {
            return true;
        }
        let local = self.local();
        let config = local.config_snapshot();
        let remotes = config.plumbing().sections_by_name("remote").into_iter().flatten();
        let promised = remotes.into_iter().any(|section| {
            let promisor = section.value("promisor").is_some_and(|value| value != "false");
            promisor || section.value("partialclonefilter").is_some()
        });
        promised || config.string("extensions.partialClone").is_some()
    }
}
