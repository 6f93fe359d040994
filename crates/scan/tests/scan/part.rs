//! A part of a repository: what is found of it is what the whole holds there, with git as the judge of where that is.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use unleak_findings::Medium;
use unleak_objects::repository::Pathspec;
use unleak_scan::{Outcome, Restriction, Selection, SkipReason};
use unleak_testkit::{RandomHistory, TestEnvironment, TestRepo, fake, random_history};

use crate::brute::{Brute, Pairs};
use crate::engine::{everything, findings, history, in_files, of, range, scan, skipped};

const REFS: [&str; 3] = ["refs/heads/main", "refs/heads/side", "refs/heads/topic/deep"];

const PATHS: [&[&str]; 8] = [
    &["src"],
    &["docs/", "deploy/a"],
    &["*-3*.txt"],
    &[":!src"],
    &["deploy/*/b/*.txt", ":!*renamed*"],
    &[":(glob)*/*.txt"],
    &[":(icase)SRC"],
    &["nowhere"],
];

fn only(refs: Option<&[&str]>, since: Option<i64>, paths: &[&str]) -> Restriction {
    Restriction {
        refs: refs.map(|refs| refs.iter().map(|name| (*name).into()).collect()),
        since,
        paths: (!paths.is_empty()).then(|| Pathspec::new(paths, Path::new(""), Path::new("/top")).unwrap()),
    }
}

fn part(selection: Selection, restriction: Restriction) -> Selection {
    Selection { restriction, ..selection }
}

/// The files of `commits` at `paths`, as git takes these.
fn at_paths(repo: &TestRepo<'_>, commits: &[String], paths: &[&str]) -> BTreeSet<String> {
    let nothing = repo.git(["hash-object", "-t", "tree", "/dev/null"]);
    let files = commits.iter().flat_map(|commit| {
        let args = ["diff", "--no-renames", "--name-only", "-z", &nothing, commit, "--"];
        let listed = repo.git(args.iter().chain(paths));
        listed.split_terminator('\0').map(str::to_owned).collect::<Vec<_>>()
    });
    files.collect()
}

