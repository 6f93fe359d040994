//! Stopped at any state, a run is finished or taken back by the next command.

use std::fs;
use std::ops::ControlFlow;

use unleak_remediate::{ActError, Recovered, State};
use unleak_testkit::{RepoState, TestEnvironment, TestRepo};

use crate::bench::{apply, apply_until, backup_of, fill, git, go, options, recover, try_apply, undo};
use crate::rewriting::{Forget, change, mentions_secret, open};

#[test]
fn stopped_before_the_refs_move_nothing_has_happened() {
    for state in [State::Init, State::Snapshot, State::Backup, State::Objects, State::Proof] {
        let environment = TestEnvironment::new();
        let repo = TestRepo::init(&environment, "work");
        fill(&repo);
        let before = RepoState::capture(&repo);
        let change = change(&repo, Forget::default());
        apply_until(&repo, &change, &options(&repo), state);
        before.expect_same(&RepoState::capture(&repo));
        assert!(!backup_of(&repo).exists(), "{state}");
        assert_eq!(recover(&repo), Recovered::Nothing, "{state}");
        assert_eq!(unleak_remediate::status(&open(&repo)).unwrap().unwrap().state, State::RolledBack);
    }
}

#[test]
fn stopped_after_the_refs_moved_it_is_finished() {
    for state in [State::Refs, State::Worktrees, State::Meta] {
        let environment = TestEnvironment::new();
        let repo = TestRepo::init(&environment, "work");
        fill(&repo);
        let before = RepoState::capture(&repo);
        let change = change(&repo, Forget::default());
        apply_until(&repo, &change, &options(&repo), state);
        let again = try_apply(&repo, &change, &options(&repo)).unwrap_err();
        assert!(matches!(again, ActError::Unfinished { number: 1, .. }), "{again:?}");
        let undoing = unleak_remediate::undo(&open(&repo), &git(), &mut go).unwrap_err();
        assert!(matches!(undoing, ActError::Unfinished { number: 1, .. }), "{undoing:?}");
        assert!(matches!(recover(&repo), Recovered::Finished(_)), "{state}");
        assert_eq!(mentions_secret(&repo), [""; 0], "{state}");
        assert_eq!(repo.git(["status", "--porcelain"]), "", "{state}");
        repo.git(["fsck", "--strict", "--no-dangling"]);
        assert!(repo.git_dir().join("filter-repo/commit-map").exists());
        undo(&repo);
        before.expect_same(&RepoState::capture(&repo));
    }
}

/// Some refs moved and the machine stopped: what git does not promise to prevent.
#[test]
fn refs_that_moved_in_part_move_on() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let change = change(&repo, Forget::default());
    let copy = half_moved(&repo, &change);
    assert!(matches!(recover(&copy), Recovered::Finished(_)));
    assert_eq!(mentions_secret(&copy), [""; 0]);
    assert_eq!(copy.git(["status", "--porcelain"]), "");

    // Someone else has moved one, besides: nobody can tell what is right.
    let change = crate::rewriting::change(&repo, Forget::default());
    let copy = half_moved(&repo, &change);
    let own = copy.git(["commit-tree", "-m", "own", "HEAD^{tree}"]);
    copy.git(["update-ref", "refs/tags/light", &own]);
    let before = RepoState::capture(&copy);
    let error = unleak_remediate::recover(&open(&copy), &git(), &mut go).unwrap_err();
    assert!(matches!(&error, ActError::Moved { refs } if *refs == ["refs/tags/light"]), "{error:?}");
    before.expect_same(&RepoState::capture(&copy));
}

/// A copy of the repository in the state in which the transaction of refs stopped after the first one, with its lock
/// files left behind.
fn half_moved<'e>(repo: &TestRepo<'e>, change: &unleak_remediate::Change) -> TestRepo<'e> {
    let copy = repo.path().with_file_name("copy");
    fs::remove_dir_all(&copy).ok();
    let mut watch = |state| {
        if state == State::Proof {
            copy_tree(repo.path(), &copy);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    };
    let stopped =
        unleak_remediate::apply(&open(repo), &git(), change, &options(repo), &mut || Ok(()), &mut watch);
    assert!(matches!(stopped, Err(ActError::Stopped)), "{stopped:?}");
    let copied = TestRepo::open(repo.environment(), copy);
    let (first, second) = (&change.refs[0], &change.refs[1]);
    let new = first.new.unwrap().to_string();
    copied.git(["update-ref", first.name.to_string().as_str(), &new]);
    let lock = copied.git_dir().join(format!("{}.lock", second.name));
    fs::write(lock, format!("{}\n", second.new.unwrap())).unwrap();
    fs::write(copied.git_dir().join("HEAD.lock"), "").unwrap();
    copied
}

/// Folders, files, links and modes.
pub(crate) fn copy_tree(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_tree(&entry.path(), &target);
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path()).unwrap(), target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn undoing_that_stopped_goes_on() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let before = RepoState::capture(&repo);
    let change = change(&repo, Forget::default());
    apply(&repo, &change, &options(&repo));
    let mut watch = |_| ControlFlow::Break(());
    let stopped = unleak_remediate::undo(&open(&repo), &git(), &mut watch);
    assert!(matches!(stopped, Err(ActError::Stopped)), "{stopped:?}");
    assert!(matches!(recover(&repo), Recovered::Undone(_)));
    before.expect_same(&RepoState::capture(&repo));
    assert_eq!(recover(&repo), Recovered::Nothing);
}

#[test]
fn a_proof_that_fails_leaves_everything() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let before = RepoState::capture(&repo);
    let packs = repo.packs();
    let change = change(&repo, Forget::default());
    let mut prove = || {
        assert_eq!(repo.packs().len(), packs.len() + 1, "the proof can see the new objects");
        Err("there it is".into())
    };
    let error = unleak_remediate::apply(&open(&repo), &git(), &change, &options(&repo), &mut prove, &mut go)
        .unwrap_err();
    assert!(matches!(error, ActError::Proof(_)), "{error:?}");
    before.expect_same(&RepoState::capture(&repo));
    assert_eq!(repo.packs(), packs);
}
