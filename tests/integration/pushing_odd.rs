//! `unleak push` among odd servers, settings and addresses: what is planned is pushed, there and nowhere else, and what is
//! said of it is so.

use unleak_testkit::{TestRepo, fake};

use crate::pushing::{fails, hook, leaked, refs, rewritten, text_of_everything_reachable};
use crate::scanning::environment;

fn leak() -> String {
    format!("GITHUB_TOKEN={}\n", fake::github_pat(3))
}

#[test]
fn what_was_fetched_since_is_looked_at_too() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "fetched");
    let other = server.clone_to("other");
    // Nothing of that rests on the old history, and all of it holds what was removed from there.
    other.git(["switch", "--quiet", "-c", "again", "origin/clean"]);
    other.file("copy", leak()).commit("the same blob");
    other.file("copy", format!("{}more\n", leak())).commit("and another");
    other.annotated_tag("told", "origin/clean", &format!("use {}", leak().trim_end()));
    let blob = other.blob(format!("{}even more\n", leak()));
    other.git(["push", "--quiet", "origin", "again", "told", &format!("{blob}:refs/odd/blob")]);
    // An editor fetches by itself.
    repo.git(["fetch", "--quiet", "origin", "+refs/*:refs/fetched/*"]);
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("Arrived since the rewrite") && text.contains("the same blob"), "{text}");
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)), "{text}");
    assert_eq!(server.git(["show", "again:copy"]), "GITHUB_TOKEN=***REMOVED***\nmore");
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("0 refs to replace") && !text.contains("Arrived"), "a second time: {text}");
}

#[test]
fn what_others_made_and_needs_no_change_stays_as_it_is() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "fine");
    let other = server.clone_to("other");
    other.git(["switch", "--quiet", "-c", "fine", "origin/clean"]);
    other.file("theirs", "work\n").commit("nothing to hide");
    other.annotated_tag("fine-tag", "HEAD", "nothing");
    other.git(["push", "--quiet", "origin", "fine", "fine-tag"]);
    let (branch, tag) = (server.id("fine"), server.git(["rev-parse", "fine-tag"]));
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.id("fine"), branch);
    assert_eq!(server.git(["rev-parse", "fine-tag"]), tag);
}

/// Settings by which git pushes more than it is asked to, or refuses what a lease allows.
fn own_settings(repo: &TestRepo<'_>) {
    for (name, value) in [
        ("push.followTags", "true"),
        ("push.useForceIfIncludes", "true"),
        ("push.default", "matching"),
        ("remote.origin.mirror", "true"),
        ("remote.origin.push", "refs/heads/*:refs/heads/*"),
        ("remote.pushDefault", "elsewhere"),
    ] {
        repo.git(["config", name, value]);
    }
    // Of these the server knows nothing, and nobody has asked to publish them.
    repo.annotated_tag("private", "main", "not for others");
    repo.git(["branch", "private-branch", "main"]);
}

#[test]
fn settings_of_the_user_add_nothing_and_stop_nothing() {
    let environment = environment();
    for count in [0, 600] {
        let (repo, server) = leaked(&environment, &format!("settings-{count}"));
        let old = repo.id("main");
        let create = (0..count).map(|n| format!("create refs/heads/feature/number-{n} {old}\n"));
        server.git_with_input(["update-ref", "--stdin"], create.collect::<Vec<_>>().concat());
        drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
        own_settings(&repo);
        let names = |text: String| -> Vec<String> {
            text.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
        };
        let before = names(refs(&server));
        drop(repo.unleak(["push", "--yes"]).expect_code(0));
        assert_eq!(names(refs(&server)), before, "{count}");
        assert_eq!(server.id("main"), repo.id("main"), "{count}");
    }
}

#[test]
fn pushes_go_where_pushes_go_and_only_there() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "two");
    let mirror = server.clone_bare("mirror");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    let before = refs(&mirror);
    let (at, other) = (server.path().display().to_string(), mirror.path().display().to_string());
    // An address that is led on once more would be asked here and pushed to there.
    repo.git(["config", &format!("url.{other}.pushInsteadOf"), &at]);
    repo.git(["config", "remote.origin.pushurl", &at]);
    fails(repo.unleak(["push", "--yes"]), &["git would go to", "insteadOf"]);
    assert_eq!(refs(&mirror), before);
    repo.git(["config", "--unset", "remote.origin.pushurl"]);
    // Without a push address of its own, git leads pushes there, and so do we, all of it.
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains(&other), "{text}");
    assert_eq!(mirror.id("main"), repo.id("main"));
    assert_ne!(server.id("main"), repo.id("main"));
    repo.git(["config", "--remove-section", &format!("url.{other}")]);
    repo.git(["config", "url./no/such/place/.insteadOf", "short:"]);
    fails(repo.unleak(["push", "--yes", "--remote", "short:x"]), &["cannot be talked to"]);
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.id("main"), repo.id("main"));
}

