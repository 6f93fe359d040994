//! Files that a gate is told to use by name, and names of revisions: a change must not choose what it is judged by.

use unleak_testkit::{Output, TestEnvironment, TestRepo, fake};

use super::{expect_refused, gated, git, slip};
use crate::scanning::{environment, expect_trouble, line, started};

/// Rules of somebody's own, beside the default ones.
const RULES: &str = "[extend]\nuseDefault = true\n[[rules]]\nid = 'acme'\nregex = '''acme_[a-z0-9]{24}'''\n";

/// `unleak ci` and `unleak scan --range` over what came since `base`.
#[track_caller]
fn judge<'r>(
    repo: &'r TestRepo<'_>,
    base: &'r str,
    args: &'r [&'r str],
) -> impl Iterator<Item = Output> + 'r {
    let range = format!("{base}..HEAD");
    [
        vec!["ci".to_owned(), "--base".to_owned(), base.to_owned()],
        vec!["scan".to_owned(), "--range".to_owned(), range],
    ]
    .into_iter()
    .map(move |command| repo.unleak(command.into_iter().chain(args.iter().map(|arg| (*arg).to_owned()))))
}

#[test]
fn a_baseline_that_is_named_counts_as_the_base_has_it() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3900));
    repo.write("a.txt", line(&secret));
    drop(
        repo.unleak(["baseline", "write", "--reason", "mine", "--baseline", "accepted.toml"]).expect_code(0),
    );
    // It comes with the change.
    repo.add("a.txt").add("accepted.toml").commit("leak, and the word for it");
    let base = repo.id("HEAD~1");
    for output in judge(&repo, &base, &["--baseline", "accepted.toml"]) {
        let output = output.expect_code(1);
        assert!(
            output.mentions("'accepted.toml' is not used: it came with the change"),
            "{}",
            output.describe()
        );
    }
    // The base has it, and the change adds to it; then the base has all of it.
    let accepted = std::fs::read_to_string(repo.file_path("accepted.toml")).expect("there");
    repo.git(["reset", "-q", "--hard", &base]);
    repo.file("accepted.toml", accepted.split("[[accepted]]").next().expect("a head")).commit("nothing yet");
    repo.file("accepted.toml", &accepted).commit("accepted");
    repo.file("a.txt", line(&secret)).commit("leak");
    for (base, code) in [("HEAD~2", 1), ("HEAD~1", 0)] {
        for output in judge(&repo, base, &["--baseline", "accepted.toml"]) {
            drop(output.expect_code(code));
        }
    }
    // One that no commit holds is whoever runs the gate's own.
    let own = environment.write("own.toml", &accepted);
    for output in judge(&repo, "HEAD~2", &["--baseline", own.to_str().expect("UTF-8")]) {
        drop(output.expect_code(0));
    }
    for output in judge(&repo, "HEAD~2", &["--baseline", "no-such-file.toml"]) {
        expect_trouble(&output);
    }
}

#[test]
#[cfg(unix)]
fn a_folder_that_becomes_a_link_changes_no_rules() {
    let environment = environment();
    let repo = started(&environment, "work");
    repo.file("ci/rules.toml", RULES).commit("rules");
    let base = repo.id("HEAD");
    repo.file("a.txt", ["key = acme", "_a8f3k2l9q0w7e6r5t4y3u2i1\n"].concat()).commit("leak");
    let weak = "[extend]\nuseDefault = true\n";
    let outside = environment.write("outside/rules.toml", weak).parent().expect("a folder").to_owned();
    let leak = repo.id("HEAD");
    for target in ["weak", outside.to_str().expect("UTF-8"), "no-such-folder"] {
        repo.git(["reset", "-q", "--hard", &leak]);
        repo.file("weak/rules.toml", weak);
        repo.git(["rm", "-rqf", "ci"]);
        repo.symlink("ci", target).git(["add", "ci"]);
        repo.commit("a link");
        for output in judge(&repo, &base, &["--config", "ci/rules.toml"]) {
            let output = output.expect_code(1);
            assert!(output.mentions("is read as "), "{target}\n{}", output.describe());
        }
    }
    // Rules that the base does not have, by way of a link that it does not have either.
    repo.git(["reset", "-q", "--hard", &leak]);
    repo.symlink("linked", outside.to_str().expect("UTF-8")).git(["add", "linked"]);
    repo.commit("a link");
    for output in judge(&repo, &base, &["--config", "linked/rules.toml"]) {
        assert!(output.mentions("'linked/rules.toml' is not used"), "{}", output.describe());
    }
}

