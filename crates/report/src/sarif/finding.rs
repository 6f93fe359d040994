//! A finding as a SARIF result.

use serde::Serialize;
use unleak_findings::{Exposure, Finding, Medium, Verdict};
use unleak_rules::{Confidence, Proof, Severity};

use super::rule::level;
use super::text::Text;
use crate::harmless::harmless;
use crate::identity::{Identity, is_checked_out};
use crate::scrub::Scrubber;
use crate::sentence::{accepted, sentence};
use crate::uri;

/// A `result` object.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints<'a>,
    baseline_state: &'static str,
    suppressions: Vec<Suppression>,
    properties: Properties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// Lines and columns from 1; the end column is the one behind the last.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "primaryLocationLineHash", skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(rename = "unleak/v1")]
    secret: &'a str,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

/// What SARIF has no place for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    severity: Severity,
    confidence: Confidence,
    proof: Proof,
    exposure: Exposure,
    medium: Medium,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    introduced_by: Option<String>,
}

impl<'a> SarifResult<'a> {
    /// `rule_index` is where the rule stands among those of the run.
    pub(super) fn new(finding: &'a Finding, rule_index: Option<usize>, scrubber: &Scrubber<'_>) -> Self {
        let path = scrubber.name(&finding.path);
        let uri_base_id = uri::is_relative(&path).then_some("%SRCROOT%");
        let place = finding.place;
        let region = Region {
            start_line: place.start_line.max(1),
            start_column: place.start_column.max(1),
            end_line: place.end_line.max(1),
            end_column: place.end_column.max(1) + 1,
        };
        let line = (!is_checked_out(finding)).then(|| format!("{}:1", &Identity::of(finding).hex()[..16]));
        let artifact_location = ArtifactLocation { uri: uri::reference(&path), uri_base_id };
        Self {
            rule_id: &finding.rule_id,
            rule_index,
            level: level(finding.severity),
            message: Text::new(sentence(finding)),
            locations: [Location { physical_location: PhysicalLocation { artifact_location, region } }],
            partial_fingerprints: Fingerprints { line, secret: finding.fingerprint.as_str() },
            baseline_state: match finding.verdict {
                Verdict::Baselined(_) => "unchanged",
                Verdict::New | Verdict::Allowed(_) | Verdict::Fixture => "new",
            },
            suppressions: suppression(finding, scrubber).into_iter().collect(),
            properties: Properties {
                severity: finding.severity,
                confidence: finding.confidence,
                proof: finding.proof,
                exposure: finding.exposure,
                medium: finding.medium,
                verdict: finding.verdict.as_str(),
                introduced_by: finding.introduced().map(|commit| commit.id.to_string()),
            },
        }
    }
}

/// Why an accepted finding is one. New ones have an empty list, which says that they were looked at and stand.
fn suppression(finding: &Finding, scrubber: &Scrubber<'_>) -> Option<Suppression> {
    let kind = if matches!(finding.verdict, Verdict::Allowed(_)) { "inSource" } else { "external" };
    accepted(finding).map(|reason| Suppression {
        kind,
        status: "accepted",
        justification: harmless(&scrubber.prose(reason.as_bytes())),
    })
}
