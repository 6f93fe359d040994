//! Findings people have decided about: the baseline file and the comment beside a secret.

use unleak_testkit::{TestRepo, fake};

use crate::scanning::{Scan, environment, expect_trouble, line, started};

const FILE: &str = ".unleak-baseline.toml";

/// Accepts everything there is now.
#[track_caller]
fn write(repo: &TestRepo<'_>, args: &[&str]) {
    drop(repo.unleak(["baseline", "write"].iter().chain(args)).expect_code(0));
}

#[test]
fn what_is_written_is_no_news_any_more() {
    let environment = environment();
    let (repo, old, new) = (started(&environment, "work"), fake::github_pat(1200), fake::github_pat(1201));
    repo.file("a.txt", line(&old)).commit("old");
    let output = repo.unleak(["baseline", "write", "--reason", "revoked in May"]).expect_code(0);
    let text = std::fs::read_to_string(repo.file_path(FILE)).expect("written at the root");
    assert!(!text.contains(&old) && !output.mentions(&old));
    assert!(text.contains("v1:") && text.contains("github-pat") && text.contains("revoked in May"), "{text}");
    let scan = Scan::of(&repo, &[]).expect_code(0).expect_complete();
    assert_eq!(
        (scan.one(&old).text("/verdict"), scan.one(&old).text("/reason")),
        ("baselined", "revoked in May")
    );
    repo.file("b.txt", line(&new));
    let scan = Scan::of(&repo, &[]).expect_code(1);
    assert_eq!(scan.one(&new).text("/verdict"), "new");
    assert_eq!(scan.one(&old).text("/verdict"), "baselined");
}

#[test]
fn baseline_survives_moves_and_rewrites() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(1202));
    repo.file("a.txt", line(&secret)).commit("old");
    write(&repo, &["--reason", "known"]);
    repo.git(["mv", "a.txt", "moved.txt"]);
    repo.file("moved.txt", format!("\n\n{}", line(&secret))).amend("rewritten");
    drop(Scan::of(&repo, &[]).expect_code(0));
}

#[test]
fn writing_twice_changes_nothing_and_keeps_earlier_reasons() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("a.txt", line(&fake::github_pat(1203))).commit("one");
    write(&repo, &["--reason", "first"]);
    let first = std::fs::read_to_string(repo.file_path(FILE)).expect("written");
    write(&repo, &["--reason", "second"]);
    assert_eq!(first, std::fs::read_to_string(repo.file_path(FILE)).expect("written"));
    repo.file("b.txt", line(&fake::github_pat(1204))).commit("two");
    write(&repo, &["--reason", "second"]);
    let both = std::fs::read_to_string(repo.file_path(FILE)).expect("written");
    assert!(both.contains("first") && both.contains("second"), "{both}");
    assert_eq!(both.matches("v1:").count(), 2);
}

#[test]
fn file_of_another_name() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(1205));
    repo.file("a.txt", line(&secret)).commit("old");
    let file = environment.path("accepted.toml");
    let file = file.to_str().expect("a UTF-8 path");
    write(&repo, &["--baseline", file, "--reason", "known"]);
    assert!(!repo.file_path(FILE).exists());
    drop(Scan::of(&repo, &[]).expect_code(1));
    drop(Scan::of(&repo, &["--baseline", file]).expect_code(0));
}

#[test]
fn default_file_is_found_from_a_folder() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("deep/er/a.txt", line(&fake::github_pat(1206))).commit("old");
    write(&repo, &["--reason", "known"]);
    drop(Scan::run(&environment, &repo.file_path("deep/er"), &[], &[], b"").expect_code(0));
}

#[test]
fn check_names_stale_entries() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "work");
    repo.write("a.txt", line(&fake::github_pat(1207)));
    write(&repo, &["--reason", "known"]);
    drop(repo.unleak(["baseline", "check"]).expect_code(0));
    repo.write("a.txt", "clean\n");
    let output = repo.unleak(["baseline", "check"]);
    assert!(
        output.mentions("github-pat") && output.mentions("v1:"),
        "stale entries are named\n{}",
        output.describe()
    );
    let scan = Scan::of(&repo, &[]).expect_code(0);
    assert!(
        scan.json["baseline"]["stale"].as_array().is_some_and(|stale| stale.len() == 1),
        "{:#}",
        scan.json
    );
}

