//! Reads the mapping that a line of YAML (or of JSON, one member a line) belongs to, by indentation alone.
//!
//! No YAML library: manifests are scanned with templates in them, in the middle of shell scripts and Markdown, and cut
//! off, none of which is YAML. What is read here is what people and tools write: block mappings, plain and quoted
//! scalars, block scalars. Anchors are not followed; mappings in braces are read elsewhere.

use crate::span::Span;

/// Keys deeper than this are nobody's manifest; it bounds how many mappings one line can belong to.
const DEEPEST: usize = 32;

/// One line: the bytes without its end, and the column of its first byte that is no blank.
#[derive(Clone, Copy, Debug)]
struct Line {
    span: Span,
    indent: usize,
}

/// A key with what belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The key without quotes.
    pub(super) key: Span,
    /// The rest of the key's line, with quotes, without comment and comma.
    pub(super) inline: Span,
    /// The deeper lines after it, blanks and comments among them.
    pub(super) below: Span,
}

/// The members of the mapping that has a key at `at`, among `max` bytes before and after.
pub(super) fn members_around(text: &[u8], at: Span, max: usize) -> Vec<Member> {
    let quoted = at.start > 0 && matches!(text[at.start - 1], b'"' | b'\'');
    let key = at.start - usize::from(quoted);
    let blanks = text[..key].iter().rev().take(max.min(DEEPEST + 1));
    let column = blanks.take_while(|byte| matches!(byte, b' ' | b'-')).count();
    let start = key - column;
    if column > DEEPEST || start > 0 && text[start - 1] != b'\n' {
        return Vec::new();
    }
    let latest = text.len().min(at.end.saturating_add(max));
    let Some(line) = line_at(text, start, latest).filter(|line| key_column(text, *line) == column) else {
        return Vec::new();
    };
    let own = key_at(text, line, column);
    let ends = |line: Line| {
        let bytes = line.span.of(text);
        let is_same_key = || match (own, key_at(text, line, column)) {
            (Some(own), Some(other)) => own.of(text) == other.of(text),
            _ => false,
        };
        !is_nothing(bytes) && line.indent < column || is_boundary(bytes) || is_same_key()
    };
    let mut first = line;
    let earliest = at.start.saturating_sub(max);
    // A line with a dash is the first of its mapping.
    let mut complete = line.indent < column;
    while !complete && first.span.start > earliest {
        let end = first.span.start - 1;
        let start = match memchr::memrchr(b'\n', &text[earliest..end]) {
            Some(at) => earliest + at + 1,
            None if earliest == 0 => 0,
            None => break,
        };
        let above = Line { span: Span::new(start, end), indent: indent(&text[start..end]) };
        complete = begins(text, above, column);
        if ends(above) && !complete {
            break;
        }
        first = above;
    }
    let mut end = line.span.end;
    while let Some(next) = line_at(text, end + 1, latest) {
        if ends(next) {
            break;
        }
        end = next.span.end;
    }
    members(text, Span::new(first.span.start, end), column)
}

/// The members in the lines of `lines` whose keys stand at `column`.
pub(super) fn members(text: &[u8], lines: Span, column: usize) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    let mut at = lines.start;
    while at < lines.end {
        let Some(line) = line_at(text, at, lines.end) else { break };
        at = line.span.end + 1;
        if let Some(key) = key_at(text, line, column) {
            let inline = inline(text, line, key);
            members.push(Member { key, inline, below: Span::new(line.span.end, line.span.end) });
        } else if let Some(last) = members.last_mut() {
            last.below.end = line.span.end;
        }
    }
    for member in &mut members {
        member.below.start = lines.end.min(member.below.start + 1).min(member.below.end);
    }
    members
}

/// The members of the mapping that stands below `member`.
pub(super) fn children(text: &[u8], member: &Member) -> Vec<Member> {
    let mut at = member.below.start;
    while at < member.below.end {
        let Some(line) = line_at(text, at, member.below.end) else { break };
        if !is_nothing(line.span.of(text)) {
            return members(text, member.below, line.indent);
        }
        at = line.span.end + 1;
    }
    Vec::new()
}

