//! `unleak fix --unpushed` from outside: the leak that was caught before the push, and the one that was not.

use unleak_testkit::{RepoState, TestEnvironment, TestRepo, fake};

use crate::scanning::environment;

/// A repository whose first commit a remote has.
fn pushed<'e>(environment: &'e TestEnvironment, remote: &TestRepo<'_>, name: &str) -> TestRepo<'e> {
    let repo = TestRepo::init(environment, name);
    repo.file("a", "clean\n").commit("base");
    repo.git(["remote", "add", "origin", &remote.path().display().to_string()]);
    repo.git(["push", "--quiet", "--set-upstream", "origin", "main"]);
    repo
}

#[test]
fn a_leak_that_was_caught_before_the_push_needs_no_force() {
    let environment = environment();
    let remote = TestRepo::init_bare(&environment, "remote");
    let repo = pushed(&environment, &remote, "unpushed");
    let (base, secret) = (repo.id("HEAD"), fake::github_pat(3));
    repo.file("clean", "nothing").commit("innocent");
    let innocent = repo.id("HEAD");
    repo.file(".env", format!("GITHUB_TOKEN={secret}\n")).commit("leak");
    repo.file("b", "after").commit("after");
    repo.git(["branch", "side", "HEAD~1"]);
    let before = RepoState::capture(&repo);
    let output = repo.unleak(["fix", "--unpushed"]).expect_code(0);
    let text = output.stdout_text();
    assert!(text.contains("proved") && text.contains("push as usual") && !text.contains(&secret), "{text}");
    for name in ["HEAD", "side"] {
        assert!(!repo.git(["log", "-p", name]).contains(&secret), "{name}");
    }
    assert_eq!((repo.id("HEAD~2"), repo.id("origin/main")), (innocent, base), "what is clean keeps its id");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    drop(repo.unleak(["undo"]).expect_code(0));
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
    drop(repo.unleak(["fix", "--unpushed"]).expect_code(0));
    repo.git(["push", "--quiet", "origin", "main"]);
    assert_eq!(remote.git(["rev-parse", "main"]), repo.id("HEAD"));
    let again = repo.unleak(["fix", "--unpushed"]).expect_code(0);
    assert!(again.stdout_text().contains("No new secret"), "{}", again.stdout_text());
}

#[test]
fn a_leak_that_was_pushed_is_refused_and_nothing_changes() {
    let environment = environment();
    let remote = TestRepo::init_bare(&environment, "remote");
    let repo = pushed(&environment, &remote, "too-late");
    let secret = fake::github_pat(3);
    repo.file(".env", format!("GITHUB_TOKEN={secret}\n")).commit("leak");
    repo.git(["push", "--quiet"]);
    // What is pushed is no business of this command, until the same secret is written again.
    drop(repo.unleak(["fix", "--unpushed"]).expect_code(0));
    repo.file("again", format!("token = \"{secret}\"\n")).commit("again");
    let before = RepoState::capture(&repo);
    let output = repo.unleak(["fix", "--unpushed", "--search-pushed"]).expect_code(2);
    let error = output.stderr_text();
    assert!(error.contains("refs/remotes/origin/main") && error.contains("rotate"), "{error}");
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
    // Not searched, and not said to be clean.
    let output = repo.unleak(["fix", "--unpushed"]).expect_code(0);
    let text = output.stdout_text();
    assert!(text.contains("was not searched") && !text.contains("nobody has seen it"), "{text}");
    assert_eq!(repo.git(["show", "HEAD:again"]), "token = \"***REMOVED***\"");
}

#[test]
fn what_is_staged_and_what_reflogs_lead_to_is_not_forgotten() {
    let environment = environment();
    let remote = TestRepo::init_bare(&environment, "remote");
    let repo = pushed(&environment, &remote, "around");
    let secret = fake::github_pat(3);
    repo.file(".env", format!("GITHUB_TOKEN={secret}\n")).commit("leak");
    repo.annotated_tag("v1", "HEAD", "first");
    repo.file(".env", "GITHUB_TOKEN=\n").amend("amended");
    repo.file("b", format!("key = \"{secret}\"\n")).stash("work");
    repo.file("c", "after").commit("after");
    let reached = |repo: &TestRepo<'_>| repo.git(["log", "-p", "--all", "--reflog", "-m"]).contains(&secret);
    assert!(reached(&repo));
    drop(repo.unleak(["fix", "--unpushed"]).expect_code(0));
    assert!(!reached(&repo), "{}", repo.git(["log", "-p", "--all", "--reflog", "-m"]));
    drop(repo.unleak(["undo"]).expect_code(0));
    assert!(reached(&repo));
    // What is staged alone is in no commit: the proof says so.
    repo.file("staged", format!("another = {secret}\n"));
    let output = repo.unleak(["fix", "--unpushed"]).expect_code(1);
    assert!(output.stdout_text().contains("the index has it at staged"), "{}", output.stdout_text());
}

#[test]
fn without_a_remote_nothing_is_pushed_and_without_a_mode_nothing_is_done() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "alone");
    let secret = fake::github_pat(3);
    repo.file(".env", format!("GITHUB_TOKEN={secret}\n")).commit("leak");
    drop(repo.unleak(["fix"]).expect_code(2));
    assert!(repo.git(["log", "-p"]).contains(&secret));
    drop(repo.unleak(["fix", "--unpushed"]).expect_code(0));
    assert!(!repo.git(["log", "-p"]).contains(&secret));
}
