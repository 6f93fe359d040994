//! Where files are read from that say what is a finding: rules, configurations, what is accepted.
//!
//! A change that is about to be judged must not choose its judge. So a gate reads them from HEAD or from the base of the
//! range, not from the working tree; a file that was named counts as it is only where no commit holds it.

use std::path::{Component, Path, PathBuf};

use unleak_objects::ObjectId;
use unleak_objects::repository::Repository;

use crate::error::CliError;
use crate::terminal::Terminal;

/// Larger files are a mistake; baselines of other scanners are the largest that are none. Bytes.
const MAX_BYTES: u64 = 256 << 20;

/// Where files that nobody named are read from.
pub(crate) enum Trusted<'r> {
    /// Nowhere: there is no version to trust.
    Nowhere,
    /// A folder.
    Folder(PathBuf),
    /// The tree of a revision.
    Tree(&'r Repository, ObjectId, String),
}

impl<'r> Trusted<'r> {
    /// The top of the working tree, or of a bare repository.
    pub(crate) fn top(repository: &Repository) -> Self {
        Self::Folder(repository.work_dir().unwrap_or(repository.git_dir()).to_owned())
    }

    /// HEAD; nowhere before the first commit.
    pub(crate) fn head(repository: &'r Repository) -> Result<Self, CliError> {
        let fail = |error| CliError::new("HEAD cannot be read").caused_by(error).hint("git fsck");
        let tree = repository.head_tree().map_err(|error| fail(Box::new(error)))?;
        Ok(tree.map_or(Self::Nowhere, |tree| Self::Tree(repository, tree, "HEAD".to_owned())))
    }

    /// A revision; nowhere without one.
    pub(crate) fn revision(repository: &'r Repository, revision: Option<&str>) -> Result<Self, CliError> {
        let Some(revision) = revision else { return Ok(Self::Nowhere) };
        let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
            CliError::new(format!("the revision '{revision}' cannot be read"))
                .caused_by(error)
                .hint("git fetch")
        };
        let commit = repository.resolve(revision).map_err(|error| fail(error.into()))?;
        Self::commit(repository, Some(&commit), revision)
    }

    /// A commit, called `name`; nowhere without one.
    pub(crate) fn commit(
        repository: &'r Repository,
        commit: Option<&ObjectId>,
        name: &str,
    ) -> Result<Self, CliError> {
        let Some(commit) = commit else { return Ok(Self::Nowhere) };
        let tree = repository.commit_tree(commit).map_err(|error| {
            CliError::new(format!("the revision '{name}' cannot be read")).caused_by(error).hint("git fetch")
        })?;
        Ok(Self::Tree(repository, tree, name.to_owned()))
    }

    /// Name and text of the file at `path`; `None` if there is none.
    pub(crate) fn read(&self, path: &str) -> Result<Option<(String, Vec<u8>)>, String> {
        match self {
            Self::Nowhere => Ok(None),
            Self::Folder(folder) => {
                let file = folder.join(path);
                match std::fs::read(&file) {
                    Ok(text) => Ok(Some((file.display().to_string(), text))),
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(error) => Err(format!("{}: {error}", file.display())),
                }
            }
            Self::Tree(repository, tree, revision) => {
                let inside: Option<Vec<&str>> = Path::new(path)
                    .components()
                    .filter(|part| *part != Component::CurDir)
                    .map(|part| if let Component::Normal(name) = part { name.to_str() } else { None })
                    .collect();
                let inside = inside.ok_or("it lies outside of the repository")?.join("/");
                let blob =
                    repository.file_in_tree(tree, inside.as_bytes()).map_err(|error| error.to_string())?;
                let text = blob.map(|blob| repository.read_blob(&blob)).transpose();
                let text = text.map_err(|error| error.to_string())?;
                Ok(text.map(|text| (format!("{revision}:{inside}"), text.clone())))
            }
        }
    }
}

/// How files that were named are read.
pub(crate) struct Named<'r> {
    folder: PathBuf,
    gate: Option<Gate<'r>>,
}

/// A change of a repository that is judged.
struct Gate<'r> {
    repository: &'r Repository,
    base: Trusted<'r>,
    terminal: Terminal,
}

