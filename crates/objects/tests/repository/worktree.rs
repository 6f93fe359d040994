//! The files of the worktree against `git ls-files -co --exclude-standard`.

use std::{collections::BTreeSet, fs, path::Path};

use bstr::{BString, ByteSlice as _};
use unleak_objects::repository::{NestedRepository, OpenOptions, Repository, WorktreeError, WorktreeFiles};

use crate::git::{Dice, Scratch, fields};

fn files(scratch: &Scratch, ignored: bool) -> WorktreeFiles {
    let repo = scratch.open();
    repo.worktree_files(&repo.index(None).unwrap(), ignored).unwrap()
}

fn paths(found: &WorktreeFiles) -> BTreeSet<BString> {
    found.files.iter().map(|file| file.path.clone()).collect()
}

/// What git lists and is there; without submodules, and nested repositories, whose names end in `/`.
fn gits(scratch: &Scratch, args: &[&str]) -> BTreeSet<BString> {
    let listed = fields(&scratch.git(&[&["ls-files", "-z"], args].concat()));
    let is_file = |path: &BString| {
        let on_disk = scratch.top.join(path.to_path().unwrap());
        let beyond_link =
            on_disk.ancestors().skip(1).take_while(|above| **above != scratch.top).any(Path::is_symlink);
        !beyond_link && on_disk.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir())
    };
    listed.into_iter().filter(is_file).collect()
}

fn assert_like_git(scratch: &Scratch) {
    let found = files(scratch, false);
    assert!(found.troubles.is_empty(), "{:?}", found.troubles);
    let tracked: BTreeSet<_> =
        found.files.iter().filter(|file| file.tracked).map(|file| file.path.clone()).collect();
    assert_eq!(tracked, gits(scratch, &["-c"]), "tracked");
    assert_eq!(paths(&found), gits(scratch, &["-co", "--exclude-standard"]), "tracked and untracked");
    assert_eq!(paths(&files(scratch, true)), gits(scratch, &["-co"]), "ignored ones too");
    assert!(found.files.is_sorted_by_key(|file| &file.path));
}

#[test]
fn lists_what_git_lists() {
    let scratch = Scratch::new();
    for path in ["tracked", "dir/tracked", "build/tracked.log", "build/out", "gone", "gone-dir/file"] {
        scratch.write(path, "x");
    }
    scratch.git(&["add", "-f", "."]);
    fs::remove_file(scratch.top.join("gone")).unwrap();
    fs::remove_dir_all(scratch.top.join("gone-dir")).unwrap();
    scratch.write(".gitignore", "*.log\n/build/\n!keep.log\nonly-dir/\n");
    scratch.write("dir/.gitignore", "/here\n!*.log\n");
    for path in ["a.log", "keep.log", "dir/b.log", "build/new", "build/keep.log", "dir/here", "dir/sub/here"]
    {
        scratch.write(path, "x");
    }
    for path in ["only-dir/x", "other/deep/er/file", "x/only-dir"] {
        scratch.write(path, "x");
    }
    fs::write(scratch.git_dir().join("info/exclude"), "excluded*\n").unwrap();
    scratch.write("excluded-by-info", "x");
    assert_like_git(&scratch);
    assert!(!paths(&files(&scratch, false)).contains(&BString::from("excluded-by-info")));
}

#[test]
fn random_worktrees_are_listed_as_git_does() {
    let scratch = Scratch::new();
    let names = ["a", "b.log", "c", "build"];
    let patterns =
        ["*.log", "/a", "build/", "c/*", "!b.log", "a/**/c", "!/c/a", "**/build", "a/b.log", "!c/"];
    let mut dice = Dice(3);
    for _ in 0..60 {
        let depth = dice.roll(4);
        let mut path: Vec<_> = (0..depth).map(|_| names[dice.roll(names.len())]).collect();
        if dice.roll(4) == 0 {
            path.push(".gitignore");
            let lines: Vec<_> = (0..=dice.roll(3)).map(|_| patterns[dice.roll(patterns.len())]).collect();
            let path = scratch.top.join(path.join("/"));
            if path.parent().unwrap().is_dir() {
                fs::write(path, lines.join("\n")).unwrap();
            }
        } else {
            path.push(names[dice.roll(names.len())]);
            let on_disk = scratch.top.join(path.join("/"));
            if !on_disk.is_dir() && !on_disk.ancestors().skip(1).any(Path::is_file) {
                scratch.write(path.join("/"), "x");
            }
        }
        match dice.roll(8) {
            0 => drop(scratch.try_git(&scratch.top, &["add", "."], &[])),
            1 => drop(scratch.try_git(&scratch.top, &["add", "-f", names[dice.roll(4)]], &[])),
            _ => {}
        }
        assert_like_git(&scratch);
    }
}

