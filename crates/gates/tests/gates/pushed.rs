//! What a push brings, against `git rev-list`.

use std::collections::BTreeSet;

use gix_hash::ObjectId;
use unleak_gates::{RefUpdate, brought, known_to_remote, known_to_repository};
use unleak_objects::repository::{OpenOptions, Repository};
use unleak_testkit::{TestEnvironment, TestRepo, random_history};

pub(crate) fn id(hex: &str) -> ObjectId {
    ObjectId::from_hex(hex.as_bytes()).expect("an id")
}

pub(crate) fn open(repo: &TestRepo<'_>) -> Repository {
    Repository::open(repo.path(), OpenOptions::default()).expect("a repository")
}

pub(crate) fn update(name: &str, old: Option<&str>, new: Option<&str>) -> RefUpdate {
    RefUpdate { local: "local".into(), name: name.into(), old: old.map(id), new: new.map(id) }
}

fn rev_list(repo: &TestRepo<'_>, args: &[&str]) -> BTreeSet<ObjectId> {
    repo.git(["rev-list"].iter().chain(args)).lines().map(id).collect()
}

#[test]
fn the_commits_of_pushes_of_random_histories_are_gits() {
    let environment = TestEnvironment::new();
    let history = random_history(&environment, "random", 29, 80);
    let repo = &history.repo;
    let commits = repo.log(&["--all"]);
    for (number, (remote, tip)) in [(70, 3), (10, 60), (40, 41), (79, 0), (5, 5)].into_iter().enumerate() {
        repo.git(["update-ref", "refs/remotes/origin/a", &commits[remote]]);
        // Of another remote, which says nothing about this one.
        repo.git(["update-ref", "refs/remotes/origin-2/a", &commits[tip]]);
        let repository = open(repo);
        let (tips, _) = repository.tips().expect("refs");
        let known = known_to_remote(&repository, &tips, b"origin");
        let updates = [
            update("refs/heads/a", None, Some(&commits[tip])),
            update("refs/heads/b", Some(&commits[50]), Some(&commits[(tip + 20) % commits.len()])),
            update("refs/heads/gone", Some(&commits[1]), None),
        ];
        let brought = brought(&repository, &updates, &known).expect("known");
        let found: BTreeSet<_> = repository
            .commits_in_range(&brought.include, &brought.exclude)
            .expect("a range")
            .commits
            .into_iter()
            .collect();
        let other = &commits[(tip + 20) % commits.len()];
        let wanted = rev_list(repo, &[&commits[tip], other, "--not", "--remotes=origin", &commits[50]]);
        assert_eq!(found, wanted, "case {number}");
        assert_eq!(brought.refs.len(), 2);
    }
}

#[test]
fn tags_are_followed_and_what_is_no_commit_is_kept() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    let commit = repo.file("a", "a\n").commit("a");
    let tag = repo.annotated_tag("v1", "HEAD", "one");
    let outer = repo.annotated_tag("outer", "v1", "two");
    let blob = repo.id("HEAD:a");
    let repository = open(&repo);
    let updates = [
        update("refs/tags/outer", None, Some(&outer)),
        update("refs/tags/blob", Some(&"1".repeat(40)), Some(&blob)),
    ];
    let brought = brought(&repository, &updates, &[]).expect("known");
    assert_eq!(brought.include, [id(&commit)]);
    // An old value that is not here leaves nothing out.
    assert!(brought.exclude.is_empty());
    assert_eq!(brought.refs, [("refs/tags/outer".into(), id(&outer)), ("refs/tags/blob".into(), id(&blob))]);
    let (tips, _) = repository.tips().expect("refs");
    assert_eq!(known_to_repository(&repository, &tips), [id(&commit)]);
    assert_ne!(tag, outer);
    let missing = [update("refs/heads/x", None, Some(&"1".repeat(40)))];
    assert!(unleak_gates::brought(&repository, &missing, &[]).is_err());
}
