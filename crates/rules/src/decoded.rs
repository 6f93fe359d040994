//! A text with its encoded passages decoded in place, and where each of them stood.
//!
//! The passages are those that gitleaks decodes: `%41`, `\u0041` and `U+0041`, 32 hexadecimal digits and more, 16
//! characters of base64 and more; what is decoded must be printable ASCII. Decoding goes on in what was decoded.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::span::Span;

/// Encodings within one another that are undone, as many as gitleaks undoes by default.
const DEEPEST: usize = 5;
const SHORTEST_HEX: usize = 32;
const SHORTEST_BASE64: usize = 16;

const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// A text with passages decoded.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    pub(crate) text: Vec<u8>,
    /// In order.
    segments: Vec<Segment>,
}

/// A passage of a decoded text, and where it stands, encoded, in the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    here: Span,
    original: Span,
    encoding: Encoding,
}

/// How a passage was written; of several, the outermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Percent,
    Unicode,
    Hex,
    Base64,
}

/// A passage to decode: where it stands, and what it stands for.
type Found = (Span, Vec<u8>, Encoding);

impl Decoded {
    /// Decodes `text`; nothing if there is nothing to decode.
    pub(crate) fn of(text: &[u8]) -> Option<Self> {
        let mut decoded = Self::default().replaced(text, &passages(text))?;
        for _ in 1..DEEPEST {
            match decoded.replaced(&decoded.text, &passages(&decoded.text)) {
                Some(deeper) => decoded = deeper,
                None => break,
            }
        }
        Some(decoded)
    }

    /// This text, which is `text`, with `found` replaced; nothing without any.
    fn replaced(&self, text: &[u8], found: &[Found]) -> Option<Self> {
        let mut rest = found.iter().peekable();
        rest.peek()?;
        let mut next = Self::default();
        let mut at = 0;
        while let Some(first) = rest.next() {
            // What was decoded before and is touched again becomes part of the new passage as a whole.
            let mut whole = self.widened(first.0);
            let mut bytes = [&text[whole.start..first.0.start], &first.1].concat();
            let mut end = first.0.end;
            while let Some(other) = rest.next_if(|other| other.0.start < whole.end) {
                bytes.extend_from_slice(&text[end..other.0.start]);
                bytes.extend_from_slice(&other.1);
                end = other.0.end;
                whole.end = whole.end.max(self.widened(other.0).end);
            }
            bytes.extend_from_slice(&text[end..whole.end]);
            next.keep(self, text, Span::new(at, whole.start));
            let here = Span::new(next.text.len(), next.text.len() + bytes.len());
            let encoding = self.overlapped(whole).map_or(first.2, |segment| segment.encoding);
            next.segments.push(Segment { here, original: self.original(whole), encoding });
            next.text.extend_from_slice(&bytes);
            at = whole.end;
        }
        next.keep(self, text, Span::new(at, text.len()));
        Some(next)
    }

    /// Takes over `span` of `text`, which is that of `before`, with the passages in it.
    fn keep(&mut self, before: &Self, text: &[u8], span: Span) {
        let to = self.text.len();
        let first = before.segments.partition_point(|segment| segment.here.start < span.start);
        for segment in before.segments[first..].iter().take_while(|segment| segment.here.start < span.end) {
            let here = Span::new(segment.here.start - span.start + to, segment.here.end - span.start + to);
            self.segments.push(Segment { here, ..*segment });
        }
        self.text.extend_from_slice(span.of(text));
    }

    /// The first passage that `span` overlaps.
    fn overlapped(&self, span: Span) -> Option<&Segment> {
        let first = self.segments.partition_point(|segment| segment.here.end <= span.start);
        self.segments.get(first).filter(|segment| segment.here.start < span.end)
    }

    /// `span` and the passages that it overlaps.
    fn widened(&self, span: Span) -> Span {
        let Some(first) = self.overlapped(span) else { return span };
        let after = self.segments.partition_point(|segment| segment.here.start < span.end);
        let last = self.segments[after - 1];
        Span::new(span.start.min(first.here.start), span.end.max(last.here.end))
    }

