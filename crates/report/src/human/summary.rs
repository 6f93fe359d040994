//! The end of a report for people: how much was found, what was looked at, what was not, what to do next.

use std::io;

use unleak_findings::{Exposure, Verdict};
use unleak_scan::{Scanned, Stats};

use super::look::Look;
use super::page::{GUTTER, Page, Tone};
use super::secrets::FoundSecret;
use super::{next, skips};
use crate::gaps;
use crate::harmless::harmless;
use crate::quantity::{counted, duration, number, rate, size};
use crate::report::Report;
use crate::scope::Scope;
use crate::scrub::Scrubber;

/// Stale entries of the baseline that are named.
const STALE: usize = 3;

/// Writes the summary; `new` are the secrets that nobody has decided about, the worst first.
pub(super) fn write(
    new: &[FoundSecret<'_>],
    report: &Report<'_>,
    look: &Look,
    scrubber: &Scrubber<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let outcome = report.outcome;
    let clean = new.is_empty() && outcome.coverage.is_complete();
    if clean {
        page.wrap(0, (Tone::Plain, ""), (Tone::Good, &clean_line(report, scrubber)))?;
    } else {
        page.wrap(0, (Tone::Plain, ""), (Tone::Strong, &headline(new, report)))?;
        scanned(report, scrubber, page)?;
    }
    left(report, look, page)?;
    stale(report, look, scrubber, page)?;
    skips::write(&outcome.coverage, look, scrubber, page)?;
    let command = page.room(GUTTER);
    if let Some(step) = next::step(new, report, scrubber, command) {
        let doubt = "not a secret? unleak rules show ID explains a rule, unleak baseline write accepts it";
        page.wrap(GUTTER, (Tone::Plain, ""), (Tone::Dim, doubt))?;
        page.wrap(GUTTER, (Tone::Strong, "next"), (Tone::Strong, &step))?;
    }
    Ok(())
}

/// The one line of a complete scan that found nothing new.
fn clean_line(report: &Report<'_>, scrubber: &Scrubber<'_>) -> String {
    let (outcome, target) = (report.outcome, scrubber.shown_name(report.target.as_bytes()));
    let known = outcome.stats.unchanged > 0 || !outcome.findings.is_empty();
    let found = match (known, report.scope == Scope::default()) {
        (true, true) => "No new secrets found.",
        (false, true) => "No secrets found.",
        (true, false) => "No new secrets found in this part.",
        (false, false) => "No secrets found in this part.",
    };
    if outcome.coverage.scanned.is_empty() {
        return format!("Nothing was scanned in {target}.");
    }
    let sources: Vec<String> =
        outcome.coverage.scanned.iter().map(|source| source_line(source, scrubber)).collect();
    format!("{found} Scanned {target}: {}; {}.", sources.join("; "), effort(&outcome.stats))
}

/// What was found, by how far it has travelled.
fn headline(new: &[FoundSecret<'_>], report: &Report<'_>) -> String {
    let unread = gaps::unread(&report.outcome.coverage);
    let unread = if report.outcome.coverage.is_interrupted() {
        "the scan was interrupted".to_owned()
    } else {
        format!("{} could not be", counted(unread, "things"))
    };
    if new.is_empty() {
        let part = if report.scope == Scope::default() { "" } else { "of this part " };
        return format!("No secrets found in what {part}could be read; {unread}.");
    }
    let exposures = [Exposure::Pushed, Exposure::Committed, Exposure::Staged, Exposure::Worktree];
    let by_exposure = exposures.into_iter().filter_map(|exposure| {
        let count = new.iter().filter(|secret| secret.exposure() == exposure).count();
        (count > 0).then(|| format!("{} {}", number(count as u64), exposure_word(exposure)))
    });
    let by_exposure = by_exposure.collect::<Vec<_>>().join(", ");
    let places: usize = new.iter().map(|secret| secret.places.len()).sum();
    let (secrets, places) = (counted(new.len() as u64, "secrets"), counted(places as u64, "places"));
    let found = format!("{secrets} in {places} ({by_exposure})");
    if report.outcome.coverage.is_complete() {
        found
    } else {
        format!("{found} in what could be read; {unread}")
    }
}

/// How far, behind a number.
fn exposure_word(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Worktree => "not in git",
        further => further.as_str(),
    }
}

fn scanned(report: &Report<'_>, scrubber: &Scrubber<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let coverage = &report.outcome.coverage;
    page.wrap(GUTTER, (Tone::Dim, "scanned"), (Tone::Plain, &scrubber.shown_name(report.target.as_bytes())))?;
    for source in &coverage.scanned {
        page.wrap(GUTTER, (Tone::Plain, ""), (Tone::Plain, &source_line(source, scrubber)))?;
    }
    page.wrap(GUTTER, (Tone::Plain, ""), (Tone::Dim, &effort(&report.outcome.stats)))
}

/// `history: 203,352 commits, 262,343 blobs`.
fn source_line(source: &Scanned, scrubber: &Scrubber<'_>) -> String {
    let counts: Vec<String> = source.counts.iter().map(|&(what, count)| counted(count, what)).collect();
    let name = scrubber.shown_name(source.source.as_bytes());
    if counts.is_empty() { name } else { format!("{name}: {}", counts.join(", ")) }
}

/// `1.2 GB in 3.4 s (350 MB/s), 512 rules`.
fn effort(stats: &Stats) -> String {
    let rate = rate(stats.bytes, stats.elapsed).map_or(String::new(), |rate| format!(" ({rate})"));
    format!("{} in {}{rate}, {}", size(stats.bytes), duration(stats.elapsed), counted(stats.rules, "rules"))
}

/// What was found and is not shown.
fn left(report: &Report<'_>, look: &Look, page: &mut Page<'_>) -> io::Result<()> {
    let (findings, stats) = (&report.outcome.findings, &report.outcome.stats);
    let baselined =
        findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Baselined(_))).count();
    let allowed = findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Allowed(_))).count();
    let mut label = "accepted";
    for (count, what) in [(baselined, "by the baseline"), (allowed, "by a comment beside it")] {
        if count > 0 {
            let how = if look.verbose { "" } else { ": --verbose shows them" };
            let text = format!("{} {what}{how}", counted(count as u64, "places"));
            page.wrap(GUTTER, (Tone::Dim, label), (Tone::Plain, &text))?;
            label = "";
        }
    }
    let fixtures = findings.iter().filter(|finding| finding.verdict == Verdict::Fixture).count();
    if fixtures > 0 {
        let how =
            if look.verbose { "--fixtures counts them" } else { "--verbose shows, --fixtures counts them" };
        let text = format!(
            "{} of tests and examples, which do not block: {how}",
            counted(fixtures as u64, "places")
        );
        page.wrap(GUTTER, (Tone::Dim, "fixtures"), (Tone::Plain, &text))?;
    }
    if stats.unchanged > 0 {
        let text = format!("{} already there before this change", counted(stats.unchanged, "secrets"));
        page.wrap(GUTTER, (Tone::Dim, "older"), (Tone::Plain, &text))?;
    }
    if stats.hidden > 0 {
        let text =
            format!("{} below medium confidence or failed a check: --all shows them", number(stats.hidden));
        page.wrap(GUTTER, (Tone::Dim, "hidden"), (Tone::Plain, &text))?;
    }
    Ok(())
}

fn stale(report: &Report<'_>, look: &Look, scrubber: &Scrubber<'_>, page: &mut Page<'_>) -> io::Result<()> {
    if report.stale.is_empty() {
        return Ok(());
    }
    let entries = counted(report.stale.len() as u64, "baseline entries");
    let text = format!("{entries} without a finding; to drop what is not needed: unleak baseline write");
    page.wrap(GUTTER, (Tone::Dim, "stale"), (Tone::Plain, &text))?;
    let most = if look.verbose { usize::MAX } else { STALE };
    for entry in report.stale.get(..most).unwrap_or(&report.stale) {
        let rule = harmless(entry.rule_id.as_bytes());
        let reason = scrubber.shown_prose(entry.reason.as_bytes());
        page.cut(
            GUTTER + 4,
            &[(Tone::Dim, entry.fingerprint.as_str()), (Tone::Dim, &format!("  {rule}: {reason}"))],
        )?;
    }
    Ok(())
}
