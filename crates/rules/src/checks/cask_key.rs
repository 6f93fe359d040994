//! Reads the common annotated security keys of the published standard (CASK): random bytes, `QJJQ`, sizes, who issued it
//! and when.
//!
//! Format: microsoft/cask, `docs/CaskSecret.md` (2025-04): base 64 for URLs, in groups of four characters: 256 or 512
//! bits with zeros to the next group, `QJJQ`, sizes and kind, provider, up to ten groups of the provider's, the time.
//! There is no checksum; what is fixed lets random text pass once in 2^60.

use super::{CheckVerdict, Fact};

const SIGNATURE: &[u8] = b"QJJQ";
const FIRST_YEAR: usize = 2025;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters from the signature to the end of a key without data of its provider.
const FIXED: usize = 20;
const MOST_DATA: usize = 10;

/// Judges a key; facts: `issued` (UTC), `service` (the provider's four characters).
pub(crate) fn check(key: &[u8]) -> CheckVerdict {
    match read(key) {
        Some(facts) => CheckVerdict::Proved(facts),
        None => CheckVerdict::Invalid("the key is not annotated as the standard says"),
    }
}

fn read(key: &[u8]) -> Option<Vec<Fact>> {
    let values: Vec<usize> = key.iter().map(|byte| value(*byte)).collect::<Option<_>>()?;
    let large = key.get(88..92) == Some(SIGNATURE) && key.get(93) == Some(&b'C');
    // The last bits of the random part and what fills its group up are zero.
    let (at, zeros) = if large {
        (88, values[85] & 15 | values[86] | values[87])
    } else {
        (44, values.get(42)? & 3 | values.get(43)?)
    };
    let small = || key.get(44..48) == Some(SIGNATURE) && key.get(49) == Some(&b'B');
    if !(large || small()) || zeros != 0 || values[at + 4] != 0 {
        return None;
    }
    let data = *values.get(at + 6)?;
    if data > MOST_DATA || key.len() != at + FIXED + 4 * data {
        return None;
    }
    let &[0, 0, year, month, day, hour, minute, second] = values.last_chunk::<8>()? else { return None };
    if month > 11 || day > 30 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (year, month, day) = (FIRST_YEAR + year, month + 1, day + 1);
    let service = String::from_utf8_lossy(&key[at + 8..at + 12]).into_owned();
    Some(vec![
        Fact::new("issued", format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")),
        Fact::of_text("service", &service),
    ])
}

fn value(byte: u8) -> Option<usize> {
    ALPHABET.iter().position(|&letter| letter == byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use proptest::prelude::*;

    fn key(large: bool, random: &str, data: usize, time: &str) -> String {
        let (length, size, fill) = if large { (85, 'C', "QAA") } else { (42, 'B', "wA") };
        let data = char::from(ALPHABET[data]).to_string() + "P" + "TEST" + &"user".repeat(data);
        ["", &random[..length], fill, "QJ", "JQ", "A", &size.to_string(), &data, "AA", time].concat()
    }

    #[test]
    fn time_and_service_are_told() {
        let random = "k3Jd9sQw2x".repeat(9);
        for (large, data) in [(false, 0), (true, 0), (false, 10), (true, 3)] {
            let verdict = check(key(large, &random, data, "BCeX7A").as_bytes());
            assert!(holds(&verdict));
            assert_eq!(fact(&verdict, "issued").as_deref(), Some("2026-03-31T23:59:00Z"));
            assert_eq!(fact(&verdict, "service").as_deref(), Some("TEST"));
        }
    }

    #[test]
    fn other_sizes_times_and_fillings_are_refused() {
        let random = "k3Jd9sQw2x".repeat(9);
        let good = key(false, &random, 1, "BCeX7A");
        for (at, letter) in [
            (42, 'x'),
            (43, 'B'),
            (44, 'q'),
            (48, 'B'),
            (49, 'C'),
            (50, 'C'),
            (60, 'B'),
            (63, 'M'),
            (64, 'f'),
            (65, 'Y'),
            (66, '8'),
            (67, '+'),
        ] {
            let mut bad = good.clone();
            bad.replace_range(at..=at, &letter.to_string());
            assert!(!holds(&check(bad.as_bytes())), "{at}: {bad}");
        }
        assert!(!holds(&check(&good.as_bytes()[1..])) && !holds(&check((good + "A").as_bytes())));
    }

    proptest! {
        #[test]
        fn whatever_is_random_the_rest_is_read(random in "[0-9A-Za-z_-]{85}", large: bool, data in 0usize..=10) {
            prop_assert!(holds(&check(key(large, &random, data, "AAAAAA").as_bytes())));
        }

        #[test]
        fn any_bytes_are_answered(key: Vec<u8>, text in "[0-9A-Za-z_-]{40,130}", tail in "[A-C]{0,30}") {
            check(&key);
            check(text.as_bytes());
            check(format!("{}QJJQ{tail}", &text[..40]).as_bytes());
        }
    }
}
