//! Checks the CRC-32 in base 62 that closes GitHub's classic tokens, npm's and Vercel's.
//!
//! Algorithm: GitHub, "Behind GitHub's new authentication token formats" (2021): the last six characters are the
//! CRC-32 (IEEE) of the body without its prefix, in base 62, left padded with `0`.

use super::CheckVerdict;
use super::radix::{BASE62, digits};

/// Whether `sum` is the checksum of `body`, the token's characters between its prefix and its checksum.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    // 62^6 exceeds 2^32, so six digits hold every sum.
    CheckVerdict::of_sum(digits::<6>(crc32fast::hash(body), BASE62) == sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in "[0-9A-Za-z]{30}", change in mutation::any()) {
            let sum = digits::<6>(crc32fast::hash(body.as_bytes()), BASE62);
            prop_assert!(holds(&check(body.as_bytes(), &sum)));
            prop_assert!(!holds(&check(&change.of(body.as_bytes()), &sum)));
            prop_assert!(!holds(&check(body.as_bytes(), &change.of(&sum))));
        }

        #[test]
        fn any_bytes_are_answered(body: Vec<u8>, sum: Vec<u8>) {
            check(&body, &sum);
        }
    }
}
