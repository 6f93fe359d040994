//! `unleak baseline`: accept what is there, so that only what is new blocks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use jiff::civil::Date;
use unleak_findings::{
    Baseline, Comments, Entry, Exposure, Finding, Fixtures, GitleaksReport, IgnoreFile, SecretsBaseline,
    Standing, triage,
};
use unleak_guard::env_file::{is_env_file, is_key_file};
use unleak_rules::{Confidence, Proof};
use unleak_scan::{Outcome, Progress, Selection};

use crate::accepted::{BaselineFile, default_path};
use crate::engine::{Engine, How, stop_on_ctrl_c};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::foreign::Foreign;
use crate::gitleaks_config;
use crate::history_cache;
use crate::terminal::Terminal;
use crate::trusted::{Named, Trusted};
use crate::{output, repo};

/// Accept the findings that are there, and see which entries have had their day
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak baseline write --reason 'rotated 2026-11-20, OPS-431'\n  unleak baseline write --reason 'sandbox key' --until 2027-03-01\n  unleak baseline import --from .secrets.baseline\n  unleak baseline check\n\nThe file holds fingerprints, never secrets. Commit it."
)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Scan everything and accept what is found; earlier entries keep their reason, those of nothing are dropped
    Write {
        #[command(flatten)]
        common: Common,
        /// Why the findings are accepted
        #[arg(long, default_value = "accepted when the baseline was written")]
        reason: String,
        /// Who accepts them [default: you]
        #[arg(long)]
        author: Option<String>,
        /// The last day they are accepted
        #[arg(long, value_name = "DATE")]
        until: Option<Date>,
        /// Keep entries that nothing was found for
        #[arg(long)]
        keep_stale: bool,
    },
    /// Accept what another scanner's file accepts: .secrets.baseline, a JSON report of gitleaks, .gitleaksignore
    Import {
        #[command(flatten)]
        common: Common,
        /// The file
        #[arg(long = "from", value_name = "FILE")]
        file: PathBuf,
    },
    /// Scan everything and name the entries that are expired or that nothing was found for; exit 1 if there are any
    Check {
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    /// A folder in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    /// The baseline file [default: .unleak-baseline.toml at the top of the repository]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// Runs the command.
pub(crate) fn run(
    args: &BaselineArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    match &args.action {
        Action::Write { common, reason, author, until, keep_stale } => {
            if reason.trim().is_empty() {
                return Err(CliError::new("an accepted finding needs a reason")
                    .hint("unleak baseline write --reason WHY"));
            }
            let entry = |rule: &str| Entry {
                rule: rule.to_owned(),
                reason: reason.clone(),
                author: author.clone().or_else(|| environment.user.clone()).unwrap_or_default(),
                until: *until,
            };
            write(common, *keep_stale, &entry, environment, terminal)
        }
        Action::Import { common, file } => import(common, file, environment, terminal),
        Action::Check { common } => check(common, environment, terminal),
    }
}

/// Scans everything, and refuses to go on with half of it.
fn everything(
    common: &Common,
    environment: &Environment,
    terminal: Terminal,
) -> Result<(PathBuf, Outcome, Engine), CliError> {
    let repository = repo::need(&common.path, environment)?;
    let path = common.baseline.clone().unwrap_or_else(|| default_path(&repository));
    let top = Trusted::top(&repository);
    let named = Named::from(&environment.current_dir);
    let rules = gitleaks_config::rules(&common.how.config, &top, &named, terminal)?;
    let engine = Engine::new(&common.how, rules, &named)?;
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
    let (outcome, failures) = history_cache::scan(&engine, &repository, &selection, &progress, terminal);
    drop(shown);
    if let Some(failure) = failures.into_iter().next() {
        return Err(CliError::new("the repository could not be scanned, so no baseline was touched")
            .caused_by(failure)
            .hint("unleak scan"));
    }
    if !outcome.coverage.is_complete() {
        return Err(CliError::new(
            "parts of the repository could not be scanned, so no baseline was touched",
        )
        .hint("unleak scan"));
    }
    Ok((path, outcome, engine))
}

fn write(
    common: &Common,
    keep_stale: bool,
    entry: &dyn Fn(&str) -> Entry,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let (path, outcome, _) = everything(common, environment, terminal)?;
    let mut file = BaselineFile::read(&path, false)?;
    let before = file.baseline.entries().len();
    let stale = file.stale(&outcome.findings);
    if !keep_stale {
        file.baseline.retain(|fingerprint, _| !stale.iter().any(|entry| entry.fingerprint == *fingerprint));
    }
    // An expired entry is accepted anew, with today's reason.
    let today = Environment::today();
    let expired: Vec<_> =
        expired(&file.baseline, today).into_iter().map(|(fingerprint, _)| fingerprint).collect();
    file.baseline.retain(|fingerprint, _| !expired.contains(fingerprint));
    for finding in &outcome.findings {
        file.baseline.accept(finding.fingerprint.clone(), entry(&finding.rule_id));
    }
    save(&path, &file.baseline)?;
    let after = file.baseline.entries().len();
    let dropped = if keep_stale { 0 } else { stale.len() };
    terminal.note(&format!(
        "{}: {after} accepted ({} before, {dropped} dropped that nothing was found for)",
        path.display(),
        before
    ));
    Ok(ExitStatus::Clean)
}

/// A first baseline of the repository at `path`: how many findings it accepts, and its text. `None` where nothing is found.
///
/// # Errors
/// When not everything could be scanned.
pub(crate) fn first(
    path: &Path,
    reason: &str,
    environment: &Environment,
    terminal: Terminal,
) -> Result<Option<(usize, String)>, CliError> {
    let common = Common { path: path.to_owned(), baseline: None, how: How::of_everything(false) };
    let (_, outcome, _) = everything(&common, environment, terminal)?;
    let mut baseline = Baseline::default();
    let today = Environment::today();
    let mut findings = outcome.findings;
    triage(&mut findings, &baseline, today, Comments::Honoured, Fixtures::Apart);
    for finding in findings.iter().filter(|finding| finding.is_new() && is_sure(finding)) {
        let (rule, author) = (finding.rule_id.clone(), environment.user.clone().unwrap_or_default());
        let entry = Entry { rule, reason: reason.to_owned(), author, until: None };
        baseline.accept(finding.fingerprint.clone(), entry);
    }
    let count = baseline.entries().len();
    Ok((count > 0).then(|| (count, baseline.to_text())))
}

/// What a scan would block, and will still be there once env files and keys are ignored.
fn is_sure(finding: &Finding) -> bool {
    let path = finding.path.to_string();
    let is_kept = finding.appearances.iter().any(|one| one.exposure != Exposure::Worktree);
    finding.confidence >= Confidence::Medium
        && finding.proof != Proof::Invalid
        && (is_kept || !is_env_file(&path) && !is_key_file(&path))
}

/// Accepts what `from` accepts of what is there.
fn import(
    common: &Common,
    from: &Path,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let fail = |why: String| {
        CliError::new(format!("'{}' cannot be imported", from.display()))
            .caused_by(why)
            .hint("unleak baseline import --from .secrets.baseline")
    };
    let text = std::fs::read(environment.current_dir.join(from)).map_err(|error| fail(error.to_string()))?;
    let (path, outcome, engine) = everything(common, environment, terminal)?;
    let name = from.display().to_string();
    let mut foreign = Foreign::default();
    let mut hashes = None;
    if SecretsBaseline::is_one(&text) {
        hashes = Some(SecretsBaseline::read(&text).map_err(|error| fail(error.to_string()))?);
    } else if GitleaksReport::is_one(&text) {
        foreign.report = Some((name, GitleaksReport::read(&text).map_err(|error| fail(error.to_string()))?));
    } else {
        foreign.ignore = Some((name, IgnoreFile::read(&String::from_utf8_lossy(&text)).0));
    }
    let reason = |finding: &Finding| match &hashes {
        Some(hashes) => hashes.reason(&finding.secret),
        None => {
            foreign.reason(finding, &engine.detector).map(|place| format!("accepted for gitleaks: {place}"))
        }
    };
    let mut file = BaselineFile::read(&path, false)?;
    let before = file.baseline.entries().len();
    for finding in &outcome.findings {
        if let Some(reason) = reason(finding) {
            let (rule, author) = (finding.rule_id.clone(), environment.user.clone().unwrap_or_default());
            file.baseline.accept(finding.fingerprint.clone(), Entry { rule, reason, author, until: None });
        }
    }
    save(&path, &file.baseline)?;
    let after = file.baseline.entries().len();
    terminal.note(&format!("{}: {after} accepted ({before} before)", path.display()));
    Ok(ExitStatus::Clean)
}

fn save(path: &Path, baseline: &Baseline) -> Result<(), CliError> {
    let text = baseline.to_text();
    output::whole_file(path, |out| out.write_all(text.as_bytes())).map_err(|error| {
        CliError::new(format!("the baseline '{}' cannot be written", path.display()))
            .caused_by(error)
            .hint("unleak baseline write --baseline FILE")
    })
}

fn expired(baseline: &Baseline, today: Date) -> Vec<(unleak_findings::Fingerprint, Entry)> {
    baseline
        .entries()
        .filter(|(fingerprint, _)| matches!(baseline.standing(fingerprint, today), Standing::Expired(_)))
        .map(|(fingerprint, entry)| (fingerprint.clone(), entry.clone()))
        .collect()
}

fn check(common: &Common, environment: &Environment, terminal: Terminal) -> Result<ExitStatus, CliError> {
    let (path, outcome, _) = everything(common, environment, terminal)?;
    let file = BaselineFile::read(&path, true)?;
    let stale = file.stale(&outcome.findings);
    let expired = expired(&file.baseline, Environment::today());
    let accepted = file.baseline.entries().len() - expired.len();
    output::to(None, |out| {
        for entry in &stale {
            writeln!(
                out,
                "stale    {}  {}  {}",
                entry.fingerprint,
                entry.rule_id,
                unleak_report::harmless(entry.reason.as_bytes())
            )?;
        }
        for (fingerprint, entry) in &expired {
            let until = entry.until.map(|day| day.to_string()).unwrap_or_default();
            writeln!(
                out,
                "expired  {fingerprint}  {}  on {until}  {}",
                entry.rule,
                unleak_report::harmless(entry.reason.as_bytes())
            )?;
        }
        writeln!(out, "{accepted} accepted, {} stale, {} expired", stale.len(), expired.len())
    })
    .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))?;
    Ok(if stale.is_empty() && expired.is_empty() { ExitStatus::Clean } else { ExitStatus::Findings(1) })
}
