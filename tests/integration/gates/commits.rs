//! The gates of commits: pre-commit, pre-merge-commit, commit-msg.

use std::ffi::OsStr;

use unleak_testkit::{TestRepo, fake};

use super::{expect_passed, expect_refused, gated, git, hook, slip};
use crate::scanning::{environment, line};

#[test]
fn every_way_to_commit_comes_through_the_gate() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3000));
    repo.file("plain.txt", "nothing\n");
    expect_passed(&git(&repo, &["commit", "-qm", "fine"]));
    let before = repo.id("HEAD");
    // Staged.
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "staged"]), &secret);
    // Cleaned in the working tree, and still staged.
    repo.write("a.txt", "clean\n");
    expect_refused(&git(&repo, &["commit", "-qm", "staged only"]), &secret);
    repo.git(["reset", "-q", "--hard"]);
    // commit -a.
    repo.write("plain.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qam", "all"]), &secret);
    // A partial commit, with an index of its own.
    repo.file("other.txt", "nothing\n");
    expect_refused(&git(&repo, &["commit", "-qm", "partial", "--", "plain.txt"]), &secret);
    expect_passed(&git(&repo, &["commit", "-qm", "the other file only", "--", "other.txt"]));
    repo.git(["reset", "-q", "--hard", &before]);
    // Amended into the last commit.
    repo.file("plain.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-q", "--amend", "--no-edit"]), &secret);
    assert_eq!(repo.id("HEAD"), before);
}

#[test]
fn the_first_commit_comes_through_the_gate() {
    let environment = environment();
    let (repo, secret) = (TestRepo::init(&environment, "work"), fake::github_pat(3001));
    drop(repo.unleak(["install"]).expect_code(0));
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "first"]), &secret);
    repo.file("a.txt", "harmless\n");
    expect_passed(&git(&repo, &["commit", "-qm", "first"]));
}

#[test]
fn odd_entries_come_through_the_gate() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3002));
    // A symbolic link whose target is the secret.
    repo.symlink("link", &format!("token={secret}")).git(["add", "link"]);
    expect_refused(&git(&repo, &["commit", "-qm", "link"]), &secret);
    repo.git(["reset", "-q", "--hard"]);
    // What attributes hide from diffs.
    repo.file(".gitattributes", "*.env -diff -text binary\n").file("x.env", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "attributes"]), &secret);
    repo.git(["reset", "-q", "--hard"]);
    // A name that is no UTF-8.
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt as _;
        repo.file(OsStr::from_bytes(b"caf\xe9.txt"), line(&secret));
        expect_refused(&git(&repo, &["commit", "-qm", "name"]), &secret);
        repo.git(["reset", "-q", "--hard"]);
    }
    // A rename with one more line.
    let long = "one of many lines\n".repeat(200);
    repo.file("old.txt", &long);
    expect_passed(&git(&repo, &["commit", "-qm", "long"]));
    repo.git(["mv", "old.txt", "new.txt"]);
    repo.file("new.txt", format!("{long}{}", line(&secret)));
    expect_refused(&git(&repo, &["commit", "-qm", "renamed"]), &secret);
    repo.git(["reset", "-q", "--hard"]);
    // A change of mode of a file that holds no secret passes; one that brings a secret along does not.
    repo.git(
        ["update-index", "--chmod=+x", "new.txt"].map(|arg| if arg == "new.txt" { "old.txt" } else { arg }),
    );
    expect_passed(&git(&repo, &["commit", "-qm", "mode"]));
    repo.file("old.txt", line(&secret)).git(["update-index", "--chmod=-x", "old.txt"]);
    expect_refused(&git(&repo, &["commit", "-qm", "mode and more"]), &secret);
}

#[test]
fn emptying_a_tree_is_no_reason_to_refuse() {
    let environment = environment();
    let repo = gated(&environment, "work");
    repo.git(["rm", "-q", "README"]);
    expect_passed(&git(&repo, &["commit", "-qm", "empty"]));
    assert_eq!(repo.git(["ls-tree", "HEAD"]), "");
    expect_passed(&git(&repo, &["commit", "-q", "--allow-empty", "-m", "still empty"]));
    let secret = fake::github_pat(3003);
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "no more"]), &secret);
}

#[test]
fn a_linked_worktree_has_the_same_gates() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3004));
    let linked = repo.worktree_add("linked");
    linked.file("a.txt", line(&secret));
    expect_refused(&git(&linked, &["commit", "-qm", "in a worktree"]), &secret);
    linked.git(["reset", "-q", "--hard"]);
    linked.file("a.txt", "harmless\n");
    expect_passed(&git(&linked, &["commit", "-qm", "in a worktree"]));
}

