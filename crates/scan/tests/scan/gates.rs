//! What is staged and what a range brings in, against the same computed from lists that git makes.

use std::collections::BTreeSet;

use unleak_scan::Selection;
use unleak_testkit::{TestEnvironment, TestRepo, fake, random_history};

use crate::brute::{Brute, Pairs};
use crate::engine::{in_files, range, scan};

#[test]
fn a_range_is_what_its_commits_have_and_no_parent_had() {
    let environment = TestEnvironment::new();
    for seed in 30..33 {
        let repo = random_history(&environment, &format!("r{seed}"), seed, 60).repo;
        let commits = repo.log(&["--all"]);
        let mut brute = Brute::new(&repo);
        let middle = commits[commits.len() / 2].as_str();
        let mut found = 0;
        for (include, exclude) in [
            (vec!["main", "side"], vec![]),
            (vec!["main"], vec!["main~10"]),
            (vec!["main", "topic/deep"], vec![middle]),
            (vec!["side"], vec!["main"]),
        ] {
            let not: Vec<_> = exclude.iter().map(|name| format!("^{name}")).collect();
            let args: Vec<&str> = include.iter().copied().chain(not.iter().map(String::as_str)).collect();
            let expected = brute.introduced(&repo.log(&args));
            found += expected.len();
            for threads in [1, 3] {
                let outcome = scan(&repo, &range(&repo, &include, &exclude), threads);
                assert_eq!(in_files(&outcome), expected, "{args:?}");
            }
        }
        assert!(found > 8);
    }
}

#[test]
fn an_evil_merge_is_found_and_an_honest_one_is_not_blamed() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("f", format!("{}\n", fake::github_pat(1))).commit("base");
    repo.branch("side").file("s", format!("{}\n", fake::github_pat(2))).commit("side");
    repo.switch("main").file("m", "text").commit("main");
    repo.merge_without_commit("side");
    repo.file("s", format!("{}\n{}\n", fake::github_pat(2), fake::github_pat(3)));
    let merge = repo.commit("evil");
    let outcome = scan(&repo, &range(&repo, &["HEAD"], &["HEAD^1", "HEAD^2"]), 1);
    assert_eq!(in_files(&outcome), Brute::new(&repo).introduced(&[merge]));
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.stats.unchanged, 1);
}

#[test]
fn staged_is_what_the_index_has_and_head_had_not() {
    let environment = TestEnvironment::new();
    let repo = random_history(&environment, "r", 40, 40).repo;
    let secret = |seed| format!("key {}\n", fake::github_pat(seed));
    repo.file("old", secret(1)).file("moved", secret(2)).file(".env", "API_URL=x\n").commit("base");
    repo.file("old", secret(1) + &secret(3)).file("new/.env", format!("API_KEY={}\n", fake::password(4)));
    repo.git(["mv", "moved", "elsewhere"]);
    repo.stage_only("not/on/disk", secret(5))
        .write("not staged", secret(6))
        .intend_to_add("promised", secret(7));
    repo.git(["update-index", "--chmod=+x", "old"]);
    let mut brute = Brute::new(&repo);
    let mut expected = Pairs::new();
    let listed = repo.git(["diff", "--cached", "--no-renames", "--raw", "--abbrev=40", "-z"]);
    let fields: Vec<_> = listed.split_terminator('\0').collect();
    for pair in fields.chunks(2) {
        let ([entry, path], parts) = ([pair[0], pair[1]], pair[0].split(' ').collect::<Vec<_>>());
        assert_eq!(parts.len(), 5, "{entry}");
        let null = |id: &str| id.bytes().all(|digit| digit == b'0');
        if !null(parts[3]) {
            let old = if null(parts[2]) { BTreeSet::new() } else { brute.blob(parts[2], path) };
            let new = &brute.blob(parts[3], path) - &old;
            expected.extend(new.into_iter().map(|found| (path.to_owned(), found)));
        }
    }
    assert!(expected.len() >= 4, "{expected:?}");
    let staged = Selection { staged: true, ..Selection::default() };
    for threads in [1, 2] {
        let outcome = scan(&repo, &staged, threads);
        assert!(outcome.coverage.is_complete());
        assert_eq!(in_files(&outcome), expected);
    }
}
