//! What Python's `re.sub` puts in place of a match: text, and what groups matched.

use super::escape;
use super::syntax::{PatternError, Syntax};
use super::tokens::{Token, Tokens, is_name, number};

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    /// What a group matched; the whole is 0.
    Group(usize),
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

impl Template {
    /// Reads a template for matches of `pattern`.
    pub(crate) fn parse(text: &[u8], pattern: &Syntax) -> Result<Self, PatternError> {
        let mut tokens =
            Tokens::new(text).map_err(|_| PatternError::new("a replacement that ends in a backslash"))?;
        let mut parts = Vec::new();
        while let Some(token) = tokens.next() {
            let part = match token {
                Token::Byte(byte) => Part::Text(vec![byte]),
                Token::Escape(letter) => escaped(letter, &mut tokens, pattern)?,
            };
            match (parts.last_mut(), part) {
                (Some(Part::Text(text)), Part::Text(more)) => text.extend(more),
                (_, part) => parts.push(part),
            }
        }
        Ok(Self(parts))
    }

    /// Whether it asks for what groups matched.
    pub(crate) fn asks_for_groups(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Group(group) if *group > 0))
    }

    /// Appends the replacement for a match; `group` gives what a group matched, nothing if it did not.
    pub(crate) fn expand<'t>(&self, group: impl Fn(usize) -> &'t [u8], out: &mut Vec<u8>) {
        for part in &self.0 {
            match part {
                Part::Text(text) => out.extend(text),
                Part::Group(index) => out.extend(group(*index)),
            }
        }
    }
}

fn escaped(letter: u8, tokens: &mut Tokens<'_>, pattern: &Syntax) -> Result<Part, PatternError> {
    let octal = |byte: &u8| (b'0'..=b'7').contains(byte);
    Ok(match letter {
        b'g' => group(named(tokens, pattern)?, pattern)?,
        b'0' => Part::Text(vec![escape::octal(tokens.accept_while(2, octal))?]),
        b'1'..=b'9' => {
            let place = tokens.place();
            let more = tokens.accept_while(2, octal);
            if octal(&letter) && more.len() == 2 {
                return Ok(Part::Text(vec![escape::octal(&[letter, more[0], more[1]])?]));
            }
            tokens.back_to(place);
            let more = tokens.accept_if(u8::is_ascii_digit);
            let digits: Vec<u8> = std::iter::once(letter).chain(more).collect();
            group(number(&digits)? as usize, pattern)?
        }
        // In a template \b is a backspace.
        b'b' => Part::Text(vec![8]),
        _ => match escape::control(letter) {
            Some(byte) => Part::Text(vec![byte]),
            None if letter.is_ascii_alphabetic() => {
                let letter = char::from(letter);
                return Err(PatternError::new(format!("the escape \\{letter} in the replacement")));
            }
            None => Part::Text(vec![b'\\', letter]),
        },
    })
}

fn group(index: usize, pattern: &Syntax) -> Result<Part, PatternError> {
    if index > pattern.groups {
        return Err(PatternError::new(format!("group {index} in the replacement, which is not there")));
    }
    Ok(Part::Group(index))
}

/// The group of `\g<…>`, whose `\g` was read.
fn named(tokens: &mut Tokens<'_>, pattern: &Syntax) -> Result<usize, PatternError> {
    if !tokens.accept(b'<') {
        return Err(PatternError::new("\\g without <"));
    }
    let name = tokens.until(b'>')?;
    if name.iter().all(u8::is_ascii_digit) {
        return Ok(number(name)? as usize);
    }
    let name = Some(name).filter(|name| is_name(name)).and_then(|name| std::str::from_utf8(name).ok());
    let found = pattern.names.iter().find(|(known, _)| Some(known.as_str()) == name);
    found
        .map(|(_, group)| *group)
        .ok_or_else(|| PatternError::new("\\g<…> in the replacement with an unknown name"))
}
