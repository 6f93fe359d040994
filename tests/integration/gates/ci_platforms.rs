//! The variables of each CI platform, and the range that comes of them.

use std::ffi::OsStr;

use unleak_testkit::{Output, TestEnvironment, TestRepo, fake};

use crate::scanning::{environment, expect_no_panic, expect_trouble, line, started};

/// A clone whose default branch holds an old secret, with a branch `topic` that adds one, checked out.
struct Case<'e> {
    repo: TestRepo<'e>,
    source: TestRepo<'e>,
    base: String,
    head: String,
}

impl<'e> Case<'e> {
    fn new(environment: &'e TestEnvironment) -> Self {
        let source = started(environment, "source");
        source.file("old.txt", line(&fake::github_pat(3700))).commit("old");
        let base = source.id("HEAD");
        source.branch("topic").file("new.txt", line(&fake::github_pat(3701)));
        let head = source.commit("new");
        source.switch("main");
        let repo = source.clone_to("work");
        repo.git(["switch", "-q", "--detach", "origin/topic"]);
        Self { repo, source, base, head }
    }

    #[track_caller]
    fn ci(&self, variables: &[(&str, &str)]) -> Output {
        ci(&self.repo, variables)
    }

    /// Panics unless exactly the change is scanned.
    #[track_caller]
    fn expect_change(&self, variables: &[(&str, &str)]) {
        let output = self.ci(variables).expect_code(1);
        assert!(output.mentions("new.txt:1") && !output.mentions("old.txt:1"), "{}", output.describe());
    }

    /// Panics unless everything is.
    #[track_caller]
    fn expect_everything(&self, variables: &[(&str, &str)]) {
        let output = self.ci(variables).expect_code(1);
        assert!(output.mentions("new.txt:1") && output.mentions("old.txt:1"), "{}", output.describe());
    }
}

#[track_caller]
fn ci(repo: &TestRepo<'_>, variables: &[(&str, &str)]) -> Output {
    let variables: Vec<(&str, &OsStr)> =
        variables.iter().map(|(name, value)| (*name, OsStr::new(*value))).collect();
    let output = repo.environment().unleak_with(repo.path(), ["ci"], &variables, b"");
    expect_no_panic(&output);
    output
}

const ZERO: &str = "0000000000000000000000000000000000000000";

#[test]
fn gitlab() {
    let environment = environment();
    let case = Case::new(&environment);
    let (base, head) = (case.base.as_str(), case.head.as_str());
    let merge_request = [
        ("GITLAB_CI", "true"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("CI_MERGE_REQUEST_DIFF_BASE_SHA", base),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "topic"),
        ("CI_COMMIT_SHA", head),
        ("CI_COMMIT_BEFORE_SHA", ZERO),
    ];
    case.expect_change(&merge_request);
    let push = [
        ("GITLAB_CI", "true"),
        ("CI_COMMIT_SHA", head),
        ("CI_COMMIT_BRANCH", "topic"),
        ("CI_DEFAULT_BRANCH", "main"),
    ];
    case.expect_change(&[&push[..], &[("CI_COMMIT_BEFORE_SHA", base)]].concat());
    case.expect_change(&[&push[..], &[("CI_COMMIT_BEFORE_SHA", ZERO)]].concat());
    expect_trouble(&case.ci(&push));
    let scheduled = [("CI_COMMIT_BEFORE_SHA", ZERO), ("CI_PIPELINE_SOURCE", "schedule")];
    expect_trouble(&case.ci(&[&push[..], &scheduled].concat()));
    // A merged result: what the target got meanwhile is no part of the change.
    case.source.file("meanwhile.txt", line(&fake::github_pat(3702)));
    let target = case.source.commit("meanwhile");
    case.repo.git(["fetch", "-q", "origin"]);
    case.repo.git(["merge", "-q", "--no-edit", "origin/main"]);
    let merged = case.repo.id("HEAD");
    let mut variables = merge_request.to_vec();
    variables[4] = ("CI_COMMIT_SHA", &merged);
    variables.push(("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", head));
    variables.push(("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", &target));
    let output = case.ci(&variables).expect_code(1);
    assert!(!output.mentions("meanwhile.txt"), "{}", output.describe());
}

