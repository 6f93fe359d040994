//! Secrets made for tests: keys, and values that no vendor's format tells, that lie below test paths and nowhere else.
//!
//! Such a key is as real as any other, and it is public on purpose; such a value was made up. It stays a finding, told
//! apart. Decided when all sources are joined, as one secret can have many paths; a path outside, a message or a ref with
//! the same secret, and it counts in full everywhere. A vendor's token is never one: it opens what it opens.

use std::collections::HashSet;

use unleak_findings::{Finding, Medium};
use unleak_rules::checks::Fact;
use unleak_rules::rule::{Signature, Specificity};
use unleak_rules::{Proof, Rule, is_fixture_path};

/// What the report calls it.
const CLASS: &str = "class";

/// Marks the findings whose every copy lies below test paths.
pub(crate) fn mark(findings: &mut [Finding], rules: &[Rule]) {
    let by_id = |of: &dyn Fn(&Rule) -> bool| -> HashSet<&str> {
        rules.iter().filter(|rule| of(rule)).map(|rule| rule.id.as_str()).collect()
    };
    let of_keys = by_id(&|rule| rule.checks.iter().any(|check| check.kind.is_of_keys()));
    let of_no_vendor = by_id(&|rule| {
        // Imported rules count as their own scanner counts them.
        let imported = matches!(rule.signature, Signature::Text(_) | Signature::Path);
        rule.specificity < Specificity::Vendor && !imported
    });
    let concerned = |finding: &Finding| {
        let id = finding.rule_id.as_str();
        finding.proof != Proof::Invalid && (of_keys.contains(id) || of_no_vendor.contains(id))
    };
    let outside: HashSet<String> = findings
        .iter()
        .filter(|finding| concerned(finding) && !is_fixture(finding))
        .flat_map(|finding| identities(finding).map(str::to_owned))
        .collect();
    for finding in findings {
        let inside = concerned(finding) && is_fixture(finding);
        if inside && !identities(finding).any(|identity| outside.contains(identity)) {
            let class = if of_keys.contains(finding.rule_id.as_str()) { "fixture key" } else { "fixture" };
            finding.is_fixture = true;
            finding.decoded.push(Fact::new(CLASS, class));
        }
    }
}

fn is_fixture(finding: &Finding) -> bool {
    finding.medium == Medium::File
        && is_fixture_path(&finding.path)
        && finding.appearances.iter().all(|appearance| is_fixture_path(&appearance.path))
}

/// What tells that two findings are of one secret: the same text, or the same public half however it is written.
fn identities(finding: &Finding) -> impl Iterator<Item = &str> {
    let public = finding.decoded.iter().filter(|fact| fact.name == "fingerprint").map(|fact| &fact.value[..]);
    public.chain([finding.fingerprint.as_str()])
}
