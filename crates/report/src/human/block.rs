//! One secret as a block of lines: what it is, what it opens, where it is.

use std::io;

use unleak_findings::Exposure;
use unleak_rules::{Confidence, Proof, Severity};

use super::look::Look;
use super::page::{GUTTER, Page, Tone};
use super::place::{self, Details};
use super::secrets::FoundSecret;
use crate::harmless::harmless;
use crate::quantity::number;
use crate::report::Report;
use crate::scrub::Scrubber;
use crate::sentence;

/// Places shown of one secret.
const PLACES: usize = 5;
/// How far details stand behind their place.
const STEP: usize = 4;

/// Writes the block of `secret`.
pub(super) fn write(
    secret: &FoundSecret<'_>,
    report: &Report<'_>,
    look: &Look,
    scrubber: &Scrubber<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let worst = secret.worst();
    let severity = format!("{:GUTTER$}", secret.severity().as_str());
    let accepted = if secret.is_new() { "" } else { "accepted, " };
    let exposure = [accepted, sentence::exposure(worst)].concat();
    let description = harmless(worst.description.as_bytes());
    let value = harmless(worst.secret.redacted().as_bytes());
    page.cut(
        0,
        &[
            (severity_tone(secret.severity()), &severity),
            (exposure_tone(secret.exposure()), &exposure),
            (Tone::Plain, ": "),
            (Tone::Strong, &description),
            (Tone::Plain, "  "),
            (Tone::Plain, &value),
        ],
    )?;
    if report.show_secrets {
        page.wrap(GUTTER, (Tone::Dim, "value"), (Tone::Plain, &harmless(worst.secret.expose())))?;
    }
    if let Some(facts) = facts(secret, scrubber) {
        page.wrap(GUTTER, (Tone::Plain, ""), (Tone::Plain, &facts))?;
    }
    places(secret, look, scrubber, page)?;
    let rule = harmless(worst.rule_id.as_bytes());
    page.cut(GUTTER, &[(Tone::Dim, worst.fingerprint.as_str()), (Tone::Dim, "  "), (Tone::Dim, &rule)])
}

/// What the checks said and read out of the value.
fn facts(secret: &FoundSecret<'_>, scrubber: &Scrubber<'_>) -> Option<String> {
    let worst = secret.worst();
    let text = |text: &str| scrubber.shown_prose(text.as_bytes());
    let decoded: Vec<String> =
        worst.decoded.iter().map(|fact| format!("{} {}", text(&fact.name), text(&fact.value))).collect();
    let decoded = decoded.join(", ");
    let proof = match (worst.proof, decoded.is_empty()) {
        (Proof::Proved, true) => Some("proved by its structure".to_owned()),
        (Proof::Proved, false) => Some(format!("proved: {decoded}")),
        (Proof::Invalid, true) => Some("failed its check".to_owned()),
        (Proof::Invalid, false) => Some(format!("failed its check: {decoded}")),
        (Proof::Unchecked, true) => None,
        (Proof::Unchecked, false) => Some(decoded),
    };
    let doubt = (worst.confidence == Confidence::Low).then(|| "low confidence".to_owned());
    let parts: Vec<String> = proof.into_iter().chain(doubt).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The places, the same details only once for those that follow each other.
fn places(
    secret: &FoundSecret<'_>,
    look: &Look,
    scrubber: &Scrubber<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let most = if look.verbose { usize::MAX } else { PLACES };
    let shown = secret.places.get(..most).unwrap_or(&secret.places);
    let mut next =
        shown.first().map(|finding| place::details(finding, secret.exposure(), look.verbose, scrubber));
    for (at, finding) in shown.iter().enumerate() {
        page.cut_front(GUTTER, (Tone::Plain, &place::headline(finding, scrubber)))?;
        let after = shown.get(at + 1);
        let after = after.map(|finding| place::details(finding, secret.exposure(), look.verbose, scrubber));
        if next != after {
            details(&next.unwrap_or_default(), page)?;
        }
        next = after;
    }
    match secret.places.len() - shown.len() {
        0 => Ok(()),
        more => {
            let places = if more == 1 { "place" } else { "places" };
            let text = format!("and {} more {places}; --format json lists them", number(more as u64));
            page.wrap(GUTTER, (Tone::Plain, ""), (Tone::Dim, &text))
        }
    }
}

fn details(details: &Details, page: &mut Page<'_>) -> io::Result<()> {
    if let Some(since) = &details.since {
        page.cut(GUTTER + STEP, &[(Tone::Dim, since)])?;
    }
    details.more.iter().try_for_each(|text| page.wrap(GUTTER + STEP, (Tone::Plain, ""), (Tone::Dim, text)))
}

fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical | Severity::High => Tone::Alarm,
        Severity::Medium => Tone::Warning,
        Severity::Low => Tone::Plain,
    }
}

fn exposure_tone(exposure: Exposure) -> Tone {
    match exposure {
        Exposure::Pushed => Tone::Alarm,
        Exposure::Committed => Tone::Warning,
        Exposure::Staged | Exposure::Worktree => Tone::Plain,
    }
}
