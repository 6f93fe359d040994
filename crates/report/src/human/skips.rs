//! What was not scanned, in plain words, and what would remedy it.

use std::io;

use unleak_scan::{Coverage, SkipReason, Skipped};

use super::look::Look;
use super::page::{GUTTER, Page, Tone};
use super::quantity::{counted, number};
use crate::scrub::Scrubber;

/// Examples shown of each reason.
const EXAMPLES: usize = 3;
/// How far they stand behind it.
const STEP: usize = 4;

/// How many things the scan should have read and did not.
pub(super) fn unread(coverage: &Coverage) -> u64 {
    let unread = coverage.skipped.iter().filter(|(reason, _)| reason.is_incomplete());
    unread.map(|(_, skipped)| skipped.count).sum()
}

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

/// The reason with its count.
fn words(reason: SkipReason, count: u64) -> String {
    let (things, rest) = match reason {
        SkipReason::Interrupted => return "what was still to come when the scan was interrupted".to_owned(),
        SkipReason::Corrupt => ("objects", "damaged"),
        SkipReason::Missing => ("objects", "missing from the store although a commit needs them"),
        SkipReason::NotFetched => ("objects", "left on the remote by a partial clone"),
        SkipReason::Shallow => ("places", "where a shallow clone cuts history off"),
        SkipReason::Unreadable => ("files", "not readable"),
        SkipReason::BrokenRef => ("references", "not readable: refs or lines of a reflog"),
        SkipReason::TooLarge => ("objects", "larger than the limit"),
        SkipReason::Unstable => ("files", "changing while they were read"),
        SkipReason::Submodule => ("repositories", "inside this one: submodules or nested"),
        SkipReason::LfsPointer => ("pointers", "to content that Git LFS keeps outside the repository"),
        SkipReason::SpecialFile => ("files", "neither regular nor symbolic links"),
        other => ("things", other.as_str()),
    };
    format!("{} {rest}", counted(count, things))
}

/// What would let a scan read it, if anything.
fn remedy(reason: SkipReason) -> Option<&'static str> {
    Some(match reason {
        SkipReason::Interrupted | SkipReason::Unstable => "scan again",
        SkipReason::Corrupt | SkipReason::Missing | SkipReason::BrokenRef => {
            "git fsck says more; a fresh clone may be whole"
        }
        SkipReason::NotFetched => "to get them: git fetch --refetch --no-filter",
        SkipReason::Shallow => "to get the rest: git fetch --unshallow",
        SkipReason::Unreadable => "give the scan permission to read them",
        SkipReason::TooLarge => "raise the limit to read them",
        SkipReason::Submodule => "to scan submodules too: git submodule foreach 'unleak scan'",
        SkipReason::LfsPointer => "to scan what is checked out: git lfs pull, then unleak scan",
        _ => return None,
    })
}
