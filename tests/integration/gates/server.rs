//! Gates of a server: pre-receive in its quarantine, update; and reference-transaction, which --no-verify does not skip.

use std::ffi::OsStr;

use unleak_testkit::{TestEnvironment, TestRepo, fake};

use super::{expect_passed, expect_refused, git, hook, slip};
use crate::scanning::{environment, line, started};

/// A repository, and the bare one it pushes to, which has a gate of its own.
fn served<'e>(environment: &'e TestEnvironment, name: &str) -> (TestRepo<'e>, TestRepo<'e>) {
    let repo = started(environment, "work");
    let origin = repo.push_to_new_origin("origin", &["main"]);
    drop(origin.unleak(["install", "--hook", name]).expect_code(0));
    (repo, origin)
}

#[test]
fn a_push_is_refused_out_of_quarantine() {
    let environment = environment();
    let (repo, origin) = served(&environment, "pre-receive");
    let secret = fake::github_pat(3200);
    repo.file("b.txt", "harmless\n");
    slip(&repo, "fine");
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    repo.branch("leaky").file("a.txt", line(&secret));
    let leak = slip(&repo, "leak");
    repo.git(["rm", "-q", "a.txt"]);
    slip(&repo, "taken out");
    // Loose objects in the quarantine, and a pack.
    for limit in ["1000", "1"] {
        origin.git(["config", "receive.unpackLimit", limit]);
        for args in
            [&["push", "-q", "origin", "leaky"][..], &["push", "-q", "origin", "main:refs/heads/x", "leaky"]]
        {
            expect_refused(&git(&repo, args), &secret);
        }
        // Nothing of it is left.
        let output = environment.git_output(origin.path(), ["cat-file", "-e", &leak], &[], b"");
        assert_ne!(output.code, Some(0), "{}", output.describe());
    }
}

#[test]
fn all_kinds_of_refs_reach_the_server_gate() {
    let environment = environment();
    let (repo, _) = served(&environment, "pre-receive");
    let [tag, name, content] = [3201, 3202, 3203].map(fake::github_pat);
    repo.annotated_tag("v1", "HEAD", &tag);
    expect_refused(&git(&repo, &["push", "-q", "origin", "v1"]), &tag);
    // git itself shows the name to whoever made it up.
    let output = git(&repo, &["push", "-q", "origin", &format!("main:refs/heads/{name}")]);
    assert!(output.code != Some(0) && output.mentions("(ref name)"), "{}", output.describe());
    let errors = output.stderr_text();
    let ours: Vec<&str> = errors.lines().filter(|line| line.starts_with("remote: ")).collect();
    assert!(!ours.is_empty() && !ours.iter().any(|line| line.contains(&name)), "{}", output.describe());
    repo.tag("blob", &repo.blob(line(&content)));
    expect_refused(&git(&repo, &["push", "-q", "origin", "blob"]), &content);
    expect_passed(&git(&repo, &["push", "-q", "origin", "main:refs/heads/other"]));
    expect_passed(&git(&repo, &["push", "-q", "origin", ":other"]));
}

#[test]
fn what_the_server_has_is_no_news_and_what_a_push_accepts_does_not_count() {
    let environment = environment();
    let repo = started(&environment, "work");
    let [old, new] = [3204, 3205].map(fake::github_pat);
    repo.file("old.txt", line(&old)).commit("old");
    let origin = repo.push_to_new_origin("origin", &["main"]);
    drop(origin.unleak(["install"]).expect_code(0));
    repo.file("b.txt", "harmless\n").commit("fine");
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    // Its own comment, and its own baseline.
    repo.file("new.txt", format!("token = {new} # unleak:allow mine\n"));
    repo.git(["commit", "-qm", "new"]);
    drop(repo.unleak(["baseline", "write", "--reason", "mine"]).expect_code(0));
    repo.git(["add", "."]);
    repo.git(["commit", "-qm", "accepted"]);
    expect_refused(&git(&repo, &["push", "-q", "origin", "main"]), &new);
}

#[test]
fn update_looks_at_one_ref() {
    let environment = environment();
    let (repo, origin) = served(&environment, "update");
    let secret = fake::github_pat(3206);
    repo.branch("leaky").file("a.txt", line(&secret));
    slip(&repo, "leak");
    let output = git(&repo, &["push", "-q", "origin", "main:refs/heads/fine", "leaky"]);
    expect_refused(&output, &secret);
    assert_eq!(origin.git(["for-each-ref", "--format=%(refname)"]), "refs/heads/fine\nrefs/heads/main");
}

