//! `unleak push` from outside: exactly the changed refs, each with a lease; nothing of others is ever lost.

use std::path::PathBuf;

use unleak_testkit::{Output, TestEnvironment, TestRepo, fake};

use crate::scanning::environment;

/// A leak on `main`, below two tags and a branch that is deleted locally; another branch is clean. All of it is pushed.
pub(crate) fn leaked<'e>(environment: &'e TestEnvironment, name: &str) -> (TestRepo<'e>, TestRepo<'e>) {
    let repo = TestRepo::init(environment, name);
    repo.file("a", "clean\n").commit("base");
    repo.git(["branch", "clean"]);
    repo.file(".env", format!("GITHUB_TOKEN={}\n", fake::github_pat(3))).commit("leak");
    repo.annotated_tag("v1", "HEAD", "first");
    repo.tag("light", "HEAD");
    repo.file("a", "clean\nmore\n").commit("more");
    repo.git(["branch", "topic"]);
    let server = repo.push_to_new_origin(&format!("{name}-server"), &["--all"]);
    repo.git(["push", "--quiet", "origin", "--tags"]);
    repo.git(["fetch", "--quiet", "origin"]);
    repo.git(["branch", "-D", "topic"]);
    (repo, server)
}

/// The history is rewritten; nothing is pushed.
pub(crate) fn rewritten<'e>(environment: &'e TestEnvironment, name: &str) -> (TestRepo<'e>, TestRepo<'e>) {
    let (repo, server) = leaked(environment, name);
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    (repo, server)
}

pub(crate) fn refs(repo: &TestRepo<'_>) -> String {
    repo.git(["for-each-ref", "--format=%(refname) %(objectname)"])
}

pub(crate) fn text_of_everything_reachable(repo: &TestRepo<'_>) -> String {
    let objects = repo.git(["rev-list", "--objects", "--all", "--no-object-names"]);
    repo.git_with_input(["cat-file", "--batch"], format!("{objects}\n"))
}

pub(crate) fn fails(output: Output, says: &[&str]) {
    let output = output.expect_code(2);
    let text = output.stderr_text();
    for words in says {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.contains("hint: "), "{text}");
}

#[test]
fn exactly_what_changed_is_replaced() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "exact");
    let (before, clean) = (refs(&server), server.id("clean"));
    let output = repo.unleak(["push", "--dry-run"]).expect_code(0);
    let text = output.stdout_text();
    assert!(
        text.contains("4 refs to replace, 1 stay as they are") && text.contains("git push --atomic"),
        "{text}"
    );
    assert!(!text.contains("--force ") && !text.contains("--mirror") && !text.contains(" +"), "{text}");
    let printed = repo.unleak(["push", "--print"]).expect_code(0).stdout_text();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    fails(repo.unleak(["push"]), &["nothing was pushed", "--yes"]);
    assert_eq!(refs(&server), before, "nothing of that has changed anything");

    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("Replaced 4 refs at once"), "{text}");
    assert_eq!(server.id("main"), repo.id("main"));
    assert_eq!(server.id("topic"), repo.id("main"), "a branch that is only there follows, too");
    assert_eq!(server.git(["rev-parse", "v1"]), repo.git(["rev-parse", "v1"]), "the tag object itself");
    assert_eq!(server.id("clean"), clean);
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
    assert_eq!(repo.git(["for-each-ref", "refs/unleak"]), "", "no lease is left");
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("0 refs to replace"), "a second time there is nothing to do: {text}");
}

#[test]
fn the_printed_command_does_the_same() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "printed");
    let command = repo.unleak(["push", "--print"]).expect_code(0).stdout_text();
    let script = environment.write("push.sh", command);
    drop(environment.script(&script, repo.path(), &[]));
    assert_eq!(server.id("main"), repo.id("main"));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
}

#[test]
fn a_branch_pruned_to_nothing_is_deleted() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "deleted");
    repo.git([
        "push",
        "--quiet",
        "origin",
        &format!("{}:refs/odd/blob", repo.git(["rev-parse", "main:.env"])),
    ]);
    repo.git(["update-ref", "refs/odd/blob", "main:.env"]);
    let blob = repo.git(["rev-parse", "main:.env"]);
    drop(repo.unleak(["rewrite", "--blob", &blob, "--apply", "--backup", "none"]).expect_code(0));
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("-> deleted"), "{text}");
    assert!(!refs(&server).contains("refs/odd"), "{}", refs(&server));
}