#[cfg(unix)]
#[test]
fn links_are_files_and_are_not_followed() {
    use std::os::unix::fs::symlink;
    let scratch = Scratch::new();
    scratch.write("dir/file", "x");
    scratch.git(&["add", "-A"]);
    fs::rename(scratch.top.join("dir"), scratch.outside().join("moved")).unwrap();
    symlink("../moved", scratch.top.join("dir")).unwrap();
    symlink("nowhere", scratch.top.join("dangling")).unwrap();
    symlink(".", scratch.top.join("circle")).unwrap();
    let found = files(&scratch, false);
    let seen: Vec<_> =
        found.files.iter().map(|file| (file.path.to_string(), file.tracked, file.symlink)).collect();
    let expected = ["circle", "dangling", "dir"].map(|path| (path.to_owned(), false, true));
    assert_eq!(seen, expected);
    assert_like_git(&scratch);
}

#[test]
fn nested_repositories_are_named_and_not_entered() {
    let scratch = Scratch::new();
    for name in ["nested/deep", "sub", "ignored/nested"] {
        let path = scratch.top.join(name);
        fs::create_dir_all(&path).unwrap();
        scratch.git_in(&path, &["init", "-q"]);
        scratch.git_in(&path, &["commit", "-q", "--allow-empty", "-m", "m"]);
        fs::write(path.join("file"), "x").unwrap();
    }
    scratch.git(&["add", "sub"]);
    scratch.write("empty-sub/x", "x");
    scratch.write(".gitignore", "ignored\n");
    let nested = |path: &str, submodule| NestedRepository { path: path.into(), submodule };
    let found = files(&scratch, false);
    assert_eq!(found.nested, [nested("nested/deep", false), nested("sub", true)]);
    assert_like_git_but_nested(&scratch, &found);
    let all = files(&scratch, true);
    let expected = [nested("ignored/nested", false), nested("nested/deep", false), nested("sub", true)];
    assert_eq!(all.nested, expected);
}

fn assert_like_git_but_nested(scratch: &Scratch, found: &WorktreeFiles) {
    assert_eq!(paths(found), gits(scratch, &["-co", "--exclude-standard"]));
}

#[test]
fn a_linked_worktree_inside_is_nested() {
    let scratch = Scratch::new();
    scratch.commit("one");
    scratch.git(&["worktree", "add", "-q", "trees/side"]);
    scratch.write("trees/side/file", "x");
    let found = files(&scratch, false);
    assert_eq!(found.nested, [NestedRepository { path: "trees/side".into(), submodule: false }]);
    assert!(found.files.is_empty());
}

#[test]
fn the_excludes_file_of_the_repository_goes_before_the_users() {
    let scratch = Scratch::new();
    for path in ["by-user", "by-repo", "rest"] {
        scratch.write(path, "x");
    }
    let home = scratch.outside();
    fs::write(home.join("user-ignore"), "by-user\n").unwrap();
    fs::write(home.join("repo-ignore"), "by-repo\n").unwrap();
    let listed = |home: Option<&Path>| -> Vec<String> {
        let mut options = OpenOptions::default();
        options.excludes_file = Some(scratch.outside().join("user-ignore"));
        options.home = home.map(Into::into);
        let repo = Repository::open(&scratch.top, options).unwrap();
        let found = repo.worktree_files(&repo.index(None).unwrap(), false).unwrap();
        found.files.iter().map(|file| file.path.to_string()).collect()
    };
    assert_eq!(listed(None), ["by-repo", "rest"]);
    for setting in ["../repo-ignore", home.join("repo-ignore").to_str().unwrap(), "~/repo-ignore"] {
        scratch.git(&["config", "core.excludesFile", setting]);
        assert_eq!(listed(Some(&home)), ["by-user", "rest"], "{setting}");
    }
    assert_eq!(listed(None), ["by-repo", "by-user", "rest"], "without a home there is none");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_listed_is_a_trouble_and_hides_no_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    scratch.write("closed/file", "x");
    scratch.write("open/file", "x");
    let closed = scratch.top.join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let found = files(&scratch, false);
    let readable_anyway = fs::read_dir(&closed).is_ok();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(paths(&found).contains(&BString::from("open/file")));
    if !readable_anyway {
        let troubles: Vec<_> = found.troubles.iter().map(|trouble| trouble.path.to_string()).collect();
        assert!(!troubles.is_empty() && troubles.iter().all(|path| path == "closed"), "{troubles:?}");
    }
}

#[test]
fn directories_may_be_deep() {
    let scratch = Scratch::new();
    let path = "d/".repeat(1500) + "file";
    scratch.write(&path, "x");
    assert_eq!(paths(&files(&scratch, false)), BTreeSet::from([path.into()]));
}

#[cfg(target_os = "linux")]
#[test]
fn names_are_bytes() {
    let scratch = Scratch::new();
    scratch.write(<[u8]>::to_os_str(b"caf\xe9/\xff").unwrap(), "x");
    assert_like_git(&scratch);
    assert_eq!(files(&scratch, false).files[0].path, b"caf\xe9/\xff".as_bstr());
}

#[test]
fn a_bare_repository_has_no_files() {
    let scratch = Scratch::init(&["--bare"]);
    let repo = scratch.open();
    let error = repo.worktree_files(&repo.index(None).unwrap(), false).unwrap_err();
    assert!(matches!(error, WorktreeError::Bare { .. }));
}
