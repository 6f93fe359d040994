//! One rewrite after another with `--compat filter-repo`: the rows of git-filter-repo's own `t9393` that need no `--refs`, which
//! we have not, and those of `t9394` about what is replaced and stripped. What must come out is what it asks of itself.
//!
//! `UNLEAK_TEST_FILTER_REPO_CASES` names the folder of its data. What needs that is skipped where it is not.

use std::collections::BTreeMap;
use std::path::PathBuf;

use unleak_testkit::{TestEnvironment, TestRepo};

use crate::scanning::environment;

/// A history that git-filter-repo tests itself with.
fn imported<'e>(environment: &'e TestEnvironment, name: &str, data: &str) -> Option<TestRepo<'e>> {
    #[expect(clippy::disallowed_methods, reason = "says where the data of another program lies")]
    let folder = PathBuf::from(std::env::var_os("UNLEAK_TEST_FILTER_REPO_CASES")?);
    let repo = TestRepo::init_bare(environment, name);
    repo.fast_import(&std::fs::read(folder.join(data)).expect("the data is there"));
    Some(repo)
}

fn rewrite(repo: &TestRepo<'_>, args: &[&str]) {
    let usual = ["rewrite", "--compat", "filter-repo", "--apply", "--backup", "none"];
    drop(repo.unleak(usual.iter().chain(args)).expect_code(0));
}

/// Names for the commits of `simple`: two on a branch of their own, and the last that changes each of four files. A commit
/// that is not there any more has none.
fn commits(repo: &TestRepo<'_>) -> BTreeMap<&'static str, String> {
    let mut named = BTreeMap::new();
    for (name, revisions) in [("first", "orphan-me~1"), ("second", "orphan-me")] {
        if !repo.git(["for-each-ref", "refs/heads/orphan-me"]).is_empty() {
            named.insert(name, repo.id(revisions));
        }
    }
    for file in ["fileA", "fileB", "fileC", "fileD"] {
        let id = repo.git(["rev-list", "-1", "master", "--", file]);
        if !id.is_empty() {
            named.insert(file, id);
        }
    }
    named
}

fn report(repo: &TestRepo<'_>, name: &str) -> String {
    std::fs::read_to_string(repo.git_dir().join("filter-repo").join(name)).expect("a report")
}

/// Compares the reports with what is expected of them. `becomes` names the commits that are not what they were, in the order of
/// [`commits`]: `-` is gone, `+` is what the name stands for now; `first` the first of them, with what stands for them.
fn expect(
    repo: &TestRepo<'_>,
    (before, tag): (&BTreeMap<&'static str, String>, &str),
    becomes: &[(&str, char)],
    first: &[(&str, &str)],
) {
    let (now, zeros) = (commits(repo), "0".repeat(40));
    let new = |name: &str| match becomes.iter().find(|(changed, _)| *changed == name) {
        Some((_, '-')) => zeros.clone(),
        Some(_) => now[name].clone(),
        None => before[name].clone(),
    };
    let mut map: Vec<String> = before.iter().map(|(name, old)| format!("{old} {}\n", new(name))).collect();
    map.sort();
    assert_eq!(report(repo, "commit-map"), format!("{:<40} new\n{}", "old", map.concat()));
    let head = |name: &str, reference: &str, becomes: String| format!("{name} {becomes} {reference}\n");
    let refs = [
        head(&before["fileD"], "refs/heads/master", repo.id("master")),
        head(&before["second"], "refs/heads/orphan-me", new("second")),
        head(tag, "refs/tags/v1.0", repo.id("refs/tags/v1.0")),
    ];
    assert_eq!(report(repo, "ref-map"), format!("{:<40} {:<40} ref\n{}", "old", "new", refs.concat()));
    let stands = |name: &str| now.get(name).unwrap_or(&zeros).clone();
    let mut list: Vec<String> =
        first.iter().map(|(name, heir)| format!("{} {}\n", before[name], stands(heir))).collect();
    list.sort();
    assert_eq!(report(repo, "first-changed-commits"), list.concat());
    assert_eq!(repo.git(["fsck", "--strict", "--no-dangling"]), "");
}

/// `t9393`: rules of each run, what becomes of commits in the end, and which of them changed first.
type Case<'c> = (&'c [&'c [&'c str]], &'c [(&'c str, char)], &'c [(&'c str, &'c str)]);

