//! `git config`: is it about to lead git past its hooks?

use crate::shell::Options;

/// A setting of hooks that is being written.
pub(super) fn sets_hooks(options: &Options) -> Option<String> {
    let words: Vec<&str> = options.operands.iter().map(|arg| &arg.text[..]).collect();
    let words = match words[..] {
        ["get" | "list" | "edit" | "get-all", ..] => return None,
        ["set" | "unset", ..] => &words[1..],
        _ => &words[..],
    };
    let key = words.first()?.to_ascii_lowercase();
    let is_hook = key == "core.hookspath" || key.starts_with("hook.");
    let of_section = ["--remove-section", "--rename-section"].iter().any(|flag| options.has(flag))
        || ["remove-section", "rename-section"].contains(&options.operands[0].text.as_str());
    if of_section {
        let section = words.iter().find(|word| word.starts_with("hook."))?;
        return Some(format!("section: {section}"));
    }
    let reads = ["--get", "--get-all", "--list", "-l", "--get-regexp"].iter().any(|flag| options.has(flag));
    let removes = options.has("--unset") || options.has("--unset-all") || options.operands[0].text == "unset";
    // To take `core.hooksPath` away is to bring hooks back; to take a hook away is not.
    let is_written = words.len() > 1 || removes && key.starts_with("hook.") || options.has("--add");
    (is_hook && is_written && !reads).then(|| format!("setting: {key}"))
}
