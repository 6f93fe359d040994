//! Ctrl-C: the scan ends soon, says what it covered, and leaves nothing behind.

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::{Duration, Instant};

use unleak_testkit::{Output, RepoState, TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, expect_no_panic, line, locks};

/// A repository that takes long to scan: distinct blobs whose every line looks like the beginning of a secret.
fn endless(environment: &TestEnvironment) -> TestRepo<'_> {
    let repo = TestRepo::init(environment, "endless");
    let anchors =
        ["gh", "p_", " AK", "IA sk_", "live_ xo", "xb- password = ${NONE} api_key: none\n"].concat();
    let body = anchors.repeat(1_000);
    let mut stream = String::from(
        "commit refs/heads/main\ncommitter C <c@project.test> 1704067200 +0000\ndata 5\nlarge\n",
    );
    for number in 0..2_400 {
        let content = format!("{number}\n{body}");
        let _ = write!(stream, "M 100644 inline {number}.txt\ndata {}\n{content}\n", content.len());
    }
    repo.fast_import(stream.as_bytes());
    repo
}

/// Interrupts a command once it is under way. Before it listens for the signal it would die of it like any program.
#[track_caller]
fn interrupted(environment: &TestEnvironment, repo: &TestRepo<'_>, args: &[&str]) -> Output {
    let mut running = environment.start_unleak(repo.path(), args);
    let start = Instant::now();
    // Where the kernel does not say, a moment must do.
    while running.listens() == Some(false) {
        assert!(start.elapsed() < Duration::from_mins(1), "it never listened for the signal");
        sleep(Duration::from_millis(2));
    }
    sleep(Duration::from_millis(30));
    assert!(running.is_running(), "the repository is too small for this test");
    let start = Instant::now();
    running.interrupt();
    let output = running.wait();
    assert!(start.elapsed() < Duration::from_secs(5), "it went on for {:?}", start.elapsed());
    output
}

#[test]
fn interrupted_scan_ends_with_130_and_leaves_nothing() {
    let environment = environment();
    let repo = endless(&environment);
    repo.git(["symbolic-ref", "HEAD", "refs/heads/empty"]);
    repo.write("a.txt", line(&fake::github_pat(1400)));
    let before = RepoState::capture_all(&repo);
    for args in
        [&["scan"][..], &["scan", "--history", "--jobs", "1"], &["scan", "--history", "--format", "json"]]
    {
        let output = interrupted(&environment, &repo, args);
        expect_no_panic(&output);
        assert_eq!(output.code, Some(130), "{}", output.describe());
        assert!(!output.mentions("No secrets found."), "{}", output.describe());
        if args.contains(&"json") {
            let json = output.json();
            assert_eq!(json["coverage"]["complete"], false);
            assert_eq!(json["coverage"]["interrupted"], true);
        } else {
            assert!(output.mentions("nterrupted"), "{}", output.describe());
        }
        assert_eq!(locks(repo.path()), Vec::<std::path::PathBuf>::new());
        before.expect_same(&RepoState::capture_all(&repo));
    }
}

#[test]
fn an_interrupted_plan_changes_nothing_and_ends_with_130() {
    let environment = environment();
    let repo = endless(&environment);
    repo.git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    let before = RepoState::capture_all(&repo);
    let output = interrupted(&environment, &repo, &["rewrite", "--all-findings"]);
    expect_no_panic(&output);
    assert_eq!(output.code, Some(130), "{}", output.describe());
    assert!(output.stderr_text().contains("nothing has changed"), "{}", output.describe());
    before.expect_same(&RepoState::capture_all(&repo));
}
