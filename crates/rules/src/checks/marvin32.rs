//! The checksum Marvin32 in the forms in which Azure's keys carry it.
//!
//! Algorithm: Microsoft, `SymCrypt/lib/marvin32.c`; forms and seeds: microsoft/security-utilities,
//! `IdentifiableSecrets.cs` and `IdentifiableMetadata.cs`. The seed is public and names the sort of key.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::radix::digits;
use super::{CheckVerdict, Fact};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const BASE64URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);
const SUM_BYTES: usize = 4;
/// The characters of an Entra secret in the order of their values.
const BASE66: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";

/// Judges a key in base 64, standard or for URLs, whose last four bytes are the checksum of the others, last byte first.
pub(crate) fn check(key: &[u8], seeds: &[String]) -> CheckVerdict {
    judge(key, seeds, |bytes, body, sum| bytes[body.len()..] == sum)
}

/// The same for keys in whose text `+` became `P` and `/` became `F`, after the checksum was written.
pub(crate) fn check_letters(key: &[u8], seeds: &[String]) -> CheckVerdict {
    judge(key, seeds, |_, body, sum| {
        let written = BASE64.encode([body, &sum].concat());
        let letters = written.bytes().map(|byte| match byte {
            b'+' => b'P',
            b'/' => b'F',
            other => other,
        });
        letters.eq(key.iter().copied())
    })
}

/// Judges a text closed by the first digits, at least three, of its checksum in 66 characters.
pub(crate) fn check_base66(body: &[u8], sum: &[u8], seeds: &[String]) -> CheckVerdict {
    let fits = |seed: &&String| digits::<6>(marvin32(number(seed), body), BASE66).starts_with(sum);
    CheckVerdict::of_sum(sum.len() >= 3 && seeds.iter().any(|seed| fits(&seed)))
}

/// Tries the seeds in turn; where there are several, the fitting one is told.
fn judge(key: &[u8], seeds: &[String], fits: impl Fn(&[u8], &[u8], [u8; SUM_BYTES]) -> bool) -> CheckVerdict {
    let Ok(bytes) = BASE64.decode(key).or_else(|_| BASE64URL.decode(key)) else {
        return CheckVerdict::Invalid("the key is not base 64");
    };
    let Some((body, _)) = bytes.split_last_chunk::<SUM_BYTES>() else {
        return CheckVerdict::Invalid("the key is too short to hold a checksum");
    };
    let fitting = seeds.iter().find(|seed| fits(&bytes, body, marvin32(number(seed), body).to_le_bytes()));
    match fitting {
        None => CheckVerdict::of_sum(false),
        Some(seed) if seeds.len() > 1 => {
            CheckVerdict::Proved(vec![Fact::of_text("key type", seed.trim_end_matches('0'))])
        }
        Some(_) => CheckVerdict::Proved(Vec::new()),
    }
}

/// A seed's name as a number, its first character in the highest byte.
pub(super) fn number(seed: &str) -> u64 {
    seed.bytes().fold(0, |number, byte| number << 8 | u64::from(byte))
}

/// The two halves of Marvin32's 64 bits, folded.
pub(super) fn marvin32(seed: u64, data: &[u8]) -> u32 {
    let (low, high) = halves(seed, data);
    low ^ high
}

/// Words of four bytes are mixed in one after the other, then what is left with a closing 0x80.
fn halves(seed: u64, data: &[u8]) -> (u32, u32) {
    let mut state = ((seed & 0xffff_ffff) as u32, (seed >> 32) as u32);
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        state = mixed((state.0.wrapping_add(u32::from_le_bytes(*word)), state.1));
    }
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    mixed(mixed((state.0.wrapping_add(u32::from_le_bytes(last)), state.1)))
}

