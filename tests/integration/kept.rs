//! What a scan of history keeps for the next one: it changes no report, and what is wrong with it is said and survived.

use std::fs;
use std::path::PathBuf;

use unleak_testkit::{TestEnvironment, TestRepo, fake, random_history};

use crate::scanning::{Scan, environment, line};

fn made(environment: &TestEnvironment) -> TestRepo<'_> {
    let repo = random_history(environment, "work", 41, 40).repo;
    repo.write("written.txt", line(&fake::github_pat(1500)));
    repo
}

/// The files that scans have left.
fn files(repo: &TestRepo<'_>) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(repo.git_dir().join("unleak")) else { return Vec::new() };
    let mut files: Vec<_> = folder.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    files
}

fn note(repo: &TestRepo<'_>, args: &[&str]) -> bool {
    let all = ["scan"].iter().chain(args);
    repo.unleak(all).expect_code(1).stderr_text().contains("note:")
}

#[test]
fn the_second_report_is_the_first() {
    let environment = environment();
    let repo = made(&environment);
    for args in [&[][..], &["--history"], &["--all"], &["--all-objects"], &["--confidence", "high"]] {
        let without = Scan::of(&repo, &[args, &["--no-cache"]].concat()).expect_code(1).comparable();
        for _ in 0..3 {
            assert_eq!(Scan::of(&repo, args).expect_code(1).comparable(), without, "{args:?}");
        }
    }
    assert!(!files(&repo).is_empty());
}

#[test]
fn nothing_is_kept_when_not_wanted() {
    let environment = environment();
    let repo = made(&environment);
    for args in [&["--no-cache"][..], &["--whole-versions"], &["--worktree"]] {
        drop(Scan::of(&repo, args).expect_code(1));
        assert_eq!(files(&repo), Vec::<PathBuf>::new(), "{args:?}");
    }
}

#[test]
fn other_rules_find_what_they_find() {
    let environment = environment();
    let repo = made(&environment);
    repo.file("odd.txt", ["key = own", "_q1w2e3r4t5z6\n"].concat()).commit("odd");
    let rules = environment.path("own.toml");
    let rule = |length: u32| {
        format!(
            "schema = 1\n[provider]\nfamily = \"own\"\nname = \"Own\"\nopens = \"it\"\nrevoke = \"ask\"\n\
             [[rules]]\nid = \"own-token\"\ndescription = \"own\"\nseverity = \"high\"\nconfidence = \"high\"\n\
             regex = '''\\b(?P<secret>own_[0-9a-z]{{{length}}})\\b'''\n"
        )
    };
    let path = rules.to_str().expect("a UTF-8 path");
    let count = || {
        let with = Scan::of(&repo, &["--history", "--rules", path]).comparable();
        assert_eq!(with, Scan::of(&repo, &["--history", "--rules", path, "--no-cache"]).comparable());
        with.0.matches("own-token").count()
    };
    drop(Scan::of(&repo, &["--history"]).expect_code(1));
    fs::write(&rules, rule(12)).expect("writable");
    let found = count();
    assert!(found > 0);
    assert_eq!(count(), found);
    fs::write(&rules, rule(13)).expect("writable");
    assert_eq!(count(), 0);
}

#[test]
fn a_damaged_file_is_said_to_be_and_replaced() {
    let environment = environment();
    let repo = made(&environment);
    assert!(!note(&repo, &["--history"]));
    let [file] = &files(&repo)[..] else { panic!("one scan, one file") };
    let good = fs::read(file).expect("readable");
    for damaged in [&good[..good.len() / 2], b"", b"unleak history 1"] {
        fs::write(file, damaged).expect("writable");
        let without = Scan::of(&repo, &["--history", "--no-cache"]).comparable();
        assert_eq!(Scan::of(&repo, &["--history"]).expect_code(1).comparable(), without);
        fs::write(file, damaged).expect("writable");
        assert!(note(&repo, &["--history"]));
        assert!(!note(&repo, &["--history"]));
    }
}

#[test]
fn where_nothing_can_be_written_nothing_is_said() {
    let environment = environment();
    let repo = made(&environment);
    let folder = repo.git_dir().join("unleak");
    let without = Scan::of(&repo, &["--history", "--no-cache"]).comparable();
    let check = || {
        assert!(!note(&repo, &["--history"]));
        assert!(note(&repo, &["--history", "-v"]));
        assert_eq!(Scan::of(&repo, &["--history"]).expect_code(1).comparable(), without);
    };
    fs::write(&folder, "in the way").expect("writable");
    check();
    fs::remove_file(&folder).expect("removable");
    assert!(!note(&repo, &["--history", "-v"]));
    let [file] = &files(&repo)[..] else { panic!("one scan, one file") };
    fs::remove_file(file).expect("removable");
    fs::create_dir_all(file.join("in the way")).expect("writable");
    check();
}

#[cfg(unix)]
#[test]
fn what_others_may_have_written_is_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;
    let environment = environment();
    let repo = made(&environment);
    let folder = repo.git_dir().join("unleak");
    assert!(!note(&repo, &["--history", "-v"]));
    let [file] = &files(&repo)[..] else { panic!("one scan, one file") };
    assert_eq!(fs::metadata(file).expect("readable").permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).expect("our own");
    assert!(note(&repo, &["--history", "-v"]));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("our own");
    assert!(!note(&repo, &["--history", "-v"]));
}

/// An archive that somebody hands over may hold a git directory, and in it a file that says that all is clean.
#[test]
fn a_copy_brings_no_results_along() {
    let environment = environment();
    let repo = made(&environment);
    let without = Scan::of(&repo, &["--history", "--no-cache"]).comparable();
    drop(Scan::of(&repo, &["--history"]).expect_code(1));
    let (folder, aside) = (repo.git_dir().join("unleak"), repo.git_dir().join("aside"));
    fs::rename(&folder, &aside).expect("our own");
    fs::create_dir(&folder).expect("writable");
    for entry in fs::read_dir(&aside).expect("readable") {
        let entry = entry.expect("readable");
        fs::copy(entry.path(), folder.join(entry.file_name())).expect("writable");
    }
    assert!(note(&repo, &["--history"]));
    assert!(!note(&repo, &["--history"]));
    assert_eq!(Scan::of(&repo, &["--history"]).expect_code(1).comparable(), without);
}

#[test]
fn two_scans_at_once_agree() {
    let environment = environment();
    let repo = made(&environment);
    let without = Scan::of(&repo, &["--history", "--no-cache"]).comparable();
    for _ in 0..3 {
        let running: Vec<_> = (0..4)
            .map(|_| environment.start_unleak(repo.path(), ["scan", "--history", "--format", "json"]))
            .collect();
        for scan in running {
            drop(scan.wait().expect_code(1));
        }
        assert_eq!(Scan::of(&repo, &["--history"]).expect_code(1).comparable(), without);
    }
    assert_eq!(files(&repo).len(), 1);
}
