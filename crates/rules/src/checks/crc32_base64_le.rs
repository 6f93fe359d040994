//! Checks the CRC-32 in base 64, last byte first, that closes Confluent's API secrets.
//!
//! Algorithm: Confluent, "Use API Keys to Authenticate to Confluent Cloud" (API secret format): six characters over the 54 that
//! follow the prefix.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::CheckVerdict;

/// Whether `sum` is the checksum of `body`.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    CheckVerdict::of_sum(is_sum(body, sum))
}

fn is_sum(body: &[u8], sum: &[u8]) -> bool {
    STANDARD_NO_PAD.encode(crc32fast::hash(body).to_le_bytes()).as_bytes() == sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, holds};
    use proptest::prelude::*;

    #[test]
    fn the_documented_example_holds() {
        let body = ["T8d8RzkNseTMEDKcjNM1BZ", "TFPHqRn/dQm9q7w6SjzZ12wZfwjaJdip"].concat();
        assert!(holds(&check(body.as_bytes(), b"HZtDjw")));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in "[0-9A-Za-z+/]{54}", change in mutation::any()) {
            let sum = STANDARD_NO_PAD.encode(crc32fast::hash(body.as_bytes()).to_le_bytes()).into_bytes();
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
