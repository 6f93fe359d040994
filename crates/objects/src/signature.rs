//! Who and when: the `author`, `committer` and `tagger` lines.

use bstr::{BStr, ByteSlice};

/// A person and a moment, as written; nothing is decoded or trimmed but the space around the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The name, possibly empty.
    pub name: &'a BStr,
    /// What stands between the angle brackets, possibly empty.
    pub email: &'a BStr,
    /// The moment; `None` when it is missing or no number, as in some histories made by old converters.
    pub time: Option<Time>,
}

/// A moment, with the offset of the clock that showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub seconds: i64,
    /// Minutes east of UTC: `+0130` is 90.
    pub offset_minutes: i32,
}

impl<'a> Signature<'a> {
    /// Reads `name <email> seconds offset`. Like git, takes the first `<` and the last `>`; where the brackets are
    /// missing everything is the name.
    pub fn parse(line: &'a [u8]) -> Self {
        let Some(open) = line.find_byte(b'<') else {
            return Self { name: line.trim().as_bstr(), email: BStr::new(b""), time: None };
        };
        let close = line.rfind_byte(b'>').filter(|close| *close > open);
        let email = &line[open + 1..close.unwrap_or(line.len())];
        let time = close.and_then(|close| Time::parse(&line[close + 1..]));
        Self { name: line[..open].trim().as_bstr(), email: email.as_bstr(), time }
    }
}

impl Time {
    fn parse(text: &[u8]) -> Option<Self> {
        let mut words = text.fields();
        let seconds = words.next()?.to_str().ok()?.parse().ok()?;
        let offset_minutes = words.next().and_then(offset_minutes).unwrap_or(0);
        Some(Self { seconds, offset_minutes })
    }
}

/// `+hhmm` or `-hhmm` in minutes; odd minutes are kept, as git does.
fn offset_minutes(word: &[u8]) -> Option<i32> {
    let (sign, digits) = match word.split_first()? {
        (b'+', digits) => (1, digits),
        (b'-', digits) => (-1, digits),
        _ => return None,
    };
    let number: i32 = digits.to_str().ok().filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
    Some(sign * (number / 100 * 60 + number % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_ordinary_line() {
        let signature = Signature::parse(b"A U Thor <a@example.com> 1112354055 -0730");
        assert_eq!(signature.name, "A U Thor");
        assert_eq!(signature.email, "a@example.com");
        assert_eq!(signature.time, Some(Time { seconds: 1_112_354_055, offset_minutes: -450 }));
    }

    #[test]
    fn tolerates_what_histories_hold() {
        let cases: [(&[u8], &str, &str, Option<i64>); 7] = [
            (b"", "", "", None),
            (b"nobody", "nobody", "", None),
            (b"<> 1 +0000", "", "", Some(1)),
            (b"a <b> <c> -5 +0000", "a", "b> <c", Some(-5)),
            (b"a <b", "a", "b", None),
            (b"a >b< 5 +0000", "a >b", " 5 +0000", None),
            (b"a <b> 99999999999999999999 +0000", "a", "b", None),
        ];
        for (line, name, email, seconds) in cases {
            let signature = Signature::parse(line);
            assert_eq!(signature.name, name);
            assert_eq!(signature.email, email);
            assert_eq!(signature.time.map(|t| t.seconds), seconds);
        }
        assert_eq!(offset_minutes(b"+999999999999"), None);
        assert_eq!(offset_minutes(b"+-100"), None);
    }
}
