//! The objects of the machine-readable formats, as `schema/report.schema.json` describes them.
//!
//! Made one finding at a time, so that a report of any size is written in little memory. Every key is always there
//! (`null` when nothing is known) but for `secret`, `secret_base64` and `path_base64`.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bstr::{BString, ByteSlice};
use serde::Serialize;
use unleak_findings::{Appearance, Commit, Exposure, Finding, Medium, ObjectId, Place, Reach};
use unleak_rules::{Confidence, Proof, Severity, Span};
use unleak_scan::{Coverage, Scanned, SkipReason, Skipped, Stats};

use crate::date;
use crate::report::{Report, StaleEntry};
use crate::scope::Scope;
use crate::scrub::Scrubber;

/// Version of these shapes. A new key raises nothing; a key that goes away or changes its meaning does.
pub(crate) const SCHEMA_VERSION: &str = "1";

#[derive(Serialize)]
pub(crate) struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

impl<'a> Tool<'a> {
    pub(crate) fn new(report: &Report<'a>) -> Self {
        Self { name: "unleak", version: report.tool_version }
    }
}

#[derive(Serialize)]
pub(crate) struct FindingShape<'a> {
    rule_id: &'a str,
    description: &'a str,
    family: &'a str,
    fingerprint: &'a str,
    severity: Severity,
    confidence: Confidence,
    proof: Proof,
    redacted: String,
    #[serde(flatten)]
    secret: SecretShape,
    location: Location,
    medium: Medium,
    span: SpanShape,
    blob_id: Option<String>,
    #[serde(flatten)]
    introduced: CommitShape,
    appearances: Vec<AppearanceShape>,
    reach: ReachShape,
    exposure: Exposure,
    verdict: &'static str,
    reason: Option<String>,
    allow_comment: Option<String>,
    decoded: BTreeMap<String, String>,
}

impl<'a> FindingShape<'a> {
    pub(crate) fn new(finding: &'a Finding, show_secrets: bool, scrubber: &Scrubber<'_>) -> Self {
        let prose = |text: &str| lossy(&scrubber.prose(text.as_bytes()));
        let appearance = |appearance| AppearanceShape::new(appearance, scrubber);
        Self {
            rule_id: &finding.rule_id,
            description: &finding.description,
            family: &finding.family,
            fingerprint: finding.fingerprint.as_str(),
            severity: finding.severity,
            confidence: finding.confidence,
            proof: finding.proof,
            redacted: finding.secret.redacted(),
            secret: SecretShape::new(show_secrets.then(|| finding.secret.expose())),
            location: Location { path: PathShape::new(&finding.path, scrubber), place: finding.place },
            medium: finding.medium,
            span: SpanShape::new(finding.span),
            blob_id: finding.blob.as_ref().map(ObjectId::to_string),
            introduced: CommitShape::new(finding.introduced(), scrubber),
            appearances: finding.appearances.iter().map(appearance).collect(),
            reach: ReachShape::new(&finding.reach, scrubber),
            exposure: finding.exposure,
            verdict: finding.verdict.as_str(),
            reason: finding.verdict.reason().map(prose),
            allow_comment: finding.allow_comment.as_deref().map(prose),
            decoded: decoded(finding, scrubber),
        }
    }
}

/// Facts by name; what several facts of one name say is joined.
fn decoded(finding: &Finding, scrubber: &Scrubber<'_>) -> BTreeMap<String, String> {
    let prose = |text: &str| lossy(&scrubber.prose(text.as_bytes()));
    let mut decoded: BTreeMap<String, String> = BTreeMap::new();
    for fact in &finding.decoded {
        let value = prose(&fact.value);
        decoded
            .entry(prose(&fact.name))
            .and_modify(|values| values.extend([", ", &value]))
            .or_insert_with(|| value.clone());
    }
    decoded
}

#[derive(Serialize)]
struct SecretShape {
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_base64: Option<String>,
}

impl SecretShape {
    fn new(value: Option<&[u8]>) -> Self {
        Self { secret: value.map(lossy), secret_base64: value.and_then(base64_unless_text) }
    }
}

#[derive(Serialize)]
struct PathShape {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<String>,
}

impl PathShape {
    fn new(path: &BString, scrubber: &Scrubber<'_>) -> Self {
        let path = scrubber.name(path);
        Self { path: lossy(&path), path_base64: base64_unless_text(&path) }
    }
}

#[derive(Serialize)]
struct Location {
    #[serde(flatten)]
    path: PathShape,
    #[serde(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct SpanShape {
    start: usize,
    end: usize,
}

