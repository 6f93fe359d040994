//! Reads the entries of a dotenv file, as bytes and without expanding anything.
//!
//! The format has no standard; what motdotla/dotenv, docker compose and ruby's dotenv agree on is read, and where they
//! differ the reading that loses the least: a quote that is never closed ends with its line, a line that is no
//! assignment is skipped.

use bstr::ByteSlice as _;

use super::entry::{Entry, Quote};
use crate::Span;
use crate::placeholder::is_reference;

const BOM: &[u8] = b"\xef\xbb\xbf";

/// Reads every entry of `text`, in order. Takes time linear in the text.
pub fn read(text: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut at = if text.starts_with(BOM) { BOM.len() } else { 0 };
    while at < text.len() {
        let line_end = line_end(text, at);
        let next = match assignment(text, at, line_end) {
            Some((key, start)) => {
                let (value, quote, end) = value(text, start, line_end);
                let raw = value.of(text);
                let literal = quote == Quote::Single && !raw.contains(&b'{');
                let is_multi_line = raw.find_byteset(b"\r\n").is_some();
                entries.push(Entry {
                    key,
                    value,
                    quote,
                    is_reference: !literal && is_reference(raw),
                    is_multi_line,
                });
                end
            }
            None => line_end,
        };
        // One past the line end; the second half of `\r\n` reads as an empty line.
        at = next + 1;
    }
    entries
}

fn line_end(text: &[u8], from: usize) -> usize {
    text[from..].find_byteset(b"\r\n").map_or(text.len(), |length| from + length)
}

/// The first offset from `from` on that holds no blank, at most `end`.
fn skip_blanks(text: &[u8], from: usize, end: usize) -> usize {
    text[from..end].iter().position(|byte| !matches!(byte, b' ' | b'\t')).map_or(end, |length| from + length)
}

