//! JSON: the whole report as one object, indented. `schema/report.schema.json` describes it.
//!
//! Findings are written as they come; only one at a time is in memory in this form.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::report::Report;
use crate::scrub::Scrubber;
use crate::shapes::{
    BaselineShape, CoverageShape, FindingShape, SCHEMA_VERSION, ScopeShape, StatsShape, Tool,
};

/// Writes `report`, with a line end behind it.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document { report, scrubber: &Scrubber::new(report) };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    out.write_all(b"\n")
}

struct Document<'a> {
    report: &'a Report<'a>,
    scrubber: &'a Scrubber<'a>,
}

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { report, scrubber } = self;
        let mut object = serializer.serialize_struct("Report", 7)?;
        object.serialize_field("schema_version", SCHEMA_VERSION)?;
        object.serialize_field("tool", &Tool::new(report))?;
        object.serialize_field("scope", &ScopeShape::new(&report.scope, scrubber))?;
        object.serialize_field("findings", &Findings(self))?;
        object.serialize_field("coverage", &CoverageShape::new(&report.outcome.coverage, scrubber))?;
        object.serialize_field("stats", &StatsShape::new(&report.outcome.stats))?;
        object.serialize_field("baseline", &BaselineShape::new(&report.stale, scrubber))?;
        object.end()
    }
}

struct Findings<'a>(&'a Document<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Document { report, scrubber } = self.0;
        let findings = report.outcome.findings.iter();
        serializer
            .collect_seq(findings.map(|finding| FindingShape::new(finding, report.show_secrets, scrubber)))
    }
}
