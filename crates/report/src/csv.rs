//! CSV (RFC 4180) for spreadsheets: a line a finding, accepted ones too, below a header that is always there.
//!
//! A cell that a spreadsheet would take for a formula begins with an apostrophe. Of an author the name is there, unless
//! it looks like a mail address. With [`Report::show_secrets`] there is a last column with the value.

use std::io::{self, Write};

use bstr::ByteSlice;
use csv::{Terminator, WriterBuilder};
use unleak_findings::Finding;

use crate::date;
use crate::harmless::harmless;
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::title;

const HEADER: [&str; 20] = [
    "rule_id",
    "description",
    "severity",
    "confidence",
    "proof",
    "verdict",
    "reason",
    "exposure",
    "medium",
    "path",
    "start_line",
    "start_column",
    "end_line",
    "end_column",
    "in_head",
    "commit_id",
    "date",
    "author",
    "redacted",
    "fingerprint",
];

/// Writes `report`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = Scrubber::new(report);
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    let secret = report.show_secrets.then_some("secret");
    table.write_record(HEADER.into_iter().chain(secret))?;
    for finding in &report.outcome.findings {
        let secret = report.show_secrets.then(|| finding.secret.expose().to_str_lossy().into_owned());
        table.write_record(record(finding, &scrubber).into_iter().chain(secret).map(cell))?;
    }
    table.flush()
}

fn record(finding: &Finding, scrubber: &Scrubber<'_>) -> [String; HEADER.len()] {
    let commit = finding.introduced();
    let author = commit.map(|commit| scrubber.shown_prose(&commit.author)).unwrap_or_default();
    let reason = finding.verdict.reason().unwrap_or_default();
    [
        harmless(finding.rule_id.as_bytes()),
        title(finding),
        finding.severity.to_string(),
        finding.confidence.to_string(),
        finding.proof.to_string(),
        finding.verdict.as_str().to_owned(),
        scrubber.shown_prose(reason.as_bytes()),
        finding.exposure.as_str().to_owned(),
        finding.medium.as_str().to_owned(),
        scrubber.shown_name(&finding.path),
        finding.place.start_line.to_string(),
        finding.place.start_column.to_string(),
        finding.place.end_line.to_string(),
        finding.place.end_column.to_string(),
        finding.reach.in_head.to_string(),
        commit.map(|commit| commit.id.to_string()).unwrap_or_default(),
        commit.and_then(|commit| date::instant(commit.authored)).unwrap_or_default(),
        if author.contains('@') { String::new() } else { author },
        harmless(finding.secret.redacted().as_bytes()),
        finding.fingerprint.to_string(),
    ]
}

/// A cell that no spreadsheet computes (OWASP, "CSV Injection").
fn cell(text: String) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text }
}
