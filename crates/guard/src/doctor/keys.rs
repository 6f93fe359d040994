//! KEY001, GCP001, GCP002: how old live secrets are, and what service accounts may do.

use crate::checks::{Binding, bindings};
use crate::doctor::limits::Limits;
use crate::doctor::remark::Remark;

/// A secret that somebody can still use, as far as anybody knows.
#[derive(Clone, Debug)]
pub struct Live {
    /// The rule that found it.
    pub rule: String,
    /// The vendor.
    pub family: String,
    /// Where it is now: a file, or a stand-in such as `(commit message)`.
    pub path: String,
    /// Counted from 1; none where it is in no file.
    pub line: Option<usize>,
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
            let remedy = format!("unleak rules show {}, revoke it and make a new one", secret.rule);
            remarks.push(placed(Remark::fail("KEY001", text, remedy), secret));
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
            remarks.push(placed(remark, secret));
        }
    }
    remarks
}

fn placed(mut remark: Remark, secret: &Live) -> Remark {
    if let Some(line) = secret.line {
        return remark.at(&secret.path).on(line);
    }
    remark.text = format!("{} {}", secret.path, remark.text);
    remark
}

/// Owner and editor in the text of infrastructure code at `path`.
pub fn roles(path: &str, text: &str) -> Vec<Remark> {
    let said = |binding: Binding| {
        let text = format!("{} for a service account: whoever has its key has the project", binding.role);
        Remark::fail("GCP002", text, "give it the roles that it needs, one by one").at(path).on(binding.line)
    };
    bindings(text).into_iter().map(said).collect()
}
