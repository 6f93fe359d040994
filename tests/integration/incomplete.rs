//! Damage: what cannot be read is said, what can be read is reported, and a scan with holes is never clean.

use unleak_testkit::{Packing, TestRepo, fake};

use crate::scanning::{Scan, environment, expect_no_panic, expect_trouble, line, started};

/// Whether permissions stop this user at all; they do not stop an administrator.
#[cfg(unix)]
fn permissions_matter(repo: &TestRepo<'_>) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    repo.write("probe", "x");
    let probe = repo.file_path("probe");
    std::fs::set_permissions(&probe, std::fs::Permissions::from_mode(0o000)).expect("it was just written");
    let readable = std::fs::read(&probe).is_ok();
    std::fs::remove_file(&probe).expect("it was just written");
    !readable
}

#[test]
fn missing_blob() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("gone.txt", "gone\n").commit("gone");
    repo.remove_loose_object(&repo.id("HEAD:gone.txt"));
    drop(Scan::of(&repo, &["--history"]).expect_code(2).expect_incomplete("missing"));
    expect_trouble(&repo.unleak(["scan"]));
    let secret = fake::github_pat(700);
    repo.orphan("other").file("a.txt", line(&secret)).commit("oops");
    Scan::of(&repo, &[]).expect_code(2).expect_incomplete("missing").one(&secret);
}

#[test]
fn missing_tree_and_missing_commit() {
    let environment = environment();
    for (number, revision) in ["HEAD~1^{tree}", "HEAD~1", "HEAD^{tree}"].into_iter().enumerate() {
        let repo = started(&environment, &format!("work-{number}"));
        let secret = fake::github_pat(701 + number as u64);
        repo.file("x/gone.txt", "gone\n").commit("gone");
        repo.branch("other").file("a.txt", line(&secret)).commit("oops");
        repo.detach("main").file("b.txt", "b\n").commit("later");
        repo.remove_loose_object(&repo.id(revision));
        Scan::of(&repo, &["--history"]).expect_code(2).expect_incomplete("missing").one(&secret);
    }
}

#[test]
fn damaged_loose_object() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(705));
    repo.file("damaged.txt", "some text that is long enough to be damaged\n".repeat(9));
    repo.file("a.txt", line(&secret)).commit("both");
    let id = repo.id("HEAD:damaged.txt");
    for damage in ["zlib", "cut", "empty", "other"] {
        let path = repo.loose_object(&id);
        let whole = std::fs::read(&path).expect("the object is loose");
        match damage {
            "zlib" => repo.damage(&path, 10, 8),
            "cut" => repo.truncate(&path, 20),
            "empty" => repo.truncate(&path, 0),
            _ => {
                // A whole object, but not this one.
                let other =
                    std::fs::read(repo.loose_object(&repo.id("HEAD:README"))).expect("the object is loose");
                repo.truncate(&path, 0);
                std::fs::write(&path, other).expect("writable by now");
                &repo
            }
        };
        let scan = Scan::of(&repo, &["--history"]).expect_code(2).expect_incomplete("corrupt");
        assert_eq!(scan.one(&secret).path(), "a.txt", "{damage}");
        std::fs::write(&path, whole).expect("writable by now");
    }
    drop(Scan::of(&repo, &["--history"]).expect_code(1).expect_complete());
}

/// A repository whose clean objects lie in the first pack and whose secret lies in another.
fn two_packs<'env>(
    environment: &'env unleak_testkit::TestEnvironment,
    name: &str,
    secret: &str,
) -> (TestRepo<'env>, std::path::PathBuf) {
    let repo = started(environment, name);
    for number in 0..30 {
        repo.write(format!("{number}.txt"), format!("line {number}\n").repeat(200));
    }
    repo.git(["add", "."]);
    repo.commit("many");
    repo.repack(Packing::OneMore);
    let first = repo.packs().pop().expect("a pack was made");
    repo.orphan("other").file("a.txt", line(secret)).commit("oops");
    repo.repack(Packing::OneMore);
    repo.git(["symbolic-ref", "HEAD", "refs/heads/other"]);
    (repo, first)
}

