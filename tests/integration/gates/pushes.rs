//! The gate of pushes: every ref, every commit, every message.

use unleak_testkit::{TestRepo, fake};

use super::{expect_passed, expect_refused, gated, git, slip};
use crate::scanning::{environment, expect_no_panic, fixture, line};

/// The refs that the remote has.
fn there(repo: &TestRepo<'_>) -> String {
    repo.git(["ls-remote", "origin"])
}

#[test]
fn every_ref_of_a_push_is_looked_at() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3100));
    repo.branch("leaky").file("a.txt", line(&secret));
    slip(&repo, "leak");
    // Not checked out, and not the first.
    repo.switch("main").branch("aaa").file("b.txt", "harmless\n");
    slip(&repo, "fine");
    let before = there(&repo);
    for args in [
        &["push", "-q", "origin", "aaa", "leaky"][..],
        &["push", "-q", "origin", "leaky"],
        &["push", "-q", "--all", "origin"],
        &["push", "-q", "--mirror", "origin"],
        &["push", "-q", "origin", "leaky:refs/for/main"],
        &["push", "-q", "origin", "refs/heads/leaky~0:refs/tags/light"],
    ] {
        expect_refused(&git(&repo, args), &secret);
        assert_eq!(there(&repo), before);
    }
    expect_passed(&git(&repo, &["push", "-q", "origin", "aaa"]));
    expect_passed(&git(&repo, &["push", "-q", "origin", ":aaa"]));
}

#[test]
fn added_and_deleted_within_a_push() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3101));
    repo.file("a.txt", line(&secret));
    slip(&repo, "added");
    repo.git(["rm", "-q", "a.txt"]);
    slip(&repo, "deleted");
    expect_refused(&git(&repo, &["push", "-q", "origin", "main"]), &secret);
}

#[test]
fn a_root_commit_and_a_remote_that_has_nothing() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3102));
    repo.orphan("other").file("a.txt", line(&secret));
    slip(&repo, "another root");
    expect_refused(&git(&repo, &["push", "-q", "origin", "other"]), &secret);
    // To a remote that this clone knows nothing about everything is new; so it is to an address.
    let empty = TestRepo::init_bare(&environment, "empty");
    let address = empty.path().to_str().expect("a UTF-8 path");
    repo.git(["remote", "add", "empty", address]);
    expect_refused(&git(&repo, &["push", "-q", "empty", "other"]), &secret);
    expect_refused(&git(&repo, &["push", "-q", address, "other"]), &secret);
    expect_passed(&git(&repo, &["push", "-q", address, "main"]));
}

#[test]
fn what_another_remote_has_says_nothing_about_this_one() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3115));
    repo.file("a.txt", line(&secret));
    slip(&repo, "published elsewhere");
    // A remote whose name begins like this one's.
    let other = TestRepo::init_bare(&environment, "other");
    let address = other.path().to_str().expect("a UTF-8 path");
    repo.git(["remote", "add", "origin/fork", address]);
    repo.git(["push", "-q", "--no-verify", "origin/fork", "main"]);
    repo.git(["fetch", "-q", "origin/fork"]);
    expect_refused(&git(&repo, &["push", "-q", "origin", "main"]), &secret);
    // A remote that is fetched from one place and pushed to another.
    let third = TestRepo::init_bare(&environment, "third");
    repo.git(["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(["config", "remote.origin.pushurl", third.path().to_str().expect("a UTF-8 path")]);
    expect_refused(&git(&repo, &["push", "-q", "origin", "main"]), &secret);
}

#[test]
fn what_the_remote_has_is_no_news() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3103));
    repo.file("a.txt", line(&secret));
    slip(&repo, "published");
    repo.git(["push", "-q", "--no-verify", "origin", "main"]);
    repo.branch("next").file("b.txt", "harmless\n");
    slip(&repo, "fine");
    expect_passed(&git(&repo, &["push", "-q", "origin", "next"]));
}

