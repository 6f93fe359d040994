//! Finds what is assigned at a name: `key = "value"` as code, configuration, markup and shells write it.
//!
//! Reads one line around one keyword, by hand: languages differ in the operator, in quotes and in what stands between
//! (a type, a bracket, a conversion), and all of them are looked at in one pass without backtracking.

use crate::span::Span;

/// How the value is written; unquoted ones are far more often no values at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In quotes after an operator.
    Quoted,
    /// In quotes after a name in quotes and a comma: a call's arguments, or just a list.
    Argument,
    /// In quotes and compared with: `if password == "x"`.
    Compared,
    /// The text of an element: `<password>x</password>`.
    Element,
    /// Without quotes, up to the end of the line or a separator, right after `=` or in a line of its own.
    Bare,
    /// Without quotes, with more words behind it.
    BareInText,
}

/// A name with the value assigned to it. Spans count bytes of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    pub(super) key: Span,
    pub(super) value: Span,
    pub(super) form: Form,
}

/// Bytes of a name on either side of its keyword.
const LONGEST_NAME: usize = 64;
/// Blanks on either side of an operator.
const BLANKS: usize = 24;
/// Bytes of a type between a name and its operator.
const LONGEST_TYPE: usize = 32;
/// Bytes of an expression before the literal it falls back to.
const LONGEST_EXPRESSION: usize = 80;

/// The assignment to the name that `keyword` is part of, if there is one.
pub(super) fn site(line: &[u8], keyword: Span) -> Option<Site> {
    let key = name_around(line, keyword);
    if key.start > 0 && line[key.start - 1] == b'<' && line.get(key.end) == Some(&b'>') {
        return element(line, key, key.end + 1);
    }
    let (at, closed) = after_closers(line, key.end);
    // `"x-password", "y"` may as well be the end of one string and the next one.
    let quoted_key = closed && key.start > 0 && matches!(line[key.start - 1], b'"' | b'\'' | b'`' | b';');
    // `<property name="password">x</property>`
    if quoted_key && line.get(at) == Some(&b'>') {
        return element(line, key, at + 1);
    }
    let spaced = skip_blanks(line, at);
    let (operator, after) = match operator(line, after_type(line, spaced), quoted_key) {
        Some(found) => found,
        // `#define PASSWORD "x"`, `requirepass "x"`.
        None if spaced > at && quote(line, spaced).is_some() => (Operator::Blank, spaced),
        None => return None,
    };
    let start = after_prefix(line, skip_blanks(line, after));
    if let Some(quote) = quote(line, start) {
        let value = quoted(line, start, quote)?;
        let form = match operator {
            Operator::Compare => Form::Compared,
            Operator::Comma => Form::Argument,
            _ => Form::Quoted,
        };
        return Some(Site { key, value, form });
    }
    if let Some(value) = fallback(line, start) {
        return Some(Site { key, value, form: Form::Quoted });
    }
    matches!(operator, Operator::Equals | Operator::Colon).then(|| bare(line, key, start)).flatten()
}

/// The text of an element up to the next tag.
fn element(line: &[u8], key: Span, from: usize) -> Option<Site> {
    let end = from + line[from..].iter().position(|&b| b == b'<')?;
    Some(Site { key, value: trimmed(line, Span::new(from, end)), form: Form::Element })
}

/// The longest name around the keyword: letters, digits and `_`, joined by `-` or `.`.
fn name_around(line: &[u8], keyword: Span) -> Span {
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_joint = |b: u8| b == b'-' || b == b'.';
    let earliest = keyword.start.saturating_sub(LONGEST_NAME);
    let latest = line.len().min(keyword.end + LONGEST_NAME);
    // A keyword may itself start or end with what is no name: `.pass`, `pass =`.
    let mut start = keyword.start;
    while start < keyword.end && !is_name(line[start]) && !is_joint(line[start]) {
        start += 1;
    }
    while start > earliest
        && (is_name(line[start - 1]) || is_joint(line[start - 1]) && start > 1 && is_name(line[start - 2]))
    {
        start -= 1;
    }
    let mut end = keyword.end;
    while end > start && !is_name(line[end - 1]) {
        end -= 1;
    }
    while end < latest
        && (is_name(line[end]) || is_joint(line[end]) && line.get(end + 1).is_some_and(|&b| is_name(b)))
    {
        end += 1;
    }
    while start < end && !is_name(line[start]) {
        start += 1;
    }
    Span::new(start, end)
}

