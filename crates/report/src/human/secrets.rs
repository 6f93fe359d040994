//! Findings grouped by secret, in the order in which they have to be dealt with.

use std::collections::BTreeMap;

use unleak_findings::{Exposure, Finding};
use unleak_rules::Severity;

/// One secret and the places to show of it; never empty, the worst first.
pub(super) struct FoundSecret<'a> {
    pub(super) places: Vec<&'a Finding>,
}

impl<'a> FoundSecret<'a> {
    /// The finding that speaks for all.
    pub(super) fn worst(&self) -> &'a Finding {
        self.places[0]
    }

    /// How far any of its copies has travelled.
    pub(super) fn exposure(&self) -> Exposure {
        self.worst().exposure
    }

    /// How much it opens.
    pub(super) fn severity(&self) -> Severity {
        self.places.iter().map(|finding| finding.severity).max().unwrap_or(self.worst().severity)
    }

    /// Whether nobody has decided about one of its places.
    pub(super) fn is_new(&self) -> bool {
        self.worst().is_new()
    }
}

/// Groups those findings that `shown` picks: new before accepted, then the most exposed, then the most severe, then
/// by path.
pub(super) fn group(findings: &[Finding], shown: impl Fn(&Finding) -> bool) -> Vec<FoundSecret<'_>> {
    let mut by_fingerprint: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| shown(finding)) {
        by_fingerprint.entry(&finding.fingerprint).or_default().push(finding);
    }
    let mut secrets: Vec<_> = by_fingerprint.into_values().map(|places| FoundSecret { places }).collect();
    for secret in &mut secrets {
        secret.places.sort_by(|a, b| place_key(a).cmp(&place_key(b)));
    }
    secrets.sort_by(|a, b| secret_key(a).cmp(&secret_key(b)));
    secrets
}

fn place_key(finding: &Finding) -> impl Ord + '_ {
    use std::cmp::Reverse;
    let place = (&finding.path, finding.medium, finding.place, finding.ordinal);
    (Reverse(finding.is_new()), Reverse(finding.exposure), place, Reverse(finding.severity), &finding.rule_id)
}

fn secret_key<'a>(secret: &FoundSecret<'a>) -> impl Ord + use<'a> {
    use std::cmp::Reverse;
    let worst = secret.worst();
    let urgency = (Reverse(worst.is_new()), Reverse(worst.exposure), Reverse(secret.severity()));
    (urgency, &worst.path, worst.place, &worst.fingerprint)
}
