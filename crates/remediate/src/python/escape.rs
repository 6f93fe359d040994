//! Escapes and classes of an expression, as sets of bytes.

use super::syntax::{ByteSet, Edge, PatternError};
use super::tokens::{Token, Tokens};

/// What an escape stands for, if it is no reference to a group.
pub(crate) enum Escape {
    /// One byte.
    Byte(u8),
    /// A class.
    Class(ByteSet),
    /// A condition on the place.
    Edge(Edge),
}

fn is_octal(byte: u8) -> bool {
    (b'0'..=b'7').contains(&byte)
}

/// `\d`, `\s`, `\w` and their complements; ASCII, as Python has it for bytes.
fn category(letter: u8) -> Option<ByteSet> {
    let class = match letter.to_ascii_lowercase() {
        b'd' => ByteSet::of(|byte| byte.is_ascii_digit()),
        b's' => ByteSet::of(|byte| b" \t\n\r\x0b\x0c".contains(&byte)),
        b'w' => ByteSet::of(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        _ => return None,
    };
    Some(if letter.is_ascii_uppercase() { class.complement() } else { class })
}

/// The byte that `\a`, `\f`, `\n`, `\r`, `\t`, `\v`, `\\` stand for.
pub(crate) fn control(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 7,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        b'\\' => b'\\',
        _ => return None,
    })
}

/// `digits` in base 8.
pub(crate) fn octal(digits: &[u8]) -> Result<u8, PatternError> {
    let value = digits.iter().fold(0_u32, |value, digit| value * 8 + u32::from(digit - b'0'));
    u8::try_from(value).map_err(|_| PatternError::new("an octal escape above \\377"))
}

fn hexadecimal(tokens: &mut Tokens<'_>) -> Result<u8, PatternError> {
    let digits = tokens.accept_while(2, u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(digits).unwrap_or_default();
    let value = u8::from_str_radix(text, 16).ok().filter(|_| digits.len() == 2);
    value.ok_or_else(|| PatternError::new("\\x without two digits"))
}

fn unknown(letter: u8) -> PatternError {
    PatternError::new(format!("the escape \\{}", char::from(letter)))
}

/// Three digits where the first is `first`, the next come from `tokens`: an octal escape, `\0` with up to two more.
fn leading_zero(tokens: &mut Tokens<'_>) -> Result<u8, PatternError> {
    octal(tokens.accept_while(2, |byte| is_octal(*byte)))
}

/// An escape outside of a class whose letter was read; `None` if it is a reference to a group, whose further digits
/// are not read yet.
pub(crate) fn outside(letter: u8, tokens: &mut Tokens<'_>) -> Result<Option<Escape>, PatternError> {
    if let Some(class) = category(letter) {
        return Ok(Some(Escape::Class(class)));
    }
    let edge = match letter {
        b'A' => Some(Edge::TextStart),
        b'b' => Some(Edge::Word),
        b'B' => Some(Edge::NotWord),
        b'Z' => Some(Edge::TextEnd),
        _ => None,
    };
    if let Some(edge) = edge {
        return Ok(Some(Escape::Edge(edge)));
    }
    let byte = match letter {
        b'x' => hexadecimal(tokens)?,
        b'0' => leading_zero(tokens)?,
        b'1'..=b'9' => return three_digits(letter, tokens),
        _ => match control(letter) {
            Some(byte) => byte,
            None if letter.is_ascii_alphabetic() => return Err(unknown(letter)),
            None => letter,
        },
    };
    Ok(Some(Escape::Byte(byte)))
}

/// `\ooo` is a byte; with fewer digits it is a reference.
fn three_digits(first: u8, tokens: &mut Tokens<'_>) -> Result<Option<Escape>, PatternError> {
    let place = tokens.place();
    let more = tokens.accept_while(2, |byte| is_octal(*byte));
    if is_octal(first) && more.len() == 2 {
        return Ok(Some(Escape::Byte(octal(&[first, more[0], more[1]])?)));
    }
    tokens.back_to(place);
    Ok(None)
}

fn inside(letter: u8, tokens: &mut Tokens<'_>) -> Result<Escape, PatternError> {
    if let Some(class) = category(letter) {
        return Ok(Escape::Class(class));
    }
    let byte = match letter {
        b'b' => 8,
        b'x' => hexadecimal(tokens)?,
        b'0'..=b'7' => {
            let more = tokens.accept_while(2, |byte| is_octal(*byte));
            octal(&[&[letter], more].concat())?
        }
        _ => match control(letter) {
            Some(byte) => byte,
            None if letter.is_ascii_alphanumeric() => return Err(unknown(letter)),
            None => letter,
        },
    };
    Ok(Escape::Byte(byte))
}

/// The rest of a class whose `[` was read; with `fold`, letters of both cases.
pub(crate) fn class(tokens: &mut Tokens<'_>, fold: bool) -> Result<ByteSet, PatternError> {
    let unterminated = || PatternError::new("a class [ that does not end");
    let item = |token: Token, tokens: &mut Tokens<'_>| match token {
        Token::Escape(letter) => inside(letter, tokens),
        Token::Byte(byte) => Ok(Escape::Byte(byte)),
    };
    let negated = tokens.accept(b'^');
    let (mut set, mut first) = (ByteSet::default(), true);
    loop {
        let token = tokens.next().ok_or_else(unterminated)?;
        if token == Token::Byte(b']') && !first {
            break;
        }
        first = false;
        let low = item(token, tokens)?;
        if tokens.accept(b'-') {
            let token = tokens.next().ok_or_else(unterminated)?;
            if token == Token::Byte(b']') {
                add(&mut set, &low);
                set.insert(b'-');
                break;
            }
            let high = item(token, tokens)?;
            match (low, high) {
                (Escape::Byte(low), Escape::Byte(high)) if low <= high => {
                    (low..=high).for_each(|byte| set.insert(byte));
                }
                _ => return Err(PatternError::new("a range in a class that goes backwards or from a class")),
            }
        } else {
            add(&mut set, &low);
        }
    }
    let set = if fold { set.fold() } else { set };
    Ok(if negated { set.complement() } else { set })
}

fn add(set: &mut ByteSet, item: &Escape) {
    match item {
        Escape::Byte(byte) => set.insert(*byte),
        Escape::Class(class) => set.add(class),
        Escape::Edge(_) => {}
    }
}
