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

/// Empties the messages for which `holds` is true; the entries stay.
pub(crate) fn without_messages(log: &[u8], kind: gix_hash::Kind, holds: &dyn Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut text = Vec::with_capacity(log.len());
    for bytes in log.lines_with_terminator() {
        let at = Line::parse(bytes, kind).and_then(|_| bytes.find_byte(b'\t'));
        match at {
            Some(at) if holds(&bytes[at + 1..]) => {
                text.extend_from_slice(&bytes[..=at]);
                text.push(b'\n');
            }
            _ => text.extend_from_slice(bytes),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use gix_hash::Kind;
    use proptest::prelude::*;

    use super::*;

    fn id(n: u8) -> ObjectId {
        ObjectId::from_bytes_or_panic(&[n; 20])
    }

    fn line(old: u8, new: u8, message: &str) -> String {
        format!("{} {} A U Thor <a@b> 1 +0000\t{message}\n", id(old), id(new))
    }

    /// 1 becomes 101, 2 is gone.
    fn fate(asked: &ObjectId) -> Fate {
        match asked.as_bytes()[0] {
            1 => Fate::Replaced(id(101)),
            2 => Fate::Gone,
            _ => Fate::Same,
        }
    }

    fn map(log: &str) -> String {
        String::from_utf8(rewritten(log.as_bytes(), Kind::Sha1, &fate)).unwrap()
    }

    #[test]
    fn entries_of_what_is_gone_are_dropped_and_the_chain_holds() {
        let log = [line(0, 1, "a"), line(1, 2, "b"), line(2, 3, "c"), line(3, 1, "d")].concat();
        assert_eq!(map(&log), [line(0, 101, "a"), line(101, 3, "c"), line(3, 101, "d")].concat());
        assert_eq!(map(&[line(0, 2, "a"), line(2, 3, "b")].concat()), line(0, 3, "b"));
        assert_eq!(map(&line(2, 3, "cut off")), line(0, 3, "cut off"));
        assert_eq!(map(&line(0, 2, "alone")), "");
    }

    #[test]
    fn what_git_noted_for_us_is_dropped() {
        let log = [line(0, 1, "a"), line(1, 101, MESSAGE), line(101, 3, "c")].concat();
        assert_eq!(map(&log), [line(0, 101, "a"), line(101, 3, "c")].concat());
    }

    #[test]
    fn everything_but_ids_stays_to_the_byte() {
        let odd = format!("nonsense\n{} {}\n{} {} \n\n", id(1), id(3), id(3), id(1));
        assert_eq!(map(&odd), format!("nonsense\n{} {}\n{} {} \n\n", id(101), id(3), id(3), id(101)));
        assert_eq!(map(line(3, 1, "no end").trim_end()), line(3, 101, "no end").trim_end());
    }

    #[test]
    fn messages_that_hold_something_are_emptied() {
        let log = [line(0, 1, "a password"), line(1, 3, "b")].concat();
        let emptied = without_messages(log.as_bytes(), Kind::Sha1, &|text| text.contains_str("password"));
        assert_eq!(emptied, [line(0, 1, ""), line(1, 3, "b")].concat().as_bytes());
    }

    proptest! {
        #[test]
        fn a_second_time_nothing_changes(steps: Vec<u8>, connected: bool) {
            let pairs = steps.windows(2).map(|pair| line(if connected { pair[0] % 5 } else { 3 }, pair[1] % 5, "m"));
            let once = map(&pairs.collect::<String>());
            prop_assert_eq!(map(&once), once);
        }

        #[test]
        fn no_text_brings_it_down(log: Vec<u8>) {
            let once = rewritten(&log, Kind::Sha1, &fate);
            prop_assert_eq!(rewritten(&once, Kind::Sha1, &fate), once);
        }
    }
}
