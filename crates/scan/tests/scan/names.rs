//! Files whose name matters, under several names at once.

use unleak_scan::Selection;
use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::brute::Brute;
use crate::engine::{history, in_files, scan};

#[test]
fn one_blob_under_many_names_is_judged_under_each() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let env = format!("API_KEY={}\nDB_PASSWORD={}\n", fake::password(1), fake::password(2));
    let key = "no key at all, but the name says so\n";
    let names =
        [".env", "prod.env", ".env.example", "plain.txt", "-env.production", ".env.production", "id_rsa"];
    for (at, name) in names.iter().enumerate() {
        for folder in ["", "a/", "b/c/d/"] {
            repo.file(format!("{folder}{name}"), &env);
            repo.file(format!("keys/{folder}{name}.key"), key);
        }
        repo.commit(&format!("step {at}"));
    }
    repo.file("later/id_rsa", key).file("later/id_ed25519", &env).commit("more");
    repo.remove("a").commit("fewer");
    let expected = Brute::new(&repo).history();
    assert!(expected.len() > 30, "{expected:?}");
    for threads in [1, 4] {
        assert_eq!(in_files(&scan(&repo, &history(), threads)), expected);
    }
}

/// The two names have the same length, the same last eight bytes, and the first one means nothing to any rule.
#[test]
fn a_name_that_looks_like_its_neighbour_is_looked_at() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    let env = format!("API_KEY={}\n", fake::password(1));
    repo.file("-env.production", &env).file(".env.production", &env).commit("one");
    let found = in_files(&scan(&repo, &history(), 1));
    assert!(found.iter().any(|(path, _)| path == ".env.production"), "{found:?}");
    assert_eq!(found, Brute::new(&repo).history());
}

#[test]
fn unreachable_files_are_judged_by_their_name_too() {
    let environment = TestEnvironment::new();
    let repo = TestRepo::init(&environment, "r");
    repo.file("f", "text").commit("one");
    let blob = repo.blob("no key at all, but the name says so\n");
    repo.git_with_input(["mktree"], format!("100644 blob {blob}\tid_rsa\n"));
    assert!(scan(&repo, &history(), 1).findings.is_empty());
    let all = Selection { all_objects: true, ..history() };
    let paths: Vec<_> =
        scan(&repo, &all, 1).findings.iter().map(|finding| finding.path.to_string()).collect();
    assert_eq!(paths, [format!("(unreachable blob {blob})")]);
}
