//! `unleak init`: twice is once, whatever was there before.

use unleak_testkit::{RepoState, TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, started};

/// Every file of the working tree.
fn files(repo: &TestRepo<'_>) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let (mut files, mut pending) = (Vec::new(), vec![repo.path().to_owned()]);
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path {
                path if path.ends_with(".git") => {}
                path if path.is_dir() => pending.push(path),
                path => files.push((path.clone(), std::fs::read(&path).unwrap())),
            }
        }
    }
    files.sort();
    files
}

const AGENTS: [&str; 10] =
    ["--agent", "claude", "--agent", "codex", "--agent", "cursor", "--agent", "gemini", "--agent", "copilot"];

/// Once changes something, twice nothing; a dry run and a check never. `code` says whether something is left to do.
#[track_caller]
fn expect_once(repo: &TestRepo<'_>, code: i32) {
    let all = |more: &[&'static str]| [&["init"], &AGENTS[..], more].concat();
    let before = files(repo);
    let dry = repo.unleak(all(&["--dry-run"])).expect_code(0);
    assert!(dry.stdout_text().contains("+++ b/"), "{}", dry.describe());
    drop(repo.unleak(all(&["--check"])).expect_code(1));
    assert!(files(repo) == before, "a dry run or a check changed something");
    drop(repo.unleak(all(&[])).expect_code(code));
    let once = files(repo);
    assert!(once != before);
    drop(repo.unleak(all(&[])).expect_code(code));
    assert!(files(repo) == once, "the second run changed something");
    for (path, text) in &before {
        let new = &once.iter().find(|(known, _)| known == path).unwrap().1;
        assert!(new.len() >= text.len(), "{} lost something", path.display());
    }
}

#[test]
fn on_a_fresh_repository() {
    let environment = environment();
    let repo = started(&environment, "work");
    expect_once(&repo, 0);
    for path in [".env", ".env.production", "a/.envrc", "prod.env", "server.pem", "id_ed25519"] {
        repo.git(["check-ignore", "--quiet", path]);
    }
    let example = environment.git_output(repo.path(), ["check-ignore", ".env.example"], &[], b"");
    assert_eq!(example.code, Some(1));
}

#[test]
fn beside_other_tools() {
    let environment = environment();
    for (name, set_up) in [
        ("husky", husky as fn(&TestRepo<'_>)),
        ("lefthook", lefthook),
        ("pre-commit", pre_commit),
        ("settings", settings),
        ("windows", windows),
    ] {
        let repo = started(&environment, name);
        set_up(&repo);
        // Before git 2.54 nobody's folder of hooks is written to: the line to add is told.
        let git = environment.git(repo.path(), ["version"]);
        let is_new = git.split(' ').nth(2).is_some_and(|version| {
            let mut numbers = version.split('.').filter_map(|number| number.parse::<u32>().ok());
            (numbers.next(), numbers.next()) >= (Some(2), Some(54))
        });
        expect_once(&repo, i32::from(name == "husky" && !is_new));
    }
}

fn husky(repo: &TestRepo<'_>) {
    repo.write(".husky/pre-commit", "npm test\n")
        .write("package.json", "{\"scripts\": {\"prepare\": \"husky\"}}\n");
    repo.git(["config", "core.hooksPath", ".husky/_"]);
}

fn lefthook(repo: &TestRepo<'_>) {
    repo.write("lefthook.yml", "pre-commit:\n  commands:\n    lint:\n      run: make lint\n");
}

fn pre_commit(repo: &TestRepo<'_>) {
    repo.write(".pre-commit-config.yaml", "repos: []\n").write(".gitignore", "node_modules\n.env\n");
}

fn settings(repo: &TestRepo<'_>) {
    let text = "{\n  // how we work\n  \"model\": \"x\",\n  \"hooks\": {\n    \"PreToolUse\": [\n      { \"matcher\": \"Bash\", \"hooks\": [{ \"type\": \"command\", \"command\": \"lint\" }] }\n    ]\n  },\n  \"permissions\": { \"deny\": [\"Read(./.env)\"] } /* last */\n}\n";
    repo.write(".gemini/settings.json", text.replace("PreToolUse", "BeforeTool"));
    repo.write(".claude/settings.json", "{\"model\": \"x\"}")
        .write(".cursor/hooks.json", "{\"version\": 1, \"hooks\": {}}");
}

fn windows(repo: &TestRepo<'_>) {
    repo.write(".gitignore", "bin\r\nobj\r\n")
        .write(".env", "A=1\r\nB=2\r\n")
        .write(".env.example", "A=\r\n");
    repo.write(".claude/settings.json", "{\r\n  \"model\": \"x\"\r\n}\r\n");
}

#[test]
fn windows_line_ends_stay() {
    let environment = environment();
    let repo = started(&environment, "work");
    windows(&repo);
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    for name in [".gitignore", ".env.example", ".claude/settings.json"] {
        let text = std::fs::read_to_string(repo.file_path(name)).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{name}:\n{text}");
    }
    let example = std::fs::read_to_string(repo.file_path(".env.example")).unwrap();
    assert_eq!(example, "A=\r\nB=\r\n");
}

#[test]
fn comments_and_order_of_settings_stay() {
    let environment = environment();
    let repo = started(&environment, "work");
    settings(&repo);
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    let text = std::fs::read_to_string(repo.file_path(".gemini/settings.json")).unwrap();
    for kept in ["// how we work", "/* last */", "\"command\": \"lint\"", "Read(./.env)"] {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
    assert!(text.find("\"model\"") < text.find("\"permissions\""));
    assert!(text.contains("unleak guard"));
}

#[test]
fn what_cannot_be_read_is_refused_and_the_rest_is_done() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".claude/settings.json", "{ \"hooks\": ");
    let output = repo.unleak(["init", "--no-baseline"]).expect_code(2);
    assert!(output.stderr_text().contains("'.claude/settings.json' was left alone"), "{}", output.describe());
    assert_eq!(std::fs::read_to_string(repo.file_path(".claude/settings.json")).unwrap(), "{ \"hooks\": ");
    assert!(repo.file_path(".gitignore").exists());
}

#[test]
fn values_stay_where_they_are_and_tracked_files_are_named() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::stripe_live(930);
    repo.file(".env", format!("STRIPE={secret}\n# note {secret}\nDEBUG=1\n")).commit("leak");
    let output = repo.unleak(["init"]).expect_code(0);
    assert!(output.stdout_text().contains("git rm --cached -- .env"), "{}", output.describe());
    assert!(output.stdout_text().contains("as live as ever"), "{}", output.describe());
    assert_eq!(std::fs::read_to_string(repo.file_path(".env.example")).unwrap(), "STRIPE=\nDEBUG=\n");
    for (path, text) in files(&repo) {
        let has = text.windows(secret.len()).any(|part| part == secret.as_bytes());
        assert_eq!(has, path.ends_with(".env"), "{}", path.display());
    }
}

#[test]
fn a_gate_in_ci_is_made_where_there_is_a_ci_and_none_is_changed() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.write(".github/workflows/test.yml", "on: push\n");
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    let text = std::fs::read_to_string(repo.file_path(".github/workflows/unleak.yml")).unwrap();
    assert!(text.contains("fetch-depth: 0") && text.contains("contents: read"));
    let other = started(&environment, "gitlab");
    other.write(".gitlab-ci.yml", "job: {script: make}\n");
    let output = other.unleak(["init", "--no-baseline"]).expect_code(1);
    assert!(output.stdout_text().contains(".gitlab-ci.yml"), "{}", output.describe());
    assert_eq!(std::fs::read_to_string(other.file_path(".gitlab-ci.yml")).unwrap(), "job: {script: make}\n");
}

