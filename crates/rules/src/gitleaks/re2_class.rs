//! Character classes and escapes of RE2: what they contain.

use std::fmt::Write as _;

/// What is wrong with a pattern, and where in it, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Re2Error {
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl Re2Error {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

/// Reads a pattern character by character.
#[derive(Clone)]
pub(super) struct Scanner<'p> {
    pattern: &'p str,
    at: usize,
}

/// A class in square brackets.
pub(super) struct Class {
    /// Its members, in the syntax of the `regex` crate, every one of them escaped.
    pub(super) items: String,
    pub(super) negated: bool,
    /// Whether it takes U+FFFD, which to Go is any byte that is no part of a character.
    pub(super) takes_stray_bytes: bool,
}

impl<'p> Scanner<'p> {
    pub(super) fn new(pattern: &'p str) -> Self {
        Self { pattern, at: 0 }
    }

    pub(super) fn next(&mut self) -> Option<(usize, char)> {
        let c = self.rest().chars().next()?;
        let at = self.at;
        self.at += c.len_utf8();
        Some((at, c))
    }

    pub(super) fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    /// Goes on by `bytes`.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(super) fn take(&mut self, c: char) -> bool {
        let taken = self.rest().starts_with(c);
        self.at += if taken { c.len_utf8() } else { 0 };
        taken
    }

    /// After a backslash: the members of `\d`, `\pL` and the like, and whether they take stray bytes.
    pub(super) fn perl_or_unicode(&mut self, at: usize) -> Result<(String, bool), Re2Error> {
        let (_, c) = self.next().ok_or_else(|| Re2Error::new(at, "a backslash ends the pattern"))?;
        let (items, negated) = match c {
            'd' | 'D' => ("0-9", c == 'D'),
            's' | 'S' => (r"\t\n\x0C\r\x20", c == 'S'),
            'w' | 'W' => ("0-9A-Za-z_", c == 'W'),
            _ => return self.unicode(at, c == 'P'),
        };
        Ok(if negated { (format!("[^{items}]"), true) } else { (items.to_owned(), false) })
    }

    /// After `\p` or `\P`.
    fn unicode(&mut self, at: usize, mut negated: bool) -> Result<(String, bool), Re2Error> {
        let unknown = |name: &str| Re2Error::new(at, format!("'{name}' is no class of characters"));
        let (_, c) = self.next().ok_or_else(|| unknown(""))?;
        let mut name = c.to_string();
        if c == '{' {
            let end = self.rest().find('}').ok_or_else(|| unknown(self.rest()))?;
            self.rest()[..end].clone_into(&mut name);
            self.skip(end + 1);
        }
        if let Some(rest) = name.strip_prefix('^') {
            negated = !negated;
            name = rest.to_owned();
        }
        let written = format!(r"\{}{{{name}}}", if negated { 'P' } else { 'p' });
        let valid = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && regex_syntax::parse(&written).is_ok();
        // Stray bytes, which are U+FFFD to Go, are left out: a class that knows letters beyond ASCII would take half of one.
        if valid { Ok((written, false)) } else { Err(unknown(&name)) }
    }

    /// After a backslash: the one character that is meant.
    pub(super) fn escaped(&mut self, at: usize) -> Result<char, Re2Error> {
        let refused = |what: String| Re2Error::new(at, what);
        let (_, c) = self.next().ok_or_else(|| refused("a backslash ends the pattern".to_owned()))?;
        Ok(match c {
            '0' => self.octal(0, 2),
            '1'..='7' if self.rest().starts_with(|c| matches!(c, '0'..='7')) => {
                self.octal(u32::from(c) - u32::from('0'), 2)
            }
            '1'..='9' => {
                return Err(refused(format!(r"\{c} would be a back-reference, which is not supported")));
            }
            'x' => return self.hex(at),
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
            c => return Err(refused(format!(r"'\{c}' means nothing"))),
        })
    }

    fn octal(&mut self, mut value: u32, digits: usize) -> char {
        for _ in 0..digits {
            let Some(digit) = self.rest().chars().next().and_then(|c| c.to_digit(8)) else { break };
            value = value * 8 + digit;
            self.skip(1);
        }
        // At most 0o777.
        char::from_u32(value).unwrap_or('\0')
    }

    fn hex(&mut self, at: usize) -> Result<char, Re2Error> {
        let rest = self.rest();
        let (digits, length) = match rest.strip_prefix('{') {
            Some(inner) => inner.find('}').map(|end| (&inner[..end], end + 2)),
            None => rest.get(..2).map(|digits| (digits, 2)),
        }
        .unwrap_or_default();
        let hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let value = hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(char::from_u32);
        self.skip(length);
        value.ok_or_else(|| Re2Error::new(at, "this is no character's number"))
    }
}

