//! `unleak scan`: resolves what is to be scanned, has it scanned, reports, decides the exit code.

mod agents;
mod part;
mod what;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use unleak_findings::{Comments, Finding, Fixtures};
use unleak_objects::repository::Repository;
use unleak_report::Scope;
use unleak_rules::RuleSet;
use unleak_scan::{Outcome, Progress, ScanError, Selection, scan_files, scan_reader};

use crate::accepted::{self, BaselineFile};
use crate::banned::Banned;
use crate::commands::scan::what::What;
use crate::engine::{self, Engine, How, stop_on_ctrl_c};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::{self, ExitStatus};
use crate::gitleaks_config;
use crate::judged::{self, Word};
use crate::reports::ReportArgs;
use crate::terminal::{Terminal, Verbosity};
use crate::trusted::{Named, Trusted};
use crate::{banned, history_cache, repo};

/// Find secrets: in the index, the working tree and all of history, or where you say
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak scan                             the repository you are in, all of it\n  unleak scan --staged                    what the next commit would add (commit gate)\n  unleak scan --range origin/main..HEAD   what a branch brings in (CI gate)\n  unleak scan --history --all-objects     what no ref reaches any more, too\n  unleak scan --branch main --since '2 weeks ago' --path deploy\n  unleak scan --format json --output report.json\n  unleak scan --report sarif=out.sarif --report md=summary.md\n  unleak scan --config old.gitleaks.toml --format gitleaks-json   in place of gitleaks\n  git diff | unleak scan --stdin\n\nWithout --staged, --worktree, --history or --range a repository is scanned whole; outside of one,\nPATH is scanned as plain files.\n\nThe gates by another name: scan --ci is unleak ci, scan --pre-push and scan --pre-receive are\nunleak hook pre-push and unleak hook pre-receive."
)]
pub(crate) struct ScanArgs {
    /// A folder in a repository, or a plain folder or file
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    pub(crate) how: How,
    #[command(flatten)]
    report: ReportArgs,
    /// The baseline: findings that were looked at and accepted [default: .unleak-baseline.toml, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Accepted findings")]
    baseline: Option<PathBuf>,
    /// Report accepted findings as new
    #[arg(long, conflicts_with = "baseline", help_heading = "Accepted findings")]
    no_baseline: bool,
    /// Do not let `unleak:allow` comments allow anything (as with --range)
    #[arg(long, help_heading = "Accepted findings")]
    no_allow_comments: bool,
    /// Count what every copy of belongs to tests, fixtures or examples (keys, values without a vendor's format)
    #[arg(long, help_heading = "Accepted findings")]
    fixtures: bool,
}

/// Runs the command.
pub(crate) fn run(
    args: &ScanArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let started = Instant::now();
    args.report.check()?;
    args.what.check()?;
    if args.what.agents {
        return agents::run(args.what.redact, args.report.json_or_human()?, environment, terminal);
    }
    let (asked, ready) = engine::meanwhile(&args.how, || args.asked(environment));
    let (repository, selection, scope) = asked?;
    let named = args.named(repository.as_ref(), environment, terminal)?;
    let rules = configured(args, repository.as_ref(), environment, &named, terminal)?;
    let engine = Engine::with(&args.how, rules, &named, ready)?;
    let accepted = accepted(args, repository.as_ref(), environment, &named, terminal)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let shown = terminal.show(&progress);
    let scanned = scan(args, &engine, repository.as_ref().zip(selection.as_ref()), &progress, terminal);
    drop(shown);
    let (mut outcome, failures) = scanned?;
    outcome.stats.elapsed = started.elapsed();
    let comments = if args.no_allow_comments || !args.what.range.is_empty() {
        Comments::Noted
    } else {
        Comments::Honoured
    };
    let fixtures = if args.fixtures { Fixtures::Counted } else { Fixtures::Apart };
    judged::judge(&mut outcome, &engine, &Word { accepted: &accepted, comments, fixtures });
    let shown =
        Shown { outcome: &outcome, scope, is_everything: repository.is_some() && args.what.is_everything() };
    report(args, &engine, shown, &accepted, terminal)?;
    let banned = banned_in(args, repository.as_ref().zip(selection.as_ref()))?;
    if let Some(banned) = &banned {
        terminal.error(&banned.refusal());
    }
    let mut end = judged::end(&outcome, &failures, terminal);
    end.new_findings |= banned.is_some();
    // The process ends here; freeing a thousand rules one by one would take it a millisecond.
    std::mem::forget(engine);
    Ok(exit_code::of_scan(end, args.report.exit_code))
}

fn scan(
    args: &ScanArgs,
    engine: &Engine,
    repository: Option<(&Repository, &Selection)>,
    progress: &Progress,
    terminal: Terminal,
) -> Result<(Outcome, Vec<ScanError>), CliError> {
    if let Some((repository, selection)) = repository {
        return Ok(history_cache::scan(engine, repository, selection, progress, terminal));
    }
    let request = engine.request(progress);
    if args.what.stdin {
        return Ok((scan_reader(&request, &mut io::stdin().lock()), Vec::new()));
    }
    if std::fs::symlink_metadata(&args.path).is_err() {
        return Err(
            CliError::new(format!("'{}' does not exist", args.path.display())).hint("unleak scan PATH")
        );
    }
    Ok((scan_files(&request, &args.path), Vec::new()))
}

