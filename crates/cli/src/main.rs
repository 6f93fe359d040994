//! The command line: parses, resolves, calls the libraries, talks.
//!
//! The only place that prints, reads the environment, the clock and the current directory, and decides an exit code.

mod accepted;
mod allocator;
mod args;
mod banned;
mod commands;
mod deadline;
mod diagnosis;
mod engine;
mod environment;
mod error;
mod exit_code;
mod foreign;
mod gate;
mod gate_names;
mod git_program;
mod gitleaks_config;
mod history_cache;
mod judged;
mod output;
mod own_folder;
mod progress_line;
mod repo;
mod reports;
mod rule_files;
mod terminal;
mod trusted;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::environment::Environment;

fn main() -> ExitCode {
    allocator::keep_large_blocks_apart();
    let args = match Args::try_parse_from(gate_names::spelled_out(std::env::args_os())) {
        Ok(args) => args,
        Err(error) => return exit_code::of_usage(&error),
    };
    let environment = Environment::read();
    let terminal = terminal::Terminal::new(args.global.color, args.global.verbosity(), &environment);
    match commands::run(args.command, &environment, terminal) {
        Ok(code) => code.into(),
        Err(error) => {
            terminal.error(&error);
            error.status().into()
        }
    }
}
