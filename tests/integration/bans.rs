//! What was removed does not come back: by refs that a clone or a host has kept, by tags, trees and copies.

use unleak_testkit::{Output, TestRepo, fake};

use crate::pushing::{hook, leaked, rewritten};
use crate::scanning::environment;

fn leak() -> String {
    format!("GITHUB_TOKEN={}\n", fake::github_pat(3))
}

fn push(clone: &TestRepo<'_>, args: &[&str]) -> Output {
    let args = [&["push", "origin"][..], args].concat();
    clone.environment().git_output(clone.path(), args, &[], b"")
}

#[track_caller]
fn refused(output: Output) {
    let output = output.expect_code(1);
    assert!(output.stderr_text().contains("unleak rejoin"), "{}", output.describe());
}

/// The rewritten history at a server whose main branch has the ban list, and a clone from before.
fn with_shared_list<'e>(
    environment: &'e unleak_testkit::TestEnvironment,
    name: &str,
) -> (TestRepo<'e>, TestRepo<'e>, TestRepo<'e>) {
    let (repo, server) = leaked(environment, name);
    let stale = server.clone_to(&format!("{name}-stale"));
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    drop(repo.unleak(["ban", "--output", ".unleak-bans"]).expect_code(0));
    repo.add(".unleak-bans").commit("ban list");
    repo.git(["push", "--quiet", "origin", "main"]);
    (repo, server, stale)
}

