//! Writes checksums in the alphabets that tokens use.

pub(super) const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
pub(super) const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The lowest `N` digits of `number`, the most significant first, padded with the alphabet's first character.
pub(super) fn digits<const N: usize>(number: u32, alphabet: &[u8]) -> [u8; N] {
    let (mut number, radix) = (number as usize, alphabet.len());
    let mut digits = [alphabet[0]; N];
    for digit in digits.iter_mut().rev() {
        *digit = alphabet[number % radix];
        number /= radix;
    }
    digits
}

/// Reads a number in base 36, lower case; `None` for other characters and above 64 bits.
pub(super) fn base36(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    let lower = text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    u64::from_str_radix(text, 36).ok().filter(|_| lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_padded_and_the_largest_fits() {
        assert_eq!(&digits::<6>(0, BASE62), b"000000");
        assert_eq!(&digits::<6>(61, BASE62), b"00000z");
        assert_eq!(&digits::<6>(62, BASE62), b"000010");
        // 2^32 - 1 = 4*62^5 + 42*62^4 + 41*62^3 + 15*62^2 + 50*62 + 3 (worked out with bc).
        assert_eq!(&digits::<6>(u32::MAX, BASE62), b"4gfFC3");
        assert_eq!(&digits::<7>(u32::MAX, BASE36), b"1z141z3");
    }

    proptest! {
        #[test]
        fn base_36_reads_back(number: u32) {
            prop_assert_eq!(base36(&digits::<7>(number, BASE36)), Some(u64::from(number)));
        }

        #[test]
        fn any_bytes_are_answered(text: Vec<u8>) {
            base36(&text);
        }
    }

    #[test]
    fn only_digits_and_small_letters_are_base_36() {
        for bad in [&b""[..], b"+1", b"A", b"1 ", b"zzzzzzzzzzzzzzzz"] {
            assert_eq!(base36(bad), None);
        }
    }
}
