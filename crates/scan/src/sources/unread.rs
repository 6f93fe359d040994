//! How the ledger speaks of objects that could not be read.

use std::error::Error;
use std::fmt::Write as _;

use unleak_objects::repository::ObjectError;
use unleak_objects::{Fault, ReadError};

use crate::outcome::SkipReason;

/// Why an object that could not be read was skipped.
pub(super) fn reason(error: &ObjectError, partial: bool) -> SkipReason {
    match error {
        ObjectError::Missing { .. } if partial => SkipReason::NotFetched,
        ObjectError::Missing { .. } => SkipReason::Missing,
        ObjectError::Stored(error) => reason_of_read(error),
        _ => SkipReason::Corrupt,
    }
}

/// The same for what was read with the object store.
pub(super) fn reason_of_read(error: &ReadError) -> SkipReason {
    match error.fault {
        Fault::TooLarge { .. } => SkipReason::TooLarge,
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
