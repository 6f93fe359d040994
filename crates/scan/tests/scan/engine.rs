//! Runs scans as the command line does, without it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use unleak_findings::{Finding, Fingerprinter, Medium};
use unleak_objects::repository::{OpenOptions, Repository};
use unleak_objects::{Limits, ObjectId};
use unleak_rules::{Confidence, Detector, builtin};
use unleak_scan::{
    CommitsToScan, Outcome, Progress, Request, Selection, SkipReason, Threshold, Versions, scan_repository,
};
use unleak_testkit::TestRepo;

pub(crate) static DETECTOR: LazyLock<Detector> = LazyLock::new(|| Detector::new(builtin::rule_set()));
pub(crate) static FINGERPRINTER: LazyLock<Fingerprinter> = LazyLock::new(|| Fingerprinter::new(b"tests"));

/// Everything is reported, so that nothing hides behind the threshold.
pub(crate) const ALL: Threshold = Threshold { confidence: Confidence::Low, invalid: true };

pub(crate) fn request(threads: usize, progress: &Progress) -> Request<'_> {
    Request {
        detector: &DETECTOR,
        fingerprinter: &FINGERPRINTER,
        threshold: ALL,
        threads,
        versions: Versions::default(),
        limits: Limits::default(),
        progress,
    }
}

pub(crate) fn open(path: &Path) -> Repository {
    Repository::open(path, OpenOptions::default()).unwrap()
}

/// The same with another limit above which blobs are read in parts.
pub(crate) fn scan_above(
    repo: &TestRepo<'_>,
    selection: &Selection,
    threads: usize,
    stream_above: u64,
) -> Outcome {
    let progress = Progress::default();
    let limits = Limits { stream_above, ..Limits::default() };
    let request = Request { limits, ..request(threads, &progress) };
    let (outcome, failures) = scan_repository(&request, &open(repo.path()), selection);
    assert!(failures.is_empty(), "{failures:?}");
    outcome
}

/// A scan that no source fails.
pub(crate) fn scan(repo: &TestRepo<'_>, selection: &Selection, threads: usize) -> Outcome {
    let progress = Progress::default();
    let (outcome, failures) = scan_repository(&request(threads, &progress), &open(repo.path()), selection);
    assert!(failures.is_empty(), "{failures:?}");
    outcome
}

pub(crate) fn history() -> Selection {
    Selection { history: true, ..Selection::default() }
}

pub(crate) fn everything() -> Selection {
    Selection { staged: true, worktree: true, history: true, ..Selection::default() }
}

pub(crate) fn range(repo: &TestRepo<'_>, include: &[&str], exclude: &[&str]) -> Selection {
    let ids = |names: &[&str]| names.iter().map(|name| id(&repo.id(&format!("{name}^{{commit}}")))).collect();
    let range = CommitsToScan {
        include: ids(include),
        exclude: ids(exclude),
        tips: Vec::new(),
        name: "test".to_owned(),
        ..CommitsToScan::default()
    };
    Selection { range: Some(range), ..Selection::default() }
}

pub(crate) fn id(hex: &str) -> ObjectId {
    ObjectId::from_hex(hex.as_bytes()).unwrap()
}

/// All there is to an outcome but what depends on the machine and the number of threads.
pub(crate) fn picture(mut outcome: Outcome) -> String {
    outcome.stats.elapsed = Duration::ZERO;
    outcome.stats.threads = 0;
    format!("{outcome:#?}")
}

/// The same without what depends on how objects are stored.
pub(crate) fn findings(outcome: &Outcome) -> String {
    format!("{:#?}", outcome.findings)
}

/// Findings in files: path and fingerprint.
pub(crate) fn in_files(outcome: &Outcome) -> BTreeSet<(String, String)> {
    let files = outcome.findings.iter().filter(|finding| finding.medium == Medium::File);
    files.map(|finding| (finding.path.to_string(), finding.fingerprint.to_string())).collect()
}

/// The findings of this secret.
pub(crate) fn of<'o>(outcome: &'o Outcome, secret: &str) -> Vec<&'o Finding> {
    outcome.findings.iter().filter(|finding| finding.secret.expose() == secret.as_bytes()).collect()
}

pub(crate) fn skipped(outcome: &Outcome, reason: SkipReason) -> u64 {
    outcome.coverage.skipped.get(&reason).map_or(0, |skipped| skipped.count)
}
