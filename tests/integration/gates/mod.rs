//! Gates with real git: every known way around one ends in a refusal, or in exit code 2 with the reason.

mod accepting;
mod action;
mod calls;
mod ci;
mod ci_platforms;
mod commits;
mod framework;
mod installing;
mod judge;
mod lease;
mod pushes;
mod server;

use std::ffi::OsStr;

use unleak_testkit::{Output, TestEnvironment, TestRepo};

use crate::scanning::{expect_no_panic, started};

/// A repository with one harmless commit, a remote that has it, and the gates in place.
pub(super) fn gated<'e>(environment: &'e TestEnvironment, name: &str) -> TestRepo<'e> {
    let repo = started(environment, name);
    drop(repo.push_to_new_origin(&format!("{name}-origin"), &["main"]));
    repo.git(["fetch", "--quiet", "origin"]);
    drop(repo.unleak(["install"]).expect_code(0));
    repo
}

/// Runs git in `repo`, whatever comes of it.
#[track_caller]
pub(super) fn git(repo: &TestRepo<'_>, args: &[&str]) -> Output {
    let output = repo.environment().git_output(repo.path(), args, &[], b"");
    expect_no_panic(&output);
    output
}

/// Commits what is staged past the gate of commits: what a push gate has to catch.
#[track_caller]
pub(super) fn slip(repo: &TestRepo<'_>, message: &str) -> String {
    repo.git(["commit", "--quiet", "--no-verify", "--allow-empty", "-m", message]);
    repo.id("HEAD")
}

/// Panics unless git was refused because of a secret, which nothing shows.
#[track_caller]
pub(super) fn expect_refused(output: &Output, secret: &str) {
    assert!(output.code.is_some_and(|code| code != 0), "expected a refusal\n{}", output.describe());
    assert!(output.mentions("is refused: "), "expected a refusal of ours\n{}", output.describe());
    assert!(!output.mentions(secret), "the output shows a secret\n{}", output.describe());
}

/// Panics unless git went through and unleak had nothing to say against it.
#[track_caller]
pub(super) fn expect_passed(output: &Output) {
    assert!(output.code == Some(0), "expected git to go through\n{}", output.describe());
    assert!(!output.mentions("refused"), "{}", output.describe());
}

/// The gate of a hook, called as git would.
#[track_caller]
pub(super) fn hook(repo: &TestRepo<'_>, args: &[&str], variables: &[(&str, &OsStr)], stdin: &[u8]) -> Output {
    let args: Vec<&str> = ["hook"].iter().chain(args).copied().collect();
    let output = repo.environment().unleak_with(repo.path(), args, variables, stdin);
    expect_no_panic(&output);
    output
}
