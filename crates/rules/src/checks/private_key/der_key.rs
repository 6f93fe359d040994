//! Reads the private keys that are written in DER: PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SEC1 (RFC 5915) and OpenSSL's
//! DSA keys.
//!
//! Goes by the content, not by the label of the block, as people swap labels.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged};

use super::curve::{self, Curve};
use super::description::Description;
use super::integer::{self, Rsa};
use super::ssh_wire;

/// No key structure has more fields; the multi-prime part of RSA is one.
const MOST_FIELDS: usize = 16;
const TRUNCATED: &str = "the DER of the key is cut off or damaged";

type Answer = Result<Description, &'static str>;

/// Reads one private key; bytes after it are ignored, as OpenSSL ignores them.
pub(super) fn read(der: &[u8]) -> Answer {
    let fields = sequence(first(der)?)?;
    let tags: Vec<Tag> = fields.iter().map(Tagged::tag).collect();
    match tags[..] {
        [Tag::Sequence, Tag::OctetString] => encrypted(fields[0], fields[1]),
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => pkcs8(&fields),
        [Tag::Integer, Tag::OctetString, ..] => elliptic(&fields, None),
        [Tag::Integer, ..] if tags.len() == 6 => dsa(&fields),
        [Tag::Integer, ..] if tags.len() >= 9 => rsa(&fields),
        _ => Err("the block holds no private key"),
    }
}

fn first(der: &[u8]) -> Result<AnyRef<'_>, &'static str> {
    SliceReader::new(der).and_then(|mut reader| AnyRef::decode(&mut reader)).map_err(|_| TRUNCATED)
}

/// The fields of a sequence, one level deep.
fn sequence(value: AnyRef<'_>) -> Result<Vec<AnyRef<'_>>, &'static str> {
    if value.tag() != Tag::Sequence {
        return Err("the block holds no DER sequence");
    }
    let mut reader = SliceReader::new(value.value()).map_err(|_| TRUNCATED)?;
    let mut fields = Vec::new();
    while !reader.is_finished() && fields.len() < MOST_FIELDS {
        fields.push(AnyRef::decode(&mut reader).map_err(|_| TRUNCATED)?);
    }
    if reader.is_finished() { Ok(fields) } else { Err("the block holds no private key") }
}

/// The values of fields that must all be integers.
fn integers<'a>(fields: &[AnyRef<'a>]) -> Result<Vec<&'a [u8]>, &'static str> {
    let all = fields.iter().all(|field| field.tag() == Tag::Integer);
    if all {
        Ok(fields.iter().map(|field| field.value()).collect())
    } else {
        Err("the key has a field that is no number")
    }
}

