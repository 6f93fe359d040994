//! `.secrets.baseline` of detect-secrets: hashes of secrets somebody has seen.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::secret::Secret;

/// The hashes of a baseline, with what is said of each.
#[derive(Debug, Default)]
pub struct SecretsBaseline {
    by_hash: BTreeMap<String, Seen>,
}

#[derive(Debug, Deserialize)]
struct Raw {
    results: BTreeMap<String, Vec<Seen>>,
}

#[derive(Debug, Deserialize)]
struct Seen {
    r#type: String,
    hashed_secret: String,
    #[serde(default)]
    is_secret: Option<bool>,
}

impl SecretsBaseline {
    /// Whether `text` has the shape of such a file: a JSON object.
    pub fn is_one(text: &[u8]) -> bool {
        text.trim_ascii_start().starts_with(b"{")
    }

    /// Reads the text of a baseline.
    ///
    /// # Errors
    /// When it has another shape; the error has line and column.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let raw: Raw = serde_json::from_slice(text)?;
        let seen = raw.results.into_values().flatten();
        // What was audited as a real secret is nobody's to accept.
        let accepted = seen.filter(|seen| seen.is_secret != Some(true));
        Ok(Self { by_hash: accepted.map(|seen| (seen.hashed_secret.to_lowercase(), seen)).collect() })
    }

    /// Why `secret` is accepted, if it is.
    pub fn reason(&self, secret: &Secret) -> Option<String> {
        let seen = self.by_hash.get(&secret.sha1()?)?;
        let audited = if seen.is_secret == Some(false) { ", audited as no secret" } else { "" };
        Some(format!("from a baseline of detect-secrets ({}{audited})", seen.r#type))
    }

    /// How many secrets it accepts.
    pub fn len(&self) -> usize {
        self.by_hash.len()
    }

    /// Whether it accepts none.
    pub fn is_empty(&self) -> bool {
        self.by_hash.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_hash_unless_audited_as_real() {
        let hash = |text: &str| Secret::new(text).sha1().unwrap();
        assert_eq!(hash("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d", "FIPS 180-4, example 1");
        let entry = |secret: &str, more: &str| {
            format!("{{\"type\": \"T\", \"hashed_secret\": \"{}\"{more}}}", hash(secret))
        };
        let list = [
            entry("one", ""),
            entry("two", ", \"is_secret\": false"),
            entry("three", ", \"is_secret\": true"),
        ];
        let text = format!("{{\"version\": \"1\", \"results\": {{\"a\": [{}]}}}}", list.join(","));
        let baseline = SecretsBaseline::read(text.as_bytes()).unwrap();
        let reason = |secret: &str| baseline.reason(&Secret::new(secret));
        assert!(reason("one").unwrap().ends_with("(T)"));
        assert!(reason("two").unwrap().ends_with("audited as no secret)"));
        assert_eq!((reason("three"), reason("four"), baseline.len()), (None, None, 2));
    }
}
