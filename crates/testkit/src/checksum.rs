//! CRC-32 and base 62 as GitHub and npm use them, written out plainly.
//!
//! Kept apart from the project's own check on purpose: a shared mistake would pass every test.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Returns the CRC-32 (IEEE, reflected) of `bytes`.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Returns `value` in base 62 with the digits `0-9A-Za-z`, at least six of them.
pub(crate) fn base62(mut value: u32) -> String {
    let mut digits = Vec::new();
    while value > 0 || digits.len() < 6 {
        digits.push(DIGITS[value as usize % 62]);
        value /= 62;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_has_the_published_check_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn base62_pads_and_orders() {
        assert_eq!(base62(0), "000000");
        assert_eq!(base62(61), "00000z");
        assert_eq!(base62(62), "000010");
        assert_eq!(base62(u32::MAX), "4gfFC3");
    }
}
