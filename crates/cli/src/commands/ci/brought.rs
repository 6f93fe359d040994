//! What a change adds to the files that decide what is accepted: named, and without effect. And entries of the baseline,
//! as the change leaves it, whose day has passed.

use std::collections::BTreeSet;

use unleak_findings::{Fingerprint, Standing};
use unleak_gates::ChangeRange;
use unleak_objects::repository::Repository;
use unleak_report::counted;
use unleak_scan::Outcome;

use crate::accepted::{self, BaselineFile};
use crate::environment::Environment;
use crate::error::CliError;
use crate::terminal::Terminal;
use crate::trusted::Trusted;
use crate::{foreign, gitleaks_config};

/// Names what the change adds, and returns an error for every entry that has expired.
pub(super) fn name(
    repository: &Repository,
    range: &ChangeRange,
    trusted: &Trusted<'_>,
    outcome: &Outcome,
    terminal: Terminal,
) -> Result<Vec<CliError>, CliError> {
    let head = Trusted::commit(repository, Some(&range.head), "the change")?;
    for file in [gitleaks_config::FILE_NAME, foreign::IGNORE_FILE] {
        let read = |place: &Trusted<'_>| place.read(file).ok().flatten().map(|(_, text)| text);
        let (before, after) = (read(trusted), read(&head));
        if after.is_some() && before != after {
            terminal.note(&format!("{file}: what the change makes of it does not count yet"));
        }
    }
    let before = accepted::of_trusted(trusted)?;
    let after = accepted::of_trusted(&head)?;
    let old: BTreeSet<&Fingerprint> = before.baseline.entries().map(|(fingerprint, _)| fingerprint).collect();
    let added: Vec<_> =
        after.baseline.entries().filter(|(fingerprint, _)| !old.contains(fingerprint)).collect();
    if !added.is_empty() {
        let entries = counted(added.len() as u64, "entries");
        terminal.note(&format!(
            "{}: the change adds {entries}, which count once they are in the base",
            accepted::FILE_NAME
        ));
    }
    for finding in outcome.findings.iter().filter(|finding| finding.is_new()) {
        if let Some((_, entry)) = added.iter().find(|(fingerprint, _)| **fingerprint == finding.fingerprint) {
            let reason = unleak_report::harmless(entry.reason.as_bytes());
            terminal.note(&format!("{}: the change would accept it: {reason}", finding.fingerprint));
        }
    }
    Ok(expired(&after))
}

fn expired(file: &BaselineFile) -> Vec<CliError> {
    let today = Environment::today();
    let entries = file.baseline.entries();
    let gone = entries.filter(|(fingerprint, _)| {
        matches!(file.baseline.standing(fingerprint, today), Standing::Expired(_))
    });
    gone.map(|(fingerprint, entry)| {
        let until = entry.until.map(|day| day.to_string()).unwrap_or_default();
        CliError::new(format!("the baseline accepted {fingerprint} ({}) until {until}", entry.rule))
            .caused_by(entry.reason.clone())
            .hint(format!("unleak allow {fingerprint} --reason WHY --until DATE, or take the entry out"))
    })
    .collect()
}
