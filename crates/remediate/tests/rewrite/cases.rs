//! The rows of the table of edge cases, one repository each.

use std::sync::atomic::AtomicBool;

use unleak_objects::ObjectStore;
use unleak_remediate::{
    Forget, LeftoverPlace, PathOptions, PathRule, PathRules, RewriteError, RewriteOptions, Starts, rewrite,
};
use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::setup::{REMOVED, install, map, open, proof, secrets, work_out};

fn secret() -> String {
    fake::github_pat(7)
}

fn forget() -> Forget {
    secrets([secret().as_str()])
}

fn paths(rules: impl IntoIterator<Item = PathRule>) -> Forget {
    Forget { paths: Some(PathRules::new(rules, PathOptions::default()).unwrap()), ..Forget::default() }
}

/// Rewrites and carries out.
fn done(repo: &TestRepo<'_>, forget: &Forget) -> unleak_remediate::Rewritten {
    let rewritten = work_out(repo, forget, 2, true);
    install(repo, &rewritten);
    repo.git(["fsck", "--strict", "--no-dangling"]);
    rewritten
}

#[test]
fn messages_and_names_of_people_and_files() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "text");
    repo.file("a", "nothing").commit("clean");
    let clean = repo.id("HEAD");
    repo.file(format!("key-{}/x", secret()), "content").commit("a name");
    repo.file("b", "more").commit(&format!("set {} as token\n\nnot bad", secret()));
    repo.git([
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "who",
        &format!("--author=Key {} <k@k.test>", secret()),
    ]);
    repo.annotated_tag("v1", "HEAD", &format!("released with {}", secret()));
    let map = map(&done(&repo, &forget()));
    assert_eq!(map[&clean], clean);
    let log = repo.git(["log", "--format=%an %ae%n%B", "--name-only"]);
    assert!(!log.contains(&secret()), "{log}");
    assert!(log.contains(&format!("set {REMOVED} as token\n\nnot bad")), "{log}");
    assert!(log.contains(&format!("Key {REMOVED} k@k.test")), "{log}");
    assert!(log.contains(&format!("key-{REMOVED}/x")), "{log}");
    assert!(repo.git(["cat-file", "-p", "v1"]).contains(&format!("released with {REMOVED}")));
}

#[test]
fn tags_of_everything() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "tags");
    let blob = repo.blob(secret());
    repo.file("env", secret()).commit("leak");
    let tree = repo.id("HEAD^{tree}");
    repo.annotated_tag("commit", "HEAD", "one");
    repo.annotated_tag("outer", "commit", "tag of a tag");
    repo.annotated_tag("of-tree", &tree, "a tree");
    repo.annotated_tag("of-blob", &blob, "a blob");
    repo.git(["update-ref", "refs/odd/blob", &blob]);
    repo.git(["update-ref", "refs/odd/tree", &tree]);
    repo.git(["update-ref", "refs/odd/tag", &repo.id("outer")]);
    let rewritten = done(&repo, &forget());
    assert_eq!(rewritten.effects.tags_changed, 4);
    for blob in
        ["of-blob^{}", "refs/odd/blob", "refs/odd/tree:env", "of-tree^{tree}:env", "outer^{commit}:env"]
    {
        assert_eq!(repo.git(["cat-file", "-p", blob]), REMOVED, "{blob}");
    }
    assert_eq!(repo.id("refs/odd/tag"), repo.id("outer"));
    assert!(repo.git(["cat-file", "-p", "outer"]).contains("tag outer\n"));
}

#[test]
fn signatures_of_clean_commits_stay_and_dirty_ones_are_listed() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "signed");
    repo.file("a", "clean").commit("base");
    let sign = |parent: &str, tree: &str, odd: &str| {
        let text = format!(
            "tree {tree}\nparent {parent}\nauthor A <a@a> 1 +0000\ncommitter C <c@c> 1 +0000\n{odd}gpgsig -----BEGIN PGP \
             SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\nchange-id xyz\n\nsigned\n"
        );
        repo.git_with_input(["hash-object", "-t", "commit", "-w", "--stdin", "--literally"], text)
    };
    let clean = sign(&repo.id("HEAD"), &repo.id("HEAD^{tree}"), "");
    repo.git(["reset", "--quiet", "--hard", &clean]);
    repo.file("env", secret()).add("env");
    let tree = repo.git(["write-tree"]);
    let dirty = sign(&clean, &tree, "encoding ISO-8859-1\nHG:extra q\n");
    repo.git(["reset", "--quiet", "--hard", &dirty]);
    let rewritten = done(&repo, &forget());
    let map = map(&rewritten);
    assert_eq!(map[&clean], clean);
    assert_eq!(rewritten.effects.commits_signed.iter().map(ToString::to_string).collect::<Vec<_>>(), [dirty]);
    let text = repo.git(["cat-file", "-p", "HEAD"]);
    assert!(!text.contains("gpgsig") && !text.contains("PGP"), "{text}");
    assert!(text.contains("encoding ISO-8859-1\nHG:extra q\nchange-id xyz\n\nsigned"), "{text}");
}

