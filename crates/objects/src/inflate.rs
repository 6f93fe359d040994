//! Zlib decompression into exact sizes: whole, the start alone, or in parts.
//!
//! The back-end is flate2 with zlib-rs: no C. The Adler-32 checksum at the end of each stream is verified, because a
//! stream counts as complete only when the decoder reports its end.

use std::io::BufRead;

use flate2::{Decompress, FlushDecompress, Status};

use crate::trouble::Fault;

/// What is allocated on the word of a header alone; beyond it, memory grows with what really comes out.
const TRUSTED: usize = 1 << 20;

/// Room behind the last byte: the fast loop of the decoder wants some 260 bytes, and most pack entries are shorter than
/// that. Measured on git.git, this saves a tenth of all decoding.
const SLACK: usize = 320;

/// A decompressor whose tables and window are reused from one stream to the next. One per thread.
pub(crate) struct Inflater(Decompress);

impl Inflater {
    pub(crate) fn new() -> Self {
        Self(Decompress::new(true))
    }

    /// Decompresses the stream at the start of `input` into `out`, which must come to hold exactly `size` bytes.
    /// Returns how many bytes of `input` the stream takes. On failure `out` holds nothing of use.
    pub(crate) fn exact(&mut self, input: &[u8], size: u64, out: &mut Vec<u8>) -> Result<usize, Fault> {
        // Deflate cannot compress better than 1032 to 1: a larger claim is a lie, and costs no memory.
        if size / 1032 > input.len() as u64 {
            return Err(Fault::Length(size));
        }
        let length = usize::try_from(size).map_err(|_| Fault::Length(size))?;
        self.0.reset(true);
        let (mut used, mut written) = (0, 0);
        let mut room = length.min(TRUSTED) + SLACK;
        loop {
            // Only growth is zeroed; recycled buffers keep their old bytes until they are overwritten.
            out.resize(room, 0);
            let status = self.0.decompress(&input[used..], &mut out[written..], FlushDecompress::Finish);
            let before = (used, written);
            (used, written) = (self.used(), self.written());
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

    /// Decompresses as much of the stream at the start of `input` as fits into `out`; returns how many bytes that is.
    pub(crate) fn prefix(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, Fault> {
        self.0.reset(true);
        match self.0.decompress(input, out, FlushDecompress::None) {
            Ok(_) => Ok(self.written()),
            Err(_) => Err(Fault::Zlib),
        }
    }

    fn used(&self) -> usize {
        usize::try_from(self.0.total_in()).unwrap_or(usize::MAX)
    }

    fn written(&self) -> usize {
        usize::try_from(self.0.total_out()).unwrap_or(usize::MAX)
    }
}

/// One stream, decompressed in parts.
pub(crate) struct Inflating<'i, R> {
    inflater: &'i mut Inflater,
    input: R,
    size: u64,
}

impl<'i, R: BufRead> Inflating<'i, R> {
    /// Starts with the stream at the start of `input`, which must come to exactly `size` bytes.
    pub(crate) fn new(inflater: &'i mut Inflater, input: R, size: u64) -> Self {
        inflater.0.reset(true);
        Self { inflater, input, size }
    }

    /// Decompresses the next bytes into `out` and returns how many there are: none at the end only, which is then verified
    /// to be the right one, or when `out` has no room.
    pub(crate) fn read(&mut self, out: &mut [u8]) -> Result<usize, Fault> {
        let start = self.inflater.0.total_out();
        // At the end of the content the decoder still has to see the end of the stream, and wants room for a surprise.
        let mut surprise = [0];
        let out = if start == self.size && !out.is_empty() { &mut surprise[..] } else { out };
        loop {
            let input = self.input.fill_buf()?;
            let before = self.inflater.0.total_in();
            let status = self.inflater.0.decompress(input, out, FlushDecompress::None);
            let used = self.inflater.0.total_in() - before;
            let (is_cut, all) = (input.is_empty(), self.inflater.0.total_out());
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
        self.inflater.0.total_in()
    }
}
