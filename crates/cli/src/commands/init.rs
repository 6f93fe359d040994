//! `unleak init`: the steps that keep secrets out of a repository, each shown, checked or done.

pub(crate) mod git_hooks;
pub(crate) mod plain;
pub(crate) mod plan;
mod write;

use std::io;
use std::path::PathBuf;

use clap::ValueEnum;
use unleak_guard::init::agents::{ALL, Settings};
use unleak_guard::init::ci::Ci;
use unleak_guard::init::diff;

use crate::commands::baseline;
use crate::commands::init::git_hooks::{Hooks, git_hooks};
use crate::commands::init::plan::{Plan, Step};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output;
use crate::terminal::Terminal;

/// Keep secrets out from now on: .gitignore, git hooks, .env.example, agents' hooks, a CI gate, a baseline
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak init --dry-run          what would change, as a diff\n  unleak init\n  unleak init --check            exit 1 if something is missing\n  unleak init --agent claude --agent cursor --ci github\n\nEach step changes only what is missing, and leaves alone what it cannot read. A second run changes nothing.\n\nExit codes: 0 everything is in place, 1 something is missing that you have to add, 2 something could not be read."
)]
pub(crate) struct InitArgs {
    /// A folder in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    /// Show what would change, as a diff, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Change nothing; exit 1 if something is missing
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// Set up this agent's hooks, too, although nothing here speaks of it; may be given several times
    #[arg(long, value_enum, value_name = "AGENT")]
    agent: Vec<Agent>,
    /// The CI to set up [default: the one whose files are here]
    #[arg(long, value_enum, value_name = "CI")]
    ci: Option<CiName>,
    /// Accept nothing that is there already
    #[arg(long)]
    no_baseline: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Agent {
    Claude,
    Codex,
    Cursor,
    Gemini,
    Copilot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CiName {
    Github,
    Gitlab,
    Bitbucket,
    Azure,
    Circleci,
    Buildkite,
    Drone,
    Woodpecker,
    Jenkins,
    None,
}

impl CiName {
    fn wanted(self) -> plan::CiWanted {
        plan::CiWanted::Named(match self {
            Self::Github => Ci::GitHub,
            Self::Gitlab => Ci::GitLab,
            Self::Bitbucket => Ci::Bitbucket,
            Self::Azure => Ci::Azure,
            Self::Circleci => Ci::CircleCi,
            Self::Buildkite => Ci::Buildkite,
            Self::Drone => Ci::Drone,
            Self::Woodpecker => Ci::Woodpecker,
            Self::Jenkins => Ci::Jenkins,
            Self::None => return plan::CiWanted::Nothing,
        })
    }
}

impl From<Agent> for Settings {
    fn from(agent: Agent) -> Self {
        match agent {
            Agent::Claude => Self::Claude,
            Agent::Codex => Self::Codex,
            Agent::Cursor => Self::Cursor,
            Agent::Gemini => Self::Gemini,
            Agent::Copilot => Self::Copilot,
        }
    }
}

/// Why what is there already is accepted. It is as live as before.
pub(crate) const REASON: &str = "was there when unleak init ran; not looked at yet";

/// Runs the command.
///
/// # Errors
/// When there is no working tree, or a file cannot be written.
pub(crate) fn run(
    args: &InitArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let agents: Vec<Settings> = args.agent.iter().map(|agent| (*agent).into()).collect();
    let ci = args.ci.map_or(plan::CiWanted::Found, CiName::wanted);
    let mut plan = Plan::make(&args.path, &agents, ci, environment)?;
    let acts = !args.dry_run && !args.check;
    if acts {
        write_all(&plan)?;
    }
    hooks(&mut plan, acts);
    // Last, so that what is ignored from now on is not accepted.
    if !args.no_baseline && !plan.top.join(crate::accepted::FILE_NAME).exists() {
        first_baseline(&mut plan, acts, environment, terminal)?;
    }
    show(&plan, args, acts)
        .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))?;
    refused(&plan, terminal);
    // What only a person can do is missing still.
    let is_missing = !plan.open.is_empty() || !acts && plan.steps.iter().any(|step| step.new.is_some());
    Ok(match () {
        () if !plan.refused.is_empty() => ExitStatus::Error,
        () if is_missing && !args.dry_run => ExitStatus::Findings(1),
        () => ExitStatus::Clean,
    })
}

