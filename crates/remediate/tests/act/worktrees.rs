//! Every worktree follows, and nothing that someone is working on is touched.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;

use bstr::ByteSlice as _;
use unleak_remediate::{ApplyOptions, dirty_holders};
use unleak_testkit::{RepoState, TestEnvironment, TestRepo};

use crate::bench::{apply, fill, git, options, undo};
use crate::rewriting::{Forget, REMOVED, SECRET, change, mentions_secret, open};

fn status(repo: &TestRepo<'_>) -> String {
    repo.git(["status", "--porcelain=v1", "--untracked-files=all", "--ignored"])
}

fn flags(repo: &TestRepo<'_>) -> Vec<String> {
    let listed = repo.git(["ls-files", "-v"]);
    listed.lines().map(str::to_owned).collect()
}

fn read(repo: &TestRepo<'_>, name: &str) -> String {
    fs::read_to_string(repo.file_path(name)).unwrap()
}

#[test]
fn linked_worktrees_detached_heads_and_refs_of_their_own_follow() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let linked = repo.worktree_add("linked");
    linked.detach("HEAD~1");
    linked.git(["update-ref", "refs/bisect/bad", "HEAD"]);
    linked.git(["update-ref", "refs/worktree/own", "HEAD"]);
    linked.git(["update-ref", "ORIG_HEAD", "HEAD"]);
    linked.stage_only("staged.txt", format!("{SECRET} staged"));
    repo.detach("topic");
    let (one, other) = (RepoState::capture(&repo), RepoState::capture(&linked));
    let shown = [status(&repo), status(&linked)];
    let change = change(&repo, Forget::default());
    assert!(change.refs.iter().any(|update| update.name == "worktrees/linked/refs/bisect/bad"));

    apply(&repo, &change, &options(&repo));
    assert_eq!([status(&repo), status(&linked)], shown);
    assert_eq!(read(&linked, "conf/settings.ini"), format!("password={REMOVED}\n"));
    assert_eq!(linked.git(["show", ":staged.txt"]), format!("{REMOVED} staged"));
    assert_eq!(mentions_secret(&repo), [""; 0]);
    assert_eq!(mentions_secret(&linked), [""; 0]);
    linked.git(["fsck", "--strict", "--no-dangling"]);
    for name in ["refs/bisect/bad", "refs/worktree/own", "ORIG_HEAD", "HEAD"] {
        assert_eq!(linked.id(name), linked.id("HEAD"), "{name}");
    }

    undo(&repo);
    one.expect_same(&RepoState::capture(&repo));
    other.expect_same(&RepoState::capture(&linked));
}

#[test]
fn it_is_the_same_from_a_linked_worktree() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    let linked = repo.worktree_add("linked");
    repo.detach("HEAD");
    let (one, other) = (RepoState::capture(&repo), RepoState::capture(&linked));
    let change = change(&repo, Forget::default());
    assert!(change.refs.iter().any(|update| update.name == "HEAD"));
    apply(&linked, &change, &options(&repo));
    assert_eq!([status(&repo), status(&linked)], ["", ""]);
    assert_eq!([mentions_secret(&repo), mentions_secret(&linked)], [[""; 0], [""; 0]]);
    undo(&linked);
    one.expect_same(&RepoState::capture(&repo));
    other.expect_same(&RepoState::capture(&linked));
}

