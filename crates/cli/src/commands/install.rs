//! `unleak install` and `unleak uninstall`: put the gates where git calls them, take them away again, and try them.

mod check;
mod configured;
mod directory;
mod place;
mod planted;

use std::path::Path;

use unleak_gates::Hook;
use unleak_objects::repository::Repository;

use crate::commands::install::place::{Place, Placed};
use crate::deadline;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::git_program::GitProgram;
use crate::terminal::Terminal;
use crate::{output, repo};

/// The first git whose configuration can name hooks (`hook.<name>.command`).
const WITH_CONFIGURED_HOOKS: (u32, u32) = (2, 54);

/// Put the gates in place: before commits, merges and pushes
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak install                       this repository: commits, merges, messages, pushes\n  unleak install --global              every repository of yours (git 2.54 or newer)\n  unleak install --strict              and every write of a branch or tag, which --no-verify does not skip\n  unleak install --hook pre-receive    on a server\n  unleak install --check               fires every gate with a planted fake secret\n\nNo hook of anybody else is ever changed: git 2.54 and newer run ours beside them; with an older git you are\ntold the line to add, or --chain keeps the old hook and runs it first."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct InstallArgs {
    /// Only this hook; may be given several times [default: pre-commit, pre-merge-commit, commit-msg, pre-push; in a bare
    /// repository pre-receive]
    #[arg(long, value_name = "NAME", value_parser = hook)]
    hook: Vec<Hook>,
    /// For every repository of this user
    #[arg(long)]
    global: bool,
    /// Also refuse writes of branches and tags (reference-transaction): 30 ms for each of them
    #[arg(long)]
    strict: bool,
    /// Keep a hook that is there and run it first, then ours
    #[arg(long, conflicts_with = "global")]
    chain: bool,
    /// Install nothing: fire each gate with a planted fake secret, in a repository made for that, and say which refuse
    #[arg(long, conflicts_with = "chain")]
    check: bool,
    /// For hooks of a server: when they must have answered, such as 4.5s
    #[arg(long, value_name = "TIME", value_parser = deadline::parse)]
    deadline: Option<std::time::Duration>,
}

/// Take the gates away again, and put hooks that were chained back
#[derive(Debug, clap::Args)]
pub(crate) struct UninstallArgs {
    /// Those that were installed with --global
    #[arg(long)]
    global: bool,
}

fn hook(name: &str) -> Result<Hook, String> {
    Hook::named(name).ok_or_else(|| {
        let names: Vec<&str> = Hook::ALL.into_iter().map(Hook::name).collect();
        format!("there are {}", names.join(", "))
    })
}

/// Runs `unleak install`.
pub(crate) fn run(
    args: &InstallArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repository(args.global, environment)?;
    let hooks = hooks(args, repository.as_ref());
    let git = GitProgram::new(&environment.current_dir, environment);
    if args.check {
        return check::run(&git, repository.as_ref(), &hooks, environment, terminal);
    }
    let program = Environment::program().and_then(|path| path.to_str().map(str::to_owned));
    let flags = |hook: Hook| match args.deadline {
        Some(limit) if matches!(hook, Hook::PreReceive | Hook::Update) => {
            format!(" --deadline {}s", limit.as_secs_f64())
        }
        _ => String::new(),
    };
    let place = Place {
        git: &git,
        program: program.unwrap_or_else(|| "unleak".to_owned()),
        flags: &flags,
        global: args.global,
        chain: args.chain,
    };
    let (major, minor) = git.version()?;
    let is_new = (major, minor) >= WITH_CONFIGURED_HOOKS;
    if args.global && !is_new {
        return Err(CliError::new(format!("--global needs git 2.54, and this is git {major}.{minor}"))
            .hint("in each repository: unleak install"));
    }
    let placed =
        if is_new { configured::install(&place, &hooks)? } else { directory::install(&place, &hooks)? };
    show(&placed, "to fire each of them with a planted secret: unleak install --check", terminal)
}

/// Runs `unleak uninstall`.
pub(crate) fn uninstall(
    args: &UninstallArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repository(args.global, environment)?;
    let git = GitProgram::new(&environment.current_dir, environment);
    let mut placed = configured::uninstall(&git, args.global)?;
    if repository.is_some() && !args.global {
        placed.extend(directory::uninstall(&git)?);
    }
    if placed.is_empty() {
        terminal.note("no gate of unleak is installed here");
    }
    show(&placed, "", terminal)
}

fn repository(global: bool, environment: &Environment) -> Result<Option<Repository>, CliError> {
    let found = repo::find(Path::new("."), environment)?;
    if found.is_none() && !global {
        return Err(CliError::new("this is no git repository")
            .hint("cd into one, or for all of yours: unleak install --global"));
    }
    Ok(found)
}

fn hooks(args: &InstallArgs, repository: Option<&Repository>) -> Vec<Hook> {
    let is_server = !args.global && repository.is_some_and(Repository::is_bare);
    let mut hooks = match (args.hook.is_empty(), is_server) {
        (false, _) => args.hook.clone(),
        (true, true) => vec![Hook::PreReceive],
        (true, false) => Hook::LOCAL.to_vec(),
    };
    if args.strict {
        hooks.push(Hook::ReferenceTransaction);
    }
    hooks.sort_unstable();
    hooks.dedup();
    hooks
}

/// One line a hook, then what could not be done and how to do it.
fn show(placed: &[Placed], next: &str, terminal: Terminal) -> Result<ExitStatus, CliError> {
    output::print(|out| {
        for Placed { hook, what, refusal } in placed {
            let what = if refusal.is_some() { "not installed" } else { what };
            writeln!(out, "{:<22} {}", hook.name(), unleak_report::harmless(what.as_bytes()))?;
        }
        Ok(())
    })?;
    let refusals: Vec<&CliError> = placed.iter().filter_map(|placed| placed.refusal.as_ref()).collect();
    for refusal in &refusals {
        terminal.error(refusal);
    }
    if refusals.is_empty() && !next.is_empty() {
        terminal.note(next);
    }
    Ok(if refusals.is_empty() { ExitStatus::Clean } else { ExitStatus::Error })
}
