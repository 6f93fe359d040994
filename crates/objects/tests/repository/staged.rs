//! What is staged against `git diff --cached --raw`.

use std::fs;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{EntryMode, Repository, StagedChange, StagedChanges};

use crate::git::{Dice, Scratch, fields, id};

fn staged(repo: &Repository) -> StagedChanges {
    let index = repo.index(None).unwrap();
    repo.staged_changes(&index, repo.head_tree().unwrap()).unwrap()
}

/// Path, mode, new and old blob of every line that is no deletion, no conflict and no submodule.
fn gits(scratch: &Scratch) -> Vec<(BString, u32, ObjectId, Option<ObjectId>)> {
    let text = scratch.git(&[
        "diff",
        "--cached",
        "--raw",
        "-z",
        "--no-renames",
        "--no-abbrev",
        "--ita-invisible-in-index",
    ]);
    let fields = fields(&text);
    let change = |pair: &[BString]| {
        let line: Vec<_> = pair[0][1..].fields().collect();
        let octal = |text: &[u8]| u32::from_str_radix(text.to_str().unwrap(), 8).unwrap();
        let (old_mode, mode) = (octal(line[0]), octal(line[1]));
        let is_file = ![0, 0o160_000].contains(&mode) && line[4] != b"U";
        let old = (![0, 0o160_000].contains(&old_mode)).then(|| id(line[2]));
        is_file.then(|| (pair[1].clone(), mode, id(line[3]), old))
    };
    fields.chunks(2).filter_map(change).collect()
}

fn ours(changes: &StagedChanges) -> Vec<(BString, u32, ObjectId, Option<ObjectId>)> {
    let files = changes.files.iter().filter(|change| change.stage == 0);
    files.map(|change| (change.path.clone(), change.mode.octal(), change.new, change.old)).collect()
}

#[test]
fn everything_is_staged_before_the_first_commit() {
    let scratch = Scratch::new();
    assert_eq!(staged(&scratch.open()), StagedChanges::default());
    for path in ["a-b", "a/b", "a0", "top"] {
        scratch.write(path, path);
    }
    scratch.git(&["add", "-A"]);
    let changes = staged(&scratch.open());
    let paths: Vec<_> = changes.files.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["a-b", "a/b", "a0", "top"]);
    assert!(changes.files.iter().all(|change| change.old.is_none() && change.stage == 0));
}

/// Random edits, with and without the trees the index has cached.
#[test]
fn random_edits_are_staged_as_git_says() {
    let scratch = Scratch::new();
    let names = ["a", "a-b", "a.b", "a0", "b"];
    let mut dice = Dice(7);
    let mut total = 0;
    for round in 0..60 {
        for _ in 0..=dice.roll(6) {
            let depth = dice.roll(4);
            let path: Vec<_> = (0..=depth).map(|_| names[dice.roll(names.len())]).collect();
            let path = path.join("/");
            let on_disk = scratch.top.join(&path);
            let blocked = on_disk.ancestors().skip(1).any(|above| above.is_file() || above.is_symlink());
            match dice.roll(6) {
                0 => drop(fs::remove_dir_all(&on_disk)),
                1 => drop(fs::remove_file(&on_disk)),
                #[cfg(unix)]
                2 if !blocked && !on_disk.exists() && !on_disk.is_symlink() => {
                    fs::create_dir_all(on_disk.parent().unwrap()).unwrap();
                    std::os::unix::fs::symlink("target", &on_disk).unwrap();
                }
                _ if blocked || on_disk.is_dir() => {}
                // Few contents, so that blobs and whole directories are alike.
                _ => scratch.write(&path, format!("content {}", dice.roll(3))),
            }
        }
        scratch.git(&["add", "-A"]);
        match dice.roll(4) {
            0 => drop(scratch.commit("round")),
            1 => drop(scratch.git(&["write-tree"])),
            2 => drop(scratch.git(&["update-index", "--force-write-index", "--split-index"])),
            _ => {}
        }
        let changes = staged(&scratch.open());
        assert_eq!(ours(&changes), gits(&scratch), "round {round}");
        total += changes.files.len();
    }
    assert!(total > 100, "{total}");
}

