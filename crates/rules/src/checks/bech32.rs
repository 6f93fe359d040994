//! Checks bech32 (BIP-173), in which age and Nostr write their secret keys.

use ::bech32::Bech32;
use ::bech32::primitives::decode::CheckedHrpstring;

use super::CheckVerdict;

/// The bytes of a secret key.
const KEY: usize = 32;

/// Judges one text, its readable prefix included; the case is the same throughout.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let Some(decoded) =
        std::str::from_utf8(text).ok().and_then(|text| CheckedHrpstring::new::<Bech32>(text).ok())
    else {
        return CheckVerdict::of_sum(false);
    };
    if decoded.byte_iter().count() == KEY {
        CheckVerdict::Proved(Vec::new())
    } else {
        CheckVerdict::Invalid("the text does not hold a key of 32 bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use ::bech32::Hrp;
    use proptest::prelude::*;

    fn text(prefix: &str, bytes: &[u8]) -> String {
        ::bech32::encode::<Bech32>(Hrp::parse(prefix).unwrap(), bytes).unwrap()
    }

    #[test]
    fn the_published_example_holds() {
        // nostr-protocol/nips, NIP-19.
        let secret = ["nse", "c1vl029mgpspedva04g90vltkh6fvh240zqt", "v9k0t9af8935ke9laqsnlfe5"].concat();
        assert!(holds(&check(secret.as_bytes())));
        assert!(holds(&check(secret.to_uppercase().as_bytes())));
        assert!(!holds(&check(secret.replace("nse", "Nse").as_bytes())));
    }

    #[test]
    fn other_lengths_are_no_keys() {
        for length in [0, 31, 33, 64] {
            assert!(matches!(check(text("nsec", &vec![7; length]).as_bytes()), CheckVerdict::Invalid(_)));
        }
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(key: [u8; 32], change in mutation::any()) {
            let text = text("age-secret-key-", &key).to_uppercase();
            prop_assert!(holds(&check(text.as_bytes())));
            prop_assert!(!holds(&check(&change.of(text.as_bytes()))));
        }

        #[test]
        fn any_bytes_are_answered(bytes: Vec<u8>, text in "[a-z]{0,4}1[0-9a-z]{0,90}") {
            check(&bytes);
            check(text.as_bytes());
        }
    }
}
