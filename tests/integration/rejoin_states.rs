//! `unleak rejoin` in clones in every state people leave them in: nothing of their own is lost, and what cannot be done is
//! said before anything changes.

use unleak_testkit::{RepoState, TestEnvironment, TestRepo, fake};

use crate::pushing::{fails, leaked, text_of_everything_reachable};
use crate::scanning::environment;

fn leak() -> String {
    format!("GITHUB_TOKEN={}\n", fake::github_pat(3))
}

/// A clone from before, in some state, and then a rewrite that is pushed with its map.
fn stale<'e>(
    environment: &'e TestEnvironment,
    name: &str,
    work: impl FnOnce(&TestRepo<'e>),
) -> (TestRepo<'e>, TestRepo<'e>) {
    let (repo, server) = leaked(environment, name);
    let clone = server.clone_to(&format!("{name}-clone"));
    work(&clone);
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    (server, clone)
}

fn status(clone: &TestRepo<'_>) -> String {
    clone.git(["status", "--porcelain", "--untracked-files=all"])
}

#[test]
fn what_is_only_staged_edited_or_untracked_stays() {
    let environment = environment();
    let (server, clone) = stale(&environment, "staged", |clone| {
        clone.stage_only("a", "clean\nmore\nstaged\n");
        clone.write("a", "clean\nmore\nstaged\nedited\n");
        clone.stage_only("new", "staged\n");
        clone.write("new", "staged, then edited\n");
        clone.intend_to_add("later", "intended\n");
        clone.write("untracked/deep", "mine\n");
        clone.git(["rm", "--quiet", "--cached", ".env"]);
    });
    let (before, staged) = (status(&clone), clone.git(["show", ":a"]));
    drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    assert_eq!(clone.id("main"), server.id("main"));
    assert_eq!((status(&clone), clone.git(["show", ":a"])), (before, staged));
    for (file, text) in [
        ("a", "clean\nmore\nstaged\nedited\n"),
        ("new", "staged, then edited\n"),
        ("later", "intended\n"),
        ("untracked/deep", "mine\n"),
        // What git no longer knows is for whoever took it out to decide about.
        (".env", &leak()),
    ] {
        assert_eq!(std::fs::read_to_string(clone.file_path(file)).unwrap(), text, "{file}");
    }
}

#[test]
fn stashes_keep_index_and_untracked_files() {
    let environment = environment();
    let (_server, clone) = stale(&environment, "stash", |clone| {
        clone.stage_only("a", "clean\nmore\nstaged\n");
        clone.write("a", "clean\nmore\nstaged\nedited\n");
        clone.write("untracked", format!("mine {}", leak()));
        clone.git(["stash", "push", "--quiet", "--include-untracked", "-m", "first"]);
        clone.write("a", "second\n");
        clone.git(["stash", "push", "--quiet", "-m", "second"]);
    });
    drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    assert_eq!(clone.git(["stash", "list", "--format=%gs"]), "On main: second\nOn main: first");
    assert_eq!(clone.git(["show", "stash@{1}^2:a"]), "clean\nmore\nstaged");
    assert_eq!(clone.git(["show", "stash@{1}^3:untracked"]), "mine GITHUB_TOKEN=***REMOVED***");
    clone.git(["stash", "drop", "--quiet"]);
    clone.git(["stash", "pop", "--quiet", "--index"]);
    assert_eq!(clone.git(["show", ":a"]), "clean\nmore\nstaged");
    assert_eq!(std::fs::read_to_string(clone.file_path("a")).unwrap(), "clean\nmore\nstaged\nedited\n");
}

