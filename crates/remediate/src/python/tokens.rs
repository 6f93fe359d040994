//! An expression cut into what Python's parser reads at once: a byte, or a backslash and the byte after it.

use super::syntax::PatternError;

/// What is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// A byte that stands for itself, or an operator.
    Byte(u8),
    /// A backslash and this byte.
    Escape(u8),
}

/// The tokens of an expression, one of look-ahead.
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Tokens<'t> {
    /// An error if the text ends in a backslash that escapes nothing.
    pub(crate) fn new(text: &'t [u8]) -> Result<Self, PatternError> {
        let trailing = text.iter().rev().take_while(|byte| **byte == b'\\').count();
        if trailing % 2 == 1 {
            return Err(PatternError::new("a backslash at the end"));
        }
        Ok(Self { text, at: 0 })
    }

    pub(crate) fn peek(&self) -> Option<Token> {
        match (self.text.get(self.at)?, self.text.get(self.at + 1)) {
            (b'\\', Some(escaped)) => Some(Token::Escape(*escaped)),
            (byte, _) => Some(Token::Byte(*byte)),
        }
    }

    pub(crate) fn next(&mut self) -> Option<Token> {
        let token = self.peek()?;
        self.at += if matches!(token, Token::Escape(_)) { 2 } else { 1 };
        Some(token)
    }

    /// Reads `byte` if it comes next.
    pub(crate) fn accept(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(Token::Byte(byte));
        if next {
            self.at += 1;
        }
        next
    }

    /// Reads a byte for which `wanted` holds, if it comes next.
    pub(crate) fn accept_if(&mut self, wanted: fn(&u8) -> bool) -> Option<u8> {
        match self.peek() {
            Some(Token::Byte(byte)) if wanted(&byte) => {
                self.at += 1;
                Some(byte)
            }
            _ => None,
        }
    }

    /// Reads at most `most` bytes for which `wanted` holds.
    pub(crate) fn accept_while(&mut self, most: usize, wanted: fn(&u8) -> bool) -> &'t [u8] {
        let from = self.at;
        while self.at - from < most && self.accept_if(wanted).is_some() {}
        &self.text[from..self.at]
    }

    /// What stands before `end`, which is read, too.
    pub(crate) fn until(&mut self, end: u8) -> Result<&'t [u8], PatternError> {
        let from = self.at;
        while let Some(token) = self.next() {
            if token == Token::Byte(end) {
                let name = &self.text[from..self.at - 1];
                return if name.is_empty() { Err(PatternError::new("a name is missing")) } else { Ok(name) };
            }
        }
        Err(PatternError::new("a name that does not end"))
    }

    /// Where it reads; only good for [`Tokens::back_to`].
    pub(crate) fn place(&self) -> usize {
        self.at
    }

    pub(crate) fn back_to(&mut self, place: usize) {
        self.at = place;
    }
}

/// A number in digits, if it is below Python's bound for repetitions.
pub(crate) fn number(digits: &[u8]) -> Result<u32, PatternError> {
    let text = std::str::from_utf8(digits).unwrap_or_default();
    let number: Option<u32> = text.parse().ok();
    number.filter(|number| *number < u32::MAX).ok_or_else(|| PatternError::new("a number that is too large"))
}

/// A name as Python allows one, of ASCII.
pub(crate) fn is_name(text: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.iter().all(word) && text.first().is_some_and(|byte| !byte.is_ascii_digit())
}
