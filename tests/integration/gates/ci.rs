//! `unleak ci`: the base decides what is accepted, missing history is no clean history, and names command nobody.

use std::ffi::OsStr;
use std::path::PathBuf;

use unleak_testkit::{Output, TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, expect_no_panic, expect_trouble, line, started};

/// Runs `unleak ci` in `repo` as GitHub Actions would for `event`.
#[track_caller]
pub(super) fn github(repo: &TestRepo<'_>, event: &str, description: &str, args: &[&str]) -> Output {
    let file = repo.environment().write("event.json", description);
    let (summary, outputs) = (path(repo.environment(), "summary.md"), path(repo.environment(), "outputs"));
    for file in [&summary, &outputs] {
        std::fs::write(file, "").expect("writable");
    }
    let variables = [
        ("GITHUB_ACTIONS", OsStr::new("true")),
        ("GITHUB_EVENT_NAME", OsStr::new(event)),
        ("GITHUB_EVENT_PATH", file.as_os_str()),
        ("GITHUB_STEP_SUMMARY", summary.as_os_str()),
        ("GITHUB_OUTPUT", outputs.as_os_str()),
    ];
    let args: Vec<&str> = ["ci"].iter().chain(args).copied().collect();
    let output = repo.environment().unleak_with(repo.path(), args, &variables, b"");
    expect_no_panic(&output);
    output
}

fn path(environment: &TestEnvironment, name: &str) -> PathBuf {
    environment.path(name)
}

/// A pull request from `base` to HEAD.
#[track_caller]
fn pull_request(repo: &TestRepo<'_>, base: &str, args: &[&str]) -> Output {
    let (base, head) = (repo.id(base), repo.id("HEAD"));
    let description = format!(
        r#"{{"pull_request": {{"base": {{"sha": "{base}"}}, "head": {{"sha": "{head}", "ref": "topic"}}}}}}"#
    );
    github(repo, "pull_request", &description, args)
}

#[test]
fn a_change_is_scanned_and_the_platform_is_told() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3600));
    repo.file("dir/a.txt", line(&secret)).commit("leak");
    let output = pull_request(&repo, "HEAD~1", &[]).expect_code(1);
    let range = format!("{}..{}", &repo.id("HEAD~1")[..10], &repo.id("HEAD")[..10]);
    assert!(output.mentions(format!("pull request: scanning {range}")), "{}", output.describe());
    assert!(output.mentions("::error file=dir/a.txt,line=1"), "{}", output.describe());
    let summary = std::fs::read_to_string(path(&environment, "summary.md")).expect("written");
    assert!(summary.contains("dir/a.txt"), "{summary}");
    let outputs = std::fs::read_to_string(path(&environment, "outputs")).expect("written");
    assert_eq!(outputs, format!("findings=1\ncomplete=true\nexpired=0\nrange={range}\n"));
    assert!(!output.mentions(&secret) && !summary.contains(&secret));
    let output = pull_request(&repo, "HEAD", &[]).expect_code(0);
    assert!(!output.mentions("::error"), "{}", output.describe());
    let output = pull_request(&repo, "HEAD~1", &["--no-annotations"]).expect_code(1);
    assert!(!output.mentions("::error"), "{}", output.describe());
    assert_eq!(std::fs::read_to_string(path(&environment, "outputs")).expect("there"), "");
}

#[test]
fn added_and_deleted_within_a_change() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3601));
    repo.file("a.txt", line(&secret)).commit("added");
    repo.remove("a.txt").commit("deleted");
    drop(pull_request(&repo, "HEAD~2", &[]).expect_code(1));
}

