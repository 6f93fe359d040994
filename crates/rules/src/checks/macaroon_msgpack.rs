//! Takes a macaroon of Fly.io apart without verifying its signature.
//!
//! Format: superfly/macaroon, `macaroon.go`, `nonce.go`, `caveat.go`: a `MessagePack` list of the nonce (key id, random bytes,
//! perhaps a flag), the location, the caveats (number and body in turn) and the signature. Of the caveats, number 0 names
//! the organization, number 4 the time of validity.

use super::base64_text::decoded;
use super::time::time;
use super::{CheckVerdict, Fact};

const ORGANIZATION: u64 = 0;
const VALIDITY: u64 = 4;
const RANDOM_BYTES: usize = 16;
const SIGNATURE_BYTES: usize = 32;

/// Judges a macaroon in base 64, without its `fm2_`; facts: `location`, `organization`, `expires`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    match decoded(text).as_deref().and_then(facts) {
        Some(facts) => CheckVerdict::Proved(facts),
        None => CheckVerdict::Invalid("the token is no macaroon"),
    }
}

fn facts(bytes: &[u8]) -> Option<Vec<Fact>> {
    let mut reader = Reader { rest: bytes };
    let Item::List(4) = reader.next()? else { return None };
    let Item::List(nonce @ (2 | 3)) = reader.next()? else { return None };
    let (Item::Bytes(_), Item::Bytes(random)) = (reader.next()?, reader.next()?) else { return None };
    if random.len() != RANDOM_BYTES || (nonce == 3 && !matches!(reader.next()?, Item::Other)) {
        return None;
    }
    let Item::Bytes(location) = reader.next()? else { return None };
    let mut facts = vec![Fact::of_text("location", std::str::from_utf8(location).ok()?)];
    let Item::List(caveats) = reader.next()? else { return None };
    if caveats % 2 != 0 {
        return None;
    }
    for _ in 0..caveats / 2 {
        let Item::Number(sort) = reader.next()? else { return None };
        let body = Reader { rest: reader.rest };
        reader.skip()?;
        facts.extend(caveat(sort, body));
    }
    let Item::Bytes(signature) = reader.next()? else { return None };
    (signature.len() == SIGNATURE_BYTES && reader.rest.is_empty()).then_some(facts)
}

fn caveat(sort: u64, mut body: Reader<'_>) -> Option<Fact> {
    let (Item::List(2), first, second) = (body.next()?, body.next()?, body.next()?) else { return None };
    match (sort, first, second) {
        (ORGANIZATION, Item::Number(id), _) => Some(Fact::new("organization", id.to_string())),
        (VALIDITY, _, Item::Number(until)) => Some(Fact::new("expires", time(i64::try_from(until).ok()?)?)),
        _ => None,
    }
}

/// One `MessagePack` value, of lists and maps the head only.
enum Item<'t> {
    Number(u64),
    Bytes(&'t [u8]),
    List(u64),
    /// Pairs.
    Map(u64),
    /// Nothing, a truth value, a negative number, a fraction, an extension.
    Other,
}

struct Reader<'t> {
    rest: &'t [u8],
}

impl<'t> Reader<'t> {
    fn take(&mut self, length: u64) -> Option<&'t [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn number(&mut self, bytes: u64) -> Option<u64> {
        Some(self.take(bytes)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn bytes(&mut self, length_bytes: u64) -> Option<Item<'t>> {
        let length = self.number(length_bytes)?;
        self.take(length).map(Item::Bytes)
    }

