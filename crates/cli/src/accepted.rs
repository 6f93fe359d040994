//! Finds and reads the baseline: a file, or the one of a trusted revision.

use std::io;
use std::path::{Path, PathBuf};

use unleak_findings::{Baseline, Finding, GitleaksReport};
use unleak_objects::repository::Repository;
use unleak_report::StaleEntry;

use crate::error::CliError;
use crate::foreign::Foreign;
use crate::trusted::{Found, Named, Trusted};

/// The baseline's usual name, at the top of the working tree.
pub(crate) const FILE_NAME: &str = ".unleak-baseline.toml";

/// A baseline and where it is from.
#[derive(Debug, Default)]
pub(crate) struct BaselineFile {
    pub(crate) baseline: Baseline,
    /// What other scanners' files accept beside it.
    pub(crate) foreign: Foreign,
}

impl BaselineFile {
    /// One that accepts nothing.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// Reads the file at `path`. If it is not `required`, one that does not exist accepts nothing.
    pub(crate) fn read(path: &Path, required: bool) -> Result<Self, CliError> {
        match std::fs::read(path) {
            Ok(text) => Self::parse(&path.display().to_string(), &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !required => Ok(Self::none()),
            Err(error) => Err(CliError::new(format!("the baseline '{}' cannot be read", path.display()))
                .caused_by(error)
                .hint(format!("unleak baseline write --baseline {}", path.display()))),
        }
    }

    /// Reads the file that was named on the command line; of a change that is judged, as its base has it.
    pub(crate) fn named(path: &Path, named: &Named<'_>) -> Result<Self, CliError> {
        let fail = |why: String| {
            CliError::new(format!("the baseline '{}' cannot be read", path.display()))
                .caused_by(why)
                .hint(format!("unleak baseline write --baseline {}", path.display()))
        };
        match named.read(path).map_err(fail)? {
            Found::File(name, text) => Self::parse(&name, &text),
            Found::Brought => Ok(Self::none()),
            Found::Nowhere => Err(fail("there is no such file".to_owned())),
        }
    }

    fn parse(name: &str, text: &[u8]) -> Result<Self, CliError> {
        let fail = |cause: String| {
            CliError::new(format!("the baseline '{name}' has a mistake"))
                .caused_by(format!("{name}:{cause}"))
                .hint("correct the line, or write the file anew: unleak baseline write")
        };
        if GitleaksReport::is_one(text) {
            let report = GitleaksReport::read(text).map_err(|error| fail(error.to_string()))?;
            let foreign = Foreign { report: Some((name.to_owned(), report)), ignore: None };
            return Ok(Self { baseline: Baseline::default(), foreign });
        }
        let text = std::str::from_utf8(text).map_err(|error| fail(format!(" {error}")))?;
        let baseline = Baseline::read(text).map_err(|error| fail(error.to_string()))?;
        Ok(Self { baseline, foreign: Foreign::default() })
    }

    /// Entries for which nothing was found.
    pub(crate) fn stale(&self, findings: &[Finding]) -> Vec<StaleEntry> {
        let found: std::collections::BTreeSet<_> =
            findings.iter().map(|finding| &finding.fingerprint).collect();
        self.baseline
            .entries()
            .filter(|(fingerprint, _)| !found.contains(fingerprint))
            .map(|(fingerprint, entry)| StaleEntry {
                fingerprint: fingerprint.clone(),
                rule_id: entry.rule.clone(),
                reason: entry.reason.clone(),
            })
            .collect()
    }
}

/// Where the baseline of a repository is.
pub(crate) fn default_path(repository: &Repository) -> PathBuf {
    repository.work_dir().unwrap_or(repository.git_dir()).join(FILE_NAME)
}

/// The baseline as it stands in `revision`; none if there is no revision or no such file in it.
pub(crate) fn of_revision(repository: &Repository, revision: Option<&str>) -> Result<BaselineFile, CliError> {
    let Some(revision) = revision else { return Ok(BaselineFile::none()) };
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new(format!("the baseline of '{revision}' cannot be read"))
            .caused_by(error)
            .hint("git fetch, or name a file: --baseline FILE")
    };
    let commit = repository.resolve(revision).map_err(|error| fail(error.into()))?;
    of_trusted(&Trusted::commit(repository, Some(&commit), revision)?)
}

/// The baseline as it stands in a place that is trusted; none if there is none.
pub(crate) fn of_trusted(trusted: &Trusted<'_>) -> Result<BaselineFile, CliError> {
    let fail =
        |why: String| CliError::new(format!("{FILE_NAME} cannot be read")).caused_by(why).hint("git fsck");
    match trusted.read(FILE_NAME).map_err(fail)? {
        Some((name, text)) => BaselineFile::parse(&name, &text),
        None => Ok(BaselineFile::none()),
    }
}
