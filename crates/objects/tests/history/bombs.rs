//! Trees that unfold to more paths than anybody can list.

use unleak_objects::history::TooManyPaths;
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::brute;

/// A commit with a tree of `depth` levels, in which the same subtree stands under ten names. Returns the blob.
fn bomb(repo: &TestRepo<'_>, depth: usize) -> String {
    let blob = repo.blob("at the bottom");
    let mut line = format!("100644 blob {blob}");
    for _ in 0..depth {
        let entries: String = (0..10).map(|n| format!("{line}\t{n}\n")).collect();
        line = format!("040000 tree {}", repo.git_with_input(["mktree"], entries));
    }
    let tree = line.rsplit(' ').next().unwrap();
    let commit = repo.git(["commit-tree", "-m", "bomb", tree]);
    repo.git(["update-ref", "refs/heads/main", &commit]);
    blob
}

#[test]
fn many_paths_are_listed() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let blob = brute::id(&bomb(&repo, 4));
    let history = brute::history(&repo, [blob], &[], 1);
    assert_eq!(brute::presences(&history, &blob).len(), 10_000);
}

#[test]
fn too_many_paths_are_an_answer_not_the_end() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let blob = brute::id(&bomb(&repo, 20));
    for threads in [1, 3] {
        let history = brute::history(&repo, [blob], &[], threads);
        assert_eq!(history.presences(&blob), Err(TooManyPaths));
        let set = history.graph.reachable([0]);
        let (path, commit) = history.held_by(&set).place(&blob).unwrap();
        assert_eq!((path, commit), (["0"; 20].join("/").into(), 0));
    }
}