#[test]
fn detached_heads_notes_tags_and_merges_of_old_and_new_follow() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "odd");
    let clone = server.clone_to("odd-clone");
    clone.file("mine", "work\n").commit("mine");
    clone.note("HEAD", "a note of mine");
    clone.annotated_tag("mine-tag", "HEAD", "my tag");
    clone.tag("mine-light", "HEAD~1");
    let linked = clone.worktree_add("odd-linked");
    linked.detach("HEAD~1");
    linked.write("untracked", "here too");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    drop(repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0));
    // The mistake everyone makes first: pull, and so merge both histories.
    clone.git(["branch", "kept"]);
    clone.git(["fetch", "--quiet", "origin"]);
    clone.git(["merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "-X", "ours", "origin/main"]);
    clone.detach("HEAD");
    clone.file("detached", "work\n").commit("on no branch");
    drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    assert_eq!(clone.git(["show", "HEAD:detached"]), "work");
    for branch in ["main", "kept", "mine-tag", "HEAD"] {
        assert_eq!(clone.git(["show", &format!("{branch}:mine")]), "work", "{branch}");
        clone.git(["merge-base", "--is-ancestor", "origin/main", branch]);
    }
    assert_eq!(clone.id("mine-light"), server.id("main"));
    assert_eq!(clone.git(["notes", "show", "kept"]), "a note of mine");
    assert_eq!(linked.id("HEAD"), server.id("main"));
    assert_eq!(status(&linked), "?? untracked");
    assert!(!text_of_everything_reachable(&clone).contains(&fake::github_pat(3)));
    clone.git(["fsck", "--strict"]);
}

#[test]
fn what_is_under_way_is_to_be_ended_first() {
    let environment = environment();
    for operation in ["rebase", "merge", "cherry-pick", "bisect"] {
        let (_server, clone) = stale(&environment, operation, |clone| {
            clone.git(["switch", "--quiet", "-c", "side", "HEAD~1"]);
            clone.file("a", "another\n").commit("conflict");
            let args: &[&str] = match operation {
                "rebase" => &["rebase", "main"],
                "merge" => &["merge", "main"],
                "cherry-pick" => &["cherry-pick", "main"],
                _ => &["bisect", "start", "main", "main~1"],
            };
            drop(clone.environment().git_output(clone.path(), args, &[], b""));
        });
        let before = RepoState::capture(&clone);
        fails(clone.unleak(["rejoin", "--backup", "none"]), &[operation]);
        assert_eq!(before.differences(&RepoState::capture(&clone)), Vec::<String>::new(), "{operation}");
    }
}

#[test]
fn submodules_stay_where_they_are() {
    let environment = environment();
    let library = TestRepo::init(&environment, "library");
    library.file("lib", "lib\n").commit("lib");
    let (server, clone) = stale(&environment, "super", |clone| {
        clone.submodule_add(&library, "lib");
        clone.commit("with a submodule");
    });
    let pinned = clone.git(["rev-parse", "HEAD:lib"]);
    drop(clone.unleak(["rejoin", "--backup", "none"]).expect_code(0));
    assert_eq!(clone.git(["rev-parse", "HEAD:lib"]), pinned);
    assert_eq!(clone.id("main~1"), server.id("main"));
    assert_eq!(std::fs::read_to_string(clone.file_path("lib/lib")).unwrap(), "lib\n");
}

#[test]
fn a_map_tells_where_it_is_from_and_must_go_with_the_remote() {
    let environment = environment();
    let (repo, server) = leaked(&environment, "fit");
    let clone = server.clone_to("fit-clone");
    clone.file("mine", "work\n").commit("mine");
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    let text = repo.unleak(["push", "--yes", "--publish-map"]).expect_code(0).stdout_text();
    let map = server.git(["rev-parse", "refs/unleak/map"]);
    assert!(text.contains(&format!("Its id, for whoever has a clone: {map}")), "{text}");
    let runbook = repo.unleak(["runbook"]).expect_code(0).stdout_text();
    assert!(runbook.contains(&format!("unleak rejoin --map-id {map}")), "{runbook}");

    let before = RepoState::capture(&clone);
    let other = "1".repeat(40);
    fails(clone.unleak(["rejoin", "--map-id", &other]), &["is not the one with the id", &map]);
    // The map is there, and the history it leads to is not.
    let new = server.git(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags"]);
    for (name, id) in [("main", "origin/main"), ("topic", "origin/topic"), ("clean", "origin/clean")] {
        clone.git(["push", "--quiet", "--force", "origin", &format!("{id}:refs/heads/{name}")]);
    }
    for tag in ["v1", "light"] {
        clone.git(["push", "--quiet", "--force", "origin", &format!("refs/tags/{tag}")]);
    }
    fails(clone.unleak(["rejoin"]), &["does not go with what is there", "unleak push"]);
    assert_eq!(before.differences(&RepoState::capture(&clone)), Vec::<String>::new());
    for line in new.lines() {
        let (name, id) = line.split_once(' ').unwrap();
        server.git(["update-ref", name, id]);
    }
    let output = clone.unleak(["rejoin", "--map-id", &map, "--backup", "none"]).expect_code(0);
    assert!(!output.stderr_text().contains("whoever can push"), "{}", output.describe());
    assert_eq!(clone.id("main~1"), server.id("main"));
}

#[test]
fn a_map_names_no_files_of_whoever_follows_it() {
    let environment = environment();
    let (_server, clone) = stale(&environment, "files", |clone| {
        clone.file("mine", "work\n").commit("mine");
    });
    let values = environment.write("values", "work");
    clone.git(["fetch", "--quiet", "origin", "refs/unleak/map"]);
    let map = clone.git(["cat-file", "blob", "FETCH_HEAD"]);
    for option in ["replace_text", "replace_message", "mailmap"] {
        let asked = format!("asked {{\"{option}\":\"{}\"}}", values.display());
        let bad = environment.write("bad-map", map.replacen("asked ", &format!("{asked}\nasked "), 1));
        fails(clone.unleak(["rejoin", bad.to_str().unwrap()]), &["the map does not hold that file"]);
    }
    assert_eq!(clone.git(["show", "HEAD:mine"]), "work");
}
