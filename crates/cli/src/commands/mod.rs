//! The commands, one a file.

pub(crate) mod allow;
pub(crate) mod ban;
pub(crate) mod baseline;
pub(crate) mod ci;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod fix;
pub(crate) mod guard;
pub(crate) mod hook;
pub(crate) mod init;
pub(crate) mod install;
pub(crate) mod migrate;
pub(crate) mod probe;
pub(crate) mod prove;
pub(crate) mod purge;
pub(crate) mod push;
pub(crate) mod rejoin;
pub(crate) mod rewrite;
pub(crate) mod rules;
pub(crate) mod runbook;
pub(crate) mod scan;
pub(crate) mod undo;

use clap::CommandFactory;

use crate::args::{Args, Command};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;

/// Runs a command to its exit code.
///
/// # Errors
/// What kept it from doing its work, with a remedy.
pub(crate) fn run(
    command: Command,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    match command {
        Command::Scan(args) => scan::run(&args, environment, terminal),
        Command::Rewrite(args) => rewrite::run(&args, environment, terminal),
        Command::Fix(args) => fix::run(&args, environment, terminal),
        Command::Prove(args) => prove::run(&args, environment, terminal),
        Command::Undo(args) => undo::run(&args, environment, terminal),
        Command::Purge(args) => purge::run(&args, environment, terminal),
        Command::Runbook(args) => runbook::run(&args, environment, terminal),
        Command::Push(args) => push::run(&args, environment, terminal),
        Command::Rejoin(args) => rejoin::run(&args, environment, terminal),
        Command::Probe(args) => probe::run(&args, environment),
        Command::Ban(args) => ban::run(&args, environment),
        Command::Ci(args) => ci::run(&args, environment, terminal),
        Command::Install(args) => install::run(&args, environment, terminal),
        Command::Uninstall(args) => install::uninstall(&args, environment, terminal),
        Command::Allow(args) => allow::run(&args, environment, terminal),
        Command::Hook(args) => hook::run(&args, environment, terminal),
        Command::Baseline(args) => baseline::run(&args, environment, terminal),
        Command::Migrate(args) => migrate::run(&args, environment, terminal),
        Command::Rules(args) => rules::run(&args, environment),
        Command::Init(args) => init::run(&args, environment, terminal),
        Command::Doctor(args) => doctor::run(&args, environment, terminal),
        Command::Guard(args) => guard::run(&args, environment),
        Command::Completions(args) => completions::run(&args, Args::command()),
    }
}
