//! Where a secret comes from and how far it has travelled: introduced commit, reach, exposure. Git is the judge.

use unleak_testkit::{fake, random_history};

use crate::scanning::{Scan, environment, line, started};

#[test]
fn exposure_follows_a_secret_on_its_way() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(400));
    let exposure = || Scan::of(&repo, &[]).expect_code(1).one(&secret).exposure().to_owned();
    repo.write("a.txt", line(&secret));
    assert_eq!(exposure(), "worktree");
    repo.add("a.txt");
    assert_eq!(exposure(), "staged");
    repo.commit("oops");
    assert_eq!(exposure(), "committed");
    repo.push_to_new_origin("origin.git", &["main"]);
    assert_eq!(exposure(), "pushed");
    // Taking it out does not take it back.
    repo.remove("a.txt").commit("remove");
    repo.push(&["main"]);
    assert_eq!(exposure(), "pushed");
    // Not even when the branch is rewritten: the old tracking ref's reflog still knows, but no ref reaches it.
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&secret).list("/reach/remotes"), ["origin/main"]);
    assert!(!scan.one(&secret).reach("in_head"));
}

#[test]
fn pushed_and_unpushed_branches() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (both, local) = (fake::github_pat(401), fake::github_pat(402));
    repo.file("both.txt", line(&both)).commit("both");
    repo.push_to_new_origin("origin.git", &["main"]);
    repo.branch("topic").file("local.txt", line(&local)).commit("local");
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&both).exposure(), "pushed");
    assert_eq!(scan.one(&both).list("/reach/branches"), ["main", "topic"]);
    assert_eq!(scan.one(&local).exposure(), "committed");
    assert_eq!(scan.one(&local).list("/reach/branches"), ["topic"]);
    assert!(scan.one(&local).list("/reach/remotes").is_empty());
}

#[test]
fn same_secret_new_file_is_pushed_only_where_it_was() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(403));
    repo.file("a.txt", line(&secret)).commit("a");
    repo.push_to_new_origin("origin.git", &["main"]);
    repo.write("b.txt", line(&secret));
    let scan = Scan::of(&repo, &[]);
    let all: Vec<_> = scan.all(&secret).iter().map(|found| (found.path(), found.exposure())).collect();
    assert_eq!(all, [("a.txt", "pushed"), ("b.txt", "worktree")]);
}

#[test]
fn tags_and_branches_that_reach_it() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(404));
    repo.tag("before", "HEAD");
    repo.file("a.txt", line(&secret)).commit("oops");
    repo.tag("light", "HEAD").annotated_tag("noted", "HEAD", "release");
    repo.git(["branch", "kept"]);
    repo.remove("a.txt").commit("remove");
    repo.tag("after", "HEAD");
    repo.orphan("unrelated").file("u.txt", "u\n").commit("other root");
    repo.switch("main");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    // A ref that reaches the commit delivers the secret to whoever fetches it, removed or not.
    assert_eq!(found.list("/reach/branches"), ["kept", "main"]);
    assert_eq!(found.list("/reach/tags"), ["after", "light", "noted"]);
}

#[test]
fn reintroduced_after_removal() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(405));
    let first = repo.file("a.txt", line(&secret)).commit("in");
    repo.remove("a.txt").commit("out");
    repo.file("a.txt", line(&secret)).commit("in again");
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&secret).commit(), first);
    assert!(scan.one(&secret).reach("in_head"));
}

#[test]
fn cherry_picked_commits_are_both_named() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(406));
    repo.branch("topic");
    let first = repo.file("a.txt", line(&secret)).commit("topic");
    repo.switch("main").file("b.txt", "b\n").commit("main goes on");
    repo.git(["cherry-pick", "topic"]);
    let second = repo.id("HEAD");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!(found.commit(), first);
    let seen = found.0["appearances"].as_array().expect("a list");
    let commits: Vec<&str> = seen.iter().filter_map(|seen| seen["commit_id"].as_str()).collect();
    assert_eq!(commits, [first.as_str(), second.as_str()]);
}

#[test]
fn tag_on_a_tree_takes_no_commit_away() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(408));
    let commit = repo.file("a.txt", line(&secret)).commit("oops");
    repo.tag("tree", "HEAD^{tree}");
    let scan = Scan::of(&repo, &["--history"]);
    assert_eq!(scan.one(&secret).commit(), commit);
    assert_eq!(scan.one(&secret).list("/reach/tags"), ["tree"]);
}

#[test]
fn range_knows_exposure_and_reach_too() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (pushed, local) = (fake::github_pat(409), fake::github_pat(410));
    repo.file("pushed.txt", line(&pushed)).commit("pushed");
    repo.push_to_new_origin("origin.git", &["main"]);
    repo.file("local.txt", line(&local)).commit("local");
    let scan = Scan::of(&repo, &["--range", "HEAD~2..HEAD"]).expect_code(1);
    assert_eq!((scan.one(&pushed).exposure(), scan.one(&local).exposure()), ("pushed", "committed"));
    assert!(scan.one(&local).reach("in_head"));
    assert_eq!(scan.one(&local).list("/reach/branches"), ["main"]);
}

#[test]
fn author_date_and_subject_are_the_commits() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(407));
    repo.file("a.txt", line(&secret)).commit_as("Zoë Ödegård", "add the token\n\nlong story");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!((found.text("/author"), found.text("/subject")), ("Zoë Ödegård", "add the token"));
    assert!(found.text("/date").starts_with("2024-01-01"), "{:#}", found.0);
}

#[test]
fn introduced_commit_is_the_one_git_names() {
    let environment = environment();
    for seed in [1, 2, 3] {
        let history = random_history(&environment, &format!("random-{seed}"), seed, 150);
        let repo = &history.repo;
        let scan = Scan::of(repo, &["--history"]).expect_code(1).expect_complete();
        for planted in &history.planted {
            let all = scan.all(&planted.secret);
            let here = all.iter().find(|found| found.path() == planted.path);
            let here = here.unwrap_or_else(|| panic!("{planted:?} not found\n{}", scan.output.describe()));
            assert_eq!(here.commit(), planted.commit, "{planted:?}");
            for found in &all {
                let blob = format!("--find-object={}", found.text("/blob_id"));
                let by_blob = repo.log(&["--all", "-m", &blob, "--", found.path()]);
                assert!(!by_blob.is_empty(), "git does not know this blob at this path: {:#}", found.0);
                let pickaxe = format!("-S{}", planted.secret);
                let by_text = repo.log(&["--all", "--full-history", "-m", &pickaxe, "--", found.path()]);
                assert_eq!(Some(found.commit()), by_text.first().map(String::as_str), "{:#}", found.0);
                let branches =
                    repo.git(["branch", "--format=%(refname:short)", "--contains", found.commit()]);
                for branch in found.list("/reach/branches") {
                    let known =
                        !repo.log(&[&pickaxe, "--full-history", "-m", branch, "--", found.path()]).is_empty();
                    assert!(known, "{branch} does not reach it ({branches}): {:#}", found.0);
                }
                let head = repo.environment().git_output(
                    repo.path(),
                    ["grep", "--quiet", "-F", &planted.secret, "HEAD", "--", found.path()],
                    &[],
                    b"",
                );
                assert_eq!(found.reach("in_head"), head.code == Some(0), "{:#}", found.0);
            }
        }
    }
}
