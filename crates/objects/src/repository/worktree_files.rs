//! The files of the worktree that are tracked, or untracked and not ignored; as `git ls-files -co --exclude-standard`,
//! but for those that do not exist.
//!
//! Symbolic links are not followed, nested repositories not entered.

use std::{
    error::Error,
    fs::FileType,
    io,
    path::{Path, PathBuf},
};

use bstr::{BString, ByteSlice as _, ByteVec as _};
use gix::{index::entry::Mode, worktree::stack::state::ignore::Source};

use super::{handle::Repository, index::Index, mode::EntryMode, places::sorted_entries};

/// A file or symbolic link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorktreeFile {
    /// From the top of the worktree, with `/` between.
    pub path: BString,
    /// It is in the index.
    pub tracked: bool,
    /// It is a symbolic link; its content is the path it points to.
    pub symlink: bool,
}

/// A directory that was not entered since it is a repository of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedRepository {
    /// From the top of the worktree, with `/` between.
    pub path: BString,
    /// It is a submodule in the index. Its directory may be empty.
    pub submodule: bool,
}

/// A directory or ignore file that could not be read.
#[derive(Debug)]
pub struct WorktreeTrouble {
    /// From the top of the worktree; empty for the top.
    pub path: BString,
    /// Why.
    pub source: Box<dyn Error + Send + Sync>,
}

/// What is in the worktree.
#[derive(Debug, Default)]
pub struct WorktreeFiles {
    /// By path.
    pub files: Vec<WorktreeFile>,
    /// By path.
    pub nested: Vec<NestedRepository>,
    /// What is missing from the lists.
    pub troubles: Vec<WorktreeTrouble>,
}

