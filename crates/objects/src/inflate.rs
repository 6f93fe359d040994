//! Zlib decompression into exact sizes: whole, the start alone, or in parts.
//!
//! Whole streams go to sirocco, a quarter faster on pack entries; what it refuses, and streams in parts, to flate2 with
//! zlib-rs. Both are Rust. The Adler-32 checksum at the end of each stream is verified, because a stream counts as
//! complete only when the decoder reports its end.

use std::io::BufRead;

use flate2::{Decompress, FlushDecompress, Status};
use sirocco::Format;
use sirocco::inflate::Decoder;

use crate::trouble::Fault;

/// What is allocated on the word of a header alone; beyond it, memory grows with what really comes out.
const TRUSTED: usize = 1 << 20;

/// Room behind the last byte: the fast loop of the decoder wants some 260 bytes, and most pack entries are shorter than
/// that. Measured on git.git, this saves a tenth of all decoding.
const SLACK: usize = 320;

/// A decompressor whose tables and window are reused from one stream to the next. One per thread.
pub(crate) struct Inflater {
    /// Made when first needed, both: they are large, and who asks for the size of an object mostly needs none.
    careful: Option<Decompress>,
    fast: Option<Box<Decoder>>,
}

impl Inflater {
    pub(crate) fn new() -> Self {
        Self { careful: None, fast: None }
    }

    /// Decompresses the stream at the start of `input` into `out`, which must come to hold exactly `size` bytes.
    /// Returns how many bytes of `input` the stream takes. On failure `out` holds nothing of use.
    pub(crate) fn exact(&mut self, input: &[u8], size: u64, out: &mut Vec<u8>) -> Result<usize, Fault> {
        // Deflate cannot compress better than 1032 to 1: a larger claim is a lie, and costs no memory.
        if size / 1032 > input.len() as u64 {
            return Err(Fault::Length(size));
        }
        let length = usize::try_from(size).map_err(|_| Fault::Length(size))?;
        if let Some(used) = self.fast(input, length, out) {
            return Ok(used);
        }
        let careful = self.careful();
        let (mut used, mut written) = (0, 0);
        let mut room = length.min(TRUSTED) + SLACK;
        loop {
            // Only growth is zeroed; recycled buffers keep their old bytes until they are overwritten.
            out.resize(room, 0);
            let status = careful.decompress(&input[used..], &mut out[written..], FlushDecompress::Finish);
            let before = (used, written);
            (used, written) = (size_of_all(careful.total_in()), size_of_all(careful.total_out()));
            match status {
                Err(_) => return Err(Fault::Zlib),
                Ok(_) if written > length => return Err(Fault::Length(size)),
                Ok(Status::StreamEnd) if written < length => return Err(Fault::Length(size)),
                Ok(Status::StreamEnd) => {
                    out.truncate(length);
                    return Ok(used);
                }
                Ok(_) if written == room => room = room.saturating_mul(4).min(length + SLACK),
                // The back-end may stop early, at 4 GiB; without progress the stream is cut short.
                Ok(_) if (used, written) == before => return Err(Fault::Zlib),
                Ok(_) => {}
            }
        }
    }

    /// The same, in the fast way; `None` for whatever reason it does not come to exactly `length` bytes.
    fn fast(&mut self, input: &[u8], length: usize, out: &mut Vec<u8>) -> Option<usize> {
        let fast = self.fast.get_or_insert_with(|| Box::new(Decoder::new(Format::Zlib)));
        fast.reset();
        let (mut used, mut room) = (0, length.min(TRUSTED) + SLACK);
        loop {
            // Only growth is zeroed, as below.
            out.resize(room, 0);
            let progress = fast.decompress(&input[used..], out, true).ok()?;
            used += progress.consumed;
            if progress.done {
                let is_whole = fast.total_out() == length as u64;
                out.truncate(length);
                return is_whole.then_some(used);
            }
            if !progress.full || room >= length + SLACK {
                return None;
            }
            room = room.saturating_mul(4).min(length + SLACK);
        }
    }

    /// Decompresses as much of the stream at the start of `input` as fits into `out`; returns how many bytes that is.
    pub(crate) fn prefix(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, Fault> {
        let careful = self.careful();
        match careful.decompress(input, out, FlushDecompress::None) {
            Ok(_) => Ok(size_of_all(careful.total_out())),
            Err(_) => Err(Fault::Zlib),
        }
    }

    /// The fallback, ready for a new stream.
    fn careful(&mut self) -> &mut Decompress {
        let careful = self.careful.get_or_insert_with(|| Decompress::new(true));
        careful.reset(true);
        careful
    }
}

fn size_of_all(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// One stream, decompressed in parts.
pub(crate) struct Inflating<'i, R> {
    decoder: &'i mut Decompress,
    input: R,
    size: u64,
}

impl<'i, R: BufRead> Inflating<'i, R> {
    /// Starts with the stream at the start of `input`, which must come to exactly `size` bytes.
    pub(crate) fn new(inflater: &'i mut Inflater, input: R, size: u64) -> Self {
        Self { decoder: inflater.careful(), input, size }
    }

    /// Decompresses the next bytes into `out` and returns how many there are: none at the end only, which is then verified
    /// to be the right one, or when `out` has no room.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let start = self.decoder.total_out();
        // At the end of the content the decoder still has to see the end of the stream, and wants room for a surprise.
        let mut surprise = [0];
        let out = if start == self.size && !out.is_empty() { &mut surprise[..] } else { out };
        loop {
            let input = self.input.fill_buf()?;
            let before = self.decoder.total_in();
            let status = self.decoder.decompress(input, out, FlushDecompress::None);
            let used = self.decoder.total_in() - before;
            let (is_cut, all) = (input.is_empty(), self.decoder.total_out());
            self.input.consume(usize::try_from(used).map_err(|_| Fault::Zlib)?);
            match status {
                Err(_) => return Err(Fault::Zlib),
                Ok(_) if all > self.size => return Err(Fault::Length(self.size)),
                Ok(_) if all > start => return usize::try_from(all - start).map_err(|_| Fault::Zlib),
                Ok(Status::StreamEnd) if all < self.size => return Err(Fault::Length(self.size)),
                Ok(Status::StreamEnd) => return Ok(0),
                Ok(_) if out.is_empty() => return Ok(0),
                Ok(_) if is_cut || used == 0 => return Err(Fault::Zlib),
                Ok(_) => {}
            }
        }
    }

    /// Drops the next `count` bytes.
    pub(crate) fn skip(&mut self, mut count: usize) -> Result<(), Fault> {
        let mut dropped = [0; 64];
        while count > 0 {
            match self.read(&mut dropped[..count.min(64)])? {
                0 => return Err(Fault::Length(self.size)),
                some => count -= some,
            }
        }
        Ok(())
    }

    /// How many bytes of the input have been used.
    pub(crate) fn used(&self) -> u64 {
        self.decoder.total_in()
    }
}
