//! The commit gate: `unleak scan --staged`, from outside and as the hook git runs.

use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::scanning::{Scan, environment, expect_trouble, line, started};

#[test]
fn only_what_is_staged_counts() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (staged, written, committed) = (fake::github_pat(300), fake::github_pat(301), fake::github_pat(302));
    repo.file("old.txt", line(&committed)).commit("old");
    repo.stage_only("a.txt", line(&staged)).write("b.txt", line(&written));
    let scan = Scan::of(&repo, &["--staged"]).expect_code(1).expect_complete();
    assert_eq!(scan.one(&staged).exposure(), "staged");
    scan.expect_none(&written);
    scan.expect_none(&committed);
}

#[test]
fn secret_removed_in_the_working_tree_is_still_staged() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(303));
    repo.file("a.txt", line(&secret)).write("a.txt", "clean\n");
    Scan::of(&repo, &["--staged"]).expect_code(1).one(&secret);
    drop(Scan::of(&repo, &["--worktree"]).expect_code(0));
}

#[test]
fn first_commit_of_a_repository() {
    let environment = environment();
    let (repo, secret) = (TestRepo::init(&environment, "work"), fake::github_pat(304));
    drop(Scan::of(&repo, &["--staged"]).expect_code(0));
    repo.file("config.txt", line(&secret));
    let scan = Scan::of(&repo, &["--staged"]).expect_code(1).expect_complete();
    assert_eq!(scan.one(&secret).path(), "config.txt");
    let scan = Scan::of(&repo, &[]).expect_code(1).expect_complete();
    assert_eq!(scan.one(&secret).exposure(), "staged");
}

#[test]
fn what_the_old_version_held_is_not_news() {
    let environment = environment();
    let (repo, old, new) = (started(&environment, "work"), fake::github_pat(305), fake::github_pat(306));
    repo.file("a.txt", line(&old)).commit("old");
    repo.file("a.txt", format!("moved down\n{}", line(&old)));
    let scan = Scan::of(&repo, &["--staged"]).expect_code(0);
    scan.expect_none(&old);
    assert_eq!(scan.json["stats"]["unchanged"], 1);
    repo.file("a.txt", format!("{}{}", line(&new), line(&old)));
    let scan = Scan::of(&repo, &["--staged"]).expect_code(1);
    scan.expect_none(&old);
    assert_eq!(scan.one(&new).number("/location/start_line"), 1);
}

#[test]
fn second_copy_in_the_same_file_and_copy_in_another_file() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(307));
    repo.file("a.txt", line(&secret)).commit("old");
    repo.file("b.txt", line(&secret));
    let scan = Scan::of(&repo, &["--staged"]).expect_code(1);
    assert_eq!(scan.one(&secret).path(), "b.txt");
}

#[test]
fn renamed_file_and_changed_mode() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(308));
    repo.file("a.sh", line(&secret)).commit("old");
    repo.git(["update-index", "--chmod=+x", "a.sh"]);
    Scan::of(&repo, &["--staged"]).expect_code(0).expect_none(&secret);
}

#[test]
fn intent_to_add_has_no_content_yet() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(309));
    repo.intend_to_add("a.txt", line(&secret));
    Scan::of(&repo, &["--staged"]).expect_code(0).expect_complete().expect_none(&secret);
    assert_eq!(Scan::of(&repo, &["--worktree"]).one(&secret).path(), "a.txt");
    assert_eq!(Scan::of(&repo, &[]).one(&secret).exposure(), "worktree");
}

#[test]
fn other_index_through_the_environment() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (usual, other) = (fake::github_pat(310), fake::github_pat(311));
    let other_index = repo.git_dir().join("other-index");
    let variables = [("GIT_INDEX_FILE", other_index.as_os_str())];
    repo.git_with_variables(["read-tree", "HEAD"], &variables);
    repo.write("other.txt", line(&other));
    repo.git_with_variables(["add", "other.txt"], &variables);
    std::fs::remove_file(repo.file_path("other.txt")).expect("it was just written");
    repo.stage_only("usual.txt", line(&usual));
    let scan = Scan::run(&environment, repo.path(), &["--staged"], &variables, b"");
    assert_eq!(scan.one(&other).path(), "other.txt");
    scan.expect_none(&usual);
    let scan = Scan::of(&repo, &["--staged"]);
    scan.one(&usual);
    scan.expect_none(&other);
}