#[test]
fn a_change_does_not_choose_its_judge() {
    let environment = environment();
    let repo = started(&environment, "work");
    let [one, two, three, four] = [3602, 3603, 3604, 3605].map(fake::github_pat);
    repo.file(".gitleaks.toml", "[extend]\nuseDefault = true\n").commit("a configuration");
    repo.tag("base", "HEAD");
    // A comment, an ignore file, a baseline, attributes, and a weaker configuration.
    repo.file("a.txt", format!("token = {one} # unleak:allow mine\n")).commit("comment");
    repo.file("b.txt", line(&two)).file(".gitleaksignore", "b.txt:github-pat:1\n").commit("ignore file");
    repo.file("c.txt", line(&three));
    drop(repo.unleak(["baseline", "write", "--reason", "mine", "--no-config"]).expect_code(0));
    repo.add(".unleak-baseline.toml").file(".gitattributes", "* -diff binary\n").commit("baseline");
    repo.file(".gitleaks.toml", "[extend]\nuseDefault = true\n[allowlist]\npaths = ['.*']\n");
    repo.file("d.txt", line(&four)).commit("configuration");
    let output = pull_request(&repo, "base", &["--report", "json=report.json"]).expect_code(1);
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(repo.file_path("report.json")).expect("written"))
            .expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let new: Vec<&str> = findings
        .iter()
        .filter(|finding| finding["verdict"] == "new")
        .filter_map(|finding| finding["location"]["path"].as_str())
        .collect();
    assert_eq!(new.len(), 4, "{new:?}\n{}", output.describe());
    for said in [
        ".gitleaks.toml: what the change makes of it does not count yet",
        ".gitleaksignore: what the change makes of it does not count yet",
        "the change adds",
        "the change would accept it: mine",
        "which does not count here, says: mine",
    ] {
        assert!(output.mentions(said), "{said}\n{}", output.describe());
    }
}

#[test]
fn what_the_base_accepts_is_accepted() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3606));
    repo.write("a.txt", line(&secret));
    drop(repo.unleak(["baseline", "write", "--reason", "the vendor's sample"]).expect_code(0));
    repo.add(".unleak-baseline.toml").commit("accepted first");
    repo.add("a.txt").commit("then used");
    drop(pull_request(&repo, "HEAD~1", &[]).expect_code(0));
    // From its last day on it fails, for whoever changes whatever.
    let file = repo.file_path(".unleak-baseline.toml");
    let text = std::fs::read_to_string(&file).expect("there");
    repo.file(".unleak-baseline.toml", text.replace("reason =", "until = \"2020-01-01\"\nreason ="))
        .commit("until");
    repo.file("b.txt", "harmless\n").commit("something else");
    let output = pull_request(&repo, "HEAD~1", &[]).expect_code(1);
    assert!(
        output.mentions("until 2020-01-01") && output.mentions("unleak allow v1:"),
        "{}",
        output.describe()
    );
    // But for the change that takes the entry out.
    repo.remove(".unleak-baseline.toml").commit("taken out");
    drop(pull_request(&repo, "HEAD~1", &[]).expect_code(0));
}

