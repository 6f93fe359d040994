//! Paths as commands name them: from a folder, with `~`, without going to the disk.

use std::path::{Component, Path, PathBuf};

use crate::facts::Facts;

/// `path` seen from `folder`; both as texts, either may be relative.
pub(crate) fn joined(folder: &str, path: &str) -> String {
    if folder.is_empty() || path.starts_with(['/', '~']) {
        return path.to_owned();
    }
    format!("{}/{path}", folder.trim_end_matches('/'))
}

/// `path` as an absolute one without `.` and `..`; `None` where it depends on what is not known.
pub(crate) fn absolute(folder: &Path, path: &str, facts: &dyn Facts) -> Option<PathBuf> {
    let path = path.strip_prefix("file://").unwrap_or(path);
    let home = ["~", "$HOME", "${HOME}"].iter().find_map(|word| {
        let rest = path.strip_prefix(word)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    });
    let here = ["$PWD/", "${PWD}/"].iter().find_map(|word| path.strip_prefix(word));
    let whole = match home {
        Some(rest) => facts.home()?.join(rest.trim_start_matches('/')),
        None if here.is_some() => folder.join(here.unwrap_or_default()),
        None if path.starts_with('~') || path.contains('$') => return None,
        None => folder.join(path),
    };
    let mut plain = PathBuf::new();
    for part in whole.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    Some(plain)
}

/// The path from the top of a working tree, with `/` between; the whole path where it lies elsewhere.
pub(crate) fn from_top(path: &Path, top: Option<&Path>) -> String {
    let inside = top.and_then(|top| path.strip_prefix(top).ok()).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}
