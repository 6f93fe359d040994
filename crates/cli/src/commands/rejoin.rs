//! `unleak rejoin`: a clone that still stands on the old history moves onto the new one, with all its own work.
//!
//! A rewrite is a pure function of objects and rules. So the same rules over this clone give the same ids for whatever it
//! shares with others, which the map proves, and carry its own commits along.

use std::path::PathBuf;
use std::sync::Arc;

use gix_hash::ObjectId;
use unleak_objects::repository::Repository;
use unleak_remediate::{Advertised, Git, HistoryMap, Remote, Rewritten, advertised, fetch_map, fit, map_id};
use unleak_report::{counted, number};
use unleak_scan::Progress;

use crate::commands::push::{chosen, unreachable};
use crate::commands::rewrite::applying::{Done, carry};
use crate::commands::rewrite::what::What;
use crate::commands::rewrite::working::Context;
use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{output, repo};

/// Move a clone of the old history onto the rewritten one, with its branches, tags, stashes, worktrees and own commits
#[derive(Debug, clap::Args)]
#[command(
    after_help = "To be run in a clone made before history was rewritten. The map of ids comes from the remote (`unleak push\n--publish-map`) or from a file. Work that is not pushed is kept and carried along; nothing has to be merged or\nrebased. What is done can be undone (`unleak undo`) until it is made final (`unleak purge`).\n\nExamples:\n  unleak rejoin            the map from the remote\n  unleak rejoin map.txt    a map that somebody sent\n  unleak rejoin --map-id ID   only if it is the map whose id you were told"
)]
pub(crate) struct RejoinArgs {
    /// The map [default: the one at the remote]
    map: Option<PathBuf>,
    /// The id that whoever published the map has told: no other map is followed
    #[arg(long, value_name = "ID")]
    map_id: Option<String>,
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// The remote, by name or address [default: the only one]
    #[arg(long, value_name = "REMOTE")]
    remote: Option<String>,
    /// Where the backup is made, a folder that is not there yet, or `none` [default: beside the repository]
    #[arg(long, value_name = "FOLDER", help_heading = "How")]
    backup: Option<PathBuf>,
    /// Go on although this is refused; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "How")]
    allow: Vec<String>,
    #[command(flatten)]
    what: What,
}

/// Runs the command.
pub(crate) fn run(
    args: &RejoinArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let (map, name) = map(args, &repository, environment, terminal)?;
    let known = known(&repository, &map, &name)?;
    if known == 0 {
        output::print(|out| {
            writeln!(out, "This clone has nothing of the old history: there is nothing to do.")
        })?;
        return Ok(ExitStatus::Clean);
    }
    let what = rules(args, &map)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let context = Context::of_everything(&repository, environment, terminal, &progress);
    let wanted = what.read(&repository, environment, terminal, &progress)?;
    output::print(|out| {
        writeln!(
            out,
            "{} of the old history are here, of {}.\n",
            counted(known, "commits"),
            number(map.commits.len() as u64)
        )
    })?;
    let expected = |rewritten: &Rewritten| agrees(rewritten, &map);
    let done = carry(&context, &wanted, (args.backup.as_deref(), &what), &args.allow, &expected)?;
    if done != Done::Nothing {
        output::print(|out| {
            writeln!(
                out,
                "Next:  git fetch --prune, then git pull --ff-only on each branch; make it final: unleak purge"
            )
        })?;
    }
    Ok(done.status())
}

/// The map, and what to call it.
fn map(
    args: &RejoinArgs,
    repository: &Repository,
    environment: &Environment,
    terminal: Terminal,
) -> Result<(HistoryMap, String), CliError> {
    let git = environment.git();
    let mut from = None;
    let (bytes, name) = if let Some(file) = &args.map {
        let bytes = std::fs::read(environment.current_dir.join(file)).map_err(|error| {
            CliError::new(format!("the map '{}' cannot be read", file.display()))
                .caused_by(error)
                .hint("unleak push --publish-map=FILE   # where history was rewritten")
        })?;
        (bytes, format!("the map '{}'", file.display()))
    } else {
        let (remote, seen, bytes) = from_remote(args, repository, &git)?;
        let name = format!("the map at '{}'", remote.called());
        from = Some((remote, seen));
        (bytes, name)
    };
    let id = map_id(repository, &git, &bytes)
        .map_err(|error| CliError::new(format!("{name} cannot be hashed")).caused_by(error))?
        .to_string();
    if let Some(wanted) = args.map_id.as_ref().filter(|wanted| **wanted != id) {
        return Err(CliError::new(format!("{name} is not the one with the id {wanted}: its id is {id}"))
            .hint("ask whoever rewrote history for the id: unleak push --publish-map says it"));
    }
    let map = HistoryMap::parse(&bytes).map_err(|error| {
        CliError::new(format!("{name} cannot be used"))
            .caused_by(error)
            .hint("unleak push --publish-map   # where history was rewritten")
    })?;
    if map.kind != repository.hash_kind() {
        return Err(CliError::new(format!("{name} is of another repository: its ids are of another kind"))
            .hint("unleak rejoin --remote REMOTE"));
    }
    if let Some((remote, seen)) = &from {
        goes_with(repository, &git, (remote, seen), (&map, &name), terminal)?;
    }
    if from.is_some() && args.map_id.is_none() {
        terminal.note(&format!("{name} has the id {id}; whoever can push there can put one there"));
    }
    Ok((map, name))
}