/// Reads a class whose `[` stood at `at`.
pub(super) fn class(input: &mut Scanner<'_>, at: usize) -> Result<Class, Re2Error> {
    let negated = input.take('^');
    let mut items = String::new();
    let (mut stray, mut first, mut beyond_ascii) = (false, true, false);
    loop {
        let Some((start, c)) = input.next() else {
            return Err(Re2Error::new(at, "this class is not closed"));
        };
        if c == ']' && !first {
            break;
        }
        first = false;
        if c == '[' && input.rest().starts_with(':') && input.rest()[1..].contains(":]") {
            stray |= posix(input, start, &mut items)?;
            continue;
        }
        if c == '\\' && input.rest().starts_with(['d', 'D', 's', 'S', 'w', 'W', 'p', 'P']) {
            beyond_ascii |= input.rest().starts_with(['p', 'P']);
            let (members, takes) = input.perl_or_unicode(start)?;
            items.push_str(&members);
            stray |= takes;
            continue;
        }
        let low = if c == '\\' { input.escaped(start)? } else { c };
        let high = high(input, start, low)?;
        if low == high {
            member(&mut items, low);
        } else {
            member(&mut items, low);
            items.push('-');
            member(&mut items, high);
        }
        let all_of_them = low <= '\u{80}' && high == char::MAX;
        stray |= all_of_them;
        beyond_ascii |= !high.is_ascii() && !all_of_them;
    }
    Ok(Class { items, negated, takes_stray_bytes: stray != negated && !beyond_ascii })
}

/// The end of a range that starts with `low`, or `low` itself.
fn high(input: &mut Scanner<'_>, start: usize, low: char) -> Result<char, Re2Error> {
    let is_range =
        input.rest().strip_prefix('-').is_some_and(|rest| !rest.is_empty() && !rest.starts_with(']'));
    if !is_range {
        return Ok(low);
    }
    input.skip(1);
    let (at, c) = input.next().unwrap_or((start, low));
    let high = if c == '\\' { input.escaped(at)? } else { c };
    if high < low {
        return Err(Re2Error::new(start, "this range ends before it begins"));
    }
    Ok(high)
}

/// After the `[` of `[:alpha:]`: adds it and says whether it takes stray bytes.
fn posix(input: &mut Scanner<'_>, start: usize, items: &mut String) -> Result<bool, Re2Error> {
    const NAMES: [&str; 14] = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
        "upper", "word", "xdigit",
    ];
    let rest = &input.rest()[1..];
    let end = rest.find(":]").unwrap_or_default();
    let (name, negated) = rest[..end].strip_prefix('^').map_or((&rest[..end], false), |name| (name, true));
    if !NAMES.contains(&name) {
        return Err(Re2Error::new(start, format!("'[:{name}:]' is no class of characters")));
    }
    items.extend(if negated { ["[^[:", name, ":]]"] } else { ["[:", name, ":]"] });
    input.skip(1 + end + 2);
    Ok(negated)
}

fn member(items: &mut String, c: char) {
    if c.is_ascii_alphanumeric() {
        items.push(c);
    } else {
        // Writing to a string cannot fail.
        write!(items, r"\x{{{:X}}}", u32::from(c)).unwrap_or_default();
    }
}
