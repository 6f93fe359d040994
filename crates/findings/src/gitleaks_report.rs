//! A JSON report of gitleaks, used as a baseline: what it lists is accepted.
//!
//! gitleaks compares nearly every field, and a rule's new description makes all findings news. Here an entry accepts the
//! secret it shows, in the file it names. A redacted one shows none: then rule, line and commit must agree.

use std::collections::HashMap;

use serde::Deserialize;

use crate::finding::Finding;
use crate::secret::Secret;

/// The entries of a report.
#[derive(Debug, Default)]
pub struct GitleaksReport {
    by_path: HashMap<String, Vec<Entry>>,
    count: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Entry {
    #[serde(rename = "RuleID")]
    rule_id: String,
    start_line: u64,
    file: String,
    symlink_file: String,
    commit: String,
    secret: String,
}

impl Entry {
    /// What `--redact` and `--redact=N` leave of a secret.
    fn is_redacted(&self) -> bool {
        self.secret.is_empty() || self.secret == "REDACTED" || self.secret.ends_with("...")
    }
}

impl GitleaksReport {
    /// Whether `text` has the shape of a report: a JSON array of objects. TOML, too, may begin with a bracket.
    pub fn is_one(text: &[u8]) -> bool {
        let inner = text.trim_ascii_start().strip_prefix(b"[").map(<[u8]>::trim_ascii_start);
        inner.is_some_and(|inner| inner.starts_with(b"{") || inner.starts_with(b"]"))
    }

    /// Reads the text of a report.
    ///
    /// # Errors
    /// When it is no JSON array of objects; the error has line and column.
    pub fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let entries: Vec<Entry> = serde_json::from_slice(text)?;
        let mut report = Self { count: entries.len(), ..Self::default() };
        for entry in entries {
            let path = if entry.symlink_file.is_empty() { &entry.file } else { &entry.symlink_file };
            report.by_path.entry(path.replace('\\', "/")).or_default().push(entry);
        }
        Ok(report)
    }

    /// How many findings it lists.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether it lists none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether an entry accepts `finding`. `is_rule` says whether an id of the report stands for the rule of a finding.
    pub fn accepts(&self, finding: &Finding, is_rule: impl Fn(&str) -> bool) -> bool {
        finding.appearances.iter().any(|seen| {
            let entries = self.by_path.get(&seen.path.to_string()).map_or(&[][..], Vec::as_slice);
            let commit = seen.commit.as_ref().map(|commit| commit.id.to_string()).unwrap_or_default();
            entries.iter().any(|entry| {
                if entry.is_redacted() {
                    let same_commit = entry.commit.is_empty() || entry.commit.eq_ignore_ascii_case(&commit);
                    return same_commit && finding.is_at(entry.start_line, seen) && is_rule(&entry.rule_id);
                }
                let theirs = Secret::new(entry.secret.as_bytes());
                theirs == finding.secret || (is_rule(&entry.rule_id) && theirs.contains(&finding.secret))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_told_from_a_baseline_of_ours() {
        for text in ["[]", " [\n]", "[ {\"RuleID\": \"x\"} ]"] {
            assert!(GitleaksReport::is_one(text.as_bytes()), "{text}");
        }
        for text in ["", "schema = 1", "[[accepted]]", "[x]", "{}"] {
            assert!(!GitleaksReport::is_one(text.as_bytes()), "{text}");
        }
        assert!(GitleaksReport::read(b"[1]").unwrap_err().to_string().contains("line 1"));
    }
}