#[test]
fn two_runs_are_reported_as_one() {
    let environment = environment();
    let file_3 = environment.path("file-3");
    std::fs::write(&file_3, "file 3 contents==>Alternate C\n").unwrap();
    let change = ["--replace-text", file_3.to_str().unwrap()];
    let nuke_c = ["--path", "nuke-me", "--path", "fileC"];
    let (b, d) = (["--path", "fileB"], ["--path", "fileD"]);
    let gone = [("first", '-'), ("second", '-'), ("fileC", '-')];
    let cases: [Case<'_>; 6] = [
        (&[&b], &[("fileB", '-'), ("fileC", '+'), ("fileD", '+')], &[("fileB", "fileA")]),
        (&[&nuke_c], &[gone[0], gone[1], gone[2], ("fileD", '+')], &[("first", "none"), ("fileC", "fileB")]),
        (
            &[&nuke_c, &d],
            &[gone[0], gone[1], gone[2], ("fileD", '-')],
            &[("first", "none"), ("fileC", "fileB")],
        ),
        (
            &[&nuke_c, &b],
            &[gone[0], gone[1], gone[2], ("fileB", '-'), ("fileD", '+')],
            &[("first", "none"), ("fileB", "fileA")],
        ),
        (&[&change, &d], &[("fileC", '+'), ("fileD", '-')], &[("fileC", "fileC")]),
        (&[&change, &b], &[("fileB", '-'), ("fileC", '+'), ("fileD", '+')], &[("fileB", "fileA")]),
    ];
    for (number, (runs, becomes, first)) in cases.into_iter().enumerate() {
        let Some(repo) = imported(&environment, &format!("rerun{number}"), "simple") else { return };
        let (before, tag) = (commits(&repo), repo.id("refs/tags/v1.0"));
        for run in runs {
            rewrite(&repo, run);
        }
        expect(&repo, (&before, &tag), becomes, first);
    }
}

#[test]
fn without_the_reports_of_before_a_run_is_the_first_one() {
    let environment = environment();
    let Some(repo) = imported(&environment, "slate", "simple") else { return };
    rewrite(&repo, &["--path", "fileB"]);
    std::fs::remove_dir_all(repo.git_dir().join("filter-repo")).unwrap();
    let (before, tag) = (commits(&repo), repo.id("refs/tags/v1.0"));
    rewrite(&repo, &["--path", "fileC"]);
    expect(&repo, (&before, &tag), &[("fileC", '-'), ("fileD", '+')], &[("fileC", "fileA")]);
}

/// The rows about Git LFS: what is orphaned is told run by run.
#[test]
fn what_is_orphaned_is_told_of_each_run() {
    let environment = environment();
    let Some(repo) = imported(&environment, "lfs", "lfs") else { return };
    let target = |letter: &str| format!("sha256:{}", letter.repeat(64));
    let orphans = |args: &[&str]| -> Vec<String> {
        let plan = repo.unleak(["rewrite", "--compat", "filter-repo"].iter().chain(args)).expect_code(0);
        let lines = plan.stdout_text();
        lines.lines().map(str::trim).filter(|line| line.starts_with("sha256:")).map(str::to_owned).collect()
    };
    assert_eq!(orphans(&["--path", "Z"]), [""; 0]);
    // What LB holds stands in LC, too.
    let two = ["--path", "LB", "--path", "LD"];
    assert_eq!(orphans(&two), [target("d")]);
    rewrite(&repo, &two);
    assert_eq!(orphans(&["--path", "LA"]), [target("a"), target("b")]);
}

