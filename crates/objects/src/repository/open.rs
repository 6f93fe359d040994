//! Finds and opens a repository, from a path or from the directories a caller names.
//!
//! Input comes from the caller alone: environment variables such as `GIT_DIR` are read by whoever calls, and arrive
//! here as [`OpenOptions`].

use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{format, handle::Repository, live_store::LiveStore};

/// A size claimed by a hostile object must not become an allocation of that size.
const MAX_OBJECT_BYTES: usize = 4 << 30;

/// What the caller knows about where the repository is. The default: nothing.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The git directory (`GIT_DIR`): nothing is searched for.
    pub git_dir: Option<PathBuf>,
    /// The top of the worktree (`GIT_WORK_TREE`).
    pub work_tree: Option<PathBuf>,
    /// Directories that the search does not leave upwards (`GIT_CEILING_DIRECTORIES`). As with git, one that is
    /// the start of the search has no effect. Give them with symbolic links resolved.
    pub ceilings: Vec<PathBuf>,
    /// Object directories besides the repository's own and its alternates. A hook of a push finds the new objects in
    /// one (`GIT_OBJECT_DIRECTORY`, `GIT_ALTERNATE_OBJECT_DIRECTORIES`).
    pub object_dirs: Vec<PathBuf>,
    /// The excludes file of the user (`core.excludesFile` of the user's configuration, or `~/.config/git/ignore`).
    /// The repository's own `core.excludesFile` goes before it.
    pub excludes_file: Option<PathBuf>,
    /// The user's home directory, for `~/` in the repository's own `core.excludesFile`.
    pub home: Option<PathBuf>,
}

/// Why a repository was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Neither `path` nor, when searching, a directory above it is a repository.
    #[error("{} is not in a git repository", path.display())]
    NotARepository {
        /// Where the search began.
        path: PathBuf,
    },
    /// There is a repository, in a format we do not read.
    #[error("repository {} uses {what}, which is not supported", path.display())]
    Unsupported {
        /// The git directory.
        path: PathBuf,
        /// The version or extension, such as `extension refstorage = reftable`.
        what: String,
    },
    /// There is something that should be a repository and cannot be opened.
    #[error("repository {} cannot be opened", path.display())]
    Broken {
        /// The git directory, or the file pointing to it.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Repository {
    /// Opens the repository that `path` is in: `path` itself or the nearest directory above it that has a `.git`,
    /// or is a git directory. With [`OpenOptions::git_dir`] nothing is searched for, and `path` serves as
    /// git's current directory does: it is the worktree if nothing else says which is.
    pub fn discover(path: &Path, options: OpenOptions) -> Result<Self, OpenError> {
        if options.git_dir.is_some() {
            return Self::open(path, options);
        }
        let broken =
            |source: std::io::Error| OpenError::Broken { path: path.to_owned(), source: source.into() };
        let start = std::fs::canonicalize(path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => OpenError::NotARepository { path: path.to_owned() },
            _ => broken(error),
        })?;
        let mut first_broken = None;
        for directory in start.ancestors() {
            if directory != start && options.ceilings.iter().any(|ceiling| ceiling == directory) {
                break;
            }
            match candidate(directory) {
                Candidate::Found(git_dir) => return open_git_dir(&git_dir, path, options),
                Candidate::Nothing => {}
                Candidate::Broken { error, stop } => {
                    if stop {
                        return Err(error);
                    }
                    first_broken.get_or_insert(error);
                }
            }
        }
        Err(first_broken.unwrap_or_else(|| OpenError::NotARepository { path: path.to_owned() }))
    }

    /// Opens the repository at `path`: a worktree's top directory, a `.git` directory or file, a bare repository;
    /// or, if it is given, at [`OpenOptions::git_dir`].
    pub fn open(path: &Path, options: OpenOptions) -> Result<Self, OpenError> {
        let asked = options.git_dir.clone().unwrap_or_else(|| path.to_owned());
        let start =
            std::fs::canonicalize(&asked).map_err(|_| OpenError::NotARepository { path: asked.clone() })?;
        let git_dir = match candidate(&start) {
            Candidate::Found(git_dir) => git_dir,
            Candidate::Broken { error, .. } => return Err(error),
            Candidate::Nothing if start.is_file() => {
                gix::discover::is_git(&start).map_err(|error| broken(&start, error))?;
                start
            }
            Candidate::Nothing => return Err(OpenError::NotARepository { path: asked }),
        };
        open_git_dir(&git_dir, path, options)
    }
}

