//! `unleak scan --agents`: what agents keep on this machine, and the same without the secrets.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;
use unleak_guard::policy::matches;
use unleak_guard::transcripts::{Base, Places, Sighting, is_sqlite, redacted, sightings};
use unleak_guard::{Facts as _, Scanner};
use unleak_report::harmless;
use unleak_rules::builtin;

use crate::commands::guard::world::World;
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
    for place in &places.places {
        let base = match place.base {
            Base::Home => environment.home.clone(),
            Base::Project => top.clone().or_else(|| Some(environment.current_dir.clone())),
        };
        let Some(base) = base else { continue };
        let mut paths = files(&base, &place.patterns);
        // Claude Code keeps its folder elsewhere if it is told to.
        if let Some(own) = environment.variable("CLAUDE_CONFIG_DIR").filter(|_| place.base == Base::Home) {
            let inside = place.patterns.iter().filter_map(|pattern| pattern.strip_prefix(".claude/"));
            paths.extend(files(Path::new(&own), &inside.map(str::to_owned).collect::<Vec<_>>()));
        }
        for path in paths {
            let name = path.strip_prefix(&base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if places.live.iter().any(|pattern| matches(pattern, &name))
                || found.iter().any(|one: &Found| one.path == path)
            {
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

/// Regular files below `base` that fit a pattern, sorted. Links are not followed.
fn files(base: &Path, patterns: &[String]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for pattern in patterns {
        let fixed = pattern.split('*').next().unwrap_or_default();
        let start = base.join(fixed.rsplit_once('/').map_or("", |(folder, _)| folder));
        let start = if pattern.contains('*') { start } else { base.join(pattern) };
        let mut pending = vec![start];
        while let Some(path) = pending.pop() {
            let Ok(meta) = fs::symlink_metadata(&path) else { continue };
            if meta.is_dir() && pattern.contains('*') {
                // The home directory itself is never walked: every pattern names a folder first.
                let inside = fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path());
                let may_fit = |path: &PathBuf| path != base && path.strip_prefix(base).is_ok();
                pending.extend(inside.filter(may_fit));
            } else if meta.is_file() {
                let name = path.strip_prefix(base).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                if matches(pattern, &name) {
                    found.push(path);
                }
            }
        }
    }
    found.sort();
    found.dedup();
    found
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
    let sightings = sightings(name, &bytes, scanner);
    if sightings.is_empty() {
        return Ok(None);
    }
    let state = match () {
        () if !redact => State::Seen,
        () if !is_record => State::Left("it is configuration: the agent needs what is in it"),
        () if is_sqlite(&bytes) => {
            State::Left("databases are not rewritten: delete the conversation in the agent")
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

/// Puts `new` in place of the file: whole or not at all, with its mode and date, and only if nobody wrote to it since.
fn replace(path: &Path, new: &[u8], before: &Metadata) -> io::Result<State> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&temporary)?;
        file.write_all(new)?;
        file.set_permissions(before.permissions())?;
        file.set_modified(before.modified()?)?;
        file.sync_all()?;
        let now = fs::metadata(path)?;
        if now.len() != before.len() || now.modified()? != before.modified()? {
            return Ok(State::Left("it was written to meanwhile"));
        }
        fs::rename(&temporary, path)?;
        Ok(State::Redacted)
    })();
    if !matches!(written, Ok(State::Redacted)) {
        // What cannot be removed now is readable by its owner only, and holds no secret.
        drop(fs::remove_file(&temporary));
    }
    written
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