#[test]
fn what_a_colleague_pushed_meanwhile_survives_and_is_rewritten() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "meanwhile");
    let other = server.clone_to("other");
    other.file("theirs", "work\n").commit("their work");
    other.file(".env", format!("GITHUB_TOKEN={}\nMORE=1\n", fake::github_pat(3))).commit("edits the leak");
    other.annotated_tag("theirs", "HEAD", "tagged");
    other.git(["push", "--quiet", "origin", "main", "theirs"]);
    other.git(["push", "--quiet", "origin", "HEAD:refs/heads/brand-new"]);
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    for words in ["Arrived since the rewrite", "their work", "Ada Author", "edits the leak"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    for branch in ["main", "brand-new", "theirs"] {
        assert_eq!(server.git(["show", &format!("{branch}:theirs")]), "work", "{branch}");
        assert_eq!(
            server.git(["show", &format!("{branch}:.env")]),
            "GITHUB_TOKEN=***REMOVED***\nMORE=1",
            "{branch}"
        );
    }
    assert_eq!(server.git(["log", "-1", "--format=%an %s", "main"]), "Ada Author edits the leak");
    assert_eq!(server.id("main~2"), repo.id("main"), "on top of what was rewritten here");
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
    server.git(["fsck", "--strict"]);
}

#[test]
fn what_arrived_is_rewritten_after_a_purge_too() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "purged");
    drop(repo.unleak(["purge", "--yes"]).expect_code(0));
    let other = server.clone_to("other");
    other.file("theirs", "work\n").commit("their work");
    other.git(["push", "--quiet", "origin", "main"]);
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.git(["show", "main:theirs"]), "work");
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
}

#[test]
fn refs_that_only_the_host_can_change_are_left_out_and_counted() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "hidden");
    let old = server.id("main");
    for name in ["refs/pull/1/head", "refs/merge-requests/2/head", "refs/own/1"] {
        server.git(["update-ref", name, &old]);
    }
    // Shown to those who fetch, not to those who push, under a name that nobody can know.
    server.git(["config", "receive.hideRefs", "refs/own"]);
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.id("main"), repo.id("main"));
    assert_eq!(server.id("refs/pull/1/head"), old);
    assert_eq!(server.id("refs/own/1"), old);
    let text = repo.unleak(["push", "--dry-run"]).expect_code(0).stdout_text();
    assert!(text.contains("2 refs lead to the old history and can only be changed by the host"), "{text}");
}

#[test]
fn a_server_without_atomic_pushes_gets_the_default_branch_last() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "plain");
    server.git(["config", "receive.advertiseAtomic", "false"]);
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("one by one, the default branch last"), "{text}");
    assert_eq!(server.id("main"), repo.id("main"));
}

#[test]
fn refusals_are_named_and_change_nothing() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "refused");
    let before = refs(&server);
    server.git(["config", "receive.denyNonFastForwards", "true"]);
    fails(repo.unleak(["push", "--yes"]), &["non-fast-forward", "receive.denyNonFastForwards false"]);
    server.git(["config", "receive.denyNonFastForwards", "false"]);
    hook(&server, "update", "case $1 in refs/tags/*) echo 'tags are protected' >&2; exit 1;; esac");
    fails(repo.unleak(["push", "--yes"]), &["hook declined", "tags are protected"]);
    hook(&server, "update", "");
    hook(&server, "pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1");
    fails(repo.unleak(["push", "--yes"]), &["pre-receive hook declined", "GH006"]);
    assert_eq!(refs(&server), before);
    hook(&server, "pre-receive", "");
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
}

/// Installs a hook of a server.
pub(crate) fn hook(server: &TestRepo<'_>, name: &str, script: &str) -> PathBuf {
    let path = server.git_dir().join("hooks").join(name);
    std::fs::create_dir_all(server.git_dir().join("hooks")).expect("a folder can be made");
    let text =
        if script.starts_with("#!") { script.to_owned() } else { format!("#!/bin/sh\n{script}\nexit 0\n") };
    std::fs::write(&path, text).expect("a hook can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a hook is ours");
    }
    path
}

