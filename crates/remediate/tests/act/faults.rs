//! Locked out or outrun: the refs are all old or all new, no object is lost, and the next command goes on.

use std::fs;

use bstr::ByteSlice as _;
use unleak_remediate::{ActError, Recovered};
use unleak_testkit::{RepoState, TestEnvironment};

use crate::bench::{apply, backup_of, git, go, options, recover, try_apply};
use crate::copies::{Ends, copy, read_change, seen, template};
use crate::rewriting::{SECRET, open};

#[test]
fn objects_that_cannot_be_placed_leave_everything() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let repo = copy(&template, "copy");
    let change = read_change(repo.path());
    let before = seen(&repo);
    // A folder in its place refuses the pack whoever one is; a folder that cannot be written to refuses most.
    let pack = change.pack.as_ref().unwrap().target.with_extension("pack");
    fs::create_dir_all(pack.join("in the way")).unwrap();
    let error = try_apply(&repo, &change, &options(&repo)).unwrap_err();
    assert!(matches!(error, ActError::Objects(_)), "{error:?}");
    fs::remove_dir_all(&pack).unwrap();
    assert_eq!(seen(&repo), before);
    assert!(!backup_of(&repo).exists());
    assert_eq!(recover(&repo), Recovered::Nothing);
    // The pack is still where the caller had put it.
    apply(&repo, &change, &options(&repo));
}

#[test]
fn a_ref_that_moved_stops_the_whole() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let repo = copy(&template, "copy");
    let change = read_change(repo.path());
    repo.git(["update-ref", "refs/heads/topic", "main"]);
    let before = RepoState::capture(&repo);
    let error = try_apply(&repo, &change, &options(&repo)).unwrap_err();
    assert!(matches!(&error, ActError::Moved { refs } if *refs == ["refs/heads/topic"]), "{error:?}");
    assert_eq!(error.to_string(), "a ref has moved since: refs/heads/topic");
    before.expect_same(&RepoState::capture(&repo));

    // Later than that: while the proof is being made.
    let repo = copy(&template, "copy");
    let mut prove = || {
        repo.git(["update-ref", "refs/heads/topic", "main"]);
        Ok(())
    };
    let before = seen(&repo);
    let error = unleak_remediate::apply(&open(&repo), &git(), &change, &options(&repo), &mut prove, &mut go)
        .unwrap_err();
    assert!(matches!(error, ActError::Refs(_)), "{error:?}");
    let topic = change.refs.iter().find(|update| update.name == "refs/heads/topic").unwrap().old.to_string();
    repo.git(["update-ref", "refs/heads/topic", &topic]);
    assert_eq!(seen(&repo).0, before.0);
    assert_eq!(recover(&repo), Recovered::Nothing);
}

#[test]
fn locks_of_git_are_respected() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let repo = copy(&template, "copy");
    let lock = repo.git_dir().join("refs/heads/main.lock");
    fs::create_dir_all(lock.parent().unwrap()).unwrap();
    fs::write(&lock, "").unwrap();
    let error = try_apply(&repo, &read_change(repo.path()), &options(&repo)).unwrap_err();
    assert!(matches!(error, ActError::Refs(_)), "{error:?}");
    assert!(lock.exists());
    fs::remove_file(&lock).unwrap();
    assert_eq!(seen(&repo), ends.before);

    // Once the refs have moved there is no way back, and the rest waits.
    let repo = copy(&template, "copy");
    let lock = repo.git_dir().join("index.lock");
    fs::write(&lock, "").unwrap();
    let error = try_apply(&repo, &read_change(repo.path()), &options(&repo)).unwrap_err();
    assert!(matches!(error, ActError::Worktree(_)), "{error:?}");
    assert!(
        unleak_remediate::recover(&open(&repo), &git(), &mut go).is_err(),
        "the lock is not ours to remove"
    );
    assert!(lock.exists());
    fs::remove_file(&lock).unwrap();
    assert!(matches!(ends.check(&repo, "after the lock", true), Recovered::Finished(_)));
}

#[test]
fn two_at_once_take_turns() {
    let environment = TestEnvironment::new();
    let template = template(&environment);
    let ends = Ends::new(&template);
    let repo = copy(&template, "copy");
    let change = read_change(repo.path());
    let mut inner = None;
    let mut prove = || {
        inner = Some(try_apply(&repo, &change, &options(&repo)));
        Ok(())
    };
    unleak_remediate::apply(&open(&repo), &git(), &change, &options(&repo), &mut prove, &mut go).unwrap();
    let refused = inner.unwrap().unwrap_err();
    assert!(matches!(refused, ActError::Lock(unleak_remediate::LockError::Taken)), "{refused:?}");
    assert_eq!(seen(&repo), ends.after);
    let late = try_apply(&repo, &change, &options(&repo)).unwrap_err();
    assert!(matches!(late, ActError::Moved { .. }), "{late:?}");
    assert!(seen(&repo).1.iter().all(|(_, bytes)| !bytes.contains_str(SECRET)));
}
