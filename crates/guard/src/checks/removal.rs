//! Does a call remove what lies outside of the working tree, or what no commit can bring back?

use std::path::Path;

use crate::checks::staging::listed;
use crate::checks::world::{Said, World};
use crate::places::absolute;
use crate::policy::{Call, matches};
use crate::shell::{Arg, Options};

/// `rm -rf` and its like.
pub(super) fn removes(call: &Call, options: &Options, folder: Option<&Path>, world: &World<'_>) -> Said {
    let is_recursive = ["-r", "-R", "--recursive"].iter().any(|flag| options.has(flag));
    if call.invocation.program == "rm" && !is_recursive {
        return Ok(None);
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