#[test]
fn conflicted_entries_are_scanned() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (ours, theirs) = (fake::github_pat(312), fake::github_pat(313));
    repo.branch("side").file("README", line(&theirs)).commit("theirs");
    repo.switch("main").file("README", line(&ours)).commit("ours");
    let merge = environment.git_output(repo.path(), ["merge", "side"], &[], b"");
    assert_eq!(merge.code, Some(1), "a conflict was to be made");
    let scan = Scan::of(&repo, &["--staged"]);
    scan.one(&theirs);
    assert!(scan.all(&ours).is_empty(), "HEAD holds ours already");
}

#[test]
fn index_formats_git_may_write() {
    let environment = environment();
    for (number, setting) in
        [("index.version", "4"), ("index.skipHash", "true"), ("core.untrackedCache", "true")]
            .iter()
            .enumerate()
    {
        let repo = started(&environment, &format!("work-{number}"));
        let secret = fake::github_pat(320 + number as u64);
        repo.git(["config", setting.0, setting.1]);
        repo.file("folder/a.txt", "plain\n").file("folder/b.txt", line(&secret));
        let scan = Scan::of(&repo, &["--staged"]).expect_code(1).expect_complete();
        assert_eq!(scan.one(&secret).path(), "folder/b.txt", "{setting:?}");
    }
}

#[test]
fn split_and_sparse_index() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(325));
    for number in 0..40 {
        repo.write(format!("folder-{}/{number}.txt", number % 4), "plain\n");
    }
    repo.git(["add", "."]);
    repo.commit("files");
    repo.git(["update-index", "--split-index"]);
    repo.stage_only("folder-1/0.txt", line(&secret));
    assert_eq!(Scan::of(&repo, &["--staged"]).expect_complete().one(&secret).path(), "folder-1/0.txt");

    let sparse = started(&environment, "sparse");
    for number in 0..40 {
        sparse.write(format!("folder-{}/{number}.txt", number % 4), "plain\n");
    }
    sparse.git(["add", "."]);
    sparse.commit("files");
    sparse.git(["sparse-checkout", "set", "--cone", "--sparse-index", "folder-1"]);
    sparse.file("folder-1/new.txt", line(&secret));
    assert_eq!(Scan::of(&sparse, &["--staged"]).expect_complete().one(&secret).path(), "folder-1/new.txt");
}

/// Installs the hook a person would write.
fn install_hook(environment: &TestEnvironment, repo: &TestRepo<'_>) {
    let binary = env!("CARGO_BIN_EXE_unleak");
    let hook = repo.git_dir().join("hooks/pre-commit");
    environment.write(&hook, format!("#!/bin/sh\nexec '{binary}' scan --staged\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("it was just written");
    }
}

#[track_caller]
fn commit_passes(repo: &TestRepo<'_>, args: &[&str]) -> bool {
    let before = repo.id("HEAD");
    let commit = ["commit", "--message", "try"];
    let output = repo.environment().git_output(repo.path(), commit.iter().chain(args), &[], b"");
    let passed = repo.id("HEAD") != before;
    assert_eq!(output.code == Some(0), passed, "{}", output.describe());
    passed
}

#[test]
fn hook_sees_exactly_what_is_committed() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(330));
    repo.file("a.txt", "one\n").file("b.txt", "one\n").commit("both");
    install_hook(&environment, &repo);
    repo.file("a.txt", "two\n").file("b.txt", line(&secret));
    // A partial commit has an index of its own, which git names in GIT_INDEX_FILE.
    assert!(!commit_passes(&repo, &["--only", "b.txt"]), "the secret got through a partial commit");
    assert!(commit_passes(&repo, &["--only", "a.txt"]), "a clean partial commit was stopped");
    assert!(!commit_passes(&repo, &[]), "the secret got through");
    repo.git(["reset", "--quiet", "--", "b.txt"]);
    assert!(!commit_passes(&repo, &["--all"]), "the secret got through `commit -a`");
    repo.file("b.txt", "two\n");
    assert!(commit_passes(&repo, &[]), "a clean commit was stopped");
}

#[test]
fn hook_works_from_a_folder_and_in_a_linked_worktree() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(331));
    install_hook(&environment, &repo);
    let linked = repo.worktree_add("linked");
    linked.file("deep/a.txt", line(&secret));
    let folder = TestRepo::open(&environment, linked.file_path("deep"));
    assert!(!commit_passes(&folder, &[]), "the secret got through");
    linked.file("deep/a.txt", "clean\n");
    assert!(commit_passes(&folder, &[]), "a clean commit was stopped");
}

#[test]
fn bare_repository_has_nothing_staged() {
    let environment = environment();
    let bare = started(&environment, "work").clone_bare("bare");
    let output = environment.unleak(bare.path(), ["scan", "--staged"]);
    expect_trouble(&output);
}
