//! `unleak rewrite` on odd histories: strange graphs, files that git itself reads, tags inside of merges, worktrees with
//! settings of their own. The whole repository is compared, before and after and after `undo`.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use unleak_testkit::{RepoState, TestRepo, fake};

use crate::scanning::{environment, expect_trouble, fixture, started};

/// What each commit is, told by subjects instead of ids: its parents in their order, its people and its dates.
fn shape(repo: &TestRepo<'_>) -> Vec<String> {
    let lines = repo.log(&["--all", "--format=%H%x09%P%x09%s%x09%an %ae %ad %cn %ce %cd"]);
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| line.split('\t').collect()).collect();
    let subjects: BTreeMap<_, _> = rows.iter().map(|row| (row[0], row[2])).collect();
    let mut shape: Vec<_> = rows
        .iter()
        .map(|row| {
            let parents: Vec<_> = row[1].split_whitespace().map(|id| subjects[id]).collect();
            format!("{} of {parents:?} by {}", row[2], row[3])
        })
        .collect();
    shape.sort();
    shape
}

/// Everything that any ref reaches, as text.
fn reachable(repo: &TestRepo<'_>) -> String {
    let objects = repo.git(["rev-list", "--objects", "--all", "--no-object-names"]);
    let content = repo.git_with_input(["cat-file", "--batch"], format!("{objects}\n"));
    content + &repo.git(["log", "--all", "--format=%an %ae %B", "--name-only"])
}

/// Rewrites `repo`, expects `secret` nowhere and the shape of before, and calls `look`; what `undo` leaves must be what
/// was there.
fn there_and_back(repo: &TestRepo<'_>, secret: &str, look: impl FnOnce()) {
    let (before, before_shape) = (RepoState::capture(repo), shape(repo));
    assert!(reachable(repo).contains(secret), "the secret must be there to be forgotten");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply"]).expect_code(0));
    assert!(!reachable(repo).contains(secret));
    assert_eq!(shape(repo), before_shape);
    repo.git(["fsck", "--strict"]);
    look();
    drop(repo.unleak(["undo"]).expect_code(0));
    assert_eq!(before.differences(&RepoState::capture(repo)), Vec::<String>::new());
}

#[test]
fn criss_cross_merges_many_roots_and_a_parent_named_twice() {
    let environment = environment();
    let repo = started(&environment, "graph");
    let secret = fake::github_pat(41);
    repo.branch("side");
    let ours = repo.file("ours", format!("token = \"{secret}\"\n")).commit("ours");
    repo.switch("side");
    let theirs = repo.file("theirs", "theirs\n").commit("theirs");
    repo.merge(&[&ours], "theirs, then ours");
    repo.switch("main");
    repo.merge(&[&theirs], "ours, then theirs");
    repo.orphan("root");
    repo.file("root", "root\n").commit("a second root");
    repo.switch("main");
    repo.git(["merge", "--quiet", "--allow-unrelated-histories", "--message", "all of them", "side", "root"]);
    let tree = repo.id("HEAD^{tree}");
    let twice = ["commit-tree", &tree, "-p", "HEAD", "-p", "side", "-m", "a child"];
    let child = repo.git(twice);
    // `git commit-tree` leaves out a parent named again.
    let text = repo.git(["cat-file", "commit", &child]);
    let side = format!("parent {}\n", repo.id("side"));
    assert!(text.contains(&side));
    let doubled = repo.git_with_input(
        ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"],
        text.replace(&side, &side.repeat(2)) + "\n",
    );
    repo.git(["reset", "--quiet", "--hard", &doubled]);
    there_and_back(&repo, &secret, || {
        assert_eq!(repo.git(["rev-parse", "HEAD^2"]), repo.git(["rev-parse", "HEAD^3"]));
        assert_eq!(repo.git(["show", "HEAD:ours"]), "token = \"***REMOVED***\"");
    });
}

