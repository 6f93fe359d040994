//! However git stores objects, the same is found: packs, deltas, loose files, alternates, SHA-256, clones of all kinds.

use serde_json::Value;
use unleak_testkit::{Packing, TestRepo, fake, random_history};

use crate::scanning::{Scan, environment, expect_trouble, line, started};

#[test]
fn findings_do_not_depend_on_packing() {
    let environment = environment();
    let history = random_history(&environment, "random", 21, 120);
    let repo = &history.repo;
    let scan = || Scan::of(repo, &["--history"]).expect_code(1).expect_complete().json["findings"].clone();
    let first = scan();
    for packing in
        [Packing::Loose, Packing::One, Packing::WithoutDeltas, Packing::DeltasById, Packing::DeepDeltas]
    {
        repo.repack(packing);
        assert!(first == scan(), "{packing:?} gives other findings");
    }
    repo.gc();
    assert!(first == scan(), "gc gives other findings");
}

#[test]
fn several_packs_loose_objects_and_duplicates() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secrets: Vec<String> = (600..606).map(fake::github_pat).collect();
    for (number, secret) in secrets.iter().enumerate() {
        repo.file(format!("{number}.txt"), line(secret)).commit("more");
        match number {
            0 | 1 => repo.repack(Packing::OneMore),
            2 => repo.repack(Packing::MultiPackIndex),
            3 => {
                // The same objects in two packs.
                repo.git_with_input(["pack-objects", "--all", "--quiet", ".git/objects/pack/pack"], "");
                &repo
            }
            _ => &repo,
        };
    }
    assert!(repo.packs().len() > 2);
    let scan = Scan::of(&repo, &["--history"]).expect_complete();
    for (number, secret) in secrets.iter().enumerate() {
        assert_eq!(scan.one(secret).path(), format!("{number}.txt"));
    }
}

#[test]
fn unreachable_objects_in_a_pack() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(610));
    repo.blob(line(&secret));
    repo.git(["repack", "-a", "-d", "-k", "--quiet"]);
    repo.git(["prune-packed"]);
    Scan::of(&repo, &[]).expect_code(0).expect_none(&secret);
    Scan::of(&repo, &["--all-objects"]).expect_code(1).expect_complete().one(&secret);
}

#[test]
fn bare_repository() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(611));
    let commit = repo.file("a.txt", line(&secret)).commit("oops");
    repo.remove("a.txt").commit("remove");
    let bare = repo.clone_bare("bare.git");
    let scan = Scan::of(&bare, &[]).expect_code(1).expect_complete();
    let found = scan.one(&secret);
    assert_eq!((found.path(), found.commit()), ("a.txt", commit.as_str()));
    // From outside, by its path.
    Scan::run(&environment, environment.root(), &["bare.git"], &[], b"").expect_code(1).one(&secret);
}

#[test]
fn alternates() {
    let environment = environment();
    let (repo, secret, own) = (started(&environment, "work"), fake::github_pat(612), fake::github_pat(613));
    repo.file("a.txt", line(&secret)).commit("oops");
    let borrowing = repo.clone_borrowing("borrowing");
    borrowing.file("own.txt", line(&own)).commit("own");
    let second = borrowing.clone_borrowing("second");
    let scan = Scan::of(&second, &[]).expect_complete();
    assert_eq!((scan.one(&secret).path(), scan.one(&own).path()), ("a.txt", "own.txt"));
    // What only the lender has is the lender's affair.
    let lent = fake::github_pat(614);
    repo.blob(line(&lent));
    Scan::of(&second, &["--history"]).expect_none(&lent);
}

#[test]
fn quarantine_of_a_receiving_hook_is_read_or_refused() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(615));
    repo.file("a.txt", line(&secret)).commit("oops");
    // A receiving hook sees new objects in a quarantine directory of its own.
    let quarantine = environment.path("quarantine");
    let objects = repo.objects_dir();
    std::fs::create_dir_all(quarantine.join("pack")).expect("a free name");
    let variables = [
        ("GIT_OBJECT_DIRECTORY", quarantine.as_os_str()),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects.as_os_str()),
    ];
    let new = fake::github_pat(616);
    let blob = environment.git_output(
        repo.path(),
        ["hash-object", "-w", "--stdin"],
        &variables,
        line(&new).as_bytes(),
    );
    let blob = blob.expect_code(0).stdout_text().trim().to_owned();
    let tree = format!("100644 blob {blob}\tnew.txt\n");
    let tree = environment.git_output(repo.path(), ["mktree"], &variables, tree.as_bytes()).expect_code(0);
    let tree = tree.stdout_text().trim().to_owned();
    let commit = repo.git_with_variables(["commit-tree", "-p", "HEAD", "-m", "new", &tree], &variables);
    let range = format!("HEAD..{commit}");
    let output = environment.unleak_with(repo.path(), ["scan", "--range", &range], &variables, b"");
    if output.code == Some(2) {
        expect_trouble(&output);
    } else {
        let scan = Scan::run(&environment, repo.path(), &["--range", &range], &variables, b"").expect_code(1);
        assert_eq!(scan.one(&new).path(), "new.txt");
    }
}

#[test]
fn sha256_repository() {
    let environment = environment();
    let (repo, secret) = (TestRepo::init_sha256(&environment, "work"), fake::github_pat(617));
    let commit = repo.file("a.txt", line(&secret)).commit("oops");
    repo.remove("a.txt").commit("remove");
    let staged = fake::github_pat(618);
    repo.stage_only("b.txt", line(&staged));
    for packed in [false, true] {
        if packed {
            repo.repack(Packing::One);
        }
        let scan = Scan::of(&repo, &[]).expect_complete();
        assert_eq!(scan.one(&secret).commit(), commit);
        assert_eq!(scan.one(&staged).exposure(), "staged");
    }
    Scan::of(&repo, &["--range", "HEAD~1..HEAD"]).expect_code(0).expect_none(&secret);
}

