//! `unleak rules` and rule files of one's own.

use unleak_testkit::fake;

use crate::scanning::{Scan, environment, line, started};

/// A rule of the user: `own_` and twelve letters or digits.
fn own_rule(head: &str) -> String {
    format!(
        r#"{head}schema = 1

[provider]
family = "own"
name = "Own service"
opens = "our own service"
revoke = "ask the owner"
audit = "nowhere"
source = "ourselves"

[[rules]]
id = "own-token"
description = "Token of our own service"
severity = "high"
confidence = "high"
regex = '''\b(?P<secret>own_[0-9a-z]{{12}})\b'''

[rules.examples]
match = [["key = own", "_a1b2c3d4e5f6"]]
no_match = ["own_short"]
"#
    )
}

#[test]
fn list_names_every_rule_and_show_explains_one() {
    let environment = environment();
    let list = environment.unleak(environment.root(), ["rules", "list"]).expect_code(0);
    for id in ["github-pat", "aws-access-key-id", "private-key", "jwt", "slack-bot-token", "stripe-live-key"]
    {
        assert!(list.mentions(id), "{id}\n{}", list.describe());
        let show = environment.unleak(environment.root(), ["rules", "show", id]).expect_code(0);
        assert!(show.mentions(id), "{}", show.describe());
    }
    let lines = list.stdout_text().lines().count();
    assert!(lines >= 30, "{lines} lines");
}

#[test]
fn built_in_examples_hold() {
    let environment = environment();
    drop(environment.unleak(environment.root(), ["rules", "check"]).expect_code(0));
}

#[test]
fn own_rules_extend_the_built_in_ones() {
    let environment = environment();
    let repo = started(&environment, "work");
    let rules = environment.write("own.toml", own_rule(""));
    let rules = rules.to_str().expect("a UTF-8 path");
    let (own, github) = (["own", "_q1w2e3r4t5z6"].concat(), fake::github_pat(1100));
    repo.file("a.txt", format!("{own}\n{}", line(&github))).commit("both");
    let ids = |args: &[&str]| {
        let scan = Scan::of(&repo, args);
        assert!(!scan.output.mentions(&own));
        scan.findings().iter().map(|found| found.text("/rule_id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&[]), ["github-pat"]);
    assert_eq!(ids(&["--rules", rules]), ["own-token", "github-pat"]);
    let alone = environment.write("alone.toml", own_rule("extend = false\n"));
    assert_eq!(ids(&["--rules", alone.to_str().expect("a UTF-8 path")]), ["own-token"]);
    let without = environment.write("without.toml", own_rule("disable = [\"github-pat\"]\n"));
    let without = ids(&["--rules", without.to_str().expect("a UTF-8 path")]);
    assert!(without.contains(&"own-token".into()) && !without.contains(&"github-pat".into()), "{without:?}");
    drop(environment.unleak(environment.root(), ["rules", "check", "--rules", rules]).expect_code(0));
    let show = environment.unleak(environment.root(), ["rules", "list", "--rules", rules]).expect_code(0);
    assert!(show.mentions("own-token"), "{}", show.describe());
}

#[test]
fn example_that_does_not_hold_fails_the_check() {
    let environment = environment();
    for (name, wrong) in [
        ("match.toml", own_rule("").replace("a1b2c3d4e5f6", "tooshort")),
        ("no-match.toml", own_rule("").replace("\"own_short\"", "[\"own\", \"_f6e5d4c3b2a1\"]")),
    ] {
        let file = environment.write(name, wrong);
        let output = environment
            .unleak(environment.root(), ["rules", "check", "--rules", file.to_str().expect("UTF-8")]);
        assert!(matches!(output.code, Some(1 | 2)), "{}", output.describe());
        assert!(output.mentions("own-token"), "{}", output.describe());
    }
}

#[test]
fn rules_in_the_scanned_repository_are_not_taken_by_themselves() {
    let environment = environment();
    let (repo, secret) = (started(&environment, "work"), fake::github_pat(1101));
    let disable = own_rule("disable = [\"github-pat\"]\n");
    for name in ["unleak.toml", ".unleak.toml", "rules/github.toml", ".unleak/rules.toml"] {
        repo.file(name, &disable);
    }
    repo.file("a.txt", line(&secret)).commit("oops");
    Scan::of(&repo, &[]).expect_code(1).one(&secret);
}
