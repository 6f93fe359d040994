//! Reads PGP private key blocks (RFC 9580, sections 4, 5.5 and 6).
//!
//! User ids are personal and not read.

use super::block::Block;
use super::curve::{self, Curve};
use super::description::Description;
use super::integer::{self, Rsa};

const SECRET_KEY: u8 = 5;
const SECRET_SUBKEY: u8 = 7;
const CUT: &str = "the PGP block is cut off, damaged or of an unknown kind";

/// Reads the packets of a `PGP PRIVATE KEY BLOCK` and describes the first key that is really in it.
pub(super) fn read(block: &Block) -> Result<Description, &'static str> {
    if block.checksum.as_ref().is_some_and(|sum| sum[..] != crc24(&block.body)) {
        return Err("the checksum of the OpenPGP block does not match");
    }
    let mut rest = &block.body[..];
    let mut sealed = None;
    let mut seen = false;
    while !rest.is_empty() {
        let (tag, body, after) = packet(rest).ok_or(CUT)?;
        rest = after;
        if !matches!(tag, SECRET_KEY | SECRET_SUBKEY) {
            if !seen {
                return Err("the PGP block does not start with a secret key");
            }
            continue;
        }
        seen = true;
        match secret_key(body).ok_or(CUT)?? {
            Secret::Clear(key_type, proved) => {
                return Ok(Description { proved, ..Description::clear(key_type) });
            }
            Secret::Sealed(key_type) => sealed = sealed.or(Some(key_type)),
            Secret::Elsewhere => {}
        }
    }
    match sealed {
        Some(key_type) => Ok(Description::encrypted(Some(key_type))),
        None => Err("the PGP block holds no secret key material"),
    }
}

/// How the secret half of a key packet is kept.
enum Secret {
    /// And whether it makes the public half.
    Clear(String, bool),
    Sealed(String),
    /// gpg's stub for a key that is offline or on a card.
    Elsewhere,
}

/// Splits the first packet off: its tag, its body, what follows. Key packets have no partial lengths.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (tag, length, rest) = match first {
        0xc0.. => match *rest {
            [one @ ..192, ref rest @ ..] => (first & 0x3f, usize::from(one), rest),
            [one @ 192..=223, two, ref rest @ ..] => {
                (first & 0x3f, (usize::from(one) - 192) * 256 + usize::from(two) + 192, rest)
            }
            [255, a, b, c, d, ref rest @ ..] => (first & 0x3f, big_endian(&[a, b, c, d]), rest),
            _ => return None,
        },
        0x80..0xc0 => {
            let width = [1, 2, 4].get(usize::from(first & 3))?;
            let (length, rest) = rest.split_at_checked(*width)?;
            (first >> 2 & 0xf, big_endian(length), rest)
        }
        _ => return None,
    };
    let (body, after) = rest.split_at_checked(length)?;
    Some((tag, body, after))
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
}

/// Reads a secret-key packet; `None` when it is cut off or of an unknown algorithm.
fn secret_key(body: &[u8]) -> Option<Result<Secret, &'static str>> {
    let (&version, rest) = body.split_first()?;
    // Creation time; version 3 adds days of validity; versions 5 and 6 the length of the public fields.
    let (skipped, with_count) = match version {
        3 => (6, false),
        4 => (4, false),
        5 | 6 => (4, true),
        _ => return Some(Err("the PGP key is of an unknown version")),
    };
    let (&algorithm, rest) = rest.get(skipped..)?.split_first()?;
    let rest = if with_count { rest.get(4..)? } else { rest };
    let (key_type, public, rest) = public_fields(algorithm, rest)?;
    let (&usage, rest) = rest.split_first()?;
    if usage == 0 {
        let sound = if version == 6 { !rest.is_empty() } else { sum_matches(rest)? };
        if !sound {
            return Some(Err("the checksum of the OpenPGP key does not match"));
        }
        let rest = if version == 5 { rest.get(4..)? } else { rest };
        return Some(public.is_made_by(rest)?.map(|proved| Secret::Clear(key_type, proved)));
    }
    // An extension of GnuPG: string-to-key specifier 101 and `GNU` in place of the secret.
    let stub = usage >= 253 && rest.get(..16.min(rest.len()))?.windows(3).any(|window| window == b"GNU");
    Some(Ok(if stub { Secret::Elsewhere } else { Secret::Sealed(key_type) }))
}

/// In the clear, the last two bytes are the sum of the secret numbers. Version 5 puts a count of four bytes before.
fn sum_matches(secret: &[u8]) -> Option<bool> {
    let (numbers, sum) = secret.split_last_chunk()?;
    let sum = u16::from_be_bytes(*sum);
    let of = |numbers: &[u8]| numbers.iter().fold(0_u16, |sum, &byte| sum.wrapping_add(u16::from(byte)));
    Some(
        !numbers.is_empty()
            && (of(numbers) == sum || numbers.get(4..).is_some_and(|numbers| of(numbers) == sum)),
    )
}

