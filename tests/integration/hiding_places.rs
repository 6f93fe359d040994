//! Every place of a repository in which a secret can lie: each with a fresh one, which a plain `unleak scan` has to find.

use unleak_testkit::{TestRepo, fake};

use crate::scanning::{Scan, environment, fixture, line, started};

#[test]
fn staged_only() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(100));
    repo.stage_only("config.txt", line(&secret));
    let scan = Scan::of(&repo, &[]).expect_code(1).expect_complete();
    let found = scan.one(&secret);
    assert_eq!((found.path(), found.exposure()), ("config.txt", "staged"));
    assert!(found.0["commit_id"].is_null());
}

#[test]
fn untracked_in_the_working_tree() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(101));
    repo.write("new/notes.txt", line(&secret));
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!((found.path(), found.exposure()), ("new/notes.txt", "worktree"));
    assert!(found.0["blob_id"].is_null() && found.0["commit_id"].is_null());
}

#[test]
fn tracked_and_changed_in_the_working_tree() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(102));
    repo.write("README", line(&secret));
    let scan = Scan::of(&repo, &["--worktree"]);
    assert_eq!(scan.one(&secret).exposure(), "worktree");
}

#[test]
fn ignored_files_count_only_when_asked_for() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(103));
    repo.file(".gitignore", "build/\n*.log\n").commit("ignore");
    let nested = fake::github_pat(104);
    repo.write("build/out.txt", line(&secret)).write("deep/er/debug.log", line(&nested));
    let scan = Scan::of(&repo, &[]).expect_code(0);
    scan.expect_none(&secret);
    scan.expect_none(&nested);
    let scan = Scan::of(&repo, &["--no-ignore"]).expect_code(1);
    assert_eq!(scan.one(&secret).path(), "build/out.txt");
    assert_eq!(scan.one(&nested).path(), "deep/er/debug.log");
}

#[test]
fn ignore_rules_do_not_hide_tracked_files() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(105));
    repo.file(".gitignore", "secret.txt\n")
        .file("secret.txt", "nothing yet\n")
        .commit("tracked although ignored");
    repo.write("secret.txt", line(&secret));
    let scan = Scan::of(&repo, &["--worktree"]);
    assert_eq!(scan.one(&secret).path(), "secret.txt");
}

#[test]
fn index_flags_and_settings_hide_no_file_of_the_working_tree() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (assumed, skipped, untracked, exact) =
        (fake::github_pat(190), fake::github_pat(191), fake::github_pat(192), fake::github_pat(193));
    let same_size = "x".repeat(line(&exact).len());
    repo.file("assumed.txt", "a\n").file("skipped.txt", "s\n").file("exact.txt", &same_size).commit("files");
    repo.git(["update-index", "--assume-unchanged", "assumed.txt"]);
    repo.git(["update-index", "--skip-worktree", "skipped.txt"]);
    repo.git(["config", "status.showUntrackedFiles", "no"]);
    repo.write("assumed.txt", line(&assumed)).write("skipped.txt", line(&skipped));
    repo.write("untracked.txt", line(&untracked));
    // Another content of the same size and time.
    let exact_path = repo.file_path("exact.txt");
    let time = std::fs::metadata(&exact_path).and_then(|metadata| metadata.modified()).expect("a time");
    repo.write("exact.txt", line(&exact));
    let file = std::fs::File::options().write(true).open(&exact_path).expect("writable");
    file.set_modified(time).expect("the owner may");
    drop(file);
    for args in [&["--worktree"][..], &[]] {
        let scan = Scan::of(&repo, args).expect_code(1).expect_complete();
        for secret in [&assumed, &skipped, &untracked, &exact] {
            assert_eq!(scan.one(secret).exposure(), "worktree");
        }
    }
}

#[test]
fn committed_and_deleted() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(106));
    let commit = repo.file("deploy.sh", line(&secret)).commit("oops");
    repo.remove("deploy.sh").commit("remove it");
    let scan = Scan::of(&repo, &[]).expect_code(1);
    let found = scan.one(&secret);
    assert_eq!((found.path(), found.exposure(), found.commit()), ("deploy.sh", "committed", commit.as_str()));
    assert!(!found.reach("in_head"));
    assert_eq!(found.list("/reach/branches"), ["main"]);
    Scan::of(&repo, &["--worktree"]).expect_code(0).expect_none(&secret);
    Scan::of(&repo, &["--staged"]).expect_code(0).expect_none(&secret);
    Scan::of(&repo, &["--history"]).expect_code(1).one(&secret);
}

