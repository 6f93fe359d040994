//! Every kind of credential that the built-in rules say how to rotate, as the runbook tells it: whole sentences, everything
//! filled in, nothing about a host the repository is not at.

use unleak_rules::{Provider, RuleSet, builtin};
use unleak_runbook::{Host, Leak, LeakCommit, Line, RemoteFacts, Situation, runbook};

/// A leak of what `rule` finds, as far as it matters.
fn leak(family: &str, rule: &str) -> Leak {
    Leak {
        fingerprint: "v1:0".to_owned(),
        rule: rule.to_owned(),
        family: family.to_owned(),
        description: "a key".to_owned(),
        redacted: "abcd… (20 bytes)".to_owned(),
        exposure: "pushed".to_owned(),
        commit: Some(LeakCommit {
            id: "1".repeat(40),
            time: 1_700_000_000,
            author: "Jane".to_owned(),
            subject: "Add it".to_owned(),
        }),
        facts: vec![("key id".to_owned(), "KEY7".to_owned())],
        ..Leak::default()
    }
}

/// What the two steps about a credential say, a line each.
fn told(provider: &Provider, rule: &str, address: &str) -> Vec<String> {
    let remote = RemoteFacts {
        name: "origin".to_owned(),
        address: address.to_owned(),
        host: Host::of(address.into()),
    };
    let situation = Situation {
        leaks: vec![leak(&provider.family, rule)],
        providers: [(provider.family.clone(), provider.clone())].into(),
        remotes: vec![remote],
        now: 1_700_086_400,
        ..Situation::default()
    };
    let book = runbook(&situation);
    let steps =
        book.steps.iter().filter(|step| step.id.starts_with("rotate:") || step.id.starts_with("audit:"));
    let text = |line: &Line| match line {
        Line::Say(text) | Line::Run(text) | Line::Send(text) => text.clone(),
    };
    steps.flat_map(|step| step.how.iter().map(text)).collect()
}

/// Each kind with a rule that it is for.
fn kinds(set: &RuleSet) -> Vec<(Provider, String)> {
    let mut kinds = Vec::new();
    let mut families: Vec<&str> = set.rules().map(|rule| rule.family.as_str()).collect();
    families.sort_unstable();
    families.dedup();
    for provider in families.into_iter().filter_map(|family| set.provider(family)) {
        for entry in &provider.rotation {
            let named = entry.rules.first().cloned();
            kinds.push((provider.clone(), named.unwrap_or_else(|| "any".to_owned())));
        }
    }
    kinds
}

#[test]
fn every_kind_is_told_whole_and_for_this_host() {
    let kinds = kinds(&builtin::rule_set());
    assert!(kinds.len() >= 60, "{}", kinds.len());
    for (provider, rule) in &kinds {
        for (address, other) in [
            ("https://github.com/a/b", "GitLab tells"),
            ("https://gitlab.com/a/b", "GitHub tells"),
            ("/srv/b.git", "GitHub tells"),
        ] {
            let lines = told(provider, rule, address);
            let all = lines.join("\n");
            for begin in ["Revoke: ", "Read: ", "Look for: ", "It opens: ", "Source: https://"] {
                assert!(lines.iter().any(|line| line.starts_with(begin)), "{rule}: no {begin}\n{all}");
            }
            for odd in ["{id}", "{from}", "{to}", "..\n", ";.", ",.", "  ", other] {
                assert!(!all.contains(odd), "{rule} at {address} says '{odd}':\n{all}");
            }
            assert!(
                all.contains("tells") || all.contains("looks for its own"),
                "{rule} at {address}:\n{all}"
            );
        }
    }
}

#[test]
fn hosts_are_said_to_do_what_they_do() {
    let set = builtin::rule_set();
    let of = |family: &str, rule: &str, address: &str| {
        told(set.provider(family).expect("a vendor of ours"), rule, address).join("\n")
    };
    let (github, gitlab, own) = ("https://github.com/a/b", "https://gitlab.com/a/b", "/srv/b.git");
    for (family, rule, address, says) in [
        ("aws", "aws-access-key-id", github, "GitHub tells Amazon Web Services"),
        ("aws", "aws-access-key-id", github, "AWSCompromisedKeyQuarantine"),
        ("aws", "aws-access-key-id", gitlab, "GitLab tells Amazon Web Services"),
        ("aws", "aws-session-token", github, "GitHub tells no vendor"),
        ("aws", "aws-access-key-id", own, "The host tells no vendor"),
        ("github", "github-pat", github, "GitHub looks for its own"),
        ("github", "github-pat", gitlab, "GitLab tells no vendor"),
        ("gitlab", "gitlab-pat", gitlab, "GitLab looks for its own"),
        ("gitlab", "gitlab-pat", github, "GitHub tells no vendor"),
        ("heroku", "any", github, "GitHub tells no vendor"),
        ("telegram", "any", github, "says whether it still works"),
        ("postman", "any", gitlab, "GitLab tells Postman"),
    ] {
        let text = of(family, rule, address);
        assert!(text.contains(says), "{rule} at {address}: no '{says}' in\n{text}");
    }
    assert!(!of("aws", "aws-access-key-id", own).contains("Quarantine"), "nobody is told, nobody acts");
}

#[test]
fn the_name_of_a_variable_is_no_key_id() {
    let mut leak = leak("dotenv", "dotenv-secret");
    assert_eq!(leak.key_id(), Some("KEY7"));
    leak.facts = vec![("key".to_owned(), "DB_PASSWORD".to_owned())];
    assert_eq!(leak.key_id(), None);
}