#[test]
fn damaged_pack() {
    let environment = environment();
    let secret = fake::github_pat(706);
    for damage in ["middle", "header", "cut", "empty", "index", "index cut", "no index"] {
        let (repo, pack) = two_packs(&environment, &damage.replace(' ', "-"), &secret);
        let index = pack.with_extension("idx");
        let length = std::fs::metadata(&pack).expect("the pack was made").len();
        let middle = usize::try_from(length / 2).expect("a small pack");
        match damage {
            "middle" => repo.damage(&pack, middle, 30),
            "header" => repo.damage(&pack, 0, 12),
            "cut" => repo.truncate(&pack, length / 2),
            "empty" => repo.truncate(&pack, 0),
            "index" => repo.damage(&index, 0, 40),
            "index cut" => repo.truncate(&index, 1100),
            _ => {
                std::fs::remove_file(&index).expect("the pack has an index");
                &repo
            }
        };
        let scan = Scan::of(&repo, &["--history"]);
        assert!(!scan.is_complete(), "{damage}\n{}", scan.output.describe());
        assert_eq!(scan.one(&secret).path(), "a.txt", "{damage}");
        expect_trouble(&repo.unleak(["scan"]));
    }
}

#[test]
fn damaged_pack_without_findings_is_not_clean() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("large.txt", "plain words\n".repeat(5000)).commit("large");
    repo.repack(Packing::One);
    let pack = repo.packs().pop().expect("a pack was made");
    let length = usize::try_from(std::fs::metadata(&pack).expect("the pack was made").len()).expect("small");
    repo.damage(&pack, length / 2, 20);
    expect_trouble(&repo.unleak(["scan", "--history"]));
}

#[test]
fn damaged_index() {
    let environment = environment();
    let secret = fake::github_pat(707);
    for (number, length) in [0, 4, 11, 12, 40, 90].into_iter().enumerate() {
        let repo = started(&environment, &format!("work-{number}"));
        repo.file("b.txt", "b\n").commit("more");
        let index = repo.git_dir().join("index");
        repo.truncate(&index, length);
        drop(Scan::of(&repo, &["--staged"]).expect_code(2));
        expect_trouble(&repo.unleak(["scan", "--staged"]));
        expect_trouble(&repo.unleak(["scan"]));
    }
    let repo = started(&environment, "with-findings");
    repo.file("a.txt", line(&secret)).commit("oops");
    let index = repo.git_dir().join("index");
    repo.damage(&index, 20, 30);
    let scan = Scan::of(&repo, &[]).expect_code(2);
    assert!(!scan.is_complete(), "{}", scan.output.describe());
    scan.one(&secret);
}

#[test]
fn broken_refs_and_reflogs() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(708));
    repo.file("a.txt", line(&secret)).commit("oops");
    environment.write(repo.git_dir().join("refs/heads/broken"), "not an id\n");
    environment.write(repo.git_dir().join("refs/heads/nowhere"), format!("{}\n", "1".repeat(40)));
    let log = repo.git_dir().join("logs/HEAD");
    let lines = std::fs::read_to_string(&log).expect("HEAD has a reflog");
    std::fs::write(&log, format!("{lines}garbage\n")).expect("writable");
    let scan = Scan::of(&repo, &[]).expect_code(2);
    assert!(!scan.is_complete(), "{}", scan.output.describe());
    scan.one(&secret);
}

#[test]
fn broken_head() {
    let environment = environment();
    for (number, content) in ["", "garbage\n", "ref: HEAD\n"].into_iter().enumerate() {
        let repo = started(&environment, &format!("work-{number}"));
        environment.write(repo.path().join(".git/HEAD"), content);
        let output = repo.unleak(["scan"]);
        expect_no_panic(&output);
        assert_eq!(output.code, Some(2), "{content:?}\n{}", output.describe());
        expect_trouble(&output);
    }
}