#[test]
fn a_server_that_takes_half_of_it_is_not_said_to_have_taken_nothing() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "half");
    server.git(["config", "receive.advertiseAtomic", "false"]);
    hook(&server, "update", "case $1 in refs/heads/main) echo 'main is protected' >&2; exit 1;; esac");
    let output = repo.unleak(["push", "--yes"]);
    let text = output.stderr_text();
    fails(output, &["refused refs/heads/main", "3 of 4 refs have changed there"]);
    assert!(!text.contains("nothing has changed"), "{text}");
    hook(&server, "update", "");
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.id("main"), repo.id("main"));
}

#[test]
#[cfg(unix)]
fn a_connection_that_breaks_off_is_looked_at_again() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "broken");
    let before = refs(&server);
    // Before anything is written: git receive-pack, our parent, dies.
    hook(&server, "pre-receive", "kill -9 $PPID; sleep 1");
    fails(repo.unleak(["push", "--yes"]), &["did not take the push", "nothing has changed there"]);
    assert_eq!(refs(&server), before);
    hook(&server, "pre-receive", "");
    // After everything is written, but before it is said.
    hook(&server, "post-receive", "kill -9 $PPID; sleep 1");
    let text = repo.unleak(["push", "--yes"]).expect_code(0).stdout_text();
    assert!(text.contains("as planned"), "{text}");
    assert_eq!(server.id("main"), repo.id("main"));
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
}

#[test]
#[cfg(unix)]
fn interrupted_it_says_what_has_changed() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "interrupted");
    let before = refs(&server);
    // Ctrl-C reaches every program of the terminal: git, and unleak above it.
    hook(
        &server,
        "pre-receive",
        "up=$PPID; for n in 1 2 3 4 5; do p=$(ps -o ppid= -p $up | tr -d ' '); case $(ps -o comm= -p $p) in unleak*) kill -INT $p;; esac; up=$p; done; exit 1",
    );
    let output = repo.unleak(["push", "--yes"]).expect_code(130);
    assert!(output.stderr_text().contains("nothing has changed"), "{}", output.describe());
    assert_eq!(refs(&server), before);
    hook(&server, "pre-receive", "");
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    assert_eq!(server.id("main"), repo.id("main"));
}

#[test]
fn requests_that_were_never_fetched_are_not_called_unchanged() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "requests");
    let other = server.clone_to("other");
    other.file("theirs", "work\n").commit("on the old history");
    other.git(["push", "--quiet", "origin", "HEAD:refs/pull/7/head"]);
    let text = repo.unleak(["push", "--dry-run"]).expect_code(0).stdout_text();
    assert!(text.contains("1 ref of the host's own, never fetched here"), "{text}");
}

#[test]
fn a_repository_of_sha_256_goes_all_the_way() {
    let environment = environment();
    let repo = TestRepo::init_sha256(&environment, "wide");
    repo.file("a", "clean\n").commit("base");
    repo.file(".env", leak()).commit("leak");
    repo.annotated_tag("v1", "HEAD", "first");
    let server = environment.path("wide-server");
    environment.git(environment.root(), ["clone", "--quiet", "--bare", "wide", "wide-server"]);
    let server = TestRepo::open(&environment, server);
    repo.git(["remote", "add", "origin", server.path().to_str().unwrap()]);
    repo.git(["fetch", "--quiet", "origin"]);
    let clone = server.clone_to("wide-clone");
    clone.file("mine", "work\n").commit("mine");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    let script = repo.unleak(["ban", "--pre-receive"]).expect_code(0).stdout_text();
    hook(&server, "pre-receive", &script);
    let output = environment.git_output(clone.path(), ["push", "--force", "origin", "main"], &[], b"");
    assert!(output.expect_code(1).stderr_text().contains("unleak rejoin"));
    drop(repo.unleak(["probe"]).expect_code(1));
    drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    clone.git(["push", "--quiet", "origin", "main"]);
    assert_eq!(server.git(["show", "main:mine"]), "work");
    server.git(["gc", "--quiet", "--prune=now"]);
    drop(repo.unleak(["probe"]).expect_code(0));
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
}

#[test]
fn two_who_publish_maps_leave_both() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "maps");
    let stale = server.clone_to("stale");
    stale.file("mine", "work\n").commit("mine");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    // Somebody else, who never saw the old history, removes something more.
    let second = server.clone_to("second");
    drop(second.unleak(["rewrite", "--path", "a", "--apply", "--backup", "none"]).expect_code(0));
    drop(second.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    drop(stale.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    assert_eq!(stale.id("main~1"), server.id("main"));
    assert_eq!(stale.git(["show", "main:mine"]), "work");
}
