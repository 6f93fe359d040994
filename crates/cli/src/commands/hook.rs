//! `unleak hook`: what git calls before it commits, pushes, or writes refs. Reads what git says, scans what it is about to
//! publish, and refuses by its exit code.

mod call;
mod lease;
mod staged;
mod writes;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Subcommand;
use unleak_gates::{Hook, published};
use unleak_report::{counted, human};
use unleak_scan::Progress;

use crate::commands::hook::call::{Call, Seen};
use crate::deadline::{self, Deadline};
use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::{self, ExitStatus};
use crate::gate::GateArgs;
use crate::terminal::Terminal;
use crate::trusted::Trusted;
use crate::{judged, output, repo};

/// What git calls before it commits, pushes or writes refs: refuses what would publish a secret
#[derive(Debug, clap::Args)]
#[command(
    after_help = "git calls these; `unleak install` puts them in place. Each reads what git gives that hook: arguments, all of\nstandard input, the index or the quarantine. To try them all: unleak install --check"
)]
pub(crate) struct HookArgs {
    #[command(subcommand)]
    hook: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// What is staged
    PreCommit(Common),
    /// What a merge without conflicts is about to commit, and the commits that it brings in
    PreMergeCommit(Common),
    /// The message of a commit
    CommitMsg {
        /// The file with the message
        file: PathBuf,
        #[command(flatten)]
        common: Common,
    },
    /// What a push is about to publish: commits, tags, names of refs; and what a forced one would erase unseen
    PrePush {
        /// The remote's name, or its address if it has none
        remote: Option<OsString>,
        /// The remote's address
        #[arg(hide = true)]
        address: Option<OsString>,
        #[command(flatten)]
        common: Common,
    },
    /// On a server: what a push brings, before any ref is written
    PreReceive(Common),
    /// On a server: what a push brings to one ref
    Update {
        /// The ref
        name: OsString,
        /// What it is
        old: OsString,
        /// What it is to become
        new: OsString,
        #[command(flatten)]
        common: Common,
    },
    /// What a write of branches and tags brings; not skipped by --no-verify
    ReferenceTransaction {
        /// preparing, prepared, committed or aborted
        state: String,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, clap::Args)]
struct Common {
    #[command(flatten)]
    gate: GateArgs,
    /// Refuse if not everything was looked at by then, such as 4.5s; for servers that kill hooks
    #[arg(long, value_name = "TIME", value_parser = deadline::parse)]
    deadline: Option<Duration>,
}

/// Runs the command.
pub(crate) fn run(
    args: &HookArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let started = Instant::now();
    let (hook, common) = args.hook.parts();
    if let Kind::ReferenceTransaction { state, .. } = &args.hook
        && state != "prepared"
    {
        // The one state in which it can still be refused, and everything is known.
        return Ok(ExitStatus::Clean);
    }
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let deadline = common.deadline.map(|limit| Deadline::start(limit, started, &progress, terminal));
    let repository = repo::find(Path::new("."), environment)?.ok_or_else(|| {
        CliError::new(format!("hook {}: this is no git repository", hook.name()))
            .hint("git calls hooks in a repository; to put them there: unleak install")
    })?;
    let call = Call {
        hook,
        gate: &common.gate,
        repository: &repository,
        environment,
        progress: &progress,
        terminal,
    };
    let seen = match &args.hook {
        Kind::PreCommit(_) | Kind::PreMergeCommit(_) => Some(staged::look(&call)?),
        Kind::CommitMsg { file, .. } => Some(message(&call, file)?),
        Kind::PrePush { remote, .. } => writes::pushed(&call, remote.as_deref(), &input(hook)?)?,
        Kind::PreReceive(_) => writes::received(&call, &input(hook)?)?,
        Kind::Update { name, old, new, .. } => writes::updated(&call, [name, old, new])?,
        Kind::ReferenceTransaction { .. } => writes::transacted(&call, &input(hook)?)?,
    };
    let Some(mut seen) = seen else { return Ok(ExitStatus::Clean) };
    seen.outcome.stats.elapsed = started.elapsed();
    let status = answer(&call, &seen, deadline.as_ref())?;
    // The process ends here; freeing a thousand rules one by one would take it a millisecond.
    std::mem::forget(seen);
    Ok(status)
}

