//! The order in which findings have to be dealt with, for formats that cannot show them all.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use unleak_findings::Finding;

use crate::report::Report;

/// The new findings of `report`, in report order.
pub(crate) fn new<'a>(report: &Report<'a>) -> impl Iterator<Item = &'a Finding> + use<'a> {
    report.outcome.findings.iter().filter(|finding| finding.is_new())
}

/// The new findings of `report`: the most exposed first, then the most severe, then in report order.
pub(crate) fn by_urgency<'a>(report: &Report<'a>) -> Vec<&'a Finding> {
    let mut findings: Vec<_> = new(report).collect();
    findings.sort_by_key(|finding| (Reverse(finding.exposure), Reverse(finding.severity)));
    findings
}

/// Different secrets among `findings`.
pub(crate) fn secrets(findings: &[&Finding]) -> usize {
    findings.iter().map(|finding| &finding.fingerprint).collect::<BTreeSet<_>>().len()
}
