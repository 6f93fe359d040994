//! GitLab's secret detection report, version 15.0.7: new findings only.
//!
//! GitLab refuses a report whose version it does not know, and takes an older one; what we say is the same in all.
//! What is checked out is reported against the commit scanned (`0000000`, as GitLab's own analyzer writes it), the
//! rest against the commit that introduced it, with path and line there. Nobody's name or mail address is in it. The
//! secret is there only when [`Report::show_secrets`] says so, for GitLab's own revocation.

use std::io::{self, Write};

use bstr::ByteSlice;
use serde::{Serialize, Serializer};
use unleak_findings::Finding;
use unleak_rules::Severity;

use crate::date;
use crate::gaps;
use crate::harmless::harmless;
use crate::identity::{Identity, is_checked_out};
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::{sentence, title};
use crate::urgency;

const VERSION: &str = "15.0.7";
const SCHEMA: &str = "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v15.0.7/dist/secret-detection-report-format.json";
/// Stands for the commit that was scanned.
const CURRENT: &str = "0000000";
/// Characters of a name, and of a solution.
const LONGEST: (usize, usize) = (255, 7000);

/// Writes `report`, with a line end behind it.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let vulnerabilities = Vulnerabilities { report, scrubber: &Scrubber::new(report) };
    let document = Document { version: VERSION, schema: SCHEMA, scan: Scan::new(report), vulnerabilities };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    schema: &'static str,
    scan: Scan<'a>,
    vulnerabilities: Vulnerabilities<'a>,
}

#[derive(Serialize)]
struct Scan<'a> {
    analyzer: Tool<'a>,
    scanner: Tool<'a>,
    r#type: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

impl<'a> Scan<'a> {
    fn new(report: &Report<'a>) -> Self {
        let coverage = &report.outcome.coverage;
        let elapsed = i64::try_from(report.outcome.stats.elapsed.as_secs()).unwrap_or(i64::MAX);
        let message = |(&reason, skipped): (&_, &unleak_scan::Skipped)| Message::new(reason, skipped.count);
        Self {
            analyzer: Tool::new(report.tool_version),
            scanner: Tool::new(report.tool_version),
            r#type: "secret_detection",
            start_time: time(report.started),
            end_time: time(report.started.saturating_add(elapsed)),
            status: if coverage.is_complete() { "success" } else { "failure" },
            messages: coverage.skipped.iter().map(message).collect(),
        }
    }
}

/// UTC without a zone.
fn time(seconds: i64) -> String {
    date::instant(seconds)
        .map_or_else(|| "1970-01-01T00:00:00".to_owned(), |time| time.trim_end_matches('Z').to_owned())
}

#[derive(Serialize)]
struct Tool<'a> {
    id: &'static str,
    name: &'static str,
    url: &'static str,
    vendor: Vendor,
    version: &'a str,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

impl<'a> Tool<'a> {
    fn new(version: &'a str) -> Self {
        let url = env!("CARGO_PKG_REPOSITORY");
        Self { id: "unleak", name: "unleak", url, vendor: Vendor { name: "unleak" }, version }
    }
}

/// What was not scanned, in numbers.
#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

impl Message {
    fn new(reason: unleak_scan::SkipReason, count: u64) -> Self {
        let level = if reason.is_incomplete() { "warn" } else { "info" };
        Self { level, value: format!("not scanned: {}", gaps::words(reason, count)) }
    }
}

struct Vulnerabilities<'a> {
    report: &'a Report<'a>,
    scrubber: &'a Scrubber<'a>,
}

impl Serialize for Vulnerabilities<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let one = |finding| Vulnerability::new(finding, self.report, self.scrubber);
        serializer.collect_seq(urgency::new(self.report).map(one))
    }
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    solution: String,
    location: Location,
    identifiers: [Identifier<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_source_code_extract: Option<String>,
}

/// The first identifier of a rule's findings is always the same.
#[derive(Serialize)]
struct Identifier<'a> {
    r#type: &'static str,
    name: String,
    value: &'a str,
}

#[derive(Serialize)]
struct Location {
    file: String,
    start_line: u64,
    end_line: u64,
    commit: Commit,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

impl<'a> Vulnerability<'a> {
    fn new(finding: &'a Finding, report: &Report<'_>, scrubber: &Scrubber<'_>) -> Self {
        let revoke = report.providers.get(&finding.family).and_then(|provider| provider.revoke.as_ref());
        let revoke = revoke.map(|place| format!(" ({})", harmless(place.as_bytes()))).unwrap_or_default();
        let solution =
            format!("Revoke it{revoke}, then take it out of the file and, if it matters, out of history.");
        let secret = report.show_secrets.then(|| finding.secret.expose().to_str_lossy().into_owned());
        Self {
            id: Identity::of(finding).uuid(),
            name: cut(&title(finding), LONGEST.0),
            description: sentence(finding),
            severity: severity(finding.severity),
            solution: cut(&solution, LONGEST.1),
            location: Location::new(finding, scrubber),
            identifiers: [Identifier {
                r#type: "unleak_rule_id",
                name: format!("unleak rule {}", harmless(finding.rule_id.as_bytes())),
                value: &finding.rule_id,
            }],
            raw_source_code_extract: secret,
        }
    }
}

impl Location {
    fn new(finding: &Finding, scrubber: &Scrubber<'_>) -> Self {
        let place = finding.place;
        let file = |path: &[u8]| scrubber.name(path).to_str_lossy().into_owned();
        let first = finding.first_appearance().filter(|_| !is_checked_out(finding));
        let Some((first, commit)) =
            first.and_then(|first| first.commit.as_ref().map(|commit| (first, commit)))
        else {
            let commit = Commit { sha: CURRENT.to_owned(), date: None };
            let (start_line, end_line) = (place.start_line, place.end_line);
            return Self { file: file(&finding.path), start_line, end_line, commit };
        };
        Self {
            file: file(&first.path),
            start_line: first.line,
            end_line: first.line + (place.end_line - place.start_line),
            commit: Commit { sha: commit.id.to_string(), date: date::instant(commit.authored) },
        }
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
