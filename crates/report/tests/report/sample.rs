//! Findings and reports made by hand.

use std::collections::BTreeMap;

use bstr::BString;
use unleak_findings::{
    Appearance, Commit, Exposure, Finding, Fingerprinter, Medium, ObjectId, Place, Reach, Secret, Verdict,
};
use unleak_report::{
    Report, StaleEntry, codequality, csv, github, gitlab, gitleaks_csv, gitleaks_json, human, json, jsonl,
    junit, md, rdjson, sarif,
};
use unleak_rules::checks::Fact;
use unleak_rules::{Confidence, Proof, Provider, Severity, Span};
use unleak_scan::Outcome;

/// A credential that no scanner knows by its looks, different for each `n`.
pub(crate) fn value(n: u32) -> String {
    format!("{}{n:04}{}", "tok_", "Qx7".repeat(8))
}

pub(crate) fn id(n: u8) -> ObjectId {
    ObjectId::from_hex(format!("{n:02x}").repeat(20).as_bytes()).unwrap()
}

/// A high-severity finding of `secret` at `path`, line 3, in the working tree.
pub(crate) fn finding(secret: &[u8], path: &[u8]) -> Finding {
    let secret = Secret::new(secret);
    Finding {
        rule_id: "acme-token".to_owned(),
        description: "Acme API token".to_owned(),
        family: "acme".to_owned(),
        severity: Severity::High,
        confidence: Confidence::High,
        proof: Proof::Unchecked,
        decoded: Vec::new(),
        fingerprint: Fingerprinter::new(b"").of("acme", &secret),
        span: Span::new(20, 20 + secret.len()),
        secret,
        medium: Medium::File,
        path: path.into(),
        ordinal: 0,
        place: Place { start_line: 3, start_column: 8, end_line: 3, end_column: 39 },
        matched: None,
        match_place: Place { start_line: 3, start_column: 8, end_line: 3, end_column: 39 },
        blob: None,
        appearances: vec![Appearance {
            exposure: Exposure::Worktree,
            path: path.into(),
            blob: None,
            commit: None,
            line: 3,
        }],
        reach: Reach::default(),
        exposure: Exposure::Worktree,
        verdict: Verdict::New,
        is_fixture: false,
        allow_comment: None,
    }
}

pub(crate) fn commit(n: u8, author: &[u8], subject: &[u8]) -> Commit {
    let at = 1_714_564_800 + i64::from(n) * 86_400;
    let (author, subject) = (author.into(), subject.into());
    Commit { committed: at, id: id(n), authored: at, author, email: "jane@example.org".into(), subject }
}

/// The same finding, in a commit that `main` and, when `pushed`, `origin/main` reach.
pub(crate) fn committed(mut finding: Finding, commit: Commit, pushed: bool) -> Finding {
    finding.exposure = if pushed { Exposure::Pushed } else { Exposure::Committed };
    finding.blob = Some(id(0xb0));
    let (exposure, path, blob) = (finding.exposure, finding.path.clone(), finding.blob);
    finding.appearances = vec![Appearance { exposure, path, blob, commit: Some(commit), line: 3 }];
    finding.reach.in_head = true;
    finding.reach.branches = vec!["refs/heads/main".into()];
    finding.reach.remotes = if pushed { vec!["refs/remotes/origin/main".into()] } else { Vec::new() };
    finding
}

pub(crate) fn staged(mut finding: Finding) -> Finding {
    finding.exposure = Exposure::Staged;
    finding.blob = Some(id(0xb1));
    finding.appearances[0].exposure = Exposure::Staged;
    finding
}

/// A finding in which every text from outside is `text`, in the middle of other words.
pub(crate) fn full_of(text: &[u8], secret: &[u8]) -> Finding {
    let around = |before: &str| BString::from([before.as_bytes(), b" ", text, b" z"].concat());
    let lossy = |before: &str| around(before).to_string();
    let mut finding =
        committed(finding(secret, &around("path")), commit(7, &around("author"), &around("subject")), true);
    finding.decoded = vec![Fact::new("account", lossy("value")), Fact::new(lossy("name"), "1")];
    finding.proof = Proof::Proved;
    finding.reach = Reach {
        in_head: false,
        branches: vec![around("branch")],
        tags: vec![around("tag")],
        remotes: vec![around("remote")],
        others: vec![around("other")],
        unnamed: 3,
        reflog: true,
    };
    finding.allow_comment = Some(lossy("comment"));
    finding
}

/// An outcome with `findings` in report order, some history scanned.
pub(crate) fn outcome(findings: Vec<Finding>) -> Outcome {
    let mut outcome = Outcome { findings, ..Outcome::default() };
    unleak_findings::sort(&mut outcome.findings);
    outcome.coverage.scanned("history", vec![("commits", 203_352), ("blobs", 262_343)]);
    outcome.coverage.scanned("working tree", vec![("files", 1)]);
    outcome.stats.objects = 465_696;
    outcome.stats.bytes = 1_400_000_000;
    outcome.stats.rules = 512;
    outcome.stats.threads = 2;
    outcome.stats.elapsed = std::time::Duration::from_secs(4);
    outcome
}

pub(crate) fn report(outcome: &Outcome) -> Report<'_> {
    Report::new(outcome, "1.2.3", "work")
}

/// What is known about the vendor of [`finding`]s; every fact is `fact`.
pub(crate) fn vendor(fact: &str) -> BTreeMap<String, Provider> {
    let fact = || Some(fact.to_owned());
    let (family, name) = ("acme".to_owned(), "Acme".to_owned());
    let provider = Provider {
        family: family.clone(),
        name,
        opens: fact(),
        revoke: fact(),
        audit: fact(),
        ..Provider::default()
    };
    BTreeMap::from([(family, provider)])
}

pub(crate) fn stale(reason: &str) -> StaleEntry {
    let fingerprint = Fingerprinter::new(b"").of("acme", &Secret::new("gone"));
    StaleEntry { fingerprint, rule_id: "acme-token".to_owned(), reason: reason.to_owned() }
}

type Write = fn(&Report<'_>, &mut dyn std::io::Write) -> std::io::Result<()>;

/// Every format but the one for people, by name.
pub(crate) const FORMATS: [(&str, Write); 12] = [
    ("json", json::write),
    ("jsonl", jsonl::write),
    ("sarif", sarif::write),
    ("gitlab", gitlab::write),
    ("github", github::write),
    ("junit", junit::write),
    ("codequality", codequality::write),
    ("rdjson", rdjson::write),
    ("csv", csv::write),
    ("md", md::write),
    ("gitleaks-json", gitleaks_json::write),
    ("gitleaks-csv", gitleaks_csv::write),
];

/// `report` as the format of that name.
pub(crate) fn text_of(name: &str, report: &Report<'_>) -> String {
    let (_, write) = FORMATS.into_iter().find(|(format, _)| *format == name).unwrap();
    let mut text = Vec::new();
    write(report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

pub(crate) fn human_text(report: &Report<'_>, look: &human::Look) -> String {
    let mut text = Vec::new();
    human::write(report, look, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

pub(crate) fn json_text(report: &Report<'_>) -> String {
    text_of("json", report)
}

pub(crate) fn jsonl_text(report: &Report<'_>) -> String {
    text_of("jsonl", report)
}