/// What became of a file that was named.
pub(crate) enum Found {
    /// Its name and its text.
    File(String, Vec<u8>),
    /// It came with the change that is judged, and does not count.
    Brought,
    /// There is none.
    Nowhere,
}

impl<'r> Named<'r> {
    /// As they are, from `folder`.
    pub(crate) fn from(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), gate: None }
    }

    /// From `folder`; those that `repository` tracks as `base` has them. Says where that makes a difference.
    pub(crate) fn judging(
        folder: &Path,
        repository: &'r Repository,
        base: Trusted<'r>,
        terminal: Terminal,
    ) -> Self {
        Self { folder: folder.to_owned(), gate: Some(Gate { repository, base, terminal }) }
    }

    /// Where names count from.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the file named `path`.
    ///
    /// # Errors
    /// When it cannot be read; the message says why.
    pub(crate) fn read(&self, path: &Path) -> Result<Found, String> {
        let file = self.folder.join(path);
        if let Some(found) = self.gate.as_ref().map_or(Ok(None), |gate| gate.read(path, &file))? {
            return Ok(found);
        }
        let size = match std::fs::metadata(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Found::Nowhere),
            size => size.map_err(|error| error.to_string())?.len(),
        };
        if size > MAX_BYTES {
            return Err(format!("{}: larger than {} MiB", path.display(), MAX_BYTES >> 20));
        }
        let text = std::fs::read(&file).map_err(|error| error.to_string())?;
        Ok(Found::File(path.display().to_string(), text))
    }
}

impl Gate<'_> {
    /// The file as the base has it; nothing if no commit is known to hold it.
    fn read(&self, path: &Path, file: &Path) -> Result<Option<Found>, String> {
        let Some(top) = self.repository.work_dir() else { return Ok(None) };
        let places = places(file, top);
        for inside in &places {
            let Some((name, text)) = self.base.read(inside)? else { continue };
            if std::fs::read(file).ok().as_ref() != Some(&text) {
                self.terminal
                    .note(&format!("'{}' is read as {name}: the change does not count", path.display()));
            }
            return Ok(Some(Found::File(name, text)));
        }
        for inside in &places {
            if self.tracks(inside)? {
                self.terminal.note(&format!("'{}' is not used: it came with the change", path.display()));
                return Ok(Some(Found::Brought));
            }
        }
        Ok(None)
    }

    /// Whether the index or HEAD has the file, or the index a link or a submodule that leads to it.
    fn tracks(&self, inside: &str) -> Result<bool, String> {
        let index = self.repository.index(None).map_err(|error| error.to_string())?;
        let leads =
            |path: &[u8]| inside.as_bytes().strip_prefix(path).is_some_and(|rest| rest.starts_with(b"/"));
        if index.entries().any(|entry| *entry.path == *inside.as_bytes() || leads(entry.path)) {
            return Ok(true);
        }
        let head = Trusted::head(self.repository).map_err(|error| error.to_string())?;
        Ok(head.read(inside)?.is_some())
    }
}

/// Where `file` may be below `top`: by its name, and by where the folders on its way lead. A change may make a link of a
/// folder that the base has. A symbolic link of the file's own name counts where it lies.
fn places(file: &Path, top: &Path) -> Vec<String> {
    let Ok(top) = top.canonicalize() else { return Vec::new() };
    let mut named = PathBuf::new();
    for part in file.components() {
        match part {
            Component::ParentDir => drop(named.pop()),
            Component::CurDir => {}
            part => named.push(part),
        }
    }
    // The outermost: one further in may be a link back to the top.
    let above =
        named.ancestors().filter(|folder| folder.canonicalize().is_ok_and(|folder| folder == top)).last();
    let by_name = above.and_then(|above| named.strip_prefix(above).ok());
    let folder = file.parent().and_then(|folder| folder.canonicalize().ok());
    let led = folder.zip(file.file_name()).map(|(folder, name)| folder.join(name));
    let led = led.as_ref().and_then(|led| led.strip_prefix(&top).ok());
    let text = |path: &Path| path.to_str().map(|path| path.replace(std::path::MAIN_SEPARATOR, "/"));
    let mut places: Vec<String> = by_name.into_iter().chain(led).filter_map(text).collect();
    places.retain(|place| !place.is_empty());
    places.dedup();
    places
}
