//! What it takes to put a hook in place, and what came of it.

use unleak_gates::Hook;

use crate::error::CliError;
use crate::git_program::GitProgram;

/// How hooks are put in place.
pub(super) struct Place<'a> {
    pub(super) git: &'a GitProgram,
    /// Where this program is.
    pub(super) program: String,
    /// What stands behind the name of a hook on its command line, with a space before it.
    pub(super) flags: &'a dyn Fn(Hook) -> String,
    pub(super) global: bool,
    /// Whether a hook that is there is kept under another name and run first.
    pub(super) chain: bool,
}

/// What became of one hook.
pub(super) struct Placed {
    pub(super) hook: Hook,
    /// What was done, and where.
    pub(super) what: String,
    /// Why nothing was, and what to do by hand.
    pub(super) refusal: Option<CliError>,
}
