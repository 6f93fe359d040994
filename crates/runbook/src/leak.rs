//! One leaked credential, with everything there is to say about it except its value. Made from findings, kept as JSON.

use std::collections::BTreeMap;

use bstr::{BStr, ByteSlice as _};
use serde::{Deserialize, Serialize};
use unleak_findings::{Exposure, Finding};

/// A credential and where it stands. Text may be hostile: names of files, people and refs are as the repository has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Leak {
    /// Its identity.
    pub fingerprint: String,
    /// The rule that found it, and its vendor's family.
    pub rule: String,
    /// The vendor's family.
    pub family: String,
    /// What it is, in words.
    pub description: String,
    /// Its first characters and its length.
    pub redacted: String,
    /// `low`, `medium`, `high`, `critical`.
    pub severity: String,
    /// Where it stands: path and line, without repetition.
    pub places: Vec<String>,
    /// The first commit that had it.
    pub commit: Option<LeakCommit>,
    /// How many commits introduced a version with it.
    pub commits: usize,
    /// Branches and tags that reach it, and the remote ones.
    pub refs: Vec<String>,
    /// `worktree`, `staged`, `committed`, `pushed`.
    pub exposure: String,
    /// What its structure tells: account, key id, project.
    pub facts: Vec<(String, String)>,
}

/// The commit that brought it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeakCommit {
    /// Its id.
    pub id: String,
    /// Who wrote it.
    pub author: String,
    /// The first line of its message.
    pub subject: String,
    /// When it was committed, in seconds since 1970.
    pub time: i64,
}

/// How many names of a kind are kept.
const NAMES: usize = 20;

fn text(bytes: &BStr) -> String {
    bytes.to_str_lossy().into_owned()
}

impl Leak {
    /// One leak a secret, the gravest first.
    pub fn of_findings<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Self> {
        let mut leaks: BTreeMap<String, (Exposure, Self)> = BTreeMap::new();
        for finding in findings {
            let entry = leaks.entry(finding.fingerprint.to_string());
            let (exposure, leak) = entry.or_insert_with(|| (finding.exposure, Self::new(finding)));
            leak.add(finding);
            *exposure = (*exposure).max(finding.exposure);
            exposure.as_str().clone_into(&mut leak.exposure);
        }
        let mut leaks: Vec<(Exposure, Self)> = leaks.into_values().collect();
        let severity =
            |leak: &Self| ["low", "medium", "high", "critical"].iter().position(|s| *s == leak.severity);
        leaks.sort_by_key(|(exposure, leak)| std::cmp::Reverse((*exposure, severity(leak))));
        leaks.into_iter().map(|(_, leak)| leak).collect()
    }

    fn new(finding: &Finding) -> Self {
        Self {
            fingerprint: finding.fingerprint.to_string(),
            rule: finding.rule_id.clone(),
            family: finding.family.clone(),
            description: finding.description.clone(),
            redacted: finding.secret.to_string(),
            severity: finding.severity.as_str().to_owned(),
            facts: finding.decoded.iter().map(|fact| (fact.name.clone(), fact.value.clone())).collect(),
            ..Self::default()
        }
    }

    fn add(&mut self, finding: &Finding) {
        let place = format!("{}:{}", text(finding.path.as_ref()), finding.place.start_line);
        if !self.places.contains(&place) && self.places.len() < NAMES {
            self.places.push(place);
        }
        self.commits += finding.appearances.iter().filter(|appearance| appearance.commit.is_some()).count();
        if let Some(commit) = finding.introduced()
            && self.commit.as_ref().is_none_or(|known| commit.committed < known.time)
        {
            self.commit = Some(LeakCommit {
                id: commit.id.to_string(),
                author: format!("{} <{}>", text(commit.author.as_ref()), text(commit.email.as_ref())),
                subject: text(commit.subject.as_ref()),
                time: commit.committed,
            });
        }
        let reach = &finding.reach;
        for name in reach.branches.iter().chain(&reach.tags).chain(&reach.remotes).chain(&reach.others) {
            let name = text(name.as_ref());
            // What a fetch or an operation left behind is no ref that anyone knows.
            if name.ends_with("_HEAD") {
                continue;
            }
            if !self.refs.contains(&name) && self.refs.len() < NAMES {
                self.refs.push(name);
            }
        }
    }

    /// Whether others may have it.
    pub fn is_pushed(&self) -> bool {
        self.exposure == Exposure::Pushed.as_str()
    }

    /// Whether it is in a commit.
    pub fn is_committed(&self) -> bool {
        self.is_pushed() || self.exposure == Exposure::Committed.as_str()
    }

    /// The public id of the key, where its structure tells one.
    pub fn key_id(&self) -> Option<&str> {
        let id = self.facts.iter().find(|(name, _)| matches!(name.as_str(), "key id" | "sid" | "kid"));
        id.map(|(_, value)| value.as_str())
    }
}
