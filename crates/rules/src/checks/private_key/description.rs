//! What is known of a private key once its block has been read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::checks::{CheckVerdict, Fact};

/// A private key as its block describes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Description {
    /// Such as `RSA 2048`, `Ed25519` or `EC P-256`; `None` where encryption hides it.
    pub(super) key_type: Option<String>,
    /// Whether a passphrase is needed to use the key.
    pub(super) encrypted: bool,
    /// Whether the key material was read and found consistent.
    pub(super) proved: bool,
    /// The public key in the SSH wire format (RFC 4253 section 6.6).
    pub(super) public: Option<Vec<u8>>,
    /// What its owner called it, often a user and a host.
    pub(super) comment: Option<String>,
}

impl Description {
    /// A key in the clear whose structure holds.
    pub(super) fn clear(key_type: impl Into<String>) -> Self {
        Self { key_type: Some(key_type.into()), encrypted: false, proved: true, public: None, comment: None }
    }

    /// A key behind a passphrase.
    pub(super) fn encrypted(key_type: Option<String>) -> Self {
        Self { key_type, encrypted: true, proved: false, public: None, comment: None }
    }

    /// The same with its public key, where there is one.
    pub(super) fn with_public(self, public: Option<Vec<u8>>) -> Self {
        Self { public, ..self }
    }

    /// The same with the comment of its file, if that is not empty.
    pub(super) fn with_comment(self, comment: &[u8]) -> Self {
        let comment = comment.trim_ascii();
        let comment = (!comment.is_empty()).then(|| String::from_utf8_lossy(comment).into_owned());
        Self { comment, ..self }
    }

    /// The verdict with the facts `key type`, `encrypted`, `fingerprint` and `comment`.
    pub(super) fn into_verdict(self) -> CheckVerdict {
        let mut facts = Vec::new();
        facts.extend(self.key_type.map(|key_type| Fact::of_text("key type", &key_type)));
        facts.push(Fact::new("encrypted", if self.encrypted { "yes" } else { "no" }));
        facts.extend(self.public.map(|public| Fact::new("fingerprint", fingerprint(&public))));
        facts.extend(self.comment.map(|comment| Fact::of_text("comment", &comment)));
        if self.proved { CheckVerdict::Proved(facts) } else { CheckVerdict::Plausible(facts) }
    }
}

/// The fingerprint of a public key in the SSH wire format, as `ssh-keygen -l` prints it.
fn fingerprint(public: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(public)))
}
