//! A generic rule's finding is no news where a rule that knows more has found the same on the same line.
//!
//! Only for rule sets with rules over whole texts, which are not resolved where they are found: allowlists for paths and
//! commits come first. The meaning is that of gitleaks.

use std::collections::HashMap;

use bstr::BString;
use unleak_findings::{Finding, Medium, ObjectId};
use unleak_rules::rule::{Signature, Specificity};
use unleak_rules::{Detector, Rule};

type Line = (BString, Medium, Option<ObjectId>, u64);

fn line(finding: &Finding) -> Line {
    (finding.path.clone(), finding.medium, finding.blob, finding.match_place.start_line)
}

/// Drops the findings of generic rules whose secret is part of another rule's, found on the same line.
pub(crate) fn drop_generic(findings: &mut Vec<Finding>, detector: &Detector) {
    let rules = detector.rules();
    if !rules.iter().any(|rule| matches!(rule.signature, Signature::Text(_))) {
        return;
    }
    let is_generic = |finding: &Finding| {
        let rule = rules.binary_search_by(|rule: &Rule| rule.id.cmp(&finding.rule_id));
        rule.is_ok_and(|at| rules[at].specificity == Specificity::Generic)
    };
    let mut known: HashMap<Line, Vec<unleak_findings::Secret>> = HashMap::new();
    for finding in findings.iter().filter(|finding| !is_generic(finding)) {
        known.entry(line(finding)).or_default().push(finding.secret.clone());
    }
    findings.retain(|finding| {
        let better = is_generic(finding).then(|| known.get(&line(finding))).flatten();
        !better.is_some_and(|better| better.iter().any(|secret| secret.contains(&finding.secret)))
    });
}