#[cfg(unix)]
#[test]
fn unreadable_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let environment = environment();
    let repo = started(&environment, "work");
    if !permissions_matter(&repo) {
        return; // run as an administrator
    }
    repo.write("closed.txt", "closed\n").write("folder/x.txt", "x\n");
    let close = |name: &str| {
        let path = repo.file_path(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).expect("it was just written");
    };
    close("closed.txt");
    drop(Scan::of(&repo, &["--worktree"]).expect_code(2).expect_incomplete("unreadable"));
    expect_trouble(&repo.unleak(["scan"]));
    std::fs::remove_file(repo.file_path("closed.txt")).expect("the folder is writable");
    close("folder");
    drop(Scan::of(&repo, &["--worktree"]).expect_code(2).expect_incomplete("unreadable"));
    std::fs::set_permissions(repo.file_path("folder"), std::fs::Permissions::from_mode(0o755)).expect("ours");
}

#[test]
fn named_pipe_does_not_stop_the_scan() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(709));
    repo.write("a.txt", line(&secret));
    let script = environment.write("mkfifo.sh", "mkfifo work/pipe\n");
    drop(environment.script(&script, environment.root(), &[]));
    Scan::of(&repo, &["--worktree"]).expect_code(1).one(&secret);
    Scan::of(&repo, &["--worktree", "--no-ignore"]).expect_code(1).one(&secret);
    let scan = Scan::run(&environment, environment.root(), &["--no-git", "work"], &[], b"");
    scan.one(&secret);
    assert!(scan.skipped("special-file") > 0, "{}", scan.output.describe());
}

#[test]
fn missing_alternate() {
    let environment = environment();
    let repo = started(&environment, "work");
    let borrowing = repo.clone_borrowing("borrowing");
    std::fs::rename(repo.path(), environment.path("moved")).expect("both lie in the test's directory");
    let output = borrowing.unleak(["scan"]);
    expect_no_panic(&output);
    expect_trouble(&output);
}

#[test]
fn commit_and_tag_that_are_no_commit_and_no_tag() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(710));
    repo.file("a.txt", line(&secret)).commit("oops");
    for (kind, body) in [("commit", "tree nothing\n\nx"), ("tag", "object\n"), ("tree", "100644 cut\0abc")] {
        let args = ["hash-object", "-t", kind, "-w", "--stdin", "--literally"];
        let id = repo.git_with_input(args, body);
        environment.write(repo.git_dir().join(format!("refs/odd/{kind}")), format!("{id}\n"));
    }
    let scan = Scan::of(&repo, &["--history"]).expect_code(2).expect_incomplete("corrupt");
    scan.one(&secret);
}

#[test]
fn trees_nested_without_end() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(711));
    let blob = repo.blob(line(&secret));
    let mut tree = repo.git_with_input(["mktree"], format!("100644 blob {blob}\ta.txt\n"));
    // Deep enough to end a program that walks trees by calling itself on a small stack.
    let mut stream = String::new();
    for _ in 0..3 {
        tree = repo.git_with_input(["mktree"], format!("040000 tree {tree}\td\n"));
    }
    for number in 0..2000 {
        stream.push_str(if number == 0 { "M 100644 inline " } else { "" });
        stream.push_str("d/");
    }
    let import = format!(
        "commit refs/heads/deep\ncommitter C <c@project.test> 1704067200 +0000\ndata 4\ndeep\n{stream}x.txt\ndata 2\nx\n\n"
    );
    repo.fast_import(import.as_bytes());
    let commit = repo.git(["commit-tree", "-m", "nested", &tree]);
    repo.git(["update-ref", "refs/heads/nested", &commit]);
    let scan = Scan::of(&repo, &["--history"]).expect_code(1);
    assert_eq!(scan.one(&secret).path(), "d/d/d/a.txt");
}