/// The key of the line `from..end` and where its value starts.
fn assignment(text: &[u8], from: usize, end: usize) -> Option<(Span, usize)> {
    let mut start = skip_blanks(text, from, end);
    if let Some(rest) = text[start..end].strip_prefix(b"export") {
        let after = skip_blanks(text, end - rest.len(), end);
        if after > end - rest.len() && text.get(after).is_some_and(|byte| is_key(*byte)) {
            start = after;
        }
    }
    let length = text[start..end].iter().position(|&byte| !is_key(byte))?;
    let key = Span::new(start, start + length);
    let sign = skip_blanks(text, key.end, end);
    match text[sign..end].first() {
        _ if key.is_empty() => None,
        Some(b'=') => Some((key, skip_blanks(text, sign + 1, end))),
        // The YAML style of ruby's dotenv: no blank before the colon, one after it.
        Some(b':') if sign == key.end => {
            let value = skip_blanks(text, sign + 1, end);
            (value > sign + 1 || value == end).then_some((key, value))
        }
        _ => None,
    }
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// The value that starts at `start`, its quoting, and the end of its last line.
fn value(text: &[u8], start: usize, line_end: usize) -> (Span, Quote, usize) {
    let quote = text[start..line_end].first().map_or(Quote::None, |&byte| Quote::of(byte));
    if quote == Quote::None {
        return (unquoted(text, start, line_end), quote, line_end);
    }
    let inside = start + 1;
    if let Some((close, end)) = closing_quote(text, start, line_end) {
        return (Span::new(inside, close), quote, end);
    }
    // A closing quote that a backslash seems to escape, as in `'C:\dir\'`, or none at all.
    let line = &text[inside..line_end];
    let close = line.rfind_byte(text[start]).filter(|&at| is_blank_or_comment(&line[at + 1..]));
    match close {
        Some(at) => (Span::new(inside, inside + at), quote, line_end),
        None => (unquoted(text, inside, line_end), quote, line_end),
    }
}

/// Everything up to a ` #`, without blanks at the end.
fn unquoted(text: &[u8], start: usize, line_end: usize) -> Span {
    let line = &text[start..line_end];
    let is_comment = |&at: &usize| start + at > 0 && matches!(text[start + at - 1], b' ' | b'\t');
    let comment = line.find_iter(b"#").find(is_comment).unwrap_or(line.len());
    Span::new(start, start + line[..comment].trim_ascii_end().len())
}

/// The quote that closes the one at `open`, and the end of its line.
///
/// On another line only when nothing but a comment follows it there, and it does not open the value of that line's own
/// assignment: then the first quote was never closed, and the rest of the file must not be swallowed. Each scan ends
/// at the next quote that opens a value, so all scans together are linear.
fn closing_quote(text: &[u8], open: usize, first_line_end: usize) -> Option<(usize, usize)> {
    let mut escaped = false;
    let close = text[open + 1..].iter().position(|&byte| {
        let found = byte == text[open] && !escaped;
        escaped = byte == b'\\' && !escaped;
        found
    });
    let close = open + 1 + close?;
    if close < first_line_end {
        return Some((close, first_line_end));
    }
    let end = line_end(text, close);
    let start = text[..close].rfind_byteset(b"\r\n").map_or(0, |at| at + 1);
    let opens_another = assignment(text, start, end).is_some_and(|(key, value)| {
        // The last line of base64 reads like an assignment too (`Gk8Q="`), but keys keep to one case.
        let key = key.of(text);
        value == close && !(key.iter().any(u8::is_ascii_lowercase) && key.iter().any(u8::is_ascii_uppercase))
    });
    (!opens_another && is_blank_or_comment(&text[close + 1..end])).then_some((close, end))
}

fn is_blank_or_comment(bytes: &[u8]) -> bool {
    matches!(bytes.trim_ascii_start().first(), None | Some(b'#'))
}

#[cfg(test)]
mod tests {
    use super::super::entry::unescape;
    use super::*;
    use proptest::prelude::*;

    /// Key, raw value and quote of every entry.
    fn entries(text: &str) -> Vec<(String, String, Quote)> {
        let text = text.as_bytes();
        let string = |span: Span| String::from_utf8(span.of(text).to_vec()).unwrap();
        read(text).iter().map(|entry| (string(entry.key), string(entry.value), entry.quote)).collect()
    }

    #[test]
    fn every_way_to_write_one_entry_is_read() {
        use Quote::{Backtick, Double, None, Single};
        for (text, value, quote) in [
            ("K=v", "v", None),
            ("export K=v", "v", None),
            ("  export\tK = v  ", "v", None),
            ("K =\tv\r\n", "v", None),
            ("\u{feff}K=v", "v", None),
            ("K: v", "v", None),
            ("K:", "", None),
            ("K=", "", None),
            ("K= # comment", "", None),
            ("K=#no-comment", "#no-comment", None),
            ("K=a#b", "a#b", None),
            ("K=a #b", "a", None),
            ("K=a\t#b", "a", None),
            ("K=a b", "a b", None),
            ("K=a=b==", "a=b==", None),
            ("K=it's \"so\"", "it's \"so\"", None),
            ("K=''", "", Single),
            ("K='a # b' # c", "a # b", Single),
            ("K=\"a 'b' # c\"", "a 'b' # c", Double),
            ("K=\"a \\\" b\"", "a \\\" b", Double),
            ("K=\"a\\\\\" # \"", "a\\\\", Double),
            ("K=`a \"b\" 'c'`", "a \"b\" 'c'", Backtick),
            ("K='it\\'s'", "it\\'s", Single),
            ("K='C:\\dir\\'", "C:\\dir\\", Single),
            ("K=\"a\"; next", "a", Double),
            ("K=\"a\nb\"", "a\nb", Double),
            ("K='a\r\n\r\nb' # c", "a\r\n\r\nb", Single),
            ("K=`a\nb=c\n`", "a\nb=c\n", Backtick),
            ("K=\"open", "open", Double),
            ("K='open # comment", "open", Single),
            ("K=\"", "", Double),
        ] {
            assert_eq!(entries(text), [("K".to_owned(), value.to_owned(), quote)], "{text:?}");
        }
        assert_eq!(entries("a.b-C_9=1")[0].0, "a.b-C_9");
        assert_eq!(entries("export=1")[0].0, "export");
        assert_eq!(entries("exported=1")[0].0, "exported");
    }

    #[test]
    fn lines_that_assign_nothing_are_skipped() {
        for text in [
            "", "\n", "# K=v", "  #K=v", "export K", "K", "=v", "K v", "K:v", "K : v", "!K=v", "\u{feff}",
            "é=v",
        ] {
            assert_eq!(entries(text), [], "{text:?}");
            let around = format!("A=1\n{}\nB=2", text.trim_start_matches('\u{feff}'));
            assert_eq!(entries(&around).len(), 2, "{around:?}");
        }
    }

    #[test]
    fn an_unclosed_quote_swallows_no_other_entry() {
        for quote in ['"', '\'', '`'] {
            for rest in ["B=2", "B={q}2{q}", "B={q}{q}", "B={q}", "export B = {q}2", "B: {q}x\ny{q}"] {
                let text = format!("A={quote}open\n{}\nC=3", rest.replace("{q}", &quote.to_string()));
                let read = entries(&text);
                assert_eq!(read[0].1, "open", "{text:?}");
                assert_eq!(
                    read.iter().map(|entry| &entry.0[..]).collect::<Vec<_>>(),
                    ["A", "B", "C"],
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn every_line_end_separates() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["A=1", "", "B=\"x", "y\"", "C=3"].join(end);
            assert_eq!(entries(&text).iter().map(|entry| &entry.0[..]).collect::<Vec<_>>(), ["A", "B", "C"]);
            assert_eq!(
                read(text.as_bytes()).iter().map(|e| e.is_multi_line).collect::<Vec<_>>(),
                [false, true, false]
            );
        }
    }

    #[test]
    fn references_are_told_from_values() {
        for (text, expected) in [
            ("K=$NAME", true),
            ("K=\"${NAME}\"", true),
            ("K=${NAME:-}", true),
            ("K='$NAME'", false),
            ("K=pa$$word", false),
            ("K=v", false),
            ("K=", false),
        ] {
            assert_eq!(read(text.as_bytes())[0].is_reference, expected, "{text}");
        }
    }

    #[test]
    fn many_unclosed_quotes_take_linear_time() {
        let text = "A=\"\\\"\\\"x\nB='y\nC=`z\n".repeat(100_000);
        let start = std::time::Instant::now();
        assert_eq!(read(text.as_bytes()).len(), 300_000);
        assert!(start.elapsed() < std::time::Duration::from_secs(10), "{:?}", start.elapsed());
    }

    #[test]
    fn a_multi_line_value_may_end_in_padding() {
        let text = "A=\"QUJD\nGk8Q=\"\nB=2";
        assert_eq!(entries(text)[0].1, "QUJD\nGk8Q=");
        assert_eq!(entries(text).len(), 2);
    }

    /// Writes a value in one style, or not at all when the style cannot hold it.
    fn written(value: &str, style: Quote) -> Option<String> {
        // Such a value ends like an assignment that opens a quote, and is taken for one.
        if style != Quote::Double && value.contains('\n') && value.trim_ascii_end().ends_with(['=', ':']) {
            return None;
        }
        let has = |set: &str| value.contains(|c| set.contains(c));
        match style {
            Quote::None
                if has("\r\n#") || value.trim_ascii() != value || value.starts_with(['"', '\'', '`']) =>
            {
                None
            }
            Quote::None => Some(value.to_owned()),
            Quote::Single if has("'\\") => None,
            Quote::Single => Some(format!("'{value}'")),
            Quote::Backtick if has("`\\") => None,
            Quote::Backtick => Some(format!("`{value}`")),
            Quote::Double => {
                let escaped = value
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"")
                    .replace('\r', "\\r")
                    .replace('\n', "\\n");
                Some(format!("\"{escaped}\""))
            }
        }
    }

    fn style() -> impl Strategy<Value = Quote> {
        prop::sample::select(vec![Quote::None, Quote::Single, Quote::Double, Quote::Backtick])
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            written_entries in prop::collection::vec(
                ("[A-Za-z_][A-Za-z0-9_.-]{0,12}", "[ -~\n\u{e9}]{0,20}", style(), "( # it's a \"note\")?", "(export )?"), 0..8),
            end in "\n|\r\n",
        ) {
            let mut text = String::new();
            let mut expected = Vec::new();
            for (key, value, style, comment, export) in &written_entries {
                if let Some(quoted) = written(value, *style) {
                    let line = [&export[..], key, "=", &quoted, comment, &end, "# X=\"", &end];
                    text.extend(line);
                    expected.push((key.clone().into_bytes(), value.clone().into_bytes()));
                }
            }
            let text = text.as_bytes();
            let read = read(text);
            let read: Vec<_> = read.iter().map(|e| (e.key.of(text).to_vec(), unescape(e, text))).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn any_bytes_give_ordered_entries(text: Vec<u8>) {
            let mut at = 0;
            for entry in read(&text) {
                prop_assert!(at <= entry.key.start && entry.key.end <= entry.value.start);
                prop_assert!(entry.value.start <= entry.value.end && entry.value.end <= text.len());
                unescape(&entry, &text);
                at = entry.value.end;
            }
        }

        #[test]
        fn lines_of_quotes_and_signs_give_ordered_entries(text in "([A-B=:\"'`\\\\# \n\r$]|=\"|\nK=){0,60}") {
            let text = text.as_bytes();
            let mut at = 0;
            for entry in read(text) {
                prop_assert!(at <= entry.key.start && entry.value.end <= text.len());
                unescape(&entry, text);
                at = entry.value.end;
            }
        }
    }
}
