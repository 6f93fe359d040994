//! What was not scanned, in plain words, and what would remedy it.

use std::io;

use unleak_scan::{Coverage, Skipped};

use super::look::Look;
use super::page::{GUTTER, Page, Tone};
use crate::gaps::{remedy, words};
use crate::quantity::number;
use crate::scrub::Scrubber;

/// Examples shown of each reason.
const EXAMPLES: usize = 3;
/// How far they stand behind it.
const STEP: usize = 4;

/// Writes each reason: first what is left out by design, then what is missing.
pub(super) fn write(
    coverage: &Coverage,
    look: &Look,
    scrubber: &Scrubber<'_>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    for (incomplete, label, tone) in [(false, "left out", Tone::Dim), (true, "not read", Tone::Warning)] {
        let mut label = label;
        for (&reason, skipped) in
            coverage.skipped.iter().filter(|(reason, _)| reason.is_incomplete() == incomplete)
        {
            page.wrap(GUTTER, (tone, label), (Tone::Plain, &words(reason, skipped.count)))?;
            examples(skipped, look, scrubber, page)?;
            if let Some(remedy) = remedy(reason) {
                page.wrap(GUTTER + STEP, (Tone::Plain, ""), (Tone::Plain, remedy))?;
            }
            label = "";
        }
    }
    Ok(())
}

fn examples(skipped: &Skipped, look: &Look, scrubber: &Scrubber<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let most = if look.verbose { usize::MAX } else { EXAMPLES };
    let shown = skipped.examples.get(..most).unwrap_or(&skipped.examples);
    for (what, why) in shown.iter().filter(|(what, why)| !(what.is_empty() && why.is_empty())) {
        let (what, why) = (scrubber.shown_name(what.as_bytes()), scrubber.shown_prose(why.as_bytes()));
        let between = if what.is_empty() || why.is_empty() { "" } else { ": " };
        page.cut(GUTTER + STEP, &[(Tone::Dim, &what), (Tone::Dim, between), (Tone::Dim, &why)])?;
    }
    match skipped.count.saturating_sub(shown.len() as u64) {
        more if more > 0 && !shown.is_empty() => {
            page.cut(GUTTER + STEP, &[(Tone::Dim, &format!("and {} more", number(more)))])
        }
        _ => Ok(()),
    }
}
