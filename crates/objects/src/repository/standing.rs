//! How git sees single paths: tracked, ignored and because of which file, or free for the next `git add`.

use std::path::PathBuf;

use bstr::{BStr, ByteSlice as _};
use gix::{index::entry::Mode, worktree::stack::state::ignore::Source};

use super::{handle::Repository, index::Index, worktree_files::WorktreeError};

/// How git sees a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is in the index. Whether it is ignored makes no difference to git then.
    Tracked,
    /// It is not in the index, and ignored.
    Ignored {
        /// The file that says so; `None` where git knows it from elsewhere.
        source: Option<PathBuf>,
    },
    /// Neither.
    Free,
}

impl Repository {
    /// How git sees each of `paths`, which are relative to the top of the worktree, with `/` between. They need not
    /// exist. What is ignored is said by the same files as for [`Repository::worktree_files`].
    ///
    /// # Errors
    /// Those of [`Repository::worktree_files`].
    pub fn standings(&self, index: &Index, paths: &[&BStr]) -> Result<Vec<Standing>, WorktreeError> {
        self.judged(index, paths, true)
    }

    /// The same as if nothing were in the index: whether the path would be ignored once it is taken out.
    ///
    /// # Errors
    /// Those of [`Repository::worktree_files`].
    pub fn standings_untracked(
        &self,
        index: &Index,
        paths: &[&BStr],
    ) -> Result<Vec<Standing>, WorktreeError> {
        self.judged(index, paths, false)
    }

    fn judged(
        &self,
        index: &Index,
        paths: &[&BStr],
        with_index: bool,
    ) -> Result<Vec<Standing>, WorktreeError> {
        let git_dir = || self.git_dir().to_owned();
        let top = self.work_dir().ok_or_else(|| WorktreeError::Bare { git_dir: git_dir() })?;
        let failed = |source| WorktreeError::Excludes { git_dir: git_dir(), source };
        let mut local = self.local();
        self.set_excludes_file(&mut local, top).map_err(failed)?;
        let source = Source::WorktreeThenIdMappingIfNotSkipped;
        let mut excludes =
            local.excludes(&index.state, None, source).map_err(|error| failed(error.into()))?;
        let mut standings = Vec::with_capacity(paths.len());
        for path in paths {
            let prefix = [path.as_bytes(), b"/"].concat();
            if with_index && (index.find(path).is_some() || index.has_prefix(prefix.as_bstr())) {
                standings.push(Standing::Tracked);
                continue;
            }
            let is_directory = path.to_path().is_ok_and(|path| top.join(path).is_dir());
            let mode = if is_directory { Mode::DIR } else { Mode::FILE };
            let platform = excludes.at_entry(*path, Some(mode)).map_err(|error| failed(error.into()))?;
            let found = platform.matching_exclude_pattern().filter(|found| !found.pattern.is_negative());
            standings.push(match found {
                Some(found) => Standing::Ignored { source: found.source.map(ToOwned::to_owned) },
                None => Standing::Free,
            });
        }
        Ok(standings)
    }
}