/// What a range would bring back although it was removed from this history.
fn banned_in(args: &ScanArgs, asked: Option<(&Repository, &Selection)>) -> Result<Option<Banned>, CliError> {
    let Some((repository, range)) = asked.and_then(|(repo, what)| Some((repo, what.range.as_ref()?))) else {
        return Ok(None);
    };
    let list = banned::list(repository, &args.what.trusted(repository)?)?;
    banned::find(repository, &list, &range.include, &range.exclude)
}

/// The rules of a configuration of gitleaks, if one is named or found.
fn configured(
    args: &ScanArgs,
    repository: Option<&Repository>,
    environment: &Environment,
    named: &Named<'_>,
    terminal: Terminal,
) -> Result<Option<RuleSet>, CliError> {
    let folder = environment.current_dir.join(&args.path);
    let trusted = match repository {
        Some(repository) if args.what.staged => Trusted::head(repository)?,
        Some(repository) => args.what.trusted(repository)?,
        None if args.what.no_git && folder.is_dir() => Trusted::Folder(folder),
        None => Trusted::Nowhere,
    };
    gitleaks_config::rules(&args.how.config, &trusted, named, terminal)
}

fn accepted(
    args: &ScanArgs,
    repository: Option<&Repository>,
    environment: &Environment,
    named: &Named<'_>,
    terminal: Terminal,
) -> Result<BaselineFile, CliError> {
    if args.no_baseline {
        return Ok(BaselineFile::none());
    }
    let mut accepted = baseline(args, repository, environment, named)?;
    let folder = environment.current_dir.join(&args.path);
    let trusted = match repository {
        Some(repository) => args.what.trusted(repository)?,
        None if args.what.stdin || !folder.is_dir() => Trusted::Nowhere,
        None => Trusted::Folder(folder),
    };
    accepted.foreign.read_ignore(&trusted, terminal)?;
    Ok(accepted)
}

fn baseline(
    args: &ScanArgs,
    repository: Option<&Repository>,
    environment: &Environment,
    named: &Named<'_>,
) -> Result<BaselineFile, CliError> {
    match (&args.baseline, repository) {
        (Some(path), _) => BaselineFile::named(path, named),
        // A change must not accept its own findings: in a gate the base's baseline counts.
        (None, Some(repository)) if !args.what.range.is_empty() => {
            accepted::of_revision(repository, args.what.base())
        }
        (None, Some(repository)) => BaselineFile::read(&accepted::default_path(repository), false),
        (None, None) => BaselineFile::read(&environment.current_dir.join(accepted::FILE_NAME), false),
    }
}

/// What is reported.
struct Shown<'o> {
    outcome: &'o Outcome,
    scope: Scope,
    is_everything: bool,
}

fn report(
    args: &ScanArgs,
    engine: &Engine,
    shown: Shown<'_>,
    accepted: &BaselineFile,
    terminal: Terminal,
) -> Result<(), CliError> {
    let (target, outcome) = (args.target(), shown.outcome);
    let mut report = judged::report(outcome, engine, &target);
    report.scope = shown.scope;
    report.show_secrets = args.report.show_secrets;
    if shown.is_everything && outcome.coverage.is_complete() {
        report.stale = accepted.stale(&outcome.findings);
    }
    let quiet = terminal.verbosity == Verbosity::Quiet;
    let silent = quiet && outcome.coverage.is_complete() && !outcome.findings.iter().any(Finding::is_new);
    args.report.write(&report, judged::look(terminal), silent)
}

impl ScanArgs {
    /// The repository, and what of it. Before anything that depends on the revisions named, so that an unknown one is
    /// what is complained of.
    fn asked(
        &self,
        environment: &Environment,
    ) -> Result<(Option<Repository>, Option<Selection>, Scope), CliError> {
        let repository = if self.what.stdin || self.what.no_git {
            None
        } else if self.what.needs_repository() {
            Some(repo::need(&self.path, environment)?)
        } else {
            repo::find(&self.path, environment)?
        };
        let selection = repository.as_ref().map(|repository| {
            self.what.selection(repository, &environment.current_dir.join(&self.path), environment)
        });
        let (selection, scope) = selection.transpose()?.unzip();
        Ok((repository, selection, scope.unwrap_or_default()))
    }

    /// How files with rules are read: in a range, those that it may have changed as the base has them.
    fn named<'r>(
        &self,
        repository: Option<&'r Repository>,
        environment: &Environment,
        terminal: Terminal,
    ) -> Result<Named<'r>, CliError> {
        let folder = &environment.current_dir;
        match repository {
            Some(repository) if !self.what.range.is_empty() => {
                Ok(Named::judging(folder, repository, self.what.trusted(repository)?, terminal))
            }
            _ => Ok(Named::from(folder)),
        }
    }

    fn target(&self) -> String {
        match () {
            () if self.what.stdin => "standard input".to_owned(),
            () => self.path.display().to_string(),
        }
    }
}
