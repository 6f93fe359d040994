//! Checks base 58 with a checksum: Bitcoin's private keys (WIF) and extended private keys (BIP-32).
//!
//! Algorithm: Bitcoin wiki, "`Base58Check` encoding": the last four bytes are the start of the SHA-256 of the SHA-256 of the
//! others, whose first byte or bytes are a version.

use sha2::{Digest as _, Sha256};

use super::{CheckVerdict, Fact};

/// Longer texts are no keys, and decoding takes the square of the length.
const LONGEST: usize = 128;

/// Judges one text; facts where the version is known: `key type`, `network`.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    if text.len() > LONGEST {
        return CheckVerdict::Invalid("the text is too long for a key");
    }
    let Ok(bytes) = bs58::decode(text).into_vec() else {
        return CheckVerdict::Invalid("the text is not base 58");
    };
    let Some((payload, sum)) = bytes.split_last_chunk::<4>() else {
        return CheckVerdict::Invalid("the text is too short to hold a checksum");
    };
    if Sha256::digest(Sha256::digest(payload))[..4] != sum[..] {
        return CheckVerdict::of_sum(false);
    }
    let told = |sort: &str, network: &str| {
        CheckVerdict::Proved(vec![Fact::new("key type", sort), Fact::new("network", network)])
    };
    match payload {
        // A 1 behind the 32 bytes says that the public key is written compressed.
        [0x80, rest @ ..] if is_scalar(rest) => told("Bitcoin private key", "main"),
        [0xef, rest @ ..] if is_scalar(rest) => told("Bitcoin private key", "test"),
        [0x04, 0x88, 0xad, 0xe4, rest @ ..] if is_extended(rest) => told("extended private key", "main"),
        [0x04, 0x35, 0x83, 0x94, rest @ ..] if is_extended(rest) => told("extended private key", "test"),
        // Other currencies and kinds of address have versions of their own; a public key starts with 2 or 3.
        [_, _, _, _, rest @ ..] if is_extended(rest) => {
            CheckVerdict::Proved(vec![Fact::new("key type", "extended private key")])
        }
        [_, _, _, _, rest @ ..] if rest.len() == 74 => CheckVerdict::Invalid("an extended public key"),
        _ => CheckVerdict::Plausible(Vec::new()),
    }
}

fn is_scalar(rest: &[u8]) -> bool {
    rest.len() == 32 || (rest.len() == 33 && rest[32] == 1)
}

/// Depth, parent, number and chain code in 41 bytes, then 0 and the key.
fn is_extended(rest: &[u8]) -> bool {
    rest.len() == 74 && rest[41] == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, fact, holds};
    use proptest::prelude::*;

    fn text(payload: &[u8]) -> String {
        let sum = Sha256::digest(Sha256::digest(payload));
        bs58::encode([payload, &sum[..4]].concat()).into_string()
    }

    #[test]
    fn the_published_example_holds() {
        // Bitcoin wiki, "Wallet import format".
        let wif = ["5Hue", "CGU8rMjxEXxiPuD5BDku4MkFqeZ", "yd4dZ1jvhTVqvbTLvyTJ"].concat();
        let verdict = check(wif.as_bytes());
        assert!(holds(&verdict));
        assert_eq!(fact(&verdict, "network").as_deref(), Some("main"));
    }

    #[test]
    fn private_keys_are_told_from_public_ones_and_others() {
        let extended = |version: [u8; 4], key: u8| {
            let rest = [&[0; 41][..], &[key], &[7; 32]].concat();
            check(text(&[&version[..], &rest].concat()).as_bytes())
        };
        assert_eq!(fact(&extended([4, 0x88, 0xad, 0xe4], 0), "network").as_deref(), Some("main"));
        assert_eq!(fact(&extended([4, 0x35, 0x83, 0x94], 0), "network").as_deref(), Some("test"));
        assert!(holds(&extended([4, 0x9d, 0x78, 0x78], 0)));
        assert!(matches!(extended([4, 0x88, 0xb2, 0x1e], 2), CheckVerdict::Invalid(_)));
        assert!(matches!(check(text(&[0; 21]).as_bytes()), CheckVerdict::Plausible(_)));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(key: [u8; 32], change in mutation::any()) {
            let text = text(&[&[0x80][..], &key, &[1]].concat());
            prop_assert!(holds(&check(text.as_bytes())));
            prop_assert!(!holds(&check(&change.of(text.as_bytes()))));
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, text in "[1-9A-HJ-NP-Za-km-z]{0,140}") {
            check(&bytes);
            check(text.as_bytes());
        }
    }
}
