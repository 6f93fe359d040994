//! Standard input, or any reader.

use std::io::Read;

use unleak_findings::{Exposure, Medium};

use crate::draft::{Draft, Recency, Spot};
use crate::outcome::SkipReason;
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::scanner::Bench;

/// What standard input is called in reports.
const NAME: &str = "(standard input)";

/// Scans `input` to its end.
pub(crate) fn scan(context: &Context<'_>, input: &mut dyn Read) -> Part {
    context.progress.start(Phase::Files, 1);
    let mut bench = Bench::default();
    let (sightings, read) = context.scanner.stream(b"", &mut context.until_stopped(input), &mut bench);
    let mut part = Part { objects: 1, ..Part::default() };
    match read {
        Ok(bytes) => part.bytes = bytes,
        Err(_) if context.progress.stopped() => part.note_stop(context, "standard input"),
        Err(error) => part.coverage.skip(SkipReason::Unreadable, NAME, error.to_string()),
    }
    context.looked_at(part.bytes, &sightings);
    part.benches([bench]);
    part.drafts.extend(sightings.iter().map(|sighting| {
        let spot = Spot {
            medium: Medium::Stdin,
            path: NAME.into(),
            exposure: Exposure::Worktree,
            blob: None,
            recency: Recency::Worktree,
        };
        Draft::new(context.rules(), sighting, spot)
    }));
    part.coverage.scanned("standard input", vec![("bytes", part.bytes)]);
    part
}
