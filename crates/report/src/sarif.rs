//! SARIF 2.1.0 (OASIS, errata 01), as GitHub's code scanning takes it: one run, its rules, its results.
//!
//! Columns count code points and say so. A result has the fingerprint of its secret, which is the same wherever the
//! secret is. GitHub tells alerts apart by `primaryLocationLineHash` alone: its upload action computes that from the
//! file, and where no checked-out file has the finding, the identity of the place stands there.
//! Accepted findings are suppressed results. The secret is never in it, whatever [`Report::show_secrets`] says, nor
//! is who wrote it.

mod finding;
mod rule;
mod text;

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use unleak_findings::Finding;
use unleak_scan::{SkipReason, Skipped};

use crate::gaps;
use crate::report::Report;
use crate::scrub::Scrubber;
use finding::SarifResult;
use rule::Rules;
use text::Text;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// GitHub refuses a run with more results.
const MOST_RESULTS: usize = 25_000;

/// Writes `report`, with a line end behind it.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kept = kept(report);
    let left_out = report.outcome.findings.len() - kept.len();
    let rules = Rules::of(&kept, report);
    let scrubber = Scrubber::strict(report);
    let driver = Driver {
        name: "unleak",
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        semantic_version: report.tool_version,
        rules: &rules,
    };
    let run = Run {
        tool: Tool { driver },
        invocations: [Invocation::new(report, left_out)],
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BaseIds { root: Base { description: Text::new("What was scanned.") } },
        results: Results { kept: &kept, rules: &rules, scrubber: &scrubber },
    };
    serde_json::to_writer_pretty(&mut *out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })?;
    out.write_all(b"\n")
}

/// What fits: all findings, or new ones only.
fn kept<'a>(report: &Report<'a>) -> Vec<&'a Finding> {
    let findings = &report.outcome.findings;
    let all_fit = findings.len() <= MOST_RESULTS;
    findings.iter().filter(|finding| all_fit || finding.is_new()).take(MOST_RESULTS).collect()
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    original_uri_base_ids: BaseIds,
    results: Results<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    information_uri: &'static str,
    semantic_version: &'a str,
    rules: &'a Rules<'a>,
}

#[derive(Serialize)]
struct BaseIds {
    #[serde(rename = "%SRCROOT%")]
    root: Base,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

impl Invocation {
    fn new(report: &Report<'_>, left_out: usize) -> Self {
        let coverage = &report.outcome.coverage;
        let mut notifications: Vec<_> = coverage
            .skipped
            .iter()
            .map(|(&reason, skipped)| Notification::skipped(reason, skipped))
            .collect();
        if left_out > 0 {
            let text = format!("{left_out} findings are left out: GitHub takes {MOST_RESULTS}.");
            notifications.push(Notification::new("too-many-results", "error", text));
        }
        Self { execution_successful: coverage.is_complete(), tool_execution_notifications: notifications }
    }
}

/// What was not scanned, in numbers: names of files could hold anything.
#[derive(Serialize)]
struct Notification {
    descriptor: Descriptor,
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
struct Descriptor {
    id: &'static str,
}

impl Notification {
    fn new(id: &'static str, level: &'static str, text: String) -> Self {
        Self { descriptor: Descriptor { id }, level, message: Text::new(text) }
    }

    fn skipped(reason: SkipReason, skipped: &Skipped) -> Self {
        let words = gaps::words(reason, skipped.count);
        let text = gaps::remedy(reason).map_or_else(
            || format!("Not scanned: {words}."),
            |remedy| format!("Not scanned: {words}; {remedy}."),
        );
        Self::new(reason.as_str(), if reason.is_incomplete() { "error" } else { "note" }, text)
    }
}

struct Results<'a> {
    kept: &'a [&'a Finding],
    rules: &'a Rules<'a>,
    scrubber: &'a Scrubber<'a>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let results = self.kept.iter();
        serializer.collect_seq(
            results.map(|&finding| SarifResult::new(finding, self.rules.at(finding), self.scrubber)),
        )
    }
}