#[test]
fn ref_formats() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(619));
    repo.branch("topic").file("a.txt", line(&secret)).commit("oops");
    repo.annotated_tag("v1", "HEAD", "one");
    repo.switch("main");
    repo.git(["pack-refs", "--all", "--prune"]);
    repo.git(["symbolic-ref", "refs/heads/alias", "refs/heads/topic"]);
    let scan = Scan::of(&repo, &["--history"]).expect_complete();
    assert_eq!(scan.one(&secret).list("/reach/branches"), ["alias", "topic"]);
    assert_eq!(scan.one(&secret).list("/reach/tags"), ["v1"]);
}

#[test]
fn reftable_is_read_or_refused() {
    let environment = environment();
    let path = environment.path("work");
    let init = ["init", "--quiet", "--ref-format=reftable", path.to_str().expect("a UTF-8 path")];
    if environment.git_output(environment.root(), init, &[], b"").code != Some(0) {
        return; // this git is older than reftables
    }
    let (repo, secret) = (TestRepo::open(&environment, path), fake::github_pat(620));
    repo.file("a.txt", line(&secret)).commit("oops");
    repo.remove("a.txt").commit("remove");
    let output = repo.unleak(["scan", "--format", "json"]);
    if output.code == Some(2) {
        expect_trouble(&output);
    } else {
        Scan::of(&repo, &[]).expect_code(1).one(&secret);
    }
}

#[test]
fn unborn_head() {
    let environment = environment();
    let (repo, secret) = (TestRepo::init(&environment, "work"), fake::github_pat(621));
    drop(Scan::of(&repo, &[]).expect_code(0).expect_complete());
    drop(Scan::of(&repo, &["--history"]).expect_code(0).expect_complete());
    repo.write("a.txt", line(&secret));
    assert_eq!(Scan::of(&repo, &[]).expect_code(1).one(&secret).exposure(), "worktree");
}

#[test]
fn git_dir_elsewhere() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(622));
    repo.file("a.txt", line(&secret)).commit("oops");
    let moved = environment.path("moved.git");
    repo.git(["init", "--quiet", "--separate-git-dir", moved.to_str().expect("a UTF-8 path")]);
    assert!(repo.file_path(".git").is_file());
    Scan::of(&repo, &[]).expect_code(1).expect_complete().one(&secret);
    let variables = [("GIT_DIR", moved.as_os_str()), ("GIT_WORK_TREE", repo.path().as_os_str())];
    Scan::run(&environment, repo.path(), &[], &variables, b"").expect_code(1).one(&secret);
}

#[test]
fn shallow_clone_is_read_and_never_called_complete() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(623));
    repo.file("old.txt", "old\n").commit("old");
    let clean = repo.clone_shallow("clean", 1);
    drop(Scan::of(&clean, &[]).expect_code(2).expect_incomplete("shallow"));
    repo.file("a.txt", line(&secret)).commit("oops");
    let shallow = repo.clone_shallow("shallow", 1);
    Scan::of(&shallow, &[]).expect_code(1).expect_incomplete("shallow").one(&secret);
    drop(Scan::of(&shallow, &["--worktree"]).expect_code(1).expect_complete());
}

#[test]
fn partial_clone_is_read_and_nothing_is_fetched() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(624));
    repo.file("a.txt", line(&secret)).commit(&format!("with {}", fake::github_pat(625)));
    let partial = repo.clone_partial("partial");
    let objects = || partial.git(["count-objects", "-v"]);
    let before = objects();
    let scan = Scan::of(&partial, &["--history"]).expect_code(1).expect_incomplete("not-fetched");
    assert_eq!(scan.one(&fake::github_pat(625)).path(), "(commit message)");
    scan.expect_none(&secret);
    assert_eq!(before, objects(), "the scan fetched something");
    // A fetched blob counts.
    partial.git(["checkout", "--quiet", "main"]);
    Scan::of(&partial, &["--history"]).expect_code(1).one(&secret);
}

#[test]
fn grafts_and_shallow_files_hide_nothing_that_is_there() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(626));
    repo.file("a.txt", line(&secret)).commit("oops");
    repo.remove("a.txt").commit("remove");
    // Whoever writes .git can cut history for git; nothing that a cut hides may be called clean.
    let head = repo.id("HEAD");
    environment.write(repo.git_dir().join("shallow"), format!("{head}\n"));
    let scan = Scan::of(&repo, &["--history"]);
    assert_ne!(scan.output.code, Some(0), "{}", scan.output.describe());
}

#[test]
fn stats_count_every_object_once() {
    let environment = environment();
    let history = random_history(&environment, "random", 22, 60);
    let repo = &history.repo;
    let listed = repo.git(["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]);
    let blobs = listed.lines().filter(|kind| *kind == "blob").count() as u64;
    let scan = Scan::of(repo, &["--history"]);
    let scanned = scan.json["coverage"]["scanned"].as_array().expect("a list");
    let counted: Vec<u64> = scanned.iter().filter_map(|source| source["counts"]["blobs"].as_u64()).collect();
    assert_eq!(counted, [blobs], "{}", scan.output.describe());
    let commits: Vec<u64> =
        scanned.iter().filter_map(|source| source["counts"]["commits"].as_u64()).collect();
    assert_eq!(commits, [repo.log(&["--all"]).len() as u64]);
    assert!(scan.json["stats"]["objects"].as_u64() > Some(blobs));
    assert!(matches!(scan.json["stats"]["bytes"], Value::Number(_)));
}
