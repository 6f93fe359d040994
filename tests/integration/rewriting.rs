//! `unleak rewrite`, `prove`, `undo`, `purge` from outside: plan, apply, back, final; refusals.

use unleak_testkit::{RepoState, TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, line, started};

/// A leak in the middle of a history, on a branch, under a tag, in a stash and in a linked worktree.
fn leaky<'e>(environment: &'e TestEnvironment, name: &str) -> TestRepo<'e> {
    let repo = TestRepo::init(environment, name);
    repo.file("a", "clean\n").commit("base");
    repo.file(".env", format!("GITHUB_TOKEN={}\n", fake::github_pat(3))).commit("leak");
    repo.file("a", "clean\nmore\n").commit("more");
    repo.annotated_tag("v1", "HEAD", "first");
    repo.file("a", format!("key = \"{}\"\n", fake::github_pat(3))).stash("work");
    repo
}

fn all_text(repo: &TestRepo<'_>) -> String {
    let objects = repo.git(["rev-list", "--objects", "--all", "--reflog", "--no-object-names"]);
    repo.git_with_input(["cat-file", "--batch"], format!("{objects}\n"))
}

#[test]
fn a_plan_writes_nothing_but_itself() {
    let environment = environment();
    let repo = leaky(&environment, "plan");
    let before = RepoState::capture_all(&repo);
    let output = repo.unleak(["rewrite", "--all-findings"]).expect_code(0);
    let text = output.stdout_text();
    assert!(text.contains("commits     4 of 6") && text.contains("Next: unleak rewrite --apply"), "{text}");
    assert!(!text.contains(&fake::github_pat(3)));
    let plan = std::fs::read_to_string(repo.git_dir().join("unleak/plan.json")).unwrap();
    assert!(!plan.contains(&fake::github_pat(3)), "{plan}");
    std::fs::remove_dir_all(repo.git_dir().join("unleak")).unwrap();
    let after = RepoState::capture_all(&repo);
    assert_eq!(before.differences(&after), Vec::<String>::new());
}

#[test]
fn applied_undone_and_applied_again_without_a_plan() {
    let environment = environment();
    let repo = leaky(&environment, "apply");
    let (before, base, secret) = (RepoState::capture(&repo), repo.id("HEAD~2"), fake::github_pat(3));
    drop(repo.unleak(["rewrite", "--all-findings"]).expect_code(0));
    let output = repo.unleak(["rewrite", "--apply"]).expect_code(0);
    assert!(output.stdout_text().contains("proved"), "{}", output.stdout_text());
    assert!(!all_text(&repo).contains(&secret));
    assert_eq!(repo.id("HEAD~2"), base, "what is clean keeps its id");
    assert_eq!(repo.git(["show", "HEAD:.env"]), "GITHUB_TOKEN=***REMOVED***");
    assert_eq!(repo.git(["show", "stash@{0}:a"]), "key = \"***REMOVED***\"");
    assert_eq!(repo.git(["status", "--porcelain"]), "");
    assert_eq!(std::fs::read_to_string(repo.file_path(".env")).unwrap(), "GITHUB_TOKEN=***REMOVED***\n");
    repo.git(["fsck", "--strict"]);
    drop(repo.unleak(["scan", "--history"]).expect_code(0));

    let output = repo.unleak(["undo"]).expect_code(0);
    assert!(!output.stdout_text().contains("changed by you"), "{}", output.stdout_text());
    let after = RepoState::capture(&repo);
    assert_eq!(before.differences(&after), Vec::<String>::new());
    drop(repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none"]).expect_code(0));
    assert!(!all_text(&repo).contains(&secret));
}

#[test]
fn purged_it_is_in_no_object_at_all() {
    let environment = environment();
    let repo = leaky(&environment, "purge");
    let values = environment.path("values");
    std::fs::write(&values, fake::github_pat(3)).unwrap();
    let values = values.to_str().unwrap();
    drop(repo.unleak(["prove", "--replace-text", values]).expect_code(1));
    drop(repo.unleak(["rewrite", "--replace-text", values, "--apply"]).expect_code(0));
    let output = repo.unleak(["prove", "--replace-text", values]).expect_code(0);
    assert!(output.stdout_text().contains("unleak purge"), "{}", output.stdout_text());
    drop(repo.unleak(["prove", "--everything", "--replace-text", values]).expect_code(1));
    drop(repo.unleak(["purge", "--yes"]).expect_code(0));
    drop(repo.unleak(["prove", "--everything", "--replace-text", values]).expect_code(0));
    drop(repo.unleak(["undo"]).expect_code(2));
    repo.git(["fsck", "--strict"]);
}

#[test]
fn a_plan_is_refused_once_a_ref_has_moved() {
    let environment = environment();
    let repo = leaky(&environment, "moved");
    drop(repo.unleak(["rewrite", "--all-findings"]).expect_code(0));
    repo.file("b", "new").commit("meanwhile");
    let before = RepoState::capture(&repo);
    let output = repo.unleak(["rewrite", "--apply"]).expect_code(2);
    assert!(output.stderr_text().contains("refs/heads/main"), "{}", output.stderr_text());
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());
    assert!(repo.packs().is_empty(), "no pack is left behind");
}

