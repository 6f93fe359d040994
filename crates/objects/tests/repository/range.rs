//! Ranges against `git rev-list`, and what commits introduce against `git diff-tree`.

use std::{collections::BTreeSet, ffi::OsStr, fs, path::Path};

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::repository::{OpenOptions, RangeError, Repository};

use crate::git::{Dice, Scratch, fields, id, ids};

/// A history of `count` commits with merges, some of them made by clocks that are wrong.
fn random_history(scratch: &Scratch, dice: &mut Dice, count: usize, wrong_clocks: bool) -> Vec<ObjectId> {
    scratch.write("file", "x");
    scratch.git(&["add", "-A"]);
    let tree = scratch.git(&["write-tree"]);
    let tree = tree.trim().to_str().unwrap();
    let mut commits: Vec<ObjectId> = Vec::new();
    for number in 0..count {
        let recent = commits.len().min(6);
        let parents: BTreeSet<_> =
            (0..dice.roll(4).min(recent)).map(|_| commits[commits.len() - 1 - dice.roll(recent)]).collect();
        let parents: Vec<_> = parents.iter().map(ToString::to_string).collect();
        let mut args = vec!["commit-tree", tree, "-m", "m"];
        args.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        let wrong = wrong_clocks && dice.roll(5) == 0;
        let time = format!(
            "{} +0000",
            if wrong { 100_000_000 + dice.roll(1_900_000_000) } else { 1_800_000_000 + number }
        );
        let made = scratch.try_git(&scratch.top, &args, &[("GIT_COMMITTER_DATE", OsStr::new(&time))]);
        commits.push(id(&made.stdout));
    }
    commits
}

fn rev_list(scratch: &Scratch, include: &[ObjectId], exclude: &[ObjectId]) -> BTreeSet<ObjectId> {
    let include: Vec<_> = include.iter().map(ToString::to_string).collect();
    let exclude: Vec<_> = exclude.iter().map(|id| format!("^{id}")).collect();
    let mut args = vec!["rev-list"];
    args.extend(include.iter().chain(&exclude).map(String::as_str));
    ids(&scratch.git(&args)).into_iter().collect()
}

#[test]
fn ranges_of_random_histories_are_gits() {
    for (seed, wrong_clocks) in [(1, false), (2, false), (3, true), (4, true)] {
        let scratch = Scratch::new();
        let mut dice = Dice(seed);
        let commits = random_history(&scratch, &mut dice, 40, wrong_clocks);
        let repo = scratch.open();
        let mut pick =
            |count: usize| -> Vec<_> { (0..count).map(|_| commits[dice.roll(commits.len())]).collect() };
        for round in 0..40 {
            let (include, exclude) = (pick(1 + round % 3), pick(round % 4));
            let range = repo.commits_in_range(&include, &exclude).unwrap();
            let set: BTreeSet<_> = range.commits.iter().copied().collect();
            assert_eq!(set.len(), range.commits.len(), "each once");
            assert_eq!(
                set,
                rev_list(&scratch, &include, &exclude),
                "seed {seed}, {include:?} not {exclude:?}"
            );
            assert_children_first(&scratch, &range.commits);
            assert_eq!(range, repo.commits_in_range(&include, &exclude).unwrap(), "the same in every run");
            assert!(range.shallow_cut.is_empty());
        }
    }
}

fn assert_children_first(scratch: &Scratch, commits: &[ObjectId]) {
    let place = |id: &ObjectId| commits.iter().position(|commit| commit == id);
    let text = scratch.git(&["rev-list", "--parents", "--all", "--reflog"]);
    let parents = text.lines().map(|line| line.fields().map(id).collect::<Vec<_>>());
    for family in parents {
        if let Some(child) = place(&family[0]) {
            assert!(family[1..].iter().filter_map(place).all(|parent| parent > child));
        }
    }
}

#[test]
fn a_missing_base_or_parent_is_an_error_that_names_it() {
    let scratch = Scratch::new();
    let one = scratch.commit("one");
    let two = scratch.commit("two");
    let three = scratch.commit("three");
    let nowhere = id(b"0123456789012345678901234567890123456789");
    let error = scratch.open().commits_in_range(&[three], &[nowhere]).unwrap_err();
    assert!(matches!(error, RangeError::End(_)), "{error}");
    let hex = two.to_string();
    fs::remove_file(scratch.git_dir().join("objects").join(&hex[..2]).join(&hex[2..])).unwrap();
    let error = scratch.open().commits_in_range(&[three], &[one]).unwrap_err();
    assert_eq!(error.to_string(), format!("a parent of commit {three} cannot be read"));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, format!("object {two} is missing"));
    let range = scratch.open().commits_in_range(&[three], &[three]).unwrap();
    assert!(range.commits.is_empty(), "what is missing is excluded");
}

