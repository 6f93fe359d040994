//! Would a call of git stage or commit an env file, or a secret?

use std::collections::HashSet;
use std::path::Path;

use crate::checks::world::{Said, World};
use crate::env_file::is_env_file;
use crate::facts::{Adding, Candidate};
use crate::line::line_of;
use crate::policy::Call;
use crate::shell::{Arg, Options};

/// As many files are named; the others are counted.
const NAMED: usize = 5;

/// `git add` and `git update-index --add`.
pub(super) fn adds(call: &Call, options: &Options, folder: Option<&Path>, world: &World<'_>) -> Said {
    if options.has("--dry-run") || call.subcommand() != Some("update-index") && options.has("-n") {
        return Ok(None);
    }
    let named = options.operands.iter().map(|arg| &arg.text[..]).find(|path| is_env_file(path));
    if let Some(path) = named {
        return Ok(Some(format!("env file: {path}")));
    }
    let Some(folder) = folder else { return Ok(unknown(&options.operands)) };
    // What comes from a list, or from what is known at the moment only, may be anything.
    let is_listed = call.invocation.more || is_listed(options);
    let all = is_listed || options.has("-A") || options.has("--all");
    let adding = Adding {
        paths: if is_listed { Vec::new() } else { texts(&options.operands) },
        tracked: all || options.has("-u") || options.has("--update"),
        untracked: all,
        ignored: options.has("-f") || options.has("--force"),
    };
    if adding.paths.is_empty() && !adding.tracked {
        return Ok(None);
    }
    Ok(worst(&world.facts.stageable(folder, &adding)?, world))
}

/// `git commit`, with what it stages itself.
pub(super) fn commits(options: &Options, folder: Option<&Path>, world: &World<'_>) -> Said {
    if options.has("--dry-run") {
        return Ok(None);
    }
    let Some(folder) = folder else { return Ok(unknown(&options.operands)) };
    let mut files = world.facts.staged(folder)?;
    let tracked = options.has("-a") || options.has("--all") || is_listed(options);
    if tracked || !options.operands.is_empty() {
        let paths = if is_listed(options) { Vec::new() } else { texts(&options.operands) };
        let adding = Adding { paths, tracked, ..Adding::default() };
        files.extend(world.facts.stageable(folder, &adding)?);
    }
    Ok(worst(&files, world))
}

fn texts(args: &[Arg]) -> Vec<String> {
    args.iter().map(|arg| arg.text.clone()).collect()
}

fn is_listed(options: &Options) -> bool {
    options.has("--pathspec-from-file") || options.operands.iter().any(|arg| !arg.literal)
}

/// Where the folder is not known, the working tree cannot be looked at; the hooks of git still do.
fn unknown(operands: &[Arg]) -> Option<String> {
    let named = operands.iter().map(|arg| &arg.text[..]).find(|path| is_env_file(path));
    named.map(|path| format!("env file: {path}"))
}

/// What must not be committed among `files`.
fn worst(files: &[Candidate], world: &World<'_>) -> Option<String> {
    let mut said = Vec::new();
    for file in files {
        // What is in HEAD is no news here; `doctor` and `scan` speak of it.
        if is_env_file(&file.path) && file.previous.is_none() {
            said.push(format!("env file: {}", file.path));
            continue;
        }
        let found = world.scanner.file(&file.path, &file.content);
        if found.is_empty() {
            continue;
        }
        let old =
            file.previous.as_deref().map(|text| world.scanner.file(&file.path, text)).unwrap_or_default();
        let old: HashSet<_> = old.into_iter().map(|hit| hit.fingerprint).collect();
        let new = found
            .iter()
            .find(|hit| !old.contains(&hit.fingerprint) && !world.facts.accepts(&hit.fingerprint));
        if let Some(hit) = new {
            let line = line_of(&file.content, hit.span.start);
            said.push(format!("secret: {}:{line} ({})", file.path, hit.rule));
        }
    }
    said.dedup();
    listed(&said)
}

/// The first few, and how many more.
pub(super) fn listed(all: &[String]) -> Option<String> {
    let shown = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => None,
        count if count > NAMED => Some(format!("{shown}, and {} more", count - NAMED)),
        _ => Some(shown),
    }
}
