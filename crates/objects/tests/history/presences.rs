//! Every path and commit of every blob, and the short answers derived from the same index.

use unleak_objects::history::CommitSet;
use unleak_testkit::{Packing, TestEnvironment, TestRepo, random_history};

use crate::brute::{self, Places};
use crate::generated::generated;

/// Compares every blob of `repo`, and one that is nowhere.
fn assert_same_as_git(repo: &TestRepo<'_>) {
    let subtrees = repo.git(["for-each-ref", "--format=%(objectname)", "refs/tags/tree"]);
    let trees: Vec<_> = brute::ids(&subtrees).into_iter().collect();
    let expected = brute::places(repo, &trees);
    assert!(!expected.is_empty());
    let stray = brute::id(&repo.blob("nobody holds this"));
    for threads in [1, 2, 5] {
        let targets = expected.keys().copied().chain([stray]);
        let history = brute::history(repo, targets, &trees, threads);
        for (blob, places) in &expected {
            assert_eq!(&brute::presences(&history, blob), places, "blob {blob}, {threads} threads");
        }
        assert_eq!(brute::presences(&history, &stray), Places::new());
        // Asking for one alone gives the same.
        let (blob, places) = expected.last_key_value().unwrap();
        let alone = brute::history(repo, [*blob], &trees, threads);
        assert_eq!(&brute::presences(&alone, blob), places);
    }
}

#[test]
fn every_place_of_every_blob_is_the_one_git_lists() {
    let environment = TestEnvironment::new();
    let mut several = 0;
    for seed in 0..10 {
        let repo = generated(&environment, &format!("g{seed}"), seed, 60);
        repo.git(["tag", "tree/whole", "branch-0^{tree}"]);
        if repo.git(["ls-tree", "branch-0"]).contains("\tb\n") {
            repo.git(["tag", "tree/part", "branch-0:b"]);
        }
        let whole = brute::places(&repo, &[]);
        several += whole.values().filter(|places| places.len() > 3).count();
        assert_same_as_git(&repo);
    }
    assert!(several > 10, "the generator makes too little: {several}");
}

#[test]
fn every_place_is_found_however_objects_are_stored() {
    let environment = TestEnvironment::new();
    let repo = random_history(&environment, "r", 11, 60).repo;
    for packing in [Packing::Loose, Packing::One, Packing::DeltasById, Packing::WithoutDeltas] {
        assert_same_as_git(repo.repack(packing));
    }
    repo.file("late", "late").commit("late");
    assert_same_as_git(repo.repack(Packing::OneMore));
    assert_same_as_git(&repo.clone_borrowing("borrower"));
}

#[test]
fn what_some_commits_hold_is_what_their_presences_say() {
    let environment = TestEnvironment::new();
    for seed in 20..24 {
        let repo = generated(&environment, &format!("h{seed}"), seed, 50);
        let blobs: Vec<_> = brute::places(&repo, &[]).into_keys().collect();
        let history = brute::history(&repo, blobs.iter().copied(), &[], 2);
        let (mut yes, mut no) = (0, 0);
        for branch in repo.git(["for-each-ref", "--format=%(objectname)"]).lines() {
            let set = history.graph.reachable(history.graph.number(&brute::id(branch)));
            let held = history.held_by(&set);
            for blob in &blobs {
                let presences = history.presences(blob).unwrap();
                let expected = presences
                    .iter()
                    .any(|presence| presence.commits.iter().any(|&commit| set.contains(commit)));
                assert_eq!(held.holds(blob), expected);
                *(if expected { &mut yes } else { &mut no }) += 1;
                assert_eq!(held.place(blob).is_some(), expected);
                if let Some((path, commit)) = held.place(blob) {
                    let presence = presences.iter().find(|presence| presence.path == path).unwrap();
                    assert!(presence.commits.contains(&commit) && set.contains(commit));
                }
            }
        }
        assert!(yes > 0 && no > 0);
        let nothing = CommitSet::new(history.graph.len());
        assert!(blobs.iter().all(|blob| !history.held_by(&nothing).holds(blob)));
    }
}

#[test]
fn a_missing_tree_stands_where_its_commit_and_its_folder_say() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let commit = brute::id(&repo.file("a/b/c", "text").commit("one"));
    let (root, folder) = (repo.id("HEAD^{tree}"), repo.id("HEAD:a/b"));
    repo.remove_loose_object(&folder);
    let one = |path: &str| Places::from([(path.into(), [commit].into())]);
    let history = brute::history(&repo, [brute::id(&folder)], &[], 1);
    assert_eq!(brute::presences(&history, &brute::id(&folder)), one("a/b"));
    repo.remove_loose_object(&root);
    let history = brute::history(&repo, [brute::id(&root)], &[], 1);
    assert_eq!(brute::presences(&history, &brute::id(&root)), one(""));
    let set = history.graph.reachable(history.graph.number(&commit));
    assert_eq!(history.held_by(&set).place(&brute::id(&root)), Some(("".into(), 0)));
}
