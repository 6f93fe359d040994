//! Base64 that is broken into lines, as MIME, PEM and YAML have it: found by pieces that no line break can split, then
//! compared character by character across the breaks.

use std::ops::Range;

use aho_corasick::AhoCorasick;
use zeroize::Zeroizing;

use super::encodings::Variant;
use super::error::ReplacerError;

/// Lines of encoders have 64 characters or more. Among so many of a form there is one break at most, so that one half of
/// them stands on one line.
const LINE: usize = 64;
/// Forms shorter than this are not looked for: their halves are too common.
const LEAST: usize = 16;
/// As many blanks may begin a line.
const INDENTATION: usize = 32;

/// Forms in base64, and what takes their place, looked for across line breaks.
pub(super) struct Wrapped {
    forms: Vec<Variant>,
    /// Two halves for each form.
    pieces: Option<AhoCorasick>,
}

/// The pieces of a form, of which one stands on one line: where in the form they are.
fn halves(form: &[u8]) -> [Range<usize>; 2] {
    let end = form.len().min(LINE);
    [0..end / 2, end / 2..end]
}

impl Wrapped {
    pub(super) fn new(mut forms: Vec<Variant>) -> Result<Self, ReplacerError> {
        forms.retain(|form| form.find.len() >= LEAST);
        let mut wrapped = Self { forms, pieces: None };
        if !wrapped.forms.is_empty() {
            let pieces = AhoCorasick::new(wrapped.each_piece()).map_err(|_| ReplacerError::TooLarge)?;
            wrapped.pieces = Some(pieces);
        }
        Ok(wrapped)
    }

    fn each_piece(&self) -> impl Iterator<Item = &[u8]> {
        self.forms.iter().flat_map(|form| halves(&form.find).map(|half| &form.find[half]))
    }

    /// The pieces: where none of them occurs, nothing is broken into lines.
    pub(super) fn pieces(&self) -> Vec<Zeroizing<Vec<u8>>> {
        self.each_piece().map(|piece| Zeroizing::new(piece.to_vec())).collect()
    }

    /// How many bytes the longest can take with its line breaks.
    pub(super) fn longest(&self) -> usize {
        let with_breaks = |form: &Variant| form.find.len() + breaks(&form.find) * (2 + INDENTATION);
        self.forms.iter().map(with_breaks).max().unwrap_or_default()
    }

    /// One pass over `bytes`; `None` if there is nothing to replace. Line breaks stay where they are.
    pub(super) fn replace(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let (mut out, mut done): (Option<Vec<u8>>, usize) = (None, 0);
        for found in self.pieces.as_ref()?.find_overlapping_iter(bytes) {
            let piece = found.pattern().as_usize();
            let form = &self.forms[piece / 2];
            let inside = halves(&form.find)[piece % 2].start;
            let Some(places) = places(bytes, found.start(), &form.find, inside) else { continue };
            if places.first().is_some_and(|first| *first >= done) {
                let out = out.get_or_insert_with(|| bytes.to_vec());
                places.iter().zip(&form.put).for_each(|(place, byte)| out[*place] = *byte);
                done = places.last().map_or(done, |last| last + 1);
            }
        }
        out.filter(|out| out != bytes)
    }
}

/// How many line breaks a form may have.
fn breaks(form: &[u8]) -> usize {
    form.len() / (LINE / 4) + 2
}

/// Where the characters of `form` stand, of which the one at `inside` is at `at`; `None` if they do not.
fn places(bytes: &[u8], at: usize, form: &[u8], inside: usize) -> Option<Vec<usize>> {
    let mut places = Vec::with_capacity(form.len());
    let (mut next, mut left) = (at, breaks(form));
    for character in form[..inside].iter().rev() {
        if bytes[..next].last() != Some(character) {
            left = left.checked_sub(1)?;
            next = before_break(bytes, next)?;
        }
        next = next.checked_sub(1).filter(|at| bytes[*at] == *character)?;
        places.push(next);
    }
    places.reverse();
    next = at;
    for character in &form[inside..] {
        if bytes.get(next) != Some(character) {
            left = left.checked_sub(1)?;
            next = after_break(bytes, next)?;
        }
        places.push(Some(next).filter(|at| bytes.get(*at) == Some(character))?);
        next += 1;
    }
    Some(places)
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Where the line break that begins at `at` ends, with the blanks after it.
fn after_break(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let line_end = [&b"\n"[..], b"\r\n"].into_iter().find(|end| rest.starts_with(end))?.len();
    let blanks = rest[line_end..].iter().take(INDENTATION).take_while(|byte| is_blank(**byte)).count();
    Some(at + line_end + blanks)
}

/// Where the line break that ends at `at`, with the blanks after it, begins.
fn before_break(bytes: &[u8], at: usize) -> Option<usize> {
    let blanks = bytes[..at].iter().rev().take(INDENTATION).take_while(|byte| is_blank(**byte)).count();
    let before = bytes[..at - blanks].strip_suffix(b"\n")?;
    Some(before.strip_suffix(b"\r").unwrap_or(before).len())
}
