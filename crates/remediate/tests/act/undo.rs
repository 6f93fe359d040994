//! Applied and undone, a repository is what it was; applied, it has forgotten.

use unleak_remediate::{LeftAlone, State};
use unleak_testkit::{RepoState, TestEnvironment, TestRepo};

use crate::bench::{apply, backup_of, fill, git, options, undo};
use crate::rewriting::{Forget, REMOVED, change, mentions_secret, open};

#[test]
fn what_is_applied_is_gone_and_what_is_undone_is_back() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let before = RepoState::capture(&repo);
    let status = repo.git(["status", "--porcelain"]);
    let change = change(&repo, Forget::default());
    assert!(!mentions_secret(&repo).is_empty(), "the test must have something to forget");

    let applied = apply(&repo, &change, &options(&repo));
    assert_eq!(mentions_secret(&repo), [""; 0]);
    assert_eq!(repo.git(["status", "--porcelain"]), status);
    let settings = std::fs::read_to_string(repo.file_path("conf/settings.ini")).unwrap();
    assert_eq!(settings, format!("password={REMOVED}\n"));
    assert_eq!(repo.git(["stash", "list"]).lines().count(), 2);
    repo.git(["fsck", "--strict", "--no-dangling"]);
    repo.git(["stash", "apply", "stash@{1}"]);
    repo.git(["checkout", "--", "README"]);
    assert_eq!(applied.left_alone, LeftAlone::default());
    let standing = unleak_remediate::status(&open(&repo)).unwrap().unwrap();
    assert_eq!((standing.run, standing.state, standing.refs), (1, State::Done, change.refs.len()));

    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
    repo.git(["fsck", "--strict", "--no-dangling"]);
    assert!(!repo.git_dir().join("filter-repo").exists());
    assert_eq!(unleak_remediate::status(&open(&repo)).unwrap().unwrap().state, State::Undone);
}

#[test]
fn the_backup_is_a_repository_of_its_own() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let (tips, stashes) = (repo.git(["show-ref"]), repo.git(["reflog", "refs/stash", "--format=%H"]));
    let change = change(&repo, Forget::default());
    apply(&repo, &change, &options(&repo));
    let backup = TestRepo::open(&environment, backup_of(&repo));
    assert_eq!(backup.git(["show-ref"]), tips);
    assert_eq!(backup.git(["reflog", "refs/stash", "--format=%H"]), stashes);
    backup.git(["fsck", "--strict", "--no-dangling"]);
    assert_ne!(repo.git(["show-ref"]), tips);
    // Whatever happens to the repository, the backup keeps its objects.
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.gc();
    backup.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn what_git_has_cleaned_away_comes_back_from_the_backup() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let before = RepoState::capture(&repo);
    let change = change(&repo, Forget::default());
    apply(&repo, &change, &options(&repo));
    repo.git(["repack", "-a", "-d", "-q"]);
    repo.git(["prune", "--expire=now"]);
    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
    repo.git(["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn without_backup_and_objects_nothing_is_undone() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let change = change(&repo, Forget::default());
    apply(&repo, &change, &unleak_remediate::ApplyOptions { backup: None, ..options(&repo) });
    repo.git(["repack", "-a", "-d", "-q"]);
    repo.git(["prune", "--expire=now"]);
    let before = RepoState::capture(&repo);
    let error = unleak_remediate::undo(&open(&repo), &git(), &mut crate::bench::go).unwrap_err();
    assert!(matches!(error, unleak_remediate::ActError::Gone(_)), "{error:?}");
    before.expect_same(&RepoState::capture(&repo));
}

#[test]
fn undoing_keeps_what_happened_since() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let change = change(&repo, Forget::default());
    let (main, log) = (repo.id("HEAD"), repo.git(["reflog", "--format=%H %gs"]));
    apply(&repo, &change, &options(&repo));
    // Moves HEAD, and leaves entries in its reflog that name new commits.
    repo.switch("topic").switch("main");
    undo(&repo);
    let now = repo.git(["reflog", "--format=%H %gs"]);
    let (since, before) = now.split_at(now.len() - log.len());
    assert_eq!(before, log);
    assert!(since.starts_with(&format!("{main} checkout: moving from topic to main")), "{since}");
    assert_eq!(repo.git(["status", "--porcelain"]), "");

    let change = crate::rewriting::change(&repo, Forget::default());
    std::fs::remove_dir_all(backup_of(&repo)).unwrap();
    apply(&repo, &change, &options(&repo));
    let foreign = repo.file("new.txt", "new").commit("goes on");
    let error = unleak_remediate::undo(&open(&repo), &git(), &mut crate::bench::go).unwrap_err();
    assert!(error.to_string().contains("refs/heads/main"), "{error}");
    assert_eq!(repo.id("HEAD"), foreign);
}

#[test]
fn a_repository_that_was_moved_is_undone_where_it_is() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let before = RepoState::capture(&repo);
    apply(&repo, &change(&repo, Forget::default()), &options(&repo));
    let elsewhere = environment.path("elsewhere");
    std::fs::rename(repo.path(), &elsewhere).unwrap();
    let moved = TestRepo::open(&environment, &elsewhere);
    undo(&moved);
    std::fs::rename(elsewhere, repo.path()).unwrap();
    before.expect_same(&RepoState::capture(&repo));
}
