//! The CI gate: `unleak scan --range A..B` reports what the range introduces, and nothing else.

use std::collections::BTreeSet;

use unleak_testkit::{TestRepo, fake, random_history};

use crate::scanning::{Scan, environment, expect_no_panic, expect_trouble, fixture, line, started};

#[test]
fn only_what_the_range_introduces() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (before, first, gone, after) =
        (fake::github_pat(500), fake::github_pat(501), fake::github_pat(502), fake::github_pat(503));
    repo.file("before.txt", line(&before)).commit("before");
    repo.tag("base", "HEAD");
    let commit = repo.file("first.txt", line(&first)).commit("first");
    repo.file("gone.txt", line(&gone)).commit("gone");
    repo.remove("gone.txt").commit("removed within the range");
    repo.tag("end", "HEAD");
    repo.file("after.txt", line(&after)).commit("after");
    let scan = Scan::of(&repo, &["--range", "base..end"]).expect_code(1).expect_complete();
    assert_eq!(scan.one(&first).commit(), commit);
    scan.one(&gone);
    scan.expect_none(&before);
    scan.expect_none(&after);
    drop(Scan::of(&repo, &["--range", "end..end"]).expect_code(0).expect_complete());
}

#[test]
fn untouched_secret_in_a_touched_file() {
    let environment = environment();
    let (repo, old) = (started(&environment, "work"), fake::github_pat(504));
    repo.file("a.txt", line(&old)).commit("old");
    repo.file("a.txt", format!("{}more\n", line(&old))).commit("more");
    Scan::of(&repo, &["--range", "HEAD~1..HEAD"]).expect_code(0).expect_none(&old);
}

#[test]
fn messages_of_the_range() {
    let environment = environment();
    let (repo, old, new) = (started(&environment, "work"), fake::github_pat(505), fake::github_pat(506));
    repo.commit(&format!("old {old}"));
    repo.commit(&format!("new {new}"));
    let scan = Scan::of(&repo, &["--range", "HEAD~1..HEAD"]).expect_code(1);
    assert_eq!(scan.one(&new).path(), "(commit message)");
    scan.expect_none(&old);
}

#[test]
fn several_ranges_and_exclusions() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secrets = [510, 511, 512].map(fake::github_pat);
    for (name, secret) in ["one", "two", "three"].iter().zip(&secrets) {
        repo.switch("main").branch(name).file(format!("{name}.txt"), line(secret)).commit(name);
    }
    let scan = Scan::of(&repo, &["--range", "main..one", "--range", "main..two"]);
    scan.one(&secrets[0]);
    scan.one(&secrets[1]);
    scan.expect_none(&secrets[2]);
    repo.switch("one").merge(&["two", "three"], "all");
    let scan = Scan::of(&repo, &["--range", "main..one", "--not", "two", "--not", "three"]);
    scan.one(&secrets[0]);
    scan.expect_none(&secrets[1]);
    scan.expect_none(&secrets[2]);
}

#[test]
fn merge_is_compared_with_all_its_parents() {
    let environment = environment();
    let repo = started(&environment, "work");
    let (theirs, evil, ours) = (fake::github_pat(515), fake::github_pat(516), fake::github_pat(517));
    repo.branch("feature").file("ours.txt", line(&ours)).commit("ours");
    repo.switch("main").file("theirs.txt", line(&theirs)).commit("theirs, already in main");
    // The usual "update branch": main goes into the feature branch. What main had is no news.
    repo.switch("feature").merge_without_commit("main").file("evil.txt", line(&evil));
    let merge = repo.commit("merge main");
    let scan = Scan::of(&repo, &["--range", "main..feature"]).expect_code(1);
    scan.expect_none(&theirs);
    assert_eq!(scan.one(&evil).commit(), merge);
    scan.one(&ours);
}

#[test]
fn evil_merge_in_a_range() {
    let environment = environment();
    let secrets = [520, 521, 522].map(fake::github_pat);
    fixture(&environment, "evil-merge.sh", &secrets.each_ref().map(String::as_str));
    let repo = TestRepo::open(&environment, environment.path("evil-merge"));
    let scan = Scan::of(&repo, &["--range", "HEAD~2..HEAD", "--not", "side"]);
    scan.one(&secrets[0]);
    scan.one(&secrets[1]);
    scan.expect_none(&secrets[2]);
}

