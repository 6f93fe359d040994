//! Which tracked files differ from their index, asked with a copy of it, so that the index itself stays as it is.

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

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
    differing(tree, &copy, &paths, &[])
}

/// Has git compare contents also where times and sizes agree. It does so for files written no earlier than their index, since a
/// change within the clock's resolution does not show (git's `racy-git`); a copy is newer than its index, and would not.
fn distrust(copy: &Path) -> io::Result<()> {
    File::options().write(true).open(copy)?.set_modified(UNIX_EPOCH + Duration::from_secs(1))
}

/// The files that differ from a copy of an index; of `flagged` paths the flags are dropped in it first. If only `these` are
/// asked about, others may be missing.
pub(super) fn differing(
    tree: Tree<'_>,
    copy: &Path,
    flagged: &[&BString],
    these: &[&BString],
) -> Result<Vec<BString>, ListingError> {
    // The copy is nobody's but ours.
    let call = || tree.call().variable("GIT_INDEX_FILE", copy).settings(["core.fsync=none"]);
    let paths = flagged.iter().flat_map(|path| [path.as_slice(), b"\0"]).collect::<Vec<_>>().concat();
    if !paths.is_empty() {
        for flag in ["--no-assume-unchanged", "--no-skip-worktree"] {
            call().args(["update-index", "-z", flag, "--stdin"]).stdin(paths.clone()).run()?;
        }
    }
    if !these.is_empty() {
        distrust(copy).map_err(fail("written", copy))?;
    }
    let listed = || -> Result<Vec<BString>, ListingError> {
        let diff = call().args(["diff-files", "-z", "--name-only"]);
        let changed = tree.about(diff, these.iter().copied())?.run()?;
        let mut changed: Vec<BString> =
            changed.split_str(b"\0").filter(|path| !path.is_empty()).map(BString::from).collect();
        changed.dedup();
        Ok(changed)
    };
    // What git finds by times and sizes may be the same all the same; what it does not find is.
    if listed()?.is_empty() {
        return Ok(Vec::new());
    }
    // Exit code 1 says that some file is changed.
    call().args(["update-index", "-q", "--refresh"]).ask()?;
    listed()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Tree, differing};
    use crate::git::Git;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test says which git is run")]
    fn a_change_that_size_and_time_do_not_show_is_seen_in_files_that_are_asked_about() {
        let environment = unleak_testkit::TestEnvironment::new();
        let top = environment.path("top");
        fs::create_dir(&top).expect("a folder");
        environment.git(&top, ["init", "--quiet"]);
        environment.git(&top, ["config", "core.trustctime", "false"]);
        let file = top.join("a");
        let write = |text: &str| {
            fs::write(&file, text).expect("written");
            let then = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            File::options().write(true).open(&file).expect("there").set_modified(then).expect("set");
        };
        write("one\n");
        environment.git(&top, ["add", "a"]);
        write("two\n");
        let (git_dir, copy) = (top.join(".git"), top.join("copy"));
        fs::copy(git_dir.join("index"), &copy).expect("copied");
        let git = Git::new("git", std::env::vars_os());
        let tree = Tree { git: &git, git_dir: &git_dir, top: &top };
        let asked = |these: &[&bstr::BString]| differing(tree, &copy, &[], these).expect("git answers");
        assert!(asked(&[]).is_empty(), "git took its word for it, so this shows nothing");
        assert_eq!(asked(&[&"a".into()]), ["a"]);
    }
}
