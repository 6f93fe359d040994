//! Finds a gitleaks configuration, named or in the repository, and reads it.

use std::path::{Path, PathBuf};

use unleak_rules::gitleaks::{self, Imported};
use unleak_rules::{RuleSet, builtin};

use crate::error::CliError;
use crate::terminal::Terminal;
use crate::trusted::{Found, Named, Trusted};

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

/// The rules of the configuration that counts; `None` if there is none. Says which one it is.
///
/// # Errors
/// When it cannot be read or has a mistake; the error names file, line and column.
pub(crate) fn rules(
    args: &ConfigArgs,
    trusted: &Trusted<'_>,
    named: &Named<'_>,
    terminal: Terminal,
) -> Result<Option<RuleSet>, CliError> {
    let Some(mut imported) = load(args, trusted, named, builtin::rule_set)? else { return Ok(None) };
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
        (Some(path), Trusted::Folder(top)) => inside(&named.folder().join(path), top),
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
    named: &Named<'_>,
    ours: impl FnOnce() -> RuleSet,
) -> Result<Option<Imported>, CliError> {
    let Some((name, text)) = text(args, trusted, named)? else { return Ok(None) };
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new(format!("the configuration '{name}' cannot be used"))
            .caused_by(error)
            .hint("correct it, or scan with our own rules: --no-config")
    };
    let text =
        String::from_utf8(text).map_err(|error| fail(format!("{name}: {}", error.utf8_error()).into()))?;
    let mut extended = |path: &str| {
        // gitleaks looks from the current directory.
        let here = match (&args.config, trusted) {
            (Some(_), _) | (None, Trusted::Folder(_)) => named.read(Path::new(path))?,
            (None, _) => Found::Nowhere,
        };
        let found = match here {
            Found::File(name, text) => Some((name, text)),
            Found::Brought => return Err("it came with the change that is judged".to_owned()),
            Found::Nowhere if args.config.is_some() => None,
            Found::Nowhere => trusted.read(path)?,
        };
        let (name, text) = found.ok_or("there is no such file")?;
        Ok((name, String::from_utf8(text).map_err(|_| "it is not UTF-8")?))
    };
    gitleaks::import(&name, &text, ours, &mut extended).map(Some).map_err(|error| fail(error.into()))
}

/// Name and text of the configuration that counts.
fn text(
    args: &ConfigArgs,
    trusted: &Trusted<'_>,
    named: &Named<'_>,
) -> Result<Option<(String, Vec<u8>)>, CliError> {
    if let Some(path) = &args.config {
        let fail = |why: String| {
            CliError::new(format!("the configuration '{}' cannot be read", path.display()))
                .caused_by(why)
                .hint("unleak scan --config FILE")
        };
        return match named.read(path).map_err(fail)? {
            Found::File(name, text) => Ok(Some((name, text))),
            Found::Brought => Ok(None),
            Found::Nowhere => Err(fail("there is no such file".to_owned())),
        };
    }
    if args.no_config {
        return Ok(None);
    }
    let fail =
        |why: String| CliError::new(format!("{FILE_NAME} cannot be read")).caused_by(why).hint("--no-config");
    trusted.read(FILE_NAME).map_err(fail)
}

/// The path of `file` from `top`, if it lies below.
fn inside(file: &Path, top: &Path) -> Option<String> {
    let (file, top) = (file.canonicalize().ok()?, top.canonicalize().ok()?);
    let path = file.strip_prefix(top).ok()?.to_str()?;
    Some(path.replace(std::path::MAIN_SEPARATOR, "/"))
}