#[test]
fn files_that_git_reads_itself() {
    let environment = environment();
    let repo = started(&environment, "read");
    let (module, target, attribute) = (fake::github_pat(42), fake::github_pat(43), fake::github_pat(44));
    let modules = format!("[submodule \"m\"]\n\tpath = m\n\turl = https://ci:{module}@example.org/m.git\n");
    repo.file(".gitmodules", modules).commit("a module");
    repo.symlink("link", &format!("/srv/{target}")).commit("a link");
    repo.file(".gitattributes", format!("# {attribute}\n*.bin binary\n")).commit("attributes");
    for secret in [module, target, attribute] {
        there_and_back(&repo, &secret, || {
            assert!(repo.git(["show", "HEAD:.gitmodules"]).contains("https://ci:***REMOVED***@example.org"));
            assert_eq!(repo.git(["show", "HEAD:link"]), "/srv/***REMOVED***");
            assert_eq!(repo.git(["ls-tree", "HEAD", "link"])[..6], *"120000");
        });
    }
}

#[test]
fn the_tag_inside_of_a_merge_goes_only_where_it_is_changed() {
    let environment = environment();
    let secrets = [45, 46, 47, 48].map(fake::github_pat);
    fixture(&environment, "odd-tags.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("odd-tags"));
    assert!(repo.git(["cat-file", "commit", "HEAD"]).contains("mergetag"));
    there_and_back(&repo, &secrets[3], || {
        let merge = repo.git(["cat-file", "commit", "HEAD"]);
        assert!(!merge.contains("mergetag") && merge.contains("\n\nmerge a tag"), "{merge}");
        assert!(secrets.iter().all(|secret| !reachable(&repo).contains(secret)));
    });
}

#[test]
fn worktrees_with_settings_of_their_own() {
    let environment = environment();
    let repo = started(&environment, "settings");
    let secret = fake::github_pat(49);
    repo.file("a", format!("token = \"{secret}\"\n")).commit("leak");
    repo.git(["config", "extensions.worktreeConfig", "true"]);
    let linked = repo.worktree_add("linked");
    linked.git(["config", "--worktree", "user.name", "Linked"]);
    linked.git(["config", "--worktree", "core.sparseCheckout", "true"]);
    linked.file("b", "b\n").commit("in the worktree");
    let settings = || {
        let of =
            |repo: &TestRepo<'_>| std::fs::read(repo.git_dir().join("config.worktree")).expect("it was made");
        (of(&linked), std::fs::read(repo.git_dir().join("config")).expect("every repository has one"))
    };
    let before = (settings(), RepoState::capture(&linked));
    there_and_back(&repo, &secret, || {
        assert_eq!(linked.git(["show", "HEAD:a"]), "token = \"***REMOVED***\"");
        assert_eq!(linked.git(["status", "--porcelain"]), "");
        assert_eq!(settings(), before.0);
    });
    assert_eq!(settings(), before.0);
    assert_eq!(before.1.differences(&RepoState::capture(&linked)), Vec::<String>::new());
}

#[test]
fn refs_whose_names_differ_by_case_only() {
    let environment = environment();
    let repo = started(&environment, "case");
    let secret = fake::github_pat(50);
    let clean = repo.id("HEAD");
    repo.file("a", format!("token = \"{secret}\"\n")).commit("leak");
    repo.git(["update-ref", "refs/heads/Topic", &clean]);
    repo.git(["update-ref", "refs/heads/topic", "HEAD"]);
    repo.git(["pack-refs", "--all"]);
    there_and_back(&repo, &secret, || {
        assert_eq!(repo.id("refs/heads/Topic"), clean);
        assert_eq!(repo.id("refs/heads/topic"), repo.id("HEAD"));
    });
}

#[test]
fn bare_repositories_that_git_wants_to_be_named() {
    let environment = environment();
    let repo = started(&environment, "origin");
    let secret = fake::github_pat(51);
    repo.file("a", format!("token = \"{secret}\"\n")).commit("leak");
    let bare = repo.clone_bare("bare.git");
    let before = RepoState::capture(&bare);
    let variables = [
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "safe.bareRepository"),
        ("GIT_CONFIG_VALUE_0", "explicit"),
    ]
    .map(|(name, value)| (name, OsStr::new(value)));
    let unleak = |args: &[&str], code: i32| {
        drop(environment.unleak_with(bare.path(), args, &variables, b"").expect_code(code));
    };
    unleak(&["rewrite", "--all-findings", "--apply"], 0);
    assert!(!reachable(&bare).contains(&secret));
    unleak(&["undo"], 0);
    assert_eq!(before.differences(&RepoState::capture(&bare)), Vec::<String>::new());
    unleak(&["rewrite", "--all-findings", "--apply"], 0);
    // Nobody is there to be asked.
    unleak(&["purge"], 2);
    unleak(&["purge", "--yes"], 0);
    let values = environment.write("values", &secret);
    unleak(&["prove", "--everything", "--replace-text", values.to_str().expect("a UTF-8 path")], 0);
    bare.git(["fsck", "--strict"]);
}

