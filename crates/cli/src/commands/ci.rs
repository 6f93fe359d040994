//! `unleak ci`: finds out which platform runs it and which commits the change brings, scans them, and tells the platform.

mod brought;
mod told;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use unleak_findings::Finding;
use unleak_gates::{
    Base, Change, ChangeError, ChangeRange, Detected, Platform, Surroundings, detect, resolve,
};
use unleak_objects::repository::Repository;
use unleak_scan::{BroughtRef, CommitsToScan, Outcome, Progress};

use crate::commands::ci::told::Teller;
use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::{self, ExitStatus};
use crate::gate::{self, Gate, GateArgs, Judge};
use crate::reports::ReportArgs;
use crate::terminal::{Terminal, Verbosity};
use crate::trusted::{Named, Trusted};
use crate::{judged, repo};

/// In CI: scan what the change brings; configuration and baseline count as they were before it
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak ci                                  finds out by itself what to scan\n  unleak ci --report sarif=unleak.sarif      and for GitHub code scanning\n  unleak ci --base origin/main               anywhere else\n\nKnown: GitHub Actions (Gitea, Forgejo), GitLab, Bitbucket, Azure, CircleCI, Buildkite, Woodpecker, Drone,\nJenkins. Pieces to copy: docs/ci/. What the change itself adds to baselines, ignore files, configurations and\ncomments is named and does not silence anything."
)]
pub(crate) struct CiArgs {
    /// What was there before the change, in place of what the platform says; may be given several times
    #[arg(long, value_name = "REV", help_heading = "What to scan")]
    base: Vec<String>,
    /// The newest commit of the change [default: what the platform says, else HEAD]
    #[arg(long, value_name = "REV", help_heading = "What to scan")]
    head: Option<String>,
    #[command(flatten)]
    gate: GateArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// Write no annotations, summaries and outputs of the platform
    #[arg(long, help_heading = "Report")]
    no_annotations: bool,
}

/// Runs the command.
pub(crate) fn run(
    args: &CiArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let started = Instant::now();
    args.report.check()?;
    let variable = |name: &str| environment.variable(name);
    let surroundings = Surroundings { variable: &variable, file: &|path| std::fs::read(path) };
    let platform = detect(&surroundings);
    let repository = repo::find(Path::new("."), environment)?.ok_or_else(|| {
        CliError::new("this is no git repository: a change can only be looked at in one")
            .hint("check the repository out first, with its .git folder")
    })?;
    let Some(change) = change(args, platform, &surroundings)? else {
        terminal.note("a branch or tag was deleted: there is nothing to scan");
        return Ok(ExitStatus::Clean);
    };
    let teller = Teller::new(platform, environment, !args.no_annotations)?;
    let range = resolve(&repository, &change).map_err(|error| missing(error, platform))?;
    say(platform, &change, &range, terminal);
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let trusted = || {
        let name = range.trusted.map(|id| id.to_hex_with_len(10).to_string()).unwrap_or_default();
        Trusted::commit(&repository, range.trusted.as_ref(), &name)
    };
    let named = Named::judging(&environment.current_dir, &repository, trusted()?, terminal);
    let gate = Gate::new(&args.gate, Judge::Elsewhere, &repository, &trusted()?, &named, terminal)?;
    let shown = terminal.show(&progress);
    let commits = commits(&repository, &change, &range);
    let banned = gate.banned(&repository, &commits)?;
    let selection = gate::of_range(commits);
    let (mut outcome, failures) = gate.scan(&repository, &selection, &progress);
    drop(shown);
    outcome.stats.elapsed = started.elapsed();
    let expired = brought::name(&repository, &range, &trusted()?, &outcome, terminal);
    report(args, &gate, &outcome, &teller, terminal)?;
    // A file of the change that cannot be read keeps no finding from being told.
    let expired = expired?;
    let end = judged::end(&outcome, &failures, terminal);
    if !outcome.coverage.is_complete() && repository.is_shallow() {
        terminal.error(&shallow(platform));
    }
    for error in banned.iter().chain(&expired) {
        terminal.error(error);
    }
    teller.outputs(&outcome, &range.name, expired.len())?;
    let status = exit_code::of_scan(end, args.report.exit_code);
    std::mem::forget(gate);
    Ok(match status {
        ExitStatus::Clean if banned.is_some() || !expired.is_empty() => {
            ExitStatus::Findings(args.report.exit_code)
        }
        status => status,
    })
}

