//! `unleak install` and `unleak uninstall`: nobody's hook is lost, and what is installed refuses.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;

use unleak_testkit::{Output, TestEnvironment, TestRepo, fake};

use super::{expect_passed, expect_refused, git};
use crate::scanning::{environment, expect_trouble, line, started};

/// A script at `name` in the hooks directory that notes that it ran, with its input.
fn stranger(repo: &TestRepo<'_>, name: &str) -> (PathBuf, String) {
    let file = repo.git_dir().join("hooks").join(name);
    let text = format!(
        "#!/bin/sh\n# a stranger's\ncat > '{}'\necho \"$@\" >> '{}'\n",
        log(repo).display(),
        log(repo).display()
    );
    fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
    fs::write(&file, &text).expect("writable");
    executable(&file);
    (file, text)
}

fn log(repo: &TestRepo<'_>) -> PathBuf {
    repo.environment().path("stranger.log")
}

#[cfg(unix)]
fn executable(file: &std::path::Path) {
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
}

#[cfg(not(unix))]
fn executable(_: &std::path::Path) {}

fn check(repo: &TestRepo<'_>, args: &[&str]) -> Output {
    repo.unleak(["install", "--check"].iter().chain(args))
}

#[test]
fn installing_twice_is_installing_once_and_uninstalling_leaves_nothing() {
    let environment = environment();
    let repo = started(&environment, "work");
    let listed = || {
        let mut names: Vec<OsString> = fs::read_dir(repo.git_dir().join("hooks"))
            .map(|entries| entries.map(|entry| entry.expect("listed").file_name()).collect())
            .unwrap_or_default();
        names.sort();
        (names, fs::read_to_string(repo.git_dir().join("config")).expect("a configuration"))
    };
    let before = listed();
    drop(repo.unleak(["install", "--strict"]).expect_code(0));
    let installed = listed();
    assert_ne!(installed, before);
    let output = repo.unleak(["install", "--strict"]).expect_code(0);
    assert_eq!(output.stdout_text().matches("installed already").count(), 5, "{}", output.describe());
    assert_eq!(listed(), installed);
    drop(repo.unleak(["uninstall"]).expect_code(0));
    assert_eq!(listed(), before);
    let output = repo.unleak(["uninstall"]).expect_code(0);
    assert!(output.mentions("no gate of unleak is installed here"), "{}", output.describe());
}

#[test]
fn a_hook_of_a_stranger_is_left_alone_and_the_line_to_add_works() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (file, text) = stranger(&repo, "commit-msg");
    let output = repo.unleak(["install"]);
    expect_trouble(&output);
    assert_eq!(fs::read_to_string(&file).expect("there"), text);
    let line_to_add = "unleak hook commit-msg \"$@\" || exit 1";
    assert!(output.mentions(line_to_add) && output.mentions("--chain"), "{}", output.describe());
    // The others are in place all the same.
    assert!(output.stdout_text().contains("pre-push               installed"), "{}", output.describe());
    let added = format!("{text}{}\n", line_to_add.replace("unleak", env!("CARGO_BIN_EXE_unleak")));
    fs::write(&file, added).expect("writable");
    let secret = fake::github_pat(3300);
    expect_refused(&git(&repo, &["commit", "-q", "--allow-empty", "-m", &secret]), &secret);
}

