//! All of history: what is found, who introduced it, and that neither threads nor storage show.

use unleak_testkit::{Packing, TestEnvironment, TestRepo, fake, random_history};

use crate::brute::Brute;
use crate::engine::{everything, findings, history, id, in_files, of, picture, scan, skipped};
use unleak_findings::{Exposure, Medium};
use unleak_scan::SkipReason;

#[test]
fn the_whole_history_is_what_every_file_of_every_commit_holds() {
    let environment = TestEnvironment::new();
    for seed in 1..4 {
        let made = random_history(&environment, &format!("r{seed}"), seed, 70);
        let outcome = scan(&made.repo, &history(), 2);
        assert!(outcome.coverage.is_complete());
        let expected = Brute::new(&made.repo).history();
        assert!(expected.len() >= made.planted.len());
        assert_eq!(in_files(&outcome), expected);
        let found = |secret: &String| !of(&outcome, secret).is_empty();
        assert!(made.planted.iter().all(|planted| found(&planted.secret)));
    }
}

#[test]
fn the_introducing_commit_is_the_oldest_that_has_the_secret_at_the_path() {
    let environment = TestEnvironment::new();
    for seed in 5..8 {
        let made = random_history(&environment, &format!("r{seed}"), seed, 70);
        let outcome = scan(&made.repo, &history(), 2);
        let commits = made.repo.log(&["--all"]);
        let mut brute = Brute::new(&made.repo);
        for finding in outcome.findings.iter().filter(|finding| finding.ordinal == 0) {
            let (path, fingerprint) = (finding.path.to_string(), finding.fingerprint.to_string());
            let has = |commit: &&String| {
                let files = brute.files(commit);
                let file = files.iter().find(|(name, _)| *name == path);
                file.is_some_and(|(_, blob)| brute.blob(blob, &path).contains(&fingerprint))
            };
            let oldest = commits.iter().find(has).unwrap();
            assert_eq!(finding.introduced().unwrap().id, id(oldest), "{path}");
        }
        for planted in &made.planted {
            let introduced =
                of(&outcome, &planted.secret).into_iter().filter_map(|finding| finding.introduced());
            assert_eq!(introduced.min().unwrap().id, id(&planted.commit));
        }
    }
}

/// Secrets in every place there is.
fn busy(environment: &TestEnvironment) -> TestRepo<'_> {
    let repo = random_history(environment, "busy", 9, 60).repo;
    let env = format!("API_KEY={}\n", fake::password(70));
    for path in [".env", "deploy/.env.production", "notes/plain.txt", "zenv.production"] {
        repo.file(path, &env);
    }
    repo.file("twice", format!("a = {0}\nb = {0}\n", fake::github_pat(71)));
    repo.commit(&format!("message with {}", fake::github_pat(72)));
    repo.note("HEAD", &fake::github_pat(73));
    repo.annotated_tag("v9", "HEAD", &fake::github_pat(74));
    repo.tag(&fake::github_pat(75), "HEAD~1");
    let blob = repo.blob(fake::github_pat(76));
    repo.tag("blob", &blob).tag("tree", "HEAD~2^{tree}");
    repo.file("stashed", fake::github_pat(77)).stash("later");
    repo.file("staged", fake::github_pat(78)).write("untracked", fake::github_pat(79));
    repo
}

#[test]
fn neither_threads_nor_storage_show_in_the_outcome() {
    let environment = TestEnvironment::new();
    let repo = busy(&environment);
    let first = scan(&repo, &everything(), 1);
    assert!(first.coverage.is_complete(), "{:?}", first.coverage);
    for seed in 71..80 {
        assert!(!of(&first, &fake::github_pat(seed)).is_empty(), "secret {seed}");
    }
    let whole = picture(first.clone());
    for threads in [2, 5] {
        assert!(picture(scan(&repo, &everything(), threads)) == whole, "{threads} threads");
    }
    for packing in [
        Packing::OneMore,
        Packing::MultiPackIndex,
        Packing::One,
        Packing::WithoutDeltas,
        Packing::DeltasById,
        Packing::DeepDeltas,
        Packing::Loose,
    ] {
        repo.repack(packing);
        for threads in [1, 3] {
            assert!(findings(&scan(&repo, &everything(), threads)) == findings(&first), "{packing:?}");
        }
    }
    let original = findings(&scan(&repo, &history(), 1));
    let objects = repo.objects_dir();
    let borrower = TestRepo::init(&environment, "borrower");
    let alternates = borrower.objects_dir().join("info/alternates");
    environment.write(alternates, format!("{}\n", objects.display()));
    for name in ["refs", "logs", "packed-refs", "HEAD", "ORIG_HEAD"] {
        let (from, to) = (repo.git_dir().join(name), borrower.git_dir().join(name));
        if from.is_dir() {
            copy(&from, &to);
        } else if from.exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
    assert!(findings(&scan(&borrower, &history(), 2)) == original, "borrowed objects give something else");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_blob_in_notes_and_in_a_file_is_reported_as_both() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret = fake::github_pat(1);
    let commit = repo.file("f", format!("{secret}\n")).commit("one");
    repo.git(["notes", "add", "-C", &repo.id("HEAD:f"), "HEAD"]);
    assert_eq!(repo.id(&format!("refs/notes/commits:{commit}")), repo.id("HEAD:f"));
    let outcome = scan(&repo, &history(), 1);
    let places: Vec<_> = of(&outcome, &secret).iter().map(|f| (f.medium, f.path.to_string())).collect();
    assert_eq!(places, [(Medium::Note, "(note)".to_owned()), (Medium::File, "f".to_owned())]);
}

#[test]
fn occurrences_are_numbered_and_told_apart_over_all_versions() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret = fake::github_pat(1);
    let first = repo.file("f", format!("{secret}\n{secret}\n")).commit("twice");
    let second = repo.file("f", format!("x\n{secret}\n")).commit("once");
    repo.file("f", "x\n").commit("gone");
    let third = repo.file("f", format!("{secret}\n{secret}\n")).commit("again");
    repo.file("f", "").commit("gone again");
    let outcome = scan(&repo, &history(), 1);
    let found: Vec<_> = of(&outcome, &secret)
        .iter()
        .map(|finding| {
            let commits = finding.appearances.iter().map(|seen| seen.commit.as_ref().unwrap().id);
            (finding.ordinal, finding.place.start_line, commits.collect::<Vec<_>>())
        })
        .collect();
    let ids = |commits: &[&String]| commits.iter().map(|commit| id(commit)).collect::<Vec<_>>();
    assert_eq!(found, [(0, 1, ids(&[&first, &second, &third])), (1, 2, ids(&[&first, &third]))]);
}

#[test]
fn one_version_by_many_commits_knows_all_refs_and_whether_it_was_pushed() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let secret = fake::github_pat(1);
    repo.file("f", &secret).commit("base");
    repo.branch("side").file("g", "text").commit("still there");
    repo.switch("main").file("h", "text").commit("still there");
    repo.push_to_new_origin("origin", &["side"]);
    repo.file("f", "gone").commit("gone");
    let outcome = scan(&repo, &history(), 1);
    let [finding] = of(&outcome, &secret)[..] else { panic!("{outcome:?}") };
    assert_eq!((finding.exposure, finding.reach.in_head), (Exposure::Pushed, false));
    assert_eq!(finding.reach.branches, ["main", "side"]);
    assert_eq!(finding.reach.remotes, ["origin/side"]);
    assert_eq!(skipped(&outcome, SkipReason::Missing), 0);
}
