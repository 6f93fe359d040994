//! `unleak scan --agents`: what agents keep on this machine, and the same without the secrets.

mod kept;

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;
use unleak_guard::policy::matches;
use unleak_guard::transcripts::{Base, Places, Sighting, is_compressed, is_database, redacted, sightings};
use unleak_guard::{Facts as _, Scanner};
use unleak_report::harmless;
use unleak_rules::builtin;

use crate::commands::guard::world::World;
use crate::commands::scan::agents::kept::Kept;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output;
use crate::terminal::Terminal;

/// A file that was written to this recently is in use.
const QUIET: Duration = Duration::from_mins(1);
/// Larger files are not looked at, and said so. Bytes.
const MAX_BYTES: u64 = 1 << 30;

/// One file with secrets.
struct Found {
    path: PathBuf,
    agent: String,
    sightings: Vec<Sighting>,
    /// What became of it.
    state: State,
}

enum State {
    /// It was only looked at.
    Seen,
    Redacted,
    /// Left as it is, and why.
    Left(&'static str),
}

/// Runs it.
///
/// # Errors
/// When the report cannot be written.
pub(super) fn run(
    redact: bool,
    as_json: bool,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let places = Places::builtin();
    let scanner = Scanner::new(builtin::rule_set());
    let top = World::new(environment).top(&environment.current_dir);
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    let mut looked_at = 0;
    let Some(home) = environment.home.clone() else {
        return Err(CliError::new("it is not known where the home directory is").hint("set HOME"));
    };
    let mut known = BTreeSet::new();
    for place in &places.places {
        let base = match place.base {
            Base::Home => home.clone(),
            Base::Project => top.clone().unwrap_or_else(|| environment.current_dir.clone()),
        };
        let mut kept = Kept::below(&base, &place.patterns);
        // Claude Code keeps its folder elsewhere if it is told to.
        if let Some(own) = environment.variable("CLAUDE_CONFIG_DIR").filter(|_| place.base == Base::Home) {
            let inside = place.patterns.iter().filter(|pattern| pattern.starts_with(".claude"));
            let inside = inside.map(|pattern| pattern.strip_prefix(".claude/").unwrap_or(pattern).to_owned());
            let own = Kept::below(&environment.current_dir.join(own), &inside.collect::<Vec<_>>());
            kept.files.extend(own.files);
            kept.unread.extend(own.unread);
        }
        unread.extend(kept.unread);
        for (name, path) in kept.files {
            if places.live.iter().any(|pattern| matches(pattern, &name)) || !known.insert(path.clone()) {
                continue;
            }
            looked_at += 1;
            match look(&path, &name, place.record, redact, &scanner) {
                Ok(None) => {}
                Ok(Some((sightings, state))) => {
                    found.push(Found { path, agent: place.agent.clone(), sightings, state });
                }
                Err(error) => unread.push((path, error)),
            }
        }
    }
    std::mem::forget(scanner);
    report(&found, looked_at, redact, as_json)
        .map_err(|error| CliError::new("standard output cannot be written").caused_by(error))?;
    for (path, error) in &unread {
        terminal.error(
            &CliError::new(format!("'{}' was not looked at", path.display())).caused_by(error.to_string()),
        );
    }
    let is_left = found.iter().any(|one| !matches!(one.state, State::Redacted));
    Ok(match () {
        () if !unread.is_empty() => ExitStatus::Error,
        () if is_left => ExitStatus::Findings(1),
        () => ExitStatus::Clean,
    })
}

/// The secrets of a file, and what became of it; `None` if there are none.
fn look(
    path: &Path,
    name: &str,
    is_record: bool,
    redact: bool,
    scanner: &Scanner,
) -> io::Result<Option<(Vec<Sighting>, State)>> {
    let before = fs::metadata(path)?;
    if before.len() > MAX_BYTES {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_BYTES >> 20)));
    }
    let bytes = fs::read(path)?;
    if is_compressed(&bytes) {
        return Err(io::Error::other("it holds compressed conversations, which are not read"));
    }
    let sightings = sightings(name, &bytes, scanner);
    if sightings.is_empty() {
        return Ok(None);
    }
    let state = match () {
        () if !redact => State::Seen,
        () if !is_record => State::Left("it is configuration: the agent needs what is in it"),
        () if is_database(name, &bytes) => {
            State::Left("databases are not rewritten: delete the conversation in the agent")
        }
        () if bytes.contains(&0) || std::str::from_utf8(&bytes).is_err() => {
            State::Left("it is no text: delete the conversation in the agent")
        }
        () if is_in_use(path, &before) => State::Left("it is in use: end the session, then again"),
        () => match redacted(name, &bytes, scanner) {
            Some(new) => replace(path, &new, &before)?,
            None => State::Left("there is nothing to put in place of it"),
        },
    };
    Ok(Some((sightings, state)))
}