fn oid(field: AnyRef<'_>) -> Result<ObjectIdentifier, &'static str> {
    field.decode_as::<ObjectIdentifier>().map_err(|_| "the key names no algorithm")
}

fn rsa(fields: &[AnyRef<'_>]) -> Answer {
    let numbers = integers(&fields[..9])?;
    let (modulus, exponent) = (numbers[1], numbers[2]);
    let public = Some(ssh_wire::rsa_public(modulus, exponent));
    if fields.len() > 9 {
        // More than two primes: their product is not taken.
        let key = Description::clear(integer::rsa_size(modulus)?).with_public(public);
        return Ok(Description { proved: false, ..key });
    }
    let key = Rsa { modulus, exponent, d: numbers[3], p: numbers[4], q: numbers[5] };
    Ok(Description::clear(key.consistent()?).with_public(public))
}

/// Version, p, q, g, y, x.
fn dsa(fields: &[AnyRef<'_>]) -> Answer {
    let numbers = integers(fields)?;
    let key = dsa_numbers(numbers[1], numbers[2], numbers[3], numbers[5])?;
    Ok(key.with_public(Some(ssh_wire::dsa_public([numbers[1], numbers[2], numbers[3], numbers[4]]))))
}

fn dsa_numbers(p: &[u8], q: &[u8], g: &[u8], x: &[u8]) -> Answer {
    let (size, order) = (integer::bits(p), integer::bits(q));
    let sound =
        order < size && (2..=size).contains(&integer::bits(g)) && (2..=order).contains(&integer::bits(x));
    if sound && size >= 512 {
        Ok(Description::clear(format!("DSA {size}")))
    } else {
        Err("the numbers make no DSA key")
    }
}

/// Version, algorithm, key, perhaps attributes and the public key.
fn pkcs8(fields: &[AnyRef<'_>]) -> Answer {
    let algorithm = sequence(fields[1])?;
    let (&name, parameters) = algorithm.split_first().ok_or("the key names no algorithm")?;
    let parameters = parameters.first().copied();
    let key = fields[2].value();
    let name = oid(name)?.to_string();
    match name.as_str() {
        "1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10" => {
            let numbers = sequence(first(key)?)?;
            if numbers.len() >= 9 { rsa(&numbers) } else { Err("the block holds no RSA key") }
        }
        "1.2.840.10045.2.1" => {
            let inner = sequence(first(key)?)?;
            if inner.len() >= 2 { elliptic(&inner, parameters) } else { Err("the block holds no EC key") }
        }
        "1.2.840.10040.4.1" => {
            let group = integers(&sequence(parameters.ok_or("the DSA key has no group")?)?)?;
            let [p, q, g] = group[..] else { return Err("the DSA key has no group") };
            dsa_numbers(p, q, g, first(key)?.value())
        }
        "1.3.101.110" => {
            let public = public_bits(fields, 1);
            curve::x25519(edwards(key, 32)?, public).map(|_| Description::clear("X25519"))
        }
        "1.3.101.111" => edwards(key, 56).map(|_| Description::clear("X448")),
        "1.3.101.112" => {
            let public = curve::ed25519(edwards(key, 32)?, public_bits(fields, 1))?;
            Ok(Description::clear("Ed25519").with_public(Some(ssh_wire::ed25519_public(&public))))
        }
        "1.3.101.113" => edwards(key, 57).map(|_| Description::clear("Ed448")),
        _ => Ok(Description { proved: false, ..Description::clear(name) }),
    }
}

/// RFC 8410: an octet string of the curve's length.
fn edwards(key: &[u8], length: usize) -> Result<&[u8], &'static str> {
    let inner = first(key)?;
    let key = inner.value();
    if inner.tag() == Tag::OctetString && key.len() == length && key.iter().any(|&byte| byte != 0) {
        Ok(key)
    } else {
        Err("the key has not the length of its curve")
    }
}

/// The bytes of the bit string in the field `[number]`: the public key that PKCS#8 version 2 (implicitly tagged) and SEC 1
/// (explicitly tagged) may carry.
fn public_bits<'a>(fields: &[AnyRef<'a>], number: u32) -> Option<&'a [u8]> {
    let field = context(fields, number)?;
    let bits = if field.tag().is_constructed() { first(field.value()).ok()?.value() } else { field.value() };
    bits.get(1..)
}

/// The field with a context-specific tag.
fn context<'a>(fields: &[AnyRef<'a>], number: u32) -> Option<AnyRef<'a>> {
    fields
        .iter()
        .copied()
        .find(|field| field.tag().is_context_specific() && field.tag().number().value() == number)
}