#[test]
fn a_submodule_has_gates_of_its_own() {
    let environment = environment();
    let (outer, secret) = (gated(&environment, "outer"), fake::github_pat(3005));
    let inner = crate::scanning::started(&environment, "inner");
    outer.submodule_add(&inner, "sub");
    expect_passed(&git(&outer, &["commit", "-qm", "submodule"]));
    let sub = TestRepo::open(&environment, outer.file_path("sub"));
    drop(sub.unleak(["install"]).expect_code(0));
    sub.file("a.txt", line(&secret));
    expect_refused(&git(&sub, &["commit", "-qm", "in the submodule"]), &secret);
    // The outer repository holds only the commit's id.
    slip(&sub, "slipped");
    outer.git(["add", "sub"]);
    expect_passed(&git(&outer, &["commit", "-qm", "bump"]));
}

#[test]
fn messages_come_through_the_gate() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3006));
    expect_refused(&git(&repo, &["commit", "-q", "--allow-empty", "-m", &format!("use {secret}")]), &secret);
    // Nobody edits it, so git keeps a comment, and what stands below scissors.
    let message = format!("fine\n\n# {secret}");
    expect_refused(&git(&repo, &["commit", "-q", "--allow-empty", "-m", &message]), &secret);
    let message =
        format!("fine\n\n# ------------------------ >8 ------------------------\n# x\ndiff --git\n{secret}");
    expect_refused(&git(&repo, &["commit", "-q", "--allow-empty", "-m", &message]), &secret);
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "1");
}

#[test]
fn the_diff_below_a_verbose_message_is_no_message() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3007));
    repo.file("a.txt", line(&secret));
    slip(&repo, "there already");
    // Taking a secret out shows it in the diff, and must be possible.
    repo.file("a.txt", "gone\n");
    let editor = environment.write(
        "editor.sh",
        "#!/bin/sh\nprintf 'taken out\\n' | cat - \"$1\" > \"$1.new\" && mv \"$1.new\" \"$1\"\n",
    );
    drop(environment.git_output(&environment.path("."), ["--version"], &[], b""));
    let editor = format!("sh {}", editor.display());
    let output = environment.git_output(
        repo.path(),
        ["commit", "-q", "--verbose"],
        &[("GIT_EDITOR", OsStr::new(&editor))],
        b"",
    );
    expect_passed(&output);
    assert_eq!(repo.git(["log", "-1", "--format=%s"]), "taken out");
}

#[test]
fn a_merge_is_compared_with_all_its_parents() {
    let environment = environment();
    let repo = gated(&environment, "work");
    let (theirs, evil, published) = (fake::github_pat(3008), fake::github_pat(3009), fake::github_pat(3010));
    // What the remote has is no news, however it comes in.
    repo.branch("published").file("published.txt", line(&published));
    slip(&repo, "published long ago");
    repo.git(["push", "--quiet", "--no-verify", "origin", "published"]);
    repo.switch("main").file("main.txt", "main\n");
    expect_passed(&git(&repo, &["commit", "-qm", "main goes on"]));
    expect_passed(&git(&repo, &["merge", "-q", "--no-edit", "published"]));
    // A branch that nobody has yet is.
    repo.branch("topic").file("theirs.txt", line(&theirs));
    slip(&repo, "leak");
    repo.git(["rm", "-q", "theirs.txt"]);
    slip(&repo, "taken out again");
    repo.switch("main").file("more.txt", "more\n");
    expect_passed(&git(&repo, &["commit", "-qm", "main goes on"]));
    expect_refused(&git(&repo, &["merge", "-q", "--no-edit", "topic"]), &theirs);
    repo.git(["merge", "--abort"]);
    // What the merge itself adds is, too.
    repo.branch("clean").file("clean.txt", "clean\n");
    expect_passed(&git(&repo, &["commit", "-qm", "clean"]));
    repo.switch("main").file("again.txt", "again\n");
    expect_passed(&git(&repo, &["commit", "-qm", "main goes on"]));
    repo.merge_without_commit("clean").file("evil.txt", line(&evil));
    expect_refused(&git(&repo, &["commit", "-qm", "evil merge"]), &evil);
    repo.git(["rm", "-q", "-f", "evil.txt"]);
    expect_passed(&git(&repo, &["commit", "-qm", "merge"]));
}

#[test]
fn what_the_gate_lets_through_it_does_so_silently() {
    let environment = environment();
    let repo = gated(&environment, "work");
    repo.file("a.txt", "harmless\n");
    let output = hook(&repo, &["pre-commit"], &[], b"").expect_code(0);
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{}", output.describe());
}

#[test]
fn a_configuration_that_the_commit_weakens_does_not_count_yet() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3011));
    repo.file(".gitleaks.toml", "[extend]\nuseDefault = true\n[allowlist]\npaths = ['a']\n");
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "weaker"]), &secret);
}