/// What the run is about; `None` if it brings nothing.
fn change(
    args: &CiArgs,
    platform: Option<Platform>,
    surroundings: &Surroundings<'_>,
) -> Result<Option<Change>, CliError> {
    // A platform's variable that is empty makes `--base ""`: nothing was said.
    let bases: Vec<String> = args.base.iter().filter(|base| !base.is_empty()).cloned().collect();
    let said = match platform {
        Some(platform) => platform.read(surroundings).map(Some).map_err(|error| {
            CliError::new(format!("{}: it is not known what to scan", platform.name()))
                .caused_by(error)
                .hint("unleak ci --base REV scans what came since; unleak scan --history scans everything")
        }),
        None => Ok(None),
    };
    if !bases.is_empty() {
        // The platform's word is not needed then, but for the name of the branch.
        let said = said.ok().flatten();
        let (head, name) = match said {
            Some(Detected::Change(change)) => (Some(change.head), change.name),
            _ => (None, None),
        };
        let head = args.head.clone().or(head).unwrap_or_else(|| "HEAD".to_owned());
        return Ok(Some(Change { kind: "range", head, base: Base::Commits(bases), name }));
    }
    match said? {
        Some(Detected::Change(change)) => {
            let head = args.head.clone().unwrap_or(change.head);
            Ok(Some(Change { head, ..change }))
        }
        Some(Detected::Nothing) => Ok(None),
        None => Err(CliError::new("no CI platform that is known runs this, so it is not known what to scan")
            .hint("unleak ci --base origin/main")),
    }
}

fn say(platform: Option<Platform>, change: &Change, range: &ChangeRange, terminal: Terminal) {
    let place = platform.map_or_else(String::new, |platform| format!("{}, ", platform.name()));
    terminal.note(&format!("{place}{}: scanning {}", change.kind, range.name));
    if let Some(why) = range.why {
        terminal.note(why);
    }
}

/// The commits of the range, with the name under which they were pushed.
fn commits(repository: &Repository, change: &Change, range: &ChangeRange) -> CommitsToScan {
    let brought = change.name.iter().map(|name| {
        // An annotated tag is there under its own name; a branch may be there under no name at all.
        let tips = repository.stored_tips().map(|(tips, _)| tips).unwrap_or_default();
        let target = tips.into_iter().find(|tip| tip.name == *name).map_or(range.head, |tip| tip.target);
        BroughtRef { name: name.clone(), target }
    });
    CommitsToScan {
        include: vec![range.head],
        exclude: range.exclude.clone(),
        tips: vec!["HEAD".to_owned()],
        name: range.name.clone(),
        brought: brought.collect(),
        only_brought: false,
    }
}

fn report(
    args: &CiArgs,
    gate: &Gate,
    outcome: &Outcome,
    teller: &Teller,
    terminal: Terminal,
) -> Result<(), CliError> {
    let mut report = judged::report(outcome, &gate.engine, ".");
    report.show_secrets = args.report.show_secrets;
    let quiet = terminal.verbosity == Verbosity::Quiet;
    let silent = quiet && outcome.coverage.is_complete() && !outcome.findings.iter().any(Finding::is_new);
    args.report.write_for(&report, judged::look(terminal), silent, Some(&teller.runner))?;
    teller.annotate(&report)
}

fn missing(error: ChangeError, platform: Option<Platform>) -> CliError {
    if matches!(error, ChangeError::Ambiguous { .. }) {
        return CliError::new("it is not known what the change is")
            .caused_by(error)
            .hint("name the one that is meant in full: --base refs/remotes/origin/main");
    }
    with_line(
        CliError::new("this clone lacks history, so the change cannot be looked at").caused_by(error),
        platform,
    )
}

fn shallow(platform: Option<Platform>) -> CliError {
    with_line(CliError::new("this clone is shallow, and what it lacks was not looked at"), platform)
}

/// With the line that makes the platform fetch all of history.
fn with_line(error: CliError, platform: Option<Platform>) -> CliError {
    match platform.map(Platform::whole_history) {
        Some((place, line)) => error.hint(format!("add to {place}:  {line}")),
        None => error.hint("git fetch --unshallow, or git fetch origin"),
    }
}