fn mixed((mut low, mut high): (u32, u32)) -> (u32, u32) {
    high ^= low;
    low = low.rotate_left(20).wrapping_add(high);
    high = high.rotate_left(9) ^ low;
    low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, fact, holds};
    use proptest::prelude::*;

    fn seeds(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn key(body: &[u8], seed: &str) -> String {
        BASE64.encode([body, &marvin32(number(seed), body).to_le_bytes()].concat())
    }

    #[test]
    fn the_test_vectors_of_symcrypt_hold() {
        assert_eq!(halves(0xd53c_d9ce_cd08_93b7, b"abc"), (0x4927_69bf, 0x22c7_4339));
        let alphabet = b"abcdefghijklmnopqrstuvwxyz";
        assert_eq!(halves(0x0ddd_deee_efff_f000, alphabet), (0x7260_aca2, 0xa128_eb7e));
    }

    #[test]
    fn a_seed_is_its_name_read_from_the_left() {
        assert_eq!(number("Default0"), 0x4465_6661_756c_7430);
    }

    #[test]
    fn the_published_true_positive_of_entra_holds() {
        // microsoft/security-utilities, SEC101/156: `zzz8Q~`, 31 times `z`, and the sum.
        let body = ["zzz8", "Q~", &"z".repeat(31)].concat();
        assert!(holds(&check_base66(body.as_bytes(), b"blP", &seeds(&["AadPwd00"]))));
        assert!(!holds(&check_base66(body.as_bytes(), b"blQ", &seeds(&["AadPwd00"]))));
        assert!(!holds(&check_base66(body.as_bytes(), b"bl", &seeds(&["AadPwd00"]))));
        // Two of 2^18 sums agree by chance; these do not.
        for at in 0..body.len() {
            let changed = [&body[..at], "y", &body[at + 1..]].concat();
            assert!(!holds(&check_base66(changed.as_bytes(), b"blP", &seeds(&["AadPwd00"]))), "{at}");
        }
    }

    #[test]
    fn of_several_sorts_the_fitting_one_is_told() {
        let names = seeds(&["Send0000", "Listen00", "Manage00"]);
        assert_eq!(
            fact(&check(key(b"0123456789", "Listen00").as_bytes(), &names), "key type"),
            Some("Listen".into())
        );
        assert!(!holds(&check(key(b"0123456789", "Default0").as_bytes(), &names)));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(body in prop::collection::vec(any::<u8>(), 35), change in mutation::any()) {
            // 39 bytes fill their 52 characters; in others the last character has bits that mean nothing.
            let (key, seeds) = (key(&body, "ACRDflt0"), seeds(&["ACRDflt0"]));
            prop_assert!(holds(&check(key.as_bytes(), &seeds)));
            prop_assert!(!holds(&check(&change.of(key.as_bytes()), &seeds)));
            let url = key.replace('+', "-").replace('/', "_");
            prop_assert!(holds(&check(url.as_bytes(), &seeds)));
        }

        #[test]
        fn symbols_written_as_letters_are_understood(random in "[0-9A-Za-z]{33}", change in mutation::any()) {
            let seeds = seeds(&["Access00"]);
            // Behind the four letters of the service come two bits that are 0, so that body and sum share no symbol.
            let body = BASE64.decode(random + "AzCaAAAAAAA").unwrap();
            let letters = key(&body[..28], "Access00").replace('+', "P").replace('/', "F");
            prop_assert!(holds(&check_letters(letters.as_bytes(), &seeds)));
            prop_assert!(!holds(&check_letters(&change.of(letters.trim_end_matches('=').as_bytes()), &seeds)));
        }

        #[test]
        fn any_bytes_are_answered(key: Vec<u8>, sum: Vec<u8>, text in "[0-9A-Za-z+/=_-]{0,60}") {
            let seeds = seeds(&["Default0"]);
            for key in [&key[..], text.as_bytes()] {
                check(key, &seeds);
                check_letters(key, &seeds);
                check_base66(key, &sum, &seeds);
            }
        }
    }
}
