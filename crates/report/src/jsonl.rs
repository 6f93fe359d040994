//! JSON Lines: one finding a line, then one line that sums up. For pipes that read as it is written.
//!
//! `$defs/finding_line` and `$defs/summary_line` of `schema/report.schema.json` describe the lines.

use std::io::{self, Write};

use serde::Serialize;

use crate::report::Report;
use crate::scrub::Scrubber;
use crate::shapes::{
    BaselineShape, CoverageShape, FindingShape, SCHEMA_VERSION, ScopeShape, StatsShape, Tool,
};

/// Writes `report`. A text that does not end in a line of type `summary` was cut off.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = &Scrubber::new(report);
    for finding in &report.outcome.findings {
        line("finding", FindingShape::new(finding, report.show_secrets, scrubber), out)?;
    }
    let summary = Summary {
        schema_version: SCHEMA_VERSION,
        tool: Tool::new(report),
        scope: ScopeShape::new(&report.scope, scrubber),
        coverage: CoverageShape::new(&report.outcome.coverage, scrubber),
        stats: StatsShape::new(&report.outcome.stats),
        baseline: BaselineShape::new(&report.stale, scrubber),
    };
    line("summary", summary, out)
}

/// A line and its type.
#[derive(Serialize)]
struct Line<T> {
    r#type: &'static str,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct Summary<'a> {
    schema_version: &'static str,
    tool: Tool<'a>,
    scope: ScopeShape,
    coverage: CoverageShape<'a>,
    stats: StatsShape,
    baseline: BaselineShape<'a>,
}

fn line(r#type: &'static str, content: impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Line { r#type, content })?;
    out.write_all(b"\n")
}
