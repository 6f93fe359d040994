//! `unleak install --check`: fires every gate with a harmless change, which must pass, and with a planted fake secret,
//! which must not. Nothing in the real repository is touched: each gate is tried in one made for it.

use std::path::{Path, PathBuf};

use unleak_gates::Hook;
use unleak_objects::repository::Repository;

use super::planted::{Content, Source, Trial};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::git_program::GitProgram;
use crate::output;
use crate::terminal::Terminal;

/// What a gate did.
enum Verdict {
    Refuses,
    Open,
    /// It refuses a harmless change, too: then nobody can tell. With what it said.
    Unclear(String),
}

/// Fires `hooks` and says which refuse.
pub(super) fn run(
    git: &GitProgram,
    repository: Option<&Repository>,
    hooks: &[Hook],
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let source = source(git, repository)?;
    let mut verdicts = Vec::new();
    for &hook in hooks {
        verdicts.push((hook, fire(hook, &source, environment)?));
    }
    output::print(|out| {
        for (hook, verdict) in &verdicts {
            let words = match verdict {
                Verdict::Refuses => "refuses a planted secret",
                Verdict::Open => "OPEN: a planted secret went through",
                Verdict::Unclear(_) => "cannot be told: it refuses a harmless change, too",
            };
            writeln!(out, "{:<22} {words}", hook.name())?;
        }
        Ok(())
    })?;
    let mut status = ExitStatus::Clean;
    for (hook, verdict) in verdicts {
        let error = match verdict {
            Verdict::Refuses => continue,
            Verdict::Open => CliError::new(format!("{} lets secrets through", hook.name()))
                .hint(format!("unleak install --hook {}", hook.name())),
            Verdict::Unclear(said) => {
                CliError::new(format!("{} refuses a harmless change in an empty repository", hook.name()))
                    .caused_by(said)
                    .hint("try it by hand, with a fake secret, where its other hooks find what they need")
            }
        };
        terminal.error(&error);
        status = ExitStatus::Findings(1);
    }
    Ok(status)
}

fn fire(hook: Hook, source: &Source, environment: &Environment) -> Result<Verdict, CliError> {
    let trial = Trial::new(hook, source, environment)?;
    let control = trial.fire(hook, Content::Harmless)?;
    if control.code != Some(0) {
        let said = if control.message.is_empty() { control.output } else { control.message };
        return Ok(Verdict::Unclear(said));
    }
    // In a fresh one: the first merge would make the second one another kind of merge.
    let trial = Trial::new(hook, source, environment)?;
    let planted = trial.fire(hook, Content::Planted)?;
    Ok(if planted.code == Some(0) { Verdict::Open } else { Verdict::Refuses })
}

/// How hooks are put into effect here.
fn source(git: &GitProgram, repository: Option<&Repository>) -> Result<Source, CliError> {
    let directory = match repository {
        Some(_) => {
            Some(PathBuf::from(git.need(["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?))
        }
        None => git.ask(["config", "--global", "--type=path", "--get", "core.hooksPath"])?.map(PathBuf::from),
    };
    let listed = git.ask(["config", "-z", "--get-regexp", r"^hook\."])?.unwrap_or_default();
    let entries = listed.split('\0').filter(|entry| !entry.is_empty());
    let configured = entries.map(|entry| match entry.split_once('\n') {
        Some((key, value)) => (key.to_owned(), value.to_owned()),
        None => (entry.to_owned(), "true".to_owned()),
    });
    let top = repository.and_then(Repository::work_dir).map(Path::to_owned);
    Ok(Source { directory, configured: configured.collect(), top })
}
