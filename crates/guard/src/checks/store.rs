//! Does a call read a file with live credentials?

use std::path::Path;

use crate::checks::world::World;
use crate::facts::Facts;
use crate::places::absolute;
use crate::policy::{Call, matches};

/// Whether the file at `path`, as it was named from `folder`, holds live credentials; `path` may be a pattern of the shell.
pub(crate) fn is_store(path: &str, folder: Option<&Path>, world: &World<'_>) -> bool {
    let lists = world.policies.lists();
    let Some(folder) = folder.or_else(|| Some(Path::new("/"))) else { return false };
    let Some(path) = absolute(folder, path, world.facts) else { return false };
    let path = path.to_string_lossy();
    let fits = |patterns: &[String]| {
        patterns.iter().any(|pattern| {
            let pattern = at_home(pattern, world.facts);
            matches(&pattern, &path) || path.contains('*') && matches(&path, &pattern.replace('*', "x"))
        })
    };
    fits(&lists.credential_stores) && !fits(&lists.harmless_stores)
}

fn at_home(pattern: &str, facts: &dyn Facts) -> String {
    match (pattern.strip_prefix("~/"), facts.home()) {
        (Some(rest), Some(home)) => format!("{}/{rest}", home.display()),
        _ => pattern.to_owned(),
    }
}

/// The store that a call reads.
pub(super) fn reads(call: &Call, folder: Option<&Path>, world: &World<'_>) -> Option<String> {
    let invocation = &call.invocation;
    let args = invocation.args.iter().filter(|arg| !arg.text.starts_with('-')).map(|arg| &arg.text[..]);
    // `curl -d @FILE`, `dd if=FILE`, `tool --key=FILE`
    let inside = invocation.args.iter().filter_map(|arg| {
        let value = arg.text.split_once('=').map_or(&arg.text[..], |(_, value)| value);
        value.strip_prefix('@').or((value.len() < arg.text.len()).then_some(value))
    });
    let redirected = invocation.redirects.iter().filter(|one| one.operator.starts_with('<'));
    let redirected = redirected.map(|one| &one.target.text[..]);
    let mut paths = args.chain(inside).chain(redirected);
    paths.find(|path| is_store(path, folder, world)).map(|path| format!("file: {path}"))
}
