//! What is put in the place of a secret.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use crate::expressions::REMOVED;

/// What is put in the place of a secret.
#[derive(Clone, Default)]
pub enum Style {
    /// `***REMOVED***`.
    #[default]
    Fixed,
    /// `REMOVED-` and 8 hex digits of the secret's HMAC-SHA256 under this key, so that one can see which places held
    /// the same secret.
    Keyed([u8; 32]),
    /// As many `*` as the secret has bytes (in UTF-16, code units), so that nothing moves.
    SameLength,
}

impl fmt::Debug for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fixed => "Fixed",
            Self::Keyed(_) => "Keyed(…)",
            Self::SameLength => "SameLength",
        })
    }
}

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl Style {
    /// [`Style::Keyed`] under a key of any length.
    pub fn keyed(key: &[u8]) -> Self {
        Self::Keyed(Sha256::digest(key).into())
    }

    /// What is put for `value` where there is room for any length; `None` if the length must stay.
    pub(super) fn token(&self, value: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Fixed => Some(REMOVED.to_vec()),
            Self::Keyed(key) => {
                let digest = hmac(key, &[value]);
                let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
                Some(format!("REMOVED-{}", digits.collect::<String>()).into_bytes())
            }
            Self::SameLength => None,
        }
    }

    /// A byte that tells the styles apart, for digests.
    pub(super) fn mark(&self) -> u8 {
        match self {
            Self::Fixed => 1,
            Self::Keyed(_) => 2,
            Self::SameLength => 3,
        }
    }
}

/// A token made to fill `length` bytes: stars after it, or nothing but stars if it is too long.
pub(super) fn fit(token: Option<&[u8]>, length: usize) -> Vec<u8> {
    let mut text = token.filter(|token| token.len() <= length).unwrap_or_default().to_vec();
    text.resize(length, b'*');
    text
}
