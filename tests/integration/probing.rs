//! `unleak probe` from outside: what a remote still gives, whatever protocol it is asked by and whatever it lets people ask.

use unleak_testkit::TestRepo;

use crate::pushing::{fails, leaked, rewritten};
use crate::scanning::environment;

fn over_file(repo: &TestRepo<'_>, server: &TestRepo<'_>) {
    repo.git(["remote", "set-url", "origin", &format!("file://{}", server.path().display())]);
}

#[test]
fn the_truth_does_not_depend_on_what_the_user_has_git_speak() {
    let environment = environment();
    for version in ["0", "1", "2"] {
        for allowed in ["false", "true"] {
            let (repo, server) = rewritten(&environment, &format!("probe-{version}-{allowed}"));
            over_file(&repo, &server);
            repo.git(["config", "protocol.version", version]);
            server.git(["config", "uploadpack.allowAnySHA1InWant", allowed]);
            let text = repo.unleak(["probe"]).expect_code(1).stdout_text();
            assert!(text.contains("refs/heads/main leads to the old history"), "{text}");
            drop(repo.unleak(["push", "--yes"]).expect_code(0));
            // Nothing leads there any more; a stranger with git as it comes gets it all the same.
            let text = repo.unleak(["probe"]).expect_code(1).stdout_text();
            assert!(text.contains("blob that held a secret"), "{version} {allowed}: {text}");
            server.git(["reflog", "expire", "--expire=now", "--all"]);
            server.git(["gc", "--quiet", "--prune=now"]);
            let text = repo.unleak(["probe"]).expect_code(0).stdout_text();
            assert!(text.contains("None of") && !text.contains("not said"), "{version} {allowed}: {text}");
        }
    }
}

#[test]
fn what_is_asked_for_does_not_come_into_the_repository() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "quiet");
    over_file(&repo, &server);
    drop(repo.unleak(["push", "--yes"]).expect_code(0));
    drop(repo.unleak(["purge", "--yes"]).expect_code(0));
    let before = repo.git(["count-objects", "-v"]);
    drop(repo.unleak(["probe", "--all"]).expect_code(1));
    assert_eq!(repo.git(["count-objects", "-v"]), before);
}

#[test]
fn a_remote_that_cannot_be_asked_is_not_clean() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "gone");
    std::fs::rename(server.path(), environment.path("moved")).unwrap();
    fails(repo.unleak(["probe"]), &["cannot be talked to"]);
    let (untouched, _) = leaked(&environment, "untouched");
    fails(untouched.unleak(["probe"]), &["has not been rewritten"]);
}