/// The line that starts at `start`, if it ends before `latest`, or with the text.
fn line_at(text: &[u8], start: usize, latest: usize) -> Option<Line> {
    if start >= latest {
        return None;
    }
    let end = match memchr::memchr(b'\n', &text[start..latest]) {
        Some(length) => start + length,
        None if latest == text.len() || text[latest] == b'\n' => latest,
        None => return None,
    };
    Some(Line { span: Span::new(start, end), indent: indent(&text[start..end]) })
}

fn indent(line: &[u8]) -> usize {
    line.iter().position(|&byte| byte != b' ').unwrap_or(line.len())
}

/// Where the line's key stands: after its blanks and, in a list, its dash.
fn key_column(text: &[u8], line: Line) -> usize {
    let bytes = line.span.of(text);
    match &bytes[line.indent..] {
        [b'-', b' ', rest @ ..] => line.indent + 2 + indent(rest),
        _ => line.indent,
    }
}

/// Whether the line is the first of an item of a list whose keys stand at `column`.
fn begins(text: &[u8], line: Line, at: usize) -> bool {
    line.indent < at && key_column(text, line) == at && key_at(text, line, at).is_some()
}

fn is_nothing(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start(), [] | [b'#', ..])
}

fn is_boundary(line: &[u8]) -> bool {
    line.starts_with(b"---") || line.trim_ascii_end() == b"..."
}

/// The key of a line whose key stands at column `at`, without quotes.
fn key_at(text: &[u8], line: Line, at: usize) -> Option<Span> {
    if key_column(text, line) != at {
        return None;
    }
    let start = line.span.start + at;
    let bytes = &text[start..line.span.end];
    let key = match bytes.first()? {
        quote @ (b'"' | b'\'') => {
            let length = memchr::memchr(*quote, &bytes[1..])?;
            (bytes.get(length + 2) == Some(&b':')).then(|| Span::new(start + 1, start + 1 + length))?
        }
        b'#' | b'{' | b'[' => return None,
        _ => {
            let colon = memchr::memchr(b':', bytes)?;
            let key = bytes[..colon].trim_ascii_end();
            Span::new(start, start + key.len())
        }
    };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-/ ".contains(byte);
    (!key.is_empty() && key.of(text).iter().all(plain)).then_some(key)
}

/// What stands after the key's colon, without a comment and a comma.
fn inline(text: &[u8], line: Line, key: Span) -> Span {
    let colon =
        memchr::memchr(b':', &text[key.end..line.span.end]).map_or(line.span.end, |at| key.end + at + 1);
    let rest = &text[colon..line.span.end];
    let start = colon + (rest.len() - rest.trim_ascii_start().len());
    let value = text[start..line.span.end].trim_ascii_end();
    let length = match value {
        [quote @ (b'"' | b'\''), inner @ ..] => closing_quote(inner, *quote).map(|at| at + 2),
        _ => None,
    };
    let length = length.unwrap_or_else(|| {
        let comment = value.windows(2).position(|two| two == b" #").unwrap_or(value.len());
        let comment = if value.starts_with(b"#") { 0 } else { comment };
        value[..comment].trim_ascii_end().len()
    });
    Span::new(start, start + length)
}