    fn other(&mut self, length: u64) -> Option<Item<'t>> {
        self.take(length).map(|_| Item::Other)
    }

    fn next(&mut self) -> Option<Item<'t>> {
        match self.number(1)? {
            head @ 0x00..=0x7f => Some(Item::Number(head)),
            head @ 0x80..=0x8f => Some(Item::Map(head & 0x0f)),
            head @ 0x90..=0x9f => Some(Item::List(head & 0x0f)),
            head @ 0xa0..=0xbf => self.take(head & 0x1f).map(Item::Bytes),
            0xc4 | 0xd9 => self.bytes(1),
            0xc5 | 0xda => self.bytes(2),
            0xc6 | 0xdb => self.bytes(4),
            head @ 0xc7..=0xc9 => {
                let length = self.number(1 << (head - 0xc7))?;
                self.other(length.checked_add(1)?)
            }
            head @ 0xcc..=0xcf => self.number(1 << (head - 0xcc)).map(Item::Number),
            0xca => self.other(4),
            0xcb => self.other(8),
            head @ 0xd0..=0xd3 => self.other(1 << (head - 0xd0)),
            head @ 0xd4..=0xd8 => self.other((1 << (head - 0xd4)) + 1),
            0xdc => self.number(2).map(Item::List),
            0xdd => self.number(4).map(Item::List),
            0xde => self.number(2).map(Item::Map),
            0xdf => self.number(4).map(Item::Map),
            0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Some(Item::Other),
            _ => None,
        }
    }

    /// Passes over one value with all it holds. A count is at most 2^32 and every value takes a byte, so the sum of the
    /// counts cannot overflow before the bytes end.
    fn skip(&mut self) -> Option<()> {
        let mut left = 1_u64;
        while left > 0 {
            left -= 1;
            match self.next()? {
                Item::List(values) => left = left.checked_add(values)?,
                Item::Map(pairs) => left = left.checked_add(pairs.checked_mul(2)?)?,
                _ => {}
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn bin(bytes: &[u8]) -> Vec<u8> {
        [&[0xc4, u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }

    fn macaroon(location: &str, caveats: &[u8], count: u8, signature: usize) -> Vec<u8> {
        let nonce = [&[0x93][..], &bin(&[1; 8]), &bin(&[2; 16]), &[0xc2]].concat();
        let location = [&[0xd9, u8::try_from(location.len()).unwrap()], location.as_bytes()].concat();
        [&[0x94][..], &nonce, &location, &[0x90 | count], caveats, &bin(&vec![3; signature])].concat()
    }

    fn judged(bytes: &[u8]) -> CheckVerdict {
        check(STANDARD.encode(bytes).as_bytes())
    }

    #[test]
    fn organization_and_expiry_are_told() {
        let mut caveats = vec![0x00, 0x92, 0xcd, 0x30, 0x39, 0x1f]; // organization 12345, mask 31
        caveats.extend([0x03, 0x91, 0x81, 0x07, 0x1f]); // apps: {7: 31}
        caveats.extend([0x04, 0x92, 0x00, 0xce, 0x65, 0x53, 0xf1, 0x00]); // 0 to 1700000000
        let verdict = judged(&macaroon("https://api.fly.invalid/v1", &caveats, 6, 32));
        assert!(holds(&verdict));
        assert_eq!(fact(&verdict, "location").as_deref(), Some("https://api.fly.invalid/v1"));
        assert_eq!(fact(&verdict, "organization").as_deref(), Some("12345"));
        assert_eq!(fact(&verdict, "expires").as_deref(), Some("2023-11-14T22:13:20Z"));
    }

    #[test]
    fn what_is_cut_or_carries_more_is_no_macaroon() {
        let whole = macaroon("x", &[0x00, 0x92, 0x01, 0x02], 2, 32);
        assert!(holds(&judged(&whole)));
        assert!(!holds(&judged(&[&whole[..], &[0]].concat())));
        assert!(!holds(&judged(&macaroon("x", &[], 0, 31))));
        for cut in 0..whole.len() {
            assert!(!holds(&judged(&whole[..cut])), "{cut}");
        }
    }

    #[test]
    fn deep_and_wide_values_end() {
        for body in [
            vec![0x91; 100_000],
            vec![0xdd, 0xff, 0xff, 0xff, 0xff],
            [0xdf, 0xff, 0xff, 0xff, 0xff].repeat(9_999),
        ] {
            assert!(!holds(&judged(&macaroon("x", &[&[0x09][..], &body].concat(), 2, 32))));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, text: Vec<u8>) {
            check(&text);
            judged(&bytes);
            judged(&macaroon("x", &bytes, 2, 32));
        }
    }
}
