//! Code Quality of GitLab, a subset of what Code Climate engines write: an array of issues, new findings only.
//!
//! The fingerprint is the identity of the place. Neither secrets nor people are in it, whatever
//! [`Report::show_secrets`] says.

use std::io::{self, Write};

use bstr::ByteSlice;
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer as _};
use serde_json::Serializer;
use serde_json::ser::PrettyFormatter;
use unleak_findings::Finding;
use unleak_rules::Severity;

use crate::identity::Identity;
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
    let scrubber = Scrubber::strict(report);
    let mut serializer = Serializer::with_formatter(&mut *out, PrettyFormatter::new());
    let mut array = (&mut serializer).serialize_seq(None)?;
    for finding in urgency::new(report) {
        array.serialize_element(&Issue::new(finding, &scrubber))?;
    }
    array.end()?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Issue<'a> {
    r#type: &'static str,
    check_name: &'a str,
    description: String,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
    end: u64,
}

impl<'a> Issue<'a> {
    fn new(finding: &'a Finding, scrubber: &Scrubber<'_>) -> Self {
        let lines = Lines { begin: finding.place.start_line, end: finding.place.end_line };
        let path = scrubber.name(&finding.path).to_str_lossy().into_owned();
        Self {
            r#type: "issue",
            check_name: &finding.rule_id,
            description: sentence(finding),
            categories: ["Security"],
            severity: match finding.severity {
                Severity::Critical => "blocker",
                Severity::High => "critical",
                Severity::Medium => "major",
                Severity::Low => "minor",
            },
            fingerprint: Identity::of(finding).hex(),
            location: Location { path, lines },
        }
    }
}
