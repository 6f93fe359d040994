//! Reads Azure's common annotated security keys (CASK): `JQQJ99`, the month of issue, the service, a Marvin32.
//!
//! Algorithm: microsoft/security-utilities, `LegacyCommonAnnotatedSecurityKey.cs` and `IdentifiableSecrets.cs`. Of 84
//! characters 52 are random, 6 the signature, 2 year and month, 12 the platform's, 4 the provider's, 4 the service, the
//! rest the checksum, of which a key of 88 characters holds all.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::marvin32::{marvin32, number};
use super::radix::{BASE62, digits};
use super::{CheckVerdict, Fact};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const SUMMED: usize = 80;
/// The values of the characters of base 64, from which years are counted.
const FIRST_YEAR: usize = 2024;
const YEARS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Judges a key of 84 or 88 characters; facts: `issued` (year and month), `service` (four letters).
///
/// Proved when the checksum fits. Otherwise no more than plausible, not invalid: how the services' generators write the
/// checksum is known from one library only, and signature and date speak for the key.
pub(crate) fn check(key: &[u8], seeds: &[String]) -> CheckVerdict {
    // 86 are 88 without the padding.
    if !matches!(key.len(), 84 | 86 | 88) {
        return CheckVerdict::Invalid("an annotated key has 84 or 88 characters");
    }
    let (summed, sum) = key.split_at(SUMMED);
    let Ok(bytes) = BASE64.decode(summed) else {
        return CheckVerdict::Invalid("the key is not base 64");
    };
    if &summed[52..57] != b"JQQJ9" {
        return CheckVerdict::Invalid("the key lacks the signature of annotated keys");
    }
    let year = YEARS.iter().position(|&byte| byte == summed[58]);
    let month = Some(summed[59].wrapping_sub(b'A')).filter(|month| *month < 12);
    let (Some(year), Some(month)) = (year, month) else {
        return CheckVerdict::Invalid("the key holds no date");
    };
    let facts = vec![
        Fact::new("issued", format!("{}-{:02}", FIRST_YEAR + year, month + 1)),
        Fact::of_text("service", &String::from_utf8_lossy(&summed[76..])),
    ];
    let fits =
        |seed: &String| written(marvin32(number(seed), &bytes)).iter().any(|text| text.starts_with(sum));
    if seeds.iter().any(fits) { CheckVerdict::Proved(facts) } else { CheckVerdict::Plausible(facts) }
}

/// The two ways in which the checksum is written, eight characters each.
fn written(sum: u32) -> [Vec<u8>; 2] {
    let bytes = sum.to_le_bytes();
    // In base 62 the bytes are one number, first byte highest; leading zero bytes are zeros, missing digits zeros behind.
    let number = digits::<6>(u32::from_be_bytes(bytes), BASE62);
    let zeros = bytes.iter().take(3).take_while(|&&byte| byte == 0).count();
    let significant = number.iter().position(|&digit| digit != b'0').unwrap_or(5);
    let mut text = [&[b'0'; 3][..zeros], &number[significant..], &[b'0'; 6]].concat();
    text.truncate(6);
    // Read as base 64, the sixth character keeps two bits.
    let base62 = BASE64.decode(&text).map(|bytes| BASE64.encode(bytes)).unwrap_or_default();
    [BASE64.encode(bytes).into_bytes(), base62.into_bytes()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, fact, holds};
    use proptest::prelude::*;

    const SEED: &str = "Default0";

    fn summed(random: &str) -> String {
        [random, "JQ", "QJ99", "BCACAAAAAAAAAA", "AAAA", "ACOG"].concat()[..SUMMED].to_owned()
    }

    fn key(random: &str, way: usize, length: usize) -> String {
        let summed = summed(random);
        let sum = written(marvin32(number(SEED), &BASE64.decode(&summed).unwrap()))[way].clone();
        let mut key = summed + std::str::from_utf8(&sum).unwrap();
        key.truncate(length);
        key
    }

    #[test]
    fn the_published_test_vectors_hold() {
        // microsoft/security-utilities, test file his2_utf8.bin: made with the seed 1 and the sum in base 64.
        for (random, sum) in [("H", "03MlUA=="), ("A", "5sgS2g=="), ("6", "rS9sdA==")] {
            let summed = [&random.repeat(52), "JQ", "QJ99", "AEAAAAAAAAAAAAAAAAAZFU"].concat();
            let [base64, _] = written(marvin32(1, &BASE64.decode(summed).unwrap()));
            assert_eq!(base64, sum.as_bytes());
        }
    }

    #[test]
    fn a_checksum_in_base_62_is_padded_behind() {
        let text = |sum: u32| String::from_utf8(written(sum)[1].clone()).unwrap();
        assert_eq!(text(0), "000000==".replace("0==", "w=="));
        assert_eq!(text(u32::from_le_bytes([0, 0, 0, 61])), "000z0w==");
        assert_eq!(text(u32::MAX), "4gfFCw==");
    }

    #[test]
    fn date_and_service_are_told() {
        let verdict = check(key(&"a".repeat(52), 1, 84).as_bytes(), &[SEED.to_owned()]);
        assert!(holds(&verdict));
        assert_eq!(fact(&verdict, "issued"), Some("2025-03".into()));
        assert_eq!(fact(&verdict, "service"), Some("ACOG".into()));
        let no_month = key(&"a".repeat(52), 1, 84).replace("BCAC", "BMAC");
        assert!(matches!(check(no_month.as_bytes(), &[SEED.to_owned()]), CheckVerdict::Invalid(_)));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(random in "[0-9A-Za-z]{52}", way in 0_usize..2, long: bool, change in mutation::any()) {
            let key = key(&random, way, if long { 88 } else { 84 });
            let seeds = [SEED.to_owned()];
            prop_assert!(holds(&check(key.as_bytes(), &seeds)));
            let changed = change.of(&key.as_bytes()[..SUMMED]);
            prop_assert!(!holds(&check(&[&changed, &key.as_bytes()[SUMMED..]].concat(), &seeds)));
        }

        #[test]
        fn any_bytes_are_answered(key: Vec<u8>, text in "[0-9A-Za-z+/=]{84}") {
            check(&key, &[SEED.to_owned()]);
            check(text.as_bytes(), &[SEED.to_owned()]);
        }
    }
}
