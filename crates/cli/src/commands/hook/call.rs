//! What every hook works with, and what came of it.

use unleak_gates::Hook;
use unleak_objects::repository::Repository;
use unleak_scan::{Outcome, Progress, ScanError};

use crate::environment::Environment;
use crate::error::CliError;
use crate::gate::{Gate, GateArgs, Judge};
use crate::terminal::Terminal;
use crate::trusted::{Named, Trusted};

/// What every hook works with.
pub(super) struct Call<'a> {
    pub(super) hook: Hook,
    pub(super) gate: &'a GateArgs,
    pub(super) repository: &'a Repository,
    pub(super) environment: &'a Environment,
    pub(super) progress: &'a Progress,
    pub(super) terminal: Terminal,
}

/// What came of it.
pub(super) struct Seen {
    pub(super) gate: Gate,
    pub(super) outcome: Outcome,
    pub(super) failures: Vec<ScanError>,
    /// Why the answer is no, whatever was found.
    pub(super) refusals: Vec<CliError>,
}

impl<'a> Call<'a> {
    /// The gate of whoever commits here, with the configuration of `trusted`.
    pub(super) fn here(&self, trusted: &Trusted<'a>) -> Result<Gate, CliError> {
        let named = Named::from(&self.environment.current_dir);
        Gate::new(self.gate, Judge::Here, self.repository, trusted, &named, self.terminal)
    }

    /// The gate of a server, where HEAD is what was accepted before.
    pub(super) fn elsewhere(&self) -> Result<Gate, CliError> {
        let (folder, trusted) = (&self.environment.current_dir, Trusted::head(self.repository)?);
        let named = Named::judging(folder, self.repository, Trusted::head(self.repository)?, self.terminal);
        Gate::new(self.gate, Judge::Elsewhere, self.repository, &trusted, &named, self.terminal)
    }
}