#[test]
fn platforms_that_name_the_target_branch() {
    let environment = environment();
    let case = Case::new(&environment);
    let head = case.head.as_str();
    case.expect_change(&[
        ("BITBUCKET_BUILD_NUMBER", "1"),
        ("BITBUCKET_COMMIT", head),
        ("BITBUCKET_BRANCH", "topic"),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "main"),
    ]);
    case.expect_change(&[
        ("TF_BUILD", "True"),
        ("BUILD_SOURCEVERSION", head),
        ("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/main"),
        ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "refs/heads/topic"),
    ]);
    case.expect_change(&[
        ("JENKINS_URL", "http://j"),
        ("GIT_COMMIT", head),
        ("CHANGE_TARGET", "main"),
        ("CHANGE_BRANCH", "topic"),
        ("BRANCH_NAME", "PR-7"),
    ]);
    case.expect_change(&[
        ("BUILDKITE", "true"),
        ("BUILDKITE_COMMIT", head),
        ("BUILDKITE_PULL_REQUEST", "7"),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "main"),
        ("BUILDKITE_BRANCH", "topic"),
    ]);
    case.expect_change(&[
        ("DRONE", "true"),
        ("CI", "true"),
        ("DRONE_BUILD_EVENT", "pull_request"),
        ("DRONE_COMMIT_SHA", head),
        ("DRONE_TARGET_BRANCH", "main"),
        ("DRONE_SOURCE_BRANCH", "topic"),
    ]);
    case.expect_change(&[
        ("CI", "woodpecker"),
        ("CI_COMMIT_SHA", head),
        ("CI_COMMIT_TARGET_BRANCH", "main"),
        ("CI_COMMIT_SOURCE_BRANCH", "topic"),
    ]);
    let output = case.ci(&[
        ("BITBUCKET_BUILD_NUMBER", "1"),
        ("BITBUCKET_COMMIT", head),
        ("BITBUCKET_PR_DESTINATION_BRANCH", "nowhere"),
    ]);
    expect_trouble(&output);
    assert!(output.mentions("clone: { depth: full }"), "{}", output.describe());
}

#[test]
fn branches_of_platforms_that_say_what_was_before_or_do_not() {
    let environment = environment();
    let case = Case::new(&environment);
    let (base, head) = (case.base.as_str(), case.head.as_str());
    case.expect_change(&[("CIRCLECI", "true"), ("CIRCLE_SHA1", head), ("CIRCLE_BRANCH", "topic")]);
    case.expect_change(&[
        ("BITBUCKET_BUILD_NUMBER", "1"),
        ("BITBUCKET_COMMIT", head),
        ("BITBUCKET_BRANCH", "topic"),
    ]);
    case.expect_change(&[
        ("TF_BUILD", "True"),
        ("BUILD_SOURCEVERSION", head),
        ("BUILD_SOURCEBRANCH", "refs/heads/topic"),
    ]);
    case.expect_change(&[
        ("BUILDKITE", "true"),
        ("BUILDKITE_COMMIT", head),
        ("BUILDKITE_BRANCH", "topic"),
        ("BUILDKITE_PULL_REQUEST", "false"),
        ("BUILDKITE_PIPELINE_DEFAULT_BRANCH", "main"),
    ]);
    case.expect_change(&[
        ("JENKINS_URL", "http://j"),
        ("GIT_COMMIT", head),
        ("BRANCH_NAME", "main"),
        ("GIT_PREVIOUS_SUCCESSFUL_COMMIT", base),
        ("GIT_PREVIOUS_COMMIT", head),
    ]);
    case.expect_change(&[
        ("DRONE", "true"),
        ("DRONE_BUILD_EVENT", "push"),
        ("DRONE_COMMIT_SHA", head),
        ("DRONE_COMMIT_BEFORE", base),
        ("DRONE_BRANCH", "main"),
    ]);
    case.expect_change(&[
        ("CI", "woodpecker"),
        ("CI_COMMIT_SHA", head),
        ("CI_PREV_COMMIT_SHA", base),
        ("CI_COMMIT_BRANCH", "main"),
    ]);
    // On the default branch, where nobody says what was before: everything, and never nothing.
    case.repo.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    case.expect_everything(&[("CIRCLECI", "true"), ("CIRCLE_SHA1", head), ("CIRCLE_BRANCH", "main")]);
    case.expect_everything(&[
        ("BITBUCKET_BUILD_NUMBER", "1"),
        ("BITBUCKET_COMMIT", head),
        ("BITBUCKET_BRANCH", "main"),
    ]);
    case.expect_everything(&[
        ("TF_BUILD", "True"),
        ("BUILD_SOURCEVERSION", head),
        ("BUILD_SOURCEBRANCH", "refs/heads/main"),
    ]);
    case.expect_everything(&[("JENKINS_URL", "http://j"), ("GIT_COMMIT", head), ("BRANCH_NAME", "main")]);
}

