//! JSON as gitleaks 8 writes it: an array of findings, `[]` for none.

use std::io::{self, Write};

use serde::ser::{SerializeSeq, Serializer as _};
use serde_json::Serializer;
use serde_json::ser::PrettyFormatter;

use crate::gitleaks::leaks;
use crate::report::Report;
use crate::scrub::Scrubber;

/// Writes `report`, with a line end behind it.
/// Makes many small writes: give it a buffer.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let scrubber = Scrubber::new(report);
    let mut serializer = Serializer::with_formatter(&mut *out, PrettyFormatter::with_indent(b" "));
    let mut array = (&mut serializer).serialize_seq(None)?;
    for leak in leaks(report, &scrubber) {
        array.serialize_element(&leak)?;
    }
    array.end()?;
    out.write_all(b"\n")
}
