//! What is said about sources that failed and things that could not be read, and what helps.

use unleak_scan::{Outcome, ScanError, SkipReason};

use crate::error::CliError;

/// What a failed source is told the user.
pub(crate) fn failed(error: &ScanError) -> CliError {
    let hint = match error {
        ScanError::Index(_) => "mv .git/index .git/index.broken && git reset",
        ScanError::Worktree(_) => "git config core.worktree, and look whether that folder is there",
        ScanError::ShallowRange { .. } => "git fetch --unshallow",
        ScanError::Range { .. } => "git fetch --unshallow, or git fsck if the clone is whole",
        _ => "git fsck",
    };
    let mut text = CliError::new(error.to_string()).hint(hint);
    if let Some(source) = std::error::Error::source(error) {
        text = text.caused_by(chain(source));
    }
    text
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

/// An error when something that should be readable is not.
pub(crate) fn damage(outcome: &Outcome) -> Option<CliError> {
    let damaged: Vec<_> = outcome.coverage.skipped.iter().filter(|(reason, _)| reason.is_damage()).collect();
    let (reason, skipped) = damaged.first()?;
    let count: u64 = damaged.iter().map(|(_, skipped)| skipped.count).sum();
    let things = if count == 1 { "one thing".to_owned() } else { format!("{count} things") };
    let mut error = CliError::new(format!("{things} could not be read, so this scan is not complete"));
    if let Some((what, why)) = skipped.examples.first() {
        error = error.caused_by(format!("{what}: {why}"));
    }
    Some(error.hint(match reason {
        SkipReason::Unreadable => "check its permissions, then scan again",
        SkipReason::BrokenRef => "git for-each-ref, then git update-ref -d the broken one",
        _ => "git fsck --full",
    }))
}
