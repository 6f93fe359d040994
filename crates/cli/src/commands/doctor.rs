//! `unleak doctor`: gathers facts, fires the gates, and shows what the checks say.

mod fire;
mod gather;
mod live;
mod show;

use std::path::PathBuf;

use unleak_guard::Scanner;
use unleak_guard::doctor::{Fix, Grade, Limits, Remark, agent_hooks, ci, config, env_files, keys, retries};
use unleak_rules::builtin;

use crate::commands::doctor::gather::Subject;
use crate::commands::doctor::show::Format;
use crate::commands::guard::policy_files;
use crate::commands::init::git_hooks::{Hooks, git_hooks};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::repo;
use crate::terminal::Terminal;

/// Look whether everything that should keep secrets out really does; each gate is fired with a planted fake secret
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak doctor\n  unleak doctor --fix\n  unleak doctor --format sarif > doctor.sarif\n  unleak doctor --max-age 30\n\nExit codes: 0 nothing wrong, 1 a check failed, 2 something could not be looked at."
)]
pub(crate) struct DoctorArgs {
    /// A folder in the repository
    #[arg(default_value = ".", hide_default_value = true)]
    path: PathBuf,
    /// The form of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Mend what can be mended without asking: what `unleak init` does, and modes of files
    #[arg(long)]
    fix: bool,
    /// Days that a live secret may be old, in place of the limit for each kind
    #[arg(long, value_name = "DAYS")]
    max_age: Option<u32>,
    /// Leave out what needs a scan of all of history: KEY001, GCP001
    #[arg(long)]
    no_history: bool,
}

/// What needs a scan of all of history.
const OF_HISTORY: [&str; 2] = ["KEY001", "GCP001"];

/// Runs the command.
///
/// # Errors
/// When there is no repository, or it cannot be read.
pub(crate) fn run(
    args: &DoctorArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let mut remarks = look(args, environment, terminal)?;
    if args.fix {
        mend(args, &remarks, environment, terminal)?;
        remarks = look(args, environment, terminal)?;
    }
    let left_out = if args.no_history { &OF_HISTORY[..] } else { &[] };
    show::write(args.format, &remarks, left_out, terminal)
        .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))?;
    Ok(match remarks.iter().map(|remark| remark.grade).max() {
        Some(Grade::Fail) => ExitStatus::Findings(1),
        _ if remarks.iter().any(|remark| remark.grade == Grade::Skip) => ExitStatus::Error,
        _ => ExitStatus::Clean,
    })
}

/// Every check, once.
fn look(args: &DoctorArgs, environment: &Environment, terminal: Terminal) -> Result<Vec<Remark>, CliError> {
    let repository = repo::need(&args.path, environment)?;
    let subject = Subject::gather(&repository, environment).map_err(|error| {
        CliError::new(format!("the repository at '{}' cannot be looked at", args.path.display()))
            .caused_by(error)
            .hint("git fsck")
    })?;
    let mut remarks = Vec::new();
    let policies = policy_files::read(&[], &subject.top, environment);
    let production = policies.as_ref().map(|all| all.lists().production.clone()).unwrap_or_default();
    if let Err(error) = policies {
        remarks.push(Remark::fail(
            "AGENT006",
            error,
            "correct the file: until then the guard refuses everything",
        ));
    }
    let scanner = Scanner::new(builtin::rule_set());
    let example = (subject.example.0.as_str(), subject.example.1.as_deref());
    remarks.extend(env_files::check(&subject.env_files, &subject.key_files, example, &production, &scanner));
    match git_hooks(&subject.top, false) {
        Hooks::Missing(why) => {
            remarks.push(
                Remark::fail("HOOK001", "git's hooks do not refuse a planted secret", why)
                    .fixed_by(Fix::Init),
            );
        }
        Hooks::InPlace | Hooks::Installed => {}
    }
    remarks.extend(config::check(&subject.settings, &scanner));
    remarks.extend(subject.pre_commit());
    remarks.extend(agent_hooks::check(&subject.agent_settings, &subject.agents));
    remarks.extend(subject.codex_switches(environment));
    remarks.extend(fire::agents(&subject, environment));
    remarks.extend(config::aider(subject.uses_aider, subject.aider.as_deref()));
    remarks.extend(subject.bare_remotes());
    remarks.extend(subject.leftovers());
    let now = Environment::seconds_ago(std::time::Duration::ZERO);
    if !args.no_history {
        match live::secrets(&repository, &subject, environment, terminal) {
            Ok(live) => remarks.extend(keys::check(&live, &Limits::new(args.max_age), now)),
            Err(error) => {
                remarks
                    .extend(OF_HISTORY.map(|check| Remark::skip(check, error.in_one_line(), "unleak scan")));
            }
        }
    }
    for path in &subject.infrastructure {
        remarks.extend(subject.text("GCP002", path).map(|text| keys::roles(path, &text)).unwrap_or_default());
    }
    remarks.extend(ci::check(&subject.ci_files));
    for path in &subject.sources {
        remarks.extend(
            subject.text("LOOP001", path).map(|text| retries::check(path, &text)).unwrap_or_default(),
        );
    }
    remarks.extend(subject.unread());
    std::mem::forget(scanner);
    Ok(remarks)
}

/// What `--fix` does.
fn mend(
    args: &DoctorArgs,
    remarks: &[Remark],
    environment: &Environment,
    terminal: Terminal,
) -> Result<(), CliError> {
    let repository = repo::need(&args.path, environment)?;
    let Some(top) = repository.work_dir() else { return Ok(()) };
    for path in remarks.iter().filter_map(|remark| match &remark.fix {
        Some(Fix::Private(path)) => Some(path),
        _ => None,
    }) {
        private(&top.join(path)).map_err(|error| {
            CliError::new(format!("the mode of '{path}' cannot be changed")).caused_by(error)
        })?;
        terminal.note(&format!("{path}: for its owner only"));
    }
    if remarks.iter().any(|remark| remark.fix == Some(Fix::Init)) {
        let agents = remarks
            .iter()
            .filter(|remark| remark.check == "AGENT001")
            .filter_map(|remark| remark.path.clone());
        crate::commands::init::mend(&args.path, &agents.collect::<Vec<_>>(), environment, terminal)?;
    }
    Ok(())
}

#[cfg(unix)]
fn private(path: &std::path::Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn private(_: &std::path::Path) -> std::io::Result<()> {
    Ok(())
}
