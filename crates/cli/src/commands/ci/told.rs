//! What the platform is told in its own ways: annotations, the summary of the job, outputs for later steps.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use unleak_findings::Finding;
use unleak_gates::Platform;
use unleak_report::{Report, azure, github, md};
use unleak_scan::Outcome;

use crate::environment::Environment;
use crate::error::CliError;
use crate::output;
use crate::reports::Runner;

/// How one platform is told.
pub(super) struct Teller {
    pub(super) runner: Runner,
    platform: Option<Platform>,
    /// Markdown for the page of the job is appended to it.
    summary: Option<PathBuf>,
    /// `NAME=VALUE` lines for later steps are appended to it.
    outputs: Option<PathBuf>,
    annotates: bool,
}

impl Teller {
    /// What `platform` offers; nothing but a log that obeys nothing if it is not to be told.
    pub(super) fn new(
        platform: Option<Platform>,
        environment: &Environment,
        annotates: bool,
    ) -> Result<Self, CliError> {
        let file = |name: &str| {
            let is_offered = annotates && platform == Some(Platform::GitHub);
            environment.variable(name).filter(|_| is_offered).map(PathBuf::from)
        };
        let (summary, outputs) = (file("GITHUB_STEP_SUMMARY"), file("GITHUB_OUTPUT"));
        // Before anything is scanned: what cannot be written is said before anything else is.
        for path in [&summary, &outputs].into_iter().flatten() {
            append(path, |_| Ok(()))?;
        }
        let word = if platform == Some(Platform::GitHub) { Some(word()?) } else { None };
        Ok(Self { runner: Runner { word }, platform, summary, outputs, annotates })
    }

    /// Annotations in the log, and the summary.
    pub(super) fn annotate(&self, report: &Report<'_>) -> Result<(), CliError> {
        match self.platform.filter(|_| self.annotates) {
            Some(Platform::GitHub) => output::print(|out| github::write(report, out))?,
            Some(Platform::Azure) => output::print(|out| azure::write(report, out))?,
            _ => {}
        }
        let Some(path) = &self.summary else { return Ok(()) };
        append(path, |out| md::write(report, out))
    }

    /// `findings`, `complete`, `expired`, `range`: numbers, words and ids of ours only.
    pub(super) fn outputs(&self, outcome: &Outcome, range: &str, expired: usize) -> Result<(), CliError> {
        let findings = outcome.findings.iter().filter(|finding| Finding::is_new(finding)).count();
        let complete = outcome.coverage.is_complete();
        if self.annotates && self.platform == Some(Platform::Azure) {
            return output::print(|out| {
                writeln!(out, "##vso[task.setvariable variable=unleakFindings;isOutput=true]{findings}")?;
                writeln!(out, "##vso[task.setvariable variable=unleakComplete;isOutput=true]{complete}")
            });
        }
        let Some(path) = &self.outputs else { return Ok(()) };
        append(path, |out| {
            writeln!(out, "findings={findings}\ncomplete={complete}\nexpired={expired}\nrange={range}")
        })
    }
}

/// A word that nobody can have written into a file name beforehand.
fn word() -> Result<String, CliError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| CliError::new("the system gives no random numbers").caused_by(error))?;
    Ok(format!("{:032x}", u128::from_le_bytes(bytes)))
}

fn append(path: &PathBuf, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    let mut text = Vec::new();
    let written = write(&mut text).and_then(|()| {
        // In one piece: other steps may append as well.
        OpenOptions::new().append(true).create(true).open(path)?.write_all(&text)
    });
    written.map_err(|error| {
        CliError::new(format!("the platform's file '{}' cannot be written", path.display()))
            .caused_by(error)
            .hint("unleak ci --no-annotations does without")
    })
}