#[test]
fn a_range_that_a_shallow_clone_cuts_off_says_so() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    scratch.commit("one");
    scratch.write("file", "two");
    let two = scratch.commit("two");
    let three = scratch.commit("three");
    let url = format!("file://{}", scratch.top.display());
    scratch.git(&["clone", "-q", "--depth=2", &url, "../shallow"]);
    let clone = scratch.outside().join("shallow");
    let repo = Repository::open(&clone, OpenOptions::default()).unwrap();
    assert!(repo.is_shallow());
    assert_eq!(repo.shallow_commits().unwrap(), [two]);
    let range = repo.commits_in_range(&[three], &[]).unwrap();
    assert_eq!((range.commits, range.shallow_cut), (vec![three, two], vec![two]));
    let range = repo.commits_in_range(&[three], &[two]).unwrap();
    assert_eq!((range.commits, range.shallow_cut), (vec![three], vec![]));
    assert_eq!(repo.changed_blobs(&two).unwrap().files.len(), 1, "all of it, as for a root");
    fs::write(clone.join(".git/shallow"), "nonsense\n").unwrap();
    let error = repo.commits_in_range(&[three], &[]).unwrap_err();
    assert!(error.to_string().starts_with("line 1 of"), "{error}");
}

/// Path, mode, id and old ids of what `git diff-tree` prints, without deletions and submodules.
fn diff_tree(
    scratch: &Scratch,
    commit: &str,
    parents: usize,
) -> Vec<(BString, u32, ObjectId, Vec<Option<ObjectId>>)> {
    let kind = if parents > 1 { "-c" } else { "--root" };
    let args =
        ["diff-tree", kind, "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-commit-id", commit];
    let fields = fields(&scratch.git(&args));
    let parents = parents.max(1);
    let change = |pair: &[BString]| {
        let line: Vec<_> = pair[0].trim_start_with(|c| c == ':').fields().collect();
        let octal = |text: &[u8]| u32::from_str_radix(text.to_str().unwrap(), 8).unwrap();
        let mode = octal(line[parents]);
        let old =
            (0..parents).map(|parent| (octal(line[parent]) != 0).then(|| id(line[parents + 1 + parent])));
        let is_file = ![0, 0o160_000].contains(&mode);
        is_file.then(|| (pair[1].clone(), mode, id(line[2 * parents + 1]), old.collect()))
    };
    fields.chunks(2).filter_map(change).collect()
}

fn assert_introduces_what_git_says(scratch: &Scratch, repo: &Repository, commit: ObjectId) -> usize {
    let text = scratch.git(&["rev-parse", &format!("{commit}^@")]);
    let parents = text.lines().count();
    let changes = repo.changed_blobs(&commit).unwrap();
    let is_root = parents == 0;
    let ours = changes.files.iter().map(|change| {
        let old = if is_root { vec![None] } else { change.old.clone() };
        (change.path.clone(), change.mode.octal(), change.id, old)
    });
    assert_eq!(ours.collect::<Vec<_>>(), diff_tree(scratch, &commit.to_string(), parents), "{commit}");
    changes.files.len()
}

#[test]
fn random_commits_introduce_what_git_says() {
    let scratch = Scratch::new();
    let names = ["a", "a-b", "a0", "b"];
    let mut dice = Dice(11);
    let mut commits: Vec<ObjectId> = Vec::new();
    let mut changed = [0; 4];
    for _ in 0..40 {
        for _ in 0..=dice.roll(5) {
            let path: Vec<_> = (0..=dice.roll(3)).map(|_| names[dice.roll(names.len())]).collect();
            let path = path.join("/");
            let on_disk = scratch.top.join(&path);
            let blocked = on_disk.ancestors().skip(1).any(Path::is_file);
            match dice.roll(4) {
                0 => drop(fs::remove_dir_all(&on_disk)),
                1 => drop(fs::remove_file(&on_disk)),
                _ if blocked || on_disk.is_dir() => {}
                _ => scratch.write(&path, format!("content {}", dice.roll(3))),
            }
        }
        scratch.git(&["add", "-A"]);
        let tree = scratch.git(&["write-tree"]);
        let mut args = vec!["commit-tree", tree.trim().to_str().unwrap(), "-m", "m"];
        let recent = commits.len().min(5);
        let parents: BTreeSet<_> =
            (0..dice.roll(4).min(recent)).map(|_| commits[commits.len() - 1 - dice.roll(recent)]).collect();
        let parents: Vec<_> = parents.iter().map(ToString::to_string).collect();
        args.extend(parents.iter().flat_map(|parent| ["-p", parent]));
        let commit = id(&scratch.git(&args));
        commits.push(commit);
        changed[parents.len()] += assert_introduces_what_git_says(&scratch, &scratch.open(), commit);
    }
    assert!(changed.iter().all(|count| *count > 2), "roots, and one to three parents: {changed:?}");
}

