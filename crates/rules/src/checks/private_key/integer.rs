//! Unsigned integers as big-endian bytes, as far as a key check needs them.

/// Larger moduli are refused by OpenSSL too; the bound keeps the product cheap.
const MOST_BITS: usize = 16_384;
/// Below this a modulus is an exercise, not a key.
const FEWEST_BITS: usize = 512;

/// The bytes without leading zeros.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|&&byte| byte == 0).count()..]
}

/// Number of bits, the highest one set.
pub(super) fn bits(bytes: &[u8]) -> usize {
    let bytes = trimmed(bytes);
    bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

/// Names an RSA key after its modulus, if the modulus is the product of the two primes.
pub(super) fn rsa(modulus: &[u8], p: &[u8], q: &[u8]) -> Result<String, &'static str> {
    let size = rsa_size(modulus)?;
    if bits(p) < 2
        || bits(q) < 2
        || product(trimmed(p), trimmed(q), trimmed(modulus).len()) != trimmed(modulus)
    {
        return Err("the primes of the RSA key do not make its modulus");
    }
    Ok(size)
}

/// Names an RSA key after its modulus.
pub(super) fn rsa_size(modulus: &[u8]) -> Result<String, &'static str> {
    match bits(modulus) {
        size @ FEWEST_BITS..=MOST_BITS => Ok(format!("RSA {size}")),
        _ => Err("no RSA key has a modulus of that length"),
    }
}

/// `a * b`, or nothing when it could not fill `length` bytes, which keeps the cost bounded.
fn product(a: &[u8], b: &[u8], length: usize) -> Vec<u8> {
    if a.len() + b.len() != length && a.len() + b.len() != length + 1 {
        return Vec::new();
    }
    let mut digits = vec![0_u8; a.len() + b.len()];
    for (i, &x) in a.iter().rev().enumerate() {
        let mut carry = 0_u16;
        for (j, &y) in b.iter().rev().enumerate() {
            // At most 255 * 255 + 255 + 255, which is 65535.
            let sum = u16::from(x) * u16::from(y) + u16::from(digits[i + j]) + carry;
            digits[i + j] = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        digits[i + b.len()] = carry.to_le_bytes()[0];
    }
    digits.reverse();
    trimmed(&digits).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn products_are_those_of_the_machine(a: u64, b: u64) {
            let (long, expected) = (u128::from(a) * u128::from(b), |n: u128| trimmed(&n.to_be_bytes()).to_vec());
            let (a, b) = (a.to_be_bytes(), b.to_be_bytes());
            prop_assert_eq!(product(trimmed(&a), trimmed(&b), expected(long).len()), expected(long));
        }

        #[test]
        fn bits_are_those_of_the_machine(a: u64) {
            prop_assert_eq!(bits(&a.to_be_bytes()), (64 - a.leading_zeros()) as usize);
        }

        #[test]
        fn a_changed_prime_is_noticed(mut p in prop::collection::vec(1_u8.., 64), q in prop::collection::vec(1_u8.., 64)) {
            let modulus = product(&p, &q, bits(&p).div_ceil(8) + bits(&q).div_ceil(8));
            prop_assume!(bits(&modulus) >= FEWEST_BITS);
            prop_assert_eq!(rsa(&modulus, &p, &q), Ok(format!("RSA {}", bits(&modulus))));
            p[63] ^= 2;
            prop_assert!(rsa(&modulus, &p, &q).is_err());
        }
    }

    #[test]
    fn huge_numbers_cost_nothing() {
        let huge = vec![0xff; 1 << 20];
        assert!(rsa(&huge, &huge, &huge).is_err());
        assert!(rsa(&huge[..256], &huge, &huge).is_err());
        assert!(rsa(&huge[..256], &[], &[]).is_err());
        assert!(rsa(&[1; 63], &[1; 32], &[1; 31]).is_err());
    }

    #[test]
    fn one_is_no_prime() {
        let modulus = [0xff; 64];
        assert!(rsa(&modulus, &modulus, &[1]).is_err());
    }
}
