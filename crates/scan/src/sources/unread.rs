//! How the ledger speaks of objects that could not be read.

use std::error::Error;
use std::fmt::Write as _;

use unleak_objects::repository::ObjectError;

use crate::outcome::SkipReason;

/// Why an object that could not be read was skipped.
pub(super) fn reason(error: &ObjectError, partial: bool) -> SkipReason {
    match error {
        ObjectError::Missing { .. } if partial => SkipReason::NotFetched,
        ObjectError::Missing { .. } => SkipReason::Missing,
        _ => SkipReason::Corrupt,
    }
}

/// An error and its causes in one line.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        write!(text, ": {error}").unwrap_or_default();
        cause = error.source();
    }
    text
}
