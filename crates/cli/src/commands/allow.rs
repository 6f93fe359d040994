//! `unleak allow`: accepts one finding, with a reason and perhaps until a day, in the baseline that is committed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use unleak_findings::{Entry, Fingerprint};
use unleak_objects::repository::Repository;
use unleak_scan::{Progress, Selection};

use crate::accepted::{BaselineFile, default_path};
use crate::engine::{Engine, How, stop_on_ctrl_c};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::gitleaks_config;
use crate::terminal::Terminal;
use crate::trusted::{Named, Trusted};
use crate::{history_cache, output, repo};

/// Accept one finding, with a reason: false-positive, test, later, or in your own words
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak allow v1:04caabab69ae093c893f8bd2986efb76 --reason 'sample of the vendor'\n  unleak allow v1:04caabab69ae093c893f8bd2986efb76 --reason 'rotated in OPS-431' --until 2027-03-01\n\nWrites .unleak-baseline.toml. Commit it: in CI an entry counts once it is in the base of a change. After its\nday an entry counts no longer, and `unleak ci` and `unleak baseline check` fail."
)]
pub(crate) struct AllowArgs {
    /// What reports print below a finding
    #[arg(value_name = "FINGERPRINT")]
    fingerprint: String,
    /// Why it is accepted
    #[arg(long)]
    reason: String,
    /// The last day it is accepted
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Who accepts it [default: you]
    #[arg(long)]
    author: Option<String>,
    /// The rule that found it; then the finding is not looked for
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// The baseline file [default: .unleak-baseline.toml at the top of the repository]
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// Runs the command.
pub(crate) fn run(
    args: &AllowArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let fingerprint = Fingerprint::parse(&args.fingerprint).map_err(|error| {
        CliError::new(format!("'{}' names no finding", args.fingerprint))
            .caused_by(error)
            .hint("a report prints it below each finding: unleak scan")
    })?;
    if args.reason.trim().is_empty() {
        return Err(CliError::new("an accepted finding needs a reason")
            .hint(format!("unleak allow {fingerprint} --reason WHY")));
    }
    if let Some(until) = args.until.filter(|until| *until < Environment::today()) {
        return Err(CliError::new(format!("{until} has passed: the entry would accept nothing"))
            .hint("name a day ahead: --until DATE"));
    }
    let repository = repo::need(Path::new("."), environment)?;
    let path = args.baseline.clone().unwrap_or_else(|| default_path(&repository));
    let mut file = BaselineFile::read(&path, false)?;
    let known = file.baseline.entries().find(|(known, _)| **known == fingerprint);
    let known = known.map(|(_, entry)| entry.rule.clone());
    let rule = match args.rule.clone().or(known) {
        Some(rule) => rule,
        None => found(args, &fingerprint, &repository, environment, terminal)?,
    };
    let entry = Entry {
        rule: rule.clone(),
        reason: args.reason.clone(),
        author: args.author.clone().or_else(|| environment.user.clone()).unwrap_or_default(),
        until: args.until,
    };
    // Whoever allows it again means the new reason and the new day.
    file.baseline.retain(|known, _| *known != fingerprint);
    file.baseline.accept(fingerprint.clone(), entry);
    let text = file.baseline.to_text();
    output::whole_file(&path, |out| out.write_all(text.as_bytes())).map_err(|error| {
        CliError::new(format!("the baseline '{}' cannot be written", path.display()))
            .caused_by(error)
            .hint("unleak allow FINGERPRINT --reason WHY --baseline FILE")
    })?;
    let until = args.until.map(|day| format!(" until {day}")).unwrap_or_default();
    terminal.note(&format!("{}: {fingerprint} ({rule}) is accepted{until}; commit it", path.display()));
    Ok(ExitStatus::Clean)
}

/// The rule that finds it: in what is staged and in the working tree, then in history.
fn found(
    args: &AllowArgs,
    fingerprint: &Fingerprint,
    repository: &Repository,
    environment: &Environment,
    terminal: Terminal,
) -> Result<String, CliError> {
    let named = Named::from(&environment.current_dir);
    let rules = gitleaks_config::rules(&args.how.config, &Trusted::top(repository), &named, terminal)?;
    let engine = Engine::new(&args.how, rules, &named)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let shown = terminal.show(&progress);
    let has_files = repository.work_dir().is_some();
    let here = Selection {
        staged: has_files,
        worktree: has_files,
        index_file: environment.index_file.clone(),
        ..Selection::default()
    };
    let history = Selection { history: true, all_objects: true, ..Selection::default() };
    let mut rule = None;
    for selection in [here, history] {
        let (outcome, _) = history_cache::scan(&engine, repository, &selection, &progress, terminal);
        let finding = outcome.findings.into_iter().find(|finding| finding.fingerprint == *fingerprint);
        rule = finding.map(|finding| finding.rule_id);
        if rule.is_some() {
            break;
        }
    }
    drop(shown);
    rule.ok_or_else(|| {
        CliError::new(format!("nothing in this repository has the fingerprint {fingerprint}"))
            .hint("if it is in a message that is not committed yet, name its rule: --rule ID")
    })
}
