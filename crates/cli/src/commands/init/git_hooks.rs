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
pub(crate) fn git_hooks(top: &Path, install: bool, environment: &Environment) -> Hooks {
    let Some(check) = unleak(&["install", "--check"], top) else {
        return Hooks::Missing("unleak cannot be run again".to_owned());
    };
    match check.status.code() {
        Some(0) => Hooks::InPlace,
        _ if is_unknown(&check) => by_name(top, environment),
        Some(_) if install => match unleak(&["install"], top) {
            Some(done) if done.status.success() => Hooks::Installed,
            _ => Hooks::Missing("unleak install".to_owned()),
        },
        _ => Hooks::Missing("unleak install".to_owned()),
    }
}

/// Without the command: whether a hook speaks of unleak. Not fired.
fn by_name(top: &Path, _: &Environment) -> Hooks {
    let hooks = top.join(".git").join("hooks");
    let speaks =
        |name: &str| std::fs::read_to_string(hooks.join(name)).is_ok_and(|text| text.contains("unleak"));
    if speaks("pre-commit") { Hooks::InPlace } else { Hooks::Missing("unleak install".to_owned()) }
}

fn is_unknown(output: &Output) -> bool {
    output.status.code() == Some(2)
        && String::from_utf8_lossy(&output.stderr).contains("unrecognized subcommand")
}

fn unleak(args: &[&str], folder: &Path) -> Option<Output> {
    let program = Environment::program()?;
    Command::new(program).args(args).current_dir(folder).stdin(Stdio::null()).output().ok()
}