#[test]
fn notes_follow_what_they_are_about() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "notes");
    repo.file("a", "clean").commit("clean");
    let clean = repo.id("HEAD");
    repo.file("env", secret()).commit("leak");
    repo.note(&clean, "about the clean one").note("HEAD", &format!("about {}", secret()));
    done(&repo, &forget());
    assert_eq!(repo.git(["notes", "show", &clean]), "about the clean one");
    assert_eq!(repo.git(["notes", "show", "HEAD"]), format!("about {REMOVED}"));
    assert_eq!(repo.git(["notes", "list"]).lines().count(), 2);
}

#[test]
fn replace_refs_move_on_both_sides() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "replace");
    repo.file("env", secret()).commit("leak");
    let old = repo.id("HEAD");
    repo.git(["commit", "--quiet", "--amend", "-m", "better words"]);
    let better = repo.id("HEAD");
    repo.git(["reset", "--quiet", "--hard", &old]);
    repo.git(["replace", &old, &better]);
    let map = map(&done(&repo, &forget()));
    assert_eq!(repo.git(["replace", "--list"]), map[&old]);
    assert_eq!(repo.id(&format!("refs/replace/{}", map[&old])), map[&better]);
}

#[test]
fn a_path_is_deleted_wherever_it_stood_and_empty_folders_go_too() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "paths");
    repo.file("conf/.env", "x").file("src/main", "a").commit("first");
    repo.file("src/conf/.env", "stays").commit("second");
    repo.file("conf/.env", "y").commit("only the path");
    let rewritten = done(&repo, &paths([PathRule::Exact("conf".into())]));
    assert_eq!(repo.git(["log", "--format=", "--name-only", "--", "conf"]), "");
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD"]), "src/conf/.env\nsrc/main");
    assert_eq!(rewritten.change.commits.len(), 3, "a commit that becomes empty stays");
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "3");
}

#[test]
fn everything_deleted_leaves_the_empty_tree() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "all");
    repo.file("only", "x").commit("first");
    done(&repo, &paths([PathRule::Exact("only".into())]));
    assert_eq!(repo.git(["ls-tree", "-r", "HEAD"]), "");
}

#[test]
fn a_blob_that_is_to_go_never_comes_back_in_an_older_version() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "blob");
    repo.file("data", "small").commit("first");
    repo.file("data", "x".repeat(5000)).commit("large");
    repo.file("other", "z").commit("later");
    let forget = Forget { larger_than: Some(1000), ..Forget::default() };
    done(&repo, &forget);
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD"]), "other");
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD~2"]), "data");
}

#[test]
fn ids_in_messages_of_dirty_commits_follow() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "ids");
    repo.file("env", secret()).commit("leak");
    let leak = repo.id("HEAD");
    repo.file("env", "none").commit(&format!("Revert {leak}\n\nsee {} and deadbeef", &leak[..10]));
    repo.orphan("other");
    repo.file("x", "y").commit(&format!("mentions {leak} and is clean"));
    let clean = repo.id("HEAD");
    let map = map(&done(&repo, &forget()));
    let message = repo.git(["log", "-1", "--format=%B", "main"]);
    assert_eq!(
        message,
        format!("Revert {}\n\nsee {} and deadbeef\n", map[&leak], &map[&leak][..10]).trim_end()
    );
    assert_eq!(map[&clean], clean, "what is clean stays, whatever it mentions");
}

