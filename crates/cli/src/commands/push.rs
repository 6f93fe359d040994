//! `unleak push`: the rewritten history replaces the old one at the remote, ref by ref with a lease, all at once.

mod rounds;

mod refused;
mod remote;
mod shown;

use std::path::PathBuf;
use std::sync::Arc;

use unleak_remediate::{HistoryMap, MAP_REF, advertised, fetch_map, history_map, map_id, publish_map};
use unleak_scan::Progress;

use crate::commands::rewrite::what::What;
use crate::commands::runbook::kept;
use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{banned, output, repo};

pub(crate) use remote::{chosen, unreachable};
use rounds::{Consent, Rounds};

/// Replace the old history at a remote by the rewritten one: each ref with a lease, all at once
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Only refs that the rewrite changed are pushed, each with the value it must have until then: what somebody else\npushed meanwhile is never overwritten. It is fetched, shown, rewritten by the same rules, and pushed along.\n\nExamples:\n  unleak push --dry-run           what would change\n  unleak push                     asks once\n  unleak push --publish-map       and leave the map of ids there, for clones that follow (unleak rejoin)\n  unleak push --publish-map=FILE  write the map to a file instead"
)]
pub(crate) struct PushArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    pub(super) repository: PathBuf,
    /// The remote, by name or address [default: the only one]
    #[arg(long, value_name = "REMOTE")]
    pub(super) remote: Option<String>,
    /// Show what would be pushed, and the command; push nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print the command alone; push nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) print: bool,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Publish the map of old ids to new ones: at the remote, or into this file. Ids only, no secrets
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[expect(clippy::option_option, reason = "not given, given, and given with a file")]
    pub(super) publish_map: Option<Option<PathBuf>>,
    #[command(flatten)]
    pub(super) what: What,
}

/// Runs the command.
pub(crate) fn run(
    args: &PushArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let git = environment.git();
    let map = map_of(&repository)?;
    let remote = chosen(&repository, &git, args.remote.as_deref())?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let rounds = Rounds {
        repository: &repository,
        environment,
        terminal,
        progress: &progress,
        remote: &remote,
        given: &args.what,
    };
    if args.dry_run || args.print {
        let plan = rounds.look(&map)?;
        if args.print && !plan.arrived.is_empty() {
            let count = unleak_report::counted(plan.arrived.len() as u64, "refs");
            terminal.note(&format!("{count} arrived since and are not in it: unleak push takes them in"));
        }
        output::print(|out| shown::command_only(out, args.print, &remote, &plan))?;
        return Ok(ExitStatus::Clean);
    }
    let consent = if args.yes { Consent::Given } else { Consent::Ask(&|| output::agreed("Replace them?")) };
    let map = rounds.until_there(map, &consent)?;
    banned::write(&repository)?;
    if let Some(target) = &args.publish_map {
        publish(&rounds, &map, target.as_deref().map(|file| environment.current_dir.join(file)))?;
    }
    output::print(|out| shown::next(out, &remote, args.publish_map.is_some()))?;
    Ok(ExitStatus::Clean)
}

/// What was rewritten here.
pub(crate) fn map_of(repository: &unleak_objects::repository::Repository) -> Result<HistoryMap, CliError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new("what was rewritten is not known").caused_by(error).hint("unleak undo --unfinished")
    };
    let standing = unleak_remediate::status(repository).map_err(|error| failed(error.into()))?;
    if let Some(standing) = standing.filter(|standing| standing.state.is_unfinished()) {
        return Err(CliError::new(format!("a rewrite stopped half-way: {}", standing.state))
            .hint("unleak undo --unfinished"));
    }
    history_map(repository).map_err(|error| failed(error.into()))?.ok_or_else(|| {
        CliError::new("this repository has not been rewritten by unleak: there is nothing to replace")
            .hint("unleak rewrite --all-findings")
    })
}

/// The map as others may have it.
fn public(map: &HistoryMap) -> Result<Vec<u8>, CliError> {
    let mut map = map.clone();
    let asked = rounds::asked(&map)?.into_iter().map(What::published);
    let lines: Result<Vec<String>, _> = asked.map(|what| serde_json::to_string(&what)).collect();
    map.asked = lines.map_err(|error| CliError::new("the map cannot be written").caused_by(error))?;
    Ok(map.to_bytes(false))
}

/// The map with what another one, published before, knows besides: clones of the history before that follow, too.
fn joined(before: HistoryMap, map: &HistoryMap) -> HistoryMap {
    let is_known = |id| map.commits.contains_key(id);
    if before.kind != map.kind || before.commits.keys().all(is_known) {
        return map.clone();
    }
    let mut whole = before;
    whole.then(map.clone());
    let mut seen = std::collections::HashSet::new();
    whole.asked.retain(|asked| seen.insert(asked.clone()));
    whole
}

fn publish(rounds: &Rounds<'_>, map: &HistoryMap, file: Option<PathBuf>) -> Result<(), CliError> {
    let (git, remote, repository) = (rounds.environment.git(), rounds.remote, rounds.repository);
    let seen = advertised(repository, &git, remote).map_err(|error| unreachable(remote, error))?;
    let before = fetch_map(repository, &git, remote, &seen).map_err(|error| unreachable(remote, error))?;
    let before = before.map(|bytes| HistoryMap::parse(&bytes)).transpose().map_err(|error| {
        CliError::new(format!("the map that {} has cannot be read", remote.called())).caused_by(error).hint(
            format!("git push {} --delete {MAP_REF}   # then: unleak push --publish-map", remote.called()),
        )
    })?;
    let bytes = public(&before.map_or_else(|| map.clone(), |before| joined(before, map)))?;
    let id = map_id(repository, &git, &bytes)
        .map_err(|error| CliError::new("the map cannot be hashed").caused_by(error).hint("git --version"))?;
    if let Some(file) = &file {
        output::whole_file(file, |out| out.write_all(&bytes)).map_err(|error| {
            CliError::new(format!("the map '{}' cannot be written", file.display())).caused_by(error)
        })?;
    } else if let Some(refusal) =
        publish_map(repository, &git, (remote, &seen), &bytes).map_err(|error| unreachable(remote, error))?
    {
        return Err(refused::error(remote, &refusal, refused::Changed::of_one(&refusal))
            .hint("unleak push --publish-map=FILE   # history is replaced; only the map is not there"));
    }
    kept::write_published(repository, &id.to_string())?;
    let place =
        file.map_or_else(|| format!("{MAP_REF} at {}", remote.called()), |file| file.display().to_string());
    output::print(|out| writeln!(out, "Map: {place}\nIts id, for whoever has a clone: {id}"))
}