fn write_all(plan: &Plan) -> Result<(), CliError> {
    for step in &plan.steps {
        if let Some(new) = &step.new {
            write::file(&plan.top, &step.path, new).map_err(|error| {
                CliError::new(format!("'{}' cannot be written", step.path))
                    .caused_by(error)
                    .hint("unleak init --dry-run")
            })?;
        }
    }
    Ok(())
}

fn refused(plan: &Plan, terminal: Terminal) {
    for (path, why) in &plan.refused {
        terminal.error(
            &CliError::new(format!("'{path}' was left alone"))
                .caused_by(why.clone())
                .hint(format!("correct {path}, then: unleak init")),
        );
    }
}

/// What `doctor --fix` asks for: everything but the baseline and the CI. `agents` are settings files that are wanted.
pub(crate) fn mend(
    path: &std::path::Path,
    agents: &[String],
    environment: &Environment,
    terminal: Terminal,
) -> Result<(), CliError> {
    let wanted: Vec<Settings> =
        ALL.into_iter().filter(|settings| agents.iter().any(|path| path == settings.path())).collect();
    let mut plan = Plan::make(path, &wanted, plan::CiWanted::Nothing, environment)?;
    write_all(&plan)?;
    hooks(&mut plan, true);
    for step in plan.steps.iter().filter(|step| step.new.is_some()) {
        terminal.note(&format!("{}: {}", step.path, step.what));
    }
    refused(&plan, terminal);
    Ok(())
}

fn hooks(plan: &mut Plan, acts: bool) {
    match git_hooks(&plan.top, acts) {
        Hooks::InPlace => plan.fine.push("git hooks".to_owned()),
        Hooks::Installed => plan.done.push("git hooks".to_owned()),
        Hooks::Missing(why) => plan.open.push(format!("git hooks: {why}")),
    }
}

fn first_baseline(
    plan: &mut Plan,
    acts: bool,
    environment: &Environment,
    terminal: Terminal,
) -> Result<(), CliError> {
    let Some((count, text)) = baseline::first(&plan.top, REASON, environment, terminal)? else {
        return Ok(());
    };
    let path = crate::accepted::FILE_NAME.to_owned();
    if acts {
        write::file(&plan.top, &path, &text)
            .map_err(|error| CliError::new(format!("'{path}' cannot be written")).caused_by(error))?;
    }
    plan.warnings.push(format!(
        "{count} {} in the repository already. The baseline lets them pass so that only new ones block; they are as live as ever: \
         unleak scan --no-baseline",
        if count == 1 { "secret is" } else { "secrets are" }
    ));
    plan.steps.push(Step { path, what: "what is there already".to_owned(), old: None, new: Some(text) });
    Ok(())
}

fn show(plan: &Plan, args: &InitArgs, acts: bool) -> io::Result<()> {
    output::to(None, |out| {
        for step in &plan.steps {
            let Some(new) = &step.new else {
                writeln!(out, "as it should be  {:<30}  {}", step.path, step.what)?;
                continue;
            };
            let word = match (acts, &step.old) {
                (true, None) => "created",
                (true, Some(_)) => "changed",
                (false, None) => "missing",
                (false, Some(_)) => "incomplete",
            };
            writeln!(out, "{word:<15}  {:<30}  {}", step.path, step.what)?;
            if args.dry_run {
                writeln!(out, "\n{}", diff(&step.path, step.old.as_deref(), new))?;
            }
        }
        for (word, list) in
            [("as it should be", &plan.fine), ("installed", &plan.done), ("missing", &plan.open)]
        {
            for what in list {
                writeln!(out, "{word:<15}  {what}")?;
            }
        }
        for warning in &plan.warnings {
            writeln!(out, "\nwarning: {warning}")?;
        }
        if acts && plan.steps.iter().any(|step| step.new.is_some()) {
            writeln!(out, "\nNext: unleak doctor, then commit these files.")?;
        }
        Ok(())
    })
}