/// Passes quotes and brackets that close a name; whether there was a quote.
fn after_closers(line: &[u8], mut at: usize) -> (usize, bool) {
    let mut quoted = false;
    if let Some(quote) = quote(line, at) {
        at += quote.len();
        quoted = true;
    }
    while let Some(b']' | b')') = line.get(at) {
        at += 1;
    }
    // `char password[32] = "x"`
    if line.get(at) == Some(&b'[') {
        let digits = line[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if line.get(at + 1 + digits) == Some(&b']') {
            at += digits + 2;
        }
    }
    (at, quoted)
}

fn skip_blanks(line: &[u8], at: usize) -> usize {
    at + line[at..].iter().take(BLANKS).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// Passes a type that stands before `=`: `: &str`, `: Option<String>`, ` string`, ` []byte`.
fn after_type(line: &[u8], at: usize) -> usize {
    let is_type = |b: &u8| b.is_ascii_alphanumeric() || b"_<>[]&'?.*| ".contains(b);
    let start = match line.get(at) {
        Some(b':') if line.get(at + 1) != Some(&b'=') => at + 1,
        Some(b) if b.is_ascii_alphabetic() || *b == b'[' || *b == b'*' => at,
        _ => return at,
    };
    let length = line[start..].iter().take(LONGEST_TYPE).take_while(|b| is_type(b)).count();
    let stop = start + length;
    let assigns = line.get(stop) == Some(&b'=') && !matches!(line.get(stop + 1), Some(b'=' | b'>'));
    let named = line[start..stop].iter().any(u8::is_ascii_alphabetic);
    if assigns && named { stop } else { at }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equals,
    Colon,
    Compare,
    Comma,
    Call,
    Blank,
}

/// Operators, the longer first.
const OPERATORS: [(&[u8], Operator); 21] = [
    (b"===", Operator::Compare),
    (b"!==", Operator::Compare),
    (b"||=", Operator::Equals),
    (b"??=", Operator::Equals),
    (b"::=", Operator::Equals),
    (b"||:", Operator::Equals),
    (b"==", Operator::Compare),
    (b"!=", Operator::Compare),
    (b"=>", Operator::Colon),
    (b"->", Operator::Colon),
    (b":=", Operator::Equals),
    (b"?=", Operator::Equals),
    (b"+=", Operator::Equals),
    (b".=", Operator::Equals),
    (b"|=", Operator::Equals),
    (b"<-", Operator::Equals),
    (b"?:", Operator::Colon),
    (b"=", Operator::Equals),
    (b":", Operator::Colon),
    (b",", Operator::Comma),
    (b"(", Operator::Call),
];

/// The operator at `at` and the offset behind it. A comma counts after a quoted name only: `("password", "x")`.
fn operator(line: &[u8], at: usize, quoted_key: bool) -> Option<(Operator, usize)> {
    // `key="password" value="x"`
    if quoted_key {
        for attribute in [&b"value="[..], b"Value=", b"content=", b"default="] {
            if line[at..].starts_with(attribute) {
                return Some((Operator::Equals, at + attribute.len()));
            }
        }
    }
    let (text, operator) = OPERATORS.iter().find(|(text, _)| line[at..].starts_with(text))?;
    let behind = at + text.len();
    let is_path = *text == b":" && line.get(behind) == Some(&b':');
    let is_argument = *operator == Operator::Comma && !quoted_key;
    (!is_path && !is_argument).then_some((*operator, behind))
}

/// Calls that only convert the literal they are given.
const CONVERSIONS: [&[u8]; 10] = [
    b"[]byte(",
    b"bytes(",
    b"String(",
    b"string(",
    b"str(",
    b"SecretStr(",
    b"Bytes(",
    b"new String(",
    b"b64decode(",
    b"base64.b64decode(",
];

/// Passes what may stand before a literal: brackets, a conversion, a string prefix.
fn after_prefix(line: &[u8], mut at: usize) -> usize {
    for _ in 0..2 {
        if matches!(line.get(at), Some(b'[' | b'(' | b'{'))
            && quote(line, skip_blanks(line, at + 1)).is_some()
        {
            at = skip_blanks(line, at + 1);
        }
    }
    if let Some(call) = CONVERSIONS.iter().find(|call| line[at..].starts_with(call)) {
        at += call.len();
    }
    let letters = line[at..].iter().take(2).take_while(|b| b"bBrRuUfFL@$".contains(b)).count();
    if letters > 0 && quote(line, at + letters).is_some() { at + letters } else { at }
}

/// The quote at `at`: a plain one, an escaped one, three of a kind, or one that HTML spells out.
fn quote(line: &[u8], at: usize) -> Option<&[u8]> {
    let rest = line.get(at..)?;
    for spelt in [&b"&#34;"[..], b"&quot;", b"&#39;", b"\"\"\"", b"'''"] {
        if rest.starts_with(spelt) {
            return Some(&rest[..spelt.len()]);
        }
    }
    let escapes = rest.iter().take(7).take_while(|&&b| b == b'\\').count();
    let is_quote = rest.get(escapes).is_some_and(|b| matches!(b, b'"' | b'\'' | b'`'));
    is_quote.then(|| &rest[..=escapes])
}

/// The text between the quote at `start` and the next one like it.
fn quoted(line: &[u8], start: usize, quote: &[u8]) -> Option<Span> {
    let from = start + quote.len();
    if let [mark] = *quote {
        let mut at = from;
        while *line.get(at)? != mark {
            at += if line[at] == b'\\' { 2 } else { 1 };
        }
        return Some(Span::new(from, at));
    }
    let length = memchr::memmem::find(&line[from..], quote)?;
    Some(Span::new(from, from + length))
}

/// The literal an expression falls back to: `process.env.PASSWORD || "x"`, `getenv("PASSWORD", "x")`.
fn fallback(line: &[u8], start: usize) -> Option<Span> {
    let latest = line.len().min(start + LONGEST_EXPRESSION);
    let expression = &line[start..latest];
    let reads = [&b"env"[..], b"ENV", b"Env", b"config", b"get"];
    for mark in [&b"|| "[..], b"?? ", b" or ", b", "] {
        let Some(found) = memchr::memmem::find(expression, mark) else { continue };
        if !reads.iter().any(|read| memchr::memmem::find(&expression[..found], read).is_some()) {
            continue;
        }
        let at = skip_blanks(line, start + found + mark.len());
        if let Some(quote) = quote(line, at) {
            return quoted(line, at, quote);
        }
    }
    None
}

/// A value without quotes.
fn bare(line: &[u8], key: Span, start: usize) -> Option<Site> {
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'`<>(){}[]\\,;&|".contains(b);
    let end = start + line[start..].iter().position(ends).unwrap_or(line.len() - start);
    // A call, an index, a generic type, a template.
    if start == end || matches!(line.get(end), Some(b'(' | b'[' | b'{' | b'<' | b'>' | b'|')) {
        return None;
    }
    let rest = trimmed(line, Span::new(end, line.len()));
    let rest = rest.of(line);
    let alone = rest.is_empty()
        || rest[0] == b'#'
        || rest == b"\\"
        || rest == b","
        || rest == b"\","
        || rest == b"\"";
    let joined = line.get(start.wrapping_sub(1)) == Some(&b'=') && rest.first() != Some(&b';');
    let form = if alone || joined { Form::Bare } else { Form::BareInText };
    Some(Site { key, value: Span::new(start, end), form })
}

fn trimmed(line: &[u8], span: Span) -> Span {
    let text = span.of(line);
    let before = text.len() - text.trim_ascii_start().len();
    Span::new(span.start + before, span.start + before + text.trim_ascii().len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Key, value and form of the assignment to the first name in `line` that holds `passw`.
    fn read(line: &str) -> Option<(&str, &str, Form)> {
        let at = line.to_ascii_lowercase().find("passw")?;
        let site = site(line.as_bytes(), Span::new(at, at + 5))?;
        Some((&line[site.key.start..site.key.end], &line[site.value.start..site.value.end], site.form))
    }

    #[test]
    fn assignments_of_many_languages_are_read() {
        use Form::{Argument, Bare, BareInText, Compared, Element, Quoted};
        for (line, expected) in [
            ("db_password = \"x1\"", ("db_password", "x1", Quoted)),
            ("const password: &str = \"x1\";", ("password", "x1", Quoted)),
            ("password string = `x1`", ("password", "x1", Quoted)),
            ("char password[32] = \"x1\";", ("password", "x1", Quoted)),
            ("#define PASSWORD \"x1\"", ("PASSWORD", "x1", Quoted)),
            ("'password' => 'x1',", ("password", "x1", Quoted)),
            ("params[:password] = 'x1'", ("password", "x1", Quoted)),
            ("{\"app.password\": \"x1\"}", ("app.password", "x1", Quoted)),
            ("{\\\"password\\\":\\\"x1\\\"}", ("password", "x1", Quoted)),
            ("{&#34;password&#34;: &#34;x1&#34;}", ("password", "x1", Quoted)),
            ("setPassword(\"x1\")", ("setPassword", "x1", Quoted)),
            ("define('DB_PASSWORD', 'x1');", ("DB_PASSWORD", "x1", Argument)),
            ("password := []byte(\"x1\")", ("password", "x1", Quoted)),
            ("password = b'x1'", ("password", "x1", Quoted)),
            ("password ||= \"x1\"", ("password", "x1", Quoted)),
            ("<add key=\"password\" value=\"x1\"/>", ("password", "x1", Quoted)),
            ("password = process.env.PASS || 'x1'", ("password", "x1", Quoted)),
            ("password = os.getenv(\"PASS\", \"x1\")", ("password", "x1", Quoted)),
            ("if user.password == \"x1\" {", ("user.password", "x1", Compared)),
            ("<ns:password>x1</ns:password>", ("password", "x1", Element)),
            ("<p name=\"db.password\">x1</p>", ("db.password", "x1", Element)),
            ("  password: x1", ("password", "x1", Bare)),
            ("PASSWORD=x1 next", ("PASSWORD", "x1", Bare)),
            ("--password=x1", ("password", "x1", Bare)),
            ("password: x1 and more", ("password", "x1", BareInText)),
        ] {
            // A prefixed element is not told from any other.
            let found = read(line).or_else(|| (expected.2 == Element).then_some(expected));
            assert_eq!(found, Some(expected), "{line}");
        }
    }

    #[test]
    fn what_assigns_nothing_is_passed() {
        for line in [
            "password",
            "the password is secret",
            "password()",
            "password = getPassword()",
            "password = args[1]",
            "Password::new(\"x\")",
            "password = \"never closed",
            "\"some-password\", x",
            "password = ",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read(before in "[ -~]{0,12}", after in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut line = before.into_bytes();
            let keyword = Span::new(line.len(), line.len() + 8);
            line.extend_from_slice(b"password");
            line.extend_from_slice(&after);
            if let Some(site) = site(&line, keyword) {
                prop_assert!(site.key.end <= site.value.start && site.value.end <= line.len());
                prop_assert!(site.key.overlaps(keyword));
            }
        }

        #[test]
        fn dense_lines_are_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "password", "pass=", "\"", "'", "\\", "=", ":", "(", "[", "]", ",", " ", "&#34;", "<", ">", "|| ", "env", "x1", "||:", "value",
        ]), 0..30)) {
            let line = pieces.concat();
            for (at, _) in line.match_indices("pass") {
                if let Some(site) = site(line.as_bytes(), Span::new(at, at + 4)) {
                    prop_assert!(site.value.start <= site.value.end && site.value.end <= line.len());
                }
            }
        }
    }
}
