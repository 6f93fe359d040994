//! The identity of a finding where a format needs one for each place: the same for every scan, until the secret moves to
//! another path. It holds no line and no commit, and neither the secret nor the path can be read from it.

use sha2::{Digest, Sha256};
use unleak_findings::{Finding, Medium};

/// 128 bits over fingerprint, rule, medium, path and ordinal.
pub(crate) struct Identity([u8; 16]);

impl Identity {
    /// Of `finding`; no two of one report have the same.
    pub(crate) fn of(finding: &Finding) -> Self {
        let mut hasher = Sha256::new();
        let parts: [&[u8]; 5] = [
            finding.fingerprint.as_str().as_bytes(),
            finding.rule_id.as_bytes(),
            finding.medium.as_str().as_bytes(),
            &finding.path,
            &(finding.ordinal as u64).to_le_bytes(),
        ];
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let digest = hasher.finalize();
        Self(digest[..16].try_into().expect("SHA-256 has 32 bytes"))
    }

    /// 32 hex digits.
    pub(crate) fn hex(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.0))
    }

    /// As a UUID of version 8: one whose bits are its maker's business (RFC 9562, 5.8).
    pub(crate) fn uuid(&self) -> String {
        let mut bytes = self.0;
        bytes[6] = bytes[6] & 0x0f | 0x80;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = Self(bytes).hex();
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }
}

/// Whether the newest version that holds it is what is checked out, so that a file of that name has it on that line.
pub(crate) fn is_checked_out(finding: &Finding) -> bool {
    finding.medium == Medium::File
        && (finding.reach.in_head || finding.appearances.iter().any(|appearance| appearance.commit.is_none()))
}
