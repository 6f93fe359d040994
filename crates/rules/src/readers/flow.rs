//! Reads the mapping in braces that a place lies in: JSON in one line, YAML in flow style.
//!
//! Like its sibling for lines it is content with what people and tools write, takes templates and what is cut off, and
//! looks at every byte once.

use crate::readers::manifest::closing_quote;
use crate::span::Span;

/// Braces deeper than this are nobody's manifest.
const DEEPEST: usize = 64;

/// A key with its value, both as written: the key without quotes, the value with them, or from brace to brace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FlowMember {
    pub(super) key: Span,
    pub(super) value: Span,
}

/// The members of the mapping around `at` that begins on its line, among `max` bytes before and after.
pub(super) fn members_around(text: &[u8], at: Span, max: usize) -> Vec<FlowMember> {
    let earliest = at.start.saturating_sub(max);
    let line = memchr::memrchr(b'\n', &text[earliest..at.start]).map_or(earliest, |end| earliest + end + 1);
    let mut open = Vec::new();
    let mut offset = line;
    while offset < at.start {
        match text[offset] {
            b'{' if open.len() == DEEPEST => return Vec::new(),
            b'{' => open.push(offset),
            b'}' => drop(open.pop()),
            // A quote that covers the place is no quote: the line began inside of one.
            b'"' | b'\'' if opens_quote(text, line, offset) => match quoted(text, offset, at.end) {
                Some(end) if end <= at.start => offset = end - 1,
                _ => {}
            },
            _ => {}
        }
        offset += 1;
    }
    let latest = text.len().min(at.end.saturating_add(max));
    open.pop().map_or_else(Vec::new, |open| members(text, open, latest))
}

/// The members of the mapping whose brace stands at `open`, as far as they end before `latest`.
pub(super) fn members(text: &[u8], open: usize, latest: usize) -> Vec<FlowMember> {
    let mut members = Vec::new();
    let mut at = open + 1;
    loop {
        at = past(text, at, latest, |byte| byte.is_ascii_whitespace() || byte == b',');
        let Some((key, next)) = key(text, at, latest) else { break };
        let start = past(text, next, latest, |byte| byte.is_ascii_whitespace());
        let Some(end) = value_end(text, start, latest) else { break };
        members.push(FlowMember { key, value: Span::new(start, end) });
        at = end;
    }
    members
}

fn past(text: &[u8], from: usize, latest: usize, skipped: impl Fn(u8) -> bool) -> usize {
    text[from.min(latest)..latest].iter().position(|&byte| !skipped(byte)).map_or(latest, |n| from + n)
}

