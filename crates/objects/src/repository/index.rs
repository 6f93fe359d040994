//! The index: what the next commit would hold.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;

use super::{handle::Repository, mode::EntryMode};

/// More than the entries of any index need, so that a damaged number does not ask for all memory.
const MAX_ALLOCATION_BYTES: usize = 4 << 30;

/// Why an index was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The file is there, and is cut short, damaged, of an unknown version, or unreadable.
    #[error("index {} cannot be read; if it is damaged, delete it and run `git reset` to build it anew", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

/// A file of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry<'a> {
    /// From the top of the worktree, with `/` between. That of a sparse directory ends in `/`.
    pub path: &'a BStr,
    /// The blob; the commit of a submodule; the tree of a sparse directory.
    pub id: ObjectId,
    /// What it is. [`EntryMode::Directory`] is a sparse directory, which stands for all files in it.
    pub mode: EntryMode,
    /// 0, or in a conflict: 1 the common ancestor's, 2 ours, 3 theirs.
    pub stage: u8,
    /// Announced with `git add --intent-to-add`; the id is that of the empty blob.
    pub intent_to_add: bool,
    /// A sparse checkout leaves it out of the worktree.
    pub skip_worktree: bool,
}

/// An index as read from its file.
pub struct Index {
    pub(super) state: gix::index::State,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("entries", &self.len()).finish_non_exhaustive()
    }
}

impl Index {
    /// All entries, ordered by path and stage.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = IndexEntry<'_>> {
        self.state.entries().iter().map(|entry| self.view(entry))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.state.entries().len()
    }

    /// `true` if there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The paths of submodules; sorted.
    pub fn submodules(&self) -> Vec<BString> {
        let mut paths: Vec<_> = self
            .entries()
            .filter(|entry| entry.mode == EntryMode::Gitlink)
            .map(|entry| entry.path.to_owned())
            .collect();
        paths.dedup();
        paths
    }

    /// The directories, with a `/` at the end, and trees that stand for all the files in them.
    /// [`Repository::files_of_tree`] lists those.
    pub fn sparse_directories(&self) -> Vec<(BString, ObjectId)> {
        self.entries()
            .filter(|entry| entry.mode == EntryMode::Directory)
            .map(|entry| (entry.path.to_owned(), entry.id))
            .collect()
    }

    /// The entry of a path, in any stage.
    pub fn find(&self, path: &[u8]) -> Option<IndexEntry<'_>> {
        let entry = self.state.entries().get(self.first_from(path))?;
        (entry.path(&self.state) == path).then(|| self.view(entry))
    }

    /// Whether a file of that size (in bytes) and that time of change (seconds since 1970 and nanoseconds) may differ from
    /// the entry at `path`, as git tells without reading it. `true` where there is no entry.
    pub fn may_differ(&self, path: &[u8], size: u64, changed: (u32, u32)) -> bool {
        let entry = self.state.entries().get(self.first_from(path));
        let Some(entry) = entry.filter(|entry| entry.path(&self.state) == path) else { return true };
        let stat = &entry.stat;
        // What was written in the second in which the index was may have been written again after it.
        let index = self.state.timestamp();
        let is_racy = i64::from(stat.mtime.secs) >= index.unix_seconds();
        is_racy
            || u64::from(stat.size) != size & u64::from(u32::MAX)
            || (stat.mtime.secs, stat.mtime.nsecs) != changed
    }

    /// `true` if a path in the index begins so.
    pub(super) fn has_prefix(&self, prefix: &[u8]) -> bool {
        let entry = self.state.entries().get(self.first_from(prefix));
        entry.is_some_and(|entry| entry.path(&self.state).starts_with(prefix))
    }

    /// The position of the first entry whose path is not before `path`.
    fn first_from(&self, path: &[u8]) -> usize {
        self.state.entries().partition_point(|entry| entry.path(&self.state).as_bytes() < path)
    }

    pub(super) fn view(&self, entry: &gix::index::Entry) -> IndexEntry<'_> {
        use gix::index::entry::Flags;
        IndexEntry {
            path: entry.path(&self.state),
            id: entry.id,
            mode: EntryMode::from_octal(entry.mode.bits()),
            // Two bits of the flags: never more than 3.
            stage: u8::try_from(entry.stage_raw()).unwrap_or(0),
            intent_to_add: entry.flags.contains(Flags::INTENT_TO_ADD),
            skip_worktree: entry.flags.contains(Flags::SKIP_WORKTREE),
        }
    }
}

impl Repository {
    /// Reads the index of this worktree, or `index_file` (`GIT_INDEX_FILE`) in its place.
    /// A file that does not exist is an empty index, as for git.
    pub fn index(&self, index_file: Option<&Path>) -> Result<Index, IndexError> {
        let path = index_file.map_or_else(|| self.git_dir().join("index"), Path::to_owned);
        let broken = |source| IndexError::Broken { path: path.clone(), source };
        let options = gix::index::decode::Options {
            thread_limit: Some(1),
            alloc_limit_bytes: Some(MAX_ALLOCATION_BYTES),
            ..Default::default()
        };
        let file = gix::index::File::at_or_default(&path, self.hash_kind(), false, options)
            .map_err(|error| broken(error.into()))?;
        let (state, _path) = file.into_parts();
        let index = Index { state };
        // Everything that compares the index to a tree relies on its order.
        if !index.entries().map(|entry| (entry.path, entry.stage)).is_sorted() {
            return Err(broken("its entries are not in order".into()));
        }
        Ok(index)
    }
}
