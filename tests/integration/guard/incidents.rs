//! Seven incidents, each from what happened to what stops it: refusal, redaction, finding or hint.

use serde_json::json;
use unleak_testkit::{TestRepo, fake};

use crate::guard::asking::{answer, on_command, on_write};
use crate::scanning::{Scan, environment, started};

/// The agent staged everything, `.env` included, committed and pushed; the clean-up left the secret on a tag.
#[test]
fn one_env_file_committed() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::stripe_live(910);
    repo.write(".env", format!("STRIPE_SECRET_KEY={secret}\n"));
    for command in ["git add .", "git add -A", "git add .env", "git commit -am wip"] {
        let (decision, why) = on_command(&repo, command);
        let wanted = if command.starts_with("git add") { "deny" } else { "" };
        assert_eq!(decision, wanted, "{command}: {why}");
        assert!(!why.contains(&secret));
    }
    repo.add(".env");
    let (decision, why) = on_command(&repo, "git commit -m wip");
    assert_eq!(decision, "deny");
    assert!(why.contains(".env"), "{why}");
    repo.git(["rm", "--quiet", "--cached", ".env"]);
    // Once it is ignored there is nothing to refuse.
    drop(repo.unleak(["init", "--no-baseline"]).expect_code(0));
    assert_eq!(on_command(&repo, "git add .").0, "");
    // Nor does the hook that is there now let it through.
    repo.git(["add", "--force", ".env"]);
    let refused =
        environment.git_output(repo.path(), ["commit", "--message", "leak"], &[], b"").expect_code(1);
    assert!(refused.stderr_text().contains("the commit is refused"), "{}", refused.describe());
    // The clean-up that everybody copies: heads only. The tag still has it, and the scan says so.
    repo.git(["commit", "--quiet", "--no-verify", "--message", "leak"]);
    repo.git(["tag", "v1"]);
    repo.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    let scan = Scan::of(&repo, &["--history"]).expect_code(1);
    assert_eq!(scan.one(&secret).path(), ".env");
}

/// The check that everybody copies: `git check-ignore -v .env` says nothing where it is tracked.
#[test]
fn one_tracked_and_ignored_all_the_same() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".env", "A=b\n").commit("leak");
    repo.file(".gitignore", ".env\n").commit("ignore, too late");
    let seed = environment.git_output(repo.path(), ["check-ignore", "-v", ".env"], &[], b"");
    assert_eq!((seed.code, seed.stdout_text().as_str()), (Some(1), ""), "the advice is as bad as it was");
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).expect_code(1).json();
    let check = crate::guard::doctor::check(&report, "ENV001");
    assert_eq!(check["outcome"], "fail");
    assert_eq!(check["remarks"][0]["remedy"], "git rm --cached -- .env");
}

/// A development file led to the production database, and the agent dropped a table.
#[test]
fn two_production_database() {
    let environment = environment();
    let repo = started(&environment, "work");
    let password = fake::password(911);
    let url = format!("postgres://app:{password}@prod-db.corp-data.net:5432/ledger");
    repo.file(".gitignore", ".env*\n").commit("ignore");
    repo.write(".env", format!("DATABASE_URL={url}\n"));
    let (decision, why) = on_command(&repo, "psql \"$DATABASE_URL\" -c 'DROP TABLE users'");
    assert_eq!(decision, "ask");
    assert!(why.contains("production") && !why.contains(&password), "{why}");
    assert_eq!(on_command(&repo, "psql -c 'select count(*) from users'").0, "");
    repo.write(".env.production", format!("DATABASE_URL={url}\n"));
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    for (check, outcome) in [("ENV004", "fail"), ("ENV005", "warn")] {
        assert_eq!(crate::guard::doctor::check(&report, check)["outcome"], outcome, "{check}");
    }
    assert!(!report.to_string().contains(&password));
    // In development there is nothing to ask.
    repo.write(".env", "DATABASE_URL=postgres://app:app@localhost/app\n");
    assert_eq!(on_command(&repo, "psql \"$DATABASE_URL\" -c 'DROP TABLE users'").0, "");
}

/// The agent removed more than it should have.
#[test]
fn three_rm_rf() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file(".gitignore", "node_modules/\n.env\n").file("src/a.rs", "").commit("start");
    repo.write("notes/plan.md", "a week of thought\n")
        .write("node_modules/x/.env", "")
        .write(".env", "A=b\n");
    for (command, named) in [
        ("rm -rf ~", "outside"),
        ("rm -rf /srv/other", "outside"),
        ("rm -rf notes", "notes/plan.md"),
        ("rm -rf *", "notes/plan.md"),
        ("rm -rf .", ".env"),
        ("git clean -fdx", "notes/plan.md"),
    ] {
        let (decision, why) = on_command(&repo, command);
        assert_eq!(decision, "ask", "{command}");
        assert!(why.contains(named), "{command}: {why}");
    }
    for command in ["rm -rf node_modules", "rm -rf src", "rm -rf /tmp/x", "echo rm -rf ~"] {
        assert_eq!(on_command(&repo, command).0, "", "{command}");
    }
    assert!(repo.file_path("notes/plan.md").exists());
}

