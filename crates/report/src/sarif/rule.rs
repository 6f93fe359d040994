//! A rule of a SARIF run: what it finds, how bad that is, and what helps.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use unleak_findings::Finding;
use unleak_rules::{Confidence, Provider, Severity};

use super::text::Text;
use crate::harmless::harmless;
use crate::report::Report;
use crate::sentence::title;

/// Characters that GitHub takes of a description.
const LONGEST: usize = 1024;
/// Tags that GitHub takes.
const MOST_TAGS: usize = 20;

/// The rules that found something, by id.
pub(super) struct Rules<'a> {
    rules: Vec<Rule<'a>>,
    at: BTreeMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    /// The rules of `findings`.
    pub(super) fn of(findings: &[&'a Finding], report: &'a Report<'_>) -> Self {
        let mut by_id: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            by_id.entry(&finding.rule_id).or_default().push(finding);
        }
        let at = by_id.keys().enumerate().map(|(at, &id)| (id, at)).collect();
        Self { rules: by_id.into_values().map(|findings| Rule::new(&findings, report)).collect(), at }
    }

    /// Where the rule of `finding` stands.
    pub(super) fn at(&self, finding: &Finding) -> Option<usize> {
        self.at.get(finding.rule_id.as_str()).copied()
    }
}

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rules.serialize(serializer)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties<'a> {
    precision: &'static str,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
    tags: Vec<&'a str>,
}

impl<'a> Rule<'a> {
    /// The rule of `findings`, of which there is at least one.
    fn new(findings: &[&'a Finding], report: &'a Report<'_>) -> Self {
        let first = findings[0];
        let severity = findings.iter().map(|finding| finding.severity).max().unwrap_or(first.severity);
        let confidence = findings.iter().map(|finding| finding.confidence).max().unwrap_or(first.confidence);
        let mut tags = vec!["security", "secret"];
        for tag in report.tags.get(&first.rule_id).map_or(&[][..], Vec::as_slice) {
            if !tag.is_empty() && !tags.contains(&tag.as_str()) && tags.len() < MOST_TAGS {
                tags.push(tag);
            }
        }
        let provider = report.providers.get(&first.family);
        let opens = provider.and_then(|provider| provider.opens.as_deref());
        let full = opens.map_or_else(
            || title(first),
            |opens| format!("{}. Opens {}", title(first), harmless(opens.as_bytes())),
        );
        Self {
            id: &first.rule_id,
            short_description: sentence(&title(first)),
            full_description: sentence(&full),
            help: Text::new(help(&first.rule_id, provider)),
            default_configuration: Configuration { level: level(severity) },
            properties: Properties {
                precision: precision(confidence),
                security_severity: security_severity(severity),
                tags,
            },
        }
    }
}

/// `text` with a full stop, cut to what GitHub takes.
fn sentence(text: &str) -> Text {
    let cut: String = text.trim_end_matches('.').chars().take(LONGEST - 1).collect();
    Text::new(cut + ".")
}

fn help(id: &str, provider: Option<&Provider>) -> String {
    let mut lines = vec![
        "Whoever can read the repository can use this credential. Revoke it first: taking it out of the file does \
         not take it back."
            .to_owned(),
    ];
    if let Some(provider) = provider {
        let facts = [("Revoke", &provider.revoke), ("See its use", &provider.audit)];
        for (what, fact) in facts {
            lines.extend(fact.as_ref().map(|fact| format!("{what}: {}", harmless(fact.as_bytes()))));
        }
    }
    lines.push(format!("About the rule: unleak rules show {}", harmless(id.as_bytes())));
    lines.join("\n\n")
}

/// How loudly a finding of this severity is shown.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

/// In GitHub's scale: above 9.0 critical, from 7.0 high, from 4.0 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}
