//! Reads names and values of SQL, one after the other.

use crate::span::Span;

/// Bytes of a name, and of a value that is no string.
const LONGEST_NAME: usize = 128;
const LONGEST_BARE: usize = 512;

/// A place in a statement. Whatever is read, the place moves on or stays; nothing is looked at twice.
pub(super) struct Cursor<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t [u8], at: usize) -> Self {
        Self { text, at: at.min(text.len()) }
    }

    fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    /// Passes over white space.
    pub(super) fn blank(&mut self) {
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// Passes over `byte`, if it stands here.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is_here = self.rest().first() == Some(&byte);
        self.at += usize::from(is_here);
        is_here
    }

    /// Passes over `word`, in any case, and the white space after it.
    pub(super) fn word(&mut self, word: &str) -> bool {
        let (start, is_part) = (self.rest().get(..word.len()), self.rest().get(word.len()));
        let is_here = start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
            && !is_part.is_some_and(|byte| is_of_name(*byte));
        if is_here {
            self.at += word.len();
            self.blank();
        }
        is_here
    }

    /// A name, without its quotes.
    pub(super) fn name(&mut self) -> Option<&'t [u8]> {
        let close = match self.rest().first()? {
            quote @ (b'"' | b'`' | b'\'') => *quote,
            b'[' => b']',
            _ => {
                let length =
                    self.rest().iter().take(LONGEST_NAME).take_while(|byte| is_of_name(**byte)).count();
                let name = &self.rest()[..length];
                self.at += length;
                return (length > 0).then_some(name);
            }
        };
        let inside = &self.rest()[1..];
        let end = inside.iter().take(LONGEST_NAME).position(|byte| *byte == close)?;
        self.at += end + 2;
        Some(&inside[..end])
    }

    /// A value: a string, without its quotes, or whatever ends before a comma or the bracket that closes the row.
    pub(super) fn value(&mut self) -> Option<Span> {
        let start = self.at;
        if let Some(string) = self.string() {
            return Some(string);
        }
        self.at = start;
        let mut depth = 0_u32;
        loop {
            if self.at - start > LONGEST_BARE {
                return None;
            }
            match self.rest().first()? {
                b',' | b')' if depth == 0 => return (self.at > start).then(|| Span::new(start, self.at)),
                b'\'' | b'"' | b'\\' => {
                    self.string()?;
                    continue;
                }
                b'(' => depth += 1,
                b')' => depth -= 1,
                b';' => return None,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// A string with a mark of its kind before it, as in `N'…'`, `_utf8'…'`, or quotes that a program escapes.
    fn string(&mut self) -> Option<Span> {
        let mark = self.rest().iter().take(12).take_while(|byte| is_of_name(**byte)).count();
        self.at += mark;
        if mark > 1 {
            self.blank();
        }
        let escaped = self.take(b'\\');
        let quote = *self.rest().first().filter(|byte| matches!(byte, b'\'' | b'"'))?;
        self.at += 1;
        let start = self.at;
        loop {
            self.at += memchr::memchr2(quote, b'\\', self.rest())?;
            let (byte, next) = (self.rest()[0], self.rest().get(1).copied());
            match (byte == quote, escaped) {
                // The quote that closes, unless it is doubled.
                (true, false) if next != Some(quote) => {
                    self.at += 1;
                    return Some(Span::new(start, self.at - 1));
                }
                (false, true) if next == Some(quote) => {
                    self.at += 2;
                    return Some(Span::new(start, self.at - 2));
                }
                (true, true) => return None,
                // An escape; a doubled quote.
                _ => self.at = (self.at + 2).min(self.text.len()),
            }
        }
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value(text: &str) -> Option<(&str, &str)> {
        let mut cursor = Cursor::new(text.as_bytes(), 0);
        let value = cursor.value()?;
        Some((&text[value.start..value.end], &text[cursor.at..]))
    }

    #[test]
    fn values_end_where_their_notation_ends() {
        for (text, expected) in [
            ("'a, b)', c", Some(("a, b)", ", c"))),
            ("'it''s'x", Some(("it''s", "x"))),
            ("'a\\'b')", Some(("a\\'b", ")"))),
            ("\\'a\\',", Some(("a", ","))),
            ("\"a'b\",", Some(("a'b", ","))),
            ("N'a')", Some(("a", ")"))),
            ("_binary 'a')", Some(("a", ")"))),
            ("NULL,1", Some(("NULL", ",1"))),
            ("f(1, 'x)', g(2)), 3", Some(("f(1, 'x)', g(2))", ", 3"))),
            ("'open", None),
            ("1; x", None),
            (",", None),
            ("", None),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn names_lose_their_quotes() {
        for (text, expected) in
            [("`a b`.", Some("a b")), ("[A]", Some("A")), ("a_1(", Some("a_1")), ("(", None), ("\"a", None)]
        {
            let name =
                Cursor::new(text.as_bytes(), 0).name().map(|name| String::from_utf8_lossy(name).into_owned());
            assert_eq!(name.as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a'\"\\\\(),; \\[\\]`]{0,40}") {
            value(&text);
            Cursor::new(text.as_bytes(), 0).name();
        }
    }
}
