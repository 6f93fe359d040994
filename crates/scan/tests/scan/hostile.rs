//! Repositories made to make the scan stumble.

use unleak_objects::ObjectId;
use unleak_scan::SkipReason;
use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::engine::{history, of, scan, skipped};

#[test]
fn a_secret_at_more_paths_than_can_be_listed_is_found_and_said_to_be() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret = fake::github_pat(1);
    let blob = repo.blob(&secret);
    let mut line = format!("100644 blob {blob}");
    for _ in 0..20 {
        let entries: String = (0..10).map(|n| format!("{line}\t{n}\n")).collect();
        line = format!("040000 tree {}", repo.git_with_input(["mktree"], entries));
    }
    let commit = repo.git(["commit-tree", "-m", "bomb", line.rsplit(' ').next().unwrap()]);
    assert!(scan(&repo, &history(), 1).findings.is_empty());
    repo.git(["update-ref", "refs/heads/main", &commit]);
    let outcome = scan(&repo, &history(), 2);
    let [finding] = of(&outcome, &secret)[..] else { panic!("{:?}", outcome.findings) };
    assert_eq!(finding.path, format!("(blob {blob})"));
    assert_eq!(skipped(&outcome, SkipReason::TooLarge), 1);
}

#[test]
fn a_malformed_tree_hides_its_later_entries_and_the_scan_says_so() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let (seen, hidden) = (fake::github_pat(1), fake::github_pat(2));
    let raw = |text: &str| ObjectId::from_hex(repo.blob(text).as_bytes()).unwrap().as_slice().to_vec();
    let (seen_id, hidden_id) = (raw(&seen), raw(&hidden));
    let bytes = [b"100644 a\0", &seen_id[..], b"10x644 b\0", &hidden_id[..]].concat();
    let tree = repo.git_with_input(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], bytes);
    let commit = repo.git_with_input(
        ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        format!("tree {tree}\nauthor A <a@t> 1 +0000\ncommitter A <a@t> 1 +0000\n\nm\n"),
    );
    std::fs::write(repo.git_dir().join("refs/heads/main"), format!("{commit}\n")).unwrap();
    let outcome = scan(&repo, &history(), 1);
    assert_eq!((of(&outcome, &seen).len(), skipped(&outcome, SkipReason::Corrupt)), (1, 1));
    assert!(!outcome.coverage.is_complete());
}

#[test]
fn commits_and_tags_that_cannot_be_parsed_are_damage_not_silence() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("f", "text").commit("one");
    let secret = fake::github_pat(1);
    for (kind, name) in [("commit", "heads/odd"), ("tag", "tags/odd")] {
        let text = format!("nonsense\n\n{secret}\n");
        let id = repo.git_with_input(["hash-object", "-t", kind, "-w", "--stdin", "--literally"], text);
        std::fs::write(repo.git_dir().join("refs").join(name), format!("{id}\n")).unwrap();
    }
    let outcome = scan(&repo, &history(), 1);
    assert!(skipped(&outcome, SkipReason::Corrupt) >= 2, "{:?}", outcome.coverage);
    assert_eq!(of(&outcome, &secret).len(), 1, "the tag is what the ref names: {:?}", outcome.findings);
}

#[test]
fn thousands_of_hits_in_hundreds_of_commits_take_no_square_of_time() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let mut stream = String::from("commit refs/heads/main\ncommitter C <c@t> 1700000000 +0000\ndata 0\n");
    for n in 0..2_000 {
        let text = format!("{}\n", fake::github_pat(n));
        stream += &format!("M 100644 inline d{}/{n}\ndata {}\n{text}\n", n % 40, text.len());
    }
    for n in 0..300 {
        stream += &format!("commit refs/heads/main\ncommitter C <c@t> {} +0000\ndata 0\n", 1_700_000_001 + n);
        stream += &format!("M 100644 inline other\ndata 4\n{n:04}\n");
    }
    repo.fast_import(stream.as_bytes());
    let start = std::time::Instant::now();
    assert_eq!(scan(&repo, &history(), 2).findings.len(), 2_000);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
