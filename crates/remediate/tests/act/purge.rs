//! Purged, a repository has nothing left to find.

use std::fs;

use bstr::ByteSlice as _;
use unleak_remediate::{ActError, PurgeOptions, Purged, preview_purge, purge};
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::bench::{apply, backup_of, fill, git, options};
use crate::rewriting::{Forget, SECRET, change, open};

fn holds(bytes: &[u8]) -> bool {
    bytes.contains_str(SECRET)
}

fn run(repo: &TestRepo<'_>, kept_packs: bool) -> Purged {
    purge(&open(repo), &git(), &PurgeOptions { backups: true, kept_packs, holds: &holds }).unwrap()
}

/// How many objects of the whole store have the secret.
fn secrets_in_store(repo: &TestRepo<'_>) -> usize {
    let args = ["cat-file", "--batch-all-objects", "--batch"];
    repo.environment().git_output(repo.path(), args, &[], b"").expect_code(0).stdout.find_iter(SECRET).count()
}

/// Files of the git directory that have the secret, unpacked objects aside.
fn secrets_in_files(repo: &TestRepo<'_>) -> Vec<String> {
    let (mut found, mut pending) = (Vec::new(), vec![repo.git_dir()]);
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                pending.push(entry.path());
            } else if holds(&fs::read(entry.path()).unwrap()) {
                found.push(entry.path().display().to_string());
            }
        }
    }
    found
}

#[test]
fn nothing_is_left() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    repo.file("said", "1").commit(&format!("use {SECRET}"));
    repo.write(".git/FETCH_HEAD", format!("{}\t\tbranch 'main' of elsewhere\n", repo.id("HEAD")));
    repo.write(".git/rr-cache/aa/preimage", SECRET).write(".git/rr-cache/bb/preimage", "clean");
    repo.write(".git/MERGE_MSG", SECRET).write(".git/SQUASH_MSG", "clean");
    repo.git(["update-ref", "refs/unleak/lease/heads/main", "refs/heads/topic"]);
    repo.git(["commit-graph", "write", "--reachable"]);
    repo.repack(unleak_testkit::Packing::MultiPackIndex);
    let change = change(&repo, Forget::default());
    apply(&repo, &change, &options(&repo));
    assert!(secrets_in_store(&repo) > 0);

    let preview = preview_purge(&open(&repo), &git()).unwrap();
    assert_eq!(
        (preview.runs, preview.backups, preview.kept_packs),
        (vec![1], vec![backup_of(&repo)], vec![])
    );
    assert!(preview.unreachable > 0);
    let purged = run(&repo, false);
    assert_eq!((secrets_in_store(&repo), secrets_in_files(&repo)), (0, vec![]));
    assert_eq!((purged.remaining, purged.kept_packs), (vec![], vec![]));
    assert!(!backup_of(&repo).exists());
    // What was fetched last has followed the rewrite.
    let fetched = fs::read_to_string(repo.git_dir().join("FETCH_HEAD")).unwrap();
    assert!(fetched.starts_with(&repo.id("HEAD")), "{fetched}");
    let gone = ["MERGE_MSG", "COMMIT_EDITMSG", "rr-cache/aa"];
    assert!(gone.iter().all(|name| !repo.git_dir().join(name).exists()));
    assert!(["SQUASH_MSG", "rr-cache/bb"].iter().all(|name| repo.git_dir().join(name).exists()));
    assert_eq!(repo.git(["for-each-ref", "refs/unleak"]), "");
    assert!(repo.objects_dir().join("info/commit-graph").exists());
    assert!(repo.objects_dir().join("pack/multi-pack-index").exists());
    repo.git(["fsck", "--strict"]);
    repo.git(["multi-pack-index", "verify"]);
    repo.git(["commit-graph", "verify"]);
    assert_eq!(repo.git(["stash", "list"]).lines().count(), 2);
    assert_eq!(preview_purge(&open(&repo), &git()).unwrap_err().to_string(), "there is nothing to purge");
    let error = unleak_remediate::undo(&open(&repo), &git(), &mut crate::bench::go).unwrap_err();
    assert!(matches!(error, ActError::Nothing("undo")), "{error:?}");
}

#[test]
fn kept_and_cruft_packs_go_as_far_as_is_allowed() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    repo.git(["repack", "-a", "-d", "-q"]);
    let kept = repo.packs().remove(0).with_extension("keep");
    fs::write(&kept, "").unwrap();
    let lost = repo.file("lost", format!("lost {SECRET}")).commit("lost");
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(["reflog", "expire", "--expire-unreachable=now", "main", "HEAD"]);
    repo.git(["repack", "-d", "-q", "--cruft"]);
    let change = change(&repo, Forget::default());
    apply(&repo, &change, &options(&repo));
    let purged = run(&repo, false);
    assert_eq!(purged.kept_packs, std::slice::from_ref(&kept));
    assert!(!purged.remaining.is_empty());
    assert!(repo.environment().git_output(repo.path(), ["cat-file", "-e", &lost], &[], b"").code != Some(0));

    // The next purge has a run of its own to purge.
    repo.file("again", SECRET).commit("again");
    apply(&repo, &crate::rewriting::change(&repo, Forget::default()), &options(&repo));
    let purged = run(&repo, true);
    assert_eq!((purged.kept_packs, purged.remaining), (vec![], vec![]));
    assert_eq!((secrets_in_store(&repo), secrets_in_files(&repo)), (0, vec![]));
    assert!(!kept.exists());
    repo.git(["fsck", "--strict"]);
}

#[test]
fn two_runs_are_purged_together_and_reflogs_reach_the_end() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    apply(&repo, &change(&repo, Forget::default()), &options(&repo));
    let first = repo.id("HEAD");
    repo.file("again", SECRET).commit("again");
    fs::rename(backup_of(&repo), repo.path().with_extension("moved")).unwrap();
    apply(&repo, &change(&repo, Forget { names: &["run.sh"], ..Forget::default() }), &options(&repo));
    let purged = run(&repo, false);
    assert_eq!((purged.runs, purged.remaining), (vec![1, 2], vec![]));
    assert!(!repo.git(["reflog", "--format=%H"]).contains(&first));
    repo.git(["fsck", "--strict"]);
}