#[test]
fn what_git_add_intent_to_add_announces_is_not_staged() {
    let scratch = Scratch::new();
    scratch.write("dir/tracked", "x");
    scratch.commit("one");
    scratch.write("dir/announced", "secret");
    scratch.git(&["add", "-N", "dir/announced"]);
    let changes = staged(&scratch.open());
    assert_eq!((changes.files.as_slice(), changes.intent_to_add), (&[][..], vec!["dir/announced".into()]));
    scratch.git(&["add", "dir/announced"]);
    let changes = staged(&scratch.open());
    assert_eq!((changes.files.len(), changes.intent_to_add.len()), (1, 0));
}

#[test]
fn all_stages_of_a_conflict_are_staged() {
    let scratch = Scratch::new();
    scratch.write("dir/file", "base");
    scratch.commit("base");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("dir/file", "theirs");
    scratch.commit("theirs");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("dir/file", "ours");
    scratch.commit("ours");
    assert!(!scratch.try_git(&scratch.top, &["merge", "side"], &[]).status.success());
    let old = Some(scratch.id("HEAD:dir/file"));
    let change = |stage: u8| {
        let new = scratch.id(&format!(":{stage}:dir/file"));
        StagedChange { path: "dir/file".into(), stage, new, mode: EntryMode::File, old }
    };
    assert_eq!(staged(&scratch.open()).files, [1, 2, 3].map(change));
}

#[test]
fn submodules_are_listed_apart() {
    let scratch = Scratch::new();
    scratch.write("was-file", "x");
    scratch.commit("one");
    fs::remove_file(scratch.top.join("was-file")).unwrap();
    for name in ["sub", "was-file"] {
        let path = scratch.top.join(name);
        fs::create_dir(&path).unwrap();
        scratch.git_in(&path, &["init", "-q"]);
        scratch.git_in(&path, &["commit", "-q", "--allow-empty", "-m", "m"]);
    }
    scratch.git(&["add", "-A"]);
    let changes = staged(&scratch.open());
    assert_eq!((changes.files, changes.submodules), (vec![], vec!["sub".into(), "was-file".into()]));
    scratch.commit("two");
    fs::remove_dir_all(scratch.top.join("sub")).unwrap();
    scratch.write("sub", "now a file");
    scratch.git(&["add", "-A"]);
    let changes = staged(&scratch.open());
    assert_eq!(ours(&changes), gits(&scratch));
    assert_eq!((changes.files.len(), changes.files[0].old), (1, None), "a submodule's commit is no blob");
}

#[test]
fn a_sparse_index_is_compared_without_being_expanded() {
    let scratch = Scratch::new();
    for path in ["in/file", "out/deep/file", "out/other", "out2/file"] {
        scratch.write(path, path);
    }
    scratch.commit("one");
    scratch.write("out/deep/file", "changed");
    scratch.write("out/new", "new");
    scratch.commit("two");
    scratch.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    scratch.git(&["reset", "-q", "--soft", "HEAD^"]);
    let repo = scratch.open();
    assert_eq!(repo.index(None).unwrap().sparse_directories().len(), 2);
    let changes = staged(&repo);
    assert_eq!(ours(&changes), gits(&scratch));
    assert_eq!(changes.files.len(), 2);
}

#[test]
fn the_tree_of_an_older_commit_can_be_the_base() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    scratch.commit("one");
    scratch.write("file", "two");
    scratch.commit("two");
    let repo = scratch.open();
    let index = repo.index(None).unwrap();
    let base = repo.commit_tree(&repo.resolve("HEAD^").unwrap()).unwrap();
    assert_eq!(repo.staged_changes(&index, Some(base)).unwrap().files.len(), 1);
}

#[test]
fn a_missing_tree_is_an_error() {
    let scratch = Scratch::new();
    scratch.write("dir/file", "one");
    scratch.commit("one");
    scratch.write("dir/file", "two");
    scratch.git(&["add", "-A"]);
    let tree = scratch.id("HEAD:dir").to_string();
    fs::remove_file(scratch.git_dir().join("objects").join(&tree[..2]).join(&tree[2..])).unwrap();
    let repo = scratch.open();
    let index = repo.index(None).unwrap();
    let error = repo.staged_changes(&index, repo.head_tree().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), format!("object {tree} is missing"));
}
