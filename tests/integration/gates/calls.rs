//! Gates called as git never would: exit code 2, clear words, and nothing half-written.

use unleak_testkit::TestRepo;

use super::{gated, hook};
use crate::scanning::{environment, expect_trouble, started};

const HOOKS: [&[&str]; 7] = [
    &["pre-commit"],
    &["pre-merge-commit"],
    &["commit-msg", "MESSAGE"],
    &["pre-push", "origin", "address"],
    &["pre-receive"],
    &["update", "refs/heads/main", "0", "1"],
    &["reference-transaction", "prepared"],
];

#[test]
fn outside_of_git() {
    let environment = environment();
    for args in HOOKS {
        let output = environment.unleak(environment.root(), ["hook"].iter().chain(args));
        expect_trouble(&output);
        assert!(output.mentions("this is no git repository"), "{}", output.describe());
    }
    for args in [&["ci"][..], &["install"], &["uninstall"], &["install", "--check"]] {
        let output = environment.unleak(environment.root(), args);
        expect_trouble(&output);
        assert!(output.mentions("this is no git repository"), "{}", output.describe());
    }
}

#[test]
fn input_that_is_cut_short_or_none_of_gits() {
    let environment = environment();
    let repo = gated(&environment, "work");
    let (id, zero) = (repo.id("HEAD"), "0".repeat(40));
    let push = format!("refs/heads/main {id} refs/heads/main {zero}\nrefs/heads/x {id} refs/heads/x {zero}");
    let receive = format!("{zero} {id} refs/heads/x\n{zero} {id} refs/heads/y");
    for (args, input) in [
        (&["pre-push", "origin", "address"][..], &push),
        (&["pre-receive"], &receive),
        (&["reference-transaction", "prepared"], &receive),
    ] {
        for cut in [input.len(), input.len() - 5, input.len() - 60] {
            expect_trouble(&hook(&repo, args, &[], &input.as_bytes()[..cut]));
        }
        expect_trouble(&hook(&repo, args, &[], b"\xff\0\n"));
    }
    expect_trouble(&hook(&repo, &["pre-receive"], &[], b""));
    expect_trouble(&hook(&repo, &["update", "refs/heads/x", "0", "1"], &[], b""));
    // What git says when there is nothing to do.
    drop(hook(&repo, &["pre-push", "origin", "address"], &[], b"").expect_code(0));
    drop(hook(&repo, &["reference-transaction", "committed"], &[], b"nonsense").expect_code(0));
}

#[test]
fn arguments_that_a_script_forgot_to_hand_on() {
    let environment = environment();
    let repo = started(&environment, "work");
    let output = hook(&repo, &["pre-push"], &[], b"");
    expect_trouble(&output);
    assert!(output.mentions("unleak hook pre-push \"$@\""), "{}", output.describe());
    let output = hook(&repo, &["commit-msg"], &[], b"");
    assert_eq!(output.code, Some(2), "{}", output.describe());
    expect_trouble(&hook(&repo, &["commit-msg", "no-such-file"], &[], b""));
    assert_eq!(hook(&repo, &["pre-rebase"], &[], b"").code, Some(2));
    let bare = TestRepo::init_bare(&environment, "bare");
    expect_trouble(&hook(&bare, &["pre-commit"], &[], b""));
}

#[test]
fn damage_is_a_refusal() {
    let environment = environment();
    let repo = gated(&environment, "work");
    repo.file("a.txt", "harmless\n");
    let id = super::slip(&repo, "more");
    let blob = repo.id("HEAD:a.txt");
    repo.remove_loose_object(&blob);
    let line = format!("refs/heads/main {id} refs/heads/main {}\n", repo.id("HEAD~1"));
    expect_trouble(&hook(&repo, &["pre-push", "origin", "address"], &[], line.as_bytes()));
    // What is to be pushed is not there at all.
    let line = format!("refs/heads/main {} refs/heads/x {}\n", "1".repeat(40), "0".repeat(40));
    expect_trouble(&hook(&repo, &["pre-push", "origin", "address"], &[], line.as_bytes()));
    // Neither is what git is asked about.
    std::fs::write(repo.git_dir().join("MERGE_HEAD"), "nonsense\n").expect("writable");
    expect_trouble(&hook(&repo, &["pre-commit"], &[], b""));
}

#[test]
fn pre_commit_as_the_caller_of_a_push() {
    let environment = environment();
    let repo = gated(&environment, "work");
    let secret = unleak_testkit::fake::github_pat(3500);
    repo.file("a.txt", crate::scanning::line(&secret));
    let new = super::slip(&repo, "leak");
    let old = repo.id("HEAD~1");
    let all = [
        ("PRE_COMMIT", "1"),
        ("PRE_COMMIT_REMOTE_NAME", "origin"),
        ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main"),
        ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/main"),
        ("PRE_COMMIT_FROM_REF", old.as_str()),
        ("PRE_COMMIT_TO_REF", new.as_str()),
    ];
    let all = all.map(|(name, value)| (name, std::ffi::OsStr::new(value)));
    // A first push says no ids.
    for variables in [&all[..], &all[..4]] {
        let output = hook(&repo, &["pre-push"], variables, b"").expect_code(1);
        super::expect_refused(&output, &secret);
        assert!(output.mentions("pre-commit shows only the first ref"), "{}", output.describe());
    }
    expect_trouble(&hook(&repo, &["pre-push"], &all[..2], b""));
}
