//! Markdown for a comment on a pull request or the summary of a job: a table of the new findings.
//!
//! As many rows as fit into a comment; the last line says how many do not. Names from the repository stand in code
//! spans, so that nothing in them mentions, links or formats. Neither secrets nor people are in it, whatever
//! [`Report::show_secrets`] says.

use std::io::{self, Write};

use unleak_findings::{Finding, Medium};

use crate::date;
use crate::extent;
use crate::gaps;
use crate::gfm::{code, prose};
use crate::quantity::counted;
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence::{exposure, short_id};
use crate::urgency::{by_urgency, secrets};

/// Bytes of the table; GitHub's comments hold 65,536 characters, GitLab's and a job's summary more.
const ROOM: usize = 60_000;
/// Characters shown of a path, a description, a rule's id.
const LONGEST: usize = 300;

/// Writes `report`.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = Scrubber::strict(report);
    let findings = by_urgency(report);
    writeln!(out, "### unleak: {}\n", headline(&findings, report))?;
    if let Some(part) = extent::words(&report.scope, &scrubber) {
        writeln!(out, "**Only a part was scanned:** {}\n", prose(part.as_bytes()))?;
    }
    if !findings.is_empty() {
        table(&findings, &scrubber, out)?;
        writeln!(
            out,
            "\nRevoke them first, where they were issued: taking a secret out of a file does not take it back. \
             `unleak rules show RULE` says where.\n"
        )?;
    }
    closing(report, out)
}

fn headline(findings: &[&Finding], report: &Report<'_>) -> String {
    let gaps = if report.outcome.coverage.is_complete() { "" } else { " in what could be read" };
    match findings.len() {
        0 if report.outcome.coverage.scanned.is_empty() => "nothing was scanned".to_owned(),
        0 => format!("no new secrets{gaps}"),
        places => {
            let secrets = counted(secrets(findings) as u64, "secrets");
            format!("{secrets} in {}{gaps}", counted(places as u64, "places"))
        }
    }
}

fn table(findings: &[&Finding], scrubber: &Scrubber<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| severity | secret | where | how far | rule |\n|---|---|---|---|---|")?;
    let mut room = ROOM;
    for (at, finding) in findings.iter().enumerate() {
        let row = row(finding, scrubber);
        if row.len() > room {
            let left = counted((findings.len() - at) as u64, "places");
            return writeln!(out, "\n**{left} more** do not fit here; `--format json` lists all.");
        }
        room -= row.len();
        writeln!(out, "{row}")?;
    }
    Ok(())
}

fn row(finding: &Finding, scrubber: &Scrubber<'_>) -> String {
    let first = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let rule = first(&finding.rule_id);
    let said = if finding.description.is_empty() { rule.clone() } else { first(&finding.description) };
    let what = format!("{} {}", prose(said.as_bytes()), code(finding.secret.redacted().as_bytes()));
    let path = shortened(&scrubber.shown_name(&finding.path));
    let place = match finding.medium {
        Medium::RefName => format!("the ref {}", code(path.as_bytes())),
        _ => code(format!("{path}:{}", finding.place.start_line).as_bytes()),
    };
    let mut how_far = exposure(finding).to_owned();
    if let Some(commit) = finding.introduced() {
        let day = date::day(commit.authored).map(|day| format!(", {day}")).unwrap_or_default();
        how_far = format!("{how_far} since `{}`{day}", short_id(commit));
    }
    format!("| {} | {what} | {place} | {how_far} | {} |", finding.severity, code(rule.as_bytes()))
}

/// The end of a long path, which says more than its beginning.
fn shortened(path: &str) -> String {
    match path.char_indices().rev().nth(LONGEST - 1) {
        Some((at, _)) if at > 0 => format!("…{}", &path[at..]),
        _ => path.to_owned(),
    }
}

fn closing(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let outcome = report.outcome;
    let accepted = outcome.findings.iter().filter(|finding| !finding.is_new()).count();
    if accepted > 0 {
        writeln!(out, "- accepted or below test paths: {}", counted(accepted as u64, "places"))?;
    }
    for (&reason, skipped) in outcome.coverage.skipped.iter().filter(|(reason, _)| reason.is_incomplete()) {
        let remedy = gaps::remedy(reason).map(|remedy| format!(" ({remedy})")).unwrap_or_default();
        writeln!(out, "- **not scanned**: {}{remedy}", gaps::words(reason, skipped.count))?;
    }
    Ok(())
}
