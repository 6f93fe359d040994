//! The policies that count: the built-in ones, the user's over them, and what the repository adds.

use std::io;
use std::path::{Path, PathBuf};

use unleak_guard::policy::{Authority, Policies};

use crate::environment::Environment;

/// What the repository's file is called, at the top of the working tree.
pub(crate) const FILE_NAME: &str = ".unleak-guard.toml";

/// Reads them all. `named` are files from the command line, as good as the user's own.
///
/// # Errors
/// When one cannot be read or has a mistake; the message names it.
pub(crate) fn read(named: &[PathBuf], folder: &Path, environment: &Environment) -> Result<Policies, String> {
    let mut policies = Policies::builtin();
    let own = environment.config_home.as_ref().map(|config| config.join("unleak").join("guard.toml"));
    // Found without opening the repository, which most verdicts do without.
    let top = folder.ancestors().find(|folder| folder.join(".git").exists());
    let theirs = top.map(|top| top.join(FILE_NAME));
    let files = own
        .into_iter()
        .map(|path| (path, Authority::User, false))
        .chain(named.iter().map(|path| (path.clone(), Authority::User, true)))
        .chain(theirs.into_iter().map(|path| (path, Authority::Repository, false)));
    for (path, authority, is_named) in files {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => continue,
            Err(error) => return Err(format!("the policies in {name} cannot be read: {error}")),
        };
        policies = policies.overlaid(&name, &text, authority).map_err(|error| error.to_string())?;
    }
    Ok(policies)
}
