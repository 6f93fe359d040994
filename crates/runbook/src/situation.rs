//! What is known when a runbook is written: the leaks, the vendors, the remotes, what was rewritten, what was ticked.

use std::collections::BTreeMap;

use unleak_rules::Provider;

use crate::host::Host;
use crate::leak::Leak;

/// A rewrite that was carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RewriteFacts {
    /// How many commits changed.
    pub commits: usize,
    /// The first changed commits by their old ids.
    pub first: Vec<String>,
    /// Ids of blobs that held something.
    pub blobs: Vec<String>,
    /// Refs of pull or merge requests that lead to the old history, as far as they were fetched.
    pub requests: usize,
    /// Git LFS objects whose pointers are gone: `sha256:…`.
    pub lfs: Vec<String>,
}

/// A remote of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFacts {
    /// What it is called here.
    pub name: String,
    /// Its address without a password.
    pub address: String,
    /// Who runs it.
    pub host: Host,
}

/// Everything a runbook is made of.
#[derive(Debug, Clone, Default)]
pub struct Situation {
    /// What to call the repository.
    pub repository: String,
    /// What leaked, the gravest first.
    pub leaks: Vec<Leak>,
    /// Vendors by family.
    pub providers: BTreeMap<String, Provider>,
    /// The remotes.
    pub remotes: Vec<RemoteFacts>,
    /// What was rewritten; `None`: nothing yet.
    pub rewrite: Option<RewriteFacts>,
    /// The id of the map that was published for clones to follow.
    pub map_id: Option<String>,
    /// Now, in seconds since 1970.
    pub now: i64,
    /// Steps that were ticked, with the time.
    pub done: BTreeMap<String, i64>,
}

impl Situation {
    /// Whether others may have any of it.
    pub(crate) fn is_pushed(&self) -> bool {
        self.leaks.iter().any(Leak::is_pushed) || (self.leaks.is_empty() && !self.remotes.is_empty())
    }
}

/// A time as RFC 3339, in UTC.
pub(crate) fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| "an unknown time".to_owned(), |time| time.to_string())
}

/// How long that is, in the largest units.
pub(crate) fn duration(seconds: i64) -> String {
    let units = [(86400 * 365, "year"), (86400, "day"), (3600, "hour"), (60, "minute")];
    let (size, name) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = (seconds / size).max(0);
    format!("{count} {name}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_by_people() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(i64::MAX), "an unknown time");
        for (seconds, text) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (7300, "2 hours"),
            (90_000, "1 day"),
            (86400 * 800, "2 years"),
        ] {
            assert_eq!(duration(seconds), text);
        }
    }
}
