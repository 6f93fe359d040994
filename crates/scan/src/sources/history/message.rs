//! What commits and tags say: their message, and the names in their header.

use bstr::BString;
use unleak_findings::Medium;
use unleak_objects::{commit as raw_commit, tag as raw_tag};

use crate::scanner::{Bench, Scanner, Sighting};

/// The sightings in a commit, with what they are called in reports. Lines count from the start of the message.
pub(crate) fn commit(
    scanner: &Scanner<'_>,
    bytes: &[u8],
    hash: gix_hash::Kind,
    bench: &mut Bench,
) -> Vec<(Medium, BString, Sighting)> {
    let offset = raw_commit::parse(bytes, hash).map_or(0, |commit| commit.message_offset);
    parsed_commit(scanner, bytes, offset, bench)
}

/// The same for a commit whose message starts at `offset`; at 0 if it cannot be parsed.
pub(super) fn parsed_commit(
    scanner: &Scanner<'_>,
    bytes: &[u8],
    offset: usize,
    bench: &mut Bench,
) -> Vec<(Medium, BString, Sighting)> {
    both(scanner, bytes, offset, Medium::CommitMessage, ["(commit header)", "(commit message)"], bench)
}

/// The same for an annotated tag.
pub(crate) fn tag(
    scanner: &Scanner<'_>,
    bytes: &[u8],
    hash: gix_hash::Kind,
    bench: &mut Bench,
) -> Vec<(Medium, BString, Sighting)> {
    let offset = raw_tag::parse(bytes, hash).map_or(0, |tag| tag.message_offset);
    both(scanner, bytes, offset, Medium::TagMessage, ["(tag header)", "(tag message)"], bench)
}

fn both(
    scanner: &Scanner<'_>,
    bytes: &[u8],
    offset: usize,
    medium: Medium,
    names: [&str; 2],
    bench: &mut Bench,
) -> Vec<(Medium, BString, Sighting)> {
    let (header, message) = bytes.split_at(offset.min(bytes.len()));
    let mut found = Vec::new();
    for (text, name) in [(header, names[0]), (message, names[1])] {
        found.extend(scanner.text(text, bench).into_iter().map(|sighting| (medium, name.into(), sighting)));
    }
    found
}