#[test]
fn work_in_progress_is_left_alone() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    for name in ["clean", "edited", "staged", "assumed", "assumed and edited", "skipped", "deleted"] {
        repo.file(name, format!("{name}: {SECRET}\n"));
    }
    repo.commit("all");
    repo.write("edited", format!("mine: {SECRET}\n")).write("untracked", SECRET);
    repo.file("staged", format!("staged: {SECRET}\n")).write("staged", "and edited again");
    repo.git(["update-index", "--assume-unchanged", "assumed", "assumed and edited"]);
    repo.write("assumed and edited", format!("mine, too: {SECRET}\n"));
    repo.git(["update-index", "--skip-worktree", "skipped"]);
    repo.intend_to_add("intended", "intended");
    fs::remove_file(repo.file_path("deleted")).unwrap();
    let before = RepoState::capture(&repo);
    let shown = (status(&repo), flags(&repo));
    let change = change(&repo, Forget::default());

    let dirty = dirty_holders(&open(&repo), &git(), &|bytes| bytes.contains_str(SECRET)).unwrap();
    let dirty: Vec<_> = dirty.iter().map(|file| file.path.to_string()).collect();
    assert_eq!(dirty, ["assumed and edited", "edited"]);
    before.expect_same(&RepoState::capture(&repo));

    let applied = apply(&repo, &change, &options(&repo));
    assert_eq!((status(&repo), flags(&repo)), shown);
    assert_eq!(read(&repo, "edited"), format!("mine: {SECRET}\n"));
    assert_eq!(read(&repo, "assumed and edited"), format!("mine, too: {SECRET}\n"));
    assert_eq!(read(&repo, "staged"), "and edited again");
    assert_eq!(read(&repo, "untracked"), SECRET);
    for name in ["clean", "assumed", "skipped"] {
        assert_eq!(read(&repo, name), format!("{name}: {REMOVED}\n"));
    }
    assert!(!repo.file_path("deleted").exists());
    assert_eq!(mentions_secret(&repo), [""; 0]);
    let edited: Vec<_> = applied.left_alone.edited.iter().map(|(_, path)| path.to_string()).collect();
    assert_eq!(edited, ["deleted", "edited", "staged"]);

    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
}

#[test]
fn what_is_deleted_from_history_stays_on_disk_untracked() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    repo.file("keys/secret.env", "clean\n").file("edited.env", "x\n").file("other", "y\n").commit("all");
    repo.write("edited.env", "edited\n");
    let before = RepoState::capture(&repo);
    let change = change(&repo, Forget { names: &["secret.env", "edited.env"], ..Forget::default() });
    let deleted = |path: &bstr::BStr| path.ends_with(b"secret.env") || path == "edited.env";
    let applied = apply(&repo, &change, &ApplyOptions { deleted: &deleted, ..options(&repo) });
    assert_eq!(status(&repo), "?? edited.env\n?? keys/secret.env");
    assert_eq!(read(&repo, "edited.env"), "edited\n");
    let kept: Vec<_> = applied.left_alone.kept.iter().map(|(_, path)| path.to_string()).collect();
    assert_eq!(kept, ["edited.env", "keys/secret.env"]);
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD"]), "other");
    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
}

#[test]
fn filters_modes_and_links_are_gits_own_business() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    repo.file(".gitattributes", "*.crlf text eol=crlf\n*.up filter=up\n");
    repo.git(["config", "filter.up.clean", "sed s/^loud://"]);
    repo.git(["config", "filter.up.smudge", "sed s/^/loud:/"]);
    repo.file("dos.crlf", format!("one\r\n{SECRET}\r\n")).file("loud.up", format!("loud:{SECRET}\n"));
    repo.file("run.sh", format!("#!/bin/sh\necho {SECRET}\n"));
    fs::set_permissions(repo.file_path("run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
    repo.add("run.sh").symlink("link", &format!("to/{SECRET}")).commit("all");
    repo.git(["checkout", "--", "."]);
    let before = RepoState::capture(&repo);
    assert_eq!(status(&repo), "");
    apply(&repo, &change(&repo, Forget::default()), &options(&repo));
    assert_eq!(status(&repo), "");
    assert_eq!(read(&repo, "dos.crlf"), format!("one\r\n{REMOVED}\r\n"));
    assert_eq!(read(&repo, "loud.up"), format!("loud:{REMOVED}\n"));
    assert_eq!(fs::metadata(repo.file_path("run.sh")).unwrap().permissions().mode() & 0o777, 0o750);
    assert_eq!(fs::read_link(repo.file_path("link")).unwrap().to_str().unwrap(), format!("to/{REMOVED}"));
    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
}

#[test]
fn conflicts_split_and_sparse_indexes_follow() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    repo.file("dir/a", format!("{SECRET}\n"))
        .file("other/b", format!("b {SECRET}\n"))
        .file("top", "1\n")
        .commit("all");
    repo.write("top", format!("2 {SECRET}\n")).stash("a change");
    repo.file("top", format!("3 {SECRET}\n")).commit("another");
    let apply_stash = repo.environment().git_output(repo.path(), ["stash", "apply"], &[], b"");
    assert_eq!(apply_stash.code, Some(1), "there must be a conflict");
    for setup in [
        &["update-index", "--split-index"][..],
        &["sparse-checkout", "set", "--cone", "--sparse-index", "dir"],
    ] {
        repo.git(setup);
        let shown = (status(&repo), flags(&repo), read(&repo, "top"));
        let refs = repo.git(["show-ref"]);
        apply(&repo, &change(&repo, Forget::default()), &options(&repo));
        assert_eq!((status(&repo), flags(&repo), read(&repo, "top")), shown);
        assert_eq!(read(&repo, "dir/a"), format!("{REMOVED}\n"));
        assert_eq!(repo.git(["show", ":2:top"]), format!("3 {REMOVED}"));
        assert_eq!(repo.git(["show", ":other/b"]), format!("b {REMOVED}"));
        undo(&repo);
        assert_eq!((status(&repo), flags(&repo), read(&repo, "top")), shown);
        assert_eq!(repo.git(["show-ref"]), refs);
        assert_eq!(repo.git(["show", ":2:top"]), format!("3 {SECRET}"));
        fs::remove_dir_all(crate::bench::backup_of(&repo)).unwrap();
    }
}

