//! Checks tokens of Atlassian's Data Center products: in base 64 a decimal number, a colon and random bytes.

use super::base64_text::decoded;
use super::{CheckVerdict, Fact};

/// A number of twelve digits and 20 bytes are usual; the number grows with time.
const DIGITS: std::ops::RangeInclusive<usize> = 10..=20;
const RANDOM_BYTES: usize = 20;

/// Judges a token; the fact is `token id`. Random text passes once in 2^50.
pub(crate) fn check(token: &[u8]) -> CheckVerdict {
    let bytes = decoded(token).unwrap_or_default();
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = bytes.split_at(digits);
    if DIGITS.contains(&digits) && rest.first() == Some(&b':') && rest.len() == RANDOM_BYTES + 1 {
        CheckVerdict::Proved(vec![Fact::of_text("token id", &String::from_utf8_lossy(number))])
    } else {
        CheckVerdict::Invalid("the token holds no number and random bytes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    fn token(number: &str, random: &[u8]) -> String {
        STANDARD.encode([number.as_bytes(), b":", random].concat())
    }

    #[test]
    fn other_lengths_and_separators_are_refused() {
        let random = [0xa5; 20];
        assert!(holds(&check(token("123456789012", &random).as_bytes())));
        for bad in [
            token("123", &random),
            token("123456789012345678901", &random),
            token("123456789012", &random[1..]),
            token("12345678901x", &random),
            STANDARD.encode([&b"123456789012;"[..], &random].concat()),
        ] {
            assert!(!holds(&check(bad.as_bytes())), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn the_number_is_told_whatever_the_bytes_are(number in "[1-9][0-9]{11}", random: [u8; 20]) {
            prop_assert_eq!(fact(&check(token(&number, &random).as_bytes()), "token id"), Some(number));
        }

        #[test]
        fn any_bytes_are_answered(token: Vec<u8>, bytes: Vec<u8>) {
            check(&token);
            check(STANDARD.encode(bytes).as_bytes());
        }
    }
}
