//! Recognises values that somebody counted up where a machine would draw lots: `aB1cD2eF3…`, `a1b2c3d4-e5f6-7890-…`.

/// Letters in a row, each at most three places of the alphabet behind the one before, that are no accident: of random
/// ones four in 26 are, so that a value of 128 letters has twelve such steps with a chance of 2 in 10⁸, one of 40 of 4 in
/// 10⁹ (counted exactly, step by step).
const STEPS: usize = 12;
/// Places that they rise by together, more than the letters of hex digits can.
const RISE: usize = 7;
/// Digits in a row, each one more than the one before.
const DIGITS: usize = 8;
/// The letters in their order on a keyboard, and how many steps along it are no accident.
const KEYBOARD: &[u8; 26] = b"qwertyuiopasdfghjklzxcvbnm";
const KEYS: usize = 8;
/// Bytes that do not come twice in a random value.
const BLOCK: usize = 12;
/// Longer values are no tokens, but encoded texts, whose parts may say the same twice.
const LONGEST: usize = 128;

/// Whether the letters of `value`, in any case, run up the alphabet, whatever stands between them.
pub(crate) fn recites(value: &[u8]) -> bool {
    value.len() <= LONGEST && is_alphabetic(letters(value))
}

/// Whether at least half of `value` is the alphabet, typed as it stands, in pieces of thirteen letters and more.
pub(crate) fn is_alphabet(value: &[u8]) -> bool {
    let follows = |pair: &[u8]| {
        pair[0].is_ascii_alphabetic() && pair[1].is_ascii_alphabetic() && pair[1] == pair[0] + 1
    };
    let (mut recited, mut steps) = (0, 0);
    for pair in value.windows(2) {
        steps = if follows(pair) { steps + 1 } else { 0 };
        recited += match steps {
            0..STEPS => 0,
            STEPS => STEPS + 1,
            _ => 1,
        };
    }
    recited > 0 && recited * 2 >= value.len()
}

/// Whether the letters of `value`, in any case, or its digits run on in some order that people know: up or down the alphabet,
/// along the keyboard, up from a digit.
pub(crate) fn counts_up(value: &[u8]) -> bool {
    if value.len() > LONGEST {
        return false;
    }
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).map(|byte| byte - b'0');
    let keys = letters(value)
        .filter_map(|letter| KEYBOARD.iter().position(|key| *key == letter + b'a'))
        .filter_map(|place| u8::try_from(place).ok());
    recites(value)
        || is_alphabetic(letters(value).map(|letter| 25 - letter))
        || has_run(keys, 26, 1..=1, |steps, _| steps >= KEYS)
        || has_run(digits, 10, 1..=1, |steps, _| steps >= DIGITS)
}

/// The places in the alphabet of the letters of `value`, from 0.
fn letters(value: &[u8]) -> impl Iterator<Item = u8> {
    value.iter().filter(|byte| byte.is_ascii_alphabetic()).map(|byte| byte.to_ascii_lowercase() - b'a')
}

fn is_alphabetic(places: impl Iterator<Item = u8>) -> bool {
    has_run(places, 26, 0..=3, |steps, rise| steps >= STEPS && rise >= RISE)
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
            "zYxWvUtSrQpOnMlK9876",
            "q1w2e3r4t5y6u7i8o9p0",
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
    fn the_alphabet_is_told_from_other_orders() {
        for value in
            ["aB1cD2eF3gH4iJ5kL6mN7oP8", "Ab3D5fGb7Jk9LmNpQrStUv_X2z", "abc123def456ghi789jkl012mno345"]
        {
            assert!(recites(value.as_bytes()) && !is_alphabet(value.as_bytes()), "{value}");
        }
        for value in
            ["zYxWvUtSrQpOnMlK9876", "q1w2e3r4t5y6u7i8o9p0", "1234567890-1234567890", "abcd1234abcd1234abcd"]
        {
            assert!(!recites(value.as_bytes()), "{value}");
        }
        for (value, is_it) in [
            ("abcdefghijklm", true),
            ("key_live_abcdefghijklmnopqrstuvwxyz", true),
            ("abcdefghijkl", false),
            ("aBcDeFgHiJkLmNoPqRsT", false),
            ("sk_live_9_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", true),
            ("R7mQ2vN9xK4pT8cabcdefghijklmno", true),
            ("R7mQ2vN9xK4pT8cWabcdefghijklmno", false),
            ("", false),
        ] {
            assert_eq!(is_alphabet(value.as_bytes()), is_it, "{value}");
        }
    }

    /// The chance that random letters have such a run, counted step by step, the first of them `given` by a prefix.
    fn chance(letters: usize, given: (usize, usize)) -> f64 {
        let (mut chances, mut runs) = (std::collections::BTreeMap::from([(given, 1.0)]), 0.0);
        for _ in 0..letters {
            let mut next = std::collections::BTreeMap::new();
            for ((steps, rise), chance) in chances {
                *next.entry((0, 0)).or_insert(0.0) += chance * 22.0 / 26.0;
                for by in 0..=3 {
                    let state = ((steps + 1).min(STEPS), (rise + by).min(RISE));
                    if state == (STEPS, RISE) {
                        runs += chance / 26.0;
                    } else {
                        *next.entry(state).or_insert(0.0) += chance / 26.0;
                    }
                }
            }
            chances = next;
        }
        runs
    }

    #[test]
    fn a_random_key_is_made_up_with_a_chance_below_one_in_a_million() {
        assert!(chance(40, (0, 0)) < 5e-9);
        assert!(chance(LONGEST, (0, 0)) < 2e-8);
        assert!(chance(LONGEST, (4, RISE)) < 4e-7, "after a prefix such as `acdf`");
        assert!(chance(LONGEST, (6, RISE)) > 1e-6, "or the count is wrong");
    }

    #[test]
    fn random_keys_are_not_made_up() {
        const ALPHABET: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..1_000_000 {
            let mut key = [0; 40];
            for chunk in key.chunks_mut(10) {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                for (at, byte) in chunk.iter_mut().enumerate() {
                    *byte = ALPHABET[usize::try_from(state >> (6 * at) & 63).expect("six bits")];
                }
            }
            assert!(!recites(&key) && !is_alphabet(&key), "{}", String::from_utf8_lossy(&key));
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
                prop_assert!(!recites(value.as_bytes()) && !is_alphabet(value.as_bytes()), "{}", value);
            }
        }

        #[test]
        fn any_bytes_are_judged(value in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (repeats(&value), is_alphabet(&value));
            prop_assert!(!recites(&value) || counts_up(&value));
        }
    }
}
