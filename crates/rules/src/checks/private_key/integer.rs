//! Unsigned integers as big-endian bytes, as far as a key check needs them.

use crypto_bigint::{BoxedUint, ConcatenatingMul as _, NonZero};

/// Larger moduli are refused by OpenSSL too; the bound keeps the product cheap.
const MOST_BITS: usize = 16_384;
/// Below this a modulus is an exercise, not a key.
const FEWEST_BITS: usize = 512;

/// The numbers of an RSA key of two primes.
#[derive(Clone, Copy)]
pub(super) struct Rsa<'a> {
    pub(super) modulus: &'a [u8],
    /// The public one.
    pub(super) exponent: &'a [u8],
    /// The private one.
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
}

/// The bytes without leading zeros.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|&&byte| byte == 0).count()..]
}

/// Number of bits, the highest one set.
pub(super) fn bits(bytes: &[u8]) -> usize {
    let bytes = trimmed(bytes);
    bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

impl Rsa<'_> {
    /// Names the key after its modulus, if the modulus is the product of the primes and the exponents undo each other:
    /// `d * e = 1` modulo `p - 1` and modulo `q - 1`.
    pub(super) fn consistent(&self) -> Result<String, &'static str> {
        let size = rsa_size(self.modulus)?;
        let product = bits(self.p) + bits(self.q);
        // The lengths first: they bound the cost of what follows.
        if bits(self.p) < 2
            || bits(self.q) < 2
            || !matches!(product.checked_sub(bits(self.modulus)), Some(0 | 1))
        {
            return Err(NO_PRODUCT);
        }
        let (p, q) = (number(self.p), number(self.q));
        if *p.concatenating_mul(&q).to_be_bytes_trimmed_vartime() != *trimmed(self.modulus) {
            return Err(NO_PRODUCT);
        }
        if bits(self.exponent) > bits(self.modulus) || bits(self.d) > bits(self.modulus) {
            return Err(NO_INVERSE);
        }
        let product = number(self.exponent).concatenating_mul(&number(self.d));
        let undone = [p, q].into_iter().all(|prime| is_one_below(&product, &prime));
        if undone { Ok(size) } else { Err(NO_INVERSE) }
    }
}

const NO_PRODUCT: &str = "the primes of the RSA key do not make its modulus";
const NO_INVERSE: &str = "the exponents of the RSA key do not undo each other";

/// Whether `number` is 1 modulo `prime - 1`.
fn is_one_below(number: &BoxedUint, prime: &BoxedUint) -> bool {
    let order = NonZero::new(prime.wrapping_sub(BoxedUint::one())).into_option();
    order.is_some_and(|order| number.rem_vartime(&order) == BoxedUint::one())
}

fn number(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(trimmed(bytes))
}

/// Names an RSA key after its modulus.
pub(super) fn rsa_size(modulus: &[u8]) -> Result<String, &'static str> {
    match bits(modulus) {
        size @ FEWEST_BITS..=MOST_BITS => Ok(format!("RSA {size}")),
        _ => Err("no RSA key has a modulus of that length"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use proptest::prelude::*;

    fn key<'a>(modulus: &'a [u8], d: &'a [u8], p: &'a [u8], q: &'a [u8]) -> Rsa<'a> {
        Rsa { modulus, exponent: &[1, 0, 1], d, p, q }
    }

    proptest! {
        #[test]
        fn bits_are_those_of_the_machine(a: u64) {
            prop_assert_eq!(bits(&a.to_be_bytes()), (64 - a.leading_zeros()) as usize);
        }

        #[test]
        fn every_changed_byte_is_noticed(which in 0_usize..4, at: prop::sample::Index, change in 1_u8..) {
            let mut numbers = [sample::modulus(), sample::d(), sample::p(), sample::q()];
            let at = at.index(numbers[which].len());
            numbers[which][at] ^= change;
            let [modulus, d, p, q] = &numbers;
            // A private exponent may differ by a multiple of the order, but not by one byte of this one.
            prop_assert!(key(modulus, d, p, q).consistent().is_err());
        }

        #[test]
        fn any_numbers_are_answered(modulus: Vec<u8>, d: Vec<u8>, p: Vec<u8>, q: Vec<u8>) {
            drop(key(&modulus, &d, &p, &q).consistent());
            let product = number(&p).concatenating_mul(&number(&q)).to_be_bytes();
            drop(key(&product, &d, &p, &q).consistent());
        }
    }

    #[test]
    fn a_sound_key_is_named() {
        let (modulus, d, p, q) = (sample::modulus(), sample::d(), sample::p(), sample::q());
        assert_eq!(key(&modulus, &d, &p, &q).consistent(), Ok("RSA 512".to_owned()));
        assert_eq!(key(&modulus, &d, &q, &p).consistent(), Ok("RSA 512".to_owned()));
        let padded = [&[0; 9], &modulus[..]].concat();
        assert_eq!(key(&padded, &d, &p, &q).consistent(), Ok("RSA 512".to_owned()));
    }

    #[test]
    fn huge_numbers_cost_nothing() {
        let huge = vec![0xff; 1 << 20];
        assert!(key(&huge, &huge, &huge, &huge).consistent().is_err());
        assert!(key(&huge[..256], &huge, &huge, &huge).consistent().is_err());
        assert!(key(&sample::modulus(), &huge, &sample::p(), &sample::q()).consistent().is_err());
        assert!(key(&huge[..256], &[], &[], &[]).consistent().is_err());
        assert!(key(&[1; 63], &[1; 32], &[1; 32], &[1; 31]).consistent().is_err());
    }

    #[test]
    fn one_is_no_prime() {
        let modulus = [0xff; 64];
        assert!(key(&modulus, &[9], &modulus, &[1]).consistent().is_err());
    }
}
