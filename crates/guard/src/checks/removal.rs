//! Does a call remove what lies outside of the working tree, or what no commit can bring back?

use std::path::Path;

use crate::checks::staging::listed;
use crate::checks::world::{Said, World};
use crate::env_file::{is_env_file, is_key_file};
use crate::places::absolute;
use crate::policy::{Call, matches};
use crate::shell::{Arg, Options};

/// `rm -rf` and its like.
pub(super) fn removes(call: &Call, options: &Options, folder: Option<&Path>, world: &World<'_>) -> Said {
    if call.invocation.program == "find" {
        return found(call, folder, world);
    }
    let is_recursive = ["-r", "-R", "--recursive"].iter().any(|flag| options.has(flag));
    if call.invocation.program == "rm" && !is_recursive {
        return precious(options, folder, world);
    }
    if call.invocation.more {
        return Ok(Some("what it removes is not told on the command line".to_owned()));
    }
    let mut lost = Vec::new();
    for target in &options.operands {
        if let Some(said) = removed(target, folder, world)? {
            lost.push(said);
        }
    }
    Ok(listed(&lost))
}

/// File by file only what there is one copy of is asked about: env files and keys.
fn precious(options: &Options, folder: Option<&Path>, world: &World<'_>) -> Said {
    let Some(folder) = folder else { return Ok(None) };
    let mut lost = Vec::new();
    for target in options.operands.iter().filter(|arg| is_env_file(&arg.text) || is_key_file(&arg.text)) {
        let path = absolute(folder, &target.text, world.facts);
        if let Some(path) =
            path.filter(|path| !is_scratch(&path.to_string_lossy(), &world.policies.lists().scratch))
        {
            lost.extend(world.facts.unrecoverable(&path)?);
        }
    }
    Ok(listed(&lost))
}

/// `find … -delete` and `find … -exec rm`: what cannot be brought back of what it would find.
fn found(call: &Call, folder: Option<&Path>, world: &World<'_>) -> Said {
    let args: Vec<&str> = call.invocation.args.iter().map(|arg| &arg.text[..]).collect();
    let runs =
        |pair: &[&str]| matches!(pair[0], "-exec" | "-execdir") && pair[1].rsplit('/').next() == Some("rm");
    if !args.contains(&"-delete") && !args.windows(2).any(runs) {
        return Ok(None);
    }
    let Some(folder) = folder else { return Ok(Some("not known where".to_owned())) };
    let start = args.iter().take_while(|arg| !arg.starts_with(['-', '(', '!'])).count();
    let starts = if start == 0 { &["."][..] } else { &args[..start] };
    let names: Vec<&str> =
        args.windows(2).filter(|pair| matches!(pair[0], "-name" | "-iname")).map(|pair| pair[1]).collect();
    let fits = |file: &String| {
        let parts: Vec<&str> = file.split('/').collect();
        names.is_empty() || names.iter().any(|name| parts.iter().any(|part| matches(name, part)))
    };
    let mut lost = Vec::new();
    for start in starts {
        let Some(path) = absolute(folder, start, world.facts) else { continue };
        if is_scratch(&path.to_string_lossy(), &world.policies.lists().scratch) {
            continue;
        }
        if !world.facts.top(folder).is_some_and(|top| path.starts_with(top)) {
            return Ok(Some(format!("{start} (outside of the working tree)")));
        }
        lost.extend(world.facts.unrecoverable(&path)?.into_iter().filter(fits));
    }
    Ok(listed(&lost))
}

/// What is lost with one target.
fn removed(target: &Arg, folder: Option<&Path>, world: &World<'_>) -> Said {
    // `$TMPDIR/x` cannot be told more exactly.
    if target.text.starts_with('$') && is_scratch(&target.text, &world.policies.lists().scratch) {
        return Ok(None);
    }
    // `dir/a*` takes some of what is in `dir`.
    let base = match target.text.find(['*', '?', '[']).filter(|_| target.glob) {
        None => &target.text[..],
        Some(star) => target.text[..star].rfind('/').map_or(".", |slash| &target.text[..=slash]),
    };
    let path = folder.and_then(|folder| absolute(folder, base, world.facts));
    let (Some(folder), Some(path)) = (folder, path) else {
        return Ok(Some(format!("{} (not known where that is)", target.text)));
    };
    // A home or a working tree may lie in a folder for what nobody misses.
    let holds = |place: Option<std::path::PathBuf>| place.is_some_and(|place| place.starts_with(&path));
    let top = world.facts.top(folder);
    let is_inside = top.as_ref().is_some_and(|top| path.starts_with(top));
    let is_dear = is_inside || holds(world.facts.home()) || holds(top);
    if !is_dear && is_scratch(&path.to_string_lossy(), &world.policies.lists().scratch) {
        return Ok(None);
    }
    let Some(top) = world.facts.top(folder) else {
        return Ok(Some(format!("{} (in no working tree)", target.text)));
    };
    if !path.starts_with(&top) {
        return Ok(Some(format!("{} (outside of the working tree)", target.text)));
    }
    if target.glob {
        let pattern = absolute(folder, &target.text, world.facts).unwrap_or_default();
        let pattern = pattern.to_string_lossy();
        let mut files = world.facts.unrecoverable(&path)?;
        files.retain(|file| {
            let file = top.join(file);
            let file = file.to_string_lossy();
            matches(&pattern, &file) || matches(&format!("{pattern}/*"), &file)
        });
        return Ok(listed(&files));
    }
    if path == top || path.starts_with(top.join(".git")) {
        let inside = world.facts.unrecoverable(&path)?;
        let more = listed(&inside).map_or(String::new(), |files| format!(", with {files}"));
        return Ok(Some(format!("{} (the repository itself{more})", target.text)));
    }
    Ok(listed(&world.facts.unrecoverable(&path)?))
}

fn is_scratch(path: &str, scratch: &[String]) -> bool {
    let path = path.trim_end_matches('/');
    !path.contains("/..") && scratch.iter().any(|pattern| matches(pattern, path))
}

/// `git clean -f`.
pub(super) fn cleans(options: &Options, folder: Option<&Path>, world: &World<'_>) -> Said {
    if options.has("-n") || options.has("--dry-run") {
        return Ok(None);
    }
    let Some(folder) = folder else { return Ok(Some("not known where".to_owned())) };
    let mut lost = Vec::new();
    let here = [Arg::literal(".")];
    let targets = if options.operands.is_empty() { &here[..] } else { &options.operands };
    for target in targets {
        if let Some(path) = absolute(folder, &target.text, world.facts) {
            lost.extend(world.facts.unrecoverable(&path)?);
        }
    }
    Ok(listed(&lost))
}