/// What a directory on the way up is.
enum Candidate {
    /// The git directory, or the `.git` file that points to one.
    Found(PathBuf),
    Nothing,
    /// A `.git` that is none. As for git, a file pointing nowhere ends the search, since what is further up is
    /// another repository; a directory that lacks parts does not.
    Broken {
        error: OpenError,
        stop: bool,
    },
}

fn candidate(directory: &Path) -> Candidate {
    let dot_git = directory.join(".git");
    let mut failed = Candidate::Nothing;
    if let Ok(metadata) = dot_git.metadata() {
        match gix::discover::is_git(&dot_git) {
            Ok(_) => return Candidate::Found(dot_git),
            Err(error) => {
                failed = Candidate::Broken { error: broken(&dot_git, error), stop: metadata.is_file() }
            }
        }
    }
    if directory.join("HEAD").symlink_metadata().is_ok() && gix::discover::is_git(directory).is_ok() {
        return Candidate::Found(directory.to_owned());
    }
    failed
}

fn open_git_dir(git_dir: &Path, path: &Path, options: OpenOptions) -> Result<Repository, OpenError> {
    let (real_git_dir, common_dir) = real_directories(git_dir)?;
    let config = format::read_config(&common_dir)
        .map_err(|source| OpenError::Broken { path: common_dir.join("config"), source })?;
    if let Some(what) = format::unsupported(&config) {
        return Err(OpenError::Unsupported { path: real_git_dir, what });
    }
    let mut shared =
        gix::ThreadSafeRepository::open_opts(git_dir, settings()).map_err(|error| broken(git_dir, error))?;
    if let Some(work_tree) = options.work_tree {
        let found = std::fs::canonicalize(&work_tree)
            .map_err(|source| OpenError::Broken { path: work_tree.clone(), source: source.into() })?;
        shared.work_tree = Some(found);
    } else if shared.work_tree.is_none() && options.git_dir.is_some() {
        let bare = config.boolean("core.bare").ok().flatten();
        if bare == Some(false) {
            shared.work_tree = std::fs::canonicalize(path).ok();
        }
    }
    for directory in &options.object_dirs {
        drop(directory.read_dir().map_err(|error| broken(directory, error))?);
    }
    let objects_dir = common_dir.join("objects");
    let folders = std::iter::once(objects_dir.clone()).chain(options.object_dirs).collect();
    let objects = LiveStore::new(folders, shared.objects.object_hash());
    Ok(Repository {
        shared,
        objects: Arc::new(objects),
        objects_dir,
        common_dir,
        excludes_file: options.excludes_file,
        home: options.home,
    })
}

fn settings() -> gix::open::Options {
    gix::open::Options::isolated()
        .open_path_as_is(true)
        // Ownership does not matter to a reader that runs nothing the configuration names.
        .with(gix::sec::Trust::Full)
        .config_overrides([
            "core.useReplaceRefs=false".to_owned(),
            format!("gitoxide.objects.allocLimit={MAX_OBJECT_BYTES}"),
        ])
}

/// Follows a `.git` file to the git directory, and its `commondir` to what is shared between worktrees.
fn real_directories(git_dir: &Path) -> Result<(PathBuf, PathBuf), OpenError> {
    let absolute = |path: PathBuf| std::fs::canonicalize(&path).map_err(|error| broken(&path, error));
    let real = if git_dir.is_file() {
        gix::discover::path::from_gitdir_file(git_dir).map_err(|error| broken(git_dir, error))?
    } else {
        git_dir.to_owned()
    };
    let real = absolute(real)?;
    match gix::discover::path::from_plain_file(&real.join("commondir")) {
        None => Ok((real.clone(), real)),
        Some(Err(error)) => Err(broken(&real.join("commondir"), error)),
        Some(Ok(common)) => {
            let common = absolute(real.join(common))?;
            Ok((real, common))
        }
    }
}

fn broken(path: &Path, source: impl Into<Box<dyn Error + Send + Sync>>) -> OpenError {
    OpenError::Broken { path: path.to_owned(), source: source.into() }
}
