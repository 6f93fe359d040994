//! Finds a gitleaks configuration, named or in the repository, and reads it.
//!
//! One that nobody named counts as whoever is trusted wrote it: a change that is about to be judged must not choose its
//! judge. So a gate reads it from HEAD or from the base of the range, not from the working tree.

use std::path::{Component, Path, PathBuf};

use unleak_objects::ObjectId;
use unleak_objects::repository::Repository;
use unleak_rules::gitleaks::{self, Imported};
use unleak_rules::{RuleSet, builtin};

use crate::error::CliError;
use crate::terminal::Terminal;

/// The usual name, at the top of the repository.
pub(crate) const FILE_NAME: &str = ".gitleaks.toml";

/// Which configuration to use.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct ConfigArgs {
    /// A configuration of gitleaks, with its meaning [default: .gitleaks.toml at the top of the repository, if there is
    /// one; with --staged as HEAD has it, with --range as the base has it]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Do not use the .gitleaks.toml of the repository
    #[arg(long, conflicts_with = "config")]
    pub(crate) no_config: bool,
}

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
        let tree = repository.commit_tree(&commit).map_err(|error| fail(error.into()))?;
        Ok(Self::Tree(repository, tree, revision.to_owned()))
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

/// The rules of the configuration that counts; `None` if there is none. Says which one it is.
///
/// # Errors
/// When it cannot be read or has a mistake; the error names file, line and column.
pub(crate) fn rules(
    args: &ConfigArgs,
    trusted: &Trusted<'_>,
    current_dir: &Path,
    terminal: Terminal,
) -> Result<Option<RuleSet>, CliError> {
    let Some(mut imported) = load(args, trusted, current_dir, builtin::rule_set)? else { return Ok(None) };
    for warning in &imported.warnings {
        terminal.note(&warning.to_string());
    }
    if args.config.is_none() {
        let rest = if imported.uses_default {
            "and our own"
        } else {
            "and no others: it does not extend the default"
        };
        let own = imported.own_rules;
        terminal
            .note(&format!("using {FILE_NAME} of this repository: {own} rules {rest} (--no-config: do not)"));
    }
    let own = match (&args.config, trusted) {
        (None, _) => Some(FILE_NAME.to_owned()),
        (Some(path), Trusted::Folder(top)) => inside(&current_dir.join(path), top),
        (Some(_), _) => None,
    };
    if let Some(path) = &own {
        imported.rules.allow_path(path);
    }
    Ok(Some(imported.rules))
}

/// Reads the configuration that counts, over `ours` where it extends gitleaks' default rules.
///
/// # Errors
/// As for [`rules`].
pub(crate) fn load(
    args: &ConfigArgs,
    trusted: &Trusted<'_>,
    current_dir: &Path,
    ours: impl FnOnce() -> RuleSet,
) -> Result<Option<Imported>, CliError> {
    let here = Trusted::Folder(current_dir.to_owned());
    let (found, trusted) = match &args.config {
        Some(path) => {
            let text = std::fs::read(current_dir.join(path)).map_err(|error| {
                CliError::new(format!("the configuration '{}' cannot be read", path.display()))
                    .caused_by(error)
                    .hint("unleak scan --config FILE")
            })?;
            ((path.display().to_string(), text), &here)
        }
        None if args.no_config => return Ok(None),
        None => {
            let fail =
                |why| CliError::new(format!("{FILE_NAME} cannot be read")).caused_by(why).hint("--no-config");
            let Some(found) = trusted.read(FILE_NAME).map_err(|why: String| fail(why))? else {
                return Ok(None);
            };
            (found, trusted)
        }
    };
    let (name, text) = found;
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new(format!("the configuration '{name}' cannot be used"))
            .caused_by(error)
            .hint("correct it, or scan with our own rules: --no-config")
    };
    let text =
        String::from_utf8(text).map_err(|error| fail(format!("{name}: {}", error.utf8_error()).into()))?;
    let mut extended = |path: &str| {
        // gitleaks looks from the current directory.
        let found = match trusted {
            Trusted::Folder(_) => {
                here.read(path)?.map_or_else(|| trusted.read(path), |found| Ok(Some(found)))?
            }
            _ => trusted.read(path)?,
        };
        let (name, text) = found.ok_or("there is no such file")?;
        Ok((name, String::from_utf8(text).map_err(|_| "it is not UTF-8")?))
    };
    gitleaks::import(&name, &text, ours, &mut extended).map(Some).map_err(|error| fail(error.into()))
}

/// The path of `file` from `top`, if it lies below.
fn inside(file: &Path, top: &Path) -> Option<String> {
    let (file, top) = (file.canonicalize().ok()?, top.canonicalize().ok()?);
    let path = file.strip_prefix(top).ok()?.to_str()?;
    Some(path.replace(std::path::MAIN_SEPARATOR, "/"))
}