/// A key was typed into a prompt, went on to a subagent, and stayed in transcripts.
#[test]
fn four_key_in_a_prompt() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secret = fake::anthropic(912);
    let prompt = answer(&repo, "UserPromptSubmit", &json!({ "prompt": format!("use {secret}") }));
    assert_eq!(prompt["decision"], "block");
    assert!(prompt["reason"].as_str().unwrap().contains("environment variable"));
    let task = json!({ "tool_name": "Task", "tool_input": { "prompt": format!("call it with {secret}") } });
    let task = answer(&repo, "PreToolUse", &task);
    assert_eq!(task["hookSpecificOutput"]["permissionDecision"], "deny");
    let printed = json!({ "tool_name": "Bash", "tool_response": { "stdout": format!("KEY={secret}\n") } });
    let printed = answer(&repo, "PostToolUse", &printed);
    let stdout = printed["hookSpecificOutput"]["updatedToolOutput"]["stdout"].as_str().unwrap();
    assert!(stdout.starts_with("KEY=[REDACTED:"), "{stdout}");
    for answer in [prompt, task, printed] {
        assert!(!answer.to_string().contains(&secret));
    }
    let line = json!({ "type": "user", "message": { "content": format!("use {secret}") } });
    environment.write(environment.home().join(".claude/projects/-work/s.jsonl"), format!("{line}\n"));
    let found = repo.unleak(["scan", "--agents"]).expect_code(1);
    assert!(found.stdout_text().contains("s.jsonl") && !found.mentions(&secret));
}

/// A loop without an end around a paid API. Out of a hook's reach: a hint.
#[test]
fn five_retry_loop() {
    let environment = environment();
    let repo = started(&environment, "work");
    let text = "while True:\n    try:\n        client.chat.completions.create(model='x')\n    except Exception:\n        pass\n";
    repo.file("worker.py", text).commit("work");
    assert_eq!(on_write(&repo, "worker.py", text), "");
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    let check = crate::guard::doctor::check(&report, "LOOP001");
    assert_eq!(check["outcome"], "warn");
    assert_eq!(check["remarks"][0]["line"], 1);
    assert!(check["remarks"][0]["text"].as_str().unwrap().contains("low confidence"));
}

/// A forced push erased a colleague's work.
#[test]
fn six_force_push() {
    let environment = environment();
    let repo = started(&environment, "work");
    for command in ["git push --force", "git push origin +main", "cd . && git -C . push -f origin main"] {
        let (decision, why) = on_command(&repo, command);
        assert_eq!(decision, "deny", "{command}");
        assert!(why.contains("--force-with-lease"), "{why}");
    }
    assert_eq!(on_command(&repo, "git push --force-with-lease --force-if-includes").0, "");
    let bare = TestRepo::init_bare(&environment, "origin.git");
    repo.git(["remote", "add", "origin", bare.path().to_str().unwrap()]);
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    assert_eq!(crate::guard::doctor::check(&report, "GIT001")["outcome"], "warn");
    bare.git(["config", "receive.denyNonFastForwards", "true"]);
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    assert_eq!(crate::guard::doctor::check(&report, "GIT001")["outcome"], "pass");
}

/// The key of a service account that was owner of the project.
#[test]
fn seven_service_account() {
    let environment = environment();
    let repo = started(&environment, "work");
    let key = json!({
        "type": "service_account",
        "project_id": "acme",
        "private_key": fake::private_key_pem(),
        "client_email": "deployer@acme.iam.gserviceaccount.com",
    });
    let terraform = "resource \"google_project_iam_member\" \"deployer\" {\n  role   = \"roles/owner\"\n  member = \"serviceAccount:deployer@acme.iam.gserviceaccount.com\"\n}\n";
    repo.file("infra/main.tf", terraform).file(".gitignore", "*.json\n").commit("infra");
    repo.write("deployer.json", key.to_string());
    for command in [
        "GOOGLE_APPLICATION_CREDENTIALS=deployer.json terraform apply",
        "gcloud auth activate-service-account --key-file=deployer.json",
    ] {
        let (decision, why) = on_command(&repo, command);
        assert_eq!(decision, "ask", "{command}");
        assert!(why.contains("infra/main.tf:2"), "{why}");
    }
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).json();
    let check = crate::guard::doctor::check(&report, "GCP002");
    assert_eq!((&check["outcome"], &check["remarks"][0]["line"]), (&json!("fail"), &json!(2)));
    repo.write("infra/main.tf", terraform.replace("owner", "storage.objectViewer"));
    assert_eq!(on_command(&repo, "GOOGLE_APPLICATION_CREDENTIALS=deployer.json terraform apply").0, "");
}

/// The hook that was published against all this: dead three times over.
#[test]
fn the_published_hook_is_dead() {
    let environment = environment();
    let repo = started(&environment, "work");
    let settings = json!({ "hooks": { "PreToolUse": [{
        "matcher": "Bash(git add*)",
        "hooks": [{ "type": "command", "command": "git diff --cached --name-only | grep -q '.env' && exit 1 || exit 0" }],
    }] } });
    repo.write(".claude/settings.json", settings.to_string());
    let report = repo.unleak(["doctor", "--no-history", "--format", "json"]).expect_code(1).json();
    let check = crate::guard::doctor::check(&report, "AGENT002");
    let texts = check["remarks"].to_string();
    assert_eq!(check["remarks"].as_array().unwrap().len(), 3, "{texts}");
    for word in ["never matches", "exit 1", "about to be staged"] {
        assert!(texts.contains(word), "{word}: {texts}");
    }
}
