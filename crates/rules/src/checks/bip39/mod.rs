//! Checks English mnemonics of BIP-39, the words from which wallets are restored.
//!
//! Every word stands for eleven bits; a 33rd of all is the start of the SHA-256 of the others. Twelve words hold four bits
//! of checksum, so that one of sixteen wrong words goes unnoticed; that all words are on the list is the better half of
//! the proof. The list is the one of the BIP, bitcoin/bips `bip-0039/english.txt` (MIT), sorted.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::{CheckVerdict, Fact};

const LIST: &str = include_str!("english.txt");
const BITS_OF_A_WORD: usize = 11;
const MOST_WORDS: usize = 24;

/// Judges words separated by anything but letters; the fact is `words`, their number.
pub(crate) fn check(text: &[u8]) -> CheckVerdict {
    let mut bits = Vec::with_capacity(MOST_WORDS * BITS_OF_A_WORD);
    let words = text.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    for word in words.take(MOST_WORDS + 1) {
        let Some(index) = index(word) else {
            return CheckVerdict::Invalid("a word is not on the list of BIP-39");
        };
        bits.extend((0..BITS_OF_A_WORD).rev().map(|bit| index >> bit & 1 == 1));
    }
    let count = bits.len() / BITS_OF_A_WORD;
    if !matches!(count, 12 | 15 | 18 | 21 | 24) {
        return CheckVerdict::Invalid("a mnemonic has 12, 15, 18, 21 or 24 words");
    }
    let (entropy, sum) = bits.split_at(bits.len() - count / 3);
    let hash = Sha256::digest(bytes(entropy));
    if bytes(sum)[0] == hash[0] >> (8 - sum.len()) << (8 - sum.len()) {
        CheckVerdict::Proved(vec![Fact::new("words", count.to_string())])
    } else {
        CheckVerdict::of_sum(false)
    }
}

/// Where a word stands on the list.
fn index(word: &[u8]) -> Option<usize> {
    static WORDS: OnceLock<Vec<&str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| LIST.lines().collect());
    let lower = word.to_ascii_lowercase();
    words.binary_search_by(|listed| listed.as_bytes().cmp(&lower)).ok()
}

/// Bits as bytes, the last one filled up with zeros.
fn bytes(bits: &[bool]) -> Vec<u8> {
    let byte = |bits: &[bool]| bits.iter().enumerate().map(|(at, &bit)| u8::from(bit) << (7 - at)).sum();
    bits.chunks(8).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::holds;
    use proptest::prelude::*;

    fn mnemonic(entropy: &[u8]) -> Vec<&'static str> {
        let sum_bits = entropy.len() / 4;
        let hash = Sha256::digest(entropy);
        let all = [entropy, &hash[..1]].concat();
        let bits: Vec<bool> =
            all.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        let words: Vec<&str> = LIST.lines().collect();
        bits[..entropy.len() * 8 + sum_bits]
            .chunks(BITS_OF_A_WORD)
            .map(|bits| words[bits.iter().fold(0, |index, &bit| index << 1 | usize::from(bit))])
            .collect()
    }

    #[test]
    fn the_list_is_the_one_of_the_bip() {
        assert_eq!(LIST.lines().count(), 2048);
        assert!(LIST.lines().is_sorted());
        // The hash that implementers quote: 2f5eed53a4727b4b…
        assert_eq!(Sha256::digest(LIST)[..8], 0x2f5e_ed53_a472_7b4b_u64.to_be_bytes());
    }

    #[test]
    fn the_published_test_vectors_hold() {
        // trezor/python-mnemonic, vectors.json.
        assert_eq!(
            mnemonic(&[0x7f; 16]).join(" "),
            "legal winner thank year wave sausage worth useful legal winner thank yellow"
        );
        assert!(holds(&check(
            b"legal winner thank year wave sausage worth useful legal winner thank yellow"
        )));
        assert!(!holds(&check(b"legal winner thank year wave sausage worth useful legal winner thank year")));
    }

    #[test]
    fn every_number_of_words_but_five_is_refused() {
        for count in 0..40 {
            let words = vec!["zoo"; count].join(" ");
            assert!(!holds(&check(words.as_bytes())), "{count}");
        }
    }

    proptest! {
        #[test]
        fn a_mnemonic_is_proved_however_its_words_are_separated(
            entropy in prop::collection::vec(any::<u8>(), 32),
            length in 4_usize..9,
            between in "[ ,\"\n\t-]{1,3}",
        ) {
            let words = mnemonic(&entropy[..length * 4]);
            prop_assert_eq!(holds(&check(words.join(&between).as_bytes())), length != 9);
        }

        #[test]
        fn a_changed_word_of_24_is_noticed_by_eight_bits(entropy: [u8; 32], at in 0_usize..24) {
            let words = mnemonic(&entropy);
            let unnoticed = LIST.lines().step_by(8).filter(|&other| {
                let mut changed = words.clone();
                changed[at] = other;
                other != words[at] && holds(&check(changed.join(" ").as_bytes()))
            });
            // One of 256 is expected to pass.
            prop_assert!(unnoticed.count() <= 12);
        }

        #[test]
        fn any_bytes_are_answered(text: Vec<u8>, words in "([a-z]{3,8} ){0,30}") {
            check(&text);
            check(words.as_bytes());
        }
    }
}
