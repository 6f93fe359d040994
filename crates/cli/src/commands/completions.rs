//! `unleak completions`: what a shell needs to complete the command line.

use clap::Command;
use clap_complete::Shell;

use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output;

/// Print a completion script for your shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  unleak completions bash > ~/.local/share/bash-completion/completions/unleak"
)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script that completes `command`.
pub(crate) fn run(args: &CompletionsArgs, mut command: Command) -> Result<ExitStatus, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "unleak", &mut script);
    output::to(None, |out| out.write_all(&script))
        .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))?;
    Ok(ExitStatus::Clean)
}