/// `t9394`, "replace-text all options" and its three files with and without a zero byte.
#[test]
fn texts_are_replaced_by_all_its_kinds_of_rules_and_binary_files_are_not() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "replaced");
    let lines =
        |from: u32| (from..=from + 10).map(|number| format!("{number}\n")).collect::<Vec<_>>().concat();
    let numbers = lines(100);
    repo.file("numbers", &numbers).file("to", "spam\n").file("whatever", "random other change\n");
    repo.file("zero-and-0", b"replace-from\0replace-from\n0\n").file("zero", b"replace-from\0replace-from\n");
    repo.file("text", "replace-from0\n0replace-from\n0\n").commit("all");
    let rules = environment.path("rules");
    let text = "other\nchange==>variation\n\nliteral:spam==>foodstuff\nglob:ran*m==>haphazard\nregex:1(.[0-9])==>2\\1\nreplace-from==>replace-with\n";
    std::fs::write(&rules, text).unwrap();
    rewrite(&repo, &["--replace-text", rules.to_str().unwrap(), "--allow", "many-files"]);
    let show = |path: &str| repo.git(["show", &format!("HEAD:{path}")]);
    assert_eq!(show("numbers"), lines(200).trim_end());
    assert_eq!(
        (show("to"), show("whatever")),
        ("foodstuff".to_owned(), "haphazard ***REMOVED*** variation".to_owned())
    );
    assert_eq!(show("text"), "replace-with0\n0replace-with\n0");
    assert_eq!(show("zero-and-0"), "replace-from\0replace-from\n0");
    assert_eq!(show("zero"), "replace-from\0replace-from");
}

/// `t9394`, "tag of tag before relevant portion of history".
#[test]
fn tags_of_tags_go_with_the_commit_they_are_about() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "tags");
    repo.file("file", "contents\n").commit("initial");
    repo.annotated_tag("inner", "HEAD", "inner");
    repo.annotated_tag("outer", "inner", "outer");
    repo.file("folder/whatever", "stuff\n").commit("in a folder");
    rewrite(&repo, &["--path", "folder", "--keep-paths"]);
    assert_eq!(repo.git(["for-each-ref", "--format=%(refname)"]), "refs/heads/main");
    assert_eq!(repo.git(["rev-list", "--all", "--count"]), "1");
}

/// `t9394`, "strip-blobs-bigger-than" and "use-base-name".
#[test]
fn too_large_a_file_leaves_the_version_before_it_and_base_names_are_kept_wherever_they_are() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "stripped");
    repo.file("numbers/small", "1\n")
        .file("numbers/medium", "100\n101\n")
        .file("grows", "small\n")
        .commit("base");
    repo.file("words/important", "foo\n").file("words/other", "bar\n").commit("words");
    repo.file("grows", "large\n".repeat(1000)).commit("it grows");
    rewrite(&repo, &["--strip-larger-than", "3K", "--prune-empty", "never"]);
    assert_eq!(
        (repo.git(["rev-list", "--count", "HEAD"]), repo.git(["show", "HEAD:grows"])),
        ("3".into(), "small".into())
    );
    rewrite(&repo, &["--path", "small", "--path", "important", "--use-base-name", "--keep-paths"]);
    assert_eq!(repo.git(["ls-tree", "-r", "--name-only", "HEAD"]), "numbers/small\nwords/important");
    // What was empty before this run stays.
    assert_eq!(repo.git(["rev-list", "--count", "HEAD"]), "3");
}

/// `t9394`, "other startup error cases" and "mailmap sanity checks", as far as there is something of the kind here.
#[test]
fn what_it_refuses_is_refused() {
    let environment = environment();
    let repo = TestRepo::init(&environment, "refused");
    repo.file("a", "a\n").commit("a");
    let (bogus, more) = (environment.path("bogus"), environment.path("more"));
    std::fs::write(&bogus, "Total Bogus\n").unwrap();
    std::fs::write(&more, "Me <me@site.com> Myself <yo@email.com> Extraneous\n").unwrap();
    for args in [
        ["--path", "/foo/bar"],
        ["--strip-larger-than", "3GiB"],
        ["--mailmap", "nowhere"],
        ["--mailmap", bogus.to_str().unwrap()],
        ["--mailmap", more.to_str().unwrap()],
    ] {
        let output = repo.unleak(["rewrite", "--compat", "filter-repo"].iter().chain(&args)).expect_code(2);
        assert!(!repo.git_dir().join("unleak").exists(), "{args:?} {}", output.describe());
    }
}