#[test]
fn part_of_a_repository_makes_no_entry_stale() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("a.txt", line(&fake::github_pat(1208))).commit("old");
    write(&repo, &["--reason", "known"]);
    let scan = Scan::of(&repo, &["--staged"]).expect_code(0);
    assert!(scan.json["baseline"]["stale"].as_array().is_some_and(Vec::is_empty), "{:#}", scan.json);
}

#[test]
fn expired_entry_counts_no_longer() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(1209));
    repo.file("a.txt", line(&secret)).commit("old");
    write(&repo, &["--reason", "until it is rotated"]);
    let text = std::fs::read_to_string(repo.file_path(FILE)).expect("written");
    repo.write(FILE, format!("{}\nuntil = \"2020-01-31\"\n", text.trim_end()));
    assert_eq!(Scan::of(&repo, &[]).expect_code(1).one(&secret).text("/verdict"), "new");
    repo.write(FILE, format!("{}\nuntil = \"2999-01-31\"\n", text.trim_end()));
    drop(Scan::of(&repo, &[]).expect_code(0));
}

#[test]
fn keyed_fingerprints_are_others() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("a.txt", line(&fake::github_pat(1210))).commit("old");
    let key = environment.write("key", fake::password(1));
    let key = key.to_str().expect("a UTF-8 path");
    let fingerprint = |args: &[&str]| {
        let scan = Scan::of(&repo, args).expect_code(1);
        scan.findings()[0].text("/fingerprint").to_owned()
    };
    let plain = fingerprint(&[]);
    let keyed = fingerprint(&["--fingerprint-key", key]);
    assert_ne!(plain, keyed);
    assert_eq!(keyed, fingerprint(&["--fingerprint-key", key]));
    let empty = environment.write("empty", "");
    expect_trouble(&repo.unleak(["scan", "--fingerprint-key", empty.to_str().expect("a UTF-8 path")]));
}

#[test]
fn comment_with_a_reason_allows() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (allowed, reasonless, elsewhere) =
        (fake::github_pat(1211), fake::github_pat(1212), fake::github_pat(1213));
    let mark = ["unleak", ":allow"].concat();
    repo.file("a.py", format!("A = \"{allowed}\"  # {mark} revoked, used in the tutorial\n"));
    repo.file("b.py", format!("A = \"{reasonless}\"  # {mark}\n"));
    repo.file("c.py", format!("# {mark} not this line\nA = \"{elsewhere}\"\n"));
    repo.commit("comments");
    let scan = Scan::of(&repo, &[]).expect_code(1);
    assert_eq!(scan.one(&allowed).text("/verdict"), "allowed");
    assert_eq!(scan.one(&allowed).text("/reason"), "revoked, used in the tutorial");
    assert_eq!(scan.one(&reasonless).text("/verdict"), "new");
    assert_eq!(scan.one(&elsewhere).text("/verdict"), "new");
    drop(repo.unleak(["scan", "-v"]).expect_code(1));
}

#[test]
fn change_cannot_accept_its_own_findings() {
    let environment = environment();
    let (repo, old, new) = (started(&environment, "work"), fake::github_pat(1214), fake::github_pat(1215));
    repo.file("a.txt", line(&old)).commit("old");
    write(&repo, &["--reason", "known"]);
    repo.add(FILE).commit("accept the old one");
    repo.tag("base", "HEAD");
    // The change brings a secret, a copy of the old one, and a baseline that accepts both.
    repo.file("b.txt", line(&new)).file("c.txt", line(&old)).commit("oops");
    write(&repo, &["--reason", "let me in"]);
    repo.add(FILE).commit("accept my own");
    let scan = Scan::of(&repo, &["--range", "base..HEAD"]).expect_code(1);
    assert_eq!(scan.one(&new).text("/verdict"), "new");
    assert_eq!(scan.one(&old).text("/verdict"), "baselined");
    drop(Scan::of(&repo, &[]).expect_code(0));
}

#[test]
fn comments_allow_nothing_in_a_range() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(1216));
    let mark = ["unleak", ":allow"].concat();
    repo.file("a.py", format!("A = \"{secret}\"  # {mark} trust me\n")).commit("oops");
    let scan = Scan::of(&repo, &["--range", "HEAD~1..HEAD"]).expect_code(1);
    assert_eq!(
        (scan.one(&secret).text("/verdict"), scan.one(&secret).text("/allow_comment")),
        ("new", "trust me")
    );
    drop(Scan::of(&repo, &[]).expect_code(0));
}
