//! `git config` and `git remote`: are they about to lead git past its hooks, or to force every push?

use crate::policy::Call;
use crate::shell::Options;

/// The setting that `git config` is about, and its value if one is written; `None` where it is only read.
fn setting(options: &Options) -> Option<(String, Option<&str>)> {
    let words: Vec<&str> = options.operands.iter().map(|arg| &arg.text[..]).collect();
    let words = match words[..] {
        ["get" | "list" | "edit" | "get-all", ..] => return None,
        ["set" | "unset", ..] => &words[1..],
        _ => &words[..],
    };
    let reads = ["--get", "--get-all", "--list", "-l", "--get-regexp"].iter().any(|flag| options.has(flag));
    Some((words.first().filter(|_| !reads)?.to_ascii_lowercase(), words.get(1).copied()))
}

/// A setting of hooks that is being written.
pub(super) fn sets_hooks(options: &Options) -> Option<String> {
    let first = &options.operands.first()?.text[..];
    let of_section = ["--remove-section", "--rename-section"].iter().any(|flag| options.has(flag));
    if of_section || ["remove-section", "rename-section"].contains(&first) {
        let section = options.operands.iter().find(|word| word.text.starts_with("hook."))?;
        return Some(format!("section: {}", section.text));
    }
    let (key, value) = setting(options)?;
    let is_hook = key == "core.hookspath" || key.starts_with("hook.");
    let removes = options.has("--unset") || options.has("--unset-all") || first == "unset";
    // To take `core.hooksPath` away is to bring hooks back; to take a hook away is not.
    let is_written = value.is_some() || removes && key.starts_with("hook.") || options.has("--add");
    (is_hook && is_written).then(|| format!("setting: {key}"))
}

/// A setting that makes pushes forced ones.
pub(super) fn sets_force(call: &Call, options: &Options) -> Option<String> {
    if call.subcommand() == Some("remote") {
        let mirrors = options.values(&["--mirror"]).any(|value| value.text == "push");
        return mirrors.then(|| "setting: remote.*.mirror".to_owned());
    }
    let (key, value) = setting(options)?;
    let (value, (_, last)) = (value?, key.strip_prefix("remote.")?.rsplit_once('.')?);
    let is_force = match last {
        "push" => value.starts_with('+'),
        "mirror" => !["false", "no", "off", "0"].contains(&value),
        _ => false,
    };
    is_force.then(|| format!("setting: {key}"))
}