    /// Where `span` of this text stands in the original: passages that it touches as a whole.
    pub(crate) fn original(&self, span: Span) -> Span {
        let place = |offset: usize, end: bool| {
            let after = self.segments.partition_point(|segment| segment.here.start < offset);
            match after.checked_sub(1).map(|at| self.segments[at]) {
                Some(segment) if offset < segment.here.end => {
                    if end {
                        segment.original.end
                    } else {
                        segment.original.start
                    }
                }
                Some(segment) => offset - segment.here.end + segment.original.end,
                None => offset,
            }
        };
        // A passage that starts just here is touched by what starts here, not by what ends here.
        let first = self.segments.partition_point(|segment| segment.here.start < span.start);
        let start = match self.segments.get(first) {
            Some(segment) if segment.here.start == span.start => segment.original.start,
            _ => place(span.start, false),
        };
        Span::new(start, place(span.end, true).max(start))
    }

    /// How the first passage that `span` of this text overlaps was encoded.
    pub(crate) fn encoding(&self, span: Span) -> Option<&'static str> {
        let segment = self.overlapped(span)?;
        Some(match segment.encoding {
            Encoding::Percent => "percent",
            Encoding::Unicode => "unicode",
            Encoding::Hex => "hex",
            Encoding::Base64 => "base64",
        })
    }
}

/// The encoded passages of `text`, in order.
fn passages(text: &[u8]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        let passage = match byte {
            b'%' => percent(text, at),
            b'\\' | b'U' if unicode_length(text, at).is_some() => unicode(text, at),
            byte if is_base64(byte) => {
                let end = at + text[at..].iter().take_while(|&&byte| is_base64(byte)).count();
                let passage = run(text, Span::new(at, end));
                if passage.is_none() {
                    // An escape may stand in the middle of what is none, such as `xU+0041`; those begin no run.
                    at = end;
                    continue;
                }
                passage
            }
            _ => None,
        };
        match passage {
            Some(passage) => {
                at = passage.0.end;
                found.push(passage);
            }
            None => at += 1,
        }
    }
    found
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn is_printable(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b'\t'..=b'\r' | b' '..=b'~'))
}

fn percent(text: &[u8], at: usize) -> Option<Found> {
    let mut bytes = Vec::new();
    let mut end = at;
    while let Some([b'%', high, low]) = text.get(end..end + 3)
        && let Some(byte) = byte_of(*high, *low)
    {
        bytes.push(byte);
        end += 3;
    }
    (end > at && is_printable(&bytes)).then_some((Span::new(at, end), bytes, Encoding::Percent))
}