impl SpanShape {
    fn new(span: Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

#[derive(Serialize)]
struct CommitShape {
    commit_id: Option<String>,
    author: Option<String>,
    date: Option<String>,
    subject: Option<String>,
}

impl CommitShape {
    fn new(commit: Option<&Commit>, scrubber: &Scrubber<'_>) -> Self {
        Self {
            commit_id: commit.map(|commit| commit.id.to_string()),
            author: commit.map(|commit| lossy(&scrubber.prose(&commit.author))),
            date: commit.and_then(|commit| date::instant(commit.authored)),
            subject: commit.map(|commit| lossy(&scrubber.prose(&commit.subject))),
        }
    }
}

#[derive(Serialize)]
struct AppearanceShape {
    exposure: Exposure,
    #[serde(flatten)]
    path: PathShape,
    blob_id: Option<String>,
    #[serde(flatten)]
    commit: CommitShape,
}

impl AppearanceShape {
    fn new(appearance: &Appearance, scrubber: &Scrubber<'_>) -> Self {
        Self {
            exposure: appearance.exposure,
            path: PathShape::new(&appearance.path, scrubber),
            blob_id: appearance.blob.as_ref().map(ObjectId::to_string),
            commit: CommitShape::new(appearance.commit.as_ref(), scrubber),
        }
    }
}

#[derive(Serialize)]
struct ReachShape {
    in_head: bool,
    branches: Vec<String>,
    tags: Vec<String>,
    remotes: Vec<String>,
    others: Vec<String>,
    unnamed: u64,
    reflog: bool,
}

impl ReachShape {
    fn new(reach: &Reach, scrubber: &Scrubber<'_>) -> Self {
        let names = |refs: &[BString]| refs.iter().map(|name| lossy(&scrubber.name(name))).collect();
        Self {
            in_head: reach.in_head,
            branches: names(&reach.branches),
            tags: names(&reach.tags),
            remotes: names(&reach.remotes),
            others: names(&reach.others),
            unnamed: reach.unnamed,
            reflog: reach.reflog,
        }
    }
}

/// What was not restricted is `null`.
#[derive(Serialize)]
pub(crate) struct ScopeShape {
    branches: Option<Vec<String>>,
    since: Option<String>,
    paths: Option<Vec<String>>,
}

impl ScopeShape {
    pub(crate) fn new(scope: &Scope, scrubber: &Scrubber<'_>) -> Self {
        let names = |names: &[String]| {
            let shown = |name: &String| lossy(&scrubber.name(name.as_bytes()));
            (!names.is_empty()).then(|| names.iter().map(shown).collect())
        };
        let since = scope.since.map(date::or_seconds);
        Self { branches: names(&scope.branches), since, paths: names(&scope.paths) }
    }
}

#[derive(Serialize)]
pub(crate) struct CoverageShape<'a> {
    complete: bool,
    interrupted: bool,
    scanned: Vec<ScannedShape<'a>>,
    skipped: Vec<SkippedShape>,
}

impl<'a> CoverageShape<'a> {
    pub(crate) fn new(coverage: &'a Coverage, scrubber: &Scrubber<'_>) -> Self {
        let skipped =
            |(&reason, skipped): (&SkipReason, &Skipped)| SkippedShape::new(reason, skipped, scrubber);
        Self {
            complete: coverage.is_complete(),
            interrupted: coverage.is_interrupted(),
            scanned: coverage.scanned.iter().map(|scanned| ScannedShape::new(scanned, scrubber)).collect(),
            skipped: coverage.skipped.iter().map(skipped).collect(),
        }
    }
}

#[derive(Serialize)]
struct ScannedShape<'a> {
    source: String,
    counts: BTreeMap<&'a str, u64>,
}

impl<'a> ScannedShape<'a> {
    fn new(scanned: &'a Scanned, scrubber: &Scrubber<'_>) -> Self {
        let mut counts = BTreeMap::new();
        for &(what, count) in &scanned.counts {
            *counts.entry(what).or_default() += count;
        }
        Self { source: lossy(&scrubber.name(scanned.source.as_bytes())), counts }
    }
}

#[derive(Serialize)]
struct SkippedShape {
    reason: &'static str,
    count: u64,
    incomplete: bool,
    examples: Vec<ExampleShape>,
}

#[derive(Serialize)]
struct ExampleShape {
    what: String,
    why: String,
}

impl SkippedShape {
    fn new(reason: SkipReason, skipped: &Skipped, scrubber: &Scrubber<'_>) -> Self {
        let example = |(what, why): &(String, String)| ExampleShape {
            what: lossy(&scrubber.name(what.as_bytes())),
            why: lossy(&scrubber.prose(why.as_bytes())),
        };
        let examples = skipped.examples.iter().map(example).collect();
        Self { reason: reason.as_str(), count: skipped.count, incomplete: reason.is_incomplete(), examples }
    }
}

#[derive(Serialize)]
pub(crate) struct StatsShape {
    objects: u64,
    bytes: u64,
    hidden: u64,
    unchanged: u64,
    rules: u64,
    threads: u64,
    elapsed_ms: u64,
}

impl StatsShape {
    pub(crate) fn new(stats: &Stats) -> Self {
        let Stats { objects, bytes, hidden, unchanged, rules, threads, elapsed } = *stats;
        let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        Self { objects, bytes, hidden, unchanged, rules, threads, elapsed_ms }
    }
}

#[derive(Serialize)]
pub(crate) struct BaselineShape<'a> {
    stale: Vec<StaleShape<'a>>,
}

#[derive(Serialize)]
struct StaleShape<'a> {
    fingerprint: &'a str,
    rule_id: &'a str,
    reason: String,
}

impl<'a> BaselineShape<'a> {
    pub(crate) fn new(stale: &'a [StaleEntry], scrubber: &Scrubber<'_>) -> Self {
        let entry = |entry: &'a StaleEntry| StaleShape {
            fingerprint: entry.fingerprint.as_str(),
            rule_id: &entry.rule_id,
            reason: lossy(&scrubber.prose(entry.reason.as_bytes())),
        };
        Self { stale: stale.iter().map(entry).collect() }
    }
}

fn lossy(bytes: &[u8]) -> String {
    bytes.to_str_lossy().into_owned()
}

fn base64_unless_text(bytes: &[u8]) -> Option<String> {
    bytes.to_str().is_err().then(|| STANDARD.encode(bytes))
}
