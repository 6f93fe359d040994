//! What stands in the way is named, and nothing else is.

use unleak_remediate::obstacles;
use unleak_testkit::{TestEnvironment, TestRepo};

use crate::bench::{apply_until, fill, git, options};
use crate::rewriting::{Forget, change, open};

fn names(repo: &TestRepo<'_>) -> Vec<&'static str> {
    let found = obstacles(&open(repo), &git()).unwrap();
    assert!(found.iter().all(|obstacle| !obstacle.message.is_empty() && !obstacle.remedy.is_empty()));
    found.iter().map(|obstacle| obstacle.name).collect()
}

/// Runs git where it stops with a conflict.
fn stop(repo: &TestRepo<'_>, args: &[&str]) {
    let output = repo.environment().git_output(repo.path(), args, &[], b"");
    assert_ne!(output.code, Some(0), "{}", output.describe());
}

#[test]
fn what_is_in_progress_is_named_in_whichever_worktree_it_is() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    repo.file("a", "1\n").commit("one");
    repo.branch("other").file("a", "2\n").commit("two");
    repo.switch("main").file("a", "3\n").commit("three");
    repo.file("a", "4\n").commit("four");
    let linked = repo.worktree_add("linked");
    let patch = environment.path("patch");
    std::fs::write(&patch, repo.git(["format-patch", "--stdout", "-1", "other"])).unwrap();
    let patch = patch.to_str().unwrap();
    let cases: [(&str, &[&str], &[&str]); 8] = [
        ("merge", &["merge", "other"], &["merge", "--abort"]),
        ("cherry-pick", &["cherry-pick", "other"], &["cherry-pick", "--abort"]),
        ("cherry-pick", &["cherry-pick", "other", "other~1"], &["cherry-pick", "--abort"]),
        ("revert", &["revert", "HEAD~1"], &["revert", "--abort"]),
        ("rebase", &["rebase", "other"], &["rebase", "--abort"]),
        ("rebase", &["rebase", "--apply", "other"], &["rebase", "--abort"]),
        ("am", &["am", patch], &["am", "--abort"]),
        ("bisect", &["bisect", "bad", "no-such-thing"], &["bisect", "reset"]),
    ];
    for place in [&repo, &linked] {
        for (name, begin, end) in &cases {
            assert_eq!(names(&repo), [""; 0], "before {begin:?}");
            if *name == "bisect" {
                place.git(["bisect", "start"]);
            } else {
                stop(place, begin);
            }
            assert_eq!(names(&repo), [*name], "{begin:?}");
            let found = obstacles(&open(&repo), &git()).unwrap();
            assert_eq!(found[0].worktree.as_deref(), Some(place.path()));
            assert_eq!(names(place), [*name], "{begin:?}");
            place.git(*end);
        }
    }
}

#[test]
fn stores_that_are_not_whole_or_not_alone_are_named() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    assert_eq!(names(&repo.clone_shallow("shallow", 1)), ["shallow"]);
    assert_eq!(names(&repo.clone_partial("partial")), ["partial"]);
    assert_eq!(names(&repo.clone_borrowing("borrowing")), ["alternates"]);
    assert_eq!(names(&repo.clone_bare("bare")), [""; 0]);
    assert_eq!(names(&repo), [""; 0]);
}

#[test]
fn others_at_work_are_named() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "work");
    fill(&repo);
    for (file, name) in [
        ("index.lock", "locked"),
        ("HEAD.lock", "locked"),
        ("packed-refs.lock", "locked"),
        ("shallow.lock", "locked"),
        ("gc.pid", "gc"),
    ] {
        let path = repo.git_dir().join(file);
        std::fs::write(&path, format!("{} here", std::process::id())).unwrap();
        assert_eq!(names(&repo), [name], "{file}");
        std::fs::remove_file(&path).unwrap();
    }
    // No process has this number.
    std::fs::write(repo.git_dir().join("gc.pid"), "4194999 here").unwrap();
    assert_eq!(names(&repo), [""; 0]);

    let change = change(&repo, Forget::default());
    apply_until(&repo, &change, &options(&repo), unleak_remediate::State::Refs);
    assert_eq!(names(&repo), ["unfinished"]);
}
