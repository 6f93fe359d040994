//! `unleak rules test`: who sees a file, who does not and why; secrets stay hidden.

use std::ffi::OsStr;

use unleak_testkit::{Output, TestEnvironment, fake};

use crate::scanning::environment;

#[track_caller]
fn test(environment: &TestEnvironment, content: impl AsRef<[u8]>, args: &[&str]) -> Output {
    let file = environment.write("looked-at.txt", content);
    let file = file.to_str().expect("a UTF-8 path");
    let all: Vec<&str> = ["rules", "test", file].iter().chain(args).copied().collect();
    environment.unleak(environment.root(), all).expect_code(0)
}

/// Whether a line speaks of `rule` and of `what`.
fn says(output: &Output, rule: &str, what: &str) -> bool {
    let names = |line: &str| line.split_whitespace().next() == Some(rule);
    output.stdout_text().lines().any(|line| names(line) && line.contains(what))
}

#[test]
fn findings_are_told_with_place_and_proof_and_without_the_secret() {
    let environment = environment();
    let secret = fake::github_pat(1200);
    let content = format!("first\ntoken: {secret}\n");
    let told = test(&environment, &content, &[]);
    assert!(says(&told, "github-pat", "2:8"), "{}", told.describe());
    assert!(told.mentions("proof       proved") && told.mentions("(40 bytes)"), "{}", told.describe());
    assert!(!told.mentions(&secret) && !told.mentions(&secret[8..]), "{}", told.describe());
    assert!(says(&told, "generic-secret", "github-pat took the place"), "{}", told.describe());
    assert!(test(&environment, &content, &["--show-secrets"]).mentions(&secret));
}

#[test]
fn decoded_facts_and_comments_are_told() {
    let environment = environment();
    let told = test(&environment, format!("key = {} # unleak:allow ours\n", fake::aws_key_id(1201)), &[]);
    assert!(says(&told, "aws-access-key-id", "1:7"), "{}", told.describe());
    assert!(told.mentions("account") && told.mentions("by a comment: ours"), "{}", told.describe());
}

#[test]
fn silence_has_a_reason() {
    let environment = environment();
    let broken = fake::github_pat_broken(1202);
    let placeholder = ["gh", "p_", &"x".repeat(36)].concat();
    let told = test(&environment, format!("x={broken}\n"), &["--rule", "github-pat"]);
    assert!(says(&told, "github-pat", "check failed"), "{}", told.describe());
    assert!(!told.mentions(&broken), "{}", told.describe());
    let told = test(&environment, format!("x={placeholder}\n"), &["--rule", "github-pat"]);
    assert!(says(&told, "github-pat", "filter: distinct bytes"), "{}", told.describe());
    let told = test(&environment, ["x=gh", "p_short\n"].concat(), &["--rule", "github-pat"]);
    assert!(says(&told, "github-pat", "the regex does not match the window"), "{}", told.describe());
    let told = test(&environment, "nothing\n", &["--rule", "github-pat"]);
    assert!(told.mentions("none of its anchors occurs: ghp_"), "{}", told.describe());
}

#[test]
fn a_name_decides_which_rules_look() {
    let environment = environment();
    let content = format!("machine example.com\nlogin ann\npassword {}\n", fake::password(1203));
    let named = |name: &str| {
        let args = ["rules", "test", "-", "--name", name];
        environment
            .unleak_with(environment.root(), args, &[] as &[(&str, &OsStr)], content.as_bytes())
            .expect_code(0)
    };
    let (netrc, other) = (named("home/.netrc"), named("other.c"));
    assert!(says(&netrc, "netrc-password", "3:10"), "{}", netrc.describe());
    assert!(!says(&other, "netrc-password", "3:10"), "{}", other.describe());
}

#[test]
fn what_holds_nothing_is_no_error() {
    let environment = environment();
    assert_eq!(test(&environment, "", &[]).stdout_text(), "0 findings, 0 rules with a reason for silence\n");
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(5000).collect();
    let binary = test(&environment, [&bytes[..], fake::github_pat(1204).as_bytes(), &bytes].concat(), &[]);
    assert!(says(&binary, "github-pat", ":"), "{}", binary.describe());
    assert!(!binary.stdout_text().chars().any(|c| c.is_control() && c != '\n'));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let environment = environment();
    let run = |args: &[&str]| {
        environment.unleak(environment.root(), [&["rules", "test"], args].concat()).expect_code(2)
    };
    assert!(run(&["no-such-file"]).mentions("no-such-file"));
    assert!(run(&["."]).mentions("is a folder"));
    drop(environment.write("a.txt", "a"));
    let unknown = run(&["a.txt", "--rule", "no-such-rule"]);
    assert!(unknown.mentions("there is no rule 'no-such-rule'"), "{}", unknown.describe());
}
