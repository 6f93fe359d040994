//! `unleak rules`: what is looked for, and proof that the rules do what they say.

mod check;
mod docs;
mod list;
mod new;
mod pages;
mod rule_source;
mod show;
mod test;

use clap::Subcommand;

use crate::commands::rules::docs::DocsArgs;
use crate::commands::rules::list::ListArgs;
use crate::commands::rules::new::NewArgs;
use crate::commands::rules::rule_source::{RuleSource, named};
use crate::commands::rules::test::TestArgs;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output::print;

/// List, show, check, try out and write rules
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak rules list --family github\n  unleak rules list --count\n  unleak rules show github-pat\n  unleak rules test config.yml\n  unleak rules new acme-api-key --output acme.toml\n  unleak rules check --rules acme.toml"
)]
pub(crate) struct RulesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(ListArgs),
    /// Everything about one rule
    Show {
        #[command(flatten)]
        source: RuleSource,
        /// The rule's id, or a name another scanner uses for it
        id: String,
    },
    /// Prove that every example of every rule holds
    Check {
        #[command(flatten)]
        source: RuleSource,
    },
    Test(TestArgs),
    New(NewArgs),
    #[command(hide = true)]
    Docs(DocsArgs),
}

/// Runs the command.
pub(crate) fn run(args: &RulesArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    match &args.action {
        Action::List(args) => list::run(args, environment),
        Action::Show { source, id } => {
            let set = source.load(environment)?;
            let rule = named(&set, id)?;
            print(|out| show::show(&set, rule, out))?;
            Ok(ExitStatus::Clean)
        }
        Action::Check { source } => check::check(source.load(environment)?),
        Action::Test(args) => test::run(args, environment),
        Action::New(args) => new::run(args),
        Action::Docs(args) => docs::run(args),
    }
}
