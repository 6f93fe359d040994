//! `--branch`, `--since`, `--path`: only what was asked for is reported, and the report says that it is only a part.

use std::collections::BTreeSet;

use unleak_testkit::{TestRepo, fake};

use crate::scanning::{Scan, environment, line, started};

/// Secrets on two branches, in two folders, in two years.
fn two_of_each<'env>(
    environment: &'env unleak_testkit::TestEnvironment,
    secrets: &[String; 4],
) -> TestRepo<'env> {
    let repo = started(environment, "work");
    repo.file("src/a.txt", line(&secrets[0])).commit("one");
    repo.branch("side").file("src/b.txt", line(&secrets[1])).commit("two");
    repo.switch("main").file("doc/c.txt", line(&secrets[2])).commit("three");
    repo.file("doc/d.txt", line(&secrets[3])).commit("four");
    repo
}

fn secrets(first: u64) -> [String; 4] {
    std::array::from_fn(|at| fake::github_pat(first + at as u64))
}

const LISTED: [&str; 4] = ["rev-list", "--objects", "--filter=object:type=blob", "--filter-provided-objects"];

/// The blobs that git reaches so.
fn blobs(repo: &TestRepo<'_>, args: &[&str]) -> BTreeSet<String> {
    let listed = repo.git(LISTED.iter().chain(args));
    listed.lines().map(|line| line.split(' ').next().expect("an id").to_owned()).collect()
}

fn found(scan: &Scan<'_>) -> BTreeSet<String> {
    let ids = scan.findings().into_iter().map(|found| found.text("/blob_id").to_owned());
    ids.collect()
}

#[test]
fn a_part_is_what_git_calls_so() {
    let environment = environment();
    let secrets = secrets(5100);
    let repo = two_of_each(&environment, &secrets);
    let readme = repo.id("HEAD:README");
    for (args, revisions) in [
        (&["--branch", "main"][..], &["main"][..]),
        (&["--branch", "side", "--path", "src"], &["side", "--", "src"]),
        (&["--history", "--path", "src/b.txt", "--path", "doc"], &["--all", "--", "src/b.txt", "doc"]),
        (&["--branch", "s*", "--branch", "main"], &["side", "main"]),
    ] {
        let mut expected = blobs(&repo, revisions);
        expected.remove(&readme);
        assert_eq!(found(&Scan::of(&repo, args).expect_code(1).expect_complete()), expected, "{args:?}");
    }
    let since = repo.git(["log", "-1", "--format=%cI", "main~1"]);
    let raw = repo.git(["log", "--format=", "--raw", "--no-abbrev", &format!("--since={since}"), "main"]);
    let expected = raw.lines().filter_map(|line| line.split(' ').nth(3)).map(str::to_owned).collect();
    let scan = Scan::of(&repo, &["--since", &since, "--branch", "main"]).expect_code(1);
    assert_eq!(found(&scan), expected);
    assert_eq!(scan.findings().len(), 2);
    assert!(scan.json["scope"]["since"].is_string());
    assert_eq!(scan.json["scope"]["branches"][0], "main");
    assert!(scan.json["scope"]["paths"].is_null());
}

#[test]
fn paths_are_relative_to_where_one_stands() {
    let environment = environment();
    let secrets = secrets(5200);
    let repo = two_of_each(&environment, &secrets);
    let staged = fake::github_pat(5210);
    repo.file("doc/staged", line(&staged));
    let run = |args: &[&str]| {
        let mut paths: Vec<String> = Scan::run(&environment, &repo.file_path("doc"), args, &[], b"")
            .findings()
            .iter()
            .map(|found| found.path().to_owned())
            .collect();
        paths.sort();
        paths
    };
    assert_eq!(run(&["--path", "c.txt"]), ["doc/c.txt"]);
    assert_eq!(run(&["--path", "../src"]), ["src/a.txt", "src/b.txt"]);
    assert_eq!(run(&["--path", ":/doc", "--staged"]), ["doc/staged"]);
    assert_eq!(run(&["--path", ".", "--worktree"]), ["doc/c.txt", "doc/d.txt", "doc/staged"]);
    assert_eq!(run(&["--path", "d.txt", "--range", "main~2..main"]), ["doc/d.txt"]);
}

