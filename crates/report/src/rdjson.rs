//! rdjson, the format of reviewdog: new findings only.
//!
//! By line, without columns: rdjson counts them in bytes of the line. Neither secrets nor people are in it, whatever
//! [`Report::show_secrets`] says.

use std::io::{self, Write};

use bstr::ByteSlice;
use serde::{Serialize, Serializer};
use unleak_findings::Finding;
use unleak_rules::Severity;

use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::sentence;
use crate::urgency;

/// Writes `report`, with a line end behind it.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let source = Source { name: "unleak", url: env!("CARGO_PKG_REPOSITORY") };
    let diagnostics = Diagnostics { report, scrubber: &Scrubber::strict(report) };
    serde_json::to_writer_pretty(&mut *out, &Document { source, severity: "ERROR", diagnostics })?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    source: Source,
    severity: &'static str,
    diagnostics: Diagnostics<'a>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

struct Diagnostics<'a> {
    report: &'a Report<'a>,
    scrubber: &'a Scrubber<'a>,
}

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let one = |finding| Diagnostic::new(finding, self.scrubber);
        serializer.collect_seq(urgency::new(self.report).map(one))
    }
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code<'a>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u64,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
}

impl<'a> Diagnostic<'a> {
    fn new(finding: &'a Finding, scrubber: &Scrubber<'_>) -> Self {
        let (start, end) = (finding.place.start_line, finding.place.end_line);
        Self {
            message: sentence(finding),
            location: Location {
                path: scrubber.name(&finding.path).to_str_lossy().into_owned(),
                range: Range { start: Position { line: start }, end: Position { line: end } },
            },
            severity: match finding.severity {
                Severity::Critical | Severity::High => "ERROR",
                Severity::Medium => "WARNING",
                Severity::Low => "INFO",
            },
            code: Code { value: &finding.rule_id },
        }
    }
}
