//! For people in the worst hour of their week: one block a secret, what has to be done first on top; then how much
//! was found, what was looked at and what was not; the last line says what to do next.
//!
//! Everything a stranger wrote passes through [`crate::harmless`]. A scan that is not complete is never called clean.

mod block;
mod look;
mod next;
mod page;
mod place;
mod secrets;
mod skips;
mod summary;

use std::io::{self, Write};

use unleak_findings::Finding;

pub use look::Look;

use crate::extent;
use crate::report::Report;
use crate::scrub::Scrubber;
use page::{Page, Tone};

/// Writes `report` with `look`. No line is wider than [`Look::width`].
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = &Scrubber::new(report);
    let page = &mut Page::new(look, out);
    let findings = &report.outcome.findings;
    let new = secrets::group(findings, Finding::is_new);
    if let Some(part) = extent::words(&report.scope, scrubber) {
        page.wrap(page::GUTTER, (Tone::Warning, "only"), (Tone::Warning, &part))?;
        page.blank()?;
    }
    let all = if look.verbose { secrets::group(findings, |_| true) } else { Vec::new() };
    for secret in if look.verbose { &all } else { &new } {
        block::write(secret, report, look, scrubber, page)?;
        page.blank()?;
    }
    summary::write(&new, report, look, scrubber, page)
}