#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let environment = environment();
    let (repo, other) = (leaky(&environment, "bad"), leaky(&environment, "other"));
    drop(other.unleak(["rewrite", "--all-findings"]).expect_code(0));
    let foreign = other.git_dir().join("unleak/plan.json");
    let newer = environment.path("newer.json");
    std::fs::write(&newer, "{\"unleak_plan\": 99}").unwrap();
    let rules = environment.path("rules");
    std::fs::write(&rules, "fine==>x\nregex:(unclosed==>y\n").unwrap();
    let before = RepoState::capture_all(&repo);
    let path = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    for (args, says) in [
        (vec!["rewrite".to_owned()], "nothing to forget is named"),
        (vec!["rewrite".into(), "--finding".into(), "v1:00000000".into()], "no finding has the fingerprint"),
        (vec!["rewrite".into(), "--replace-text".into(), "absent".into()], "'absent' cannot be used"),
        (vec!["rewrite".into(), "--replace-text".into(), path(environment.root())], "cannot be used"),
        (vec!["rewrite".into(), "--replace-text".into(), path(&rules)], "line 2"),
        (vec!["rewrite".into(), "--path-regex".into(), "(".into()], "a path cannot be used"),
        (vec!["rewrite".into(), "--blob".into(), "abc".into()], "no id of an object"),
        (vec!["rewrite".into(), "--strip-larger-than".into(), "big".into()], "is no size"),
        (vec!["rewrite".into(), "--apply".into()], "cannot be read"),
        (vec!["rewrite".into(), "--apply".into(), path(&foreign)], "is for another repository"),
        (vec!["rewrite".into(), "--apply".into(), path(&newer)], "another version"),
        (vec!["undo".into()], "not been rewritten"),
    ] {
        let output = repo.unleak(&args).expect_code(2);
        let text = output.stderr_text();
        assert!(text.contains(says) && text.contains("hint: "), "{args:?}: {text}");
        for left in ["unleak/plan.json", "unleak/journal-1"] {
            assert!(!repo.git_dir().join(left).exists(), "{args:?} left {left}");
        }
        // A scan keeps what the next one can use.
        std::fs::remove_dir_all(repo.git_dir().join("unleak")).unwrap_or_default();
        assert_eq!(before.differences(&RepoState::capture_all(&repo)), Vec::<String>::new(), "{args:?}");
    }
}

#[test]
fn edits_and_untracked_files_survive() {
    let environment = environment();
    let repo = leaky(&environment, "edits");
    repo.write("a", "edited, not committed\n");
    repo.write("untracked", "mine");
    repo.file("staged", "staged, not committed");
    let status = repo.git(["status", "--porcelain"]);
    drop(repo.unleak(["rewrite", "--path", ".env", "--apply"]).expect_code(0));
    assert_eq!(std::fs::read_to_string(repo.file_path("a")).unwrap(), "edited, not committed\n");
    assert_eq!(std::fs::read_to_string(repo.file_path("untracked")).unwrap(), "mine");
    let kept = std::fs::read_to_string(repo.file_path(".env")).unwrap();
    assert!(kept.contains(&fake::github_pat(3)), "what is deleted from history stays on disk");
    assert_eq!(
        repo.git(["status", "--porcelain"]),
        format!("{status}\n?? .env").replace("?? untracked\n?? .env", "?? .env\n?? untracked")
    );
}

#[test]
fn in_compatible_ways_commits_that_became_empty_go_and_come_back() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "pruned");
    let base = repo.file("a", "clean\n").commit("base");
    let leak = repo.file("secret.env", "x=1\n").commit("leak");
    repo.file("secret.env", "x=2\n").commit("rotate");
    repo.git(["branch", "at-rotate"]);
    repo.file("a", "more\n").commit(&format!("after {}, see {base}", &leak[..9]));
    let before = RepoState::capture(&repo);
    drop(repo.unleak(["rewrite", "--path", "secret.env", "--prune-empty", "never"]).expect_code(2));
    drop(repo.unleak(["rewrite", "--compat", "filter-repo", "--path", "secret.env"]).expect_code(0));
    drop(repo.unleak(["rewrite", "--apply"]).expect_code(0));
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "2");
    assert_eq!((repo.id("HEAD~1"), repo.id("at-rotate")), (base.clone(), base.clone()));
    // What is gone has no new name, what stays keeps its own.
    assert!(repo.git(["log", "-1", "--format=%s"]).contains(&format!("after {}, see {base}", &leak[..9])));
    assert_eq!(repo.git(["status", "--porcelain"]), "?? secret.env");
    let map = std::fs::read_to_string(repo.git_dir().join("filter-repo/commit-map")).unwrap();
    assert!(map.contains(&format!("{leak} {}\n", "0".repeat(40))), "{map}");
    drop(repo.unleak(["undo"]).expect_code(0));
    assert_eq!(before.differences(&RepoState::capture(&repo)), Vec::<String>::new());

    let keep =
        ["rewrite", "--compat", "filter-repo", "--path", "a", "--keep-paths", "--prune-empty", "never"];
    drop(repo.unleak(keep.into_iter().chain(["--apply"])).expect_code(0));
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "4");
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD~1"]), "a");
}