#[test]
fn bare_sha256_and_unborn_repositories_are_repositories() {
    let environment = TestEnvironment::new();
    let source = TestRepo::init(&environment, "source");
    fill(&source);
    let bare = source.clone_bare("bare.git");
    let sha256 = TestRepo::init_sha256(&environment, "sha256");
    fill(&sha256);
    let unborn = TestRepo::init(&environment, "unborn");
    fill(&unborn);
    unborn.git(["symbolic-ref", "HEAD", "refs/heads/yet-to-be-born"]);
    let refs = bare.git(["for-each-ref"]);
    apply(&bare, &change(&bare, Forget::default()), &options(&bare));
    assert_eq!(mentions_secret(&bare), [""; 0]);
    bare.git(["fsck", "--strict", "--no-dangling"]);
    undo(&bare);
    assert_eq!(bare.git(["for-each-ref"]), refs);
    for repo in [sha256, unborn] {
        let before = RepoState::capture(&repo);
        apply(&repo, &change(&repo, Forget::default()), &options(&repo));
        assert_eq!(mentions_secret(&repo), [""; 0]);
        repo.git(["fsck", "--strict", "--no-dangling"]);
        undo(&repo);
        before.expect_same(&RepoState::capture(&repo));
    }
}

#[test]
fn names_are_bytes() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    let name = OsStr::from_bytes(b"caf\xe9 \"\t\n\\.txt");
    repo.file(name, format!("{SECRET}\n")).commit("odd");
    repo.git([OsStr::new("branch"), OsStr::from_bytes(b"br\xe4nch")]);
    repo.git([OsStr::new("tag"), OsStr::from_bytes(b"t\xe4g%41")]);
    let before = RepoState::capture(&repo);
    apply(&repo, &change(&repo, Forget::default()), &options(&repo));
    assert_eq!(fs::read_to_string(repo.file_path(name)).unwrap(), format!("{REMOVED}\n"));
    assert_eq!(status(&repo), "");
    assert_eq!(mentions_secret(&repo), [""; 0]);
    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
}

#[test]
fn commits_that_are_gone_take_their_refs_and_reflog_entries_with_them() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    repo.file("a", "1").commit("one");
    let gone = repo.file("b", SECRET).commit("two");
    repo.tag("at-two", "HEAD");
    repo.file("c", "3").commit("three");
    repo.git(["pack-refs", "--all"]);
    let before = RepoState::capture(&repo);
    let change = change(&repo, Forget { commits: &[gone], ..Forget::default() });
    apply(&repo, &change, &options(&repo));
    assert_eq!(repo.git(["tag"]), "");
    assert_eq!(repo.git(["reflog", "main", "--format=%gs"]), "commit: three\ncommit (initial): one");
    repo.git(["fsck", "--strict", "--no-dangling"]);
    undo(&repo);
    before.expect_same(&RepoState::capture(&repo));
}
