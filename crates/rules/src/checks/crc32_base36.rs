//! Checks the CRC-32 in base 36 that closes GitLab's routable tokens.
//!
//! Algorithm: GitLab, "Routable tokens" (design document of Cells): seven digits over everything that precedes them.

use super::CheckVerdict;
use super::radix::{BASE36, digits};

/// Whether `sum` is the checksum of `body`.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    CheckVerdict::of_sum(is_sum(body, sum))
}

fn is_sum(body: &[u8], sum: &[u8]) -> bool {
    digits::<7>(crc32fast::hash(body), BASE36) == sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use proptest::prelude::*;

    #[test]
    fn the_check_value_of_the_catalogue_holds() {
        // 0xcbf43926 = 3421780262 in base 36 (worked out with bc).
        assert!(holds(&check(b"123456789", b"1kl8mjq")));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in "glpat-[0-9A-Za-z_-]{27,60}\\.01\\.[0-9a-z]{2}", change in mutation::any()) {
            let sum = digits::<7>(crc32fast::hash(body.as_bytes()), BASE36).to_vec();
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