#[test]
fn a_hook_that_is_chained_runs_first_with_the_same_input_and_comes_back() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3301));
    drop(repo.push_to_new_origin("origin", &["main"]));
    let (file, text) = stranger(&repo, "pre-push");
    drop(repo.unleak(["install", "--chain"]).expect_code(0));
    drop(repo.unleak(["install", "--chain"]).expect_code(0));
    repo.file("a.txt", line(&secret));
    super::slip(&repo, "leak");
    expect_refused(&git(&repo, &["push", "-q", "origin", "main"]), &secret);
    let seen = fs::read_to_string(log(&repo)).expect("the stranger's hook ran");
    let pushed =
        format!("refs/heads/main {} refs/heads/main {}\norigin ", repo.id("HEAD"), repo.id("HEAD~1"));
    assert!(seen.starts_with(&pushed), "{seen}");
    // What it refuses is refused.
    fs::write(file.with_file_name("pre-push.unleak-prev"), "#!/bin/sh\nexit 7\n").expect("writable");
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    assert_ne!(git(&repo, &["push", "-q", "origin", "main:refs/heads/x"]).code, Some(0));
    fs::write(file.with_file_name("pre-push.unleak-prev"), &text).expect("writable");
    expect_passed(&git(&repo, &["push", "-q", "origin", "main:refs/heads/x"]));
    drop(repo.unleak(["uninstall"]).expect_code(0));
    assert_eq!(fs::read_to_string(&file).expect("back"), text);
    assert!(!file.with_file_name("pre-push.unleak-prev").exists());
}

#[test]
fn who_manages_hooks_is_recognised() {
    let environment = environment();
    for (name, path, wanted) in [
        ("husky", ".husky/_", "to .husky/pre-push: unleak hook pre-push \"$@\""),
        ("elsewhere", "my-hooks", "my-hooks/pre-commit: unleak hook pre-commit || exit 1"),
    ] {
        let repo = started(&environment, name);
        fs::create_dir_all(repo.file_path(path)).expect("writable");
        repo.git(["config", "core.hooksPath", path]);
        let output = repo.unleak(["install"]);
        expect_trouble(&output);
        assert!(output.mentions(wanted), "{}", output.describe());
        assert_eq!(fs::read_dir(repo.file_path(path)).expect("there").count(), 0, "{}", output.describe());
    }
    for (name, script, wanted) in [
        (
            "pre-commit",
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n",
            "id: unleak-system",
        ),
        ("lefthook", "#!/bin/sh\ncall_lefthook run \"pre-commit\" \"$@\"\n", "to lefthook.yml: pre-commit:"),
    ] {
        let repo = started(&environment, name);
        let file = repo.git_dir().join("hooks/pre-commit");
        fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
        fs::write(&file, script).expect("writable");
        // They write their script anew whenever they like, so that keeping it would not last.
        for args in [&["install"][..], &["install", "--chain"]] {
            let output = repo.unleak(args);
            expect_trouble(&output);
            assert!(output.mentions(wanted), "{}", output.describe());
            assert_eq!(fs::read_to_string(&file).expect("there"), script);
        }
    }
}

#[test]
fn a_folder_of_hooks_can_be_chained_into() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3302));
    fs::create_dir(repo.file_path("my-hooks")).expect("writable");
    repo.git(["config", "core.hooksPath", "my-hooks"]);
    drop(repo.unleak(["install", "--chain"]).expect_code(0));
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "leak"]), &secret);
    drop(repo.unleak(["uninstall"]).expect_code(0));
    assert_eq!(fs::read_dir(repo.file_path("my-hooks")).expect("there").count(), 0);
}

#[test]
fn the_check_fires_every_gate() {
    let environment = environment();
    let repo = started(&environment, "work");
    let output = check(&repo, &[]).expect_code(1);
    assert_eq!(output.stdout_text().matches("OPEN").count(), 4, "{}", output.describe());
    drop(repo.unleak(["install", "--strict"]).expect_code(0));
    let before = (repo.id("HEAD"), repo.git(["status", "--porcelain"]), repo.git(["count-objects"]));
    let output = check(&repo, &["--strict"]).expect_code(0);
    assert_eq!(output.stdout_text().matches("refuses a planted secret").count(), 5, "{}", output.describe());
    assert_eq!((repo.id("HEAD"), repo.git(["status", "--porcelain"]), repo.git(["count-objects"])), before);
    // One gate does not stand in for another.
    fs::remove_file(repo.git_dir().join("hooks/pre-commit")).expect("ours");
    let output = check(&repo, &["--strict"]).expect_code(1);
    assert!(output.stdout_text().contains("pre-commit             OPEN"), "{}", output.describe());
    assert_eq!(output.stdout_text().matches("OPEN").count(), 1, "{}", output.describe());
}