/// Why the worktree was not looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorktreeError {
    /// There is none.
    #[error("repository {} has no worktree", git_dir.display())]
    Bare {
        /// The git directory.
        git_dir: PathBuf,
    },
    /// The worktree's top directory cannot be listed.
    #[error("worktree {} cannot be listed", path.display())]
    Unreadable {
        /// The worktree.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The exclude files outside of the worktree cannot be read.
    #[error("exclude files of repository {} cannot be read", git_dir.display())]
    Excludes {
        /// The git directory.
        git_dir: PathBuf,
        /// Which, and why.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Repository {
    /// Lists the worktree. What is ignored is said by `.gitignore` files, `info/exclude` of the git directory, and the
    /// repository's `core.excludesFile` or else [`OpenOptions::excludes_file`](super::OpenOptions). With `ignored`,
    /// ignored files are listed too.
    pub fn worktree_files(&self, index: &Index, ignored: bool) -> Result<WorktreeFiles, WorktreeError> {
        let git_dir = || self.git_dir().to_owned();
        let top = self.work_dir().ok_or_else(|| WorktreeError::Bare { git_dir: git_dir() })?;
        std::fs::read_dir(top)
            .map_err(|source| WorktreeError::Unreadable { path: top.to_owned(), source })?;
        let failed = |source| WorktreeError::Excludes { git_dir: git_dir(), source };
        let mut local = self.local();
        self.set_excludes_file(&mut local, top).map_err(failed)?;
        let source = Source::WorktreeThenIdMappingIfNotSkipped;
        let excludes = local.excludes(&index.state, None, source).map_err(|error| failed(error.into()))?;
        let mut walk = Walk {
            top,
            own: [self.git_dir(), self.common_dir()],
            index,
            excludes,
            ignored,
            found: WorktreeFiles::default(),
            pending: vec![Directory { path: BString::default(), ignored: false }],
        };
        while let Some(directory) = walk.pending.pop() {
            walk.directory(&directory);
        }
        let mut found = walk.found;
        found.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        found.nested.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        found.troubles.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// Makes the excludes file that counts an absolute path in `local`, since gix is not allowed to know the home
    /// directory.
    pub(super) fn set_excludes_file(
        &self,
        local: &mut gix::Repository,
        top: &Path,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let configured = local.config_snapshot().string("core.excludesFile");
        let path = match &configured {
            None => self.excludes_file.clone(),
            Some(value) => match (value.strip_prefix(b"~/"), &self.home) {
                (Some(rest), Some(home)) => Some(home.join(rest.to_path()?)),
                (Some(_), None) => None,
                // git's current directory is the top of the worktree.
                (None, _) => Some(top.join(value.to_path()?)),
            },
        };
        let path = path.unwrap_or_default();
        let mut config = local.config_snapshot_mut();
        config.set_value(
            &gix::config::tree::Core::EXCLUDES_FILE,
            path.as_os_str().as_encoded_bytes().as_bstr(),
        )?;
        config.commit()?;
        Ok(())
    }
}

/// A directory to list.
struct Directory {
    /// Empty for the top.
    path: BString,
    /// All that is untracked in it is ignored.
    ignored: bool,
}

struct Walk<'a> {
    top: &'a Path,
    /// Directories of the repository itself, which may have another name than `.git`.
    own: [&'a Path; 2],
    index: &'a Index,
    excludes: gix::AttributeStack<'a>,
    ignored: bool,
    found: WorktreeFiles,
    pending: Vec<Directory>,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Directory) {
        let on_disk = self.on_disk(&directory.path);
        let entries = match sorted_entries(&on_disk) {
            Ok(entries) => entries,
            Err(error) => return self.trouble(directory.path.clone(), error),
        };
        for entry in entries {
            let name = entry.file_name();
            if name == ".git" {
                continue;
            }
            let mut path = directory.path.clone();
            if !path.is_empty() {
                path.push_byte(b'/');
            }
            path.push_str(name.as_encoded_bytes());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => self.subdirectory(path, &entry.path(), directory.ignored),
                Ok(kind) => self.file(path, kind, directory.ignored),
                Err(error) => self.trouble(path, error),
            }
        }
    }

    fn subdirectory(&mut self, path: BString, on_disk: &Path, ignored: bool) {
        if self.own.contains(&on_disk) {
            return;
        }
        if self.index.find(&path).is_some_and(|entry| entry.mode == EntryMode::Gitlink) {
            self.found.nested.push(NestedRepository { path, submodule: true });
            return;
        }
        let ignored = ignored || self.is_excluded(&path, Mode::DIR);
        let mut prefix = path.clone();
        prefix.push_byte(b'/');
        if !self.index.has_prefix(&prefix) {
            if ignored && !self.ignored {
                return;
            }
            if gix::discover::is_git(&on_disk.join(".git")).is_ok() {
                self.found.nested.push(NestedRepository { path, submodule: false });
                return;
            }
        }
        self.pending.push(Directory { path, ignored });
    }

    /// Pipes, sockets and devices are not content, even if the index knows a file of their name.
    fn file(&mut self, path: BString, kind: FileType, ignored: bool) {
        if !kind.is_file() && !kind.is_symlink() {
            return;
        }
        let symlink = kind.is_symlink();
        let tracked = self.index.find(&path).is_some();
        if !tracked && !self.ignored {
            let mode = if symlink { Mode::SYMLINK } else { Mode::FILE };
            if ignored || self.is_excluded(&path, mode) {
                return;
            }
        }
        self.found.files.push(WorktreeFile { path, tracked, symlink });
    }

    /// What cannot be told is not excluded.
    fn is_excluded(&mut self, path: &BString, mode: Mode) -> bool {
        match self.excludes.at_entry(path.as_bstr(), Some(mode)) {
            Ok(platform) => platform.is_excluded(),
            Err(error) => {
                self.trouble(path.clone(), error);
                false
            }
        }
    }

    fn on_disk(&self, path: &BString) -> PathBuf {
        if path.is_empty() {
            return self.top.to_owned();
        }
        self.top.join(gix::path::from_bstr(path.as_bstr()).unwrap_or_default())
    }

    fn trouble(&mut self, path: BString, source: impl Into<Box<dyn Error + Send + Sync>>) {
        self.found.troubles.push(WorktreeTrouble { path, source: source.into() });
    }
}
