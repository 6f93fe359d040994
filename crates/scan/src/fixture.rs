//! Keys made for tests: findings of private keys that lie below test paths and nowhere else.
//!
//! Such a key is as real as any other, and it is public on purpose. It stays a finding, of low confidence and with a fact
//! that says why. Decided when all sources are joined, as one key can have many paths; a path outside, a message or a ref
//! with the same key, and it counts in full everywhere.

use std::collections::HashSet;

use unleak_findings::{Finding, Medium};
use unleak_rules::checks::Fact;
use unleak_rules::{Confidence, Proof, Rule, is_fixture_path};

use crate::scanner::Threshold;

/// Lowers the confidence of keys that are seen below test paths only, and drops those that then are below the threshold.
/// Gives the number of secrets dropped.
pub(crate) fn lower(findings: &mut Vec<Finding>, rules: &[Rule], threshold: Threshold) -> u64 {
    let of_keys: HashSet<&str> = rules
        .iter()
        .filter(|rule| rule.checks.iter().any(|check| check.kind.is_of_keys()))
        .map(|rule| rule.id.as_str())
        .collect();
    let is_key = |finding: &Finding| of_keys.contains(finding.rule_id.as_str());
    let outside: HashSet<String> = findings
        .iter()
        .filter(|finding| is_key(finding) && !is_fixture(finding))
        .flat_map(|finding| identities(finding).map(str::to_owned))
        .collect();
    let mut dropped = HashSet::new();
    findings.retain_mut(|finding| {
        let valid = finding.proof != Proof::Invalid;
        let inside = valid && is_key(finding) && is_fixture(finding);
        if !inside || identities(finding).any(|identity| outside.contains(identity)) {
            return true;
        }
        finding.confidence = Confidence::Low;
        finding.decoded.push(Fact::new("class", "fixture key"));
        let kept = threshold.confidence <= Confidence::Low;
        if !kept {
            dropped.insert(finding.fingerprint.clone());
        }
        kept
    });
    dropped.len() as u64
}

fn is_fixture(finding: &Finding) -> bool {
    finding.medium == Medium::File
        && is_fixture_path(&finding.path)
        && finding.appearances.iter().all(|appearance| is_fixture_path(&appearance.path))
}

/// What tells that two findings are of one key: the same text, or the same public half however it is written.
fn identities(finding: &Finding) -> impl Iterator<Item = &str> {
    let public = finding.decoded.iter().filter(|fact| fact.name == "fingerprint").map(|fact| &fact.value[..]);
    public.chain([finding.fingerprint.as_str()])
}