#[test]
fn strict_refuses_what_skips_every_other_gate() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3207));
    drop(repo.unleak(["install", "--strict"]).expect_code(0));
    let before = repo.id("HEAD");
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-q", "--no-verify", "-m", "leak"]), &secret);
    assert_eq!(repo.id("HEAD"), before);
    // Nor by plumbing.
    let tree = repo.git(["write-tree"]);
    let commit = repo.git(["commit-tree", &tree, "-p", "HEAD", "-m", "leak"]);
    expect_refused(&git(&repo, &["branch", "leaky", &commit]), &secret);
    expect_refused(&git(&repo, &["tag", "leaky", &commit]), &secret);
    expect_refused(&git(&repo, &["update-ref", "refs/heads/main", &commit]), &secret);
    // A stash is nobody's, until it becomes a branch.
    expect_passed(&git(&repo, &["stash", "-q"]));
    expect_refused(&git(&repo, &["branch", "leaky", "stash@{0}"]), &secret);
    repo.git(["stash", "drop", "-q"]);
    repo.file("b.txt", "harmless\n");
    expect_passed(&git(&repo, &["commit", "-qm", "fine"]));
    expect_passed(&git(&repo, &["branch", "other"]));
    expect_passed(&git(&repo, &["branch", "-D", "other"]));
    expect_passed(&git(&repo, &["gc", "-q"]));
}

#[test]
fn a_deadline_is_a_refusal() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (old, new) = (repo.id("HEAD"), repo.file("b.txt", "harmless\n").commit("more"));
    repo.git(["update-ref", "refs/heads/main", &old]);
    let line = format!("{old} {new} refs/heads/main\n");
    // Passed before anything can have been looked at.
    let output = hook(&repo, &["pre-receive", "--deadline", "1ns"], &[], line.as_bytes()).expect_code(2);
    assert!(output.mentions("not everything was looked at within"), "{}", output.describe());
    drop(hook(&repo, &["pre-receive", "--deadline", "10m"], &[], line.as_bytes()).expect_code(0));
}

#[test]
fn a_quarantine_that_is_not_there_is_a_refusal() {
    let environment = environment();
    let repo = started(&environment, "work");
    let origin = repo.push_to_new_origin("origin", &["main"]);
    let new = repo.file("b.txt", "harmless\n").commit("more");
    let line = format!("{} {new} refs/heads/main\n", origin.id("main"));
    let output = hook(&origin, &["pre-receive"], &[], line.as_bytes()).expect_code(2);
    assert!(output.mentions("it is not known what comes") && output.mentions(&new), "{}", output.describe());
    let objects = repo.objects_dir();
    let variables = [("GIT_OBJECT_DIRECTORY", objects.as_os_str()), ("GIT_QUARANTINE_PATH", OsStr::new("x"))];
    drop(hook(&origin, &["pre-receive"], &variables, line.as_bytes()).expect_code(0));
    let main = origin.objects_dir();
    let variables = [
        ("GIT_OBJECT_DIRECTORY", main.as_os_str()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_os_str()),
    ];
    drop(hook(&origin, &["pre-receive"], &variables, line.as_bytes()).expect_code(0));
}

#[test]
fn what_a_rewrite_took_out_does_not_come_back() {
    let environment = environment();
    let (repo, origin) = served(&environment, "pre-receive");
    repo.file("dump.sql", "nothing that a rule knows\n");
    slip(&repo, "dump");
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    environment.git(environment.root(), ["clone", "-q", &origin.path().display().to_string(), "stale"]);
    let stale = TestRepo::open(&environment, environment.path("stale"));
    let rewrite = ["rewrite", "--path", "dump.sql", "--apply", "--backup", "none"];
    drop(repo.unleak(rewrite).expect_code(0));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    drop(repo.unleak(["ban", "--output", ".unleak-bans"]).expect_code(0));
    repo.git(["add", ".unleak-bans"]);
    slip(&repo, "bans");
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    let output = git(&stale, &["push", "-q", "origin", "main:refs/heads/again"]);
    assert!(output.code != Some(0) && output.mentions("unleak rejoin"), "{}", output.describe());
    assert_eq!(origin.git(["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
}
