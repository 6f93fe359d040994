//! Repositories around paths that need not exist yet, each opened once.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use bstr::BString;
use unleak_objects::repository::{Index, Repository};

use crate::environment::Environment;
use crate::repo;

/// A repository with a working tree.
pub(crate) struct Opened {
    pub(crate) repository: Repository,
    pub(crate) top: PathBuf,
    index: OnceCell<Result<Index, String>>,
}

impl Opened {
    /// The index, read once.
    pub(crate) fn index(&self) -> Result<&Index, String> {
        let read = || self.repository.index(None).map_err(|error| error.to_string());
        self.index.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    /// A path from the top, with `/` between; `None` outside of the working tree and in the git directory.
    pub(crate) fn inside(&self, path: &Path) -> Option<BString> {
        let inside = path.strip_prefix(&self.top).ok()?;
        if inside.starts_with(".git") || path.starts_with(self.repository.git_dir()) {
            return None;
        }
        Some(inside.to_str()?.replace(std::path::MAIN_SEPARATOR, "/").into())
    }
}

/// A repository, none, or why that cannot be told.
type Found = Result<Option<Rc<Opened>>, String>;

/// Finds repositories.
pub(crate) struct Located<'e> {
    environment: &'e Environment,
    known: RefCell<HashMap<PathBuf, Found>>,
}

impl<'e> Located<'e> {
    pub(crate) fn new(environment: &'e Environment) -> Self {
        Self { environment, known: RefCell::default() }
    }

    /// The path with symbolic links followed as far as it exists.
    pub(crate) fn real(path: &Path) -> PathBuf {
        let mut rest = Vec::new();
        let mut existing = path;
        loop {
            if let Ok(real) = existing.canonicalize() {
                return rest.iter().rev().fold(real, |path, part| path.join(part));
            }
            let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else {
                return path.to_owned();
            };
            rest.push(name);
            existing = parent;
        }
    }

    /// The repository whose working tree holds `path`.
    pub(crate) fn repository(&self, path: &Path) -> Found {
        let mut folder = path;
        while !folder.is_dir() {
            let Some(parent) = folder.parent() else { return Ok(None) };
            folder = parent;
        }
        if let Some(found) = self.known.borrow().get(folder) {
            return found.clone();
        }
        let found = self.open(folder);
        self.known.borrow_mut().insert(folder.to_owned(), found.clone());
        found
    }

    fn open(&self, folder: &Path) -> Found {
        let repository = repo::find(folder, self.environment).map_err(|error| error.in_one_line())?;
        let Some(repository) = repository else { return Ok(None) };
        let Some(top) =
            repository.work_dir().map(|top| top.canonicalize().unwrap_or_else(|_| top.to_owned()))
        else {
            return Ok(None);
        };
        Ok(Some(Rc::new(Opened { repository, top, index: OnceCell::new() })))
    }
}
