//! A scan only reads: it changes nothing, gives nothing away, and says the same for any number of threads.

use unleak_testkit::{Packing, RepoState, TestEnvironment, TestRepo, fake, random_history};

use crate::scanning::{Scan, environment, line, started};

/// A repository with one secret in many kinds of places, and the secrets.
fn crowded(environment: &TestEnvironment) -> (TestRepo<'_>, Vec<String>) {
    let history = random_history(environment, "crowded", 31, 80);
    let mut secrets: Vec<String> = history.planted.iter().map(|planted| planted.secret.clone()).collect();
    let repo = history.repo;
    let mut fresh = (900..).map(fake::github_pat);
    let mut next = || {
        let secret = fresh.next().expect("endless");
        secrets.push(secret.clone());
        secret
    };
    repo.write("stashed.txt", line(&next())).stash(&format!("wip {}", next()));
    repo.annotated_tag("noted", "HEAD", &next());
    repo.note("HEAD", &next());
    repo.commit_as(&next(), &format!("subject {}\n\nbody {}", next(), next()));
    repo.git(["branch", &format!("b-{}", next())]);
    repo.blob(line(&next()));
    repo.repack(Packing::OneMore);
    let named = next();
    repo.file(format!("named-{named}.txt"), line(&named));
    repo.stage_only("only-staged.txt", line(&next()));
    repo.write("written.txt", line(&next()));
    (repo, secrets)
}

const WAYS: [&[&str]; 9] = [
    &["scan"],
    &["scan", "--all-objects", "--all", "--no-ignore"],
    &["scan", "--staged"],
    &["scan", "--worktree"],
    &["scan", "--history", "-v"],
    &["scan", "--range", "HEAD~5..HEAD"],
    &["scan", "--format", "jsonl"],
    &["scan", "--format", "json", "-q"],
    &["baseline", "check"],
];

#[test]
fn nothing_is_changed() {
    let environment = environment();
    let (repo, _) = crowded(&environment);
    // An index whose entries look stale to git is what tempts a reader to refresh it.
    let readme = repo.file_path("written.txt");
    std::fs::write(&readme, "again\n").expect("writable");
    let before = RepoState::capture_all(&repo);
    for args in WAYS {
        let output = repo.unleak(args.iter().chain(&["--no-cache"]));
        // Every way finds something, but for the check of a baseline that does not exist.
        let wanted = if args[0] == "scan" { 1 } else { 2 };
        assert_eq!(output.code, Some(wanted), "{}", output.describe());
        before.expect_same(&RepoState::capture_all(&repo));
    }
    drop(repo.unleak(["scan"]).expect_code(1));
    let own = std::fs::remove_dir_all(repo.git_dir().join("unleak"));
    own.expect("what a scan keeps has a folder of its own");
    before.expect_same(&RepoState::capture_all(&repo));
    let home: Vec<_> = std::fs::read_dir(environment.home()).expect("it exists").collect();
    assert!(home.is_empty(), "the scan wrote to the home directory");
}

#[test]
fn no_output_shows_a_secret() {
    let environment = environment();
    let (repo, secrets) = crowded(&environment);
    let report = environment.path("report.txt");
    let report_text = report.to_str().expect("a UTF-8 path");
    for args in WAYS {
        let all = args.iter().copied().chain(if args[0] == "scan" {
            vec!["--output", report_text]
        } else {
            vec![]
        });
        for output in [repo.unleak(args), repo.unleak(all)] {
            for secret in &secrets {
                assert!(!output.mentions(secret), "a secret is shown\n{}", output.describe());
            }
        }
        let written = std::fs::read(&report).expect("every scan writes it");
        for secret in &secrets {
            assert!(!contains(&written, secret), "a secret is in the report of {args:?}");
        }
    }
}

#[test]
fn show_secrets_shows_them() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(950));
    repo.file("a.txt", line(&secret)).commit("oops");
    for format in ["human", "json", "jsonl"] {
        let output = repo.unleak(["scan", "--show-secrets", "--format", format]).expect_code(1);
        assert!(output.mentions(&secret), "{}", output.describe());
    }
}

#[test]
fn one_thread_says_what_two_say() {
    let environment = environment();
    let (repo, _) = crowded(&environment);
    for args in [&["--history"][..], &[], &["--all-objects", "--all"], &["--range", "HEAD~9..HEAD"]] {
        let with = |jobs| Scan::of(&repo, &[args, &["--jobs", jobs]].concat()).expect_code(1).comparable();
        let one = with("1");
        for _ in 0..3 {
            assert_eq!(one, with("2"), "{args:?}");
        }
        assert_eq!(one, with("7"), "{args:?}");
    }
    let lines = |jobs| {
        let output = repo.unleak(["scan", "--format", "jsonl", "--jobs", jobs]);
        let text = output.stdout_text();
        text[..text.find("\"stats\"").expect("a last line with stats")].to_owned()
    };
    assert_eq!(lines("1"), lines("2"));
}

#[test]
fn clone_of_the_same_history_gives_the_same_fingerprints() {
    let environment = environment();
    let history = random_history(&environment, "first", 32, 60);
    let bare = history.repo.clone_bare("second.git");
    let fingerprints = |repo: &TestRepo<'_>| {
        let output = repo.unleak(["scan", "--history", "--format", "json"]).expect_code(1);
        let json = output.json();
        let findings = json["findings"].as_array().expect("a list").clone();
        findings
            .iter()
            .map(|f| (f["fingerprint"].clone(), f["location"].clone(), f["commit_id"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(fingerprints(&history.repo), fingerprints(&bare));
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}
