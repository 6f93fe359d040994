//! `init` and `doctor` in projects that hold odd or hostile things: nothing leaves the project, nothing hangs, and what was
//! not looked at is never called good.

use serde_json::Value;
use unleak_testkit::{TestRepo, fake};

use crate::guard::doctor::check;
use crate::scanning::{environment, started};

#[track_caller]
fn report(repo: &TestRepo<'_>, more: &[&str]) -> Value {
    repo.unleak([&["doctor", "--format", "json"][..], more].concat()).json()
}

fn outcome(report: &Value, id: &str) -> String {
    check(report, id)["outcome"].as_str().unwrap_or_default().to_owned()
}

#[cfg(unix)]
#[test]
fn links_lead_init_nowhere_else() {
    let environment = environment();
    let repo = started(&environment, "work");
    let outside = environment.write(environment.home().join("outside.json"), "{}\n");
    let folder = environment.home().join("folder");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::create_dir(repo.file_path(".claude")).unwrap();
    repo.symlink(".claude/settings.json", outside.to_str().unwrap());
    repo.symlink(".cursor", folder.to_str().unwrap());
    repo.symlink(".gitignore", "ignored");
    repo.write("ignored", "node_modules\n");
    let output = repo.unleak(["init", "--no-baseline"]).expect_code(2);
    for path in [".claude/settings.json", ".cursor/hooks.json", ".gitignore"] {
        assert!(output.stderr_text().contains(&format!("'{path}' was left alone")), "{}", output.describe());
    }
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "{}\n");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    assert_eq!(std::fs::read_to_string(repo.file_path("ignored")).unwrap(), "node_modules\n");
}

#[cfg(unix)]
#[test]
fn a_link_within_the_project_stays_one() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write("agents/settings.json", "{}\n");
    std::fs::create_dir(repo.file_path(".claude")).unwrap();
    repo.symlink(".claude/settings.json", "../agents/settings.json");
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    assert!(std::fs::symlink_metadata(repo.file_path(".claude/settings.json")).unwrap().is_symlink());
    assert!(
        std::fs::read_to_string(repo.file_path("agents/settings.json")).unwrap().contains("unleak guard")
    );
}

#[cfg(unix)]
#[test]
#[expect(clippy::disallowed_methods, reason = "another program makes the pipe")]
fn pipes_and_folders_in_place_of_files_do_not_stop_anything() {
    let environment = environment();
    let repo = started(&environment, "work");
    // Password managers mount `.env` as a pipe; Python makes a folder of that name.
    let made = std::process::Command::new("mkfifo").arg(repo.file_path(".env")).status().unwrap();
    assert!(made.success());
    std::fs::create_dir(repo.file_path(".env.local")).unwrap();
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    drop(report(&repo, &["--no-history"]));
    drop(repo.unleak(["init", "--no-baseline", "--check"]).expect_code(0));
}

#[cfg(unix)]
#[test]
fn mode_and_owner_of_settings_stay() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".claude/settings.json", "{}\n");
    let path = repo.file_path(".claude/settings.json");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    // Only the super-user can give a file away.
    let is_given = chown(&path, Some(4242), Some(4243)).is_ok();
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    let meta = std::fs::metadata(&path).unwrap();
    assert_eq!(meta.permissions().mode() & 0o777, 0o640);
    assert!(!is_given || (meta.uid(), meta.gid()) == (4242, 4243));
}

#[test]
fn settings_that_the_agent_does_not_read_are_no_gate() {
    let environment = environment();
    let repo = started(&environment, "work");
    let commented = "{\n  // ours\n  \"hooks\": {}\n}\n";
    for (path, text) in [
        (".codex/hooks.json", commented),
        (".claude/settings.json", commented),
        (".github/hooks/unleak.json", commented),
        (".gemini/settings.json", "{\"hooks\": {},}\n"),
        (".cursor/hooks.json", "{hooks: {}}\n"),
    ] {
        repo.write(path, text);
        let output = repo.unleak(["init", "--no-baseline"]).expect_code(2);
        assert!(output.stderr_text().contains(&format!("'{path}' was left alone")), "{}", output.describe());
        assert_eq!(std::fs::read_to_string(repo.file_path(path)).unwrap(), text);
        let report = report(&repo, &["--no-history"]);
        let both = (outcome(&report, "AGENT001"), outcome(&report, "AGENT002"));
        assert_eq!((&both.0[..], &both.1[..]), ("fail", "fail"), "{path}");
        std::fs::remove_file(repo.file_path(path)).unwrap();
    }
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    repo.write(".codex/config.toml", "[features]\nhooks = false\n");
    assert_eq!(outcome(&report(&repo, &["--no-history"]), "AGENT004"), "fail");
}

