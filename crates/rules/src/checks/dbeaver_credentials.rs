//! Opens the file in which `DBeaver` keeps passwords: AES-128 in CBC mode with a key that is the same everywhere.
//!
//! Format: dbeaver/dbeaver, `SecureCredentials` and `ContentEncrypter` (Apache-2.0): 16 bytes to begin with, then the
//! ciphertext, padded as PKCS #7 says, of a JSON object of connections. What it holds is told without the passwords.

use aes::Aes128;
use aes::cipher::{Block, BlockCipherDecrypt as _, KeyInit as _};
use serde_json::Value;

use super::{CheckVerdict, Fact};

/// The key that stands in the program's source.
const KEY: [u8; 16] = 0xbabb_4a9f_774a_b853_c96c_2d65_3dfe_544a_u128.to_be_bytes();
const BLOCK: usize = 16;
/// Larger files are somebody else's. Bytes.
const LARGEST: usize = 1 << 20;

/// Judges a whole file; facts: `connections`, `users`. Proved when it opens and holds a password; another key, which a
/// master password makes, leaves it plausible.
pub(crate) fn check(file: &[u8]) -> CheckVerdict {
    if file.len() < 2 * BLOCK || !file.len().is_multiple_of(BLOCK) || file.len() > LARGEST {
        return CheckVerdict::Invalid("the file is no ciphertext of whole blocks");
    }
    let Some(Value::Object(connections)) = opened(file).and_then(|text| serde_json::from_slice(&text).ok())
    else {
        return CheckVerdict::Plausible(Vec::new());
    };
    let entries = || connections.values().filter_map(Value::as_object).flat_map(|entry| entry.values());
    let field = |entry: &Value, name: &str| {
        entry.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    if !entries().any(|entry| field(entry, "password").is_some()) {
        return CheckVerdict::Invalid("the file opens and holds no password");
    }
    let mut users: Vec<String> = entries().filter_map(|entry| field(entry, "user")).collect();
    users.sort();
    users.dedup();
    let mut facts = vec![Fact::new("connections", connections.len().to_string())];
    if !users.is_empty() {
        facts.push(Fact::of_text("users", &users.join(", ")));
    }
    CheckVerdict::Proved(facts)
}

/// The text behind the ciphertext; nothing where its padding does not hold.
fn opened(file: &[u8]) -> Option<Vec<u8>> {
    let cipher = Aes128::new(&KEY.into());
    let mut text = Vec::with_capacity(file.len());
    for (before, sealed) in file.chunks_exact(BLOCK).zip(file.chunks_exact(BLOCK).skip(1)) {
        let mut block = Block::<Aes128>::try_from(sealed).ok()?;
        cipher.decrypt_block(&mut block);
        text.extend(block.iter().zip(before).map(|(byte, mask)| byte ^ mask));
    }
    let padding = usize::from(*text.last()?);
    let length = text.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
    let padded = text.split_off(length);
    padded.iter().all(|&byte| usize::from(byte) == padding).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::mutation::{fact, holds};
    use aes::cipher::BlockCipherEncrypt as _;
    use proptest::prelude::*;

    fn sealed(key: [u8; 16], start: [u8; 16], text: &[u8]) -> Vec<u8> {
        let cipher = Aes128::new(&key.into());
        let padding = BLOCK - text.len() % BLOCK;
        let text = [text, &vec![u8::try_from(padding).unwrap(); padding]].concat();
        let mut file = start.to_vec();
        for plain in text.chunks_exact(BLOCK) {
            let before = file.len() - BLOCK;
            let mixed: Vec<u8> = plain.iter().zip(&file[before..]).map(|(a, b)| a ^ b).collect();
            let mut block = Block::<Aes128>::try_from(&mixed[..]).unwrap();
            cipher.encrypt_block(&mut block);
            file.extend_from_slice(&block);
        }
        file
    }

    fn text(password: &str) -> String {
        format!(r##"{{"postgres-1":{{"#connection":{{"user":"ann","password":"{password}"}}}},"b":{{}}}}"##)
    }

    #[test]
    fn users_are_told_and_passwords_are_not() {
        let verdict = check(&sealed(KEY, [9; 16], text("k3Jd9sQw2x").as_bytes()));
        assert!(holds(&verdict));
        assert_eq!(fact(&verdict, "users").as_deref(), Some("ann"));
        assert_eq!(fact(&verdict, "connections").as_deref(), Some("2"));
        assert!(!format!("{verdict:?}").contains("k3Jd9"));
    }

    #[test]
    fn what_opens_without_passwords_is_none_and_what_does_not_open_may_be() {
        let of = |key, text: &str| check(&sealed(key, [9; 16], text.as_bytes()));
        assert!(matches!(of(KEY, &text("")), CheckVerdict::Invalid(_)));
        assert!(matches!(of(KEY, "{}"), CheckVerdict::Invalid(_)));
        assert!(matches!(of([1; 16], &text("k3Jd9sQw2x")), CheckVerdict::Plausible(_)));
        assert!(matches!(of(KEY, "no JSON"), CheckVerdict::Plausible(_)));
        assert!(matches!(check(&[7; 40]), CheckVerdict::Invalid(_)));
        assert!(matches!(check(b"{\"a\": 1}"), CheckVerdict::Invalid(_)));
    }

    proptest! {
        #[test]
        fn whatever_it_begins_with_it_opens(start: [u8; 16], password in "[0-9a-zA-Z]{1,40}") {
            prop_assert!(holds(&check(&sealed(KEY, start, text(&password).as_bytes()))));
        }

        #[test]
        fn any_bytes_are_answered(blocks in prop::collection::vec(any::<[u8; 16]>(), 0..6), more: Vec<u8>) {
            check(&blocks.concat());
            check(&[blocks.concat(), more].concat());
        }
    }
}
