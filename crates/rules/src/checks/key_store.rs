//! Checks key stores: PKCS#12 (RFC 7292), Java's JKS and JCEKS (`sun.security.provider.JavaKeyStore`,
//! `com.sun.crypto.provider.JceKeyStore`).
//!
//! A store of certificates alone holds no secret. What seals the keys is a password, which often lies beside the store or
//! is one of the usual ones: a store with keys is a finding even when it is sealed.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use sha1::{Digest as _, Sha1};

use super::{CheckVerdict, Fact};

const JKS: &[u8] = &[0xfe, 0xed, 0xfe, 0xed];
const JCEKS: &[u8] = &[0xce, 0xce, 0xce, 0xce];
/// Passwords that manuals and tools use.
const USUAL: [&str; 8] = ["changeit", "changeme", "password", "secret", "android", "keystore", "123456", ""];
/// A larger store is not hashed with the usual passwords.
const HASHED: usize = 1 << 20;
const CUT: &str = "the key store is cut off or damaged";

/// Judges a whole file; what starts like no store known here is plausible. Proved when a usual password opens it; facts:
/// `format`, `keys`, `usual password`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    if text.starts_with(JKS) || text.starts_with(JCEKS) {
        java(text).unwrap_or(CheckVerdict::Invalid(CUT))
    } else if text.starts_with(&[0x30]) && text.len() > 16 {
        pkcs12(text)
    } else {
        CheckVerdict::Plausible(Vec::new())
    }
}

fn java(text: &[u8]) -> Option<CheckVerdict> {
    let format = if text.starts_with(JKS) { "JKS" } else { "JCEKS" };
    let mut rest = &text[4..];
    let version = number(&mut rest)?;
    let count = number(&mut rest)?;
    if !(1..=2).contains(&version) {
        return Some(CheckVerdict::Invalid("the key store is of an unknown version"));
    }
    let mut keys = 0_u64;
    for _ in 0..count {
        let tag = number(&mut rest)?;
        let alias = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        // The alias, and a date of eight bytes.
        rest = rest.get(2 + alias + 8..)?;
        match tag {
            1 => {
                keys += 1;
                bytes(&mut rest)?;
                for _ in 0..number(&mut rest)? {
                    certificate(&mut rest, version)?;
                }
            }
            2 => certificate(&mut rest, version)?,
            // A sealed Java object, whose end only Java's deserialisation knows.
            3 => return Some(CheckVerdict::Plausible(facts(format, &format!("{} or more", keys + 1)))),
            _ => return None,
        }
    }
    if keys == 0 {
        return Some(CheckVerdict::Invalid("the key store holds certificates only"));
    }
    let mut facts = facts(format, &keys.to_string());
    let sum = rest.get(..20)?;
    let sealed = &text[..text.len() - rest.len()];
    Some(match USUAL.iter().find(|password| text.len() <= HASHED && digest(password, sealed) == sum) {
        Some(_) => {
            facts.push(Fact::new("usual password", "yes"));
            CheckVerdict::Proved(facts)
        }
        None => CheckVerdict::Plausible(facts),
    })
}

fn facts(format: &str, keys: &str) -> Vec<Fact> {
    vec![Fact::new("format", format), Fact::new("keys", keys)]
}

/// The checksum at the end of Java's stores: over the password in UTF-16, a phrase, and the store.
fn digest(password: &str, store: &[u8]) -> [u8; 20] {
    let mut sha = Sha1::new();
    for unit in password.encode_utf16() {
        sha.update(unit.to_be_bytes());
    }
    sha.update(b"Mighty Aphrodite");
    sha.update(store);
    sha.finalize().into()
}

fn certificate(rest: &mut &[u8], version: u32) -> Option<()> {
    if version == 2 {
        let kind = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
        *rest = rest.get(2 + kind..)?;
    }
    bytes(rest)
}

fn bytes(rest: &mut &[u8]) -> Option<()> {
    let length = usize::try_from(number(rest)?).ok()?;
    *rest = rest.get(length..)?;
    Some(())
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (bytes, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_be_bytes(*bytes))
}

