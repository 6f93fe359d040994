//! Checks the start of a SHA-256 that GitHub's fine-grained tokens carry.
//!
//! GitHub documents no algorithm; that eight characters are the first 40 bits of the SHA-256 of everything before them,
//! prefix included, in base 32 (RFC 4648) was observed on tokens of several origins.

use sha2::{Digest as _, Sha256};

use super::CheckVerdict;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Whether the eight characters of `sum` open the hash of `body`.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    CheckVerdict::of_sum(opening(body) == sum)
}

/// The first 40 bits of the hash in base 32.
fn opening(body: &[u8]) -> [u8; 8] {
    let hash = Sha256::digest(body);
    let bits = hash[..5].iter().fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
    std::array::from_fn(|place| ALPHABET[(bits >> (35 - 5 * place) & 31) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use proptest::prelude::*;

    #[test]
    fn the_hash_of_the_standard_is_written_in_base_32() {
        // FIPS 180-2: SHA-256("abc") starts with ba7816bf8f; in base 32 by coreutils.
        assert_eq!(&opening(b"abc"), b"XJ4BNP4P");
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in "github_[0-9A-Za-z_]{70}", change in mutation::any()) {
            let sum = opening(body.as_bytes());
            prop_assert!(holds(&check(body.as_bytes(), &sum)));
            prop_assert!(!holds(&check(&change.of(body.as_bytes()), &sum)));
            prop_assert!(!holds(&check(body.as_bytes(), &sum[1..])));
        }

        #[test]
        fn any_bytes_are_answered(body: Vec<u8>, sum: Vec<u8>) {
            check(&body, &sum);
        }
    }
}