#[test]
fn a_base_that_somebody_else_may_have_named_is_none() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3901));
    repo.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    let base = repo.id("HEAD");
    repo.file("a.txt", line(&secret)).commit("leak");
    for output in judge(&repo, "origin/main", &[]) {
        drop(output.expect_code(1));
    }
    // Whoever may push may push a tag of that name, and git takes tags first.
    for (name, base) in
        [("refs/tags/origin/main", "origin/main"), ("refs/heads/origin/main", "origin/main~0")]
    {
        repo.git(["update-ref", name, "HEAD"]);
        for output in judge(&repo, base, &[]) {
            expect_trouble(&output);
            assert!(output.mentions("ambiguous") && output.mentions(name), "{}", output.describe());
            assert!(output.mentions("refs/remotes/origin/main"), "{}", output.describe());
        }
        for output in judge(&repo, "refs/remotes/origin/main", &[]) {
            drop(output.expect_code(1));
        }
        repo.git(["update-ref", "-d", name]);
    }
    // A branch that is called by an abbreviated id, and one that is called by a whole one.
    repo.git(["update-ref", &format!("refs/heads/{}", &base[..9]), "HEAD"]);
    repo.git(["update-ref", &format!("refs/heads/{base}"), "HEAD"]);
    for output in judge(&repo, &base[..9], &[]) {
        expect_trouble(&output);
        assert!(output.mentions("ambiguous"), "{}", output.describe());
    }
    for output in judge(&repo, &base, &[]) {
        drop(output.expect_code(1));
    }
    // Two names for the same commit are no question.
    repo.git(["update-ref", "refs/tags/origin/main", "refs/remotes/origin/main"]);
    for output in judge(&repo, "origin/main", &[]) {
        drop(output.expect_code(1));
    }
}

#[test]
fn a_baseline_of_the_change_that_nobody_can_read_hides_no_finding() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(3902));
    repo.file("a.txt", line(&secret)).file(".unleak-baseline.toml", "no baseline\n").commit("leak");
    let output = repo.unleak(["ci", "--base", "HEAD~1", "--report", "json=report.json"]).expect_code(2);
    assert!(output.mentions("a.txt") && output.mentions("has a mistake"), "{}", output.describe());
    assert!(repo.file_path("report.json").exists(), "{}", output.describe());
}

#[test]
fn a_remote_that_lost_what_it_had_vouches_for_nothing() {
    let environment = environment();
    let (repo, secret) = (gated(&environment, "work"), fake::github_pat(3903));
    repo.file("a.txt", line(&secret));
    slip(&repo, "published at the old address");
    repo.git(["push", "-q", "--no-verify", "origin", "main"]);
    repo.git(["rm", "-q", "a.txt"]);
    slip(&repo, "taken out");
    let public = TestRepo::init_bare(&environment, "public");
    repo.git(["remote", "set-url", "origin", public.path().to_str().expect("UTF-8")]);
    let output = git(&repo, &["push", "-q", "origin", "main"]);
    expect_refused(&output, &secret);
    assert!(output.mentions("git fetch --prune origin"), "{}", output.describe());
    // A branch that was only deleted there: what is said helps.
    repo.git(["remote", "set-url", "origin", old(&environment).as_str()]);
    repo.git(["push", "-q", "--no-verify", "origin", "main", "main:refs/heads/side"]);
    repo.git(["fetch", "-q", "origin"]);
    let origin = TestRepo::open(&environment, environment.path("work-origin"));
    origin.git(["update-ref", "-d", "refs/heads/side"]);
    repo.branch("side").file("b.txt", "harmless\n");
    slip(&repo, "on top");
    expect_refused(&git(&repo, &["push", "-q", "origin", "side"]), &secret);
    repo.git(["fetch", "-q", "--prune", "origin"]);
    super::expect_passed(&git(&repo, &["push", "-q", "origin", "side"]));
}

/// The address of the remote that `gated` makes.
fn old(environment: &TestEnvironment) -> String {
    environment.path("work-origin").to_str().expect("UTF-8").to_owned()
}