#[test]
fn an_agent_of_the_user_is_one_that_is_used_here() {
    let environment = environment();
    let repo = started(&environment, "work");
    std::fs::create_dir_all(environment.home().join(".claude")).unwrap();
    assert_eq!(outcome(&report(&repo, &["--no-history"]), "AGENT001"), "fail");
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    assert_eq!(outcome(&report(&repo, &["--no-history"]), "AGENT001"), "pass");
}

#[test]
fn what_was_left_out_or_cut_off_did_not_pass() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("a.txt", format!("k = {}\n", fake::github_pat(960))).commit("leak");
    repo.file("a.txt", "").commit("gone");
    let left_out = report(&repo, &["--no-history"]);
    for id in ["KEY001", "GCP001"] {
        assert_eq!(outcome(&left_out, id), "skip", "{id}");
    }
    let from = format!("file://{}", repo.path().display());
    let shallow = environment.root().join("shallow");
    environment
        .git(environment.root(), ["clone", "--quiet", "--depth", "1", &from, shallow.to_str().unwrap()]);
    let report = environment.unleak(&shallow, ["doctor", "--format", "json"]).json();
    for id in ["KEY001", "GCP001"] {
        assert_eq!(outcome(&report, id), "skip", "{id}: {report}");
    }
}

#[test]
fn what_init_found_there_is_as_live_as_before() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("old.txt", format!("k = {}\n", fake::github_pat(961))).commit("in 2024");
    drop(repo.unleak(["init"]).expect_code(0));
    assert_eq!(outcome(&report(&repo, &[]), "KEY001"), "fail");
}

#[test]
fn a_secret_in_a_message_has_an_age_too() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(962);
    repo.file("a.txt", "a\n").commit(&format!("use {secret}"));
    let report = report(&repo, &[]);
    assert_eq!(outcome(&report, "KEY001"), "fail", "{report}");
    assert!(!report.to_string().contains(&secret));
}

#[test]
fn env_files_are_seen_in_folders_where_git_sees_nothing() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = format!("DB_PASSWORD={}\n", fake::password(963));
    repo.file(".gitignore", ".env*\n").file("apps/web/src/a.ts", "x\n").commit("files");
    repo.write("envs/.env.development", &secret)
        .write("envs/.env.production", &secret)
        .write("apps/.env", "A=b\n");
    let report = report(&repo, &["--no-history"]);
    assert_eq!(outcome(&report, "ENV004"), "fail", "{report}");
    let (decision, why) = crate::guard::asking::on_command(&repo, "rm -rf envs");
    assert!(decision == "ask" && why.contains("envs/.env.development"), "{why}");
    let (decision, why) = crate::guard::asking::on_command(&repo, "rm -rf apps");
    assert!(decision == "ask" && why.contains("apps/.env"), "{why}");
}

#[test]
fn a_weak_password_is_the_same_in_two_environments_too() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitignore", ".env*\n").commit("ignore");
    let word = ["correct", "horse"].concat();
    repo.write(".env.development", format!("DB_PASSWORD=\"{word}\"\nAPI_KEY=changeme\nNAME=somebody\n"));
    repo.write(".env.production", format!("DB_PASSWORD={word}\nAPI_KEY=changeme\nNAME=somebody\n"));
    let report = report(&repo, &["--no-history"]);
    let remarks = check(&report, "ENV004")["remarks"].as_array().unwrap().clone();
    assert_eq!(remarks.len(), 1, "{remarks:?}");
    assert!(
        remarks[0]["text"].as_str().unwrap().contains("DB_PASSWORD") && !report.to_string().contains(&word)
    );
}

