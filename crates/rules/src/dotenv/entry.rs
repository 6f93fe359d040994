//! One assignment of a dotenv file, and the value a program would get from it.

use crate::Span;

/// How the value of an entry is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quote {
    /// Not at all.
    None,
    /// `'`: taken literally.
    Single,
    /// `"`: with escapes and references.
    Double,
    /// `` ` ``: taken literally.
    Backtick,
}

impl Quote {
    /// The quoting that a value starting with `byte` has.
    pub(super) fn of(byte: u8) -> Self {
        match byte {
            b'\'' => Self::Single,
            b'"' => Self::Double,
            b'`' => Self::Backtick,
            _ => Self::None,
        }
    }
}

/// One assignment of a dotenv file; the spans are into the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The name, without `export`.
    pub key: Span,
    /// The raw bytes between the quotes, or the unquoted value without the blanks and the comment around it.
    pub value: Span,
    /// How the value is quoted; a quote that is never closed counts.
    pub quote: Quote,
    /// Whether the value is nothing but references to variables or vaults. Single quotes keep `$NAME` literal.
    pub is_reference: bool,
    /// Whether the value runs over more than one line.
    pub is_multi_line: bool,
}

/// The value as a program would get it: escapes resolved, references left as they are.
///
/// Between double quotes `\n`, `\r`, `\t`, `\"`, `\$` and `\\` are escapes; between others only the escaped quote.
pub fn unescape(entry: &Entry, text: &[u8]) -> Vec<u8> {
    let raw = entry.value.of(text);
    let mut value = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped =
            if byte == b'\\' { after.first().and_then(|&next| resolve(entry.quote, next)) } else { None };
        value.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[1..] } else { after };
    }
    value
}

/// What a backslash and `next` stand for, if it is an escape.
fn resolve(quote: Quote, next: u8) -> Option<u8> {
    match (quote, next) {
        (Quote::Double, b'n') => Some(b'\n'),
        (Quote::Double, b'r') => Some(b'\r'),
        (Quote::Double, b't') => Some(b'\t'),
        (Quote::Double, b'"' | b'\\' | b'$') | (Quote::Single, b'\'') | (Quote::Backtick, b'`') => Some(next),
        _ => None,
    }
}