#[test]
fn root_commit_in_a_range() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(525));
    repo.orphan("other").file("a.txt", line(&secret)).commit("other root");
    Scan::of(&repo, &["--range", "main..other"]).expect_code(1).one(&secret);
}

#[test]
fn other_ways_to_write_a_range() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(526));
    repo.file("a.txt", line(&secret)).commit("news");
    let old = repo.id("HEAD~1");
    let new = repo.id("HEAD");
    repo.annotated_tag("v1", "HEAD~1", "one");
    for range in [
        "HEAD~1..",
        "v1..@",
        "v1^{}..main@{0}",
        "HEAD^..HEAD",
        "main~1..main",
        &format!("{old}..{new}"),
        &format!("{}..main", &old[..10]),
    ] {
        Scan::of(&repo, &["--range", range]).expect_code(1).one(&secret);
    }
}

#[test]
fn replaced_parent_does_not_shorten_a_range() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(527));
    repo.tag("base", "HEAD");
    repo.file("a.txt", line(&secret)).commit("hidden");
    repo.file("b.txt", "b\n").commit("last");
    repo.git(["replace", "--graft", "HEAD", "base"]);
    Scan::of(&repo, &["--range", "base..HEAD"]).expect_code(1).one(&secret);
}

#[test]
fn grafts_and_commit_graphs_do_not_shorten_a_range() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(529));
    repo.tag("base", "HEAD");
    repo.file("a.txt", line(&secret)).commit("hidden");
    repo.file("b.txt", "b\n").commit("last");
    let found = || Scan::of(&repo, &["--range", "base..HEAD"]).expect_code(1).one(&secret).path().to_owned();
    environment
        .write(repo.git_dir().join("info/grafts"), format!("{} {}\n", repo.id("HEAD"), repo.id("base")));
    assert_eq!(found(), "a.txt");
    std::fs::remove_file(repo.git_dir().join("info/grafts")).expect("it was just written");
    repo.git(["commit-graph", "write", "--reachable"]);
    assert_eq!(found(), "a.txt");
    // A damaged graph is only a cache: it may be ignored or refused, and never makes anything clean.
    let graph = repo.git_dir().join("objects/info/commit-graph");
    let whole = std::fs::read(&graph).expect("it was just written");
    for offset in (0..whole.len()).step_by(37) {
        repo.damage(&graph, offset, 4.min(whole.len() - offset));
        let output = repo.unleak(["scan", "--range", "base..HEAD"]);
        expect_no_panic(&output);
        assert!(matches!(output.code, Some(1 | 2)), "damage at {offset}\n{}", output.describe());
        std::fs::write(&graph, &whole).expect("writable by now");
    }
}

#[test]
fn shallow_boundary_outside_a_range_does_not_matter() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(528));
    repo.file("a.txt", "a\n").commit("second");
    repo.file("b.txt", "b\n").commit("third");
    repo.file("c.txt", line(&secret)).commit("fourth");
    let shallow = repo.clone_shallow("shallow", 3);
    Scan::of(&shallow, &["--range", "HEAD~1..HEAD"]).expect_code(1).expect_complete().one(&secret);
    drop(Scan::of(&shallow, &["--range", "HEAD~2..HEAD~1"]).expect_code(0).expect_complete());
}

#[test]
fn shallow_boundary_inside_a_range_is_never_clean() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.git(["branch", "release"]);
    for number in 0..6 {
        repo.file(format!("{number}.txt"), "plain\n").commit("more");
    }
    let shallow = repo.clone_shallow("shallow", 2);
    shallow.git(["fetch", "--quiet", "--depth=1", "origin", "release:release"]);
    let output = shallow.unleak(["scan", "--range", "release..HEAD"]);
    expect_trouble(&output);
    drop(Scan::of(&shallow, &["--range", "release..HEAD"]).expect_code(2).expect_incomplete("shallow"));
}

