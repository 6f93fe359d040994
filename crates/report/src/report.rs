//! What every output format is given.

use std::collections::BTreeMap;

use unleak_findings::Fingerprint;
use unleak_rules::Provider;
use unleak_scan::Outcome;

use crate::scope::Scope;

/// A scan's outcome and what its reader needs beside it.
#[derive(Clone, Debug)]
pub struct Report<'a> {
    /// What was found, looked at, and left out.
    pub outcome: &'a Outcome,
    /// Version of the program, such as `1.2.3`.
    pub tool_version: &'a str,
    /// What was scanned, in words or as a path, for people.
    pub target: &'a str,
    /// What part of the target was asked for.
    pub scope: Scope,
    /// Whether the values themselves are written. Else they are cut out of every text that comes from the repository.
    pub show_secrets: bool,
    /// Baseline entries that matched nothing, in their order.
    pub stale: Vec<StaleEntry>,
    /// When the scan began, in seconds since 1970. Only the formats that must tell the time need it.
    pub started: i64,
    /// What is known about the vendors of what was found: the family to it.
    pub providers: BTreeMap<String, Provider>,
    /// Words that a rule's findings carry along in the formats of other tools: the rule's id to them.
    pub tags: BTreeMap<String, Vec<String>>,
}

/// An entry of the baseline that no finding needs any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaleEntry {
    /// The secret it accepted.
    pub fingerprint: Fingerprint,
    /// Id of the rule that found it then.
    pub rule_id: String,
    /// Why it was accepted.
    pub reason: String,
}

impl<'a> Report<'a> {
    /// A report that hides secrets and knows neither the time, nor stale entries, nor vendors.
    pub fn new(outcome: &'a Outcome, tool_version: &'a str, target: &'a str) -> Self {
        Self {
            outcome,
            tool_version,
            target,
            scope: Scope::default(),
            show_secrets: false,
            stale: Vec::new(),
            started: 0,
            providers: BTreeMap::new(),
            tags: BTreeMap::new(),
        }
    }
}
