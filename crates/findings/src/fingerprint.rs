//! The identity of a secret: what it is, not where it is.

use std::fmt::{self, Write as _};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secret::Secret;

/// `v1:` and 32 hex digits over rule family and secret. It holds no path, line or commit, so it survives moves, rebases
/// and rewrites.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

/// What is wrong with a text that should be a fingerprint.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is not a fingerprint: expected 'v1:' and 32 hexadecimal digits")]
pub struct NotAFingerprint(String);

/// Hex digits kept: 128 bits tell any two secrets apart.
const DIGITS: usize = 32;

impl Fingerprint {
    /// Reads a fingerprint as [`fmt::Display`] prints it.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &str) -> Result<Self, NotAFingerprint> {
        let hex = text.strip_prefix("v1:").unwrap_or_default();
        if hex.len() == DIGITS && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAFingerprint(text.chars().take(60).collect()))
        }
    }

    /// The whole text, `v1:…`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Makes fingerprints, with a key or without. Without one anybody who guesses a weak secret can confirm the guess;
/// with one, only who holds the key can.
#[derive(Clone)]
pub struct Fingerprinter {
    keyed: Hmac<Sha256>,
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprinter(…)")
    }
}

impl Fingerprinter {
    /// Uses HMAC-SHA-256 (RFC 2104) with `key`, empty for none.
    pub fn new(key: &[u8]) -> Self {
        Self { keyed: Hmac::new_from_slice(key).expect("HMAC takes a key of any length") }
    }

    /// The fingerprint of `secret` as a credential of `family`.
    pub fn of(&self, family: &str, secret: &Secret) -> Fingerprint {
        let mut mac = self.keyed.clone();
        mac.update(&(family.len() as u64).to_le_bytes());
        mac.update(family.as_bytes());
        mac.update(secret.expose());
        let digest = mac.finalize().into_bytes();
        let mut text = String::from("v1:");
        for byte in digest.iter().take(DIGITS / 2) {
            // Writing to a string cannot fail.
            write!(text, "{byte:02x}").unwrap_or_default();
        }
        Fingerprint(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_secret_and_key_each_matter_and_nothing_else_does() {
        let open = Fingerprinter::new(b"");
        let a = open.of("github", &Secret::new("one"));
        assert_eq!(a, Fingerprinter::new(b"").of("github", &Secret::new("one")));
        assert_ne!(a, open.of("gitlab", &Secret::new("one")));
        assert_ne!(a, open.of("github", &Secret::new("two")));
        assert_ne!(a, Fingerprinter::new(b"key").of("github", &Secret::new("one")));
        assert_ne!(open.of("ab", &Secret::new("c")), open.of("a", &Secret::new("bc")));
        assert_eq!(Fingerprint::parse(a.as_str()), Ok(a));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "v1:",
            "v2:00000000000000000000000000000000",
            "v1:0000",
            "v1:0000000000000000000000000000000G",
        ] {
            assert!(Fingerprint::parse(text).is_err(), "{text}");
        }
    }
}