/// The public half of a key, as far as it can be computed from the secret one.
enum Public<'a> {
    Rsa {
        modulus: &'a [u8],
        exponent: &'a [u8],
    },
    Point(Curve, &'a [u8]),
    /// Of RFC 4880's successors by draft: numbers with a prefix 0x40.
    Ed25519Number(&'a [u8]),
    X25519Number(&'a [u8]),
    /// Of RFC 9580: plain bytes.
    Ed25519(&'a [u8]),
    X25519(&'a [u8]),
    Other,
}

impl Public<'_> {
    /// Whether the fields that start `secret` make this; `Ok(false)` when that is not computed here, `None` when a field
    /// is missing.
    fn is_made_by(&self, mut secret: &[u8]) -> Option<Result<bool, &'static str>> {
        let native = |point: &[u8]| point.strip_prefix(&[0x40]).map(<[u8]>::to_vec);
        Some(match *self {
            Self::Rsa { modulus, exponent } => {
                let (d, p, q) = (number(&mut secret)?, number(&mut secret)?, number(&mut secret)?);
                Rsa { modulus, exponent, d, p, q }.consistent().map(|_| true)
            }
            Self::Point(curve, point) => {
                curve.pair(number(&mut secret)?, Some(point)).map(|point| point.is_some())
            }
            Self::Ed25519Number(point) => {
                curve::ed25519(&padded(number(&mut secret)?)?, Some(&native(point)?)).map(|_| true)
            }
            Self::X25519Number(point) => {
                let mut scalar = padded(number(&mut secret)?)?;
                scalar.reverse();
                curve::x25519(&scalar, Some(&native(point)?)).map(|_| true)
            }
            Self::Ed25519(point) => curve::ed25519(secret.get(..32)?, Some(point)).map(|_| true),
            Self::X25519(point) => curve::x25519(secret.get(..32)?, Some(point)).map(|_| true),
            Self::Other => Ok(false),
        })
    }
}

/// A number of at most 32 bytes, with the zeros that numbers lose.
fn padded(number: &[u8]) -> Option<Vec<u8>> {
    Some([&vec![0; 32_usize.checked_sub(number.len())?], number].concat())
}

/// Names the key, reads its public fields and gives what follows; `None` when cut off or of an unknown algorithm.
fn public_fields(algorithm: u8, mut rest: &[u8]) -> Option<(String, Public<'_>, &[u8])> {
    let (name, public) = match algorithm {
        1..=3 => {
            let (modulus, exponent) = (number(&mut rest)?, number(&mut rest)?);
            (format!("RSA {}", integer::bits(modulus)), Public::Rsa { modulus, exponent })
        }
        16 | 17 | 20 => {
            let p = number(&mut rest)?;
            for _ in 0..if algorithm == 17 { 3 } else { 2 } {
                number(&mut rest)?;
            }
            let name = if algorithm == 17 { "DSA" } else { "Elgamal" };
            (format!("{name} {}", integer::bits(p)), Public::Other)
        }
        18 | 19 | 22 => {
            let curve = short(&mut rest)?;
            let point = number(&mut rest)?;
            if algorithm == 18 {
                short(&mut rest)?;
            }
            let (name, public) = on_curve(curve, point);
            (name.to_owned(), public)
        }
        25..=28 => {
            let (name, length) =
                [("X25519", 32), ("X448", 56), ("Ed25519", 32), ("Ed448", 57)][usize::from(algorithm - 25)];
            let (point, after) = rest.split_at_checked(length)?;
            rest = after;
            let public = match algorithm {
                25 => Public::X25519(point),
                27 => Public::Ed25519(point),
                _ => Public::Other,
            };
            (name.to_owned(), public)
        }
        _ => return None,
    };
    Some((name, public, rest))
}

/// Takes a multiprecision integer: its bits in two bytes, then its bytes.
fn number<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (bits, after) = rest.split_first_chunk()?;
    let (number, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*bits)).div_ceil(8))?;
    *rest = after;
    Some(number)
}

/// Takes a field whose first byte is its length.
fn short<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (&length, after) = rest.split_first()?;
    let (field, after) = after.split_at_checked(usize::from(length))?;
    *rest = after;
    Some(field)
}