/// A map that leads to what is not at the remote it came from is not of what happened there.
fn goes_with(
    repository: &Repository,
    git: &Git,
    (remote, seen): (&Remote, &Advertised),
    (map, name): (&HistoryMap, &str),
    terminal: Terminal,
) -> Result<(), CliError> {
    let fit = fit(repository, git, (remote, seen), map).map_err(|error| unreachable(remote, error))?;
    if fit.all > 0 && fit.there == 0 {
        return Err(CliError::new(format!(
            "{name} does not go with what is there: it leads to no commit of any branch or tag at '{}'",
            remote.called()
        ))
        .hint("unleak push   # where history was rewritten")
        .hint("unleak rejoin --remote REMOTE"));
    }
    if let Some(first) = fit.old.first() {
        let count = counted(fit.old.len() as u64, "refs");
        terminal.note(&format!(
            "{count} at '{}' are of the old history: {}",
            remote.called(),
            unleak_report::harmless(first)
        ));
    }
    Ok(())
}

fn from_remote(
    args: &RejoinArgs,
    repository: &Repository,
    git: &Git,
) -> Result<(Remote, Advertised, Vec<u8>), CliError> {
    let remote = chosen(repository, git, args.remote.as_deref())?;
    let seen = advertised(repository, git, &remote).map_err(|error| unreachable(&remote, error))?;
    let bytes = fetch_map(repository, git, &remote, &seen).map_err(|error| unreachable(&remote, error))?;
    let bytes = bytes.ok_or_else(|| {
        CliError::new(format!("'{}' has no map of a rewritten history", remote.called()))
            .hint("unleak push --publish-map        # where history was rewritten")
            .hint("unleak rejoin FILE               # with a map that somebody sent")
    })?;
    Ok((remote, seen, bytes))
}

/// How many old commits of the map are here. A repository with neither old nor new ones is another one.
fn known(repository: &Repository, map: &HistoryMap, name: &str) -> Result<u64, CliError> {
    let reader = repository.reader();
    let old = map.commits.keys().filter(|id| reader.contains(id)).count() as u64;
    let has_new = || map.commits.values().flatten().any(|id| reader.contains(id));
    if old == 0 && !map.commits.is_empty() && !has_new() {
        return Err(CliError::new(format!("{name} is of another repository: none of its commits is here"))
            .hint("git fetch, and unleak rejoin again")
            .hint("unleak rejoin --remote REMOTE"));
    }
    Ok(old)
}

/// What the rewrite was asked for, with the files that only this user can give.
fn rules(args: &RejoinArgs, map: &HistoryMap) -> Result<What, CliError> {
    let parsed: Result<Vec<What>, _> = map.asked.iter().map(|line| serde_json::from_str(line)).collect();
    let parsed = parsed.map_err(|error| {
        CliError::new("the map says what was forgotten in a way that is not known here").caused_by(error)
    })?;
    // Where files lie is for whoever uses them to say, not for a map.
    let parsed = parsed.into_iter().map(What::published).collect();
    What::merged(parsed)?.with_files(&args.what).map_err(|option| {
        CliError::new(format!(
            "history was rewritten with {option} FILE, and the map does not hold that file"
        ))
        .hint(format!("unleak rejoin {option} FILE   # the same file, from whoever rewrote"))
        .hint("or: commit to a branch of its own, clone again, git cherry-pick")
    })
}

/// Every commit that the map knows must become what it became elsewhere.
fn agrees(rewritten: &Rewritten, map: &HistoryMap) -> Result<(), CliError> {
    let commits = &rewritten.change.commits;
    let differs = |(old, new): &&(ObjectId, Option<ObjectId>)| {
        map.commits.get(old).is_some_and(|elsewhere| elsewhere != new)
    };
    match commits.iter().find(differs) {
        None => Ok(()),
        Some((old, _)) => Err(CliError::new(format!(
            "commit {old} would become another one here than where history was rewritten; nothing has changed"
        ))
        .hint("was it rewritten with --replace-text? unleak rejoin --replace-text FILE, with the same file")
        .hint("or: clone again, git fetch OLD-CLONE BRANCH, git cherry-pick")),
    }
}
