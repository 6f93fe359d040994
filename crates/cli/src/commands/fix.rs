//! `unleak fix --unpushed`: takes secrets out of commits that nobody else has yet.

use std::path::PathBuf;
use std::sync::Arc;

use unleak_findings::{Comments, Finding, Fixtures, triage};
use unleak_objects::repository::{RefClass, Repository};
use unleak_objects::{Kind, ObjectStore};
use unleak_remediate::Rewritten;
use unleak_rules::Confidence;
use unleak_scan::{CommitsToScan, Progress, Selection, scan_repository};

use crate::engine::{Engine, How, stop_on_ctrl_c};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::trusted::Named;
use crate::{accepted, output, repo};

use super::rewrite::applying::{Done, carry};
use super::rewrite::what::{Replacement, of_findings};
use super::rewrite::working::{Context, Reach};

/// Take secrets out of commits that nobody else has yet: no force push, nothing to rotate
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak fix --unpushed                   the leak that was caught before the push\n  unleak fix --unpushed --search-pushed   refuse if it has been pushed before\n  unleak undo                             back\n\nOf the commits that no remote-tracking ref reaches, those change that hold a secret which is new\nand not accepted, and those after them. Nothing else is read: --search-pushed looks whether the secret\nhas been pushed before, and refuses if so: rotate it then, and see `unleak rewrite --help`."
)]
pub(crate) struct FixArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// In commits that no remote-tracking ref reaches
    #[arg(long, required = true)]
    unpushed: bool,
    /// Look for it in everything that has been pushed, too, and refuse if it is there: takes seconds in a large repository
    #[arg(long)]
    search_pushed: bool,
    /// Where a backup is made, a folder that is not there yet [default: none; the old commits stay until `unleak purge`
    /// or `git gc`]
    #[arg(long, value_name = "FOLDER")]
    backup: Option<PathBuf>,
    #[command(flatten)]
    replacement: Replacement,
    /// Go on although this is refused; may be given several times
    #[arg(long, value_name = "NAME")]
    allow: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(
    args: &FixArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let commits = unpushed(&repository)?;
    let shown = terminal.show(&progress);
    let found = findings(&repository, commits, environment, &progress)?;
    drop(shown);
    if found.is_empty() {
        output::print(|out| writeln!(out, "No new secret in commits that have not been pushed."))?;
        return Ok(ExitStatus::Clean);
    }
    let (wanted, asked) = of_findings(&found, &args.replacement, environment)?;
    let reach = if args.search_pushed { Reach::Everything } else { Reach::Unpushed };
    let context = Context { repository: &repository, environment, terminal, progress: &progress, reach };
    let backup = args.backup.clone().unwrap_or_else(|| PathBuf::from("none"));
    let done = carry(&context, &wanted, (Some(&backup), &asked), &args.allow, &only_unpushed)?;
    match done {
        Done::Proved(Reach::Everything) => {
            output::print(|out| writeln!(out, "Next:  push as usual: nobody has seen it"))?;
        }
        Done::Proved(Reach::Unpushed) => output::print(|out| {
            writeln!(out, "Next:  push as usual")?;
            writeln!(out, "       What was pushed before was not searched for it: unleak scan --history")
        })?,
        Done::Nothing | Done::Left => {}
    }
    Ok(done.status())
}

/// Refuses if what is to be forgotten stands in a commit that a remote has.
fn only_unpushed(rewritten: &Rewritten) -> Result<(), CliError> {
    let shared = |class| matches!(class, RefClass::RemoteTracking | RefClass::Pull);
    let moved = rewritten.change.refs.iter().find(|update| shared(RefClass::of(update.name.as_ref())));
    moved.map_or(Ok(()), |update| {
        let name = unleak_report::harmless(&update.name);
        Err(CliError::new(format!("it stands in what has been pushed, too: {name} leads to it"))
            .hint("rotate it first, whoever fetched has it: unleak runbook")
            .hint("unleak rewrite --all-findings"))
    })
}

/// What branches, HEADs and stashes reach, and no remote-tracking ref does.
fn unpushed(repository: &Repository) -> Result<CommitsToScan, CliError> {
    let unknown = || CliError::new("what has been pushed is not known").hint("git fsck");
    let (tips, troubles) = repository.tips().map_err(|error| unknown().caused_by(error))?;
    if let Some(trouble) = troubles.first() {
        return Err(CliError::new(format!("ref {trouble}")).hint("git fsck --full"));
    }
    let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind())
        .map_err(|error| unknown().caused_by(error))?;
    let mut commits =
        CommitsToScan { name: "what has not been pushed".to_owned(), ..CommitsToScan::default() };
    for tip in tips {
        // Refs may name anything; what is no commit has no history.
        let is_commit = matches!(store.header(&tip.target), Ok(Some((Kind::Commit, _))));
        match RefClass::of(tip.name.as_ref()) {
            _ if !is_commit => {}
            RefClass::Branch | RefClass::Head | RefClass::Stash | RefClass::Worktree => {
                commits.include.push(tip.target);
            }
            RefClass::RemoteTracking => commits.exclude.push(tip.target),
            _ => {}
        }
    }
    Ok(commits)
}

/// New secrets in these commits, at least of medium confidence.
fn findings(
    repository: &Repository,
    commits: CommitsToScan,
    environment: &Environment,
    progress: &Progress,
) -> Result<Vec<Finding>, CliError> {
    let engine = Engine::new(&How::of_everything(false), None, &Named::from(&environment.current_dir))?;
    let selection = Selection { range: Some(commits), ..Selection::default() };
    let (mut outcome, failures) = scan_repository(&engine.request(progress), repository, &selection);
    if let Some(failure) = failures.into_iter().next() {
        return Err(CliError::new("what has not been pushed could not be scanned")
            .caused_by(failure)
            .hint("git fetch --unshallow"));
    }
    if outcome.coverage.is_interrupted() {
        return Err(CliError::interrupted());
    }
    if !outcome.coverage.is_complete() {
        return Err(CliError::new("not everything that has not been pushed could be looked at")
            .hint("unleak scan --verbose"));
    }
    let accepted = accepted::BaselineFile::read(&accepted::default_path(repository), false)?;
    let today = Environment::today();
    triage(&mut outcome.findings, &accepted.baseline, today, Comments::Honoured, Fixtures::Apart);
    outcome.findings.retain(|finding| finding.is_new() && finding.confidence >= Confidence::Medium);
    Ok(outcome.findings)
}
