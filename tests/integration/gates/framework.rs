//! pre-commit itself, with this repository's `.pre-commit-hooks.yaml`; where `UNLEAK_TEST_PRE_COMMIT` names the program.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use unleak_testkit::{Output, TestRepo, fake};

use super::{expect_passed, expect_refused, slip};
use crate::scanning::{environment, line, started};

/// The hooks as a repository that pre-commit can clone, at a tag: a branch would be kept as it was first seen.
fn hooks(environment: &unleak_testkit::TestEnvironment) -> TestRepo<'_> {
    let repo = TestRepo::init(environment, "hooks");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml"));
    repo.file(".pre-commit-hooks.yaml", text.expect("it is there")).commit("hooks");
    repo.tag("v1", "HEAD");
    repo
}

/// `PATH` with the folder of the built program, and where pre-commit is.
fn surroundings() -> Option<(OsString, OsString)> {
    #[expect(clippy::disallowed_methods, reason = "a test of its own surroundings")]
    let (program, path) = (std::env::var_os("UNLEAK_TEST_PRE_COMMIT")?, std::env::var_os("PATH")?);
    let folder = Path::new(env!("CARGO_BIN_EXE_unleak")).parent()?;
    let folders = [folder.to_owned()].into_iter().chain(Path::new(&program).parent().map(Path::to_owned));
    let all = folders.chain(std::env::split_paths(&path));
    Some((std::env::join_paths(all).ok()?, program))
}

#[test]
fn pre_commit_runs_the_gates() {
    let Some((path, program)) = surroundings() else { return };
    let environment = environment();
    let (hooks, repo) = (hooks(&environment), started(&environment, "work"));
    let [staged, message, merged, pushed] = [3800, 3801, 3802, 3803].map(fake::github_pat);
    drop(repo.push_to_new_origin("origin", &["main"]));
    repo.git(["fetch", "-q", "origin"]);
    let config = format!(
        "default_install_hook_types: [pre-commit, pre-merge-commit, commit-msg, pre-push]\nrepos:\n- repo: {}\n  rev: v1\n  \
         hooks: [{{id: unleak-system}}, {{id: unleak-merge-system}}, {{id: unleak-commit-msg-system}}, {{id: unleak-push-system}}]\n",
        hooks.path().display()
    );
    repo.file(".pre-commit-config.yaml", config);
    let cache = environment.path("pre-commit-cache");
    let variables = [("PATH", path.as_os_str()), ("PRE_COMMIT_HOME", cache.as_os_str())];
    let git = |args: &[&str]| -> Output { environment.git_output(repo.path(), args, &variables, b"") };
    let install = environment.write("install.sh", "exec \"$PROGRAM\" install\n");
    let with_program: Vec<(&str, &OsStr)> =
        variables.iter().copied().chain([("PROGRAM", program.as_os_str())]).collect();
    drop(environment.script(&install, repo.path(), &with_program));
    expect_passed(&git(&["commit", "-qm", "configuration"]));
    repo.file("a.txt", line(&staged));
    expect_refused(&git(&["commit", "-qm", "leak"]), &staged);
    repo.git(["reset", "-q", "--hard"]);
    expect_refused(&git(&["commit", "-q", "--allow-empty", "-m", &message]), &message);
    repo.branch("side").file("side.txt", line(&merged));
    slip(&repo, "side");
    repo.switch("main").file("b.txt", "harmless\n");
    expect_passed(&git(&["commit", "-qm", "fine"]));
    expect_refused(&git(&["merge", "-q", "--no-edit", "side"]), &merged);
    repo.git(["merge", "--abort"]);
    // Added and deleted, on a branch that is not checked out.
    repo.branch("leaky").file("c.txt", line(&pushed));
    slip(&repo, "leak");
    repo.git(["rm", "-q", "c.txt"]);
    slip(&repo, "gone");
    repo.switch("main");
    let output = git(&["push", "-q", "origin", "leaky"]);
    expect_refused(&output, &pushed);
    assert!(output.mentions("pre-commit shows only the first ref"), "{}", output.describe());
    expect_passed(&git(&["push", "-q", "origin", "main"]));
}
