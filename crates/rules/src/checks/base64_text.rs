//! Base 64 as tokens write it: either alphabet, with padding or without.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// What `text` stands for; `None` where it is in neither alphabet.
pub(super) fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    BASE64URL.decode(text).or_else(|_| BASE64.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_four_ways_of_writing_are_read(bytes: Vec<u8>) {
            for engine in [BASE64, BASE64URL] {
                let text = engine.encode(&bytes);
                prop_assert_eq!(decoded(text.as_bytes()), Some(bytes.clone()));
                prop_assert_eq!(decoded(text.trim_end_matches('=').as_bytes()), Some(bytes.clone()));
            }
        }
    }
}