#[test]
fn refs_and_index_are_not_touched() {
    let environment: TestEnvironment = environment();
    let repo = started(&environment, "work");
    repo.write(".env", "A=b\n");
    let before = RepoState::capture(&repo);
    drop(repo.unleak(["init", "--dry-run"]).expect_code(0));
    assert_eq!(RepoState::capture(&repo), before);
}

#[test]
fn every_ci_with_a_known_file_gets_a_gate_and_keeps_its_own() {
    let environment = environment();
    for (name, path) in [
        ("bitbucket", "bitbucket-pipelines.yml"),
        ("azure", "azure-pipelines.yml"),
        ("circleci", ".circleci/config.yml"),
        ("buildkite", ".buildkite/pipeline.yml"),
        ("drone", ".drone.yml"),
        ("woodpecker", ".woodpecker.yml"),
        ("jenkins", "Jenkinsfile"),
    ] {
        let repo = started(&environment, name);
        let output = repo.unleak(["init", "--no-baseline", "--ci", name]).expect_code(0);
        assert!(
            output.mentions("unleak in it") || output.mentions("unleak on its PATH"),
            "{}",
            output.describe()
        );
        let text = std::fs::read_to_string(repo.file_path(path)).unwrap();
        assert!(text.contains("unleak ci"), "{path}");
        let again = repo.unleak(["init", "--no-baseline"]).expect_code(0);
        assert!(again.mentions(format!("CI gate in {path}")), "{}", again.describe());
        let other = started(&environment, &format!("{name}-own"));
        other.write(path, "own\n");
        let output = other.unleak(["init", "--no-baseline"]).expect_code(1);
        assert!(output.mentions(format!("to {path}")), "{}", output.describe());
        assert_eq!(std::fs::read_to_string(other.file_path(path)).unwrap(), "own\n");
    }
}
