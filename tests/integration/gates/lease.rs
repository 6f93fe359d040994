//! Forced pushes: over commits that nobody here has seen they are refused, with the command that asks first.

use super::{expect_passed, gated, git, slip};
use crate::scanning::environment;

#[test]
fn a_colleague_is_not_pushed_over() {
    let environment = environment();
    let mine = gated(&environment, "work");
    let origin = unleak_testkit::TestRepo::open(&environment, environment.path("work-origin"));
    let theirs = origin.clone_to("theirs");
    theirs.git(["switch", "-q", "-C", "main", "origin/main"]);
    theirs.file("theirs.txt", "theirs\n");
    let lost = slip(&theirs, "a colleague's work");
    theirs.git(["push", "-q", "origin", "main"]);
    mine.file("mine.txt", "mine\n");
    slip(&mine, "mine");
    // Unseen.
    let output = git(&mine, &["push", "-q", "--force", "origin", "main"]);
    assert!(output.code != Some(0), "{}", output.describe());
    assert!(output.mentions(&lost[..10]) && output.mentions("never seen"), "{}", output.describe());
    let leased = format!("git push --force-with-lease=refs/heads/main:{lost} origin");
    assert!(output.mentions(&leased), "{}", output.describe());
    assert_eq!(origin.id("refs/heads/main"), lost);
    // Here by accident, and still not where the remote was when it was fetched.
    mine.git(["fetch", "-q", theirs.path().to_str().expect("UTF-8"), "main"]);
    let output = git(&mine, &["push", "-q", "--force", "origin", "main"]);
    assert!(output.code != Some(0), "{}", output.describe());
    assert!(
        output.mentions("has moved since it was fetched") && output.mentions(&lost[..10]),
        "{}",
        output.describe()
    );
    assert_eq!(origin.id("refs/heads/main"), lost);
    // Fetched: whoever pushes now could know, and the push says what goes.
    mine.git(["fetch", "-q", "origin"]);
    let output = git(&mine, &["push", "-q", "--force", "origin", "main"]);
    expect_passed(&output);
    assert!(
        output.mentions("takes 1 commit away from refs/heads/main") && output.mentions(&lost[..10]),
        "{}",
        output.describe()
    );
    assert_eq!(origin.id("refs/heads/main"), mine.id("HEAD"));
}

#[test]
fn what_loses_nothing_is_no_forced_push() {
    let environment = environment();
    let repo = gated(&environment, "work");
    repo.file("a.txt", "a\n");
    slip(&repo, "on top");
    let output = git(&repo, &["push", "-q", "--force", "origin", "main"]);
    expect_passed(&output);
    assert!(!output.mentions("away"), "{}", output.describe());
    // Deleting a branch is said by its name.
    repo.git(["push", "-q", "origin", "main:refs/heads/gone"]);
    expect_passed(&git(&repo, &["push", "-q", "origin", ":gone"]));
}
