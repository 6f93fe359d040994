//! What a reflog says after a rewrite: the same story told of the new objects.
//!
//! Text in, text out; byte for byte but for the ids. An entry for a commit that is gone is dropped, and the one after it
//! goes on from the one before.

use bstr::ByteSlice as _;
use gix_hash::ObjectId;

use crate::change::Fate;

/// What git notes in reflogs when our transaction moves refs. Such entries name old ids and are dropped.
pub(crate) const MESSAGE: &str = "unleak: rewrite";

/// A line of a reflog.
struct Line<'a> {
    old: ObjectId,
    new: ObjectId,
    /// From the space after the ids on, with the line end.
    rest: &'a [u8],
}

impl Line<'_> {
    fn parse(line: &[u8], kind: gix_hash::Kind) -> Option<Line<'_>> {
        let hex = kind.len_in_hex();
        let (old, rest) = line.split_at_checked(hex)?;
        let (new, rest) = rest.strip_prefix(b" ")?.split_at_checked(hex)?;
        if !matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n')) {
            return None;
        }
        let id = |hex: &[u8]| ObjectId::from_hex(hex).ok();
        Some(Line { old: id(old)?, new: id(new)?, rest })
    }

    /// Whether git wrote it on our behalf.
    fn is_ours(&self) -> bool {
        let message = self.rest.find_byte(b'\t').map_or(&b""[..], |at| &self.rest[at + 1..]);
        message.trim_end() == MESSAGE.as_bytes()
    }
}

/// Rewrites a whole reflog. Lines that are none are kept.
pub(crate) fn rewritten(log: &[u8], kind: gix_hash::Kind, fate: &dyn Fn(&ObjectId) -> Fate) -> Vec<u8> {
    let mut text = Vec::with_capacity(log.len());
    // What the entry before led to: before the rewrite, and after.
    let mut before: Option<(ObjectId, Option<ObjectId>)> = None;
    for bytes in log.lines_with_terminator() {
        let Some(line) = Line::parse(bytes, kind) else {
            text.extend_from_slice(bytes);
            continue;
        };
        if line.is_ours() {
            continue;
        }
        let mapped = |id: &ObjectId| match fate(id) {
            Fate::Same => Some(*id),
            Fate::Replaced(new) => Some(new),
            Fate::Gone => None,
        };
        let last_kept = before.and_then(|(_, kept)| kept);
        let old = match before {
            Some((last, _)) if last == line.old => last_kept,
            _ => mapped(&line.old).or(last_kept),
        };
        let new = mapped(&line.new);
        if let Some(new) = new {
            let old = old.unwrap_or_else(|| ObjectId::null(kind));
            text.extend_from_slice(format!("{old} {new}").as_bytes());
            text.extend_from_slice(line.rest);
        }
        before = Some((line.new, new.or(old)));
    }
    text
}

/// The ids a reflog names.
pub(crate) fn ids(log: &[u8], kind: gix_hash::Kind) -> Vec<ObjectId> {
    let lines = log.lines_with_terminator().filter_map(|line| Line::parse(line, kind));
    let mut ids: Vec<ObjectId> =
        lines.flat_map(|line| [line.old, line.new]).filter(|id| !id.is_null()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
