//! A finding in the fields of gitleaks' reports.
//!
//! Only new findings: what is accepted is in none of gitleaks' reports either. Commit, author, date and message are those
//! of the oldest commit that introduced the secret at its path, and lines are those of that version; outside history they
//! are empty. `Message` is the message's first line. Columns count code points from 1, on every line.

use bstr::ByteSlice;
use serde::Serialize;
use unleak_findings::{Finding, Secret, Verdict};
use unleak_rules::shannon_of_characters;

use crate::date;
use crate::report::Report;
use crate::scrub::Scrubber;

/// What stands in place of a secret, as with `gitleaks --redact`.
const REDACTED: &str = "REDACTED";

/// One finding. The order of the fields is that of gitleaks 8.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Leak<'a> {
    #[serde(rename = "RuleID")]
    pub(crate) rule_id: &'a str,
    pub(crate) description: &'a str,
    pub(crate) start_line: u64,
    pub(crate) end_line: u64,
    pub(crate) start_column: u64,
    pub(crate) end_column: u64,
    pub(crate) r#match: String,
    pub(crate) secret: String,
    pub(crate) file: String,
    pub(crate) symlink_file: &'static str,
    pub(crate) commit: String,
    pub(crate) entropy: f32,
    pub(crate) author: String,
    pub(crate) email: String,
    pub(crate) date: String,
    pub(crate) message: String,
    pub(crate) tags: &'a [String],
    pub(crate) fingerprint: String,
}

/// The new findings of `report`, one at a time.
pub(crate) fn leaks<'a>(
    report: &'a Report<'a>,
    scrubber: &'a Scrubber<'a>,
) -> impl Iterator<Item = Leak<'a>> {
    report
        .outcome
        .findings
        .iter()
        .filter(|finding| finding.is_new() || finding.verdict == Verdict::Fixture)
        .map(|finding| leak(report, scrubber, finding))
}

fn leak<'a>(report: &'a Report<'a>, scrubber: &Scrubber<'_>, finding: &'a Finding) -> Leak<'a> {
    let prose = |text: &[u8]| scrubber.prose(text).to_str_lossy().into_owned();
    let first = finding.first_appearance();
    let commit = first.and_then(|first| first.commit.as_ref());
    let path = first.map_or(&finding.path, |first| &first.path);
    let file = scrubber.name(path).to_str_lossy().into_owned();
    let place = finding.match_place;
    let start_line = first.map_or(place.start_line, |first| first.line);
    let id = commit.map(|commit| commit.id.to_string()).unwrap_or_default();
    let prefix = if id.is_empty() { String::new() } else { format!("{id}:") };
    let secret = finding.secret.expose();
    let matched = finding.matched.as_ref().map_or(secret, Secret::expose);
    let shown = |text: &[u8]| text.to_str_lossy().into_owned();
    #[expect(clippy::cast_possible_truncation, reason = "gitleaks has single precision")]
    let entropy = shannon_of_characters(secret) as f32;
    let leak = Leak {
        rule_id: &finding.rule_id,
        description: &finding.description,
        start_line,
        end_line: start_line + (place.end_line - place.start_line),
        start_column: place.start_column,
        end_column: place.end_column,
        r#match: if report.show_secrets { shown(matched) } else { prose(&matched.replace(secret, REDACTED)) },
        secret: if report.show_secrets { shown(secret) } else { REDACTED.to_owned() },
        fingerprint: format!("{prefix}{file}:{}:{start_line}", finding.rule_id),
        file,
        symlink_file: "",
        commit: id,
        entropy,
        author: commit.map(|commit| prose(&commit.author)).unwrap_or_default(),
        email: commit.map(|commit| prose(&commit.email)).unwrap_or_default(),
        date: commit.and_then(|commit| date::instant(commit.authored)).unwrap_or_default(),
        message: commit.map(|commit| prose(&commit.subject)).unwrap_or_default(),
        tags: report.tags.get(&finding.rule_id).map_or(&[], Vec::as_slice),
    };
    if finding.is_path() { of_path(leak, &prefix) } else { leak }
}

/// Of a file that is found by its path gitleaks tells neither place nor content.
fn of_path<'a>(leak: Leak<'a>, prefix: &str) -> Leak<'a> {
    let fingerprint = format!("{prefix}{}:{}:0", leak.file, leak.rule_id);
    let (secret, entropy) = (String::new(), 0.0);
    let (start_line, end_line, start_column, end_column) = (0, 0, 0, 0);
    Leak { start_line, end_line, start_column, end_column, secret, entropy, fingerprint, ..leak }
}
