//! Takes a macaroon apart without verifying its signature, and reads what PyPI writes into its caveats.
//!
//! Format: libmacaroons, `doc/format.txt`, binary version 2: fields of type, length and bytes. Caveats: PyPI's warehouse,
//! `warehouse/macaroons/caveats`: JSON lists that start with a number. A changed body is noticed only where it breaks the
//! structure: the key that would verify the signature is the server's.

use serde_json::Value;

use super::base64_text::decoded;
use super::time::time;
use super::{CheckVerdict, Fact};

const VERSION: u8 = 2;
const END: u64 = 0;
const LOCATION: u64 = 1;
const IDENTIFIER: u64 = 2;
const VERIFICATION: u64 = 4;
const SIGNATURE: u64 = 6;
const SIGNATURE_BYTES: usize = 32;

/// Judges a macaroon in base 64; facts: `location`, and of PyPI's caveats `project`, `project id`, `user`, `scope`,
/// `expires`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    match decoded(text).as_deref().and_then(facts) {
        Some(facts) => CheckVerdict::Proved(facts),
        None => CheckVerdict::Invalid("the token is no macaroon"),
    }
}

fn facts(bytes: &[u8]) -> Option<Vec<Fact>> {
    let (&VERSION, mut rest) = bytes.split_first()? else { return None };
    let (mut facts, mut identifiers) = (Vec::new(), 0);
    loop {
        // A section: the macaroon's own first, one a caveat then, an empty one last.
        let (mut identified, mut empty) = (false, true);
        while let Some((sort, value)) = field(&mut rest)? {
            empty = false;
            match sort {
                LOCATION if identifiers == 0 => {
                    facts.push(Fact::of_text("location", std::str::from_utf8(value).ok()?));
                }
                LOCATION | VERIFICATION => {}
                IDENTIFIER if !identified => {
                    identified = true;
                    if identifiers > 0 {
                        facts.extend(caveat(value));
                    }
                    identifiers += 1;
                }
                _ => return None,
            }
        }
        match (empty, identified) {
            (true, _) if identifiers > 0 => break,
            (false, true) => {}
            _ => return None,
        }
    }
    let (sort, value) = field(&mut rest)??;
    (sort == SIGNATURE && value.len() == SIGNATURE_BYTES && rest.is_empty()).then_some(facts)
}

/// The next field, `Some(None)` at the end of a section.
#[expect(clippy::option_option, reason = "the text may end, and so may a section")]
fn field<'t>(rest: &mut &'t [u8]) -> Option<Option<(u64, &'t [u8])>> {
    let sort = varint(rest)?;
    if sort == END {
        return Some(None);
    }
    let length = usize::try_from(varint(rest)?).ok()?;
    let (value, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(Some((sort, value)))
}

/// Seven bits a byte, the lowest first.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// What a caveat of PyPI says; nothing for others.
fn caveat(identifier: &[u8]) -> Vec<Fact> {
    let told = |name: &str, value: Option<String>| {
        value.map(|value| Fact::of_text(name, &value)).into_iter().collect::<Vec<_>>()
    };
    match serde_json::from_slice(identifier) {
        Ok(Value::Array(list)) => match &list[..] {
            [Value::Number(tag), until, ..] if tag.as_u64() == Some(0) => {
                told("expires", until.as_i64().and_then(time))
            }
            [Value::Number(tag), names] if tag.as_u64() == Some(1) => told("project", joined(names)),
            [Value::Number(tag), ids] if tag.as_u64() == Some(2) => told("project id", joined(ids)),
            [Value::Number(tag), id] if tag.as_u64() == Some(3) => {
                told("user", id.as_str().map(str::to_owned))
            }
            _ => Vec::new(),
        },
        Ok(Value::Object(object)) => match object.get("permissions") {
            Some(Value::String(scope)) => told("scope", Some(scope.clone())),
            Some(Value::Object(permissions)) => told("project", permissions.get("projects").and_then(joined)),
            _ => told("expires", object.get("exp").and_then(Value::as_i64).and_then(time)),
        },
        _ => Vec::new(),
    }
}

fn joined(list: &Value) -> Option<String> {
    Some(list.as_array()?.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    fn put(out: &mut Vec<u8>, sort: u8, value: &[u8]) {
        out.push(sort);
        let mut length = value.len();
        while length >= 0x80 {
            out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        out.push(u8::try_from(length).unwrap());
        out.extend_from_slice(value);
    }

    fn macaroon(location: &str, caveats: &[&[u8]], signature: &[u8]) -> String {
        let mut out = vec![2];
        put(&mut out, 1, location.as_bytes());
        put(&mut out, 2, b"5d0c4c5e-0000-4000-8000-000000000000");
        out.push(0);
        for caveat in caveats {
            put(&mut out, 2, caveat);
            out.push(0);
        }
        out.push(0);
        put(&mut out, 6, signature);
        URL_SAFE_NO_PAD.encode(out)
    }

    #[test]
    fn a_pypi_token_starts_as_documented_and_tells_its_scope() {
        let caveats: [&[u8]; 5] = [
            b"[1, [\"sampleproject\", \"other\"]]",
            b"[2, [\"id-1\"]]",
            b"[3, \"user-1\"]",
            b"[0, 1700000000, 0]",
            b"\xff",
        ];
        let token = macaroon("pypi.org", &caveats, &[7; 32]);
        assert!(token.starts_with("AgEIcHlwaS5vcmc"), "{token}");
        let verdict = check(token.as_bytes());
        for (name, value) in [
            ("location", "pypi.org"),
            ("project", "sampleproject other"),
            ("project id", "id-1"),
            ("user", "user-1"),
            ("expires", "2023-11-14T22:13:20Z"),
        ] {
            assert_eq!(fact(&verdict, name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn caveats_of_the_first_kind_are_read_too() {
        let caveats: [&[u8]; 2] = [
            b"{\"version\": 1, \"permissions\": {\"projects\": [\"a\"]}}",
            b"{\"version\": 1, \"permissions\": \"user\"}",
        ];
        let verdict = check(macaroon("pypi.org", &caveats, &[7; 32]).as_bytes());
        assert_eq!(fact(&verdict, "project").as_deref(), Some("a"));
        assert_eq!(fact(&verdict, "scope").as_deref(), Some("user"));
    }

    #[test]
    fn neither_a_short_signature_nor_more_behind_it_is_a_macaroon() {
        assert!(!holds(&check(macaroon("pypi.org", &[], &[7; 31]).as_bytes())));
        let whole = URL_SAFE_NO_PAD.decode(macaroon("pypi.org", &[], &[7; 32])).unwrap();
        assert!(holds(&check(URL_SAFE_NO_PAD.encode(&whole).as_bytes())));
        assert!(!holds(&check(URL_SAFE_NO_PAD.encode([&whole[..], b"x"].concat()).as_bytes())));
        for cut in 0..whole.len() {
            assert!(!holds(&check(URL_SAFE_NO_PAD.encode(&whole[..cut]).as_bytes())), "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, text: Vec<u8>) {
            check(&text);
            check(URL_SAFE_NO_PAD.encode([&[2, 1][..], &bytes].concat()).as_bytes());
        }

        #[test]
        fn any_caveat_and_location_are_understood(location in "[ -~]{0,200}", caveat: Vec<u8>) {
            prop_assert!(holds(&check(macaroon(&location, &[&caveat], &[7; 32]).as_bytes())));
        }
    }
}
