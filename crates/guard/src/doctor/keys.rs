//! KEY001, GCP001, GCP002: how old live secrets are, and what service accounts may do.

use crate::checks::bindings;
use crate::doctor::limits::Limits;
use crate::doctor::remark::Remark;

/// A secret that somebody can still use, as far as anybody knows.
#[derive(Clone, Debug)]
pub struct Live {
    /// The rule that found it.
    pub rule: String,
    /// The vendor.
    pub family: String,
    /// Where it is now.
    pub path: String,
    /// Counted from 1.
    pub line: usize,
    /// When it came into the history, or into the file if it is in none; seconds since 1970.
    pub since: i64,
    /// Whether it is in the history.
    pub in_history: bool,
}

const DAY: i64 = 86_400;

/// Secrets beyond their limit, and keys of service accounts.
pub fn check(live: &[Live], limits: &Limits, now: i64) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for secret in live {
        let age = now.saturating_sub(secret.since).max(0) / DAY;
        let limit = limits.of(&secret.rule, &secret.family);
        if age > i64::from(limit) {
            let from = if secret.in_history { "first committed" } else { "in a file since" };
            let text =
                format!("{}: {age} days old ({from} {age} days ago), and {limit} is the limit", secret.rule);
            remarks.push(
                Remark::fail(
                    "KEY001",
                    text,
                    format!("unleak rules show {}, revoke it and make a new one", secret.rule),
                )
                .at(&secret.path)
                .on(secret.line),
            );
        }
        if secret.rule == "google-service-account-key" {
            let text = if secret.in_history {
                "a service account's key is in the history"
            } else {
                "a service account's key lies in the tree"
            };
            let remedy = "gcloud iam service-accounts keys delete KEY_ID --iam-account EMAIL; then work with impersonation";
            let remark = if secret.in_history {
                Remark::fail("GCP001", text, remedy)
            } else {
                Remark::warn("GCP001", text, remedy)
            };
            remarks.push(remark.at(&secret.path).on(secret.line));
        }
    }
    remarks
}

/// Owner and editor in infrastructure code, `(path, text)`.
pub fn roles(files: &[(String, Vec<u8>)]) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for (path, text) in files {
        for binding in bindings(&String::from_utf8_lossy(text)) {
            let text = format!("{} for a service account: whoever has its key has the project", binding.role);
            remarks.push(
                Remark::fail("GCP002", text, "give it the roles that it needs, one by one")
                    .at(path)
                    .on(binding.line),
            );
        }
    }
    remarks
}
