//! Checks the CRC-32 strewn into Azure DevOps personal access tokens of 52 characters.
//!
//! Algorithm: microsoft/security-utilities, `SEC101_102_AdoPat.cs`: in base 32 they hold 32 bytes; the bytes 2, 7, 8 and
//! 22 are, from the highest to the lowest, the CRC-32 of the other 28, combined with a constant for the sort of token.

use super::{CheckVerdict, Fact};

const CHARACTERS: usize = 52;
const BYTES: usize = 32;
/// Where the bytes of the sum lie, the highest first.
const SUM: [usize; 4] = [2, 7, 8, 22];
const SORTS: [(u32, &str); 2] = [(0xe0b9_692d, "user"), (0x1019_f92e, "application")];

/// Judges a token; the fact is `token type`.
pub(crate) fn check(token: &[u8]) -> CheckVerdict {
    let Some(bytes) = base32(token) else {
        return CheckVerdict::Invalid("the token is not 52 characters of base 32");
    };
    let sum = SUM.iter().fold(0_u32, |sum, &at| sum << 8 | u32::from(bytes[at]));
    let rest: Vec<u8> = (0..BYTES).filter(|at| !SUM.contains(at)).map(|at| bytes[at]).collect();
    let mask = sum ^ crc32fast::hash(&rest);
    match SORTS.iter().find(|(constant, _)| *constant == mask) {
        Some((_, sort)) => CheckVerdict::Proved(vec![Fact::new("token type", *sort)]),
        None => CheckVerdict::of_sum(false),
    }
}

/// 32 bytes of RFC 4648 base 32 in either case; the last four bits are left over.
fn base32(text: &[u8]) -> Option<[u8; BYTES]> {
    if text.len() != CHARACTERS {
        return None;
    }
    let (mut bytes, mut place, mut bits, mut held) = ([0; BYTES], 0, 0_u32, 0);
    for character in text {
        let five = match character.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => letter - b'a',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(five);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes[place] = (bits >> held & 0xff) as u8;
            place += 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{self, fact, holds};
    use proptest::prelude::*;

    fn token(mut bytes: [u8; BYTES], constant: u32) -> String {
        let rest: Vec<u8> = (0..BYTES).filter(|at| !SUM.contains(at)).map(|at| bytes[at]).collect();
        let sum = (crc32fast::hash(&rest) ^ constant).to_be_bytes();
        for (at, byte) in SUM.into_iter().zip(sum) {
            bytes[at] = byte;
        }
        let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| byte >> (7 - at % 8) & 1);
        let five = |place: usize| (0..5).fold(0, |five, at| five << 1 | bit(5 * place + at));
        let alphabet = b"abcdefghijklmnopqrstuvwxyz234567";
        (0..CHARACTERS).map(|place| char::from(alphabet[usize::from(five(place))])).collect()
    }

    #[test]
    fn both_sorts_are_told() {
        for (constant, sort) in SORTS {
            let verdict = check(token([0x5a; BYTES], constant).as_bytes());
            assert_eq!(fact(&verdict, "token type").as_deref(), Some(sort));
        }
        assert!(!holds(&check(token([0x5a; BYTES], 0).as_bytes())));
    }

    proptest! {
        #[test]
        fn one_changed_character_breaks_the_sum(bytes: [u8; BYTES], change in mutation::any()) {
            let token = token(bytes, SORTS[0].0);
            prop_assert!(holds(&check(token.as_bytes())));
            // The last character holds one bit only.
            let (body, last) = token.as_bytes().split_at(CHARACTERS - 1);
            prop_assert!(!holds(&check(&[&change.of(body), last].concat())));
        }

        #[test]
        fn any_bytes_are_answered(token: Vec<u8>, text in "[a-z2-7]{52}") {
            check(&token);
            check(text.as_bytes());
        }
    }
}
