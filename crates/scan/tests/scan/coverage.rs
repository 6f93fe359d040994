//! What could not be looked at is in the ledger, and only that.

use unleak_scan::{Progress, SkipReason, scan_repository};
use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::engine::{history, of, open, range, request, scan, skipped};

#[test]
fn a_missing_blob_counts_if_a_commit_that_counts_needs_it() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("kept", "kept\n").commit("one");
    repo.file("lost", "lost\n");
    let dropped = repo.commit("two");
    let lost = repo.id("HEAD:lost");
    repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    repo.remove_loose_object(&lost);
    // The reflog still names the commit.
    let outcome = scan(&repo, &history(), 1);
    assert_eq!(skipped(&outcome, SkipReason::Missing), 1);
    let (what, why) = &outcome.coverage.skipped[&SkipReason::Missing].examples[0];
    assert_eq!(
        (what, why),
        (&format!("object {lost}"), &format!("lost of commit {dropped} is not in the store"))
    );
    std::fs::remove_dir_all(repo.git_dir().join("logs")).unwrap();
    std::fs::remove_file(repo.git_dir().join("ORIG_HEAD")).unwrap();
    assert!(scan(&repo, &history(), 1).coverage.is_complete());
    repo.tag("again", &format!("{dropped}^{{tree}}"));
    assert_eq!(skipped(&scan(&repo, &history(), 1), SkipReason::Missing), 1);
}

#[test]
fn a_tag_whose_target_is_gone_is_not_silence() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("f", "text").commit("one");
    let lost = repo.file("g", fake::github_pat(1)).commit("two");
    repo.annotated_tag("inner", "HEAD", "m");
    repo.annotated_tag("outer", "inner", "m");
    repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    std::fs::remove_dir_all(repo.git_dir().join("logs")).unwrap();
    std::fs::remove_file(repo.git_dir().join("ORIG_HEAD")).unwrap();
    repo.remove_loose_object(&lost);
    let outcome = scan(&repo, &history(), 1);
    assert!(!outcome.coverage.is_complete());
    let examples = &outcome.coverage.skipped[&SkipReason::Missing].examples;
    let refs: Vec<_> = examples.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(refs, ["ref refs/tags/inner", "ref refs/tags/outer"]);
}

#[test]
fn the_tree_without_entries_need_not_exist() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let empty = repo.git_with_input(["mktree"], "");
    repo.file("f", "text").commit("one");
    let commit = repo.git(["commit-tree", "-m", "empty", "-p", "HEAD", &empty]);
    let with_folder = repo.git_with_input(["mktree"], format!("040000 tree {empty}\tnothing\n"));
    let second = repo.git(["commit-tree", "-m", "empty", "-p", &commit, &with_folder]);
    repo.git(["update-ref", "refs/heads/main", &second]);
    repo.remove_loose_object(&empty);
    assert!(repo.git(["rev-list", "--objects", "--all"]).contains(&empty), "git walks it all the same");
    let outcome = scan(&repo, &history(), 1);
    assert!(outcome.coverage.is_complete(), "{:?}", outcome.coverage.skipped);
}

#[test]
fn a_shallow_clone_is_cut_off_and_a_partial_one_lacks_what_was_not_fetched() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    for n in 0..5 {
        repo.file(format!("f{n}"), format!("{}\n", fake::github_pat(n))).commit("more");
    }
    let shallow = scan(&repo.clone_shallow("shallow", 2), &history(), 1);
    assert_eq!(skipped(&shallow, SkipReason::Shallow), 1);
    assert_eq!(skipped(&shallow, SkipReason::Missing), 0);
    let clone = repo.clone_partial("partial");
    let partial = scan(&clone, &history(), 1);
    assert_eq!((skipped(&partial, SkipReason::NotFetched), skipped(&partial, SkipReason::Missing)), (5, 0));
    let part = scan(&clone, &range(&clone, &["HEAD"], &[]), 1);
    assert_eq!((skipped(&part, SkipReason::NotFetched), skipped(&part, SkipReason::Missing)), (5, 0));
}

#[test]
fn a_damaged_blob_takes_nothing_else_with_it() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret = fake::github_pat(1);
    repo.file(".env", "API_KEY=abc\n").file("f", &secret).commit("one");
    let blob = repo.loose_object(&repo.id("HEAD:.env"));
    repo.truncate(&blob, 5);
    for threads in [1, 3] {
        let outcome = scan(&repo, &history(), threads);
        assert_eq!(skipped(&outcome, SkipReason::Corrupt), 1);
        assert_eq!(of(&outcome, &secret).len(), 1);
    }
}

/// A name that is a secret must not reach a report through the back door, be it below the threshold elsewhere.
#[test]
fn refs_named_after_secrets_are_masked_wherever_they_are_named() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let (name, other) = (fake::github_pat(1), fake::github_pat(2));
    repo.file("f", "text").commit("one");
    let blob = repo.blob(&other);
    repo.tag(&name, &blob);
    repo.annotated_tag(&format!("a/{name}"), "HEAD", &other);
    let broken = repo.git_dir().join(format!("refs/heads/{name}"));
    std::fs::write(broken, "1234567890123456789012345678901234567890\n").unwrap();
    let progress = Progress::default();
    let (outcome, _) = scan_repository(&request(1, &progress), &open(repo.path()), &history());
    assert_eq!(skipped(&outcome, SkipReason::BrokenRef), 1);
    for finding in of(&outcome, &other) {
        assert!(!format!("{finding:?}").contains(&name), "{finding:?}");
    }
    assert_eq!(of(&outcome, &other).len(), 2);
    assert!(!format!("{:?}", outcome.coverage).contains(&name));
}