/// Version, key, perhaps the curve `[0]` and the public point `[1]`; PKCS#8 names the curve outside.
fn elliptic(fields: &[AnyRef<'_>], curve: Option<AnyRef<'_>>) -> Answer {
    let key = integer::trimmed(fields[1].value());
    let inner_curve = context(fields, 0).and_then(|field| first(field.value()).ok());
    let Some(name) = curve.or(inner_curve).and_then(|curve| oid(curve).ok()) else {
        // Parameters written out: no name to compare lengths with.
        let plausible = (2..=72).contains(&key.len());
        let key = Description { proved: false, ..Description::clear("EC") };
        return if plausible { Ok(key) } else { Err("the key has not the length of its curve") };
    };
    let name = name.to_string();
    if key.is_empty() || fields[1].value().len() > 72 {
        return Err("the key has not the length of its curve");
    }
    let Some(curve) = Curve::from_oid(&name) else {
        return Ok(Description { proved: false, ..Description::clear(format!("EC {name}")) });
    };
    let point = curve.pair(key, public_bits(fields, 1))?;
    let public = curve.ssh_name().zip(point.as_ref());
    let public = public.map(|(name, point)| ssh_wire::ecdsa_public(name, point));
    let key = Description::clear(format!("EC {}", curve.name())).with_public(public);
    Ok(Description { proved: point.is_some(), ..key })
}

/// Algorithm with parameters, and the sealed key (PKCS#8 `EncryptedPrivateKeyInfo`).
fn encrypted(algorithm: AnyRef<'_>, sealed: AnyRef<'_>) -> Answer {
    let algorithm = sequence(algorithm)?;
    oid(*algorithm.first().ok_or("the key names no algorithm")?)?;
    if sealed.value().len() < 32 {
        Err("the sealed key is too short")
    } else {
        Ok(Description::encrypted(None))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, BITS, OCTETS, OID, integer, pkcs8, sec1, sequence, tlv};
    use super::*;
    use proptest::prelude::*;

    const RSA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    const EC: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
    const P256: [u8; 8] = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    const DSA: [u8; 7] = [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
    const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];

    /// The type and whether it is proved.
    fn key_type(der: &[u8]) -> Result<(String, bool), &'static str> {
        read(der).map(|key| (key.key_type.unwrap_or_default(), key.proved))
    }

    #[test]
    fn rsa_keys_are_the_product_of_their_primes() {
        let (p, q, modulus) = (sample::p(), sample::q(), sample::modulus());
        assert_eq!(key_type(&sample::pkcs1()), Ok(("RSA 512".to_owned(), true)));
        assert_eq!(key_type(&pkcs8(&RSA, &[5, 0], &sample::pkcs1(), &[])), Ok(("RSA 512".to_owned(), true)));
        let public = read(&sample::pkcs1()).unwrap().public;
        assert_eq!(public, Some(ssh_wire::rsa_public(&modulus, &[1, 0, 1])));

        let mut other = q.clone();
        other[31] ^= 2;
        for wrong in [
            sample::pkcs1_of(&modulus, &p, &other),
            sample::pkcs1_of(&modulus, &modulus, &[1]),
            sample::pkcs1_of(&q, &q[..16], &q[..16]),
        ] {
            assert!(read(&wrong).is_err());
            assert!(read(&pkcs8(&RSA, &[5, 0], &wrong, &[])).is_err());
        }
        // A public key is not a private one.
        assert!(read(&sequence(&[integer(&modulus), integer(&[1, 0, 1])])).is_err());
    }

    #[test]
    fn more_than_two_primes_are_plausible() {
        let numbers = [&[1][..], &sample::modulus(), &[3], &[9], &[5], &[7], &[1], &[1], &[1]].map(integer);
        let multi = sequence(&[numbers.concat(), sequence(&[sequence(&[integer(&[3])])])]);
        assert_eq!(key_type(&multi), Ok(("RSA 512".to_owned(), false)));
    }

    #[test]
    fn elliptic_keys_have_the_length_of_their_curve() {
        let curve = tlv(0xa0, &tlv(OID, &P256));
        let point = Curve::P256.pair(&[0x6b; 32], None).unwrap().unwrap();
        let public = tlv(0xa1, &tlv(BITS, &[&[0][..], &point].concat()));
        assert_eq!(key_type(&sec1(32, &[curve.clone(), public.clone()])), Ok(("EC P-256".to_owned(), true)));
        assert_eq!(
            key_type(&pkcs8(&EC, &tlv(OID, &P256), &sec1(32, &[]), &[])),
            Ok(("EC P-256".to_owned(), true))
        );
        let key = read(&sec1(32, &[curve.clone(), public])).unwrap();
        assert_eq!(key.public, Some(ssh_wire::ecdsa_public("nistp256", &point)));
        assert_eq!(read(&sec1(32, std::slice::from_ref(&curve))).unwrap().public, key.public, "computed");
        let other = tlv(0xa1, &tlv(BITS, &[&[0, 4][..], &[0x11; 64]].concat()));
        assert!(read(&sec1(32, &[curve.clone(), other])).is_err());
        // A curve without arithmetic, and one nobody knows.
        for (oid, name) in [(&[0x2b, 0x81, 4, 0, 33][..], "EC P-224"), (&[0x2a, 3], "EC 1.2.3")] {
            let key = key_type(&sec1(28, &[tlv(0xa0, &tlv(OID, oid))]));
            assert_eq!(key, Ok((name.to_owned(), false)));
        }
        assert!(read(&sec1(33, &[curve])).is_err());
        assert!(read(&pkcs8(&EC, &tlv(OID, &P256), &sec1(48, &[]), &[])).is_err());
        assert_eq!(key_type(&sec1(32, &[])), Ok(("EC".to_owned(), false)));
        assert!(read(&sec1(0, &[])).is_err());
    }

    #[test]
    fn edwards_keys_have_one_length() {
        let key = |length| tlv(OCTETS, &vec![0x6b; length]);
        assert_eq!(key_type(&pkcs8(&ED25519, &[], &key(32), &[])), Ok(("Ed25519".to_owned(), true)));
        assert_eq!(key_type(&pkcs8(&[0x2b, 0x65, 0x71], &[], &key(57), &[])), Ok(("Ed448".to_owned(), true)));
        for wrong in [key(31), key(33), tlv(OCTETS, &[0; 32]), vec![0x6b; 32]] {
            assert!(read(&pkcs8(&ED25519, &[], &wrong, &[])).is_err());
        }
        let key = pkcs8(&ED25519, &[], &tlv(OCTETS, &sample::SEED), &[]);
        let expected = Some(ssh_wire::ed25519_public(&sample::point()));
        assert_eq!(read(&key).unwrap().public, expected, "computed");
        for (public, sound) in [(sample::point(), true), (vec![0x22; 32], false)] {
            let public = tlv(0x81, &[&[0][..], &public].concat());
            let key = read(&pkcs8(&ED25519, &[], &tlv(OCTETS, &sample::SEED), &public));
            assert_eq!(key.ok().map(|key| key.public), sound.then(|| expected.clone()));
        }
    }

    #[test]
    fn dsa_keys_are_read_in_both_forms() {
        let (p, q, x) = (sample::modulus(), [0x91; 20], [0x55; 20]);
        let all = [&[0][..], &p, &q, &[2], &[3], &x].map(integer);
        assert_eq!(key_type(&sequence(&all)), Ok(("DSA 512".to_owned(), true)));
        let group = sequence(&[integer(&p), integer(&q), integer(&[2])]);
        assert_eq!(key_type(&pkcs8(&DSA, &group, &integer(&x), &[])), Ok(("DSA 512".to_owned(), true)));
        assert!(read(&pkcs8(&DSA, &group, &integer(&p), &[])).is_err());
        assert!(read(&pkcs8(&DSA, &[], &integer(&x), &[])).is_err());
    }

    #[test]
    fn sealed_and_unknown_keys_are_not_proved() {
        let sealed = sequence(&[sequence(&[tlv(OID, &RSA)]), tlv(OCTETS, &[0x99; 48])]);
        assert_eq!(read(&sealed), Ok(Description::encrypted(None)));
        assert!(read(&sequence(&[sequence(&[tlv(OID, &RSA)]), tlv(OCTETS, &[0x99; 8])])).is_err());
        assert_eq!(key_type(&pkcs8(&[0x2a, 3], &[], &[1, 2, 3], &[])), Ok(("1.2.3".to_owned(), false)));
    }

    #[test]
    fn bytes_after_the_key_are_ignored_and_missing_ones_are_not() {
        let key = sample::pkcs1();
        assert!(read(&[&key[..], b"tail"].concat()).is_ok());
        for length in 0..key.len() {
            assert!(read(&key[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn deep_nesting_and_huge_lengths_are_refused() {
        let mut nested = Vec::new();
        for _ in 0..2000 {
            nested = tlv(0x30, &nested);
        }
        assert!(read(&nested).is_err());
        assert!(read(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(read(&tlv(0x30, &integer(&[1]).repeat(100_000))).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(der: Vec<u8>) {
            drop(read(&der));
            drop(read(&tlv(0x30, &der)));
            drop(read(&pkcs8(&RSA, &[5, 0], &der, &[])));
            drop(read(&pkcs8(&EC, &der, &der, &der)));
        }
    }
}
