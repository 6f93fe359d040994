//! Runs the user's git, hooks and configuration included: for installing gates and for trying them.
//!
//! Variables that tie git to one repository are left out, since the command may have been started by a hook.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::Environment;
use crate::error::CliError;

/// Variables that say which configuration of the user counts, and where git's own programs are.
const KEPT: [&str; 6] = [
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_EXEC_PATH",
    "GIT_SSL_CAINFO",
    "GIT_CEILING_DIRECTORIES",
];

/// git in one folder.
pub(crate) struct GitProgram {
    folder: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

/// What a run of git left behind.
pub(crate) struct Ran {
    /// `None` if a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output without the last line end.
    pub(crate) output: String,
    /// Standard error likewise.
    pub(crate) message: String,
}

impl GitProgram {
    /// git as it is in `folder`.
    pub(crate) fn new(folder: &Path, environment: &Environment) -> Self {
        let passes = |name: &OsStr| {
            !name.as_encoded_bytes().starts_with(b"GIT_") || KEPT.iter().any(|kept| name == *kept)
        };
        let variables = environment.variables().into_iter().filter(|(name, _)| passes(name)).collect();
        Self { folder: folder.to_owned(), variables }
    }

    /// The same with a variable of its own.
    pub(crate) fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Runs git, whatever its exit code.
    ///
    /// # Errors
    /// When there is no git.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Result<Ran, CliError> {
        let fail =
            |error| CliError::new("git cannot be run").caused_by(error).hint("install git, and look at PATH");
        #[expect(clippy::disallowed_methods, reason = "git is run with its hooks from this file only")]
        let mut command = Command::new("git");
        command.current_dir(&self.folder).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value))).args(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(fail)?;
        if let Some(mut pipe) = child.stdin.take() {
            // A git that reads nothing closes its input; what it says then is in its exit code.
            drop(pipe.write_all(input));
        }
        let output = child.wait_with_output().map_err(fail)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_owned();
        Ok(Ran { code: output.status.code(), output: text(&output.stdout), message: text(&output.stderr) })
    }

    /// Runs git, which must succeed, and gives back its output.
    ///
    /// # Errors
    /// When it fails, with what it said.
    pub(crate) fn need<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<String, CliError> {
        let args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().to_owned()).collect();
        let command = args.first().map(|word| word.display().to_string()).unwrap_or_default();
        let ran = self.run(&args, b"")?;
        if ran.code == Some(0) {
            return Ok(ran.output);
        }
        Err(CliError::new(format!("git {command} failed"))
            .caused_by(ran.message)
            .hint("git config --list --show-origin shows what git goes by"))
    }

    /// The output of a git that may say no.
    pub(crate) fn ask<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Option<String>, CliError> {
        let ran = self.run(args, b"")?;
        Ok((ran.code == Some(0)).then_some(ran.output))
    }

    /// Major and minor version of git.
    ///
    /// # Errors
    /// When there is no git, or one that says no version.
    pub(crate) fn version(&self) -> Result<(u32, u32), CliError> {
        let said = self.need(["version"])?;
        let mut numbers =
            said.split_whitespace().nth(2).unwrap_or_default().split('.').map(str::parse::<u32>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(major)), Some(Ok(minor))) => Ok((major, minor)),
            _ => Err(CliError::new(format!("'{said}' is no version of git"))),
        }
    }
}
