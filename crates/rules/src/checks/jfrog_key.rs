//! Checks the size of `JFrog`'s API keys: base 58 of 54 bytes, the first of which make them start with `AKCp`.

use super::CheckVerdict;

const BYTES: usize = 54;

/// Judges a key. There is no checksum, so it is at most plausible: of random letters and digits one text in a hundred
/// passes.
pub(crate) fn check(key: &[u8]) -> CheckVerdict {
    match bs58::decode(key).into_vec() {
        Ok(bytes) if bytes.len() == BYTES => CheckVerdict::Plausible(Vec::new()),
        Ok(_) => CheckVerdict::Invalid("the key has not 54 bytes"),
        Err(_) => CheckVerdict::Invalid("the key is not base 58"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_sizes_and_characters_are_refused() {
        for bad in [vec![7; BYTES - 1], vec![7; BYTES + 1], Vec::new()] {
            assert!(matches!(check(bs58::encode(bad).into_string().as_bytes()), CheckVerdict::Invalid(_)));
        }
        let key = bs58::encode([7; BYTES]).into_string();
        for other in ["0", "O", "I", "l", "-"] {
            assert!(matches!(
                check(key.replacen(&key[9..10], other, 1).as_bytes()),
                CheckVerdict::Invalid(_)
            ));
        }
    }

    proptest! {
        #[test]
        fn whatever_54_bytes_are_the_key_is_plausible(first in 1_u8.., rest in prop::collection::vec(any::<u8>(), BYTES - 1)) {
            let key = bs58::encode([vec![first], rest].concat()).into_string();
            prop_assert_eq!(check(key.as_bytes()), CheckVerdict::Plausible(Vec::new()));
        }

        #[test]
        fn any_bytes_are_answered(key: Vec<u8>, text in "AKCp[0-9A-Za-z]{0,90}") {
            check(&key);
            check(text.as_bytes());
        }
    }
}