#[test]
fn keyed_replacements_tell_secrets_apart_and_need_their_key() {
    let environment = environment();
    let repo = leaky(&environment, "keyed");
    repo.file("b", format!("a = \"{}\"\n", fake::github_pat(4))).commit("another");
    repo.file("c", format!("b = \"{}\"\n", fake::github_pat(3))).commit("the first again");
    let args = ["rewrite", "--all-findings", "--replacement-style", "keyed"];
    let refused = repo.unleak(args).expect_code(2);
    assert!(refused.stderr_text().contains("--replacement-key"), "{}", refused.stderr_text());
    let key = environment.path("key");
    std::fs::write(&key, "\n").unwrap();
    let with_key = || args.into_iter().chain(["--replacement-key", key.to_str().unwrap()]);
    drop(repo.unleak(with_key()).expect_code(2));
    std::fs::write(&key, "any key of any length\n").unwrap();
    drop(repo.unleak(with_key()).expect_code(0));
    drop(repo.unleak(["rewrite", "--apply"]).expect_code(0));
    let value = |path: &str| {
        let text = repo.git(["show", &format!("HEAD:{path}")]);
        let at = text.find("REMOVED-").unwrap_or_else(|| panic!("{text}"));
        text[at..at + 16].to_owned()
    };
    assert_eq!(value(".env"), value("c"));
    assert_ne!(value(".env"), value("b"));
}

#[test]
fn a_plan_names_what_git_lfs_keeps_for_pointers_that_go() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "lfs");
    let pointer = |digit: &str| {
        let digest = digit.repeat(64);
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 12\n")
    };
    for (path, digit) in [("big/gone", "1"), ("big/copied", "2"), ("kept/copy", "2"), ("other", "3")] {
        repo.file(path, pointer(digit));
    }
    repo.commit("pointers");
    repo.file("big/gone", "text").commit("text");
    let plan = repo.unleak(["rewrite", "--path", "big"]).expect_code(0).stdout_text();
    let named = |digit: &str| plan.contains(&format!("  sha256:{}\n", digit.repeat(64)));
    assert!(plan.contains("Orphaned at the server of Git LFS"), "{plan}");
    // One stands elsewhere, too, and one is not touched.
    assert_eq!(["1", "2", "3"].map(named), [true, false, false], "{plan}");
    let none = repo.unleak(["rewrite", "--path", "big/none", "--path", "other/none"]).stdout_text();
    assert!(!none.contains("LFS"), "{none}");
}

#[test]
fn a_secret_in_lines_of_base64_is_forgotten_with_the_plain_one() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(7600));
    // At each of the three alignments, across line ends; and stored as a change of the version before.
    let text = |secret: &str, pad: usize| format!("{}{secret} {}\n", "x".repeat(100 + pad), "y".repeat(700));
    for pad in 0..3 {
        repo.file(format!("mail{pad}"), fake::base64_lines(&text(&secret, pad), 76));
    }
    repo.file("plain", line(&secret)).commit("leak");
    for pad in 0..3 {
        repo.file(format!("mail{pad}"), fake::base64_lines(&text(&secret, pad), 76) + "\nmore\n");
    }
    repo.commit("more");
    drop(repo.git(["gc", "--quiet"]));
    drop(
        repo.unleak(["rewrite", "--all-findings", "--apply", "--backup", "none", "--allow", "many-files"])
            .expect_code(0),
    );
    let gone = format!("{:*<1$}", "***REMOVED***", secret.len());
    for pad in 0..3 {
        let expected = fake::base64_lines(&text(&gone, pad), 76);
        // A letter of base64 is six bits. Those that hold bits of the secret and of its neighbours are not compared.
        let (start, end) = ((100 + pad) * 8, (100 + pad + secret.len()) * 8);
        let compared = |letters: &str| -> String {
            let letters = letters.lines().flat_map(str::chars).enumerate();
            let split = |bit: usize| move |at: usize| at * 6 < bit && bit < at * 6 + 6;
            letters
                .filter(|(at, _)| !split(start)(*at) && !split(end)(*at))
                .map(|(_, letter)| letter)
                .collect()
        };
        for (revision, more) in [("HEAD~1", ""), ("HEAD", "\nmore\n")] {
            let now = repo.git(["cat-file", "blob", &format!("{revision}:mail{pad}")]);
            let widths = |text: &str| text.trim_end().lines().map(str::len).collect::<Vec<_>>();
            assert_eq!(widths(&now), widths(&format!("{expected}{more}")), "{revision}, {pad}");
            assert_eq!(compared(&now), compared(&format!("{expected}{more}")), "{revision}, {pad}");
        }
    }
}