#[test]
fn a_branch_that_somebody_calls_main_is_no_base() {
    let environment = environment();
    let case = Case::new(&environment);
    let topic = [("CIRCLECI", "true"), ("CIRCLE_SHA1", case.head.as_str()), ("CIRCLE_BRANCH", "topic")];
    case.repo.git(["update-ref", "refs/remotes/origin/trunk", &case.base]);
    case.repo.git(["update-ref", "refs/remotes/origin/main", "HEAD"]);
    case.repo.git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);
    case.expect_change(&topic);
    // Where the clone does not know, one of two usual names is somebody's guess.
    case.repo.git(["symbolic-ref", "-d", "refs/remotes/origin/HEAD"]);
    case.repo.git(["update-ref", "refs/remotes/origin/master", &case.base]);
    case.expect_everything(&topic);
}

#[test]
fn every_platform_has_a_line_that_fetches_history() {
    let environment = environment();
    let case = Case::new(&environment);
    let missing = "1111111111111111111111111111111111111111";
    for (variables, wanted) in [
        (
            &[("GITLAB_CI", "true"), ("CI_COMMIT_SHA", missing), ("CI_COMMIT_BEFORE_SHA", ZERO)][..],
            "GIT_DEPTH: \"0\"",
        ),
        (&[("BITBUCKET_BUILD_NUMBER", "1"), ("BITBUCKET_COMMIT", missing)], "clone: { depth: full }"),
        (&[("TF_BUILD", "True"), ("BUILD_SOURCEVERSION", missing)], "fetchDepth: \"0\""),
        (&[("CIRCLECI", "true"), ("CIRCLE_SHA1", missing)], "checkout: { method: full }"),
        (&[("BUILDKITE", "true"), ("BUILDKITE_COMMIT", missing)], "BUILDKITE_GIT_CLONE_FLAGS"),
        (&[("CI", "woodpecker"), ("CI_COMMIT_SHA", missing)], "woodpeckerci/plugin-git"),
        (&[("DRONE", "true"), ("DRONE_COMMIT_SHA", missing)], "clone:"),
        (&[("JENKINS_URL", "http://j"), ("GIT_COMMIT", missing)], "CloneOption"),
    ] {
        let output = case.ci(variables);
        expect_trouble(&output);
        assert!(output.mentions(wanted) && output.mentions(missing), "{}", output.describe());
    }
}

#[test]
fn azure_is_told_in_its_own_words() {
    let environment = environment();
    let case = Case::new(&environment);
    let output = case
        .ci(&[
            ("TF_BUILD", "True"),
            ("BUILD_SOURCEVERSION", &case.head),
            ("SYSTEM_PULLREQUEST_TARGETBRANCH", "main"),
        ])
        .expect_code(1);
    assert!(
        output.mentions("##vso[task.logissue type=error;sourcepath=new.txt;linenumber=1;columnnumber="),
        "{}",
        output.describe()
    );
    assert!(output.mentions("variable=unleakFindings;isOutput=true]1"), "{}", output.describe());
    assert!(!output.mentions("::error"), "{}", output.describe());
}
