//! `unleak rejoin` from outside: a stale clone moves onto the new history and keeps its own work.

use unleak_testkit::{RepoState, TestRepo, fake};

use crate::pushing::{fails, leaked, refs, rewritten, text_of_everything_reachable};
use crate::scanning::environment;

/// Work of somebody's own, in every place it can be.
fn with_work<'e>(server: &TestRepo<'e>, name: &str) -> TestRepo<'e> {
    let clone = server.clone_to(name);
    clone.file("mine", "work\n").commit("my work");
    clone.annotated_tag("mine", "HEAD", "my tag");
    clone.git(["branch", "side", "HEAD~1"]);
    let linked = clone.worktree_add(&format!("{name}-linked"));
    linked.file("linked", "work\n").commit("in a linked worktree");
    clone.file("a", "clean\nmore\nstashed\n").stash("a stash");
    clone.file(".env", format!("GITHUB_TOKEN={}\nMINE=1\n", fake::github_pat(3))).commit("edits the leak");
    clone.write("untracked", "mine");
    clone.write("a", "clean\nmore\nnot committed\n");
    clone
}

fn all_text(repo: &TestRepo<'_>) -> String {
    let objects = repo.git(["rev-list", "--objects", "--all", "--reflog", "--no-object-names"]);
    repo.git_with_input(["cat-file", "--batch"], format!("{objects}\n"))
}

#[test]
fn a_stale_clone_follows_with_all_its_work() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "follow");
    let clone = with_work(&server, "clone");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    let map = server.git(["cat-file", "blob", "refs/unleak/map"]);
    assert!(
        map.starts_with("unleak-map 1 sha1\n")
            && !map.contains("refs/")
            && !map.contains(&fake::github_pat(3))
    );
    let (before, status) = (RepoState::capture(&clone), clone.git(["status", "--porcelain"]));

    let output = clone.unleak(["rejoin"]).expect_code(0);
    assert!(output.stdout_text().contains("proved"), "{}", output.stdout_text());
    assert!(output.stdout_text().contains("unleak purge"), "{}", output.stdout_text());
    assert!(!all_text(&clone).contains(&fake::github_pat(3)));
    assert_eq!(clone.id("main~2"), server.id("main"), "shared history has the ids it has elsewhere");
    assert_eq!(clone.id("origin/main"), server.id("main"));
    assert_eq!(clone.git(["log", "-2", "--format=%s"]), "edits the leak\nmy work");
    assert_eq!(clone.git(["show", "HEAD:.env"]), "GITHUB_TOKEN=***REMOVED***\nMINE=1");
    assert_eq!(clone.id("mine^{commit}"), clone.id("main~1"));
    assert_eq!(clone.id("side"), server.id("main"));
    assert_eq!(clone.git(["show", "clone-linked:linked"]), "work");
    assert_eq!(clone.git(["show", "stash@{0}:a"]), "clean\nmore\nstashed");
    assert_eq!(clone.git(["status", "--porcelain"]), status);
    assert_eq!(std::fs::read_to_string(clone.file_path("a")).unwrap(), "clean\nmore\nnot committed\n");
    clone.git(["fsck", "--strict"]);

    drop(clone.unleak(["undo"]).expect_code(0));
    assert_eq!(before.differences(&RepoState::capture(&clone)), Vec::<String>::new());
    drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    clone.git(["push", "--quiet", "origin", "main"]);
    assert!(!text_of_everything_reachable(&server).contains(&fake::github_pat(3)));
}

#[test]
fn a_map_as_a_file_and_a_clone_that_has_fetched_before() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "file");
    let clone = with_work(&server, "clone");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    let map = environment.path("map.txt");
    let publish = format!("--publish-map={}", map.display());
    drop(repo.unleak(["push", "--yes", &publish]).expect_code(0));
    assert!(!refs(&server).contains("refs/unleak"));
    clone.git(["fetch", "--quiet", "origin"]);
    drop(clone.unleak(["rejoin", map.to_str().unwrap()]).expect_code(0));
    assert_eq!(clone.id("main~2"), server.id("main"));
    assert!(!all_text(&clone).contains(&fake::github_pat(3)));
    let text = clone.unleak(["rejoin", map.to_str().unwrap()]).expect_code(0).stdout_text();
    assert!(text.contains("Nothing of it stands") || text.contains("nothing to do"), "{text}");
    drop(clone.unleak(["purge", "--yes"]).expect_code(0));
    let text = clone.unleak(["rejoin", map.to_str().unwrap()]).expect_code(0).stdout_text();
    assert!(text.contains("nothing to do"), "{text}");
}

#[test]
fn paths_are_forgotten_in_the_clone_too_and_files_are_asked_for() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "paths");
    let (clone, other) = (with_work(&server, "clone"), with_work(&server, "other"));
    let values = environment.write("values", fake::github_pat(3));
    let values = values.to_str().unwrap();
    drop(repo.unleak(["rewrite", "--replace-text", values, "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    let before = RepoState::capture(&clone);
    fails(clone.unleak(["rejoin"]), &["rewritten with --replace-text FILE"]);
    let wrong = environment.write("wrong", "something else");
    fails(clone.unleak(["rejoin", "--replace-text", wrong.to_str().unwrap()]), &["would become another one"]);
    assert_eq!(before.differences(&RepoState::capture(&clone)), Vec::<String>::new());
    drop(clone.unleak(["rejoin", "--replace-text", values]).expect_code(0));
    assert_eq!(clone.id("main~2"), server.id("main"));

    // A second rewrite, by path, on top: clones of the first and of the old history both follow.
    repo.git(["fetch", "--quiet"]);
    drop(repo.unleak(["rewrite", "--path", ".env", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    for clone in [&clone, &other] {
        drop(clone.unleak(["rejoin", "--replace-text", values]).expect_code(0));
        assert_eq!(clone.id("origin/main"), server.id("main"));
        assert!(!all_text(clone).contains("GITHUB_TOKEN"));
        assert_eq!(clone.git(["show", "HEAD:mine"]), "work");
    }
}

#[test]
fn bad_maps_are_named_and_nothing_changes() {
    let environment = environment();
    let (repo, server) = rewritten(&environment, "bad");
    let other = TestRepo::init(&environment, "another");
    other.file("x", "y").commit("start");
    let clone = server.clone_to("clone");
    let before = RepoState::capture(&clone);
    fails(clone.unleak(["rejoin"]), &["has no map", "--publish-map"]);
    fails(clone.unleak(["rejoin", "absent"]), &["'absent' cannot be read"]);
    fails(clone.unleak(["rejoin", "--remote", "none"]), &["no remote is called 'none'"]);
    let broken = environment.write("broken", "unleak-map 1 sha1\ncommit 12\n");
    fails(clone.unleak(["rejoin", broken.to_str().unwrap()]), &["cannot be used", "line 2 is broken"]);
    let newer = environment.write("newer", "unleak-map 9 sha1\n");
    fails(clone.unleak(["rejoin", newer.to_str().unwrap()]), &["another version"]);
    let map = environment.path("map");
    drop(repo.unleak(["push", "--yes", &format!("--publish-map={}", map.display())]).expect_code(0));
    fails(other.unleak(["rejoin", map.to_str().unwrap()]), &["of another repository"]);
    fails(other.unleak(["rejoin"]), &["has no remote"]);
    assert_eq!(before.differences(&RepoState::capture(&clone)), Vec::<String>::new());
}