#[test]
fn what_a_clone_takes_for_the_remotes_is_no_excuse() {
    let environment = environment();
    let (_repo, _server, stale) = with_shared_list(&environment, "tracking");
    drop(stale.unleak(["install"]).expect_code(0));
    // One branch is fetched, and with it the list; another is still what it was when it was cloned.
    stale.git(["fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
    stale.git(["branch", "topic", "origin/topic"]);
    refused(push(&stale, &["--force", "topic"]));
    refused(push(&stale, &["origin/topic:refs/heads/other"]));
    stale.git(["switch", "--quiet", "-c", "merged", "origin/main"]);
    stale.git(["merge", "--quiet", "-s", "ours", "-m", "merge", "origin/topic"]);
    refused(push(&stale, &["merged"]));
    stale.git(["switch", "--quiet", "-c", "fine", "origin/main"]);
    stale.file("fine", "fine").commit("fine");
    stale.git(["push", "--quiet", "origin", "fine"]);
}

#[test]
fn gates_that_go_by_the_name_of_a_scan_consult_the_list_too() {
    let environment = environment();
    let (_repo, server, stale) = with_shared_list(&environment, "scans");
    let unleak = std::path::Path::new(env!("CARGO_BIN_EXE_unleak")).display().to_string();
    stale.git(["fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
    stale.git(["branch", "topic", "origin/topic"]);
    hook(&stale, "pre-push", &format!("#!/bin/sh\nexec '{unleak}' scan --pre-push \"$@\"\n"));
    refused(push(&stale, &["--force", "topic"]));
    refused(stale.unleak(["scan", "--ci", "--base", "origin/main", "--head", "topic"]));
    hook(&server, "pre-receive", &format!("#!/bin/sh\nexec '{unleak}' scan --pre-receive\n"));
    refused(push(&stale, &["--no-verify", "topic:refs/heads/other"]));
    stale.git(["switch", "--quiet", "-c", "fine", "origin/main"]);
    stale.file("fine", "fine").commit("fine");
    stale.git(["push", "--quiet", "origin", "fine"]);
}

#[test]
fn what_a_host_keeps_for_requests_is_no_excuse() {
    let environment = environment();
    let (repo, server, stale) = with_shared_list(&environment, "requests");
    let unleak = std::path::Path::new(env!("CARGO_BIN_EXE_unleak")).display().to_string();
    for (kind, script) in [
        ("shell", repo.unleak(["ban", "--pre-receive"]).expect_code(0).stdout_text()),
        ("unleak", format!("#!/bin/sh\nexec {unleak} hook pre-receive\n")),
    ] {
        server.git(["update-ref", "refs/merge-requests/1/head", &repo_old(&stale)]);
        server.git(["update-ref", "refs/keep-around/1", &repo_old(&stale)]);
        hook(&server, "pre-receive", &script);
        let output = push(&stale, &["--force", "main"]).expect_code(1);
        assert!(output.stderr_text().contains("unleak rejoin"), "{kind}: {}", output.describe());
        let output = push(&stale, &["main:refs/heads/again"]).expect_code(1);
        assert!(output.stderr_text().contains("unleak rejoin"), "{kind}: {}", output.describe());
    }
}

fn repo_old(stale: &TestRepo<'_>) -> String {
    stale.id("origin/main")
}

#[test]
fn tags_trees_renames_and_picks_are_looked_into() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "kinds");
    repo.file("a", "clean\n").commit("base");
    // The tag alone holds the secret: what it is about is clean and stays.
    repo.annotated_tag("told", "HEAD", &format!("use {}", leak().trim_end()));
    repo.file(".env", leak()).commit("leak");
    let server = repo.push_to_new_origin("kinds-server", &["--all"]);
    repo.git(["push", "--quiet", "origin", "--tags"]);
    let stale = server.clone_to("kinds-stale");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    let (tag, blob) = (stale.git(["rev-parse", "told"]), stale.id("main:.env"));
    let list = repo.unleak(["ban"]).expect_code(0).stdout_text();
    assert!(list.contains(&format!("tag {tag}\n")) && list.contains(&format!("blob {blob}\n")), "{list}");
    let script = repo.unleak(["ban", "--pre-receive"]).expect_code(0).stdout_text();
    let unleak = std::path::Path::new(env!("CARGO_BIN_EXE_unleak")).display().to_string();
    // Of this hook only the list is tried: every value is allowed.
    let own = format!("#!/bin/sh\nexec {unleak} hook pre-receive\n");
    std::fs::create_dir_all(server.git_dir().join("unleak")).unwrap();
    std::fs::write(server.git_dir().join("unleak/bans"), &list).unwrap();
    let tree = stale.git(["rev-parse", "main^{tree}"]);
    stale.git(["tag", "-a", "-m", "a tree", "tree", &tree]);
    stale.git(["tag", "-a", "-m", "a blob", "blob", &blob]);
    stale.git(["tag", "-a", "-m", "a tag", "nested", "told"]);
    stale.git(["fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
    stale.git(["switch", "--quiet", "-c", "picked", "origin/main~1"]);
    stale.git(["cherry-pick", "--no-gpg-sign", "main"]);
    stale.git(["mv", ".env", "renamed"]);
    stale.commit("renamed");
    for script in [&script, &own] {
        hook(&server, "pre-receive", script);
        for what in [
            "told:refs/tags/again",
            "nested:refs/tags/nested",
            "tree:refs/tags/tree",
            "blob:refs/tags/blob",
            "picked:refs/heads/picked",
            "picked:refs/notes/picked",
            &format!("{blob}:refs/odd/blob"),
            &format!("{tree}:refs/odd/tree"),
        ] {
            refused(push(&stale, &[what]));
        }
    }
    stale.git(["switch", "--quiet", "-c", "fine", "origin/main"]);
    stale.file("fine", "fine").commit("fine");
    stale.git(["push", "--quiet", "origin", "fine"]);
}

#[test]
fn shallow_clones_bring_nothing_back() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "shallow");
    let address = format!("file://{}", server.path().display());
    let clone = |depth: usize| {
        let name = format!("shallow-{depth}");
        let depth = format!("--depth={depth}");
        environment.git(environment.root(), ["clone", "--quiet", &depth, &address, &name]);
        TestRepo::open(&environment, environment.path(&name))
    };
    let clones = [clone(1), clone(2)];
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    let script = repo.unleak(["ban", "--pre-receive"]).expect_code(0).stdout_text();
    hook(&server, "pre-receive", &script);
    for clone in &clones {
        clone.file("mine", "work\n").commit("mine");
        refused(push(clone, &["HEAD:refs/heads/again"]));
        refused(push(clone, &["--force", "main"]));
    }
    server.git(["gc", "--quiet", "--prune=now"]);
    server.git(["config", "receive.shallowUpdate", "true"]);
    for clone in &clones {
        refused(push(clone, &["HEAD:refs/heads/again"]));
    }
}

#[test]
fn the_list_of_a_rewrite_of_a_rewrite_has_both() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "both");
    let first = repo.unleak(["ban"]).expect_code(0).stdout_text();
    drop(repo.unleak(["rewrite", "--path", "a", "--apply", "--backup", "none"]).expect_code(0));
    let both = repo.unleak(["ban"]).expect_code(0).stdout_text();
    for line in first.lines() {
        assert!(both.contains(line), "{line}");
    }
    drop(server);
}
