//! Repositories for all tests of acting, and the calls with everything a test does not care about filled in.

use std::cell::RefCell;
use std::env;
use std::ops::ControlFlow;
use std::path::PathBuf;

use unleak_remediate::{ActError, Applied, ApplyOptions, Change, Git, Recovered, State, Undone};
use unleak_testkit::TestRepo;

use crate::rewriting::{SECRET, open};

/// The machine's git, without the machine's configuration.
#[allow(clippy::disallowed_methods, reason = "a test says which git is run")]
pub(crate) fn git() -> Git {
    let path = env::var_os("PATH").unwrap_or_default();
    let variables = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")];
    let variables = variables.map(|(name, value)| (name.into(), value.into()));
    Git::new("git", variables.into_iter().chain([("PATH".into(), path)]))
}

/// Where the backup of a test's repository goes.
pub(crate) fn backup_of(repo: &TestRepo<'_>) -> PathBuf {
    let mut name = repo.path().file_name().unwrap().to_owned();
    name.push(".backup");
    repo.path().with_file_name(name)
}

/// How a test applies, unless it says otherwise.
pub(crate) fn options(repo: &TestRepo<'_>) -> ApplyOptions<'static> {
    ApplyOptions {
        backup: Some(backup_of(repo)),
        now: 1_700_000_000,
        reports: true,
        deleted: &|_| false,
        asked: None,
    }
}

pub(crate) fn go(_: State) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[track_caller]
pub(crate) fn apply(repo: &TestRepo<'_>, change: &Change, options: &ApplyOptions<'_>) -> Applied {
    try_apply(repo, change, options).unwrap()
}

pub(crate) fn try_apply(
    repo: &TestRepo<'_>,
    change: &Change,
    options: &ApplyOptions<'_>,
) -> Result<Applied, ActError> {
    unleak_remediate::apply(&open(repo), &git(), change, options, &mut || Ok(()), &mut go)
}

/// Applies up to a state and stops there as if the program had ended, which then is told from the error.
#[track_caller]
pub(crate) fn apply_until(repo: &TestRepo<'_>, change: &Change, options: &ApplyOptions<'_>, last: State) {
    let seen = RefCell::new(Vec::new());
    let mut watch = |state| {
        seen.borrow_mut().push(state);
        if state == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let result = unleak_remediate::apply(&open(repo), &git(), change, options, &mut || Ok(()), &mut watch);
    assert!(matches!(result, Err(ActError::Stopped)), "{result:?}");
    assert_eq!(seen.borrow().last(), Some(&last));
}

#[track_caller]
pub(crate) fn undo(repo: &TestRepo<'_>) -> Undone {
    unleak_remediate::undo(&open(repo), &git(), &mut go).unwrap()
}

#[track_caller]
pub(crate) fn recover(repo: &TestRepo<'_>) -> Recovered {
    unleak_remediate::recover(&open(repo), &git(), &mut go).unwrap()
}

/// Gives a repository commits with and without the secret on two branches, tags of both kinds, and a stash.
pub(crate) fn fill(repo: &TestRepo<'_>) {
    repo.file("README", "hello\n").commit("first");
    repo.file("conf/settings.ini", format!("password={SECRET}\n"))
        .file("run.sh", "#!/bin/sh\n")
        .commit("add settings");
    repo.annotated_tag("v1", "HEAD", "one");
    repo.tag("light", "HEAD");
    repo.branch("topic");
    repo.file("topic.txt", "topic\n").commit("on topic");
    repo.switch("main");
    repo.file("more.txt", "more\n").commit("more");
    repo.amend("more, said better");
    repo.write("README", format!("first stash {SECRET}\n")).stash("one");
    repo.write("README", "second stash\n").stash("two");
}
