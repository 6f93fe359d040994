//! `unleak migrate`: other scanners' files in a repository, written anew as ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use unleak_findings::{Entry, Finding, GitleaksReport, SecretsBaseline};
use unleak_rules::builtin;
use unleak_rules::gitleaks::export;
use unleak_scan::{Progress, Selection};

use crate::accepted::{BaselineFile, default_path};
use crate::engine::{Engine, How, stop_on_ctrl_c};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::foreign::Foreign;
use crate::gitleaks_config::{self, ConfigArgs};
use crate::history_cache;
use crate::terminal::Terminal;
use crate::trusted::{Named, Trusted};
use crate::{output, repo};

/// What the rule file is called.
const RULES_FILE: &str = ".unleak-rules.toml";

/// Write the files of gitleaks, betterleaks and detect-secrets in a repository anew as ours
///
/// Reads .gitleaks.toml or .betterleaks.toml, .gitleaksignore, .betterleaksignore and .secrets.baseline, scans the
/// repository, and writes .unleak-rules.toml and .unleak-baseline.toml. Says what could not be carried over.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak migrate\n  unleak migrate --report gitleaks-baseline.json\n  unleak scan --rules .unleak-rules.toml\n\nNothing is overwritten without --force. .gitleaks.toml is also read as it is: unleak scan --config .gitleaks.toml"
)]
pub(crate) struct MigrateArgs {
    /// A folder in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    /// A JSON report of gitleaks that served as its baseline
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    how: How,
}

/// What was accepted elsewhere.
#[derive(Default)]
struct Accepted {
    foreign: Foreign,
    hashes: Option<SecretsBaseline>,
    /// SHA-256 of secrets and the lines of .betterleaksignore they stand in.
    digests: BTreeMap<String, usize>,
}

/// Runs the command.
pub(crate) fn run(
    args: &MigrateArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.path, environment)?;
    let top = repository.work_dir().unwrap_or(repository.git_dir()).to_owned();
    let (rules_path, baseline_path) = (top.join(RULES_FILE), default_path(&repository));
    if let Some(path) = [&rules_path, &baseline_path].into_iter().find(|path| path.exists() && !args.force) {
        return Err(
            CliError::new(format!("'{}' is there already", path.display())).hint("unleak migrate --force")
        );
    }
    let trusted = Trusted::Folder(top.clone());
    let config = ConfigArgs {
        config: args.how.config.config.clone().or_else(|| theirs(&top)),
        ..ConfigArgs::default()
    };
    let named = Named::from(&environment.current_dir);
    let imported = match &config.config {
        Some(_) => gitleaks_config::load(&config, &trusted, &named, builtin::rule_set)?,
        None => None,
    };
    let mut left_out: Vec<String> = Vec::new();
    let mut rules_text = None;
    if let Some(imported) = &imported {
        left_out.extend(imported.warnings.iter().map(ToString::to_string));
        let exported = export(&imported.rules, imported.uses_default);
        left_out.extend(exported.left_out.into_iter().map(|(place, why)| format!("{place}: {why}")));
        let counts = format!("{} rules, {} allowlists", exported.rules, exported.allowlists);
        rules_text = Some((exported.text, counts));
    }
    let accepted = Accepted::read(&trusted, args.report.as_deref(), environment, terminal)?;
    let engine = Engine::new(&args.how, imported.map(|imported| imported.rules), &named)?;
    let findings = everything(&engine, &repository, environment, terminal)?;
    let mut file = BaselineFile::none();
    for finding in &findings {
        if let Some(reason) = accepted.reason(finding, &engine) {
            let (rule, author) = (finding.rule_id.clone(), environment.user.clone().unwrap_or_default());
            file.baseline.accept(finding.fingerprint.clone(), Entry { rule, reason, author, until: None });
        }
    }
    left_out.extend(accepted.unused(&findings, &engine));
    let mut written = Vec::new();
    if let Some((text, counts)) = rules_text {
        write(&rules_path, &text)?;
        written.push(format!("{}: {counts}", rules_path.display()));
    }
    let accepted = file.baseline.entries().len();
    write(&baseline_path, &file.baseline.to_text())?;
    written.push(format!("{}: {accepted} accepted", baseline_path.display()));
    output::to(None, |out| {
        for line in &written {
            writeln!(out, "written         {}", unleak_report::harmless(line.as_bytes()))?;
        }
        for line in &left_out {
            writeln!(out, "not carried over  {}", unleak_report::harmless(line.as_bytes()))?;
        }
        Ok(())
    })
    .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))?;
    Ok(ExitStatus::Clean)
}

