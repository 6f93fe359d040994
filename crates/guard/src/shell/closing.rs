//! Finds the end of what brackets open in a shell text: `$(…)`, `${…}`, `$((…))`, backquotes. One pass, no recursion.

/// What is open at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Parenthesis,
    Brace,
    DoubleQuote,
    Backquote,
}

/// The offset of what closes the bracket before `start`; the end of the text if nothing does.
fn closing(text: &[u8], start: usize, first: Open) -> usize {
    let mut open = vec![first];
    let mut at = start;
    while at < text.len() {
        let inside = open.last().copied();
        let is_quoted = inside == Some(Open::DoubleQuote);
        match text[at] {
            b'\\' => at += 1,
            b'\'' if !is_quoted => at = end_of_single(text, at + 1),
            b'"' if is_quoted => drop(open.pop()),
            b'"' => open.push(Open::DoubleQuote),
            b'`' if inside == Some(Open::Backquote) => drop(open.pop()),
            b'`' => open.push(Open::Backquote),
            b'$' if text.get(at + 1) == Some(&b'(') => {
                open.push(Open::Parenthesis);
                at += 1;
            }
            b'$' if text.get(at + 1) == Some(&b'{') => {
                open.push(Open::Brace);
                at += 1;
            }
            b'(' if inside == Some(Open::Parenthesis) => open.push(Open::Parenthesis),
            b')' if inside == Some(Open::Parenthesis) => drop(open.pop()),
            b'}' if inside == Some(Open::Brace) => drop(open.pop()),
            b'#' if inside == Some(Open::Parenthesis) && is_comment(text, at) => {
                at = text[at..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |end| at + end);
                continue;
            }
            _ => {}
        }
        if open.is_empty() {
            return at;
        }
        at += 1;
    }
    text.len()
}

fn is_comment(text: &[u8], at: usize) -> bool {
    at == 0 || matches!(text[at - 1], b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(')
}

/// Where the `'` is that closes a text which starts at `start`; the end of the text if there is none.
pub(crate) fn end_of_single(text: &[u8], start: usize) -> usize {
    let start = start.min(text.len());
    text[start..].iter().position(|byte| *byte == b'\'').map_or(text.len(), |end| start + end)
}

/// Where the `)` is for a `(` before `start`.
pub(crate) fn parenthesis(text: &[u8], start: usize) -> usize {
    closing(text, start, Open::Parenthesis)
}

/// Where the `}` is for a `${` before `start`.
pub(crate) fn brace(text: &[u8], start: usize) -> usize {
    closing(text, start, Open::Brace)
}

/// Where the backquote is that closes one before `start`. Backslashes escape; nothing else counts.
pub(crate) fn backquote(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while at < text.len() && text[at] != b'`' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_where_the_shell_closes_them() {
        for (text, wanted) in [
            ("a)b", 1),
            ("a (b) c)d", 7),
            ("')' \")\" \\) )", 11),
            ("$(x) `)` ${y:-)})z", 16),
            ("# )\n)", 4),
            ("\"$(\")\")\" )", 9),
            ("open", 4),
        ] {
            assert_eq!(parenthesis(text.as_bytes(), 0), wanted, "{text}");
        }
        assert_eq!(brace(b"x:-${y}}", 0), 7);
        assert_eq!(backquote(br"a\`b`c", 0), 4);
    }
}
