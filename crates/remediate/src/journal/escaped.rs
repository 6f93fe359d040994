//! Bytes as JSON text: what is no plain character of ASCII, and `%` itself, becomes `%` and two hex digits.

use std::path::PathBuf;

use bstr::{BString, ByteSlice as _, ByteVec as _};
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

fn digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0')
}

pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'%' | 0..=b' ' | b'"' | b'\\' | 0x7f.. => text.extend(['%', digit(byte >> 4), digit(byte & 15)]),
            plain => text.push(char::from(*plain)),
        }
    }
    text
}

pub(crate) fn unescape(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits.to_str().ok()?, 16).ok()?);
        rest = after;
    }
    Some(bytes)
}

pub(super) fn serialize<S: Serializer>(bytes: &impl Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&escape(bytes.bytes()))
}

pub(super) fn deserialize<'de, B: Bytes, D: Deserializer<'de>>(deserializer: D) -> Result<B, D::Error> {
    let text = String::deserialize(deserializer)?;
    unescape(&text).and_then(B::new).ok_or_else(|| D::Error::custom("not escaped bytes"))
}

/// What is written this way.
pub(super) trait Bytes: Sized {
    fn bytes(&self) -> &[u8];
    fn new(bytes: Vec<u8>) -> Option<Self>;
}

impl Bytes for BString {
    fn bytes(&self) -> &[u8] {
        self
    }
    fn new(bytes: Vec<u8>) -> Option<Self> {
        Some(bytes.into())
    }
}

impl Bytes for PathBuf {
    fn bytes(&self) -> &[u8] {
        self.as_os_str().as_encoded_bytes()
    }
    fn new(bytes: Vec<u8>) -> Option<Self> {
        bytes.into_path_buf().ok()
    }
}

/// Nothing is written as the empty text, which names no folder.
impl Bytes for Option<PathBuf> {
    fn bytes(&self) -> &[u8] {
        self.as_ref().map_or(b"", |path| path.as_os_str().as_encoded_bytes())
    }
    fn new(bytes: Vec<u8>) -> Option<Self> {
        Some(if bytes.is_empty() { None } else { Some(bytes.into_path_buf().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_byte_comes_back(bytes: Vec<u8>) {
            prop_assert_eq!(unescape(&escape(&bytes)), Some(bytes));
        }

        #[test]
        fn no_text_brings_it_down(text: String) {
            drop(unescape(&text));
        }
    }
}