#[test]
fn missing_history_is_named_with_the_line_that_fetches_it() {
    let environment = environment();
    let repo = started(&environment, "work");
    for number in 0..4 {
        repo.file("a.txt", format!("{number}\n")).commit("more");
    }
    let shallow = repo.clone_shallow("shallow", 2);
    let (base, head) = (repo.id("HEAD~3"), repo.id("HEAD"));
    let description =
        format!(r#"{{"pull_request": {{"base": {{"sha": "{base}"}}, "head": {{"sha": "{head}"}}}}}}"#);
    let output = github(&shallow, "pull_request", &description, &[]);
    expect_trouble(&output);
    assert!(output.mentions("with: { fetch-depth: 0 }") && output.mentions(&base), "{}", output.describe());
    // A base that is here, off to the side of where history is cut off.
    let side = repo.git(["commit-tree", "HEAD^{tree}", "-p", "HEAD~4", "-m", "side"]);
    repo.git(["branch", "side", &side]);
    shallow.git(["fetch", "-q", "--depth", "1", "origin", "side"]);
    let description =
        format!(r#"{{"pull_request": {{"base": {{"sha": "{side}"}}, "head": {{"sha": "{head}"}}}}}}"#);
    let output = github(&shallow, "pull_request", &description, &[]);
    expect_trouble(&output);
    assert!(output.mentions("with: { fetch-depth: 0 }"), "{}", output.describe());
    // A new branch, where even the default branch is not known; all of history, of which there is a part.
    let zero = "0".repeat(40);
    for (name, default) in [("topic", "main"), ("main", "main")] {
        let description = format!(
            r#"{{"ref": "refs/heads/{name}", "before": "{zero}", "after": "{head}", "repository": {{"default_branch": "{default}"}}}}"#
        );
        shallow.git(["remote", "rename", "origin", &format!("x{name}")]);
        let output = github(&shallow, "push", &description, &[]);
        expect_trouble(&output);
        assert!(output.mentions("with: { fetch-depth: 0 }"), "{}", output.describe());
        shallow.git(["remote", "rename", &format!("x{name}"), "origin"]);
    }
}

#[test]
fn pushes() {
    let environment = environment();
    let [old, new, forced, name] = [3607, 3608, 3609, 3610].map(fake::github_pat);
    let source = started(&environment, "source");
    source.file("old.txt", line(&old)).commit("old");
    let repo = source.clone_to("work");
    let push = |name: &str, before: &str| {
        let after = repo.id("HEAD");
        let description = format!(
            r#"{{"ref": "{name}", "before": "{before}", "after": "{after}", "repository": {{"default_branch": "main"}}}}"#
        );
        github(&repo, "push", &description, &[])
    };
    let zero = "0".repeat(40);
    repo.file("new.txt", line(&new)).commit("new");
    let before = repo.id("HEAD~1");
    let output = push("refs/heads/main", &before).expect_code(1);
    assert!(output.mentions("new.txt") && !output.mentions("old.txt"), "{}", output.describe());
    // A new branch brings what the default branch does not have, whoever else has it.
    repo.git(["update-ref", "refs/remotes/origin/twin", "HEAD"]);
    let output = push("refs/heads/topic", &zero).expect_code(1);
    assert!(output.mentions("new.txt") && !output.mentions("old.txt"), "{}", output.describe());
    // A new repository brings everything.
    let output = push("refs/heads/main", &zero).expect_code(1);
    assert!(output.mentions("new.txt") && output.mentions("old.txt"), "{}", output.describe());
    // After a forced push, what was there before is nowhere.
    repo.file("forced.txt", line(&forced)).commit("forced");
    let output = push("refs/heads/topic", &"1".repeat(40)).expect_code(1);
    assert!(output.mentions("forced.txt") && !output.mentions("old.txt"), "{}", output.describe());
    // The name of a branch that only the event tells.
    let head = repo.id("HEAD");
    let output = push(&format!("refs/heads/{name}"), &head).expect_code(1);
    assert!(output.mentions("(ref name)") && !output.mentions(&name), "{}", output.describe());
    // A deleted branch brings nothing.
    let description =
        format!(r#"{{"ref": "refs/heads/x", "before": "{head}", "after": "{zero}", "deleted": true}}"#);
    drop(github(&repo, "push", &description, &[]).expect_code(0));
    // A run for nothing that changed.
    expect_trouble(&github(&repo, "schedule", "{}", &[]));
    for broken in ["", "{", "[]", "{}", r#"{"ref": 7, "before": "x", "after": "x"}"#] {
        expect_trouble(&github(&repo, "push", broken, &[]));
    }
}

#[test]
fn an_annotated_tag_that_is_pushed() {
    let environment = environment();
    let source = started(&environment, "source");
    let secret = fake::github_pat(3611);
    let repo = source.clone_to("work");
    let tag = repo.annotated_tag("v1", "HEAD", &format!("released with {secret}"));
    let description = format!(
        r#"{{"ref": "refs/tags/v1", "before": "{}", "after": "{tag}", "repository": {{"default_branch": "main"}}}}"#,
        "0".repeat(40)
    );
    let output = github(&repo, "push", &description, &[]).expect_code(1);
    assert!(output.mentions("(tag message)") && !output.mentions(&secret), "{}", output.describe());
}

#[test]
fn names_do_not_command_the_runner() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3612));
    let names = [
        "::error file=x::injected",
        "x\n::set-output name=a::b",
        "##[error]injected",
        "a ##vso[task.setvariable variable=a]b",
        "%0A::error::x",
    ];
    for name in names {
        repo.write(name, line(&secret));
    }
    repo.git(["add", "."]);
    repo.commit("::error::in a subject\n\n##[group]x");
    let output = pull_request(&repo, "HEAD~1", &["--verbose"]).expect_code(1);
    let mut stopped: Option<String> = None;
    let (text, errors) = (output.stdout_text(), output.stderr_text());
    let mut annotations = 0;
    for line in text.lines().chain(errors.lines()) {
        let line = line.trim_start();
        // What is a command of its own is read as that one only.
        let is_ours = line.starts_with("::error ");
        let is_marked = line.contains("##[") || line.contains("##vso[");
        assert!(is_ours || !is_marked, "{line}\n{}", output.describe());
        if let Some(word) = line.strip_prefix("::stop-commands::") {
            assert!(word.len() >= 32, "{line}");
            stopped = Some(word.to_owned());
        } else if stopped.as_ref().is_some_and(|word| line == format!("::{word}::")) {
            stopped = None;
        } else if line.starts_with("::") {
            assert!(stopped.is_none(), "{line}\n{}", output.describe());
            assert!(line.starts_with("::error file=") || line.starts_with("::error title="), "{line}");
            annotations += 1;
        }
    }
    assert!(annotations >= 1 && stopped.is_none(), "{}", output.describe());
    let outputs = std::fs::read_to_string(path(&environment, "outputs")).expect("written");
    assert_eq!(outputs.lines().count(), 4, "{outputs}");
}