#[test]
fn an_evil_merge_is_pushed_by_nobody() {
    let environment = environment();
    let secrets = [3104, 3105, 3106].map(fake::github_pat);
    fixture(&environment, "evil-merge.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("evil-merge"));
    // The remote has both sides and not the merge.
    drop(repo.push_to_new_origin("origin", &["HEAD~1^1:refs/heads/one", "HEAD~1^2:refs/heads/two"]));
    repo.git(["fetch", "-q", "origin"]);
    drop(repo.unleak(["install"]).expect_code(0));
    let output = git(&repo, &["push", "-q", "origin", "HEAD:refs/heads/merged"]);
    for secret in &secrets {
        expect_refused(&output, secret);
    }
    // Two secrets of the merge; the third one was on one of its sides.
    assert!(output.mentions("2 new findings"), "{}", output.describe());
}

#[test]
fn messages_and_names_are_published_too() {
    let environment = environment();
    let repo = gated(&environment, "work");
    let [message, tag, name, outer] = [3107, 3108, 3109, 3110].map(fake::github_pat);
    repo.branch("said");
    slip(&repo, &format!("use {message}"));
    expect_refused(&git(&repo, &["push", "-q", "origin", "said"]), &message);
    repo.switch("main");
    // An annotated tag on a commit that the remote has.
    repo.annotated_tag("v1", "HEAD", &format!("signed off with {tag}"));
    expect_refused(&git(&repo, &["push", "-q", "origin", "v1"]), &tag);
    expect_refused(&git(&repo, &["push", "-q", "--tags", "origin"]), &tag);
    // A tag of a tag, and the tag object under another name.
    repo.annotated_tag("inner", "HEAD", "fine");
    repo.annotated_tag("outer", "inner", &outer);
    expect_refused(&git(&repo, &["push", "-q", "origin", "outer:refs/tags/other"]), &outer);
    // The name of a branch where it is written, whatever it is called here.
    let to = format!("main:refs/heads/{name}");
    expect_refused(&git(&repo, &["push", "-q", "origin", &to]), &name);
    // A name that only this clone has is not published.
    repo.git(["branch", &name]);
    expect_passed(&git(&repo, &["push", "-q", "origin", "main:refs/heads/other"]));
}

#[test]
fn tags_of_blobs_and_trees() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3111));
    let blob = repo.blob(line(&secret));
    repo.tag("blob", &blob);
    repo.annotated_tag("annotated", &blob, "a blob");
    let tree = repo.git_with_input(["mktree"], format!("100644 blob {blob}\tdeep.txt\n").as_bytes());
    repo.tag("tree", tree.trim());
    for tag in ["blob", "annotated", "tree"] {
        expect_refused(&git(&repo, &["push", "-q", "origin", tag]), &secret);
    }
    repo.tag("harmless", &repo.blob("harmless\n"));
    expect_passed(&git(&repo, &["push", "-q", "origin", "harmless"]));
}

#[test]
fn a_worktree_and_a_detached_head_push_through_the_gate() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3112));
    let linked = repo.worktree_add("linked");
    linked.file("a.txt", line(&secret));
    slip(&linked, "leak");
    expect_refused(&git(&linked, &["push", "-q", "origin", "HEAD:refs/heads/linked"]), &secret);
    linked.git(["switch", "-q", "--detach"]);
    expect_refused(&git(&linked, &["push", "-q", "origin", "HEAD:refs/heads/linked"]), &secret);
}

#[test]
fn a_shallow_clone_says_that_it_does_not_know() {
    let environment = environment();
    let repo = crate::scanning::started(&environment, "work");
    for number in 0..3 {
        repo.file("a.txt", format!("{number}\n")).commit("more");
    }
    let shallow = repo.clone_shallow("shallow", 1);
    drop(shallow.unleak(["install"]).expect_code(0));
    // On top of what the remote has: everything that is new is here.
    shallow.file("b.txt", "harmless\n");
    slip(&shallow, "fine");
    expect_passed(&git(&shallow, &["push", "-q", "origin", "HEAD:refs/heads/fine"]));
    // To somewhere else, all of history would be new, and is not here.
    let empty = TestRepo::init_bare(&environment, "empty");
    let output =
        git(&shallow, &["push", "-q", empty.path().to_str().expect("a UTF-8 path"), "HEAD:refs/heads/x"]);
    assert!(output.code != Some(0) && output.mentions("shallow"), "{}", output.describe());
    assert!(output.mentions("git fetch --unshallow"), "{}", output.describe());
}

#[test]
fn without_the_program_a_push_and_a_commit_are_refused() {
    let environment = environment();
    let repo = gated(&environment, "work");
    for name in ["pre-commit", "pre-push"] {
        let file = repo.git_dir().join("hooks").join(name);
        let text = std::fs::read_to_string(&file).expect("installed");
        std::fs::write(&file, text.replace(env!("CARGO_BIN_EXE_unleak"), "/nowhere/unleak"))
            .expect("writable");
    }
    repo.file("a.txt", "harmless\n");
    for args in [&["commit", "-qm", "x"][..], &["push", "-q", "origin", "HEAD:refs/heads/x"]] {
        let output = git(&repo, args);
        expect_no_panic(&output);
        assert!(
            output.code != Some(0) && output.mentions("unleak is not installed here"),
            "{}",
            output.describe()
        );
    }
}

#[test]
fn a_borrowed_store_is_read() {
    let environment = environment();
    let (repo, secret) = (crate::scanning::started(&environment, "source"), fake::github_pat(3113));
    repo.file("a.txt", line(&secret)).commit("leak");
    let borrowing = repo.clone_borrowing("borrowing");
    borrowing.git(["remote", "remove", "origin"]);
    drop(borrowing.push_to_new_origin("empty", &["HEAD~1:refs/heads/main"]));
    drop(borrowing.unleak(["install"]).expect_code(0));
    expect_refused(&git(&borrowing, &["push", "-q", "origin", "HEAD:refs/heads/leaky"]), &secret);
}

#[test]
fn hash_of_256_bits() {
    let environment = environment();
    let (repo, secret) = (TestRepo::init_sha256(&environment, "work"), fake::github_pat(3114));
    repo.file("README", "x\n").commit("start");
    let origin = environment.path("origin");
    environment.git(
        environment.root(),
        ["init", "-q", "--bare", "--object-format=sha256", origin.to_str().expect("UTF-8")],
    );
    repo.git(["remote", "add", "origin", origin.to_str().expect("UTF-8")]);
    drop(repo.unleak(["install"]).expect_code(0));
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    repo.file("a.txt", line(&secret));
    slip(&repo, "leak");
    expect_refused(&git(&repo, &["push", "-q", "origin", "main"]), &secret);
}
