//! Commits, their order and who descends from whom.

use std::collections::BTreeSet;

use unleak_objects::ObjectId;
use unleak_objects::history::{CommitNumber, Graph};
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::brute;
use crate::generated::generated;

fn numbers(graph: &Graph) -> impl Iterator<Item = CommitNumber> {
    0..u32::try_from(graph.len()).unwrap()
}

fn assert_same_as_git(repo: &TestRepo<'_>) {
    let history = brute::history(repo, [], &[], 1);
    let graph = &history.graph;
    let listed = repo.git(["rev-list", "--all", "--parents"]);
    assert_eq!(graph.len(), listed.lines().count());
    for line in listed.lines() {
        let mut ids = line.split(' ').map(brute::id);
        let commit = graph.number(&ids.next().unwrap()).unwrap();
        let parents: Vec<ObjectId> = graph.parents(commit).iter().map(|&parent| graph.id(parent)).collect();
        assert_eq!(parents, ids.collect::<Vec<_>>());
        assert!(graph.parents(commit).iter().all(|&parent| parent < commit), "parents come first");
        let time = repo.git(["log", "-1", "--format=%ct", &graph.id(commit).to_string()]);
        assert_eq!(graph.time(commit).to_string(), time);
    }
    let tips: Vec<_> = repo.git(["for-each-ref", "--format=%(objectname)"]).lines().map(brute::id).collect();
    for some in [&tips[..1], &tips[tips.len() / 2..], &tips] {
        let set = graph.reachable(some.iter().filter_map(|tip| graph.number(tip)));
        let found: BTreeSet<_> =
            numbers(graph).filter(|&at| set.contains(at)).map(|at| graph.id(at)).collect();
        let names: Vec<_> = some.iter().map(ToString::to_string).collect();
        assert_eq!(found, brute::ids(&repo.git(["rev-list".to_owned()].iter().chain(&names))));
    }
    // More sets than there is room for; the rest is left out.
    let sets: Vec<Vec<CommitNumber>> =
        (0..70).map(|at| vec![at % 5, at.min(u32::try_from(graph.len()).unwrap() - 1)]).collect();
    let masks = graph.descendants(&sets);
    for (bit, set) in sets.iter().enumerate().take(64).step_by(7) {
        let mut containing = BTreeSet::new();
        for &commit in set {
            let option = format!("--contains={}", graph.id(commit));
            containing.extend(brute::ids(&repo.git(["for-each-ref", "--format=%(objectname)", &option])));
        }
        for tip in &tips {
            let number = graph.number(tip).unwrap();
            assert_eq!(
                masks[number as usize] >> bit & 1 == 1,
                containing.contains(tip),
                "set {bit} and {tip}"
            );
        }
    }
    for threads in [2, 5] {
        let other = brute::history(repo, [], &[], threads);
        assert_eq!(
            format!("{:?}", numbers(&other.graph).map(|at| other.graph.id(at)).collect::<Vec<_>>()),
            format!("{:?}", numbers(graph).map(|at| graph.id(at)).collect::<Vec<_>>())
        );
    }
}

#[test]
fn parents_reach_and_descent_are_what_git_says() {
    let environment = TestEnvironment::new();
    let (mut octopuses, mut roots) = (0, 0);
    for seed in 40..44 {
        let repo = generated(&environment, &format!("g{seed}"), seed, 80);
        octopuses += repo.log(&["--all", "--min-parents=3"]).len();
        roots += repo.log(&["--all", "--max-parents=0"]).len();
        assert_same_as_git(&repo);
    }
    assert!(octopuses > 4 && roots > 8, "the generator makes too little: {octopuses}, {roots}");
}

#[test]
fn a_clock_that_runs_backwards_does_not_turn_the_order() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let mut stream = String::new();
    for mark in 1..=30 {
        let time = 2_000_000_000 - mark * 86_400;
        stream += &format!("commit refs/heads/main\nmark :{mark}\ncommitter C <c@t> {time} +0000\ndata 0\n");
    }
    repo.fast_import(stream.as_bytes());
    assert_same_as_git(&repo);
    let history = brute::history(&repo, [], &[], 1);
    let order: Vec<_> = numbers(&history.graph).map(|at| history.graph.id(at).to_string()).collect();
    assert_eq!(order, repo.log(&["--topo-order", "main"]));
}

#[test]
fn parents_cut_off_by_a_shallow_clone_are_missing_with_their_children() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    for n in 0..6 {
        repo.file("f", format!("{n}")).commit("more");
    }
    let shallow = repo.clone_shallow("shallow", 3);
    let history = brute::history(&shallow, [], &[], 1);
    let cut = brute::ids(&std::fs::read_to_string(shallow.git_dir().join("shallow")).unwrap());
    let missing: BTreeSet<_> =
        history.graph.missing_parents().iter().map(|(child, _)| history.graph.id(*child)).collect();
    assert_eq!((history.graph.len(), missing), (3, cut));
}

#[test]
fn tags_of_tags_lead_to_the_commit_in_the_end() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let commit = repo.file("f", "text").commit("one");
    repo.annotated_tag("first", "HEAD", "m");
    let second = repo.annotated_tag("second", "first", "m");
    let history = brute::history(&repo, [], &[], 1);
    assert_eq!(history.peeled(brute::id(&second)), brute::id(&commit));
    assert_eq!(history.peeled(brute::id(&commit)), brute::id(&commit));
}
