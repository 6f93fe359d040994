//! `unleak allow`, and a baseline from its adoption to the day an entry expires.

use unleak_testkit::fake;

use super::{expect_passed, expect_refused, gated, git};
use crate::scanning::{Scan, environment, expect_trouble, line, started};

/// The fingerprint of the one finding of a scan.
fn fingerprint(scan: &Scan<'_>, secret: &str) -> String {
    scan.one(secret).text("/fingerprint").to_owned()
}

#[test]
fn what_is_allowed_passes_the_gate_until_its_day() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3400));
    repo.file("a.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "leak"]), &secret);
    let fingerprint = fingerprint(&Scan::of(&repo, &["--staged"]), &secret);
    let output =
        repo.unleak(["allow", &fingerprint, "--reason", "the vendor's sample", "--until", "9999-12-31"]);
    let output = output.expect_code(0);
    assert!(output.mentions("github-pat") && output.mentions("9999-12-31"), "{}", output.describe());
    expect_passed(&git(&repo, &["commit", "-qm", "sample"]));
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    let file = repo.file_path(".unleak-baseline.toml");
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(
        text.contains("the vendor's sample") && text.contains(&fingerprint) && !text.contains(&secret),
        "{text}"
    );
    // Allowed again, the new reason and the new day count.
    drop(repo.unleak(["allow", &fingerprint, "--reason", "for good"]).expect_code(0));
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(
        text.contains("for good") && !text.contains("9999") && text.matches("v1:").count() == 1,
        "{text}"
    );
    // Its day has passed.
    std::fs::write(&file, text.replace("reason =", "until = \"2020-01-01\"\nreason =")).expect("writable");
    let output = repo.unleak(["baseline", "check"]).expect_code(1);
    assert!(output.mentions("expired") && output.mentions(&fingerprint), "{}", output.describe());
    repo.file("b.txt", line(&secret));
    expect_refused(&git(&repo, &["commit", "-qm", "again"]), &secret);
}

#[test]
fn nothing_is_allowed_by_mistake() {
    let environment = environment();
    let repo = started(&environment, "work");
    let nobody = "v1:00112233445566778899aabbccddeeff";
    for args in [
        &["allow", "v1:xyz", "--reason", "r"][..],
        &["allow", nobody, "--reason", "r"],
        &["allow", nobody, "--reason", "  ", "--rule", "x"],
        &["allow", nobody, "--reason", "r", "--rule", "x", "--until", "2020-01-01"],
        &["allow", nobody, "--reason", "r", "--rule", "x", "--baseline", "no/such/folder/file"],
    ] {
        expect_trouble(&repo.unleak(args));
    }
    assert!(!repo.file_path(".unleak-baseline.toml").exists());
    drop(repo.unleak(["allow", nobody, "--reason", "r", "--rule", "github-pat"]).expect_code(0));
    // Nothing has it: the entry is stale, and that is found.
    let output = repo.unleak(["baseline", "check"]).expect_code(1);
    assert!(output.mentions("stale") && output.mentions(nobody), "{}", output.describe());
}

#[test]
fn an_old_repository_adopts_a_baseline_in_one_command_and_counts_it_down() {
    let environment = environment();
    let repo = started(&environment, "work");
    let [one, two, new] = [3401, 3402, 3403].map(fake::github_pat);
    repo.file("a.txt", line(&one)).file("b.txt", line(&two)).commit("old sins");
    drop(repo.push_to_new_origin("origin", &["main"]));
    drop(repo.unleak(["baseline", "write", "--reason", "known since 2024"]).expect_code(0));
    repo.git(["add", "."]);
    repo.commit("adopt unleak");
    drop(Scan::of(&repo, &[]).expect_code(0));
    drop(repo.unleak(["install"]).expect_code(0));
    expect_passed(&git(&repo, &["push", "-q", "origin", "main"]));
    repo.file("c.txt", line(&new));
    expect_refused(&git(&repo, &["commit", "-qm", "new"]), &new);
    repo.git(["rm", "-q", "-f", "c.txt"]);
    // One of them is gone, from history as well: its entry is stale, and the count goes down.
    let clean = started(&environment, "clean");
    clean.file("a.txt", line(&one));
    let text = std::fs::read_to_string(repo.file_path(".unleak-baseline.toml")).expect("written");
    clean.file(".unleak-baseline.toml", &text).commit("cleaned");
    let output = clean.unleak(["baseline", "check"]).expect_code(1);
    assert!(output.mentions("2 accepted, 1 stale, 0 expired"), "{}", output.describe());
    let output = clean.unleak(["baseline", "write", "--reason", "x"]).expect_code(0);
    assert!(output.mentions("1 accepted (2 before, 1 dropped"), "{}", output.describe());
    drop(clean.unleak(["baseline", "check"]).expect_code(0));
}
