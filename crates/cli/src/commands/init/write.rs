//! Writes a file of a project: whole or not at all, with the mode it had, and never outside of the project.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::output;

/// Puts `text` into the file `path` below `top`, folders included.
pub(super) fn file(top: &Path, path: &str, text: &str) -> io::Result<()> {
    let target = inside(top, path)?;
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    let before = fs::metadata(&target).ok();
    output::exchange(&target, text.as_bytes(), before.as_ref(), |_| Ok(true)).map(drop)
}

/// Where `path` below `top` really is. Who made the project may have put links into it.
///
/// # Errors
/// When that is somewhere else, or nowhere.
pub(super) fn inside(top: &Path, path: &str) -> io::Result<PathBuf> {
    let full = top.join(path);
    let top = top.canonicalize()?;
    let is_link = fs::symlink_metadata(&full).is_ok_and(|meta| meta.is_symlink());
    let mut existing = full.as_path();
    let mut rest = PathBuf::new();
    if !is_link {
        while fs::symlink_metadata(existing).is_err() {
            let (Some(parent), Some(name)) = (existing.parent(), existing.file_name()) else { break };
            rest = if rest.as_os_str().is_empty() { name.into() } else { Path::new(name).join(rest) };
            existing = parent;
        }
    }
    let real = existing.canonicalize().map_err(|_| io::Error::other("it is a link that leads nowhere"))?;
    if !real.starts_with(&top) || real.starts_with(top.join(".git")) {
        return Err(io::Error::other("it is a link that leads out of the working tree"));
    }
    Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}
