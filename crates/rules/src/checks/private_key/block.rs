//! Finds the base64 body of a key block in the text around it.
//!
//! Keys are pasted into JSON strings, YAML, shell scripts and source code, so the lines of a block may be indented,
//! quoted, commented out, joined by operators or written with `\n` for a line end. What is left when all that is
//! removed is the body. Says nothing about what the body means.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bstr::ByteSlice as _;

/// Standard base64, with or without padding, as key writers differ.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The alphabet of URLs and JSON Web Keys, with or without padding.
pub(super) const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// Longer text before `-----END` is the last line of the body rather than a comment sign.
const LONGEST_PREFIX: usize = 16;

/// A block between `-----BEGIN label-----` and `-----END label-----`.
pub(super) struct Block {
    /// Such as `RSA PRIVATE KEY`.
    pub(super) label: Vec<u8>,
    /// Header lines such as `Proc-Type: 4,ENCRYPTED`, trimmed.
    pub(super) headers: Vec<Vec<u8>>,
    /// The decoded body.
    pub(super) body: Vec<u8>,
    /// The decoded `=abcd` line that closes an PGP body.
    pub(super) checksum: Option<Vec<u8>>,
}

/// Reads the first block of `text`, or says why there is none.
pub(super) fn read(text: &[u8]) -> Result<Block, &'static str> {
    let text = plain(text);
    let begin = text.find(BEGIN).ok_or("the block has no BEGIN line")? + BEGIN.len();
    let label_end = begin + text[begin..].find(DASHES).ok_or("the BEGIN line is not closed")?;
    let label = text[begin..label_end].to_vec();
    let inner = &text[label_end + DASHES.len()..];
    let end = inner.find(END).ok_or("the block has no END line")?;
    let closing = &inner[end + END.len()..];
    if !closing.strip_prefix(&label[..]).is_some_and(|rest| rest.starts_with(DASHES)) {
        return Err("the BEGIN and END lines differ");
    }

    let (inner, prefix) = split_prefix(&inner[..end]);
    let mut headers = Vec::new();
    let mut coded = Vec::with_capacity(inner.len());
    let mut checksum = None;
    for line in inner.split(|&byte| byte == b'\n' || byte == b'\r') {
        let line = line.trim_ascii();
        let line = line.strip_prefix(prefix).unwrap_or(line).trim_ascii();
        if line.contains(&b':') {
            headers.push(line.to_vec());
            continue;
        }
        if is_elided(line) {
            return Err("the body of the block is left out");
        }
        for word in line.split(|&byte| !is_base64(byte)).filter(|word| !is_noise(word)) {
            if word.len() == 5 && word[0] == b'=' {
                checksum = BASE64.decode(&word[1..]).ok();
            } else if coded.last() != Some(&b'=') || word[0] == b'=' {
                coded.extend_from_slice(word);
            }
        }
    }
    let body = BASE64.decode(&coded).map_err(|_| "the body of the block is not base64")?;
    if body.is_empty() {
        Err("the body of the block is empty")
    } else {
        Ok(Block { label, headers, body, checksum })
    }
}

/// The text with the escapes of string literals resolved: `\n`, `\r`, `\t`, `\/`, `\"`, `\u002b`, also doubled ones.
pub(super) fn plain(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find_byte(b'\\') {
        plain.extend_from_slice(&rest[..at]);
        let after = &rest[at..];
        let slashes = after.iter().take_while(|&&byte| byte == b'\\').count();
        rest = &after[slashes..];
        let (byte, used) = match rest {
            [b'n' | b'r', ..] => (b'\n', 1),
            [b't', ..] => (b' ', 1),
            [b'u', digits @ ..] => unicode_escape(digits).map_or((b' ', 0), |byte| (byte, 5)),
            [character @ (b'/' | b'"' | b'\''), ..] => (*character, 1),
            _ => (b' ', 0),
        };
        plain.push(byte);
        rest = &rest[used..];
    }
    plain.extend_from_slice(rest);
    plain
}

/// The ASCII character of four hexadecimal digits.
fn unicode_escape(digits: &[u8]) -> Option<u8> {
    let digits = str::from_utf8(digits.get(..4)?).ok()?;
    u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)
}

