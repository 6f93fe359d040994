//! The working tree: tracked files and untracked ones that are not ignored.

use unleak_objects::repository::{Index, Repository, WorktreeError};

use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::sources::files::{self, FileToScan};

/// Scans the files of the working tree; with `ignored`, those git ignores too.
///
/// # Errors
/// When the working tree cannot be listed.
pub(crate) fn scan(
    context: &Context<'_>,
    repository: &Repository,
    index: &Index,
    ignored: bool,
) -> Result<Part, WorktreeError> {
    let listed = repository.worktree_files(index, ignored)?;
    let Some(root) = repository.work_dir() else { return Ok(Part::default()) };
    let found: Vec<FileToScan> = listed
        .files
        .iter()
        .filter(|file| context.restriction.has_path(file.path.as_ref()))
        .map(|file| FileToScan {
            path: file.path.clone(),
            on_disk: files::below(root, &file.path),
            is_plain: !file.symlink,
        })
        .collect();
    let mut part = files::scan(context, "working tree", &found);
    for nested in listed.nested {
        if !context.restriction.has_path(nested.path.as_ref()) {
            continue;
        }
        let why = if nested.submodule { "a submodule: scan it by itself" } else { "another repository" };
        part.coverage.skip(SkipReason::Submodule, nested.path.to_string(), why);
    }
    for trouble in listed.troubles {
        part.coverage.skip(SkipReason::Unreadable, trouble.path.to_string(), trouble.source.to_string());
    }
    Ok(part)
}