#[test]
fn a_file_too_large_to_be_read_is_said_to_be() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitignore", ".env*\n").commit("ignore");
    let file = std::fs::File::create(repo.file_path(".env")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    let output = repo.unleak(["doctor", "--no-history", "--format", "json"]);
    let env004 = check(&output.json(), "ENV004");
    assert_eq!(env004["outcome"], "skip", "{env004}");
}

#[test]
fn settings_of_git_are_those_that_git_reads() {
    let environment = environment();
    let repo = started(&environment, "work");
    let password = fake::password(964);
    repo.write(
        "more.config",
        format!("[remote \"up\"]\n\turl = https://ci:{password}@git.project.test/a.git\n"),
    );
    repo.git(["config", "include.path", "../more.config"]);
    let report = report(&repo, &["--no-history"]);
    assert_eq!(outcome(&report, "GIT002"), "fail", "{report}");
    assert!(!report.to_string().contains(&password));
    repo.git(["config", "--unset", "include.path"]);
    repo.git(["config", "github.token", &fake::github_pat(965)]);
    assert_eq!(outcome(&self::report(&repo, &["--no-history"]), "GIT002"), "fail");
}

#[test]
fn fix_writes_nothing_but_the_report_to_standard_output() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".env", "A=b\n").write(".claude/settings.json", "{}\n");
    let output = repo.unleak(["doctor", "--no-history", "--fix", "--format", "json"]);
    assert_eq!(outcome(&output.json(), "ENV002"), "pass");
    assert!(output.stderr_text().contains(".gitignore"), "{}", output.describe());
}

#[test]
fn init_in_a_linked_worktree_and_below_the_top() {
    let environment = environment();
    let repo = started(&environment, "work");
    let linked = environment.root().join("linked");
    repo.git(["worktree", "add", "--quiet", linked.to_str().unwrap(), "-b", "topic"]);
    drop(environment.unleak(&linked, ["init", "--no-baseline"]).expect_code(0));
    drop(environment.unleak(&linked, ["init", "--no-baseline", "--check"]).expect_code(0));
    assert!(linked.join(".gitignore").exists() && !repo.file_path(".gitignore").exists());
    repo.write("deep/er/x", "");
    drop(environment.unleak(&repo.file_path("deep/er"), ["init", "--no-baseline"]).expect_code(0));
    assert!(repo.file_path(".gitignore").exists() && !repo.file_path("deep/er/.gitignore").exists());
    let bare = TestRepo::init_bare(&environment, "bare.git");
    for command in ["init", "doctor"] {
        drop(environment.unleak(bare.path(), [command]).expect_code(2));
    }
}

#[test]
fn a_gate_written_away_by_the_agents_own_tool_is_refused() {
    let environment = environment();
    let repo = started(&environment, "work");
    drop(repo.unleak(["init", "--no-baseline", "--agent", "claude"]).expect_code(0));
    let on_write = crate::guard::asking::on_write;
    assert_eq!(on_write(&repo, ".claude/settings.json", "{}\n"), "deny");
    let kept = std::fs::read_to_string(repo.file_path(".claude/settings.json")).unwrap();
    assert_eq!(on_write(&repo, ".claude/settings.json", &kept.replace("30", "60")), "");
    assert_eq!(on_write(&repo, ".husky/pre-commit", "npm test\n"), "");
    repo.write(".husky/pre-commit", "unleak hook pre-commit\nnpm test\n");
    assert_eq!(on_write(&repo, ".husky/pre-commit", "npm test\n"), "deny");
    assert_eq!(on_write(&repo, ".husky/pre-commit", "unleak hook pre-commit\nnpm run lint\n"), "");
}

#[test]
fn aliases_in_included_files_are_followed() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".git/more", "[alias]\n\tyolo = push --force\n[include]\n\tpath = more\n");
    repo.git(["config", "include.path", "more"]);
    assert_eq!(crate::guard::asking::on_command(&repo, "git yolo").0, "deny");
    assert_eq!(crate::guard::asking::on_command(&repo, "git other").0, "");
}
