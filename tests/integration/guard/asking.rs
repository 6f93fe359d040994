//! Asks `unleak guard` as an agent does, and reads the answer as an agent does.

use serde_json::{Value, json};
use unleak_testkit::{Output, TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, started};

/// What `unleak guard` says to a payload of Claude Code in `folder`.
#[track_caller]
pub(crate) fn answer(repo: &TestRepo<'_>, event: &str, more: &Value) -> Value {
    let mut payload = json!({ "session_id": "s", "cwd": repo.path(), "hook_event_name": event });
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(repo.environment(), repo, payload.to_string().as_bytes()).expect_code(0).json()
}

pub(crate) fn ask(environment: &TestEnvironment, repo: &TestRepo<'_>, payload: &[u8]) -> Output {
    environment.unleak_with(repo.path(), ["guard"], &[], payload)
}

/// The decision on a command, and why; `("", "")` for none.
#[track_caller]
pub(crate) fn on_command(repo: &TestRepo<'_>, command: &str) -> (String, String) {
    let answer =
        answer(repo, "PreToolUse", &json!({ "tool_name": "Bash", "tool_input": { "command": command } }));
    let text = |field: &str| answer["hookSpecificOutput"][field].as_str().unwrap_or_default().to_owned();
    (text("permissionDecision"), text("permissionDecisionReason"))
}

#[track_caller]
pub(crate) fn on_write(repo: &TestRepo<'_>, path: &str, content: &str) -> String {
    let input = json!({ "file_path": repo.file_path(path), "content": content });
    let answer = answer(repo, "PreToolUse", &json!({ "tool_name": "Write", "tool_input": input }));
    answer["hookSpecificOutput"]["permissionDecision"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason() {
    let environment = environment();
    let repo = started(&environment, "work");
    for payload in [&b""[..], b"{", b"\xff\xfe", b"null", b"{\"a\": 1}"] {
        let output = ask(&environment, &repo, payload).expect_code(2);
        assert_eq!(output.json()["permission"], "deny");
        assert!(output.stderr_text().contains("unleak could not look at this"), "{}", output.describe());
    }
}

#[test]
fn a_write_is_judged_by_what_git_says_of_the_path() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitignore", ".env\n/private/\n").file("forced.env", "A=b\n").commit("ignore");
    let text = format!("TOKEN={}\n", fake::github_pat(900));
    for path in [".env", "private/deep/x.txt", "../elsewhere.txt", ".git/x"] {
        assert_eq!(on_write(&repo, path, &text), "", "{path}");
    }
    for path in ["README", "new/file.txt", "forced.env", ".env.production", "x/../README"] {
        assert_eq!(on_write(&repo, path, &text), "deny", "{path}");
    }
    #[cfg(unix)]
    {
        repo.symlink("link", "README");
        assert_eq!(on_write(&repo, "link", &text), "deny");
    }
    assert_eq!(on_write(&repo, "README", "harmless"), "");
}

#[test]
fn a_broken_index_is_refused_where_it_matters_only() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".git/index", "damaged");
    let (decision, why) = on_command(&repo, "git commit -m x");
    assert_eq!(decision, "deny");
    assert!(why.contains("could not look"), "{why}");
    assert_eq!(on_write(&repo, "a.txt", &fake::github_pat(901)), "deny");
    assert_eq!(on_command(&repo, "ls").0, "");
}

#[test]
fn policies_of_the_repository_add_and_never_take_away() {
    let environment = environment();
    let repo = started(&environment, "work");
    let own = "[[policies]]\nid = \"no-publish\"\nprograms = [\"npm\"]\nsubcommands = [\"publish\"]\nverdict = \"deny\"\nmessage = \"Releases are made by CI.\"\n";
    repo.write(".unleak-guard.toml", own);
    assert!(on_command(&repo, "npm publish").1.contains("made by CI"));
    repo.write(".unleak-guard.toml", "disable = [\"git-force-push\"]\n");
    let (decision, why) = on_command(&repo, "ls");
    assert_eq!(decision, "deny");
    assert!(why.contains(".unleak-guard.toml") && why.contains("git-force-push"), "{why}");
    std::fs::remove_file(repo.file_path(".unleak-guard.toml")).unwrap();
    environment
        .write(environment.home().join(".config/unleak/guard.toml"), "disable = [\"git-force-push\"]\n");
    assert_eq!(on_command(&repo, "git push -f").0, "");
    assert_eq!(on_command(&repo, "git push --mirror").0, "deny");
}

#[test]
fn aliases_are_read_from_every_configuration_and_never_run() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.git(["config", "alias.yolo", "push --force"]);
    repo.git(["config", "alias.run", "!touch ran; git push -f"]);
    assert_eq!(on_command(&repo, "git yolo").0, "deny");
    assert_eq!(on_command(&repo, "git run").0, "deny");
    assert!(!repo.file_path("ran").exists());
    repo.write("sub/x", "");
    assert_eq!(on_command(&repo, "cd sub && git yolo").0, "deny");
    assert_eq!(on_command(&repo, &format!("git -C {} yolo", repo.path().display())).0, "deny");
}

#[test]
fn what_the_baseline_of_head_accepts_is_let_pass() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(902);
    repo.file("a.txt", format!("k = {secret}\n")).commit("leak");
    assert_eq!(on_write(&repo, "b.txt", &secret), "deny");
    drop(repo.unleak(["baseline", "write", "--reason", "rotated"]).expect_code(0));
    assert_eq!(
        on_write(&repo, "b.txt", &secret),
        "deny",
        "the working tree's baseline is anybody's to write"
    );
    repo.add(".unleak-baseline.toml").commit("accept");
    assert_eq!(on_write(&repo, "b.txt", &secret), "");
}

#[test]
fn changes_that_no_commit_has_are_lost_with_a_tracked_file_too() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("src/a.rs", "one\n").file("src/b.rs", "two\n").commit("files");
    assert_eq!(on_command(&repo, "rm -rf src").0, "", "all of it can be brought back");
    repo.write("src/b.rs", "two, changed\n");
    let (decision, why) = on_command(&repo, "rm -rf src");
    assert!(decision == "ask" && why.contains("src/b.rs") && !why.contains("src/a.rs"), "{why}");
    assert_eq!(on_command(&repo, "rm -rf README").0, "");
    repo.git(["add", "src/b.rs"]);
    assert_eq!(on_command(&repo, "rm -rf src").0, "", "the index has it");
}
