//! Calls of git: its own options taken off, aliases put in as the configuration has them. Nothing is run.

use std::path::Path;

use crate::facts::Facts;
use crate::places::absolute;
use crate::policy::{Call, Policies};
use crate::shell::{Arg, Invocation, NotUnderstood, invocations};

/// Options of git itself that take the next word.
const VALUE_OPTIONS: [&str; 8] = [
    "-C",
    "-c",
    "--git-dir",
    "--work-tree",
    "--namespace",
    "--super-prefix",
    "--config-env",
    "--attr-source",
];
/// Subcommands that matter here; an alias cannot take the name of one.
const BUILTIN: [&str; 43] = [
    "add",
    "am",
    "apply",
    "bisect",
    "blame",
    "branch",
    "checkout",
    "cherry-pick",
    "clean",
    "clone",
    "commit",
    "commit-tree",
    "config",
    "credential",
    "describe",
    "diff",
    "fast-import",
    "fetch",
    "gc",
    "grep",
    "help",
    "init",
    "log",
    "ls-files",
    "merge",
    "mv",
    "pull",
    "push",
    "rebase",
    "reflog",
    "remote",
    "reset",
    "restore",
    "revert",
    "rev-parse",
    "rm",
    "send-pack",
    "show",
    "stage",
    "stash",
    "status",
    "switch",
    "update-index",
];
/// Aliases of aliases.
const MAX_ALIASES: usize = 10;

/// The calls that invocations come to: those of git read, aliases followed.
///
/// # Errors
/// When an alias leads nowhere.
pub(crate) fn calls(
    found: Vec<Invocation>,
    policies: &Policies,
    folder: &Path,
    facts: &dyn Facts,
) -> Result<Vec<Call>, NotUnderstood> {
    let mut calls = Vec::new();
    let mut pending: Vec<(Invocation, usize)> = found.into_iter().rev().map(|one| (one, 0)).collect();
    while let Some((invocation, depth)) = pending.pop() {
        if invocation.program != "git" {
            calls.push(Call { invocation, settings: Vec::new() });
            continue;
        }
        let mut call = read(invocation);
        calls.extend(
            scripts(&call, policies)?.into_iter().map(|invocation| Call { invocation, settings: Vec::new() }),
        );
        let alias = alias(&call, folder, facts);
        let Some(alias) = alias else {
            calls.push(call);
            continue;
        };
        if depth >= MAX_ALIASES {
            return Err(NotUnderstood);
        }
        let at = call.invocation.args.iter().position(|arg| !arg.text.starts_with('-')).unwrap_or(0);
        let rest = call.invocation.args.split_off(at + 1);
        if let Some(script) = alias.strip_prefix('!') {
            let rest: Vec<&str> = rest.iter().map(|arg| &arg.text[..]).collect();
            let script = format!("{script} {}", rest.join(" "));
            pending.extend(invocations(&script, &policies.wrappers)?.into_iter().map(|one| (one, depth + 1)));
            continue;
        }
        let words = invocations(&format!("git {alias}"), &policies.wrappers)?;
        let words = words.into_iter().next().unwrap_or_default();
        call.invocation.args = [words.args, rest].concat();
        // Settings stay with the call.
        let settings = call
            .settings
            .iter()
            .flat_map(|(key, value)| [Arg::literal("-c"), Arg::literal(format!("{key}={value}"))]);
        call.invocation.args.splice(0..0, settings.collect::<Vec<_>>());
        pending.push((call.invocation, depth + 1));
    }
    Ok(calls)
}

/// Takes git's own options off.
fn read(mut invocation: Invocation) -> Call {
    let mut settings = Vec::new();
    let mut args = std::mem::take(&mut invocation.args).into_iter().peekable();
    while let Some(option) = args.next_if(|arg| arg.text.len() > 1 && arg.text.starts_with('-')) {
        let (name, value) = match option.text.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None if VALUE_OPTIONS.contains(&option.text.as_str()) => {
                (option.text.as_str(), args.next().map(|value| value.text))
            }
            None => continue,
        };
        let Some(value) = value else { break };
        match name {
            "-C" => {
                invocation.folder = invocation.folder.map(|folder| crate::places::joined(&folder, &value));
            }
            "-c" | "--config-env" => {
                let (key, value) = value.split_once('=').unwrap_or((&value, "true"));
                settings.push((key.to_ascii_lowercase(), value.to_owned()));
            }
            _ => {}
        }
    }
    invocation.args = args.collect();
    settings.extend(from_variables(&invocation.variables));
    Call { invocation, settings }
}

/// Settings that variables give: `GIT_CONFIG_KEY_0` with its value, and `GIT_CONFIG_PARAMETERS`.
fn from_variables(variables: &[(String, Arg)]) -> Vec<(String, String)> {
    let mut settings = Vec::new();
    for (name, value) in variables {
        if let Some(number) = name.strip_prefix("GIT_CONFIG_KEY_") {
            let name = format!("GIT_CONFIG_VALUE_{number}");
            let set = variables.iter().rev().find(|(other, _)| *other == name);
            let set = set.map(|(_, value)| value.text.clone()).unwrap_or_default();
            settings.push((value.text.to_ascii_lowercase(), set));
        } else if name == "GIT_CONFIG_PARAMETERS" {
            let pairs = value.text.split("' '").filter_map(|pair| pair.split_once('='));
            let plain = |text: &str| text.trim_matches(['\'', ' ']).to_owned();
            settings.extend(pairs.map(|(key, value)| (plain(key).to_ascii_lowercase(), plain(value))));
        }
    }
    settings
}

/// What the subcommand stands for, if it is an alias.
fn alias(call: &Call, folder: &Path, facts: &dyn Facts) -> Option<String> {
    let name = call.subcommand()?;
    if BUILTIN.contains(&name) {
        return None;
    }
    let key = format!("alias.{}", name.to_ascii_lowercase());
    let here = call.settings.iter().rev().find(|(set, _)| *set == key).map(|(_, value)| value.clone());
    here.or_else(|| {
        let folder = absolute(folder, call.invocation.folder.as_deref()?, facts)?;
        facts.alias(&folder, name)
    })
}

/// Programs that a call of git runs.
fn scripts(call: &Call, policies: &Policies) -> Result<Vec<Invocation>, NotUnderstood> {
    let args: Vec<&str> = call.invocation.args.iter().map(|arg| &arg.text[..]).collect();
    let script = match args[..] {
        ["submodule", "foreach", ..] => {
            args[2..].iter().filter(|arg| **arg != "--recursive").copied().collect::<Vec<_>>().join(" ")
        }
        ["bisect", "run", ..] => args[2..].join(" "),
        ["rebase", ..] => {
            let exec =
                args.windows(2).find(|pair| pair[0] == "-x" || pair[0] == "--exec").map(|pair| pair[1]);
            let joined = args.iter().find_map(|arg| arg.strip_prefix("--exec="));
            exec.or(joined).unwrap_or_default().to_owned()
        }
        _ => return Ok(Vec::new()),
    };
    invocations(&script, &policies.wrappers)
}
