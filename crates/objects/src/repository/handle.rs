//! The open repository: one value that is `Send + Sync`, hands out cheap per-thread readers and knows its places.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::{BStr, BString};
use gix_hash::{Kind, ObjectId};

use super::live_store::LiveStore;

/// A git repository opened for reading.
///
/// Replace refs are not honoured, no environment variable and no configuration outside of the repository is
/// consulted, no program named in its configuration is run, and no missing object is fetched.
pub struct Repository {
    pub(super) shared: gix::ThreadSafeRepository,
    pub(super) common_dir: PathBuf,
    pub(super) objects_dir: PathBuf,
    /// Reads that directory, and those of [`OpenOptions`](super::OpenOptions).
    pub(super) objects: Arc<LiveStore>,
    /// The excludes file of the user, from [`OpenOptions`](super::OpenOptions).
    pub(super) excludes_file: Option<PathBuf>,
    /// The user's home directory, from [`OpenOptions`](super::OpenOptions).
    pub(super) home: Option<PathBuf>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Repository")
            .field("git_dir", &self.git_dir())
            .field("work_dir", &self.work_dir())
            .finish_non_exhaustive()
    }
}

impl Repository {
    /// The directory with this worktree's `HEAD` and index: `.git`, a bare repository, or
    /// `<common>/worktrees/<name>` for a linked worktree. Absolute.
    pub fn git_dir(&self) -> &Path {
        self.shared.git_dir()
    }

    /// The directory with what all worktrees share: objects, refs, configuration. Absolute.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The top of the worktree; `None` in a bare repository. Absolute.
    pub fn work_dir(&self) -> Option<&Path> {
        self.shared.work_dir()
    }

    /// The directory to give to [`ObjectStore::open`](crate::ObjectStore). Absolute.
    pub fn objects_dir(&self) -> &Path {
        &self.objects_dir
    }

    /// Every directory to give to [`ObjectStore::open_all`](crate::ObjectStore): the repository's own, then those of
    /// [`OpenOptions::object_dirs`](super::OpenOptions).
    pub fn all_objects_dirs(&self) -> Vec<&Path> {
        self.objects.folders().iter().map(PathBuf::as_path).collect()
    }

    /// The hash function that names objects: SHA-1 or SHA-256.
    pub fn hash_kind(&self) -> Kind {
        self.shared.objects.object_hash()
    }

    /// `true` if there is no worktree.
    pub fn is_bare(&self) -> bool {
        self.work_dir().is_none()
    }

    /// The id of the tree without entries, which need not exist as an object.
    pub fn empty_tree(&self) -> ObjectId {
        ObjectId::empty_tree(self.hash_kind())
    }

    /// The names of the configured remotes, sorted. Their addresses may hold credentials and are not exposed.
    pub fn remotes(&self) -> Vec<BString> {
        self.local().remote_names().into_iter().collect()
    }

    /// Whether the configuration of this repository has the remote pushed to at another address than it is fetched from
    /// (`remote.<name>.pushurl`): then what was fetched says nothing about what is there.
    pub fn has_push_address(&self, remote: &BStr) -> bool {
        self.local().config_snapshot().plumbing().string_by("remote", Some(remote), "pushurl").is_some()
    }

    /// The view of one thread: buffers and caches, a few microseconds to make.
    pub(super) fn local(&self) -> gix::Repository {
        self.shared.to_thread_local()
    }
}
