//! Zlib decompression into exact sizes, behind the only two functions the rest needs.
//!
//! The back-end is flate2 with zlib-rs: no C. The Adler-32 checksum at the end of each stream is verified, because a
//! stream counts as complete only when the decoder reports its end.

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
