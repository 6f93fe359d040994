//! What a step would change, as a unified diff.

use similar::TextDiff;

/// The diff from `old` (nothing for a new file) to `new`, with the file's name in its head.
pub fn diff(name: &str, old: Option<&str>, new: &str) -> String {
    let from = if old.is_some() { format!("a/{name}") } else { "/dev/null".to_owned() };
    let diff = TextDiff::from_lines(old.unwrap_or_default(), new);
    diff.unified_diff().context_radius(2).header(&from, &format!("b/{name}")).to_string()
}