#[test]
fn bad_input_is_named_and_nothing_changes() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "bad");
    let before = refs(&server);
    let (untouched, _) = leaked(&environment, "untouched");
    fails(untouched.unleak(["push", "--yes"]), &["has not been rewritten"]);
    fails(repo.unleak(["push", "--remote", "nowhere"]), &["no remote is called 'nowhere'", "origin"]);
    fails(repo.unleak(["push", "--remote", "/no/such/path"]), &["cannot be talked to"]);
    repo.git(["remote", "add", "second", "/no/such/path"]);
    fails(repo.unleak(["push"]), &["several remotes: origin, second", "--remote"]);
    fails(repo.unleak(["push", "--remote", "second", "--yes"]), &["'second' cannot be talked to"]);
    repo.git(["remote", "remove", "second"]);
    repo.git(["remote", "set-url", "--add", "--push", "origin", "/a"]);
    repo.git(["remote", "set-url", "--add", "--push", "origin", "/b"]);
    fails(repo.unleak(["push"]), &["go to 2 addresses"]);
    repo.git(["remote", "remove", "origin"]);
    fails(repo.unleak(["push"]), &["has no remote", "git remote add"]);
    assert_eq!(refs(&server), before);
}

#[test]
fn undone_there_is_nothing_to_push() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "undone");
    let before = refs(&server);
    drop(repo.unleak(["undo"]).expect_code(0));
    fails(repo.unleak(["push", "--yes"]), &["has not been rewritten"]);
    fails(repo.unleak(["ban"]), &["nothing to ban"]);
    assert_eq!(refs(&server), before);
}

#[test]
fn five_thousand_refs_are_replaced_at_once() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "many");
    let old = repo.id("main");
    let create = |from: usize| {
        (from..from + 2500)
            .map(|n| format!("create refs/heads/feature/number-{n} {old}\n"))
            .collect::<Vec<_>>()
            .concat()
    };
    server.git_with_input(["update-ref", "--stdin"], create(0));
    server.git_with_input(["update-ref", "--stdin"], create(2500));
    server.git(["pack-refs", "--all"]);
    // Five thousand reflogs are another test's business.
    repo.git(["config", "core.logAllRefUpdates", "false"]);
    repo.git(["fetch", "--quiet", "origin"]);
    repo.git(["pack-refs", "--all"]);
    // All or nothing: were they sent in parts, the hook would be called more than once.
    let calls = environment.path("calls");
    hook(&server, "pre-receive", &format!("grep -c . >> {}", calls.display()));
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("Replaced 5,004 refs at once"), "{text}");
    assert_eq!(std::fs::read_to_string(calls).unwrap(), "5004\n");
    let tips = server.git(["for-each-ref", "--format=%(objectname)", "refs/heads/feature"]);
    assert!(tips.lines().all(|id| id == repo.id("main")) && tips.lines().count() == 5000);
    assert_eq!(repo.git(["for-each-ref", "refs/unleak"]), "", "no lease is left");
}

#[test]
fn one_of_many_that_moved_stops_them_all_and_is_taken_in() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "many-moved");
    let old = repo.id("main");
    let create: Vec<String> =
        (0..600).map(|n| format!("create refs/heads/feature/number-{n} {old}\n")).collect();
    server.git_with_input(["update-ref", "--stdin"], create.concat());
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    let other = server.clone_to("other");
    other.git(["switch", "--quiet", "feature/number-7"]);
    other.file("theirs", "work\n").commit("their work");
    // The colleague is faster than the push: the hook lets their push in first, once.
    let once = environment.path("once");
    let push = format!(
        "[ -e {once} ] || {{ touch {once}; unset GIT_DIR GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES; git -C {other} push --quiet origin feature/number-7; }}",
        once = once.display(),
        other = other.path().display()
    );
    hook(&server, "pre-receive", &push);
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.git(["show", "feature/number-7:theirs"]), "work");
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
}
