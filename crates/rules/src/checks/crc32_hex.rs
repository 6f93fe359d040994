//! Checks the CRC-32 in hexadecimal that closes the tokens of Atlassian, Cloudflare and Zuplo.
//!
//! Eight digits, the most significant first; either case, which the rule's regex settles.

use super::CheckVerdict;

/// Whether `sum` is the checksum of `body`.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    CheckVerdict::of_sum(is_sum(body, sum))
}

fn is_sum(body: &[u8], sum: &[u8]) -> bool {
    format!("{:08x}", crc32fast::hash(body)).as_bytes().eq_ignore_ascii_case(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use proptest::prelude::*;

    #[test]
    fn the_check_value_of_the_catalogue_holds() {
        // CRC-32/ISO-HDLC of "123456789", the catalogue of parametrised CRC algorithms.
        assert!(holds(&check(b"123456789", b"cbf43926")));
        assert!(holds(&check(b"123456789", b"CBF43926")));
        assert!(!holds(&check(b"123456789", b"2639f4cb")));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in "[0-9A-Za-z_=-]{20,60}", change in mutation::any()) {
            let sum = format!("{:08X}", crc32fast::hash(body.as_bytes())).into_bytes();
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