#[test]
fn missing_base_is_never_clean() {
    let environment = environment();
    let repo = started(&environment, "work");
    let base = repo.id("HEAD");
    for number in 0..3 {
        repo.file(format!("{number}.txt"), "plain\n").commit("more");
    }
    let shallow = repo.clone_shallow("shallow", 1);
    for range in [
        format!("{base}..HEAD"),
        "HEAD~1..HEAD".into(),
        "no-such-branch..HEAD".into(),
        "origin/gone..HEAD".into(),
    ] {
        let output = shallow.unleak(["scan", "--range", &range]);
        expect_trouble(&output);
        assert!(
            output.stderr_text().contains(range.split("..").next().expect("a base")),
            "{}",
            output.describe()
        );
    }
    let output = shallow.unleak(["scan", "--range", "HEAD..HEAD", "--not", "no-such-branch"]);
    expect_trouble(&output);
}

#[test]
fn ranges_of_random_histories_agree_with_git() {
    let environment = environment();
    let history = random_history(&environment, "random", 11, 120);
    let repo = &history.repo;
    let commits = repo.log(&["--all"]);
    for (from, to) in [(10, 60), (40, 41), (3, 119), (90, 20)] {
        let range = format!("{}..{}", commits[from], commits[to]);
        let inside: BTreeSet<String> = repo.git(["rev-list", &range]).lines().map(str::to_owned).collect();
        let scan = Scan::of(repo, &["--range", &range]).expect_complete();
        for planted in &history.planted {
            let found = scan.all(&planted.secret).into_iter().find(|found| found.path() == planted.path);
            if inside.contains(&planted.commit) {
                let found =
                    found.unwrap_or_else(|| panic!("{planted:?} is in {range}\n{}", scan.output.describe()));
                assert_eq!(found.commit(), planted.commit);
            } else if let Some(found) = found {
                // Only by a commit of the range that brings it anew: a merge from outside never does.
                let introduced = found.commit();
                assert!(inside.contains(introduced), "{planted:?} {range} {:#}", found.0);
            }
        }
    }
}

#[test]
fn names_and_tags_of_refs_that_lead_into_the_range() {
    let environment = environment();
    let repo = started(&environment, "work");
    let secrets: [String; 6] = std::array::from_fn(|at| fake::github_pat(540 + at as u64));
    let [old_name, old_tag, name, tag, outer, inner] = &secrets;
    repo.git(["branch", &format!("topic/{old_name}")]);
    repo.annotated_tag("v0", "HEAD", old_tag);
    repo.tag("base", "HEAD");
    repo.file("a.txt", "plain\n").commit("news");
    repo.git(["branch", &format!("topic/{name}")]);
    repo.annotated_tag("v1", "HEAD", &format!("release with {tag}"));
    repo.annotated_tag("inner", "HEAD", inner);
    repo.annotated_tag("outer", "inner", outer);
    // The inner tag hangs on the outer one only.
    repo.git(["tag", "-d", "inner"]);
    for packed in [false, true] {
        if packed {
            repo.git(["pack-refs", "--all"]);
        }
        let scan = Scan::of(&repo, &["--range", "base..main"]).expect_code(1).expect_complete();
        assert_eq!(scan.one(name).path(), "(ref name)");
        for said in [tag, outer, inner] {
            assert_eq!(scan.one(said).path(), "(tag message)");
            assert_eq!(scan.one(said).exposure(), "committed");
        }
        assert_eq!(scan.one(tag).list("/reach/tags"), ["v1"]);
        assert_eq!(scan.one(inner).list("/reach/tags"), ["outer"]);
        scan.expect_none(old_name);
        scan.expect_none(old_tag);
        for secret in &secrets {
            assert!(!scan.output.stdout_text().contains(secret.as_str()), "{}", scan.output.describe());
        }
    }
}

#[test]
fn tip_that_the_range_names_is_scanned_although_the_range_is_empty() {
    let environment = environment();
    let (repo, name, tag) = (started(&environment, "work"), fake::github_pat(550), fake::github_pat(551));
    repo.git(["branch", &name]);
    repo.annotated_tag("v1", "HEAD", &tag);
    let scan = Scan::of(&repo, &["--range", &format!("main..{name}")]).expect_code(1);
    scan.one(&name);
    scan.expect_none(&tag);
    assert!(!scan.output.stdout_text().contains(&name), "{}", scan.output.describe());
    let scan = Scan::of(&repo, &["--range", "main..v1"]).expect_code(1);
    scan.expect_none(&name);
    scan.one(&tag);
    drop(Scan::of(&repo, &["--range", "main..main"]).expect_code(0).expect_complete());
}
