//! The index against `git ls-files --stage`.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use bstr::{BString, ByteSlice as _};
use unleak_objects::repository::{EntryMode, Index, OpenOptions, Repository};

use crate::git::{Scratch, fields};

/// The lines of `git ls-files --stage`.
fn listed(index: &Index) -> Vec<BString> {
    let line = |entry: unleak_objects::repository::IndexEntry<'_>| {
        format!("{:06o} {} {}\t", entry.mode.octal(), entry.id, entry.stage).into_bytes()
    };
    index.entries().map(|entry| [line(entry), entry.path.to_vec()].concat().into()).collect()
}

fn staged(scratch: &Scratch) -> Vec<BString> {
    fields(&scratch.git(&["ls-files", "--stage", "-z", "--sparse"]))
}

fn with_all_kinds_of_entries() -> Scratch {
    let scratch = Scratch::new();
    for path in ["a-b", "a/b", "a0", "dir/sub/file", "dir/sub/file2", "dir0", "z"] {
        scratch.write(path, path);
    }
    scratch.write("run", "#!/bin/sh\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("z", scratch.top.join("link")).unwrap();
    let submodule = scratch.top.join("sub");
    fs::create_dir(&submodule).unwrap();
    scratch.git_in(&submodule, &["init", "-q"]);
    scratch.git_in(&submodule, &["commit", "-q", "--allow-empty", "-m", "m"]);
    scratch.git(&["config", "core.fileMode", "false"]);
    scratch.git(&["add", "-A"]);
    scratch.git(&["update-index", "--chmod=+x", "run"]);
    scratch
}

#[test]
fn entries_are_gits_in_every_version() {
    let scratch = with_all_kinds_of_entries();
    for version in ["2", "3", "4"] {
        scratch.git(&["update-index", "--index-version", version, "--force-write-index"]);
        let index = scratch.open().index(None).unwrap();
        assert_eq!(listed(&index), staged(&scratch), "version {version}");
        assert_eq!((index.len(), index.is_empty()), (staged(&scratch).len(), false));
        assert_eq!(index.submodules(), ["sub"]);
    }
    let index = scratch.open().index(None).unwrap();
    let modes: Vec<_> = index.entries().map(|entry| entry.mode).collect();
    for mode in [EntryMode::File, EntryMode::Executable, EntryMode::Symlink, EntryMode::Gitlink] {
        assert!(modes.contains(&mode), "{mode:?}");
    }
}

#[test]
fn no_index_is_an_empty_one() {
    let scratch = Scratch::new();
    assert!(scratch.open().index(None).unwrap().is_empty());
    assert!(scratch.open().index(Some(&scratch.outside().join("none"))).unwrap().is_empty());
}

#[test]
fn another_index_file_takes_its_place() {
    let scratch = Scratch::new();
    scratch.write("one", "1");
    scratch.commit("one");
    let other = scratch.outside().join("other-index");
    scratch.write("two", "2");
    let added = scratch.try_git(&scratch.top, &["add", "two"], &[("GIT_INDEX_FILE", other.as_os_str())]);
    assert!(added.status.success());
    let paths = |index: &Index| index.entries().map(|entry| entry.path.to_string()).collect::<Vec<_>>();
    let repo = scratch.open();
    assert_eq!(paths(&repo.index(Some(&other)).unwrap()), ["two"]);
    assert_eq!(paths(&repo.index(None).unwrap()), ["one"]);
}

#[test]
fn sha256_conflicts_and_flags_are_read() {
    let scratch = Scratch::init(&["--object-format=sha256"]);
    scratch.write("file", "base");
    scratch.write("rest", "rest");
    scratch.commit("base");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("file", "theirs");
    scratch.commit("theirs");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("file", "ours");
    scratch.commit("ours");
    assert!(!scratch.try_git(&scratch.top, &["merge", "side"], &[]).status.success());
    scratch.write("announced", "not staged");
    scratch.git(&["add", "-N", "announced"]);
    scratch.git(&["update-index", "--skip-worktree", "rest"]);
    let index = scratch.open().index(None).unwrap();
    assert_eq!(listed(&index), staged(&scratch));
    let stages: Vec<_> =
        index.entries().filter(|entry| entry.path == "file").map(|entry| entry.stage).collect();
    assert_eq!(stages, [1, 2, 3]);
    let flags: Vec<_> = index
        .entries()
        .map(|entry| (entry.path.to_string(), entry.intent_to_add, entry.skip_worktree))
        .filter(|(path, ..)| path != "file")
        .collect();
    assert_eq!(flags, [("announced".into(), true, false), ("rest".into(), false, true)]);
}

#[test]
fn a_split_index_is_joined() {
    let scratch = with_all_kinds_of_entries();
    scratch.git(&["update-index", "--split-index"]);
    let read = || listed(&scratch.open().index(None).unwrap());
    assert_eq!(read(), staged(&scratch), "nothing changed since the split");
    scratch.write("a-b", "changed");
    scratch.write("new", "new");
    fs::remove_file(scratch.top.join("z")).unwrap();
    scratch.git(&["add", "-A"]);
    assert!(
        fs::read_dir(scratch.git_dir())
            .unwrap()
            .any(|entry| { entry.unwrap().file_name().as_encoded_bytes().starts_with(b"sharedindex.") })
    );
    assert_eq!(read(), staged(&scratch), "some changed");
}

#[test]
fn sparse_directories_stand_for_their_files() {
    let scratch = with_all_kinds_of_entries();
    scratch.git(&["commit", "-q", "-m", "all"]);
    let all = fields(&scratch.git(&["ls-files", "--stage", "-z", "dir"]));
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "a"]);
    let repo = scratch.open();
    let index = repo.index(None).unwrap();
    assert_eq!(listed(&index), staged(&scratch));
    let sparse = index.sparse_directories();
    assert_eq!(sparse, [("dir/".into(), scratch.id("HEAD:dir"))]);
    let files = repo.files_of_tree(sparse[0].1, sparse[0].0.as_bstr()).unwrap();
    let files = files.into_iter().map(|(path, id, mode)| {
        BString::from([format!("{:06o} {id} 0\t", mode.octal()).as_bytes(), path.as_slice()].concat())
    });
    assert_eq!(files.collect::<Vec<_>>(), all);
}

