//! Paths as URI references (RFC 3986): bytes that stand for themselves in every place, the rest percent-encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What is encoded: all but the unreserved characters and the slash. A colon would make a scheme of a first folder.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The relative reference of `path`; of an absolute one a `file` URI, of an empty one `.`.
pub(crate) fn reference(path: &[u8]) -> String {
    let encoded = percent_encode(path, ENCODED).to_string();
    match path.first() {
        None => ".".to_owned(),
        Some(b'/') => format!("file://{encoded}"),
        Some(_) => encoded,
    }
}

/// Whether [`reference`] gives one that is relative to the top of what was scanned.
pub(crate) fn is_relative(path: &[u8]) -> bool {
    path.first() != Some(&b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_a_valid_reference() {
        let cases: [(&[u8], &str); 8] = [
            (b"app/config.py", "app/config.py"),
            (b"a b/%41#?.env", "a%20b/%2541%23%3F.env"),
            (b"c:/x", "c%3A/x"),
            (b"caf\xc3\xa9\xff", "caf%C3%A9%FF"),
            (b"a\n::error::x", "a%0A%3A%3Aerror%3A%3Ax"),
            (b"(commit message)", "%28commit%20message%29"),
            (b"/tmp/a b", "file:///tmp/a%20b"),
            (b"", "."),
        ];
        for (path, uri) in cases {
            assert_eq!(reference(path), uri);
        }
    }
}