#[test]
fn odd_trees_keep_their_odd_modes() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "odd");
    let blob = repo.blob(secret());
    let write = |id: &[u8]| {
        let tree = [b"100664 env\0".as_slice(), id, b"160000 sub\0", &[7; 20]].concat();
        repo.git_with_input(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], tree)
    };
    let tree = write(&raw(&blob));
    let commit = repo.git(["commit-tree", &tree, "-m", "odd"]);
    repo.git(["update-ref", "refs/heads/main", &commit]);
    let rewritten = work_out(&repo, &forget(), 1, true);
    install(&repo, &rewritten);
    assert_eq!(repo.git(["cat-file", "-p", "main:env"]), REMOVED);
    assert_eq!(repo.id("main^{tree}"), write(&raw(&repo.id("main:env"))));
}

/// The bytes of an id.
fn raw(id: &str) -> Vec<u8> {
    (0..id.len() / 2).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect()
}

#[test]
fn a_long_chain_needs_no_stack() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "chain");
    let mut stream = String::new();
    for mark in 1..=3000 {
        let text = if mark == 1 { secret() } else { mark.to_string() };
        stream +=
            &format!("commit refs/heads/main\nmark :{mark}\ncommitter C <c@c> {mark} +0000\ndata 1\nm\n");
        stream += &format!("M 644 inline {}file\ndata {}\n{text}\n", "d/".repeat(60), text.len());
    }
    repo.fast_import(stream.as_bytes());
    let rewritten = done(&repo, &forget());
    assert!(rewritten.change.commits.iter().all(|(old, new)| Some(*old) != *new));
}

#[test]
fn what_is_not_there_or_not_sound_is_never_taken_for_clean() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "missing");
    repo.file("a", "clean").commit("base");
    let tree = repo.id("HEAD^{tree}");
    repo.file("env", secret()).commit("leak");
    repo.remove_loose_object(&tree);
    let repository = open(&repo);
    let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind()).unwrap();
    let (starts, _) = Starts::read(&repository).unwrap();
    let interrupt = AtomicBool::new(false);
    let options = RewriteOptions { threads: 1, interrupt: &interrupt, progress: None, write: false };
    let result = rewrite(&store, &starts, &forget(), options);
    assert!(matches!(result, Err(RewriteError::MissingTrees)), "{result:?}");
    let absent = secrets(["no such value anywhere"]);
    let proof = proof(&repo, &absent);
    assert_eq!(proof.missing.iter().map(ToString::to_string).collect::<Vec<_>>(), [tree]);
    assert!(!proof.holds());

    let repo = TestRepo::init(&environment, "unsound");
    repo.file("a", "clean").commit("base");
    let id = |kind: &str, text: &[u8]| {
        repo.git_with_input(["hash-object", "-t", kind, "-w", "--stdin", "--literally"], text)
    };
    let unsound = [
        ("commit", id("commit", b"tree nothing\n\nwhat it leads to is not known\n")),
        ("tag", id("tag", b"object nothing\ntype commit\n\n")),
        ("tree", id("tree", b"100644 cut")),
    ];
    let proof = crate::setup::proof(&repo, &absent);
    let named: Vec<String> =
        proof.troubles.iter().filter_map(|trouble| Some(trouble.id?.to_string())).collect();
    for (kind, id) in unsound {
        assert!(named.contains(&id), "{kind}: {:?}", proof.troubles);
    }
    assert!(proof.leftovers.is_empty() && !proof.holds());
}

#[test]
fn a_symbolic_ref_that_leads_nowhere_is_no_obstacle() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "dangling");
    repo.file("env", secret()).commit("leak");
    repo.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    // git fsck complains of such a ref with or without a rewrite.
    install(&repo, &work_out(&repo, &forget(), 2, true));
    assert_eq!(repo.git(["cat-file", "-p", "HEAD:env"]), REMOVED);
}

#[test]
fn stashes_and_sha256_and_leftovers() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init_sha256(&environment, "wide");
    repo.file("a", "clean").commit("base");
    repo.file("a", secret()).stash("work");
    let rewritten = work_out(&repo, &forget(), 2, true);
    let names: Vec<String> = rewritten.change.refs.iter().map(|update| update.name.to_string()).collect();
    assert_eq!(names, ["refs/stash"]);
    let before = proof(&repo, &forget());
    assert!(before.leftovers.iter().any(|left| left.place == LeftoverPlace::Tree("a".into())), "{before:?}");
    install(&repo, &rewritten);
    repo.git(["reflog", "expire", "--expire=all", "--all"]);
    assert_eq!(repo.git(["cat-file", "-p", "stash:a"]), REMOVED);
}
