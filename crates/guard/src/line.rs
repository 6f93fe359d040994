//! On which line of a text something stands.

use bstr::ByteSlice as _;

/// The line of the byte at `at`, counted from 1.
pub fn line_of(text: &[u8], at: usize) -> usize {
    text[..at.min(text.len())].find_iter(b"\n").count() + 1
}
