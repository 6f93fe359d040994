//! `unleak probe`: what a remote still gives of the old history to whoever knows an id.

use std::path::PathBuf;

use gix_hash::ObjectId;
use unleak_remediate::{Advertised, Answer, HistoryMap, Prober, Remote, advertised};
use unleak_report::{counted, harmless, number};
use unleak_runbook::Host;

use crate::commands::push::{chosen, map_of, unreachable};
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::{output, repo};

/// List what an attacker could still fetch: ask the remote for old commits, tags and blobs by id
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Asks by git's protocol and changes nothing, here or there. Web pages, forks and caches of a host are beyond it.\nExit code 1 if anything of the old history still answers."
)]
pub(crate) struct ProbeArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// The remote, by name or address [default: the only one]
    #[arg(long, value_name = "REMOTE")]
    remote: Option<String>,
    /// Ask for everything that was rewritten, not only for old tips, first commits and the first blobs
    #[arg(long)]
    all: bool,
}

/// How many of a kind are asked for: each is a request of its own.
const ASKED: usize = 40;
/// How many answers are listed.
const SHOWN: usize = 20;

/// What was found, with what it was.
#[derive(Default)]
struct Found {
    asked: u64,
    given: Vec<(&'static str, ObjectId)>,
    /// How many it neither gave nor said that it does not have.
    withheld: u64,
    /// Refs that lead straight to the old history.
    refs: Vec<(String, ObjectId)>,
    left_out: u64,
}

/// Runs the command.
pub(crate) fn run(args: &ProbeArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let git = environment.git();
    let map = map_of(&repository)?;
    let remote = chosen(&repository, &git, args.remote.as_deref())?;
    let seen = advertised(&repository, &git, &remote).map_err(|error| unreachable(&remote, error))?;
    let mut found = Found { refs: old_refs(&map, &seen), ..Found::default() };
    let prober = Prober::new(&repository, &git, &remote).map_err(|error| unreachable(&remote, error))?;
    for (what, ids) in questions(&map) {
        let most = if args.all { usize::MAX } else { ASKED };
        found.left_out += ids.len().saturating_sub(most) as u64;
        for id in ids.into_iter().take(most) {
            found.asked += 1;
            match prober.ask(&id).map_err(|error| unreachable(&remote, error))? {
                Answer::Given => found.given.push((what, id)),
                Answer::Withheld => found.withheld += 1,
                Answer::Gone => {}
            }
        }
    }
    output::print(|out| show(out, &remote, &found))?;
    let clean = found.given.is_empty() && found.refs.is_empty();
    Ok(if clean { ExitStatus::Clean } else { ExitStatus::Findings(1) })
}

/// What to ask for, the most telling first. What exists in the new history, too, is nobody's secret.
fn questions(map: &HistoryMap) -> [(&'static str, Vec<ObjectId>); 3] {
    let new: std::collections::HashSet<ObjectId> =
        map.commits.values().chain(map.tags.values()).filter_map(|id| *id).collect();
    let mut tips: Vec<ObjectId> = map.refs.values().map(|(old, _)| *old).collect();
    tips.extend(map.tags.keys());
    let mut first: Vec<ObjectId> = map.first.iter().copied().collect();
    first.extend(map.commits.keys().filter(|id| !map.first.contains(*id)));
    for ids in [&mut tips, &mut first] {
        let mut seen = std::collections::HashSet::new();
        ids.retain(|id| !new.contains(id) && seen.insert(*id));
    }
    first.retain(|id| !tips.contains(id));
    let blobs = map.blobs.keys().copied().collect();
    [("blob that held a secret", blobs), ("old tip", tips), ("old commit", first)]
}

fn old_refs(map: &HistoryMap, seen: &Advertised) -> Vec<(String, ObjectId)> {
    let is_old = |id: &ObjectId| {
        map.commits.contains_key(id) || map.tags.contains_key(id) || map.blobs.contains_key(id)
    };
    seen.refs.iter().filter(|(_, id)| is_old(id)).map(|(name, id)| (harmless(name), *id)).collect()
}

fn show(out: &mut dyn std::io::Write, remote: &Remote, found: &Found) -> std::io::Result<()> {
    let host = Host::of(remote.url.as_ref());
    writeln!(out, "Remote: {} ({})", remote.called(), harmless(&remote.shown()))?;
    for (name, id) in found.refs.iter().take(SHOWN) {
        writeln!(out, "  {name} leads to the old history: {id}")?;
    }
    if found.refs.len() > SHOWN {
        writeln!(out, "  and {} more refs", number((found.refs.len() - SHOWN) as u64))?;
    }
    for (what, id) in found.given.iter().take(SHOWN) {
        writeln!(out, "  still given: {id}  {what}")?;
    }
    if found.given.len() > SHOWN {
        writeln!(out, "  and {} more", number((found.given.len() - SHOWN) as u64))?;
    }
    let asked = counted(found.asked, "objects");
    let given = number(found.given.len() as u64);
    let verdict = match (found.given.len(), found.refs.len()) {
        (0, 0) => format!("None of {asked} of the old history is given any more, and no ref leads there."),
        (0, _) => format!("None of {asked} is given by id, but refs lead there."),
        _ => format!("{given} of {asked} of the old history are still given to whoever knows the id."),
    };
    writeln!(out, "{verdict}")?;
    if found.withheld > 0 {
        let count = number(found.withheld);
        writeln!(
            out,
            "{count} are not given by id on this way, and whether they are still there is not said: ask on another (https), too."
        )?;
    }
    if found.left_out > 0 {
        writeln!(out, "{} more were not asked for: unleak probe --all", number(found.left_out))?;
    }
    if !found.given.is_empty() || !found.refs.is_empty() {
        writeln!(out, "\nOnly {} can remove that: unleak runbook has the request to send.", host.name())?;
    }
    Ok(())
}