#[test]
fn an_evil_merge_introduces_what_neither_side_has() {
    let scratch = Scratch::new();
    scratch.write("shared", "base");
    scratch.commit("base");
    scratch.git(&["checkout", "-q", "-b", "side"]);
    scratch.write("side", "side");
    scratch.commit("side");
    scratch.git(&["checkout", "-q", "main"]);
    scratch.write("main", "main");
    scratch.commit("main");
    scratch.git(&["merge", "-q", "--no-commit", "side"]);
    scratch.write("evil", "in no parent");
    scratch.write("shared", "changed in the merge");
    let merge = scratch.commit("merge");
    let changes = scratch.open().changed_blobs(&merge).unwrap();
    let paths: Vec<_> = changes.files.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["evil", "shared"]);
    assert_eq!(changes.files[0].old, [None, None]);
    assert_introduces_what_git_says(&scratch, &scratch.open(), merge);
}

#[test]
fn submodules_are_listed_apart() {
    let scratch = Scratch::new();
    let sub = scratch.top.join("sub");
    fs::create_dir(&sub).unwrap();
    scratch.git_in(&sub, &["init", "-q"]);
    scratch.git_in(&sub, &["commit", "-q", "--allow-empty", "-m", "m"]);
    scratch.write("file", "x");
    let commit = scratch.commit("one");
    let changes = scratch.open().changed_blobs(&commit).unwrap();
    assert_eq!((changes.files.len(), changes.submodules), (1, vec!["sub".into()]));
}

#[test]
fn a_tree_with_entries_of_no_known_mode_hides_nothing() {
    let scratch = Scratch::new();
    scratch.write("file", "secret");
    scratch.commit("one");
    let blob = scratch.id("HEAD:file");
    // Out of order, twice the same name, and a mode that git does not write.
    let tree =
        [b"100644 z\0", blob.as_bytes(), b"100644 z\0", blob.as_bytes(), b"10000 a\0", blob.as_bytes()]
            .concat();
    let path = scratch.outside().join("tree");
    fs::write(&path, tree).unwrap();
    let tree = id(&scratch.git(&["hash-object", "-w", "--literally", "-t", "tree", path.to_str().unwrap()]));
    let commit = id(&scratch.git(&["commit-tree", &tree.to_string(), "-p", "HEAD", "-m", "m"]));
    let changes = scratch.open().changed_blobs(&commit).unwrap();
    let paths: Vec<_> = changes.files.iter().map(|change| change.path.to_string()).collect();
    assert_eq!(paths, ["a", "z", "z"]);
}

#[test]
fn a_truncated_tree_is_an_error() {
    let scratch = Scratch::new();
    scratch.commit("one");
    let path = scratch.outside().join("tree");
    fs::write(&path, b"100644 file\0short").unwrap();
    let tree = id(&scratch.git(&["hash-object", "-w", "--literally", "-t", "tree", path.to_str().unwrap()]));
    let commit = id(&scratch.git(&["commit-tree", &tree.to_string(), "-m", "m"]));
    let error = scratch.open().changed_blobs(&commit).unwrap_err();
    assert_eq!(error.to_string(), format!("object {tree} cannot be read"));
}

#[test]
fn what_is_no_commit_is_named() {
    let scratch = Scratch::new();
    scratch.write("file", "x");
    scratch.commit("one");
    let tree = scratch.id("HEAD^{tree}");
    let error = scratch.open().changed_blobs(&tree).unwrap_err();
    assert_eq!(error.to_string(), format!("object {tree} is a tree, not a commit"));
}

#[test]
fn what_is_no_commit_excludes_nothing_and_is_included_by_nobody() {
    let scratch = Scratch::new();
    scratch.write("file", "x");
    let one = scratch.commit("one");
    let two = scratch.commit("two");
    let (tree, blob) = (scratch.id("HEAD^{tree}"), scratch.id("HEAD:file"));
    let range = scratch.open().commits_in_range(&[two], &[tree, one, blob]).unwrap();
    assert_eq!(range.commits, [two]);
    let error = scratch.open().commits_in_range(&[tree], &[one]).unwrap_err();
    assert!(matches!(error, RangeError::End(_)), "{error}");
}