#[test]
fn a_clean_part_is_not_called_a_clean_repository() {
    let environment = environment();
    let secrets = secrets(5300);
    let repo = two_of_each(&environment, &secrets);
    repo.write(
        ".unleak-baseline.toml",
        "schema = 1\n[[accepted]]\nfingerprint = \"v1:00000000000000000000000000000000\"\nrule = \"x\"\nreason = \"y\"\n",
    );
    for (args, words) in [
        (&["--path", "nowhere"][..], "files at nowhere"),
        (&["--history", "--since", "2099-01-01T00:00:00Z"], "what commits added since 2099-01-01T00:00:00Z"),
        (&["--branch", "main", "--path", "nowhere"], "history of main; files at nowhere"),
    ] {
        let output = repo.unleak(["scan"].iter().chain(args)).expect_code(0);
        let text = output.stdout_text();
        assert!(text.starts_with(&format!("only      {words}\n")), "{text}");
        assert!(text.contains("No secrets found in this part."), "{text}");
        assert!(!text.contains("stale"), "{text}");
        let markdown = repo.unleak(["scan", "--format", "md"].iter().chain(args));
        assert!(markdown.stdout_text().contains("Only a part was scanned"), "{}", markdown.stdout_text());
    }
}

#[test]
fn what_cannot_be_asked_for_is_refused_with_a_way_out() {
    let environment = environment();
    let repo = started(&environment, "work");
    for (args, error, hint) in [
        (&["--branch", "nope"][..], "no ref is called 'nope'", "git for-each-ref"),
        (&["--branch", "HEAD~0"], "no ref is called 'HEAD~0'", "--range HEAD~0"),
        (&["--since", "soon"], "'soon' is no date", "2 weeks ago"),
        (&["--path", ":(attr:text)x"], "asks for attributes", "glossary"),
        (&["--path", "../.."], "leads out of the repository", "`:/` is the top"),
        (&["--since", "yesterday", "--staged"], "--since restricts --history", "unleak scan --staged"),
        (&["--branch", "main", "--range", "a..b"], "--branch restricts --history", "unleak scan --range"),
        (&["--branch", "main", "--all-objects"], "--all-objects", "without it"),
        (&["--path", "x", "--stdin"], "--path is about a repository", "unleak scan PATH"),
        (&["--since", "yesterday", "--no-git"], "--since is about a repository", "unleak scan PATH"),
    ] {
        let output = repo.unleak(["scan"].iter().chain(args)).expect_code(2);
        let text = output.stderr_text();
        assert!(text.contains(error) && text.contains("hint:") && text.contains(hint), "{args:?}\n{text}");
    }
}

#[test]
fn each_kind_of_gap_is_counted_by_itself() {
    let environment = environment();
    let repo = started(&environment, "work");
    for number in 0..3 {
        repo.file("f", format!("version {number}\n")).commit("more");
    }
    let shallow = repo.clone_shallow("shallow", 2);
    let scan = Scan::of(&shallow, &["--history"]).expect_incomplete("shallow");
    assert_eq!((scan.skipped("shallow"), scan.skipped("missing"), scan.skipped("not-fetched")), (1, 0, 0));
    let text = shallow.unleak(["scan", "--history"]).stdout_text();
    assert!(text.contains("1 place where a shallow clone cuts history off"), "{text}");

    let partial = repo.clone_partial("partial");
    let scan = Scan::of(&partial, &["--history"]).expect_incomplete("not-fetched");
    assert!(scan.skipped("not-fetched") >= 2);
    assert_eq!((scan.skipped("shallow"), scan.skipped("missing"), scan.skipped("corrupt")), (0, 0, 0));

    let path = repo.loose_object(&repo.id("HEAD~1:f"));
    repo.truncate(&path, 5);
    repo.remove_loose_object(&repo.id("HEAD~2:f"));
    let scan = Scan::of(&repo, &["--history"]).expect_code(2);
    assert_eq!((scan.skipped("corrupt"), scan.skipped("missing"), scan.skipped("not-fetched")), (1, 1, 0));
    let text = repo.unleak(["scan", "--history"]).stdout_text();
    assert!(text.contains("1 object damaged") && text.contains("1 object missing"), "{text}");
}
