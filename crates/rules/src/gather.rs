//! The bytes of a text that must be looked at anew when the rest is copied from a text already scanned.
//!
//! For an anchor inside a copy the window is the same in both texts, unless the window leaves the copy. Those anchors
//! stand before the copy's first line end, or less than `back` from its start, and after its last line end, or less than
//! `forward` from its end. So of every copy only these two margins are gathered, together with as much around them as
//! their windows see, and what is new between them. Gathered stretches are parted by line ends, which end a window just as
//! the end of a text does. Everything else is *kept*: what was found there before is found there still.

use std::ops::Range;

use memchr::{memchr, memrchr};

use crate::span::Span;

/// A part of a text that is made from another one, the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// These bytes of the base.
    Copied(Range<usize>),
    /// Other bytes.
    New(&'t [u8]),
}

/// Windows that end within so many bytes from their anchor's start are near, unless some anchor is longer.
pub(crate) const NEAR: usize = 1024;

/// How far windows may look from an anchor's start, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margins {
    pub(crate) back: usize,
    pub(crate) forward: usize,
}

/// What is gathered of a text, and what is kept. Used again and again.
#[derive(Debug, Default)]
pub(crate) struct Gather {
    /// The stretches, a line end between each two.
    pub(crate) bytes: Vec<u8>,
    /// Where each stretch lies here and in the text.
    stretches: Vec<Stretch>,
    /// Anchors that start here, and no others, are to be looked at. Ascending, in `bytes`.
    fresh: Vec<Range<usize>>,
    /// What is kept, in the order of the text.
    pub(crate) kept: Vec<Kept>,
    /// The end of the last stretch in the text, if more may be added to it.
    open: Option<usize>,
}

#[derive(Debug)]
struct Stretch {
    here: usize,
    text: usize,
}

/// A copy, as far as what was found at anchors in it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The copy in the base.
    pub(crate) copy: Span,
    /// Where it starts in the text.
    pub(crate) at: usize,
    /// Anchors that start here in the base are kept.
    pub(crate) anchors: Span,
    /// Whether the copy starts where both texts do.
    pub(crate) from_start: bool,
    /// Whether it ends where both texts do.
    pub(crate) to_end: bool,
}

impl Kept {
    /// Whether so many bytes before this place of the base, and from there on, are all part of the copy, or end with the
    /// text on both sides.
    pub(crate) fn holds(&self, at: usize, back: usize, forward: usize) -> bool {
        (self.from_start || at - self.copy.start >= back) && (self.to_end || self.copy.end - at >= forward)
    }
}

impl Gather {
    /// Gathers the text that `pieces` make of `base`, `size` bytes.
    pub(crate) fn build<'t>(
        &mut self,
        base: &[u8],
        pieces: impl Iterator<Item = Piece<'t>>,
        size: usize,
        margins: Margins,
    ) {
        self.bytes.clear();
        self.stretches.clear();
        self.fresh.clear();
        self.kept.clear();
        self.open = None;
        let (mut at, mut last) = (0, b'\n');
        for piece in pieces {
            match piece {
                Piece::New(new) => {
                    self.add(at, new, 0..new.len());
                    at += new.len();
                    last = new.last().copied().unwrap_or(last);
                }
                Piece::Copied(range) => {
                    let before = if at == 0 { None } else { Some(last) };
                    self.copy(base, range.clone(), at, size, before, margins);
                    at += range.len();
                    last = base[range].last().copied().unwrap_or(last);
                }
            }
        }
    }

    /// Gathers the margins of one copy. `before` is the byte before it in the text.
    fn copy(
        &mut self,
        base: &[u8],
        range: Range<usize>,
        at: usize,
        size: usize,
        before: Option<u8>,
        margins: Margins,
    ) {
        let copy = &base[range.clone()];
        let from_start = range.start == 0 && at == 0;
        let to_end = range.end == base.len() && at + copy.len() == size;
        // A line that starts with the copy in both texts is the same to every window.
        let whole_line = from_start
            || (range.start.checked_sub(1).is_none_or(|at| base[at] == b'\n')
                && before.is_none_or(|byte| byte == b'\n'));
        let (head, head_end) = if whole_line { (0, 0) } else { head(copy, margins) };
        let (tail_start, tail) = if to_end { (copy.len(), copy.len()) } else { tail(copy, margins) };
        if head_end >= tail_start {
            return self.add(at, copy, 0..copy.len());
        }
        if head_end > 0 {
            self.add(at, &copy[..head_end], 0..head);
        }
        if tail_start < copy.len() {
            self.add(at + tail_start, &copy[tail_start..], tail - tail_start..copy.len() - tail_start);
        }
        self.kept.push(Kept {
            copy: Span::new(range.start, range.end),
            at,
            anchors: Span::new(range.start + head, range.start + tail),
            from_start,
            to_end,
        });
    }

    /// Adds bytes of the text, and which of their anchors are fresh.
    fn add(&mut self, at: usize, bytes: &[u8], fresh: Range<usize>) {
        if self.open != Some(at) {
            self.bytes.push(b'\n');
            self.stretches.push(Stretch { here: self.bytes.len(), text: at });
        }
        let here = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.open = Some(at + bytes.len());
        if fresh.is_empty() {
            return;
        }
        let fresh = here + fresh.start..here + fresh.end;
        match self.fresh.last_mut() {
            Some(last) if last.end == fresh.start => last.end = fresh.end,
            _ => self.fresh.push(fresh),
        }
    }

    /// Whether an anchor that starts here is to be looked at.
    pub(crate) fn is_fresh(&self, here: usize) -> bool {
        let after = self.fresh.partition_point(|range| range.start <= here);
        after > 0 && self.fresh[after - 1].contains(&here)
    }

    /// Where in the text a gathered byte lies.
    pub(crate) fn in_text(&self, here: usize) -> usize {
        let after = self.stretches.partition_point(|stretch| stretch.here <= here);
        let stretch = &self.stretches[after.saturating_sub(1)];
        stretch.text + (here - stretch.here)
    }
}

/// Up to where anchors at the start of a copy are fresh, and up to where their windows see.
fn head(copy: &[u8], margins: Margins) -> (usize, usize) {
    let fresh = copy.len().min(margins.back + 1);
    if let Some(end) = memchr(b'\n', &copy[..fresh]) {
        return (end + 1, end + 1);
    }
    let reach = copy.len().min(fresh + margins.forward);
    (fresh, memchr(b'\n', &copy[fresh..reach]).map_or(reach, |end| fresh + end + 1))
}

/// From where the windows of anchors at the end of a copy see, and from where these anchors are fresh.
fn tail(copy: &[u8], margins: Margins) -> (usize, usize) {
    let fresh = copy.len().saturating_sub(margins.forward);
    if let Some(end) = memrchr(b'\n', &copy[fresh..]) {
        return (fresh + end + 1, fresh + end + 1);
    }
    let reach = fresh.saturating_sub(margins.back);
    (memrchr(b'\n', &copy[reach..fresh]).map_or(reach, |end| reach + end + 1), fresh)
}