/// Where the quote is that closes a scalar; `''` and `\"` do not.
pub(super) fn closing_quote(inner: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    while at < inner.len() {
        match (inner[at], inner.get(at + 1)) {
            (b'\\', _) if quote == b'"' => at += 1,
            (byte, Some(&next)) if byte == quote && quote == b'\'' && next == quote => at += 1,
            (byte, _) if byte == quote => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
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
            .map(|member| (string(member.key), string(member.inline) + &string(member.below)))
            .collect()
    }

    fn keys(text: &str) -> String {
        around(text, 1 << 16).into_iter().map(|(key, _)| key).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_mapping_ends_where_its_lines_do() {
        for (text, wanted) in [
            ("kind: S", "kind"),
            ("a: 1\nkind: S\nb: 2\n", "a kind b"),
            ("a: 1\n---\nb: 1\nkind: S\nc: 2\n---\nd: 1", "b kind c"),
            ("a: 1\r\nkind: S\r\nb: 2\r\n", "a kind b"),
            ("items:\n- a: 1\n  kind: S\n  b: 2\n- c: 1\n", "a kind b"),
            ("items:\n  - kind: S\n    b: 2\n  - c: 1\n", "kind b"),
            ("x:\n  a:\n    deep: 1\n\n  # note\n  kind: S\ny: 1\n", "a kind"),
            ("{\n  \"a\": 1,\n  \"kind\": \"S\",\n  \"b\": {\n    \"c\": 1\n  }\n}\n", "a kind b"),
            ("cat <<E\nkind: S\nb: 2\nE\n", "kind b"),
            ("kind: S\na: 1\nkind: T\nb: 1\n", "kind a"),
            ("... kind: S\n", ""),
            ("\tkind: S\n", ""),
        ] {
            assert_eq!(keys(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_value_is_what_stands_beside_and_below_its_key() {
        for (text, wanted) in [
            ("kind: S\na: b # c", "b"),
            ("kind: S\na: 'b # c' # d", "'b # c'"),
            ("kind: S\na: 'it''s' # d", "'it''s'"),
            ("kind: S\na: \"b\\\" # c\",", "\"b\\\" # c\""),
            ("kind: S\na: \"open # c", "\"open"),
            ("kind: S\na: # c", ""),
            ("kind: S\na: |\n  b\n\n   c\nd: 1", "|  b\n\n   c"),
            ("kind: S\na:\n  b: 1\n  c: 2", "  b: 1\n  c: 2"),
            ("kind: S\na: b:c", "b:c"),
        ] {
            assert_eq!(around(text, 1 << 16)[1].1, wanted, "{text:?}");
        }
    }

    #[test]
    fn nothing_out_of_reach_is_read() {
        let text = format!("a: 1\nb: 2\nkind: S\nc: 3\nd: {}\ne: 5\n", "x".repeat(40));
        assert_eq!(around(&text, 1 << 16).len(), 6);
        let near: Vec<_> = around(&text, 12).into_iter().map(|(key, _)| key).collect();
        assert_eq!(near, ["a", "b", "kind", "c"]);
        let near: Vec<_> = around(&text, 9).into_iter().map(|(key, _)| key).collect();
        assert_eq!(near, ["b", "kind", "c"]);
    }

    #[test]
    fn a_staircase_of_mappings_takes_little_time() {
        let stairs: String =
            (0..200).flat_map(|depth| [" ".repeat(depth % 50), "kind: S\n".to_owned()]).collect();
        let text = stairs.repeat(20);
        let start = std::time::Instant::now();
        for (at, _) in text.match_indices("kind") {
            members_around(text.as_bytes(), Span::new(at, at + 4), 1 << 16);
        }
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }

    proptest! {
        #[test]
        fn any_text_gives_ordered_members(
            lines in prop::collection::vec("( {0,4}(- )?(kind|a|'b'|\"c\")?:?( (x|'|\"|#|\\|))?\r?|---|\\{|#)", 0..20),
            at in 0usize..200, max in 0usize..300,
        ) {
            let text = lines.join("\n");
            let start = at.min(text.len());
            let mut last = 0;
            for member in members_around(text.as_bytes(), Span::new(start, text.len().min(start + 4)), max) {
                prop_assert!(last <= member.key.start && member.key.end <= member.inline.start);
                prop_assert!(member.inline.start <= member.inline.end && member.below.end <= text.len());
                prop_assert!(member.below.start <= member.below.end);
                prop_assert!(start.saturating_sub(max) <= member.key.start);
                children(text.as_bytes(), &member);
                last = member.key.start;
            }
        }
    }
}
