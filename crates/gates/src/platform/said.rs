//! What a platform says: its variables, and what it makes of them.

use std::io;

use crate::change::Change;

/// Where variables and files of the run are read from.
pub struct Surroundings<'a> {
    /// A variable of the environment; one that is empty counts as none.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// A file named by one of them.
    pub file: &'a dyn Fn(&str) -> io::Result<Vec<u8>>,
}

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detected {
    /// A change.
    Change(Change),
    /// Something was taken away, and nothing was brought.
    Nothing,
}

/// Why it is not known what a run is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlatformError {
    /// Such a run is about no change.
    #[error("a run for '{event}' is about no change")]
    NoChange {
        /// What the run is for.
        event: String,
    },
    /// The platform does not say something that it should.
    #[error("{variable} is not set")]
    Unset {
        /// The variable.
        variable: &'static str,
    },
    /// The description of the event cannot be read.
    #[error("the event's description {path} cannot be read")]
    Event {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The description of the event lacks something.
    #[error("the event's description has no {field}")]
    Field {
        /// What it lacks, as a JSON pointer.
        field: &'static str,
    },
}

impl Surroundings<'_> {
    /// A variable that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// One that has to be.
    pub(super) fn need(&self, variable: &'static str) -> Result<String, PlatformError> {
        self.get(variable).ok_or(PlatformError::Unset { variable })
    }

    /// Whether one has that value.
    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    /// The full name of the tag or branch that these variables hold.
    pub(super) fn ref_name(&self, tag: &str, branch: &str) -> Option<bstr::BString> {
        let tag = self.get(tag).map(|name| format!("refs/tags/{name}"));
        tag.or_else(|| self.get(branch).map(|name| format!("refs/heads/{name}"))).map(Into::into)
    }
}