/// The configuration of the scanner in use.
fn theirs(top: &Path) -> Option<PathBuf> {
    [gitleaks_config::FILE_NAME, ".betterleaks.toml"]
        .map(|name| top.join(name))
        .into_iter()
        .find(|path| path.exists())
}

fn write(path: &Path, text: &str) -> Result<(), CliError> {
    output::whole_file(path, |out| out.write_all(text.as_bytes()))
        .map_err(|error| CliError::new(format!("'{}' cannot be written", path.display())).caused_by(error))
}

fn everything(
    engine: &Engine,
    repository: &unleak_objects::repository::Repository,
    environment: &Environment,
    terminal: Terminal,
) -> Result<Vec<Finding>, CliError> {
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let shown = terminal.show(&progress);
    let selection = Selection {
        staged: true,
        index_file: environment.index_file.clone(),
        worktree: true,
        history: true,
        ..Selection::default()
    };
    let (outcome, failures) = history_cache::scan(engine, repository, &selection, &progress, terminal);
    drop(shown);
    if !failures.is_empty() || !outcome.coverage.is_complete() {
        let message = "parts of the repository could not be scanned, so nothing was written";
        return Err(CliError::new(message).hint("unleak scan"));
    }
    Ok(outcome.findings)
}

impl Accepted {
    fn read(
        trusted: &Trusted<'_>,
        report: Option<&Path>,
        environment: &Environment,
        terminal: Terminal,
    ) -> Result<Self, CliError> {
        let mut accepted = Self::default();
        let fail = |name: &str, why: String| CliError::new(format!("'{name}' cannot be read")).caused_by(why);
        accepted.foreign.read_ignore(trusted, terminal)?;
        if let Some(path) = report {
            let name = path.display().to_string();
            let text = std::fs::read(environment.current_dir.join(path))
                .map_err(|error| fail(&name, error.to_string()))?;
            let report = GitleaksReport::read(&text).map_err(|error| fail(&name, error.to_string()))?;
            accepted.foreign.report = Some((name, report));
        }
        let file = |name: &str| trusted.read(name).map_err(|why| fail(name, why));
        if let Some((name, text)) = file(".secrets.baseline")? {
            accepted.hashes =
                Some(SecretsBaseline::read(&text).map_err(|error| fail(&name, error.to_string()))?);
        }
        if let Some((_, text)) = file(".betterleaksignore")? {
            let text = String::from_utf8_lossy(&text).to_lowercase();
            let digests = text.lines().enumerate().filter_map(|(at, line)| {
                let digest = line.split(['#', ' ']).next()?.trim_start_matches("sha256:").trim();
                let hex = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_hexdigit());
                hex.then(|| (digest.to_owned(), at + 1))
            });
            accepted.digests = digests.collect();
        }
        Ok(accepted)
    }

    fn reason(&self, finding: &Finding, engine: &Engine) -> Option<String> {
        let foreign = self
            .foreign
            .reason(finding, &engine.detector)
            .map(|place| format!("accepted for gitleaks: {place}"));
        let hashed = || self.hashes.as_ref().and_then(|hashes| hashes.reason(&finding.secret));
        let digest = || {
            let line = self.digests.get(&finding.secret.sha256())?;
            Some(format!("accepted for betterleaks: .betterleaksignore:{line}"))
        };
        foreign.or_else(hashed).or_else(digest)
    }

    /// Entries for which nothing was found.
    fn unused(&self, findings: &[Finding], engine: &Engine) -> Vec<String> {
        let reasons: Vec<String> =
            findings.iter().filter_map(|finding| self.reason(finding, engine)).collect();
        let used = |place: &str| reasons.iter().any(|reason| reason.ends_with(place));
        let mut unused = Vec::new();
        if let Some((name, file)) = &self.foreign.ignore {
            let places = file.lines().into_iter().map(|line| format!("{name}:{line}"));
            unused.extend(places.filter(|place| !used(place)));
        }
        let places = self.digests.values().map(|line| format!(".betterleaksignore:{line}"));
        unused.extend(places.filter(|place| !used(place)));
        unused.into_iter().map(|place| format!("{place}: nothing was found for it")).collect()
    }
}