/// Written to just now, or open in a program.
fn is_in_use(path: &Path, meta: &Metadata) -> bool {
    let age = meta.modified().ok().and_then(|time| SystemTime::now().duration_since(time).ok());
    age.is_none_or(|age| age < QUIET) || is_open(path)
}

/// Whether a program that can be looked into has the file open.
#[cfg(target_os = "linux")]
fn is_open(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    let own = std::process::id().to_string();
    let programs = fs::read_dir("/proc").into_iter().flatten().flatten();
    let programs = programs.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.bytes().all(|byte| byte.is_ascii_digit()) && *name != *own
    });
    let files =
        programs.flat_map(|entry| fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten());
    files.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|open| open == path)
}

#[cfg(not(target_os = "linux"))]
fn is_open(_: &Path) -> bool {
    false
}

/// Puts `new` in place of the file, with its date, and only if nobody wrote to it since.
fn replace(path: &Path, new: &[u8], before: &Metadata) -> io::Result<State> {
    let done = output::exchange(path, new, Some(before), |file| {
        file.set_modified(before.modified()?)?;
        let now = fs::metadata(path)?;
        Ok(now.len() == before.len() && now.modified()? == before.modified()?)
    })?;
    Ok(if done { State::Redacted } else { State::Left("it was written to meanwhile") })
}

fn report(found: &[Found], looked_at: usize, redact: bool, as_json: bool) -> io::Result<()> {
    output::to(None, |out| {
        if as_json {
            let files: Vec<_> = found
                .iter()
                .map(|one| {
                    let secrets: Vec<_> = one
                        .sightings
                        .iter()
                        .map(|secret| json!({ "rule": secret.rule, "fingerprint": secret.fingerprint, "line": secret.line }))
                        .collect();
                    let state = match one.state {
                        State::Seen => "found",
                        State::Redacted => "redacted",
                        State::Left(_) => "left",
                    };
                    json!({ "path": one.path, "agent": one.agent, "state": state, "secrets": secrets })
                })
                .collect();
            return writeln!(
                out,
                "{:#}",
                json!({ "schema": 1, "files_looked_at": looked_at, "files": files })
            );
        }
        for one in found {
            writeln!(out, "{}  ({})", harmless(one.path.as_os_str().as_encoded_bytes()), one.agent)?;
            for secret in &one.sightings {
                let line =
                    if secret.line == 0 { "in a record".to_owned() } else { format!("line {}", secret.line) };
                writeln!(out, "  {line:<12}  {:<32}  {}", secret.rule, secret.fingerprint)?;
            }
            match one.state {
                State::Seen => {}
                State::Redacted => writeln!(out, "  redacted")?,
                State::Left(why) => writeln!(out, "  left as it is: {why}")?,
            }
        }
        let secrets: usize = found.iter().map(|one| one.sightings.len()).sum();
        writeln!(
            out,
            "\n{looked_at} files of agents looked at, {secrets} secrets in {} of them",
            found.len()
        )?;
        if secrets > 0 {
            writeln!(out, "They went to a vendor's servers already: revoke them first.")?;
            if !redact {
                writeln!(out, "Next: unleak scan --agents --redact")?;
            }
        }
        Ok(())
    })
}