#[test]
fn branch_that_is_not_checked_out() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(107));
    repo.branch("topic/deep");
    repo.file("a/b/c.txt", line(&secret)).commit("topic");
    repo.switch("main");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!(found.list("/reach/branches"), ["topic/deep"]);
    assert!(!found.reach("in_head"));
}

#[test]
fn root_commit() {
    let environment = environment();
    let (repo, secret) = (TestRepo::init(&environment, "work"), fake::github_pat(108));
    let commit = repo.file("first.txt", line(&secret)).commit("first");
    repo.remove("first.txt").commit("second");
    let scan = Scan::of(&repo, &["--history"]);
    assert_eq!(scan.one(&secret).commit(), commit);
}

#[test]
fn second_root() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(109));
    let commit = repo.orphan("pages").file("page.txt", line(&secret)).commit("other root");
    repo.switch("main");
    assert_eq!(Scan::of(&repo, &[]).one(&secret).commit(), commit);
}

#[test]
fn commit_message() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(110));
    let commit = repo.commit(&format!("deploy\n\nused {secret} for it\n"));
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!((found.path(), found.commit()), ("(commit message)", commit.as_str()));
    assert_eq!(found.number("/location/start_line"), 3);
    Scan::of(&repo, &["--history"]).one(&secret);
}

#[test]
fn subject_line() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(111));
    repo.commit(&format!("use {secret}"));
    // `one` also makes sure that the report, which prints subjects, does not print this one.
    assert_eq!(Scan::of(&repo, &[]).one(&secret).path(), "(commit message)");
    let human = repo.unleak(["scan"]).expect_code(1);
    assert!(!human.mentions(&secret), "{}", human.describe());
}

#[test]
fn author_name() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(112));
    repo.commit_as(&secret, "whoever");
    assert_eq!(Scan::of(&repo, &[]).one(&secret).path(), "(commit header)");
    let human = repo.unleak(["scan"]).expect_code(1);
    assert!(!human.mentions(&secret), "{}", human.describe());
}

#[test]
fn tag_message() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(113));
    repo.annotated_tag("v1", "HEAD", &format!("release\n\nsigned off with {secret}\n"));
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!(found.path(), "(tag message)");
    assert_eq!(found.list("/reach/tags"), ["v1"]);
}

#[test]
fn note() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(114));
    repo.note("HEAD", &format!("checked with {secret}"));
    assert_eq!(Scan::of(&repo, &[]).one(&secret).path(), "(note)");
}

#[test]
fn ref_name() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(115));
    repo.git(["branch", &format!("fix-{secret}")]);
    // The name is listed among the branches of other findings too, and is cut there.
    let other = fake::github_pat(116);
    repo.file("other.txt", line(&other)).commit("other");
    repo.git(["branch", "--force", &format!("fix-{secret}")]);
    let scan = Scan::of(&repo, &[]);
    assert_eq!(scan.one(&secret).path(), "(ref name)");
    assert_eq!(scan.one(&other).list("/reach/branches").len(), 2);
    let human = repo.unleak(["scan", "-v"]).expect_code(1);
    assert!(!human.mentions(&secret), "{}", human.describe());
}

