//! `unleak undo`: the history from before the last rewrite is back.

use std::ops::ControlFlow;
use std::path::PathBuf;

use unleak_remediate::{Recovered, State, recover, status, undo};

use crate::commands::rewrite::working::left_alone;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{banned, output, repo};

/// Take the last rewrite back, or finish or take back one that was interrupted
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Refs, reflogs, indexes and files are again what they were. A ref that has moved since is named, and\nnothing is done. After `unleak purge` there is nothing left to undo."
)]
pub(crate) struct UndoArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// Only bring a rewrite to an end that was interrupted: forward if refs have moved, else back
    #[arg(long)]
    unfinished: bool,
}

/// Runs the command.
pub(crate) fn run(
    args: &UndoArgs,
    environment: &Environment,
    _terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let git = environment.git();
    let failed = |error| CliError::acting("nothing was undone", error, "git status");
    let mut watch = |_: State| ControlFlow::Continue(());
    let recovered = recover(&repository, &git, &mut watch).map_err(failed)?;
    if recovered != Recovered::Nothing {
        banned::write(&repository)?;
    }
    let message = match recovered {
        Recovered::Nothing => None,
        Recovered::RolledBack => Some("An interrupted rewrite was taken back; no ref had moved."),
        Recovered::Finished(_) => Some("An interrupted rewrite was finished."),
        Recovered::Undone(_) => Some("An interrupted undo was finished."),
        Recovered::Purging => Some("A purge was interrupted: unleak purge"),
        _ => Some("An interrupted run was brought to an end."),
    };
    if let Some(message) = message {
        output::print(|out| writeln!(out, "{message}"))?;
    }
    let is_back = matches!(recovered, Recovered::RolledBack | Recovered::Undone(_) | Recovered::Purging);
    if args.unfinished || is_back {
        if message.is_none() {
            output::print(|out| writeln!(out, "No rewrite was interrupted."))?;
        }
        return Ok(ExitStatus::Clean);
    }
    if status(&repository).map_err(failed)?.is_none() {
        return Err(
            CliError::new("this repository has not been rewritten by unleak").hint("unleak rewrite …")
        );
    }
    let undone = undo(&repository, &git, &mut watch).map_err(failed)?;
    banned::write(&repository)?;
    output::print(|out| {
        writeln!(out, "The history from before the rewrite is back, and with it what was to be forgotten.")?;
        left_alone(out, &undone.left_alone)?;
        if let Some(backup) = &undone.backup {
            writeln!(out, "The backup is no longer needed: {}", backup.display())?;
        }
        Ok(())
    })?;
    Ok(ExitStatus::Clean)
}
