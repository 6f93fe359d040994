//! What a name in code or configuration promises about the value assigned to it.

use super::class::KeyClass;
use crate::dotenv::{Promise, promise, words};

/// How sure the name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) class: KeyClass,
    /// The name says no more than `key`: `stripe_key`.
    pub(super) vague: bool,
}

/// First words of calls that ask for something rather than set it.
#[rustfmt::skip]
const QUESTIONS: &[&str] = &[
    "get", "fetch", "find", "read", "load", "has", "is", "check", "validate", "verify", "compare", "parse", "decode",
    "hash", "encrypt", "decrypt", "should", "expect", "assert", "revoke", "delete", "remove", "missing",
    "invalid", "wrong", "bad", "no", "non", "not", "without", "mismatching", "unmatched",
];
/// Words that make a token, a key or a secret something that opens nothing, or nothing for long.
#[rustfmt::skip]
const HARMLESS: &[&str] = &[
    "next", "continuation", "page", "pagination", "cancellation", "cancel", "sync", "device", "public", "publishable",
    "site", "csrf", "xsrf", "antiforgery", "authenticity", "verification", "resume", "sort", "cursor", "delta",
    "idempotency", "encoded", "encrypted", "hashed", "crypted", "sealed", "digest", "public", "pagekey", "nextpage",
    "primary", "foreign", "partition", "cache", "index", "group", "row", "queue", "routing", "object", "bucket", "map",
    "lookup", "translation", "unique", "hot", "lex", "lexer", "parser", "syntax", "punctuation", "grammar", "ast",
    "comment", "keyword", "socket", "websocket", "operator", "start", "end", "last", "current", "expected", "type",
];
/// Words that turn a secret's name into the name of something made from it or said about it.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "hash", "hashed", "digest", "checksum", "salt", "nonce", "sha", "md", "scheme", "reset", "within",
];
/// Last words for which the same holds.
const ABOUT_LAST: &[&str] = &["encryption", "encoded", "text", "string", "crypt"];
/// Words of passwords.
#[rustfmt::skip]
const PASSWORDS: &[&str] = &["password", "passwords", "passwd", "passwort", "passphrase", "passcode", "pass", "pwd", "pw", "psk"];

/// Judges a name; `None` when its value is not said to be secret.
pub(super) fn named(key: &[u8]) -> Option<Named> {
    let words = words(key);
    let first = words.first()?;
    let last = words.last()?;
    let is_one = |word: &[u8], list: &[&str]| list.iter().any(|known| word == known.as_bytes());
    if words.len() > 1 && is_one(first, QUESTIONS)
        || is_one(last, ABOUT_LAST)
        || words.len() > 1 && words.iter().any(|word| is_one(word, ABOUT))
    {
        return None;
    }
    // The shell's directory is `PWD`; in lower case it is a password.
    let is_pwd = words.len() == 1 && matches!(key, b"pwd" | b"Pwd" | b"pw");
    let vague = match promise(key) {
        _ if is_pwd => false,
        Promise::Secret => false,
        Promise::Perhaps => true,
        Promise::Address | Promise::Nothing => return None,
    };
    let counts = |word: &Vec<u8>| {
        PASSWORDS.iter().any(|known| word.ends_with(known.as_bytes()) && (known.len() > 4 || word.len() <= 8))
    };
    let is_key = |word: &Vec<u8>| word.ends_with(b"key") || word.ends_with(b"keys");
    let class = match words.iter().rev().find(|word| counts(word) || is_key(word)) {
        Some(word) if counts(word) => KeyClass::Password,
        Some(_) if words.iter().any(|word| is_one(word, &["secret", "token"])) => KeyClass::Secret,
        Some(_) => KeyClass::Key,
        None => KeyClass::Secret,
    };
    let harmless = class != KeyClass::Password && words.iter().any(|word| is_one(word, HARMLESS));
    // A parser's `token` is not a credential; one in a sentence neither.
    let unsure = vague && class == KeyClass::Password;
    (!harmless && !unsure).then_some(Named { class, vague })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        use KeyClass::{Key, Password, Secret};
        for (key, class) in [
            ("password", Some(Password)),
            ("DB_PASS", Some(Password)),
            ("setAdminPassword", Some(Password)),
            ("pgpassword", Some(Password)),
            ("clientSecret", Some(Secret)),
            ("X-Auth-Token", Some(Secret)),
            ("SECRET_KEY_BASE", Some(Secret)),
            ("apiKey", Some(Key)),
            ("encryption-key", Some(Key)),
            ("publicKey", None),
            ("nextToken", None),
            ("csrf_token", None),
            ("getPassword", None),
            ("nonMatchingToken", None),
            ("passwordHash", None),
            ("password_field", None),
            ("tokenizer", None),
            ("secret_name", None),
            ("passport", None),
            ("reset_password_within", None),
            ("ROOT_PASSWORD_SHA2", None),
            ("pwd", Some(Password)),
            ("testClientSecret", Some(Secret)),
        ] {
            assert_eq!(named(key.as_bytes()).map(|named| named.class), class, "{key}");
        }
    }

    #[test]
    fn a_mere_key_is_vague() {
        assert!(named(b"stripe_key").is_some_and(|named| named.vague));
        assert!(named(b"api_key").is_some_and(|named| !named.vague));
    }
}
