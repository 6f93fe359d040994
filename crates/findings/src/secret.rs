//! A secret as a type: redacted wherever it is printed, wiped when it is dropped.

use std::fmt;

use zeroize::Zeroizing;

/// The bytes of a credential. `Debug`, `Display` and serialisation show only the redacted form.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The raw bytes. Call only where the user asked for them or where they are hashed or searched for.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether `other` is part of it.
    pub fn contains(&self, other: &Self) -> bool {
        bstr::ByteSlice::find(&self.0[..], &other.0[..]).is_some()
    }

    /// SHA-1 of the bytes in lower-case hex, as detect-secrets keeps it. `None` if the hash finds an attack on itself.
    pub fn sha1(&self) -> Option<String> {
        let mut hasher = gix_hash::hasher(gix_hash::Kind::Sha1);
        hasher.update(&self.0);
        hasher.try_finalize().ok().map(|id| id.to_string())
    }

    /// SHA-256 of the bytes in lower-case hex, as betterleaks keeps it.
    pub fn sha256(&self) -> String {
        use std::fmt::Write as _;

        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(&*self.0);
        digest.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes everything");
            hex
        })
    }

    /// Whether `other` has the same bytes.
    pub fn is(&self, other: &str) -> bool {
        *self.0 == other.as_bytes()
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A form that tells secrets apart and gives none away: up to four leading characters of a long one-line secret,
    /// then its length. At most a fifth of the secret is shown, and nothing of one shorter than 16 bytes.
    pub fn redacted(&self) -> String {
        let bytes = self.expose();
        if let Some(header) = header(bytes) {
            return format!("{header}… ({} bytes)", bytes.len());
        }
        let shown: String = match bytes.len() {
            0..16 => String::new(),
            n => bytes[..4.min(n / 5)]
                .iter()
                .take_while(|b| b.is_ascii_graphic())
                .map(|&b| b as char)
                .collect(),
        };
        format!("{shown}… ({} bytes)", bytes.len())
    }
}

/// The opening of a key block, which says what it is and nothing about the key; only where a body follows.
fn header(bytes: &[u8]) -> Option<String> {
    const DASHES: &[u8] = b"-----";
    const PUTTY: &[u8] = b"PuTTY-User-Key-File-";
    let kind = bytes.strip_prefix(DASHES).and_then(|rest| rest.strip_prefix(b"BEGIN "));
    if let Some(kind) = kind {
        let end = kind.iter().position(|b| !(b.is_ascii_uppercase() || *b == b' '))?;
        let closed = kind[end..].starts_with(DASHES) && kind.len() > end + 5 + end;
        return closed.then(|| String::from_utf8_lossy(&bytes[..16 + end]).into_owned());
    }
    (bytes.starts_with(PUTTY) && bytes.len() > 5 * PUTTY.len())
        .then(|| String::from_utf8_lossy(PUTTY).into_owned())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.redacted())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.redacted())
    }
}

impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.redacted())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_of_printing_shows_more_than_a_fifth() {
        for length in 0..200 {
            let value = "Ab3".repeat(length)[..length].to_string();
            let secret = Secret::new(value.clone());
            let serialised = secret.redacted();
            for text in [format!("{secret}"), format!("{secret:?}"), serialised] {
                let shown = (0..=length).rev().find(|&n| text.contains(&value[..n])).unwrap_or(0);
                assert!(shown * 5 <= length.max(1), "{length}: {text}");
            }
        }
    }

    #[test]
    fn a_key_block_shows_its_header_only() {
        let secret = Secret::new(["-----BEGIN ", "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\n"].concat());
        assert_eq!(secret.redacted(), format!("-----BEGIN {}… (55 bytes)", "PRIVATE KEY-----"));
        for other in [
            "-----BEGIN hunter2-hunter2-hunter2",
            "-----BEGIN SECRETWORDS-----",
            "PuTTY-User-Key-File-hunter2",
        ] {
            assert!(!Secret::new(other).redacted().contains(&other[..12]), "{other}");
        }
    }
}
