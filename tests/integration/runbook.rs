//! `unleak runbook` from outside: the steps that this leak needs, and no other; what is remembered; nothing secret.

use unleak_testkit::{TestRepo, fake};

use crate::pushing::leaked;
use crate::scanning::environment;

#[test]
fn what_was_pushed_is_rotated_first() {
    let environment = environment();
    let (repo, _server) = leaked(&environment, "pushed");
    repo.git(["remote", "set-url", "origin", "https://user:hush@github.com/acme/app.git"]);
    let text = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    let order = [
        "Freeze",
        "Rotate and revoke: GitHub",
        "Read the audit log",
        "Rewrite history",
        "Prove",
        "Push to origin",
        "Have GitHub remove",
        "Tell everyone",
        "Clear caches",
        "does not come back",
        "Make it final",
        "Write down",
    ];
    let places: Vec<usize> =
        order.iter().map(|title| text.find(title).unwrap_or_else(|| panic!("{title}: {text}"))).collect();
    assert!(places.is_sorted(), "{places:?}\n{text}");
    for words in [
        "api.github.com/credentials/revoke",
        "Ada Author",
        "2024-01-01T00:",
        ".env:1",
        "origin/main",
        "acme/app/settings/rules",
        "unleak push --publish-map",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        !text.contains(&fake::github_pat(3)) && !text.contains("hush") && !text.contains("GitLab:"),
        "{text}"
    );
    // Remembered: what leaked also after it is gone, and what is done.
    drop(repo.unleak(["runbook", "done", "2"]).expect_code(0));
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["purge", "--yes"]).expect_code(0));
    let status = repo.unleak(["runbook", "status"]).expect_code(0).stdout_text();
    assert!(
        status.contains(" 2. [x] Rotate")
            && status.contains(" 4. [x] Rewrite")
            && status.contains(" 1. [ ] Freeze"),
        "{status}"
    );
    let json = repo.unleak(["runbook", "--format", "json"]).expect_code(0).json();
    assert_eq!(json["leaks"][0]["redacted"], "ghp_… (40 bytes)");
    assert_eq!(json["steps"][1]["done"].as_i64().map(|time| time > 0), Some(true));
    let ticket = json["steps"].to_string();
    let first = repo.git(["rev-list", "--max-parents=0", "HEAD"]);
    assert!(ticket.contains("First changed commits:\\n- ") && !ticket.contains(&first), "{ticket}");
    let status = repo.unleak(["runbook", "done", "2", "--undo"]).expect_code(0).stdout_text();
    assert!(status.contains(" 2. [ ] Rotate"), "{status}");
    let output = repo.unleak(["runbook", "done", "99"]).expect_code(2);
    assert!(output.stderr_text().contains("there is no step 99"), "{}", output.stderr_text());
}

#[test]
fn what_was_never_pushed_is_two_steps() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "local");
    repo.file("a", "a").commit("start");
    let text = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    assert!(text.contains("nothing to do"), "{text}");
    repo.file(".env", format!("GITHUB_TOKEN={}\n", fake::github_pat(3))).commit("leak");
    let text = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    assert!(
        text.contains("Two steps are enough") && text.contains(" 2. [ ]") && !text.contains(" 3. [ ]"),
        "{text}"
    );
    assert!(!text.contains("Revoke"), "{text}");
}

#[test]
fn hostile_names_command_nothing_in_markdown() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "hostile");
    repo.file("a`|b<img src=x>\u{1b}[31m.env", format!("GITHUB_TOKEN={}\n", fake::github_pat(3)));
    repo.commit_as("@everyone [x](http://evil.test) <m@x>", "leak ![i](http://evil.test)");
    drop(repo.push_to_new_origin("origin", &["main"]));
    repo.git(["fetch", "--quiet"]);
    let output = repo.unleak(["runbook", "--format", "md"]).expect_code(0);
    let text = output.stdout_text();
    assert!(
        !text.contains('\u{1b}')
            && !text.contains("@everyone")
            && !text.contains("![i]")
            && !text.contains("[x]("),
        "{text}"
    );
    let outside: String = text.split('`').step_by(2).collect();
    assert!(!outside.contains("<img"), "{text}");
    let text = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn ids_of_keys_that_are_part_of_what_leaked_are_filled_in_only_when_asked_for() {
    let environment = environment();
    let (repo, _server) = leaked(&environment, "key-ids");
    let (id, secret) = (fake::aws_key_id(1), fake::aws_secret(1));
    let (own, rest) = ("k7Vw2mQ9xRt4LpZs8wB3nD", "6fHc1Yq5uE0jTgXaMbK7Vw2mQ9xRt4LpZs8wB3nD6fH");
    let mail = ["SG", own, rest].join(".");
    repo.file("aws.env", format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n"));
    let (sid, token) =
        (["S", "K3f9a1c7e5b2d8046", "9b1e7d3c5f8a2046"].concat(), "7c1e9a35d2f84b60e8a17d3c5b92f046");
    let twilio = format!("twilio_api_key_sid = {sid}\nTWILIO_AUTH_TOKEN = \"{token}\"\n");
    repo.file("twilio.conf", twilio);
    repo.file("mail.env", format!("SENDGRID_API_KEY={mail}\n")).commit("keys");
    repo.git(["push", "--quiet", "origin", "main"]);
    let silent = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    assert!(silent.contains("AttributeValue=KEY_ID") && silent.contains("api_keys/KEY_ID"), "{silent}");
    assert!(!silent.contains(&id) && !silent.contains(own), "{silent}");
    let asked = repo.unleak(["runbook", "--key-ids"]).expect_code(0).stdout_text();
    // Of both halves of the key, by the id of the one.
    assert_eq!(asked.matches(&format!("AttributeKey=AccessKeyId,AttributeValue={id}")).count(), 2, "{asked}");
    assert!(asked.contains(&format!("api_keys/{own}")), "{asked}");
    // A token is no half of the key that stands beside it.
    let titles = asked.lines().filter(|line| line.contains("Rotate and revoke: Twilio"));
    let titles: Vec<_> = titles.map(|line| line.contains("key id")).collect();
    assert!(titles.contains(&true) && titles.contains(&false), "{titles:?} {asked}");
    assert!(!asked.contains(&secret) && !asked.contains(rest) && !asked.contains(token), "{asked}");
    assert!(!asked.contains("KEY_ID"), "{asked}");
    let kept = std::fs::read_to_string(repo.git_dir().join("unleak/leaks.json")).unwrap();
    assert!(!kept.contains(&id) && !kept.contains(own), "{kept}");
}
