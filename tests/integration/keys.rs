//! Private keys: those made for tests count less, but only where every copy lies below a test path.

use unleak_testkit::{TestRepo, fake};

use crate::scanning::{Found, Scan, environment, started};

fn class(found: Found<'_>) -> Option<&str> {
    found.0["decoded"]["class"].as_str()
}

/// Whether every finding of the key is of the class and does not block, or none is.
#[track_caller]
fn is_fixture_key(repo: &TestRepo<'_>, key: &str) -> bool {
    let scan = Scan::of(repo, &[]);
    let all = scan.all(key);
    assert!(!all.is_empty(), "{}", scan.output.describe());
    let fixture = class(all[0]) == Some("fixture key");
    for found in &all {
        assert_eq!(found.text("/verdict"), if fixture { "fixture" } else { "new" });
        assert_eq!(class(*found).is_some(), fixture);
    }
    fixture
}

#[test]
fn a_key_below_a_test_path_does_not_block_and_is_still_there() {
    let environment = environment();
    let (repo, key) = (started(&environment, "work"), fake::private_key_pem_of(900));
    repo.file("tests/tls/server.key", &key).commit("a key for tests");
    drop(Scan::of(&repo, &[]).expect_code(0).expect_complete());
    assert!(is_fixture_key(&repo, &key));
    drop(Scan::of(&repo, &["--fixtures"]).expect_code(1));
}

#[test]
fn one_copy_outside_makes_all_count() {
    let environment = environment();
    let (repo, key) = (started(&environment, "work"), fake::private_key_pem_of(901));
    repo.file("tests/server.key", &key).commit("a key for tests");
    assert!(is_fixture_key(&repo, &key));
    // In history only, and with other line ends: another text, the same key.
    repo.file("deploy/server.key", key.replace('\n', "\r\n")).commit("deployed");
    repo.remove("deploy/server.key").commit("removed");
    assert!(!is_fixture_key(&repo, &key));
    drop(Scan::of(&repo, &[]).expect_code(1));
}

#[test]
fn a_copy_in_a_message_makes_all_count() {
    let environment = environment();
    let (repo, key) = (started(&environment, "work"), fake::private_key_pem_of(902));
    repo.file("spec/fixtures/id", &key).commit("a key for tests");
    assert!(is_fixture_key(&repo, &key));
    repo.file("a.txt", "a\n").commit(&format!("oops\n\n{key}"));
    assert!(!is_fixture_key(&repo, &key));
}

#[test]
fn every_gate_judges_by_what_it_sees() {
    let environment = environment();
    let (repo, key) = (started(&environment, "work"), fake::private_key_pem_of(903));
    repo.write("tests/server.key", &key).add("tests/server.key");
    drop(Scan::of(&repo, &["--staged"]).expect_code(0));
    repo.commit("a key for tests");
    drop(Scan::of(&repo, &["--range", "HEAD~1..HEAD"]).expect_code(0));
    repo.write("src/server.key", &key).add("src/server.key");
    let scan = Scan::of(&repo, &["--staged"]).expect_code(1);
    assert_eq!(scan.one(&key).path(), "src/server.key");
}

#[test]
fn a_vendors_token_in_a_test_counts() {
    let environment = environment();
    let (repo, token) = (started(&environment, "work"), fake::github_pat(904));
    repo.file("tests/fixtures/config", &token).commit("a token");
    let scan = Scan::of(&repo, &[]).expect_code(1);
    assert_eq!(scan.one(&token).text("/verdict"), "new");
}

#[test]
fn a_file_asked_for_by_name_and_the_folders_above_the_scan_say_nothing() {
    let environment = environment();
    let (repo, key) = (started(&environment, "tests"), fake::private_key_pem_of(905));
    repo.write("server.key", &key).write("fixtures/other.key", &key);
    drop(Scan::of(&repo, &["--no-git", "fixtures/other.key"]).expect_code(1));
    drop(Scan::of(&repo, &["--no-git", "fixtures"]).expect_code(1));
    std::fs::remove_file(repo.file_path("server.key")).unwrap();
    let scan = Scan::of(&repo, &["--no-git", "."]).expect_code(0);
    assert_eq!(scan.one(&key).text("/verdict"), "fixture");
}

#[test]
fn a_value_by_its_name_below_a_test_path_does_not_block() {
    let environment = environment();
    let repo = started(&environment, "work");
    let value = ["Wom", "batHerds#7xQ"].concat();
    let line = format!("password = \"{value}\"\n");
    repo.file("spec/login_spec.rb", &line).commit("a test");
    let scan = Scan::of(&repo, &[]).expect_code(0);
    assert_eq!(scan.json["findings"][0]["verdict"], "fixture", "{}", scan.output.describe());
    drop(Scan::of(&repo, &["--fixtures"]).expect_code(1));
    repo.file("config/login.rb", &line).commit("the same, deployed");
    drop(Scan::of(&repo, &[]).expect_code(1));
}
