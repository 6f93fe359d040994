//! Checks the CRC-32 that closes GitHub's classic tokens and npm's.
//!
//! Algorithm: GitHub, "Behind GitHub's new authentication token formats" (2021): the last six characters are the
//! CRC-32 (IEEE) of the body without its prefix, in base 62, left padded with `0`.

use super::CheckVerdict;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^6 exceeds 2^32, so six digits hold every sum.
const DIGITS: usize = 6;

/// Whether `sum` is the checksum of `body`, the token's characters between its prefix and its checksum.
pub(crate) fn check(body: &[u8], sum: &[u8]) -> CheckVerdict {
    if encode(crc32fast::hash(body)) == sum {
        CheckVerdict::Proved(Vec::new())
    } else {
        CheckVerdict::Invalid("the checksum does not match the token")
    }
}

/// Writes `number` in base 62, the most significant digit first.
pub(super) fn encode(mut number: u32) -> [u8; DIGITS] {
    let mut digits = [ALPHABET[0]; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(number % 62) as usize];
        number /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_and_large_numbers_are_padded_to_six_digits() {
        assert_eq!(&encode(0), b"000000");
        assert_eq!(&encode(61), b"00000z");
        assert_eq!(&encode(62), b"000010");
        // 2^32 - 1 = 4*62^5 + 42*62^4 + 41*62^3 + 15*62^2 + 50*62 + 3 (worked out with bc).
        assert_eq!(&encode(u32::MAX), b"4gfFC3");
    }

    proptest! {
        #[test]
        fn the_digits_read_back_as_the_number(number: u32) {
            let read = encode(number).iter().fold(0_u64, |sum, digit| {
                sum * 62 + ALPHABET.iter().position(|c| c == digit).unwrap() as u64
            });
            prop_assert_eq!(read, u64::from(number));
        }

        #[test]
        fn one_changed_character_breaks_the_sum(body in "[0-9A-Za-z]{30}", at in 0_usize..30) {
            let sum = encode(crc32fast::hash(body.as_bytes()));
            prop_assert_eq!(check(body.as_bytes(), &sum), CheckVerdict::Proved(Vec::new()));
            let mut changed = body.into_bytes();
            changed[at] = if changed[at] == b'a' { b'b' } else { b'a' };
            prop_assert!(matches!(check(&changed, &sum), CheckVerdict::Invalid(_)));
        }

        #[test]
        fn any_bytes_are_answered(body: Vec<u8>, sum: Vec<u8>) {
            check(&body, &sum);
        }
    }
}
