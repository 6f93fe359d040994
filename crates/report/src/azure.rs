//! Issues of Azure Pipelines: one logging command a line, for a job's log.
//!
//! Source: learn.microsoft.com, "Logging commands". All that a stranger wrote is made harmless and then escaped as the
//! agent unescapes it; no text can end its line or its property. The secret is never in it, whatever
//! [`Report::show_secrets`] says.

use std::io::{self, Write};

use unleak_findings::{Finding, Medium};

use crate::gaps;
use crate::harmless::harmless;
use crate::identity::is_checked_out;
use crate::quantity::counted;
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::{sentence, title};
use crate::urgency::by_urgency;

/// Issues that are written; a page with more helps nobody.
const SHOWN: usize = 50;

/// Writes `report`: nothing at all when it is complete and holds nothing new. Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = Scrubber::strict(report);
    let findings = by_urgency(report);
    let fit = if findings.len() <= SHOWN { findings.len() } else { SHOWN - 1 };
    for finding in &findings[..fit] {
        writeln!(out, "{}", issue(finding, &scrubber))?;
    }
    if fit < findings.len() {
        let more = counted((findings.len() - fit) as u64, "findings");
        writeln!(out, "##vso[task.logissue type=error]and {more} more: the report lists all of them")?;
    }
    let coverage = &report.outcome.coverage;
    if !coverage.is_complete() {
        let gaps = coverage.skipped.iter().filter(|(reason, _)| reason.is_incomplete());
        let gaps: Vec<String> = gaps.map(|(&reason, skipped)| gaps::words(reason, skipped.count)).collect();
        writeln!(out, "##vso[task.logissue type=warning]not scanned: {}", data(&gaps.join("; ")))?;
    }
    Ok(())
}

fn issue(finding: &Finding, scrubber: &Scrubber<'_>) -> String {
    let path = scrubber.shown_name(&finding.path);
    let rule = harmless(finding.rule_id.as_bytes());
    let text = format!("{}: {} {rule}, {}", title(finding), sentence(finding), finding.fingerprint);
    let code = property(&rule);
    if finding.medium != Medium::File || !is_checked_out(finding) {
        let place = if finding.medium == Medium::RefName {
            format!("the ref {path}")
        } else {
            format!("{path}:{}", finding.place.start_line)
        };
        return format!("##vso[task.logissue type=error;code={code}]{}", data(&format!("{place}: {text}")));
    }
    let (line, column) = (finding.place.start_line, finding.place.start_column);
    let (path, text) = (property(&path), data(&text));
    format!(
        "##vso[task.logissue type=error;sourcepath={path};linenumber={line};columnnumber={column};code={code}]{text}"
    )
}

/// A message as the agent reads it back (microsoft/azure-pipelines-agent, `CommandStringConvertor`).
fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A").replace("##", "# #")
}

/// A property, likewise.
fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}