#[test]
fn the_check_knows_a_hook_that_is_there_and_dead_from_one_that_refuses_everything() {
    let environment = environment();
    let repo = started(&environment, "work");
    drop(repo.unleak(["install"]).expect_code(0));
    let hooks = repo.git_dir().join("hooks");
    fs::write(hooks.join("pre-commit"), "#!/bin/sh\nunleak hook pre-commit\nexit 0\n").expect("writable");
    fs::write(hooks.join("pre-push"), "#!/bin/sh\necho no pushing on Fridays >&2\nexit 1\n")
        .expect("writable");
    let output = check(&repo, &[]).expect_code(1);
    let text = output.stdout_text();
    assert!(text.contains("pre-commit             OPEN"), "{}", output.describe());
    assert!(text.contains("pre-push               cannot be told"), "{}", output.describe());
    assert!(output.mentions("no pushing on Fridays"), "{}", output.describe());
    #[cfg(unix)]
    {
        // git leaves out what is not executable.
        fs::set_permissions(hooks.join("commit-msg"), std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .expect("ours");
        let output = check(&repo, &["--hook", "commit-msg"]).expect_code(1);
        assert!(output.stdout_text().contains("OPEN"), "{}", output.describe());
    }
}

#[test]
fn the_check_of_a_server() {
    let environment = environment();
    let repo = TestRepo::init_bare(&environment, "server");
    drop(check(&repo, &[]).expect_code(1));
    drop(repo.unleak(["install", "--deadline", "4.5s"]).expect_code(0));
    let output = check(&repo, &[]).expect_code(0);
    assert_eq!(output.stdout_text(), "pre-receive            refuses a planted secret\n");
}

/// Runs with a git whose configuration names hooks: the one on the path, or that which `UNLEAK_TEST_GIT_2_54` names the
/// folder of. Without either it says so.
#[expect(clippy::print_stderr, reason = "whoever reads the log must see that it was left out")]
fn with_new_git(test: impl FnOnce(&TestEnvironment, &OsStr)) {
    let environment = environment();
    #[expect(clippy::disallowed_methods, reason = "a test of its own surroundings")]
    let (named, path) =
        (std::env::var_os("UNLEAK_TEST_GIT_2_54"), std::env::var_os("PATH").unwrap_or_default());
    let folders = named.clone().map(PathBuf::from).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).expect("they were joined before");
    let output = environment.git_output(environment.root(), ["version"], &[("PATH", &path)], b"");
    if minor_version(&output.stdout_text()) >= 54 {
        test(&environment, &path);
    } else {
        assert!(named.is_none(), "what UNLEAK_TEST_GIT_2_54 names is {}", output.stdout_text());
        eprintln!("skipped: {}, and UNLEAK_TEST_GIT_2_54 names no newer one", output.stdout_text().trim());
    }
}

/// Of `git version 2.54.1`, the 54.
fn minor_version(said: &str) -> u32 {
    said.split('.').nth(1).and_then(|minor| minor.parse().ok()).expect("a version")
}

