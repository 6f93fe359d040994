//! Does a call change, replace or take away the files of hooks?

use std::path::Path;

use crate::checks::world::World;
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
    let named: &[Arg] = match invocation.program.as_str() {
        "rm" | "mv" | "truncate" | "unlink" | "shred" | "tee" => operands,
        // The last one is where it goes.
        "cp" | "ln" | "install" => &operands[operands.len().saturating_sub(1)..],
        "sed" | "perl" if options.has("-i") || options.has("--in-place") => operands,
        "chmod" if disarms(invocation.args.first().map_or("", |mode| &mode.text)) => &invocation.args[1..],
        _ => &[],
    };
    let mut targets = written.chain(named);
    targets.find(|target| is_hook(&target.text, folder, world)).map(|target| format!("file: {}", target.text))
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

fn is_hook(path: &str, folder: Option<&Path>, world: &World<'_>) -> bool {
    let whole = folder.and_then(|folder| absolute(folder, path, world.facts));
    let whole = whole.map_or_else(|| path.to_owned(), |path| path.to_string_lossy().into_owned());
    let parts: Vec<&str> = whole.split('/').collect();
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