#[test]
fn evil_merge() {
    let environment = environment();
    let secrets = [fake::github_pat(130), fake::github_pat(131), fake::github_pat(132)];
    fixture(&environment, "evil-merge.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("evil-merge"));
    let merge = repo.id("HEAD~1");
    let scan = Scan::of(&repo, &[]);
    for (secret, path) in secrets.iter().zip(["only-in-merge.txt", "shared.txt"]) {
        assert_eq!((scan.one(secret).path(), scan.one(secret).commit()), (path, merge.as_str()));
    }
    assert_eq!(scan.one(&secrets[2]).commit(), repo.id("side"));
}

#[test]
fn octopus_merge() {
    let environment = environment();
    let secrets = [140, 141, 142, 143].map(fake::github_pat);
    fixture(&environment, "octopus.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("octopus"));
    let scan = Scan::of(&repo, &["--history"]);
    for (secret, revision) in secrets.iter().zip(["HEAD^2", "HEAD^3", "HEAD^4", "HEAD"]) {
        assert_eq!(scan.one(secret).commit(), repo.id(revision), "{revision}");
        assert!(scan.one(secret).reach("in_head"));
    }
}

#[test]
fn what_replace_refs_hide_and_what_they_show() {
    let environment = environment();
    let secrets = [150, 151, 152].map(fake::github_pat);
    fixture(&environment, "replace-refs.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("replace-refs"));
    let scan = Scan::of(&repo, &["--history"]);
    assert_eq!(scan.one(&secrets[0]).path(), "original.txt");
    scan.one(&secrets[1]);
    assert_eq!(scan.one(&secrets[2]).path(), "hidden.txt");
    // The true commits carry the reports, whatever stands in for them.
    let truth = repo.git(["--no-replace-objects", "rev-list", "--reverse", "HEAD"]);
    assert_eq!(scan.one(&secrets[0]).commit(), truth.lines().next().expect("two commits"));
    assert_eq!(scan.one(&secrets[2]).commit(), truth.lines().last().expect("two commits"));
    assert!(scan.one(&secrets[0]).reach("in_head"));
}

#[test]
fn attributes_hide_nothing_and_run_nothing() {
    let environment = environment();
    let secrets = [160, 161, 162, 163].map(fake::github_pat);
    fixture(&environment, "attributes.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("attributes"));
    repo.git(["config", "core.fsmonitor", "touch filter-was-run"]);
    repo.git(["config", "core.hooksPath", "hooks"]);
    for args in [&[][..], &["--history"], &["--worktree"]] {
        let scan = Scan::of(&repo, args).expect_code(1);
        for (secret, path) in secrets.iter().zip(["deploy.env", "table.dat", "service.cfg", "driver.cln"]) {
            assert_eq!(scan.one(secret).path(), path, "{args:?}");
        }
    }
    assert!(!repo.file_path("filter-was-run").exists(), "the scan ran a program of the repository");
}

#[test]
fn tags_on_anything() {
    let environment = environment();
    let secrets = [170, 171, 172, 173].map(fake::github_pat);
    fixture(&environment, "odd-tags.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("odd-tags"));
    let scan = Scan::of(&repo, &[]).expect_complete();
    assert_eq!(scan.one(&secrets[0]).list("/reach/tags"), ["light-blob"]);
    assert_eq!(scan.one(&secrets[0]).text("/blob_id"), repo.id("light-blob"));
    assert_eq!(scan.one(&secrets[1]).path(), "in-tree.txt");
    assert_eq!(scan.one(&secrets[1]).list("/reach/tags"), ["tree"]);
    assert_eq!(scan.one(&secrets[2]).path(), "(tag message)");
    assert!(scan.one(&secrets[3]).path().starts_with("(commit"), "{:?}", scan.one(&secrets[3]));
}

#[test]
fn three_versions_of_one_file_are_one_finding() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(186));
    let first = repo.file("a.txt", line(&secret)).commit("first");
    repo.file("a.txt", format!("one\n{}", line(&secret))).commit("second");
    repo.file("a.txt", format!("one\ntwo\n{}", line(&secret))).commit("third");
    let scan = Scan::of(&repo, &[]);
    let found = scan.one(&secret);
    assert_eq!(found.commit(), first);
    assert_eq!(found.number("/location/start_line"), 3, "the newest version counts");
    let seen = found.0["appearances"].as_array().expect("a list");
    let commits = seen.iter().filter(|seen| seen["commit_id"].is_string()).count();
    assert_eq!(commits, 3, "{:#}", found.0);
}

#[test]
fn two_files_and_two_occurrences_are_two_findings_each() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(187));
    repo.file("a.txt", format!("{0}\n{0}", line(&secret))).file("b.txt", line(&secret)).commit("thrice");
    let scan = Scan::of(&repo, &[]);
    let all: Vec<_> =
        scan.all(&secret).iter().map(|f| (f.path(), f.number("/location/start_line"))).collect();
    assert_eq!(all, [("a.txt", 1), ("a.txt", 3), ("b.txt", 1)]);
}

#[test]
fn path_given_from_elsewhere_finds_the_repository_around_it() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(188));
    repo.file("a/b/c.txt", line(&secret)).commit("deep");
    let deep = repo.file_path("a/b");
    let deep = deep.to_str().expect("a UTF-8 path");
    let scan = Scan::run(&environment, environment.root(), &[deep], &[], b"");
    assert_eq!(scan.one(&secret).path(), "a/b/c.txt");
}

#[test]
fn submodule_is_named_and_not_scanned() {
    let environment = environment();
    let (inner, secret) = (started(&environment, "inner"), fake::github_pat(189));
    inner.file("a.txt", line(&secret)).commit("inside");
    let repo = started(&environment, "work");
    repo.submodule_add(&inner, "lib").commit("add a submodule");
    let scan = Scan::of(&repo, &[]).expect_code(0).expect_complete();
    assert!(scan.skipped("submodule") > 0, "{}", scan.output.describe());
    scan.expect_none(&secret);
    // Inside it, it is a repository like any other.
    let scan = Scan::run(&environment, &repo.file_path("lib"), &[], &[], b"");
    assert_eq!(scan.one(&secret).path(), "a.txt");
}
