//! Which tracked files differ from their index, asked with a copy of it, so that the index itself stays as it is.

use std::path::Path;

use bstr::{BString, ByteSlice as _};

use super::listing::{ListingError, Tree};
use crate::durable::{Mode, fail, replace};
use crate::git::Git;

/// The tracked files below `top` that differ from the index with these bytes, flags of the user notwithstanding.
pub(crate) fn changed_files(
    git: &Git,
    git_dir: &Path,
    top: &Path,
    index: &[u8],
) -> Result<Vec<BString>, ListingError> {
    let folder = tempfile::tempdir().map_err(fail("made", Path::new("a temporary folder")))?;
    let copy = folder.path().join("index");
    replace(&copy, index, Mode::Private)?;
    let tree = Tree { git, git_dir, top };
    let listed = tree.list(Some(&copy))?;
    let flagged = listed.iter().filter(|entry| {
        let there = || entry.path.to_path().is_ok_and(|path| top.join(path).symlink_metadata().is_ok());
        // A file that is meant to be missing is not changed by that.
        (entry.assume_unchanged || entry.skip_worktree) && there()
    });
    let paths: Vec<&BString> = flagged.map(|entry| &entry.path).collect();
    differing(tree, &copy, &paths)
}

/// The files that differ from a copy of an index; of `flagged` paths the flags are dropped in it first.
pub(super) fn differing(
    tree: Tree<'_>,
    copy: &Path,
    flagged: &[&BString],
) -> Result<Vec<BString>, ListingError> {
    let call = || tree.call().variable("GIT_INDEX_FILE", copy);
    let paths = flagged.iter().flat_map(|path| [path.as_slice(), b"\0"]).collect::<Vec<_>>().concat();
    if !paths.is_empty() {
        for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
            call().args(["update-index", "-z", flag, "--stdin"]).stdin(paths.clone()).run()?;
        }
    }
    // Exit code 1 says that some file is changed.
    call().args(["update-index", "-q", "--refresh"]).ask()?;
    let changed = call().args(["diff-files", "-z", "--name-only"]).run()?;
    let mut changed: Vec<BString> =
        changed.split_str(b"\0").filter(|path| !path.is_empty()).map(BString::from).collect();
    changed.dedup();
    Ok(changed)
}
