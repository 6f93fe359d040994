//! Reads the account number out of an AWS access key id.
//!
//! Algorithm: Tal Be'ery, "A short note on AWS KEY ID" (2023): after four letters that name the kind come 16 characters
//! of base 32, and bits 1 to 40 of the 80 they hold are the account. Ids of the older scheme (`I` or `J` after the four
//! letters) hold no account.

use super::{CheckVerdict, Fact};

const KIND_LETTERS: usize = 4;
const CODED: usize = 16;
const LARGEST_ACCOUNT: u64 = 999_999_999_999;

/// Decodes `id`, such as `AKIA` and 16 characters of base 32; the fact is `account`, twelve digits.
pub(crate) fn check(id: &[u8]) -> CheckVerdict {
    if id.len() != KIND_LETTERS + CODED {
        return CheckVerdict::Invalid("an access key id has 20 characters");
    }
    let (kind, coded) = id.split_at(KIND_LETTERS);
    if !kind.iter().all(u8::is_ascii_uppercase) {
        return CheckVerdict::Invalid("an access key id starts with four capital letters");
    }
    let Some(bits) = base32(coded) else {
        return CheckVerdict::Invalid("an access key id is written in base 32");
    };
    if matches!(coded[0], b'I' | b'J') {
        return CheckVerdict::Plausible(Vec::new());
    }
    let account = ((bits >> 39) & 0xff_ffff_ffff) as u64;
    if account > LARGEST_ACCOUNT {
        return CheckVerdict::Invalid("no account has the number that the access key id holds");
    }
    CheckVerdict::Proved(vec![Fact::new("account", format!("{account:012}"))])
}

/// The bits of 16 characters of RFC 4648 base 32, the first character in the highest of 80 bits.
fn base32(coded: &[u8]) -> Option<u128> {
    coded.iter().try_fold(0_u128, |bits, &character| {
        let five = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            _ => return None,
        };
        Some(bits << 5 | u128::from(five))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The inverse, written from the published mask: the account fills bits 7 to 46 of the first six bytes.
    fn id_of(kind: &str, account: u64, noise: u128) -> String {
        let first_six = u128::from(account) << 7;
        let noise = noise & ((1 << 39) - 1);
        let bits = (1 << 79) | first_six << 32 | noise;
        let coded = (0..16).rev().map(|place| {
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(bits >> (5 * place) & 31) as usize])
        });
        kind.chars().chain(coded).collect()
    }

    proptest! {
        #[test]
        fn the_account_is_read_whatever_the_other_bits_are(account in 0..=LARGEST_ACCOUNT, noise: u128) {
            let expected = vec![Fact::new("account", format!("{account:012}"))];
            prop_assert_eq!(check(id_of("AKIA", account, noise).as_bytes()), CheckVerdict::Proved(expected));
        }

        #[test]
        fn numbers_beyond_twelve_digits_are_no_account(account in LARGEST_ACCOUNT + 1..1 << 40, noise: u128) {
            prop_assert!(matches!(check(id_of("ASIA", account, noise).as_bytes()), CheckVerdict::Invalid(_)));
        }

        #[test]
        fn any_bytes_are_answered(id: Vec<u8>) {
            check(&id);
        }
    }

    #[test]
    fn older_ids_hold_no_account() {
        let old = ["AK", "IAI", "ABCDEFGHIJKLMN7"].concat();
        assert_eq!(check(old.as_bytes()), CheckVerdict::Plausible(Vec::new()));
        assert_eq!(check(old.replace("IAI", "IAJ").as_bytes()), CheckVerdict::Plausible(Vec::new()));
    }

    #[test]
    fn other_characters_lengths_and_cases_are_refused() {
        let good = id_of("AKIA", 123_456_789_012, 7);
        for bad in
            [good.replace(&good[10..11], "1"), good.to_lowercase(), good[..19].into(), format!("{good}A")]
        {
            assert!(matches!(check(bad.as_bytes()), CheckVerdict::Invalid(_)), "{bad}");
        }
        assert!(matches!(check(good.replacen('A', "a", 1).as_bytes()), CheckVerdict::Invalid(_)));
    }
}