/// `PFX ::= SEQUENCE { version 3, authSafe ContentInfo, macData OPTIONAL }`. The bags are not opened.
fn pkcs12(text: &[u8]) -> CheckVerdict {
    let plausible = CheckVerdict::Plausible(vec![Fact::new("format", "PKCS#12")]);
    // BER with lengths left open, as some writers do; the reader is for DER.
    if text.starts_with(&[0x30, 0x80, 2, 1, 3, 0x30]) {
        return plausible;
    }
    match is_pfx(text) {
        Ok(true) => plausible,
        Ok(false) => CheckVerdict::Invalid("the file holds DER that is no PKCS#12 store"),
        Err(_) => CheckVerdict::Invalid(CUT),
    }
}

fn is_pfx(text: &[u8]) -> der::Result<bool> {
    let outer = AnyRef::decode(&mut SliceReader::new(text)?)?;
    let mut reader = SliceReader::new(outer.value())?;
    let (version, content) = (AnyRef::decode(&mut reader)?, AnyRef::decode(&mut reader)?);
    let shape =
        outer.tag() == Tag::Sequence && version.tag() == Tag::Integer && content.tag() == Tag::Sequence;
    if !shape || version.value() != [3] {
        return Ok(false);
    }
    let mut reader = SliceReader::new(content.value())?;
    let kind: ObjectIdentifier = ObjectIdentifier::decode(&mut reader)?;
    let _content = AnyRef::decode(&mut reader)?;
    // Data, sealed by a password; or signed data, sealed by a public key.
    Ok(reader.is_finished()
        && ["1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"].contains(&kind.to_string().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::private_key::sample::{OCTETS, OID, integer, sequence, tlv};
    use proptest::prelude::*;

    /// A JKS store of these entries, each a tag and what follows the date.
    fn store(entries: &[(u32, Vec<u8>)], password: &str) -> Vec<u8> {
        let count = u32::try_from(entries.len()).unwrap();
        let mut out = [JKS, &2_u32.to_be_bytes(), &count.to_be_bytes()].concat();
        for (tag, body) in entries {
            out.extend([&tag.to_be_bytes(), &[0, 2][..], b"me", &[0; 8], body].concat());
        }
        out.extend(digest(password, &out));
        out
    }

    fn sized(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
    }

    fn key() -> (u32, Vec<u8>) {
        (1, [sized(&[7; 90]), 1_u32.to_be_bytes().to_vec(), cert().1].concat())
    }

    fn cert() -> (u32, Vec<u8>) {
        (2, [&[0, 5][..], b"X.509", &sized(&[9; 50])].concat())
    }

    fn pfx(version: u8, kind: u8) -> Vec<u8> {
        let oid = tlv(OID, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, kind]);
        sequence(&[integer(&[version]), sequence(&[oid, tlv(0xa0, &tlv(OCTETS, &[1; 60]))])])
    }

    #[test]
    fn java_stores_are_read() {
        let CheckVerdict::Proved(facts) = check(&store(&[cert(), key()], "changeit")) else { panic!() };
        assert_eq!(facts[1], Fact::new("keys", "1"));
        assert!(matches!(check(&store(&[key()], "k3Jd9")), CheckVerdict::Plausible(_)));
        assert!(matches!(check(&store(&[cert()], "changeit")), CheckVerdict::Invalid(_)));
        assert!(matches!(check(&store(&[(3, vec![1; 9])], "")), CheckVerdict::Plausible(_)));
        assert!(matches!(check(&store(&[(4, vec![1; 9])], "")), CheckVerdict::Invalid(_)));
    }

    #[test]
    fn pkcs12_stores_are_recognised() {
        for kind in [1, 2] {
            assert!(matches!(check(&pfx(3, kind)), CheckVerdict::Plausible(_)));
        }
        for bad in [pfx(2, 1), pfx(3, 6), sequence(&[integer(&[3]), integer(&[9; 20])])] {
            assert!(matches!(check(&bad), CheckVerdict::Invalid(_)));
        }
        for length in 17..pfx(3, 1).len() {
            assert!(matches!(check(&pfx(3, 1)[..length]), CheckVerdict::Invalid(_)), "{length}");
        }
    }

    #[test]
    fn no_truncation_is_proved() {
        let whole = store(&[key(), cert()], "changeit");
        for length in 0..whole.len() {
            assert!(!matches!(check(&whole[..length]), CheckVerdict::Proved(_)), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, kind in prop::sample::select(vec![JKS, JCEKS, &[0x30, 0x82]])) {
            check(&bytes);
            check(&[kind, &bytes].concat());
            check(&[JKS, &[0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff], &bytes].concat());
        }
    }
}
