//! An error with a remedy.

use std::error::Error;
use std::fmt;

use unleak_remediate::{ActError, JournalError};

use crate::exit_code::ExitStatus;

/// What went wrong, why, and a command that helps.
#[derive(Debug)]
pub(crate) struct CliError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
    hints: Vec<String>,
    status: ExitStatus,
}

impl CliError {
    /// An error that names the object in question.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None, hints: Vec::new(), status: ExitStatus::Error }
    }

    /// The user has stopped the command before it changed anything.
    pub(crate) fn interrupted() -> Self {
        Self::interrupted_after("nothing has changed")
    }

    /// The same, where something has been done already.
    pub(crate) fn interrupted_after(what: &str) -> Self {
        Self { status: ExitStatus::Interrupted, ..Self::new(format!("interrupted; {what}")) }
    }

    /// What the program ends with.
    pub(crate) fn status(&self) -> ExitStatus {
        self.status
    }

    /// Its cause.
    pub(crate) fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the user can do: best a command.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The hints, in order.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    /// The causes, outermost first.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes = Vec::new();
        let mut next: Option<&dyn Error> = self.source.as_ref().map(|source| &**source as &dyn Error);
        while let Some(error) = next {
            causes.push(error.to_string());
            next = error.source();
        }
        causes
    }
}

impl CliError {
    /// A change to a repository stopped. `otherwise` is the hint where the cause does not ask for one of its own.
    pub(crate) fn acting(message: &str, cause: ActError, otherwise: &str) -> Self {
        let error = Self::new(message);
        let error = match &cause {
            ActError::Unfinished { .. } => error.hint("unleak undo --unfinished"),
            ActError::Journal(JournalError::Damaged { path, .. }) => error
                .hint(format!("put {} back from a copy of the repository", path.display()))
                .hint(format!("truncate -s 0 {}   # gives up the way back of that rewrite", path.display())),
            ActError::Journal(JournalError::Version { .. }) => {
                error.hint("use the version of unleak that rewrote this repository")
            }
            _ => error.hint(otherwise),
        };
        error.caused_by(cause)
    }

    /// The message and its causes in one line.
    pub(crate) fn in_one_line(&self) -> String {
        std::iter::once(self.to_string()).chain(self.causes()).collect::<Vec<_>>().join(": ")
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
