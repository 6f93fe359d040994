//! From what a scan found to what is said about it: verdicts, the report, the errors beside it, and how that ends.

use unleak_findings::{Comments, Finding, Fixtures, triage};
use unleak_report::Report;
use unleak_report::human::Look;
use unleak_scan::{Outcome, ScanError};

use crate::accepted::BaselineFile;
use crate::diagnosis;
use crate::engine::Engine;
use crate::environment::Environment;
use crate::exit_code::ScanEnd;
use crate::terminal::{Terminal, Verbosity};

/// By whose word findings are no news.
pub(crate) struct Word<'a> {
    pub(crate) accepted: &'a BaselineFile,
    pub(crate) comments: Comments,
    pub(crate) fixtures: Fixtures,
}

/// Sets the verdict of every finding.
pub(crate) fn judge(outcome: &mut Outcome, engine: &Engine, word: &Word<'_>) {
    if !outcome.findings.is_empty() {
        let today = Environment::today();
        triage(&mut outcome.findings, &word.accepted.baseline, today, word.comments, word.fixtures);
        word.accepted.foreign.apply(&mut outcome.findings, &engine.detector);
    }
}

/// A report with all that rules know about what was found.
pub(crate) fn report<'a>(outcome: &'a Outcome, engine: &Engine, target: &'a str) -> Report<'a> {
    let mut report = Report::new(outcome, env!("CARGO_PKG_VERSION"), target);
    report.started = Environment::seconds_ago(outcome.stats.elapsed);
    for rule in outcome.findings.iter().filter_map(|finding| engine.detector.rule(&finding.rule_id)) {
        if let Some(provider) = engine.detector.provider(&rule.family) {
            report.providers.insert(rule.family.clone(), provider.clone());
        }
        report.tags.insert(rule.id.clone(), rule.tags.clone());
    }
    report
}

/// How a report for people looks on this terminal.
pub(crate) fn look(terminal: Terminal) -> Look {
    Look {
        color: terminal.color(),
        width: Terminal::width(),
        verbose: terminal.verbosity == Verbosity::Verbose,
    }
}

/// Says what failed, and what the scan came to.
pub(crate) fn end(outcome: &Outcome, failures: &[ScanError], terminal: Terminal) -> ScanEnd {
    for failure in failures.iter().map(diagnosis::failed) {
        terminal.error(&failure);
    }
    let damage = diagnosis::damage(outcome);
    if let (Some(damage), true) = (&damage, failures.is_empty()) {
        terminal.error(damage);
    }
    ScanEnd {
        interrupted: outcome.coverage.is_interrupted(),
        failed: !failures.is_empty() || damage.is_some(),
        new_findings: outcome.findings.iter().any(Finding::is_new),
        complete: outcome.coverage.is_complete(),
    }
}