#[test]
fn reftables_are_refused_by_name_and_left_alone() {
    let environment = environment();
    let path = environment.path("tables");
    let init = ["init", "--quiet", "--ref-format=reftable", path.to_str().expect("a UTF-8 path")];
    if environment.git_output(environment.root(), init, &[], b"").code != Some(0) {
        return; // This git is older than reftables.
    }
    let repo = TestRepo::open(&environment, path);
    repo.file("a.txt", "one\n").commit("one");
    let before = RepoState::capture_all(&repo);
    for command in [
        &["rewrite", "--path", "a.txt"][..],
        &["rewrite", "--path", "a.txt", "--apply"],
        &["prove", "--path", "a.txt"],
        &["fix", "--unpushed"],
        &["undo"],
        &["purge", "--yes"],
    ] {
        let output = repo.unleak(command);
        expect_trouble(&output);
        assert!(output.stderr_text().contains("reftable"), "{command:?}: {}", output.stderr_text());
        assert_eq!(before.differences(&RepoState::capture_all(&repo)), Vec::<String>::new(), "{command:?}");
    }
}

#[test]
fn a_tag_keeps_the_name_it_says_whatever_its_ref_is_called() {
    let environment = environment();
    let repo = started(&environment, "named");
    let secret = fake::github_pat(52);
    repo.file("a", format!("token = \"{secret}\"\n")).commit("leak");
    let tag = repo.annotated_tag("v1", "HEAD", "first");
    repo.git(["update-ref", "refs/tags/other", &tag]);
    repo.git(["update-ref", "refs/odd/place", &tag]);
    repo.git(["tag", "--delete", "v1"]);
    there_and_back(&repo, &secret, || {
        assert!(repo.git(["cat-file", "tag", "refs/tags/other"]).contains("\ntag v1\n"));
        assert_eq!(repo.id("refs/odd/place"), repo.id("refs/tags/other"));
        assert_eq!(repo.id("refs/tags/other^{commit}"), repo.id("HEAD"));
    });
}

#[test]
fn a_journal_that_was_damaged_is_told_and_nothing_is_done() {
    let environment = environment();
    let repo = started(&environment, "journal");
    let secret = fake::github_pat(53);
    repo.file("a", format!("token = \"{secret}\"\n")).commit("leak");
    let before = RepoState::capture(&repo);
    drop(repo.unleak(["rewrite", "--all-findings", "--apply"]).expect_code(0));
    let journal = repo.git_dir().join("unleak/journal-1");
    let whole = std::fs::read(&journal).expect("a rewrite keeps its journal");
    let mut damaged = whole.clone();
    damaged[30] ^= 1;
    std::fs::write(&journal, damaged).expect("the journal is ours");
    let rewritten = RepoState::capture_all(&repo);
    for command in [&["undo"][..], &["purge", "--yes"], &["rewrite", "--path", "a", "--apply"]] {
        let output = repo.unleak(command);
        expect_trouble(&output);
        assert!(output.stderr_text().contains("journal"), "{command:?}: {}", output.stderr_text());
        assert_eq!(
            rewritten.differences(&RepoState::capture_all(&repo)),
            Vec::<String>::new(),
            "{command:?}"
        );
    }
    std::fs::write(&journal, whole).expect("the journal is ours");
    drop(repo.unleak(["undo"]).expect_code(0));
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
    // The way out that the hint names: the run is forgotten, and the next one goes through.
    std::fs::write(&journal, "").expect("the journal is ours");
    drop(repo.unleak(["undo"]).expect_code(2));
    drop(repo.unleak(["rewrite", "--all-findings", "--apply"]).expect_code(0));
    drop(repo.unleak(["undo"]).expect_code(0));
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
}
