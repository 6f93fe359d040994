//! Scans what is too large to hold: a reader in parts, with the same matches as the whole.

use std::io::{self, Read};

use crate::detector::{Detector, Scratch};
use crate::matching::Match;

/// A part of the stream with the matches whose anchors lie in it.
#[derive(Debug)]
pub struct Part<'t> {
    /// The bytes at hand: the part itself and its surroundings.
    pub text: &'t [u8],
    /// Offset of `text` in the stream.
    pub offset: u64,
    /// Line ends in the stream before `text`.
    pub lines: u64,
    /// Code points between the last of them and `text`.
    pub columns: u64,
    /// Unresolved matches; spans count from the start of `text`. The same match may come with two parts.
    pub matches: Vec<Match>,
}

/// Bytes kept around a part beyond what rules need, so that a match's line can be shown and its comments read.
const MARGIN: usize = 4096;

/// Reads `input` to its end in parts of about `part` bytes and calls `sink` for each part that has matches. Returns the
/// number of bytes read.
///
/// # Errors
/// The reader's errors; parts before it were delivered.
pub fn scan_stream(
    detector: &Detector,
    name: &[u8],
    input: &mut dyn Read,
    part: usize,
    scratch: &mut Scratch,
    sink: &mut dyn FnMut(Part<'_>),
) -> io::Result<u64> {
    let reach = detector.reach();
    let (back, forward) = (reach.back.max(MARGIN), reach.forward.max(MARGIN));
    let mut buffer: Vec<u8> = Vec::new();
    let (mut offset, mut lines, mut columns) = (0u64, 0u64, 0u64);
    // Anchors before `done` have been looked at.
    let mut done = 0;
    loop {
        let wanted = (done + part.max(1) + forward).saturating_sub(buffer.len());
        let read = (&mut *input).take(wanted as u64).read_to_end(&mut buffer)?;
        let at_end = read < wanted;
        let until = if at_end { buffer.len() } else { buffer.len() - forward };
        let mut matches = Vec::new();
        detector.part_of_file(name, &buffer, done..until, scratch, &mut matches);
        if !matches.is_empty() {
            sink(Part { text: &buffer, offset, lines, columns, matches });
        }
        if at_end {
            return Ok(offset + buffer.len() as u64);
        }
        let drop = until.saturating_sub(back);
        (lines, columns) = advance(&buffer[..drop], lines, columns);
        offset += drop as u64;
        done = until - drop;
        buffer.drain(..drop);
    }
}

/// Line ends and code points since the last one, after `bytes` more.
fn advance(bytes: &[u8], lines: u64, columns: u64) -> (u64, u64) {
    // A code point cut in two is counted at its first byte only.
    let points = |bytes: &[u8]| bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count() as u64;
    match memchr::memrchr(b'\n', bytes) {
        None => (lines, columns + points(bytes)),
        Some(last) => (lines + memchr::memchr_iter(b'\n', bytes).count() as u64, points(&bytes[last + 1..])),
    }
}