#[test]
fn hooks_in_the_configuration_run_beside_those_of_others() {
    with_new_git(|environment, path| {
        let (repo, secret) = (started(environment, "work"), fake::github_pat(3303));
        let (file, text) = stranger(&repo, "pre-commit");
        let variables = [("PATH", path)];
        let unleak = |args: &[&str]| environment.unleak_with(repo.path(), args, &variables, b"");
        let git = |args: &[&str]| environment.git_output(repo.path(), args, &variables, b"");
        for _ in 0..2 {
            let output = unleak(&["install", "--strict"]).expect_code(0);
            assert!(output.mentions("hook.unleak-pre-commit"), "{}", output.describe());
        }
        assert_eq!(fs::read_to_string(&file).expect("there"), text);
        let output = unleak(&["install", "--check", "--strict"]).expect_code(0);
        assert_eq!(output.stdout_text().matches("refuses").count(), 5, "{}", output.describe());
        repo.file("a.txt", line(&secret));
        expect_refused(&git(&["commit", "-qm", "leak"]), &secret);
        expect_refused(&git(&["commit", "-q", "--no-verify", "-m", "leak"]), &secret);
        drop(git(&["reset", "-q", "--hard"]).expect_code(0));
        repo.file("b.txt", "harmless\n");
        expect_passed(&git(&["commit", "-qm", "fine"]));
        assert!(log(&repo).exists(), "the other hook runs, too");
        // husky's way stays as it is.
        drop(git(&["config", "core.hooksPath", ".husky/_"]).expect_code(0));
        repo.file("a.txt", line(&secret));
        expect_refused(&git(&["commit", "-qm", "leak"]), &secret);
        // One that is switched off is said to be so, and is found open.
        drop(git(&["config", "hook.unleak-pre-commit.enabled", "false"]).expect_code(0));
        let output = unleak(&["install"]).expect_code(2);
        assert!(output.mentions("hook.unleak-pre-commit.enabled is false"), "{}", output.describe());
        let output = unleak(&["install", "--check", "--hook", "pre-commit"]).expect_code(1);
        assert!(output.stdout_text().contains("OPEN"), "{}", output.describe());
        drop(git(&["config", "--unset", "hook.unleak-pre-commit.enabled"]).expect_code(0));
        drop(unleak(&["uninstall"]).expect_code(0));
        expect_passed(&git(&["commit", "-qm", "leak"]));
        assert_eq!(git(&["config", "--get-regexp", "^hook"]).stdout_text(), "");
    });
}

#[test]
fn a_path_of_hooks_that_is_no_folder_is_said_to_be_none() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.git(["config", "core.hooksPath", "/dev/null"]);
    if minor_version(&repo.git(["version"])) < 54 {
        let output = repo.unleak(["install"]);
        expect_trouble(&output);
        assert!(output.mentions("git calls no hook here"), "{}", output.describe());
    }
    drop(repo.unleak(["uninstall"]).expect_code(0));
    // Hooks of the configuration are called all the same.
    with_new_git(|environment, path| {
        let (repo, secret) = (started(environment, "other"), fake::github_pat(3305));
        repo.git(["config", "core.hooksPath", "/dev/null"]);
        let variables = [("PATH", path)];
        drop(environment.unleak_with(repo.path(), ["install"], &variables, b"").expect_code(0));
        repo.file("a.txt", line(&secret));
        expect_refused(
            &environment.git_output(repo.path(), ["commit", "-qm", "leak"], &variables, b""),
            &secret,
        );
    });
}

#[test]
fn global_hooks_need_a_git_that_has_them() {
    let environment = environment();
    let repo = started(&environment, "work");
    if minor_version(&repo.git(["version"])) < 54 {
        let output = repo.unleak(["install", "--global"]);
        expect_trouble(&output);
        assert!(output.mentions("--global needs git 2.54"), "{}", output.describe());
    }
    with_new_git(|environment, path| {
        let (repo, secret) = (started(environment, "other"), fake::github_pat(3304));
        let config = environment.write("global.config", "");
        let variables = [("PATH", path), ("GIT_CONFIG_GLOBAL", config.as_os_str())];
        let unleak = |args: &[&str]| environment.unleak_with(environment.root(), args, &variables, b"");
        drop(unleak(&["install", "--global"]).expect_code(0));
        drop(unleak(&["install", "--global", "--check"]).expect_code(0));
        repo.file("a.txt", line(&secret));
        expect_refused(
            &environment.git_output(repo.path(), ["commit", "-qm", "leak"], &variables, b""),
            &secret,
        );
        drop(unleak(&["uninstall", "--global"]).expect_code(0));
        assert_eq!(fs::read_to_string(&config).expect("there").trim(), "");
    });
}