/// What the slow way finds.
fn oracle(repo: &TestRepo<'_>, refs: &[&str], since: Option<i64>, paths: &[&str]) -> Pairs {
    let commits = repo.log(refs);
    let mut brute = Brute::new(repo);
    let pairs = if let Some(since) = since {
        let listed = repo.git(["log", "--format=%ct %H"].iter().chain(refs));
        let timed = listed.lines().map(|line| line.split_once(' ').unwrap());
        let late = timed.filter(|(time, _)| time.parse::<i64>().unwrap() >= since);
        let late: Vec<String> = late.map(|(_, commit)| commit.to_owned()).collect();
        brute.introduced(&late)
    } else {
        let files: BTreeSet<_> = commits.iter().flat_map(|commit| brute.files(commit)).collect();
        brute.pairs(files)
    };
    let asked_for = at_paths(repo, &commits, paths);
    pairs.into_iter().filter(|(path, _)| asked_for.contains(path)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_part_is_the_whole_filtered(
        seed in 1u64..1000,
        refs in proptest::option::of(proptest::sample::subsequence(&REFS[..], 1..=3)),
        minute in proptest::option::of(0i64..50),
        paths in proptest::option::of(proptest::sample::select(&PATHS[..])),
    ) {
        let environment = TestEnvironment::new();
        let RandomHistory { repo, .. } = random_history(&environment, "r", seed, 40);
        let existing = repo.git(["for-each-ref", "--format=%(refname)", "refs/heads"]);
        let refs: Option<Vec<&str>> =
            refs.map(|refs| refs.into_iter().filter(|name| existing.lines().any(|line| line == *name)).collect());
        let since = minute.map(|minute| 1_704_067_200 + minute * 60);
        let paths = paths.unwrap_or_default();
        let outcome = scan(&repo, &part(history(), only(refs.as_deref(), since, paths)), 2);
        prop_assert!(outcome.coverage.is_complete());
        let expected = match &refs {
            Some(refs) if refs.is_empty() => Pairs::new(),
            refs => oracle(&repo, refs.as_deref().unwrap_or(&["--all"]), since, paths),
        };
        prop_assert_eq!(in_files(&outcome), expected);
        if !paths.is_empty() {
            prop_assert!(outcome.findings.iter().all(|finding| finding.medium == Medium::File));
        }
    }
}

fn media(outcome: &Outcome, secrets: &[&String]) -> Vec<bool> {
    secrets.iter().map(|secret| !of(outcome, secret).is_empty()).collect()
}

#[test]
fn a_branch_has_its_files_messages_tags_and_name_and_nothing_else_has() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret: Vec<String> = (0..12).map(fake::github_pat).collect();
    repo.file("base", &secret[0]).commit("base");
    let branch = format!("topic-{}", secret[1]);
    repo.branch(&branch).file("f", &secret[2]).commit(&format!("says {}", secret[3]));
    repo.annotated_tag("v1", "HEAD", &secret[4]);
    repo.switch("main").file("g", &secret[5]).commit("other");
    repo.note("HEAD", &secret[6]);
    repo.tag(&format!("t-{}", secret[7]), "HEAD");
    repo.file("h", &secret[8]).commit("undone");
    repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    let blob = repo.blob(&secret[9]);
    repo.tag("blob", &blob);
    let all: Vec<&String> = secret.iter().take(10).collect();
    let whole = scan(&repo, &history(), 1);
    assert!(media(&whole, &all).iter().all(|found| *found));

    let topic = format!("refs/heads/{branch}");
    let of_branch = scan(&repo, &part(history(), only(Some(&[&topic]), None, &[])), 1);
    let expected = [true, true, true, true, false, false, false, false, false, false];
    assert_eq!(media(&of_branch, &all), expected);
    // What else reaches it is still said.
    let [finding] = of(&of_branch, &secret[0])[..] else { panic!("{of_branch:?}") };
    assert!(finding.reach.branches.iter().any(|name| name == "main") && finding.reach.in_head);

    let of_tag = scan(&repo, &part(history(), only(Some(&["refs/tags/v1"]), None, &[])), 1);
    let expected = [true, false, true, true, true, false, false, false, false, false];
    assert_eq!(media(&of_tag, &all), expected);

    let of_blob = scan(&repo, &part(history(), only(Some(&["refs/tags/blob"]), None, &[])), 1);
    assert_eq!(of_blob.findings.len(), 1);
    assert_eq!(media(&of_blob, &all[9..]), [true]);
}

#[test]
fn a_date_counts_what_was_added_then_and_what_has_no_date() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret: Vec<String> = (0..10).map(fake::github_pat).collect();
    repo.file("old", &secret[0]).commit(&format!("old {}", secret[1]));
    repo.annotated_tag("v1", "HEAD", &secret[2]);
    repo.file("old", format!("x\n{}\n", secret[0])).file("gone", &secret[3]).commit("old");
    repo.file("gone", "").commit("gone");
    let since = repo.file("new", &secret[4]).commit(&format!("new {}", secret[5]));
    let since = repo.git(["log", "-1", "--format=%ct", &since]).parse().unwrap();
    // The secret stays where it was: touched, not added.
    repo.file("old", format!("y\n{}\n", secret[0])).commit("touched");
    repo.file("gone", &secret[3]).commit("again");
    repo.file("other", &secret[0]).commit("elsewhere");
    repo.annotated_tag("v2", "HEAD~4", &secret[6]);
    let blob = repo.blob(&secret[7]);
    repo.tag("blob", &blob).tag(&format!("t-{}", secret[8]), "v1");
    let outcome = scan(&repo, &part(history(), only(None, Some(since), &[])), 1);
    let all: Vec<&String> = secret.iter().take(9).collect();
    assert_eq!(media(&outcome, &all), [true, false, false, true, true, true, true, true, true]);
    let places = |secret: &String| -> Vec<_> {
        of(&outcome, secret).iter().map(|finding| finding.path.to_string()).collect()
    };
    assert_eq!(places(&secret[0]), ["other"]);
    assert_eq!(outcome.stats.unchanged, 1);
    // The commit that brought it back, not the one that first had it.
    let [again] = of(&outcome, &secret[3])[..] else { panic!("{outcome:?}") };
    assert_eq!(again.introduced().unwrap().subject, "again");
    assert_eq!(again.appearances.len(), 1);
    assert!(again.reach.in_head);
}