/// The key at `at`, and where its value may begin.
fn key(text: &[u8], at: usize, latest: usize) -> Option<(Span, usize)> {
    let first = *text[..latest].get(at)?;
    if matches!(first, b'"' | b'\'') {
        let end = quoted(text, at, latest)?;
        let colon = past(text, end, latest, |byte| byte.is_ascii_whitespace());
        return (text[..latest].get(colon) == Some(&b':')).then_some((Span::new(at + 1, end - 1), colon + 1));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/".contains(&byte);
    let end = past(text, at, latest, plain);
    let colon = past(text, end, latest, |byte| byte == b' ');
    (end > at && text[..latest].get(colon) == Some(&b':')).then_some((Span::new(at, end), colon + 1))
}

/// Where the value that starts at `start` ends.
fn value_end(text: &[u8], start: usize, latest: usize) -> Option<usize> {
    match text[..latest].get(start)? {
        b'"' | b'\'' => quoted(text, start, latest),
        b'{' | b'[' => balanced(text, start, latest),
        _ => {
            let end = past(text, start, latest, |byte| !matches!(byte, b',' | b'}' | b']' | b'\n'));
            (end < latest).then(|| start + text[start..end].trim_ascii_end().len())
        }
    }
}

/// Past the brace or bracket that closes the one at `start`. Kinds are not told apart.
fn balanced(text: &[u8], start: usize, latest: usize) -> Option<usize> {
    let (mut depth, mut at) = (0usize, start);
    while at < latest {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' | b'\'' if opens_quote(text, start, at) => at = quoted(text, at, latest)? - 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether the quote at `at` begins a scalar; in the middle of a plain one it is an apostrophe.
fn opens_quote(text: &[u8], from: usize, at: usize) -> bool {
    let before = text[from..at].iter().rev().find(|byte| !byte.is_ascii_whitespace());
    before.is_none_or(|byte| b"{[,:".contains(byte))
}

/// Past the quote that closes the one at `start`; `''` and `\"` do not.
fn quoted(text: &[u8], start: usize, latest: usize) -> Option<usize> {
    closing_quote(text.get(start + 1..latest)?, text[start]).map(|at| start + at + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keys and values of the mapping around the first `kind`.
    fn around(text: &str, max: usize) -> Vec<(String, String)> {
        let start = text.find("kind").unwrap();
        let string = |span: Span| String::from_utf8(span.of(text.as_bytes()).to_vec()).unwrap();
        members_around(text.as_bytes(), Span::new(start, start + 4), max)
            .iter()
            .map(|member| (string(member.key), string(member.value)))
            .collect()
    }

    fn keys(text: &str) -> String {
        around(text, 1 << 16).into_iter().map(|(key, _)| key).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_mapping_is_the_one_in_the_nearest_braces() {
        for (text, wanted) in [
            (r#"{"a":1,"kind":"S","b":{"c":2},"d":3}"#, "a kind b d"),
            ("{a: 1, kind: S, b: {c: 2}}", "a kind b"),
            ("x: {a: 1, kind: S,\n  b: {c: 2}}\ny: 1", "a kind b"),
            (r#"[{"a":1},{"kind":"S","b":2},{"c":3}]"#, "kind b"),
            (r#"{"a":"}{","kind":"S","b":"\"}"}"#, "a kind b"),
            ("{a: it's, kind: S, b: '}'}", "a kind b"),
            (r#"{"z":{"kind":"S","b":[1,{"q":2}]},"c":3}"#, "kind b"),
            (r#"{"a":1,"kind":"S","b":"cut of"#, "a kind"),
            ("kind: S", ""),
            ("{a: 1}\nkind: S", ""),
        ] {
            assert_eq!(keys(text), wanted, "{text}");
        }
    }

    #[test]
    fn values_are_told_as_they_are_written() {
        let text = r#"{kind: S, a: b c , "d": "e\"f", g: 'h''i', j: {k: "}"}, l: }"#;
        let values: Vec<String> = around(text, 1 << 16).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["S", "b c", r#""e\"f""#, "'h''i'", r#"{k: "}"}"#, ""]);
    }

    #[test]
    fn nothing_out_of_reach_is_read() {
        let text =
            format!("{{\"a\":\"{}\",\"kind\":\"S\",\"b\":\"{}\",\"c\":1}}", "x".repeat(40), "y".repeat(40));
        assert_eq!(keys(&text), "a kind b c");
        assert_eq!(around(&text, 20), [], "the brace is too far");
        assert_eq!(around(&text, 50).len(), 2, "the value of b is cut off");
    }

    proptest! {
        #[test]
        fn any_text_gives_ordered_members(
            parts in prop::collection::vec("[{}\\[\\]:,\"'\\\\ \n]|kind|ab", 0..40), at in 0usize..80, max in 0usize..100,
        ) {
            let text = parts.concat();
            let start = at.min(text.len());
            let mut last = 0;
            for member in members_around(text.as_bytes(), Span::new(start, text.len().min(start + 4)), max) {
                prop_assert!(last <= member.key.start && member.key.end <= member.value.start);
                prop_assert!(member.value.start <= member.value.end && member.value.end <= text.len());
                prop_assert!(start.saturating_sub(max) <= member.key.start);
                if text.as_bytes().get(member.value.start) == Some(&b'{') {
                    members(text.as_bytes(), member.value.start, member.value.end);
                }
                last = member.value.end;
            }
        }
    }
}
