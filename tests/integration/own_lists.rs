//! Allowlists in rule files of our own: what they hide where, and who may write them.

use unleak_testkit::{TestEnvironment, TestRepo, fake};

use crate::scanning::{Scan, environment, line, started};

fn rules(lists: &str) -> String {
    format!("schema = 1\n{lists}")
}

/// Ids of the rules that find something new.
#[track_caller]
fn new(repo: &TestRepo<'_>, args: &[&str]) -> Vec<String> {
    Scan::of(repo, args).findings().iter().map(|found| found.text("/rule_id").to_owned()).collect()
}

#[test]
fn a_path_a_commit_and_a_line_are_allowed_in_every_source() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (one, two, three) = (fake::github_pat(1400), fake::github_pat(1401), fake::github_pat(1402));
    repo.file("vendor/a.txt", line(&one)).commit("one");
    repo.file("b.txt", format!("token = {two} # sample\n")).commit("two");
    repo.file("c.txt", line(&three));
    let commit = repo.commit("three");
    assert_eq!(new(&repo, &[]).len(), 3);
    let lists = environment.write(
        "lists.toml",
        rules(&format!(
            "[[allow]]\nreason = 'vendored'\npaths = ['^vendor/']\n\
             [[allow]]\nreason = 'samples'\nrules = ['github-pat']\nregexes = ['# sample$']\ntarget = 'line'\n\
             [[allow]]\nreason = 'revoked'\ncommits = ['{commit}']\n"
        )),
    );
    let lists = ["--rules", lists.to_str().expect("a UTF-8 path")];
    assert_eq!(new(&repo, &[&lists[..], &["--history"]].concat()), [""; 0]);
    // What is only in the working tree is in no commit.
    assert_eq!(new(&repo, &[&lists[..], &["--worktree"]].concat()), ["github-pat"]);
    repo.file("d.txt", line(&one)).git(["add", "."]);
    assert_eq!(new(&repo, &[&lists[..], &["--staged"]].concat()), ["github-pat"]);
}

fn gate<'e>(environment: &'e TestEnvironment, name: &str) -> (TestRepo<'e>, String) {
    let repo = started(environment, name);
    let secret = fake::github_pat(1410);
    repo.file("rules.toml", rules("")).commit("rules");
    (repo, secret)
}

#[test]
fn a_change_does_not_accept_its_own_findings() {
    let environment = environment();
    let (repo, secret) = gate(&environment, "work");
    let lax = rules("[[allow]]\nreason = 'mine'\npaths = ['^a']\n");
    repo.file("rules.toml", &lax).file("a.txt", line(&secret)).commit("lax");
    let range = ["scan", "--range", "HEAD~1..HEAD", "--rules", "rules.toml"];
    let output = repo.unleak(range).expect_code(1);
    assert!(
        output.stderr_text().contains("'rules.toml' is read as HEAD~1:rules.toml"),
        "{}",
        output.describe()
    );
    // Once it is in the base, it counts.
    drop(repo.unleak(["scan", "--rules", "rules.toml"]).expect_code(0));
    repo.file("ab.txt", line(&fake::github_pat(1411))).commit("more");
    let output = repo.unleak(range).expect_code(0);
    assert!(!output.stderr_text().contains("rules.toml"), "{}", output.describe());
}

#[test]
fn a_rule_file_that_came_with_the_change_is_not_used() {
    let environment = environment();
    let (repo, secret) = gate(&environment, "work");
    let lax = rules("extend = false\n");
    repo.file("new.toml", &lax).file("a.txt", line(&secret)).commit("lax");
    let range = ["scan", "--range", "HEAD~1..HEAD", "--rules", "new.toml"];
    let output = repo.unleak(range).expect_code(1);
    assert!(
        output.stderr_text().contains("'new.toml' is not used: it came with the change"),
        "{}",
        output.describe()
    );
    // Nor does it help to take the base's file away, or to put a link in its place.
    repo.git(["rm", "-q", "rules.toml"]);
    repo.commit("gone");
    drop(repo.unleak(["scan", "--range", "HEAD~2..HEAD", "--rules", "rules.toml"]).expect_code(1));
    let outside = environment.write("outside.toml", &lax);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, repo.file_path("rules.toml")).expect("a link");
    repo.git(["add", "."]);
    repo.commit("link");
    drop(repo.unleak(["scan", "--range", "HEAD~3..HEAD", "--rules", "rules.toml"]).expect_code(1));
    // What no commit holds was put there by whoever runs the gate.
    std::fs::write(repo.file_path("untracked.toml"), &lax).expect("it can be written");
    drop(repo.unleak(["scan", "--range", "HEAD~3..HEAD", "--rules", "untracked.toml"]).expect_code(0));
    let outside = outside.to_str().expect("a UTF-8 path");
    drop(repo.unleak(["scan", "--range", "HEAD~3..HEAD", "--rules", outside]).expect_code(0));
}

#[test]
fn a_configuration_that_is_named_is_read_as_the_base_has_it() {
    let environment = environment();
    let repo = started(&environment, "work");
    let config = "[extend]\nuseDefault = true\n";
    repo.file("conf/leaks.toml", config).commit("config");
    let lax = format!("{config}[allowlist]\npaths = ['^a']\n");
    repo.file("conf/leaks.toml", &lax).file("a.txt", line(&fake::github_pat(1420))).commit("lax");
    drop(repo.unleak(["scan", "--range", "HEAD~1..HEAD", "--config", "conf/leaks.toml"]).expect_code(1));
    drop(repo.unleak(["scan", "--config", "conf/leaks.toml"]).expect_code(0));
    // Extended files, too.
    repo.file("conf/outer.toml", "[extend]\npath = 'conf/leaks.toml'\n").commit("outer");
    repo.file(
        "conf/leaks.toml",
        format!("{lax}# more\n[[allowlists]]\npaths = ['^b']\n").replace("[allowlist]", "[[allowlists]]"),
    );
    repo.file("b.txt", line(&fake::github_pat(1421))).commit("laxer");
    drop(repo.unleak(["scan", "--range", "HEAD~1..HEAD", "--config", "conf/outer.toml"]).expect_code(1));
}

#[test]
fn a_mistake_in_a_list_is_an_error_with_its_place() {
    let environment = environment();
    let repo = started(&environment, "work");
    for (lists, wanted) in [
        ("[[allow]]\nreason = 'r'\n", "lists.toml:2:1: an allowlist needs at least one of"),
        ("[[allow]]\nreason = 'r'\npaths = ['a(']\n", "lists.toml:4:12: regex: unclosed group"),
        (
            "[[allow]]\nreason = 'r'\nrules = ['nobody']\npaths = ['a']\n",
            "lists.toml:4:10: there is no rule 'nobody'",
        ),
    ] {
        environment.write("lists.toml", rules(lists));
        let file = environment.root().join("lists.toml");
        let output = repo.unleak(["scan", "--rules", file.to_str().expect("a UTF-8 path")]).expect_code(2);
        assert!(output.stderr_text().contains(wanted), "{}", output.describe());
    }
}
