//! The one place of the test kit that starts processes: a closed environment in, an [`Output`] out.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::output::Output;

/// A command that has not been started yet.
pub(crate) struct Invocation {
    command: Command,
    stdin: Vec<u8>,
}

/// A started command, to be interrupted or waited for.
#[must_use = "a process nobody waits for outlives its test"]
#[derive(Debug)]
pub struct Running {
    child: Child,
    description: String,
}

impl Invocation {
    /// Prepares `program` in `directory` with exactly the variables of `environment`, and `PATH`.
    #[allow(clippy::disallowed_methods, reason = "tests run git and the built binary, from this file only")]
    pub(crate) fn new(program: &OsStr, directory: &Path, environment: &BTreeMap<OsString, OsString>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(directory).env_clear().envs(environment);
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        Self { command, stdin: Vec::new() }
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets or overrides variables.
    pub(crate) fn envs(mut self, variables: &[(&str, &OsStr)]) -> Self {
        self.command.envs(variables.iter().copied());
        self
    }

    /// Feeds `bytes` to standard input, which is empty otherwise.
    pub(crate) fn stdin(mut self, bytes: &[u8]) -> Self {
        self.stdin = bytes.to_vec();
        self
    }

    /// Runs the command to its end.
    #[track_caller]
    pub(crate) fn run(self) -> Output {
        self.start().wait()
    }

    /// Starts the command and returns at once.
    #[track_caller]
    pub(crate) fn start(mut self) -> Running {
        let description = describe(&self.command);
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            self.command.spawn().unwrap_or_else(|error| panic!("cannot start {description}: {error}"));
        let mut pipe = child.stdin.take().expect("standard input was asked for as a pipe");
        let bytes = self.stdin;
        // A thread, because the child may fill its output pipe before it has read everything. A child that closes its
        // standard input early is no failure of the test.
        drop(std::thread::spawn(move || pipe.write_all(&bytes).ok()));
        Running { child, description }
    }
}

/// Program, arguments and directory; the environment is the same for all and would hide them.
fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words.map(|word| word.display().to_string()).collect();
    let place = command.get_current_dir().unwrap_or_else(|| Path::new("."));
    format!("{} in {}", words.join(" "), place.display())
}

impl Running {
    /// Sends SIGINT, as Ctrl-C does.
    #[allow(clippy::disallowed_methods, reason = "the `kill` command keeps the test kit free of unsafe code")]
    #[track_caller]
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-INT", &id]).status().expect("the kill command exists");
        assert!(status.success(), "cannot interrupt {}", self.description);
    }

    /// Whether the process has begun to listen for interrupts, as the kernel sees it; `None` where it does not say.
    pub fn listens(&self) -> Option<bool> {
        const SIGINT: u64 = 2;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"))?;
        let caught = u64::from_str_radix(caught.trim(), 16).ok()?;
        Some(caught >> (SIGINT - 1) & 1 == 1)
    }

    /// Returns whether the process is still running.
    #[track_caller]
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child of this process can be asked").is_none()
    }

    /// Waits for the end of the process and returns what it wrote.
    #[track_caller]
    pub fn wait(self) -> Output {
        let output =
            self.child.wait_with_output().unwrap_or_else(|error| panic!("{}: {error}", self.description));
        Output {
            command: self.description,
            code: output.status.code(),
            stdout: output.stdout.into(),
            stderr: output.stderr.into(),
        }
    }
}
