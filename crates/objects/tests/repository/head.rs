//! `HEAD` and revisions against `git rev-parse`.

use std::fs;

use unleak_objects::repository::{HeadError, ResolveError};

use crate::git::Scratch;

#[test]
fn head_is_followed_loose_packed_and_detached() {
    let scratch = Scratch::new();
    assert_eq!(scratch.open().head_commit().unwrap(), None, "unborn");
    assert_eq!(scratch.open().head_tree().unwrap(), None, "unborn");
    scratch.write("file", "one");
    let one = scratch.commit("one");
    for branch in ["main2", "maim", "xmain"] {
        scratch.git(&["branch", branch]);
    }
    scratch.write("file", "two");
    let two = scratch.commit("two");
    assert_eq!(scratch.open().head_commit().unwrap(), Some(two));
    scratch.git(&["pack-refs", "--all"]);
    assert_eq!(scratch.open().head_commit().unwrap(), Some(two), "packed, beside names that are alike");
    assert_eq!(scratch.open().head_tree().unwrap(), Some(scratch.id("HEAD^{tree}")));
    scratch.git(&["checkout", "-q", "--detach", "HEAD^"]);
    assert_eq!(scratch.open().head_commit().unwrap(), Some(one));
    scratch.git(&["checkout", "-q", "--orphan", "new"]);
    assert_eq!(scratch.open().head_commit().unwrap(), None, "unborn again");
}

#[test]
fn a_head_that_leads_nowhere_is_an_error() {
    let scratch = Scratch::new();
    scratch.commit("one");
    let head = scratch.git_dir().join("HEAD");
    fs::write(&head, "0123456789012345678901234567890123456789\n").unwrap();
    assert!(matches!(scratch.open().head_commit(), Err(HeadError::Read(_))));
    for broken in ["", "ref: ../../outside\n", "ref: /etc/passwd\n", "ref: HEAD\n"] {
        fs::write(&head, broken).unwrap();
        assert!(matches!(scratch.open().head_commit(), Err(HeadError::Broken { .. })), "{broken:?}");
    }
    fs::write(&head, "ref: refs/heads/main\n").unwrap();
    fs::write(scratch.git_dir().join("refs/heads/main"), "nonsense").unwrap();
    assert_eq!(scratch.open().head_commit().unwrap_err().to_string(), "ref refs/heads/main is broken");
}

#[test]
fn revisions_name_what_they_name_for_git() {
    let scratch = Scratch::new();
    for message in ["one", "two", "three", "four"] {
        scratch.commit(message);
    }
    scratch.git(&["tag", "-m", "m", "v1.0", "HEAD~2"]);
    scratch.git(&["tag", "-m", "m", "nested", "v1.0"]);
    scratch.git(&["update-ref", "refs/remotes/origin/main", "HEAD~1"]);
    let full = scratch.id("HEAD").to_string();
    let repo = scratch.open();
    let shapes =
        ["main", "main~3", "HEAD^", "v1.0", "nested", "v1.0~1", "origin/main", "HEAD@{1}", "@", &full];
    for revision in shapes.into_iter().chain([&full[..12], "refs/heads/main", "v1.0^{commit}"]) {
        let commit = scratch.id(&format!("{revision}^{{commit}}"));
        assert_eq!(repo.resolve(revision).unwrap(), commit, "{revision}");
    }
}

#[test]
fn unknown_revisions_are_named() {
    let scratch = Scratch::new();
    scratch.write("file", "one");
    scratch.commit("one");
    let repo = scratch.open();
    for revision in ["nowhere", "main~7", "", "..", "main..main", "HEAD@{99}", "^", "@{u}", "deadbeef"] {
        let error = repo.resolve(revision).unwrap_err();
        assert!(matches!(error, ResolveError::Unknown { .. }), "{revision}: {error}");
        assert_eq!(error.to_string(), format!("revision {revision} is unknown"));
    }
    for revision in ["1".repeat(40), "1".repeat(64)] {
        assert!(matches!(repo.resolve(&revision), Err(ResolveError::Unknown { .. })), "{revision}");
    }
    let error = repo.resolve("HEAD:file").unwrap_err();
    assert!(matches!(error, ResolveError::NotACommit { .. }), "{error}");
    assert!(matches!(repo.resolve("HEAD^{tree}"), Err(ResolveError::NotACommit { .. })));
}