/// Splits off what stands before `-----END` on its line when the lines of the body may start with it too: a comment
/// sign, a diff's `+`, or the opening of a string literal such as `b"`.
fn split_prefix(inner: &[u8]) -> (&[u8], &[u8]) {
    let start = inner.rfind_byteset(b"\r\n").map_or(0, |at| at + 1);
    let prefix = inner[start..].trim_ascii();
    let sign = prefix.iter().all(|byte| !byte.is_ascii_alphanumeric() && *byte != b'=');
    let literal = prefix.last().is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    if start > 0 && prefix.len() <= LONGEST_PREFIX && (sign || literal) {
        (&inner[..start], prefix)
    } else {
        (inner, b"")
    }
}

/// Whether somebody wrote dots or a placeholder where the body was.
fn is_elided(line: &[u8]) -> bool {
    line.contains_str("...") || line.contains_str("\u{2026}") || line.contains(&b'<')
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Nothing, an operator that joins string literals, or a comment sign.
fn is_noise(word: &[u8]) -> bool {
    word.len() <= 2 && word.iter().all(|byte| matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(prefix: &str, body: &[u8], suffix: &str) -> String {
        let coded = BASE64.encode(body);
        let lines = coded.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap());
        let all = [["-----BEG", "IN X KEY-----"].concat()].into_iter().chain(lines.map(str::to_owned));
        let all = all.chain([["-----E", "ND X KEY-----"].concat()]);
        all.flat_map(|line| [prefix.to_owned(), line, suffix.to_owned()]).collect()
    }

    proptest! {
        #[test]
        fn the_body_survives_every_way_of_pasting(body in prop::collection::vec(any::<u8>(), 1..200)) {
            for (prefix, suffix) in [
                ("", "\n"), ("", "\r\n"), ("    ", "\n"), ("\t", "\n"), ("", "\\n"), ("", "\\\\n"), ("", "\\r\\n"),
                ("# ", "\n"), ("// ", "\n"), (" * ", "\n"), ("> ", "\n"), ("+", "\n"), ("-", "\n"), ("| ", "\n"),
                ("\"", "\\n\" +\n"), ("'", "\\n' .\n"), ("b'", "\\n'\n"), ("\"", "\",\n"), ("", "\\\n"), ("", " "),
                ("", "\\n\\\n"), ("", ""),
            ] {
                let read = read(wrapped(prefix, &body, suffix).as_bytes());
                prop_assert_eq!(read.map(|block| block.body), Ok(body.clone()), "{:?} {:?}", prefix, suffix);
            }
            let escaped = wrapped("", &body, "\\n").replace('/', "\\/").replace('+', "\\u002B");
            prop_assert_eq!(read(escaped.as_bytes()).map(|block| block.body), Ok(body));
        }

        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, middle: Vec<u8>) {
            drop(read(&text));
            let open = ["-----BEG", "IN K-----"].concat();
            let close = ["-----E", "ND K-----"].concat();
            drop(read(&[open.as_bytes(), &middle, close.as_bytes()].concat()));
        }
    }

    #[test]
    fn headers_and_checksum_are_told_from_the_body() {
        let text = wrapped("", b"body", "\n").replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\n\n");
        let block = read(text.replace("-----E", "=AAEC\n-----E").as_bytes()).ok().unwrap();
        assert_eq!(block.label, b"X KEY");
        assert_eq!(block.headers, [b"Proc-Type: 4,ENCRYPTED".to_vec()]);
        assert_eq!(block.body, b"body");
        assert_eq!(block.checksum, Some(vec![0, 1, 2]));
    }

    #[test]
    fn what_is_no_whole_block_is_refused() {
        let whole = wrapped("", b"0123456789", "\n");
        for bad in [
            whole.replace("-----E", "...\n-----E"),
            whole.replace("-----E", "<rest>\n-----E"),
            whole.replace("ND X", "ND Y"),
            whole.replace("ND X KEY-----", "ND X KEY"),
            whole.replace(&BASE64.encode(b"0123456789"), ""),
            whole[..whole.len() / 2].to_owned(),
            whole.replace("MDEy", "MDE"),
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
