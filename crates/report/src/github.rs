//! Annotations of GitHub Actions: one workflow command a line, for a job's log.
//!
//! GitHub shows ten errors of a step and drops the rest without a word, so the tenth says how many more there are. All
//! that a stranger wrote is made harmless and then escaped as the runner unescapes it; no text can end its line or its
//! property. The secret is never in it, whatever [`Report::show_secrets`] says.

use std::io::{self, Write};

use unleak_findings::{Finding, Medium};

use crate::extent;
use crate::gaps;
use crate::harmless::harmless;
use crate::identity::is_checked_out;
use crate::quantity::counted;
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::{sentence, title};
use crate::urgency::by_urgency;

/// Errors GitHub shows of a step.
const SHOWN: usize = 10;

/// Writes `report`: nothing at all when it is complete, holds nothing new, and is about the whole.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = Scrubber::strict(report);
    let findings = by_urgency(report);
    let fit = if findings.len() <= SHOWN { findings.len() } else { SHOWN - 1 };
    for finding in &findings[..fit] {
        writeln!(out, "{}", annotation(finding, &scrubber))?;
    }
    if fit < findings.len() {
        let more = counted((findings.len() - fit) as u64, "findings");
        writeln!(out, "::error title=unleak::and {more} more: the report lists all of them")?;
    }
    if let Some(part) = extent::words(&report.scope, &scrubber) {
        writeln!(out, "::notice title=unleak scanned only a part::only {}", data(&part))?;
    }
    let coverage = &report.outcome.coverage;
    if !coverage.is_complete() {
        let gaps = coverage.skipped.iter().filter(|(reason, _)| reason.is_incomplete());
        let gaps: Vec<String> = gaps.map(|(&reason, skipped)| gaps::words(reason, skipped.count)).collect();
        let gaps = data(&gaps.join("; "));
        writeln!(out, "::warning title=unleak could not scan everything::not scanned: {gaps}")?;
    }
    Ok(())
}

fn annotation(finding: &Finding, scrubber: &Scrubber<'_>) -> String {
    let path = scrubber.shown_name(&finding.path);
    let title = property(&title(finding));
    let rule = harmless(finding.rule_id.as_bytes());
    let identity = format!("{rule}, {}", finding.fingerprint);
    if finding.medium != Medium::File || !is_checked_out(finding) {
        let place = if finding.medium == Medium::RefName {
            format!("the ref {path}")
        } else {
            format!("{path}:{}", finding.place.start_line)
        };
        let text = data(&format!("{place}: {} {identity}", sentence(finding)));
        return format!("::error title={title}::{text}");
    }
    let place = finding.place;
    let column = if place.start_line == place.end_line {
        // GitHub takes columns only of an annotation of one line.
        format!(",col={},endColumn={}", place.start_column, place.end_column)
    } else {
        String::new()
    };
    let (file, line, end) = (property(&path), place.start_line, place.end_line);
    let text = data(&format!("{} {identity}", sentence(finding)));
    format!("::error file={file},line={line},endLine={end}{column},title={title}::{text}")
}

/// A message as the runner reads it back (actions/toolkit, `core`, `escapeData`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, likewise (`escapeProperty`).
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
