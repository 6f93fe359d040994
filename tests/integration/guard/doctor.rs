//! `unleak doctor`: what it finds, what it mends, and in which forms it says so.

use serde_json::Value;
use unleak_testkit::fake;

use crate::scanning::{environment, started};

/// A check of a JSON report.
#[track_caller]
pub(crate) fn check(report: &Value, id: &str) -> Value {
    let checks = report["checks"].as_array().unwrap_or_else(|| panic!("{report}"));
    checks.iter().find(|check| check["id"] == id).unwrap_or_else(|| panic!("no {id}")).clone()
}

#[test]
fn env_files_are_told_by_what_git_says_of_them() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitignore", ".env.local\n").commit("ignore");
    repo.write(".env.local", "A=b\n").write(".env", "B=c\n").write("private.env", "C=d\n");
    repo.write(".git/info/exclude", "private.env\n");
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).expect_code(1).json();
    let paths = |id: &str| {
        let check = check(&report, id);
        let remarks = check["remarks"].as_array().unwrap().clone();
        remarks
            .iter()
            .map(|remark| remark["path"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(paths("ENV001"), [""; 0]);
    assert_eq!(paths("ENV002"), [".env"]);
    assert_eq!(paths("ENV003"), ["private.env"]);
    assert_eq!(paths("ENV006"), [".env.example"]);
}

#[test]
fn fix_mends_what_can_be_mended_without_asking() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".env", "A=b\n").write(".claude/settings.json", "{}\n");
    drop(repo.unleak(["doctor", "--no-history", "--fix"]));
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    for id in ["ENV002", "ENV006", "ENV007", "AGENT001"] {
        assert_eq!(check(&report, id)["outcome"], "pass", "{id}: {}", check(&report, id));
    }
    assert_eq!(std::fs::read_to_string(repo.file_path(".env")).unwrap(), "A=b\n");
}

#[test]
fn rotation_counts_from_the_commit_that_brought_the_secret() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::github_pat(920);
    repo.file("old.txt", format!("k = {secret}\n")).commit("in 2024");
    repo.file("old.txt", format!("moved\nk = {secret}\n")).commit("later");
    let report = repo.unleak(["doctor", "--format", "json"]).expect_code(1).json();
    let rotation = check(&report, "KEY001");
    assert_eq!(rotation["outcome"], "fail");
    assert!(rotation["remarks"][0]["text"].as_str().unwrap().contains("90 is the limit"));
    let report = repo.unleak(["doctor", "--format", "json", "--max-age", "100000"]).json();
    assert_eq!(check(&report, "KEY001")["outcome"], "pass");
    drop(repo.unleak(["baseline", "write", "--reason", "rotated"]).expect_code(0));
    let report = repo.unleak(["doctor", "--format", "json"]).json();
    assert_eq!(check(&report, "KEY001")["outcome"], "pass");
    assert!(!report.to_string().contains(&secret));
}

#[test]
fn agents_hooks_are_fired_not_only_read() {
    let environment = environment();
    let repo = started(&environment, "work");
    drop(repo.unleak(["init", "--no-baseline", "--agent", "claude"]).expect_code(0));
    // Not on the PATH: the line is there, and it does not work.
    let report = environment
        .unleak_with(
            repo.path(),
            ["doctor", "--no-history", "--format", "json"],
            &[("PATH", "/usr/bin:/bin".as_ref())],
            b"",
        )
        .json();
    assert_eq!(check(&report, "AGENT003")["outcome"], "fail");
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_unleak")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let report = environment
        .unleak_with(
            repo.path(),
            ["doctor", "--no-history", "--format", "json"],
            &[("PATH", path.as_ref())],
            b"",
        )
        .json();
    assert_eq!(check(&report, "AGENT003")["outcome"], "pass", "{}", check(&report, "AGENT003"));
}

#[test]
fn credentials_in_configuration_and_hooks_that_are_shadowed() {
    let environment = environment();
    let repo = started(&environment, "work");
    let password = fake::password(921);
    repo.git(["config", "remote.origin.url", &format!("https://ci:{password}@git.project.test/a.git")]);
    repo.git(["config", "core.hooksPath", "/nowhere"]);
    let output = repo.unleak(["doctor", "--no-history"]).expect_code(1);
    assert!(output.stdout_text().contains("GIT002") && !output.mentions(&password), "{}", output.describe());
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    assert_eq!(check(&report, "GIT002")["outcome"], "fail");
    assert_eq!(check(&report, "HOOK002")["outcome"], "warn");
}

#[test]
fn sarif_is_sarif() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".env", "A=b\n");
    let sarif = repo.unleak(["doctor", "--no-history", "--format", "sarif"]).expect_code(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "ENV002"));
    for result in results {
        assert!(result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap() > 0);
    }
}

#[test]
fn outside_of_a_repository_it_says_so() {
    let environment = environment();
    let output = environment.unleak(environment.root(), ["doctor"]).expect_code(2);
    assert!(output.stderr_text().contains("is not in a git repository"));
}
