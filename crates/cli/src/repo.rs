//! Opens the repository a command is about, once.

use std::path::Path;

use unleak_objects::repository::{OpenError, OpenOptions, Repository};

use crate::environment::Environment;
use crate::error::CliError;

/// Finds the repository that `path` lies in; `None` when it lies in none. What git's environment variables say counts,
/// unless the user named another place than the current directory.
///
/// # Errors
/// When there is a repository and it cannot be read.
pub(crate) fn find(path: &Path, environment: &Environment) -> Result<Option<Repository>, CliError> {
    let here = environment.current_dir.join(path);
    let start = if here.is_dir() { here.as_path() } else { here.parent().unwrap_or(&here) };
    let default_excludes = environment.config_home.as_ref().map(|config| config.join("git/ignore"));
    let is_here = path == Path::new(".");
    let mut options = OpenOptions::default();
    options.git_dir = environment.git_dir.clone().filter(|_| is_here);
    options.work_tree = environment.work_tree.clone().filter(|_| is_here);
    if is_here {
        options.object_dirs.clone_from(&environment.object_dirs);
    }
    options.ceilings.clone_from(&environment.ceilings);
    options.excludes_file = default_excludes.filter(|file| file.exists());
    options.home.clone_from(&environment.home);
    match Repository::discover(start, options) {
        Ok(repository) => Ok(Some(repository)),
        Err(OpenError::NotARepository { .. }) => Ok(None),
        Err(error) => {
            let hint = match &error {
                OpenError::Unsupported { .. } => "git config --get-regexp '^(core|extensions)\\.'",
                _ => "git fsck",
            };
            let message = format!("the repository at '{}' cannot be opened", start.display());
            Err(CliError::new(message).caused_by(error).hint(hint))
        }
    }
}

/// The same, where the command needs a repository.
///
/// # Errors
/// When there is none, too.
pub(crate) fn need(path: &Path, environment: &Environment) -> Result<Repository, CliError> {
    find(path, environment)?.ok_or_else(|| {
        CliError::new(format!("'{}' is not in a git repository", path.display()))
            .hint(format!("unleak scan --no-git {}", path.display()))
    })
}
