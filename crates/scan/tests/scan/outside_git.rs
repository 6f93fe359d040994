//! Files and folders without regard to git.

use unleak_scan::{Outcome, Progress, SkipReason, scan_files};
use unleak_testkit::{TestEnvironment, fake};

use crate::engine::{request, skipped};

fn scan(path: &std::path::Path) -> Outcome {
    let progress = Progress::default();
    scan_files(&request(2, &progress), path)
}

fn paths(outcome: &Outcome) -> Vec<String> {
    outcome.findings.iter().map(|finding| finding.path.to_string()).collect()
}

#[test]
fn only_git_folders_below_the_root_are_left_out_and_named() {
    let environment = TestEnvironment::new();
    for name in ["x/.git/hooks/a", "x/.git/hooks/.git/b", "x/sub/.git", "x/c"] {
        environment.write(name, fake::github_pat(1));
    }
    let root = environment.path("x");
    let outcome = scan(&root);
    assert_eq!(paths(&outcome), ["c", "sub/.git"]);
    assert_eq!(skipped(&outcome, SkipReason::Submodule), 1);
    let inside = scan(&root.join(".git"));
    assert_eq!(paths(&inside), ["hooks/a"]);
    assert_eq!(skipped(&inside, SkipReason::Submodule), 1);
    assert_eq!(paths(&scan(&root.join(".git/hooks"))), ["a"]);
}

#[test]
fn a_root_that_does_not_exist_is_not_clean() {
    let environment = TestEnvironment::new();
    assert!(!scan(&environment.path("nothing here")).coverage.is_complete());
}

#[cfg(unix)]
#[test]
fn a_device_that_was_asked_for_is_not_clean() {
    assert!(!scan(std::path::Path::new("/dev/null")).coverage.is_complete());
}

#[cfg(unix)]
#[test]
fn a_link_that_was_asked_for_is_followed_and_others_are_not() {
    use std::os::unix::fs::symlink;
    let environment = TestEnvironment::new();
    let file = environment.write("real/file", fake::github_pat(1));
    symlink(&file, environment.path("to-file")).unwrap();
    symlink(environment.path("real"), environment.path("to-folder")).unwrap();
    assert_eq!(scan(&environment.path("to-file")).findings.len(), 1);
    assert_eq!(paths(&scan(&environment.path("to-folder"))), ["file"]);
    std::fs::create_dir(environment.path("links")).unwrap();
    symlink("/dev/zero", environment.path("links/endless")).unwrap();
    symlink(&file, environment.path("links/file")).unwrap();
    symlink(fake::github_pat(2), environment.path("links/text")).unwrap();
    assert_eq!(paths(&scan(&environment.path("links"))), ["text"]);
}
