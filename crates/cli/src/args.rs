//! What can be typed: a struct of the command line and nothing else.

use clap::{Parser, Subcommand};

use crate::commands::allow::AllowArgs;
use crate::commands::ban::BanArgs;
use crate::commands::baseline::BaselineArgs;
use crate::commands::ci::CiArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::fix::FixArgs;
use crate::commands::guard::GuardArgs;
use crate::commands::hook::HookArgs;
use crate::commands::init::InitArgs;
use crate::commands::install::{InstallArgs, UninstallArgs};
use crate::commands::migrate::MigrateArgs;
use crate::commands::probe::ProbeArgs;
use crate::commands::prove::ProveArgs;
use crate::commands::purge::PurgeArgs;
use crate::commands::push::PushArgs;
use crate::commands::rejoin::RejoinArgs;
use crate::commands::rewrite::RewriteArgs;
use crate::commands::rules::RulesArgs;
use crate::commands::runbook::RunbookArgs;
use crate::commands::scan::ScanArgs;
use crate::commands::undo::UndoArgs;
use crate::terminal::{ColorChoice, Verbosity};

/// Finds secrets in git and makes history forget them.
#[derive(Debug, Parser)]
#[command(name = "unleak", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Examples:\n  unleak scan                      everything: index, working tree, all of history\n  unleak scan --staged             what the next commit would add\n  unleak scan --range main..topic  what a branch would bring in\n  unleak init                      keep secrets out from now on: hooks, ignores, agents, CI\n  unleak doctor                    does all of that work?\n  unleak fix --unpushed            the leak that was caught before the push\n  unleak runbook                   a leak that was pushed: what to do, in order\n  unleak rewrite --all-findings    plan a history that never held what was found\n\nExit codes:\n  0    everything was looked at, nothing new was found\n  1    new findings\n  2    an error, or something could not be looked at\n  130  interrupted"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
pub(crate) struct GlobalArgs {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Say less: only new findings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more: accepted findings, every place, everything that was not scanned
    #[arg(long, short, global = true)]
    verbose: bool,
}

impl GlobalArgs {
    /// How much to say.
    pub(crate) fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Scan(ScanArgs),
    Rewrite(RewriteArgs),
    Fix(FixArgs),
    Prove(ProveArgs),
    Undo(UndoArgs),
    Purge(PurgeArgs),
    Runbook(RunbookArgs),
    Push(PushArgs),
    Rejoin(RejoinArgs),
    Probe(ProbeArgs),
    Ban(BanArgs),
    Ci(CiArgs),
    Hook(HookArgs),
    Install(InstallArgs),
    Uninstall(UninstallArgs),
    Allow(AllowArgs),
    Baseline(BaselineArgs),
    Migrate(MigrateArgs),
    Rules(RulesArgs),
    Init(InitArgs),
    Doctor(DoctorArgs),
    Guard(GuardArgs),
    Completions(CompletionsArgs),
}
