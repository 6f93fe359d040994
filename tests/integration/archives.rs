//! Archives in a rewrite from outside: named in the plan, refused while they hold something, and told of by the proof.

use unleak_testkit::{RepoState, TestEnvironment, TestRepo, fake};

use crate::scanning::environment;

/// Adds a file that holds a value, and commits two archives of it and one that nobody can look into.
fn pack(repo: &TestRepo<'_>) {
    // Long enough to be compressed: what is stored as it is can be replaced, in an archive, too.
    let text = format!("GITHUB_TOKEN={}\n{}", fake::github_pat(3), "MORE=1\n".repeat(99));
    repo.file(".env", text).commit("leak");
    std::fs::create_dir(repo.file_path("backup")).expect("the folder can be made");
    for name in ["backup/env.zip", "backup/env.tar.gz"] {
        repo.git(["archive", "-o", name, "HEAD", ".env"]);
        repo.add(name);
    }
    repo.file("old.7z", b"7z\xbc\xaf\x27\x1c\x00\x04").commit("archives");
}

fn with_archives<'e>(environment: &'e TestEnvironment, name: &str) -> (TestRepo<'e>, Vec<String>) {
    let repo = TestRepo::init(environment, name);
    repo.file("a", "clean\n").commit("base");
    pack(&repo);
    let ids = ["backup/env.tar.gz", "backup/env.zip"].map(|path| repo.id(&format!("HEAD:{path}")));
    (repo, ids.to_vec())
}

#[test]
fn archives_that_hold_a_value_are_refused_by_name() {
    let environment = environment();
    let (repo, ids) = with_archives(&environment, "refused");
    let before = RepoState::capture(&repo);
    for args in [&["rewrite", "--all-findings"][..], &["rewrite", "--all-findings", "--apply"]] {
        let error = repo.unleak(args).expect_code(2).stderr_text();
        for part in ["[archives]", "backup/env.tar.gz", "and 1 more", &format!("--blob {}", ids[0])] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
    assert!(repo.packs().is_empty(), "no pack is left behind");
    let plan = repo.unleak(["rewrite", "--all-findings", "--allow", "archives"]).expect_code(0).stdout_text();
    let (held, unread) = plan.split_once("not looked into").expect("both lists");
    assert!(held.contains("backup/env.zip") && held.contains("gzip") && held.contains(&ids[1]), "{plan}");
    assert!(unread.contains("7z") && unread.contains("old.7z") && !unread.contains("backup/"), "{plan}");
}

#[test]
fn archives_that_are_deleted_with_it_leave_nothing() {
    let environment = environment();
    let (repo, ids) = with_archives(&environment, "deleted");
    let args = ["rewrite", "--all-findings", "--blob", &ids[0], "--blob", &ids[1], "--apply"];
    let text = repo.unleak(args).expect_code(0).stdout_text();
    assert!(text.contains("proved") && text.contains("old.7z"), "{text}");
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD"]), ".env\na\nold.7z");
    let certificate = std::fs::read_to_string(repo.git_dir().join("unleak/certificate.json")).unwrap();
    let certificate: serde_json::Value = serde_json::from_str(&certificate).unwrap();
    let unread = serde_json::json!([{ "id": repo.id("HEAD:old.7z"), "path": "old.7z", "packing": "7z" }]);
    assert_eq!((&certificate["holds"], &certificate["not_looked_into"]), (&true.into(), &unread));
}

#[test]
fn archives_that_are_left_make_the_proof_fail() {
    let environment = environment();
    let (repo, ids) = with_archives(&environment, "left");
    let args = ["rewrite", "--all-findings", "--apply", "--allow", "archives"];
    let text = repo.unleak(args).expect_code(1).stdout_text();
    assert!(text.contains("the proof fails") && text.contains("archive"), "{text}");
    assert!(repo.git(["show", "HEAD:.env"]).starts_with("GITHUB_TOKEN=***REMOVED***\n"));
    assert_eq!(repo.id("HEAD:backup/env.zip"), ids[1], "an archive stays as it is");
    let values = environment.path("values");
    std::fs::write(&values, fake::github_pat(3)).unwrap();
    for scope in [&[][..], &["--everything"]] {
        let output = repo.unleak(["prove", "--replace-text", values.to_str().unwrap()].iter().chain(scope));
        let text = output.expect_code(1).stdout_text();
        assert!(text.contains(&ids[0]) && text.contains("at backup/env.zip"), "{text}");
    }
}

#[test]
fn an_archive_is_refused_also_if_the_value_stands_nowhere_else() {
    let environment = environment();
    let (repo, _) = with_archives(&environment, "alone");
    repo.git(["checkout", "--quiet", "--orphan", "alone"]);
    repo.git(["rm", "--quiet", "--cached", ".env"]);
    repo.git(["commit", "--quiet", "-m", "archives alone"]);
    repo.git(["branch", "-D", "main"]);
    let values = environment.path("values");
    std::fs::write(&values, fake::github_pat(3)).unwrap();
    let args = ["rewrite", "--replace-text", values.to_str().unwrap()];
    // What is listed in a file is replaced as it stands there, and looked for in archives all the same.
    std::fs::remove_dir_all(repo.git_dir().join("logs")).unwrap();
    let error = repo.unleak(args).expect_code(2).stderr_text();
    assert!(error.contains("[archives]"), "{error}");
    let text = repo.unleak(args.iter().chain(&["--allow", "archives"])).expect_code(0).stdout_text();
    assert!(text.contains("backup/env.zip") && text.contains("old.7z"), "{text}");
}

#[test]
fn archives_that_were_not_pushed_are_refused_too() {
    let environment = environment();
    let remote = TestRepo::init_bare(&environment, "remote");
    let repo = TestRepo::init(&environment, "unpushed");
    repo.file("a", "clean\n").commit("base");
    repo.git(["remote", "add", "origin", &remote.path().display().to_string()]);
    repo.git(["push", "--quiet", "--set-upstream", "origin", "main"]);
    pack(&repo);
    let before = RepoState::capture(&repo);
    let error = repo.unleak(["fix", "--unpushed"]).expect_code(2).stderr_text();
    assert!(error.contains("[archives]") && error.contains("backup/env.tar.gz"), "{error}");
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
    let text = repo.unleak(["fix", "--unpushed", "--allow", "archives"]).expect_code(1).stdout_text();
    assert!(text.contains("archive") && text.contains("old.7z"), "{text}");
}