#[test]
fn a_platform_that_nobody_knows_and_places_that_cannot_be_written() {
    let environment = environment();
    let repo = started(&environment, "work");
    let output = repo.unleak(["ci"]);
    expect_trouble(&output);
    assert!(output.mentions("unleak ci --base origin/main"), "{}", output.describe());
    repo.file("a.txt", line(&fake::github_pat(3613))).commit("leak");
    let output = repo.unleak(["ci", "--base", "HEAD~1"]).expect_code(1);
    assert!(!output.mentions("::"), "{}", output.describe());
    drop(repo.unleak(["ci", "--base", "HEAD"]).expect_code(0));
    for args in [
        &["ci", "--base", "no-such-revision"][..],
        &["ci", "--base", "HEAD~1", "--head", "no-such-revision"],
        &["ci", "--base", ""],
        &["ci", "--base", "HEAD~1", "--report", "sarif=no/such/folder/x"],
        &["ci", "--base", "HEAD~1", "--report", "sarif=/dev/null/x"],
    ] {
        expect_trouble(&repo.unleak(args));
    }
    // The platform's own file.
    let file = environment.write(
        "event.json",
        format!(
            r#"{{"pull_request": {{"base": {{"sha": "{0}"}}, "head": {{"sha": "{0}"}}}}}}"#,
            repo.id("HEAD")
        ),
    );
    let variables = [
        ("GITHUB_ACTIONS", OsStr::new("true")),
        ("GITHUB_EVENT_NAME", OsStr::new("pull_request")),
        ("GITHUB_EVENT_PATH", file.as_os_str()),
        ("GITHUB_OUTPUT", OsStr::new("/dev/null/x")),
    ];
    expect_trouble(&environment.unleak_with(repo.path(), ["ci"], &variables, b""));
    let variables = [("GITHUB_ACTIONS", OsStr::new("true"))];
    expect_trouble(&environment.unleak_with(repo.path(), ["ci"], &variables, b""));
}