impl Kind {
    fn parts(&self) -> (Hook, &Common) {
        match self {
            Self::PreCommit(common) => (Hook::PreCommit, common),
            Self::PreMergeCommit(common) => (Hook::PreMergeCommit, common),
            Self::CommitMsg { common, .. } => (Hook::CommitMsg, common),
            Self::PrePush { common, .. } => (Hook::PrePush, common),
            Self::PreReceive(common) => (Hook::PreReceive, common),
            Self::Update { common, .. } => (Hook::Update, common),
            Self::ReferenceTransaction { common, .. } => (Hook::ReferenceTransaction, common),
        }
    }
}

/// All that git says on standard input.
fn input(hook: Hook) -> Result<Vec<u8>, CliError> {
    let mut stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        return Err(CliError::new(format!(
            "hook {} reads what git tells it, and this is a terminal",
            hook.name()
        ))
        .hint("to put it in place: unleak install; to try it: unleak install --check"));
    }
    let mut bytes = Vec::new();
    stdin.read_to_end(&mut bytes).map_err(|error| {
        CliError::new(format!("hook {}: standard input cannot be read", hook.name())).caused_by(error)
    })?;
    Ok(bytes)
}

/// `commit-msg`: the message, as far as git will keep it.
fn message(call: &Call<'_>, file: &Path) -> Result<Seen, CliError> {
    let text = std::fs::read(call.environment.current_dir.join(file)).map_err(|error| {
        CliError::new(format!("the message '{}' cannot be read", file.display()))
            .caused_by(error)
            .hint("git names it: unleak hook commit-msg \"$1\"")
    })?;
    let gate = call.here(&Trusted::head(call.repository)?)?;
    // By this git says that nobody edits the message, and so that it cuts nothing off.
    let edited = call.environment.variable("GIT_EDITOR").as_deref() != Some(":");
    let outcome = gate.scan_message(published(&text, edited), call.progress);
    Ok(Seen { gate, outcome, failures: Vec::new(), refusals: Vec::new() })
}

/// Reports, and says yes or no. A gate that lets everything through says nothing.
fn answer(call: &Call<'_>, seen: &Seen, deadline: Option<&Deadline>) -> Result<ExitStatus, CliError> {
    let (terminal, outcome) = (call.terminal, &seen.outcome);
    let new = outcome.findings.iter().filter(|finding| finding.is_new()).count() as u64;
    if new > 0 || !outcome.coverage.is_complete() {
        let report = judged::report(outcome, &seen.gate.engine, ".");
        output::print(|out| human::write(&report, &judged::look(terminal), out))?;
    }
    let end = judged::end(outcome, &seen.failures, terminal);
    for refusal in &seen.refusals {
        terminal.error(refusal);
    }
    if new > 0 {
        terminal.error(&refused(call.hook, new));
    }
    if let Some(deadline) = deadline {
        deadline.check()?;
    }
    let status = exit_code::of_scan(end, 1);
    if status == ExitStatus::Clean && !seen.refusals.is_empty() {
        return Ok(ExitStatus::Error);
    }
    if status == ExitStatus::Error && seen.failures.is_empty() && !end.failed {
        terminal.error(
            &CliError::new(format!(
                "not everything could be looked at: the {} is refused",
                call.hook.refuses()
            ))
            .hint("git fetch --unshallow, or git fetch --refetch in a partial clone"),
        );
    }
    Ok(status)
}

fn refused(hook: Hook, new: u64) -> CliError {
    let what = hook.refuses();
    let error = CliError::new(format!("the {what} is refused: {}", counted(new, "new findings")));
    match hook {
        Hook::PreReceive | Hook::Update => error.hint("take the secrets out of the commits, and rotate them"),
        _ => error.hint("no secret? unleak allow FINGERPRINT --reason WHY"),
    }
}
