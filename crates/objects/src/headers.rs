//! The header lines of commits and tags: `key value`, continued by lines that start with a space, ended by an empty line.

use memchr::memchr;

/// One header: its key, and its value without the final line feed (continuation lines as they are, with their space).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// What stands before the first space.
    pub key: &'a [u8],
    /// What stands after it.
    pub value: &'a [u8],
    /// All of it, with its line feed if it has one.
    pub raw: &'a [u8],
}

/// An iterator over the headers at the start of a commit or tag.
#[derive(Debug, Clone)]
pub struct Headers<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Headers<'a> {
    /// The headers of the object with these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// Where the message starts: after the empty line. Valid once the iterator is exhausted; without an empty line it is
    /// the length of the object.
    pub fn message_offset(&self) -> usize {
        (self.offset + 1).min(self.bytes.len())
    }

    /// Where the empty line before the message starts. Valid once the iterator is exhausted.
    pub fn end(&self) -> usize {
        self.offset
    }

    /// The offset just behind the line at `from`, and that of its line feed.
    fn line_end(&self, from: usize) -> usize {
        memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |end| from + end)
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        let start = self.offset;
        if self.bytes.get(start).is_none_or(|byte| *byte == b'\n') {
            return None;
        }
        let mut end = self.line_end(start);
        while self.bytes.get(end + 1) == Some(&b' ') {
            end = self.line_end(end + 1);
        }
        self.offset = (end + 1).min(self.bytes.len());
        let line = &self.bytes[start..end];
        let space = memchr(b' ', line).unwrap_or(line.len());
        let raw = &self.bytes[start..self.offset];
        Some(Header { key: &line[..space], value: line.get(space + 1..).unwrap_or_default(), raw })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> (Vec<[&[u8]; 2]>, usize) {
        let mut headers = Headers::new(bytes);
        let list = headers.by_ref().map(|header| [header.key, header.value]).collect();
        (list, headers.message_offset())
    }

    #[test]
    fn splits_headers_and_message() {
        let (list, message) = all(b"a 1\nsig x\n y\n z\nempty\n\nbody");
        assert_eq!(list, [[&b"a"[..], b"1"], [b"sig", b"x\n y\n z"], [b"empty", b""]]);
        assert_eq!(message, 23);
    }

    #[test]
    fn survives_missing_ends() {
        for bytes in [&b""[..], b"\n", b"a", b"a ", b"a b", b"a b\n", b"a b\n c", b"a b\n\n", b" ", b" \n "] {
            let (_, message) = all(bytes);
            assert!(message <= bytes.len());
        }
        assert_eq!(all(b"a b\n\n").1, 5);
        assert_eq!(all(b"a b\n").1, 4);
    }
}