/// Writing over a file waits for the disk on some systems.
fn replace(path: &Path, content: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, content).unwrap();
}

#[test]
fn a_damaged_index_is_an_error_that_names_it_and_never_a_panic() {
    let scratch = with_all_kinds_of_entries();
    let path = scratch.git_dir().join("index");
    let sound = fs::read(&path).unwrap();
    let repo = scratch.open();
    for length in 0..sound.len() {
        replace(&path, &sound[..length]);
        let error = repo.index(None).expect_err(&format!("cut to {length} bytes"));
        let text = error.to_string();
        assert!(text.contains(path.to_str().unwrap()) && text.contains("git reset"), "{text}");
    }
    // Without a checksum only the parser stands between damage and its consequences.
    let unchecked = sound.len() - 20;
    for at in 0..unchecked {
        let mut damaged = sound.clone();
        damaged[at] ^= 0xff;
        damaged[unchecked..].fill(0);
        replace(&path, &damaged);
        let repo = AssertUnwindSafe(&repo);
        let outcome = catch_unwind(|| {
            if let Ok(index) = repo.index(None) {
                drop(repo.staged_changes(&index, None));
            }
        });
        assert!(outcome.is_ok(), "byte {at}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn paths_are_bytes() {
    let scratch = Scratch::new();
    scratch.write(<[u8]>::to_os_str(b"caf\xe9/\xff\n").unwrap(), "x");
    scratch.git(&["add", "-A"]);
    let index = scratch.open().index(None).unwrap();
    assert_eq!(index.entries().next().unwrap().path, b"caf\xe9/\xff\n".as_bstr());
}

#[test]
fn a_linked_worktree_has_its_own() {
    let scratch = Scratch::new();
    scratch.write("one", "1");
    scratch.commit("one");
    scratch.git(&["worktree", "add", "-q", "../linked"]);
    let linked = scratch.outside().join("linked");
    fs::write(linked.join("two"), "2").unwrap();
    scratch.git_in(&linked, &["add", "two"]);
    let repo = Repository::open(&linked, OpenOptions::default()).unwrap();
    assert_eq!(repo.index(None).unwrap().len(), 2);
    assert_eq!(scratch.open().index(None).unwrap().len(), 1);
}