#[test]
fn paths_hold_for_every_source_and_nothing_without_a_path_is_at_one() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret: Vec<String> = (0..12).map(fake::github_pat).collect();
    let first = repo.file("a/x", "x\n").commit("first");
    repo.file("a/committed", &secret[0]).file("b/committed", &secret[1]).commit(&secret[2]);
    repo.annotated_tag("v1", "HEAD", &secret[3]);
    repo.note("HEAD", &secret[4]).tag(&secret[5], "HEAD");
    repo.file("a/staged", &secret[6]).file("b/staged", &secret[7]);
    repo.write("a/untracked", &secret[8]).write("b/untracked", &secret[9]);
    let blob = repo.blob(&secret[10]);
    repo.tag("blob", &blob).blob(&secret[11]);
    let all: Vec<&String> = secret.iter().collect();
    let selection = Selection { all_objects: true, ..everything() };
    assert!(media(&scan(&repo, &selection, 1), &all).iter().all(|found| *found));
    let outcome = scan(&repo, &part(selection, only(None, None, &["a"])), 1);
    let expected = [0, 6, 8];
    let found: Vec<usize> = (0..12).filter(|&at| !of(&outcome, &secret[at]).is_empty()).collect();
    assert_eq!(found, expected);
    assert!(outcome.coverage.is_complete());

    let brought = part(range(&repo, &["HEAD"], &[&first]), only(None, None, &["a"]));
    let outcome = scan(&repo, &brought, 1);
    let found: Vec<usize> = (0..12).filter(|&at| !of(&outcome, &secret[at]).is_empty()).collect();
    assert_eq!(found, [0]);
}

#[test]
fn gaps_outside_of_the_part_do_not_make_it_incomplete() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("f", "base\n").commit("base");
    repo.branch("broken").file("lost", "lost\n").commit("lost");
    repo.remove_loose_object(&repo.id("HEAD:lost"));
    repo.switch("main");
    let missing = |refs: &[&str]| {
        let outcome = scan(&repo, &part(history(), only(Some(refs), None, &[])), 1);
        skipped(&outcome, SkipReason::Missing)
    };
    assert_eq!((missing(&["refs/heads/main"]), missing(&["refs/heads/broken"])), (0, 1));

    let whole = TestRepo::init(&environment, "whole");
    for number in 0..4 {
        whole.file("f", number.to_string()).commit("more");
    }
    let shallow = whole.clone_shallow("shallow", 2);
    let shallow_gaps = |since: i64| {
        let outcome = scan(&shallow, &part(history(), only(None, Some(since), &[])), 1);
        skipped(&outcome, SkipReason::Shallow)
    };
    let time = shallow.git(["log", "-1", "--format=%ct", "HEAD"]).parse::<i64>().unwrap();
    assert_eq!((shallow_gaps(time), shallow_gaps(0)), (0, 1));
}

#[test]
fn no_restriction_restricts_nothing() {
    let environment = TestEnvironment::new();
    let RandomHistory { repo, .. } = random_history(&environment, "r", 7, 60);
    let whole = findings(&scan(&repo, &history(), 1));
    let all = part(history(), only(None, Some(i64::MIN), &[]));
    // Versions in which a secret stays where it was are versions all the same.
    assert_eq!(findings(&scan(&repo, &all, 1)), whole);
}
