//! What leads to a secret when no branch does: stash, reflogs, other working trees, foreign refs, nothing at all.

use unleak_testkit::fake;

use crate::scanning::{Scan, environment, line, started};

#[test]
fn stash() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (tracked, untracked, older) = (fake::github_pat(117), fake::github_pat(118), fake::github_pat(119));
    repo.write("README", line(&older)).stash("older");
    repo.write("README", line(&tracked)).write("new.txt", line(&untracked)).stash("newer");
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&tracked).path(), "README");
    assert_eq!(scan.one(&untracked).path(), "new.txt");
    // The older entry is in the reflog of refs/stash and nowhere else.
    assert_eq!(scan.one(&older).path(), "README");
    assert!(scan.one(&older).reach("reflog"));
    assert_eq!(scan.one(&tracked).exposure(), "committed");
}

#[test]
fn staged_part_of_a_stash() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(120));
    // Staged, then overwritten in the working tree: only the stash's second parent has it.
    repo.file("README", line(&secret)).write("README", "overwritten\n").stash("both");
    assert_eq!(Scan::of(&repo, &[]).one(&secret).path(), "README");
}

#[test]
fn amended_commit_that_only_a_reflog_remembers() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(121));
    let commit = repo.file("a.txt", line(&secret)).commit("oops");
    repo.file("a.txt", "clean\n").amend("better");
    let scan = Scan::of(&repo, &[]).expect_code(1);
    let found = scan.one(&secret);
    assert_eq!(found.commit(), commit);
    assert!(found.reach("reflog") && !found.reach("in_head"));
    assert!(found.list("/reach/branches").is_empty());
}

#[test]
fn reset_branch_and_deleted_branch() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (reset, deleted) = (fake::github_pat(122), fake::github_pat(123));
    repo.file("a.txt", line(&reset)).commit("to be reset");
    repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    repo.branch("gone").file("b.txt", line(&deleted)).commit("to be deleted");
    repo.switch("main").git(["branch", "-D", "gone"]);
    let scan = Scan::of(&repo, &[]);
    assert!(scan.one(&reset).reach("reflog"));
    assert!(scan.one(&deleted).reach("reflog"));
}

#[test]
fn unreachable_objects_count_only_when_asked_for() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (blob, commit) = (fake::github_pat(124), fake::github_pat(125));
    let id = repo.blob(line(&blob));
    repo.git(["commit-tree", "-m", &format!("lost {commit}"), "HEAD^{tree}"]);
    let scan = Scan::of(&repo, &[]).expect_code(0);
    scan.expect_none(&blob);
    scan.expect_none(&commit);
    let scan = Scan::of(&repo, &["--all-objects"]).expect_code(1).expect_complete();
    let found = scan.one(&blob);
    assert_eq!(found.text("/blob_id"), id);
    assert!(!found.reach("in_head") && !found.reach("reflog"));
    assert!(found.list("/reach/branches").is_empty() && found.list("/reach/others").is_empty());
    assert_eq!(scan.one(&commit).path(), "(commit message)");
}

#[test]
fn unreachable_commit_after_the_reflog_is_gone() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(126));
    repo.file("a.txt", line(&secret)).commit("oops");
    repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    repo.git(["update-ref", "-d", "ORIG_HEAD"]);
    Scan::of(&repo, &[]).expect_code(0).expect_none(&secret);
    Scan::of(&repo, &["--all-objects"]).expect_code(1).one(&secret);
}

#[test]
fn detached_head() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(180));
    repo.detach("HEAD").file("a.txt", line(&secret)).commit("on no branch");
    // Without reflogs HEAD alone leads there.
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    let scan = Scan::of(&repo, &["--history"]);
    let found = scan.one(&secret);
    assert!(found.reach("in_head") && found.list("/reach/branches").is_empty());
}

#[test]
fn head_of_another_linked_worktree() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(181));
    let linked = repo.worktree_add("linked");
    linked.detach("HEAD").file("a.txt", line(&secret)).commit("on no branch");
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    linked.git(["reflog", "expire", "--expire=now", "--all"]);
    // From either side, and from the linked worktree also in its own HEAD.
    Scan::of(&repo, &[]).one(&secret);
    assert!(!Scan::of(&repo, &["--history"]).one(&secret).reach("in_head"));
    assert!(Scan::of(&linked, &["--history"]).one(&secret).reach("in_head"));
}

#[test]
fn linked_worktree_has_its_own_index_and_files() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (staged, written) = (fake::github_pat(182), fake::github_pat(183));
    let linked = repo.worktree_add("linked");
    linked.stage_only("staged.txt", line(&staged)).write("written.txt", line(&written));
    let scan = Scan::of(&linked, &[]);
    assert_eq!(scan.one(&staged).exposure(), "staged");
    assert_eq!(scan.one(&written).exposure(), "worktree");
    Scan::of(&repo, &["--staged"]).expect_code(0).expect_none(&staged);
}

#[test]
fn reflog_of_another_linked_worktree() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(184));
    let linked = repo.worktree_add("linked");
    linked.detach("HEAD").file("a.txt", line(&secret)).commit("oops");
    linked.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    linked.git(["update-ref", "-d", "ORIG_HEAD"]);
    Scan::of(&repo, &[]).one(&secret);
}

#[test]
fn linked_worktree_whose_folder_is_gone() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(194));
    let linked = repo.worktree_add("linked");
    linked.detach("HEAD").file("a.txt", line(&secret)).commit("on no branch");
    std::fs::remove_dir_all(linked.path()).expect("it was just made");
    Scan::of(&repo, &[]).expect_code(1).expect_complete().one(&secret);
}

#[test]
fn refs_outside_heads_and_tags() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(185));
    repo.detach("HEAD").file("a.txt", line(&secret)).commit("a pull request");
    repo.git(["update-ref", "refs/pull/7/head", "HEAD"]);
    repo.switch("main").git(["reflog", "expire", "--expire=now", "--all"]);
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&secret).list("/reach/others"), ["refs/pull/7/head"]);
}

#[test]
fn what_only_the_index_has_is_no_garbage() {
    let environment = environment();
    let (repo, token, value) = (started(&environment, "work"), fake::github_pat(190), fake::github_pat(191));
    repo.file("aws.ini", line(&token)).file(".env", format!("SOME_TOKEN={value}\n"));
    for args in [
        &["--all-objects"][..],
        &["--staged", "--history", "--all-objects"],
        &["--staged", "--worktree", "--history", "--all-objects"],
    ] {
        let scan = Scan::of(&repo, args).expect_code(1).expect_complete();
        for (secret, path) in [(&token, "aws.ini"), (&value, ".env")] {
            let paths: Vec<_> = scan.all(secret).iter().map(|found| found.path().to_owned()).collect();
            assert!(paths.iter().all(|found| found == path), "{args:?} {paths:?}");
            assert_eq!(scan.all(secret)[0].exposure(), "staged");
        }
        assert_eq!(scan.all(&token).len(), 1);
    }
    drop(Scan::of(&repo, &["--history"]).expect_code(0));
}
