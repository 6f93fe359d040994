//! `unleak runbook`: what to do now, in order, for exactly what leaked; and how far one has come.

mod facts;
pub(crate) mod kept;
mod key_ids;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use unleak_objects::repository::Repository;
use unleak_runbook::{Runbook, Situation, markdown_page, runbook, status, text};
use unleak_scan::Progress;

use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{output, repo};

/// What to do now, in order: rotate, read logs, rewrite, push, host, colleagues, prevention
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "The steps are those that this leak needs: its vendors, its host, pushed or not. Nothing is sent anywhere, and no\nsecret is shown; where a key's id is part of what leaked, commands say KEY_ID.\n\nExamples:\n  unleak runbook                      what to do\n  unleak runbook --format md          to paste into an incident\n  unleak runbook --key-ids            with the ids of AWS keys, ready for the log\n  unleak runbook done 2               step 2 is done\n  unleak runbook status               where we are"
)]
pub(crate) struct RunbookArgs {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    which: Which,
    /// How it is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write it to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Which repository, and which of its leaks.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// Only the findings of this JSON report of `unleak scan`
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Fill in the ids that vendors' logs know keys by, where they are part of what leaked: AWS, SendGrid, Twilio, HMAC keys
    #[arg(long)]
    key_ids: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// The list of steps, and which are done
    Status(Which),
    /// Tick a step
    Done {
        /// Its number, as `unleak runbook` shows it
        step: usize,
        /// Untick it
        #[arg(long)]
        undo: bool,
        #[command(flatten)]
        which: Which,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    #[default]
    Text,
    /// Markdown, with boxes to tick
    Md,
    /// For programs
    Json,
}

/// Runs the command.
pub(crate) fn run(
    args: &RunbookArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let which = match &args.action {
        Some(Action::Status(which) | Action::Done { which, .. }) => which,
        None => &args.which,
    };
    let repository = repo::need(&which.repository, environment)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let situation = facts::situation(
        &repository,
        environment,
        terminal,
        &progress,
        (which.report.as_deref(), which.key_ids),
    )?;
    let book = runbook(&situation);
    match &args.action {
        Some(Action::Status(_)) => output::print(|out| write!(out, "{}", status(&book)))?,
        Some(Action::Done { step, undo, .. }) => tick(&repository, &situation, &book, (*step, *undo))?,
        None => show(args, environment, &book)?,
    }
    Ok(ExitStatus::Clean)
}

fn show(args: &RunbookArgs, environment: &Environment, book: &Runbook) -> Result<(), CliError> {
    let shown = match args.format {
        Format::Text => text(book, Terminal::width()),
        Format::Md => markdown_page(book),
        Format::Json => {
            serde_json::to_string_pretty(book)
                .map_err(|error| CliError::new("the runbook cannot be written").caused_by(error))?
                + "\n"
        }
    };
    let path = args.output.as_ref().map(|path| environment.current_dir.join(path));
    output::to(path.as_deref(), |out| out.write_all(shown.as_bytes())).map_err(|error| {
        let name = path.as_deref().map_or("standard output".to_owned(), |path| path.display().to_string());
        CliError::new(format!("'{name}' cannot be written")).caused_by(error)
    })
}

fn tick(
    repository: &Repository,
    situation: &Situation,
    book: &Runbook,
    (number, undo): (usize, bool),
) -> Result<(), CliError> {
    let step = number.checked_sub(1).and_then(|at| book.steps.get(at)).ok_or_else(|| {
        CliError::new(format!("there is no step {number}: there are {}", book.steps.len()))
            .hint("unleak runbook status")
    })?;
    let mut done: BTreeMap<String, i64> = situation.done.clone();
    if undo {
        done.remove(&step.id);
    } else {
        done.insert(step.id.clone(), situation.now);
    }
    kept::write_done(repository, &done)?;
    let now = runbook(&Situation { done, ..situation.clone() });
    output::print(|out| write!(out, "{}", status(&now)))
}
