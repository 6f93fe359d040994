//! The one place where `init` and `doctor` ask for git's hooks: `unleak install` sets them up and fires them.

#![expect(clippy::disallowed_methods, reason = "runs this very program")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::environment::Environment;

/// How git's hooks stand.
pub(crate) enum Hooks {
    /// They are there, and refuse a planted secret.
    InPlace,
    /// They are there now.
    Installed,
    /// They are not, and why.
    Missing(String),
}

/// Looks whether the hooks of the repository at `top` stop a planted secret; with `install`, sets them up if not.
pub(crate) fn git_hooks(top: &Path, install: bool) -> Hooks {
    let succeeds = |args: &[&str]| unleak(args, top).is_some_and(|output| output.status.success());
    match () {
        () if succeeds(&["install", "--check"]) => Hooks::InPlace,
        () if install && succeeds(&["install"]) => Hooks::Installed,
        () => Hooks::Missing("unleak install".to_owned()),
    }
}

fn unleak(args: &[&str], folder: &Path) -> Option<Output> {
    let program = Environment::program()?;
    Command::new(program).args(args).current_dir(folder).stdin(Stdio::null()).output().ok()
}
