//! Which remote is meant, and what to say if it cannot be reached.

use bstr::ByteSlice as _;
use unleak_objects::repository::Repository;
use unleak_remediate::{Git, PushError, Remote, led_elsewhere, remote_named, remotes};

use crate::error::CliError;

/// The remote that is named, or the only one there is.
pub(crate) fn chosen(repository: &Repository, git: &Git, named: Option<&str>) -> Result<Remote, CliError> {
    let failed = |error| CliError::new("the remotes are not known").caused_by(error).hint("git remote -v");
    let known = remotes(repository, git).map_err(failed)?;
    let listed = || known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let name = match (named, known.as_slice()) {
        (Some(name), _) => name.to_owned(),
        (None, []) => {
            return Err(CliError::new("this repository has no remote")
                .hint("git remote add origin ADDRESS")
                .hint("--remote ADDRESS"));
        }
        (None, [only]) => only.to_string(),
        (None, [first, ..]) => {
            return Err(CliError::new(format!("this repository has several remotes: {}", listed()))
                .hint(format!("--remote {first}   # then the same for each of the others")));
        }
    };
    // What is neither a name nor an address would be taken for a folder.
    let is_address = name.contains([':', '/', '\\']) || std::path::Path::new(&name).exists();
    if !is_address && !known.iter().any(|remote| *remote == name.as_bytes()) {
        let known = if known.is_empty() { "none".to_owned() } else { listed() };
        return Err(
            CliError::new(format!("no remote is called '{name}' (there is: {known})")).hint("git remote -v")
        );
    }
    let remote = remote_named(repository, git, name.as_bytes().as_bstr()).map_err(failed)?;
    if remote.addresses > 1 {
        return Err(CliError::new(format!("pushes to '{name}' go to {} addresses", remote.addresses))
            .hint("--remote ADDRESS   # one after the other"));
    }
    if let Some(elsewhere) = led_elsewhere(repository, git, &remote).map_err(failed)? {
        return Err(CliError::new(format!(
            "git would go to {} instead of {}: url.….insteadOf or pushInsteadOf leads there once more",
            unleak_report::harmless(&elsewhere),
            unleak_report::harmless(&remote.shown())
        ))
        .hint("git config --get-regexp '^url[.]'")
        .hint("--remote ADDRESS   # the one that is meant in the end"));
    }
    Ok(remote)
}

/// The remote did not answer as it should.
pub(crate) fn unreachable(remote: &Remote, error: PushError) -> CliError {
    CliError::new(format!("the remote '{}' cannot be talked to", remote.called()))
        .caused_by(error)
        .hint(format!("git ls-remote {}", remote.called()))
}