fn byte_of(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

/// Bytes of the escape of one character at `at`, with the digits last but for a blank after `U+0041`.
fn unicode_length(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let digits =
        |from: usize| text.get(from..from + 4).is_some_and(|four| four.iter().all(u8::is_ascii_hexdigit));
    match text.get(at..)? {
        [b'\\', b'\\', b'u' | b'U', ..] if digits(at + 3) => Some((3, 7)),
        [b'\\', b'u' | b'U', ..] | [b'U', b'+', ..] if digits(at + 2) => Some((2, 6)),
        _ => None,
    }
}

fn unicode(text: &[u8], at: usize) -> Option<Found> {
    let mut bytes = Vec::new();
    let mut end = at;
    while let Some((digits, length)) = unicode_length(text, end) {
        let four = &text[end + digits..end + length];
        if byte_of(four[0], four[1]) != Some(0) {
            break;
        }
        bytes.push(byte_of(four[2], four[3])?);
        let plus = text[end] == b'U';
        end += length;
        if plus && text.get(end) == Some(&b' ') && unicode_length(text, end + 1).is_some() {
            end += 1;
        }
    }
    (end > at && is_printable(&bytes)).then_some((Span::new(at, end), bytes, Encoding::Unicode))
}

/// Decodes a run of characters of base64: as hexadecimal where it can be that.
fn run(text: &[u8], span: Span) -> Option<Found> {
    let coded = span.of(text);
    if coded.len() >= SHORTEST_HEX && coded.iter().all(u8::is_ascii_hexdigit) {
        let bytes: Option<Vec<u8>> = coded.chunks(2).map(|pair| byte_of(pair[0], *pair.get(1)?)).collect();
        if let Some(bytes) = bytes.filter(|bytes| is_printable(bytes)) {
            return Some((span, bytes, Encoding::Hex));
        }
    }
    if coded.len() < SHORTEST_BASE64 {
        return None;
    }
    let for_urls = coded.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let engine = if for_urls { &BASE64_URL } else { &BASE64 };
    // Most runs are words: the first characters tell.
    let mut head = [0; SHORTEST_BASE64];
    let length = engine.decode_slice(&coded[..SHORTEST_BASE64], &mut head).ok()?;
    if !is_printable(&head[..length]) {
        return None;
    }
    let bytes = engine.decode(coded).ok().filter(|bytes| is_printable(bytes))?;
    let padding = text[span.end..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    Some((Span::new(span.start, span.end + padding), bytes, Encoding::Base64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str, how: usize) -> String {
        let each = |to: &dyn Fn(u8) -> String| text.bytes().map(to).collect::<Vec<_>>().concat();
        match how {
            0 => each(&|byte| format!("%{byte:02X}")),
            1 => each(&|byte| format!("\\u{byte:04x}")),
            2 => each(&|byte| format!("\\\\U{byte:04x}")),
            3 => each(&|byte| format!("U+{byte:04X} ")).trim_end().to_owned(),
            4 => each(&|byte| format!("{byte:02x}")),
            5 => BASE64.encode(text),
            _ => BASE64_URL.encode(text),
        }
    }

    fn shown(text: &str) -> Option<String> {
        Decoded::of(text.as_bytes()).map(|decoded| String::from_utf8(decoded.text).unwrap())
    }

    #[test]
    fn what_is_not_encoded_stays() {
        for text in [
            "",
            "plain words",
            "100% sure",
            "%zz",
            "\\u00e9",
            "\\u0",
            "deadbeef",
            "internationalization",
            "%00%01",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
        assert_eq!(shown("a%3Db%C3%A4"), Some("a=b%C3%A4".to_owned()));
        assert_eq!(shown("\"token\\u003dx\""), Some("\"token=x\"".to_owned()));
    }

    #[test]
    fn five_encodings_within_one_another_are_undone_and_no_more() {
        let plain = "token=k3Jd9sQw2xLm7Vt7";
        let mut text = plain.to_owned();
        for depth in 1..=6 {
            text = BASE64.encode(&text);
            assert_eq!(shown(&text).as_deref() == Some(plain), depth <= DEEPEST, "{depth}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_and_found_again(
            plain in "[a-z]{3,9} = [0-9a-z]{16,30}", outer in 0usize..7, inner in 0usize..7, twice: bool,
            before in "[ -$&-/:-@\n]{0,9}", after in "[ :;,.\n]{0,9}",
        ) {
            let once = encoded(&plain, inner);
            let coded = if twice { encoded(&once, outer) } else { once };
            let text = format!("{before}.{coded};{after}");
            let decoded = Decoded::of(text.as_bytes()).expect("something is encoded");
            let shown = String::from_utf8(decoded.text.clone()).unwrap();
            let at = shown.find(&plain);
            prop_assert!(at.is_some(), "{text} -> {shown}");
            let at = at.unwrap();
            let original = decoded.original(Span::new(at, at + plain.len()));
            prop_assert_eq!(original.of(text.as_bytes()), coded.as_bytes());
            prop_assert!(decoded.encoding(Span::new(at, at + 1)).is_some());
            prop_assert!(decoded.encoding(Span::new(0, before.len())).is_none());
            let all = decoded.original(Span::new(0, decoded.text.len()));
            prop_assert_eq!(all, Span::new(0, text.len()));
        }

        #[test]
        fn any_bytes_are_read_and_spans_stay_in_order(
            parts in prop::collection::vec("(%[0-9a-f]{2}|\\\\u00[2-7][0-9]|[0-9a-f]{32}|dG9rZW49azNKZDlzUXcyeA==|.)", 0..12),
        ) {
            let text = parts.concat();
            let Some(decoded) = Decoded::of(text.as_bytes()) else { return Ok(()) };
            prop_assert!(decoded.text.len() < text.len());
            let mut last = (0, 0);
            for segment in &decoded.segments {
                prop_assert!(last.0 <= segment.here.start && last.1 <= segment.original.start);
                prop_assert!(segment.here.end <= decoded.text.len() && segment.original.end <= text.len());
                last = (segment.here.end, segment.original.end);
            }
            for at in 0..decoded.text.len() {
                let original = decoded.original(Span::new(at, at + 1));
                prop_assert!(!original.is_empty() && original.end <= text.len());
                let same = decoded.encoding(Span::new(at, at + 1)).is_some()
                    || original.of(text.as_bytes()) == &decoded.text[at..=at];
                prop_assert!(same);
            }
        }
    }
}
