//! Checks NKEY seeds of NATS: an Ed25519 or X25519 seed in base32 with a CRC-16 (nats-io/nkeys, README and ADR-14).

use super::curve;
use crate::checks::{CheckVerdict, Fact};

/// Characters of a seed: two bytes of prefix, 32 of seed, two of checksum.
const LENGTH: usize = 58;
/// The prefix that makes base32 start with `S`.
const SEED: u8 = 18 << 3;
const X25519: u8 = 23 << 3;
/// What the public key's prefix says it is for.
const KINDS: [(u8, &str); 6] = [
    (14 << 3, "NATS operator"),
    (0, "NATS account"),
    (20 << 3, "NATS user"),
    (13 << 3, "NATS server"),
    (2 << 3, "NATS cluster"),
    (X25519, "NATS curve"),
];
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Judges the seed, which may follow a `BEGIN … SEED` line; facts: `key type`, `public key`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let seed = &text[text.len() - text.iter().rev().take_while(|&&byte| ALPHABET.contains(&byte)).count()..];
    match read(seed) {
        Ok((kind, public)) => {
            CheckVerdict::Proved(vec![Fact::new("key type", kind), Fact::new("public key", public)])
        }
        Err(why) => CheckVerdict::Invalid(why),
    }
}

fn read(seed: &[u8]) -> Result<(&'static str, String), &'static str> {
    let raw = decode(seed)
        .filter(|raw| seed.len() == LENGTH && raw.len() == 36)
        .ok_or("the NKEY seed has not 58 characters")?;
    let (body, sum) = raw.split_at(34);
    if crc16(body).to_le_bytes() != sum {
        return Err("the checksum of the NKEY seed does not match");
    }
    let prefix = (body[0] & 7) << 5 | body[1] >> 3;
    let kind = KINDS.iter().find(|(known, _)| *known == prefix);
    let (_, kind) = kind.filter(|_| body[0] & 0xf8 == SEED).ok_or("the NKEY is no seed")?;
    let public =
        if prefix == X25519 { curve::x25519(&body[2..], None)? } else { curve::ed25519(&body[2..], None)? };
    let body = [&[prefix], &public[..]].concat();
    let coded = encode(&[&body[..], &crc16(&body).to_le_bytes()].concat());
    Ok((kind, coded))
}

/// Base32 (RFC 4648) without padding; bits that fill no byte are dropped.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::with_capacity(36), 0_u16, 0);
    for byte in text {
        let value = u16::try_from(ALPHABET.iter().position(|known| known == byte)?).ok()?;
        (buffer, bits) = (buffer << 5 | value, bits + 5);
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits).to_le_bytes()[0]);
        }
    }
    Some(bytes)
}

fn encode(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    let value = |start: usize| (start..start + 5).fold(0, |value, at| value << 1 | bit(at));
    (0..bytes.len() * 8).step_by(5).map(|start| char::from(ALPHABET[value(start)])).collect()
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for &byte in bytes {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x1021 };
        }
    }
    crc
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A seed of the kind with that prefix.
    fn seed(prefix: u8, secret: [u8; 32]) -> String {
        let body = [&[SEED | prefix >> 5, prefix << 3], &secret[..]].concat();
        encode(&[&body[..], &crc16(&body).to_le_bytes()].concat())
    }

    #[test]
    fn the_checksum_is_the_catalogued_one() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn seeds_tell_their_kind_and_public_key() {
        for ((prefix, kind), letters) in KINDS.into_iter().zip(["SO", "SA", "SU", "SN", "SC", "SX"]) {
            let seed = seed(prefix, [7; 32]);
            assert!(seed.starts_with(letters), "{seed}");
            for text in [seed.clone(), ["-----BEGIN NKEY SEED-----\n", &seed].concat()] {
                let CheckVerdict::Proved(facts) = check(text.as_bytes()) else { panic!("{text}") };
                assert_eq!(facts[0].value, kind);
                assert!(facts[1].value.len() == 56 && facts[1].value.starts_with(&letters[1..]), "{facts:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn base32_is_undone(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn any_change_is_noticed(secret: [u8; 32], at in 1_usize..57, letter in 0_usize..32) {
            let mut seed = seed(20 << 3, secret).into_bytes();
            prop_assume!(secret != [0; 32] && seed[at] != ALPHABET[letter]);
            seed[at] = ALPHABET[letter];
            prop_assert!(matches!(check(&seed), CheckVerdict::Invalid(_)));
            prop_assert!(matches!(check(&seed[..at]), CheckVerdict::Invalid(_)));
        }

        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, letters in "[A-Z2-7]{0,70}") {
            check(&text);
            check(letters.as_bytes());
        }
    }
}
