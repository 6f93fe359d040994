//! A file or folder outside git, or looked at as if there were none.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bstr::{BString, ByteVec};
use ignore::WalkBuilder;

use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::sources::files::{self, FileToScan};

/// Scans everything below `root`, or `root` itself if it is a file; a symbolic link given as `root` is followed, others
/// are scanned for the text of their target. Nothing is ignored but `.git` folders below `root`, which are named in the
/// ledger.
pub(crate) fn scan(context: &Context<'_>, root: &Path) -> Part {
    let mut skipped = Part::default();
    let mut found = Vec::new();
    // Among others of a tree such a thing is no content; asked for by name, it must not pass for clean.
    if std::fs::metadata(root).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        let why = "neither a file nor a folder: give its content on standard input";
        skipped.coverage.skip(SkipReason::Unreadable, root.display().to_string(), why);
        return skipped;
    }
    let repositories: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false).follow_links(false).sort_by_file_name(Ord::cmp);
    walk.filter_entry({
        let repositories = Arc::clone(&repositories);
        move |entry| {
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            let repository = entry.depth() > 0 && is_dir && entry.file_name() == ".git";
            if repository {
                let mut list = repositories.lock().unwrap_or_else(PoisonError::into_inner);
                list.push(entry.path().to_owned());
            }
            !repository
        }
    });
    for entry in walk.build() {
        match entry {
            Err(error) => {
                let what = root.display().to_string();
                skipped.coverage.skip(SkipReason::Unreadable, what, error.to_string());
            }
            // A root that is a link is listed with what it leads to.
            Ok(entry) if entry.depth() == 0 && root.is_dir() => {}
            Ok(entry) => {
                let path = entry.path();
                if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
                    let name = if path == root { path } else { path.strip_prefix(root).unwrap_or(path) };
                    let target = if entry.depth() == 0 { followed(path) } else { path.to_owned() };
                    let is_plain = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_file());
                    found.push(FileToScan { path: bytes_of(name), on_disk: target, is_plain });
                }
            }
        }
    }
    for path in repositories.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let why = "a repository: scan it without --no-git";
        skipped.coverage.skip(SkipReason::Submodule, path.display().to_string(), why);
    }
    let mut part = files::scan(context, "files", &found);
    part.merge(skipped);
    part
}

/// What a link leads to; the path itself if it leads nowhere.
fn followed(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn bytes_of(path: &Path) -> BString {
    Vec::from_path_buf(path.to_owned())
        .unwrap_or_else(|path| path.to_string_lossy().into_owned().into_bytes())
        .into()
}
