//! Does a call change, replace or take away the files of hooks?

use std::path::Path;

use crate::checks::world::World;
use crate::init::agents::ALL;
use crate::places::absolute;
use crate::policy::Call;
use crate::shell::{Arg, Options};

/// The file it changes.
pub(super) fn changes(
    call: &Call,
    options: &Options,
    folder: Option<&Path>,
    world: &World<'_>,
) -> Option<String> {
    let invocation = &call.invocation;
    let written = invocation.redirects.iter().filter(|one| one.operator.starts_with(['>', '&']));
    let written = written.map(|one| &one.target);
    let operands = &options.operands[..];
    let deletes = || invocation.args.iter().any(|arg| arg.text == "-delete" || arg.text == "rm");
    let named: &[Arg] = match invocation.program.as_str() {
        "git" if matches!(call.subcommand(), Some("rm" | "mv")) => operands.get(1..).unwrap_or_default(),
        "find" if deletes() => {
            let start = invocation.args.iter().take_while(|arg| !arg.text.starts_with('-')).count();
            &invocation.args[..start]
        }
        "rm" | "mv" | "truncate" | "unlink" | "shred" | "tee" => operands,
        // The last one is where it goes.
        "cp" | "ln" | "install" => &operands[operands.len().saturating_sub(1)..],
        "sed" | "perl" if options.has("-i") || options.has("--in-place") => operands,
        "chmod" => {
            let is_flag = |letters: &str| letters.chars().all(|c| "Rvcf".contains(c));
            let flags = |arg: &&Arg| arg.text.strip_prefix('-').is_some_and(is_flag);
            let skip = invocation.args.iter().take_while(flags).count();
            match invocation.args[skip..].split_first() {
                Some((mode, files)) if disarms(&mode.text) => files,
                _ => &[],
            }
        }
        _ => &[],
    };
    let is_one = |target: &&Arg| {
        let path = whole(&target.text, folder, world);
        is_hook(&path) || is_config(&path) && said(call).contains("hook")
    };
    let mut targets = written.chain(named);
    targets.find(is_one).map(|target| format!("file: {}", target.text))
}

/// What a call says: its arguments and what it reads, in lower case.
fn said(call: &Call) -> String {
    let args = call.invocation.args.iter().map(|arg| &arg.text[..]);
    let all: Vec<&str> = args.chain(call.invocation.stdin.as_ref().map(|arg| &arg.text[..])).collect();
    all.join(" ").to_ascii_lowercase()
}

/// Whether the text that a tool of the agent's own writes to `path` takes the gate out that `old` has.
pub(crate) fn takes_out(path: &Path, old: &str, new: &str) -> bool {
    let path = path.to_string_lossy();
    let is_settings = ALL.iter().any(|settings| path.ends_with(settings.path()));
    let is_gate = is_hook(&path) || is_settings || path.ends_with(".claude/settings.local.json");
    is_gate && old.contains("unleak") && !new.contains("unleak")
}

/// A file of git's configuration, in which hooks are switched off.
fn is_config(path: &str) -> bool {
    path.ends_with(".git/config") || path.ends_with("/.gitconfig")
}

/// Whether a mode takes the right to be run away.
fn disarms(mode: &str) -> bool {
    let is_number = !mode.is_empty() && mode.bytes().all(|byte| byte.is_ascii_digit());
    let owner = mode.len().checked_sub(3).and_then(|at| mode.as_bytes().get(at));
    if is_number {
        return owner.is_none_or(|digit| matches!(digit, b'0' | b'2' | b'4' | b'6'));
    }
    mode.split(',').any(|part| {
        let takes = part.split_once('-').is_some_and(|(_, rights)| rights.contains('x'));
        takes || part.split_once('=').is_some_and(|(_, rights)| !rights.contains('x'))
    })
}

fn whole(path: &str, folder: Option<&Path>, world: &World<'_>) -> String {
    let whole = folder.and_then(|folder| absolute(folder, path, world.facts));
    whole.map_or_else(|| path.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn is_hook(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.windows(2).any(|pair| pair == [".git", "hooks"])
        || parts.contains(&".husky")
        || parts.last().is_some_and(|name| [".pre-commit-config.yaml", "lefthook.yml"].contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_told_apart() {
        for (mode, wanted) in [
            ("-x", true),
            ("a-x", true),
            ("644", true),
            ("000", true),
            ("0600", true),
            ("u=rw", true),
            ("7", true),
        ] {
            assert_eq!(disarms(mode), wanted, "{mode}");
        }
        for mode in ["+x", "755", "0700", "u+x,go-w", "a=rx", ""] {
            assert!(!disarms(mode), "{mode}");
        }
    }
}