/// The curve of an object identifier as RFC 9580 section 9.2 encodes it, and the point on it.
fn on_curve<'a>(oid: &[u8], point: &'a [u8]) -> (&'static str, Public<'a>) {
    match oid {
        [0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01] | [0x2b, 0x65, 0x70] => {
            ("Ed25519", Public::Ed25519Number(point))
        }
        [0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01] | [0x2b, 0x65, 0x6e] => {
            ("X25519", Public::X25519Number(point))
        }
        [0x2b, 0x65, 0x71] => ("Ed448", Public::Other),
        [0x2b, 0x65, 0x6f] => ("X448", Public::Other),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07] => ("EC P-256", Public::Point(Curve::P256, point)),
        [0x2b, 0x81, 0x04, 0x00, 0x22] => ("EC P-384", Public::Point(Curve::P384, point)),
        [0x2b, 0x81, 0x04, 0x00, 0x23] => ("EC P-521", Public::Point(Curve::P521, point)),
        [0x2b, 0x81, 0x04, 0x00, 0x0a] => ("EC secp256k1", Public::Point(Curve::Secp256k1, point)),
        _ => ("EC", Public::Other),
    }
}

/// RFC 9580 section 6.1.1.
fn crc24(bytes: &[u8]) -> [u8; 3] {
    let mut crc = 0x00b7_04ce_u32;
    for &byte in bytes {
        crc ^= u32::from(byte) << 16;
        for _ in 0..8 {
            crc = crc << 1 ^ if crc & 0x0080_0000 == 0 { 0 } else { 0x0186_4cfb };
        }
    }
    let [_, sum @ ..] = (crc & 0x00ff_ffff).to_be_bytes();
    sum
}

#[cfg(test)]
mod tests {
    use super::super::sample::{pgp_packet, pgp_public, pgp_rsa};
    use super::*;
    use proptest::prelude::*;

    fn block(body: Vec<u8>, checksum: Option<Vec<u8>>) -> Block {
        Block { label: b"PGP PRIVATE KEY BLOCK".to_vec(), headers: Vec::new(), body, checksum }
    }

    fn read_body(body: &[u8]) -> Result<Description, &'static str> {
        read(&block(body.to_vec(), None))
    }

    /// A key packet whose secret half is kept as `usage` and what follows it say.
    fn kept(tag: u8, usage: &[u8]) -> Vec<u8> {
        pgp_packet(tag, &[&pgp_public()[..], usage].concat())
    }

    #[test]
    fn keys_in_the_clear_have_a_checksum() {
        assert_eq!(read_body(&pgp_rsa(0)), Ok(Description::clear("RSA 512")));
        assert!(read_body(&pgp_rsa(1)).is_err());
    }

    #[test]
    fn sealed_keys_are_plausible_and_stubs_hold_nothing() {
        let sealed = kept(5, &[&[254, 9, 3, 8][..], &[7; 40]].concat());
        let stub = kept(5, b"\xff\x00\x65\x00GNU\x01");
        assert_eq!(read_body(&sealed), Ok(Description::encrypted(Some("RSA 512".to_owned()))));
        assert!(read_body(&stub).is_err());
        let subkey = [&stub[..], &pgp_packet(13, b"jane"), &kept(7, &[254, 9, 3, 8, 1])].concat();
        assert_eq!(read_body(&subkey), Ok(Description::encrypted(Some("RSA 512".to_owned()))));
        assert_eq!(read_body(&[sealed, pgp_rsa(0)].concat()), Ok(Description::clear("RSA 512")));
        assert!(read_body(&pgp_packet(6, &pgp_public())).is_err(), "a public key");
    }

    #[test]
    fn the_checksum_of_the_armor_counts_when_it_is_there() {
        // The check value of CRC-24/OPENPGP for the nine digits, from the catalogue of CRC algorithms.
        assert_eq!(crc24(b"123456789"), [0x21, 0xcf, 0x02]);
        let body = pgp_rsa(0);
        assert!(read(&block(body.clone(), Some(crc24(&body).to_vec()))).is_ok());
        assert!(read(&block(body, Some(vec![1, 2, 3]))).is_err());
    }

    #[test]
    fn old_packet_headers_are_read() {
        let new = pgp_rsa(0);
        let old = [&[0x80 | 5 << 2 | 2], &new[2..]].concat();
        assert_eq!(read_body(&old), Ok(Description::clear("RSA 512")));
        let endless = [&[0x80 | 5 << 2 | 3], &new[6..]].concat();
        assert!(read_body(&endless).is_err());
    }

    #[test]
    fn every_truncation_is_refused() {
        let key = pgp_rsa(0);
        for length in 0..key.len() {
            assert!(read_body(&key[..length]).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(body: Vec<u8>, algorithm: u8) {
            drop(read_body(&body));
            drop(read_body(&pgp_packet(5, &[&[4, 0, 0, 0, 0, algorithm][..], &body].concat())));
            drop(read_body(&kept(5, &body)));
        }
    }
}
