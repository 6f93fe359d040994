//! Recognises values that somebody counted up where a machine would draw lots: `aB1cD2eF3…`, `a1b2c3d4-e5f6-7890-…`.

/// Letters in a row, each at most three places of the alphabet behind the one before, that are no accident: of random
/// ones four in 26 are, so that twelve steps have a chance of 10⁻¹⁰.
const STEPS: usize = 12;
/// Places that they rise by together, more than the letters of hex digits can.
const RISE: usize = 7;
/// Digits in a row, each one more than the one before.
const DIGITS: usize = 8;
/// Bytes that do not come twice in a random value.
const BLOCK: usize = 12;
/// Longer values are no tokens, but encoded texts, whose parts may say the same twice.
const LONGEST: usize = 128;

/// Whether the letters of `value`, in any case, or its digits run on in their order, whatever stands between them.
pub(crate) fn counts_up(value: &[u8]) -> bool {
    if value.len() > LONGEST {
        return false;
    }
    let letters =
        value.iter().filter(|byte| byte.is_ascii_alphabetic()).map(|byte| byte.to_ascii_lowercase() - b'a');
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0');
    has_run(letters, 26, 0..=3, |steps, rise| steps >= STEPS && rise >= RISE)
        || has_run(digits, 10, 1..=1, |steps, _| steps >= DIGITS)
}

/// Whether `enough` holds for the number and sum of steps of a run, each step within `allowed` in a circle of `of`.
fn has_run(
    places: impl Iterator<Item = u8>,
    of: u8,
    allowed: std::ops::RangeInclusive<u8>,
    enough: impl Fn(usize, usize) -> bool,
) -> bool {
    let (mut before, mut steps, mut rise) = (None, 0, 0);
    for place in places {
        let step = before.replace(place).map(|before: u8| (place + of - before) % of);
        let step = step.filter(|step| allowed.contains(step));
        (steps, rise) = step.map_or((0, 0), |step| (steps + 1, rise + usize::from(step)));
        if enough(steps, rise) {
            return true;
        }
    }
    false
}

/// Whether a dozen bytes of some variety come twice.
pub(crate) fn repeats(value: &[u8]) -> bool {
    let varied = |block: &[u8]| crate::entropy::distinct(block) >= 6;
    value.len() <= LONGEST
        && (0..value.len().saturating_sub(2 * BLOCK - 1)).any(|at| {
            let (block, rest) = value[at..].split_at(BLOCK);
            varied(block) && memchr::memmem::find(rest, block).is_some()
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_counted_up_is_told_from_what_is_drawn() {
        for value in [
            "aB1cD2eF3gH4iJ5kL6mN7oP8qR9s",
            "Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8",
            "aB3dE6gH9jK2mN5qR8tV1xY4zC7f",
            "ABC123DEF456GHI789JKL012MNO345",
            "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
            "1a2b3c4d-5e6f-7a8b-9c0d-1e2f3a4b",
            "prefix_abcdefghijklmnop",
            "UvWxYzAbCdEfGhIj",
        ] {
            assert!(counts_up(value.as_bytes()), "{value}");
        }
        for value in [
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "dafa7817-e246-48f3-91a7-e87653d587b8",
            "wKalrYUtnFENI/K7MDENG/bPxRfiCYzzAb12KEYx",
            "20240131-0915-k3Jd9sQw2x",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "abcdef0123",
        ] {
            assert!(!counts_up(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn a_block_that_comes_twice_is_no_accident() {
        assert!(repeats(b"R7mQ2vN9xK4pT8cW1zL6gH3R7mQ2vN9xK4pT8cW"));
        assert!(!repeats(b"R7mQ2vN9xK4R7mQ2vN9xK4"), "eleven bytes, and again");
        assert!(!repeats(b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    }

    proptest! {
        #[test]
        fn random_values_are_neither(token in "[0-9A-Za-z+/_-]{16,128}", digest in "[0-9a-f]{32,128}") {
            for value in [token, digest] {
                prop_assert!(!counts_up(value.as_bytes()) && !repeats(value.as_bytes()), "{}", value);
            }
        }

        #[test]
        fn any_bytes_are_judged(value in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (counts_up(&value), repeats(&value));
        }
    }
}
