//! Checks the CRC-32 in hexadecimal, last byte first, that closes Grafana's service account tokens.
//!
//! Algorithm: grafana/grafana, `pkg/components/satokengen`: the four bytes little-endian, over everything up to the last `_`.

use super::CheckVerdict;

/// Whether `sum` is the checksum of `body`.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    CheckVerdict::of_sum(is_sum(body, sum))
}

fn is_sum(body: &[u8], sum: &[u8]) -> bool {
    format!("{:08x}", crc32fast::hash(body).swap_bytes()).as_bytes().eq_ignore_ascii_case(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use proptest::prelude::*;

    #[test]
    fn the_check_value_of_the_catalogue_holds_turned_around() {
        assert!(holds(&check(b"123456789", b"2639f4cb")));
        assert!(!holds(&check(b"123456789", b"cbf43926")));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in "glsa_[0-9A-Za-z]{32}", change in mutation::any()) {
            let sum = format!("{:08x}", crc32fast::hash(body.as_bytes()).swap_bytes()).into_bytes();
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
