//! The message of a commit that is about to be made.

use unleak_findings::{Exposure, Medium};

use crate::draft::{Draft, Recency, Spot};
use crate::part::{Context, Part};
use crate::progress::Phase;
use crate::scanner::Bench;

/// What it is called in reports, as in history.
const NAME: &str = "(commit message)";

/// Scans `text`.
pub(crate) fn scan(context: &Context<'_>, text: &[u8]) -> Part {
    context.progress.start(Phase::Files, 1);
    let mut bench = Bench::default();
    let sightings = context.scanner.text(text, &mut bench);
    let bytes = text.len() as u64;
    let mut part = Part { objects: 1, bytes, ..Part::default() };
    context.looked_at(bytes, &sightings);
    part.benches([bench]);
    part.drafts.extend(sightings.iter().map(|sighting| {
        let spot = Spot {
            medium: Medium::CommitMessage,
            path: NAME.into(),
            exposure: Exposure::Staged,
            blob: None,
            recency: Recency::Index,
        };
        Draft::new(context.rules(), sighting, spot)
    }));
    part.coverage.scanned("commit message", vec![("bytes", bytes)]);
    part
}
