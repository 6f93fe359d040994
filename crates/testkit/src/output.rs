//! What a finished command left behind, with the checks a test wants to make on it.

use bstr::{BString, ByteSlice as _};

/// Exit status and both streams of a finished command.
#[must_use = "a command whose result nobody looks at tests nothing"]
#[derive(Clone, Debug)]
pub struct Output {
    /// The command line, for messages.
    pub command: String,
    /// The exit code; `None` when a signal ended the process.
    pub code: Option<i32>,
    /// Everything written to standard output.
    pub stdout: BString,
    /// Everything written to standard error.
    pub stderr: BString,
}

impl Output {
    /// Panics with the whole output unless the command ended with `code`.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert!(self.code == Some(code), "expected exit code {code}\n{}", self.describe());
        self
    }

    /// Parses standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| {
            panic!("standard output is not one JSON value: {error}\n{}", self.describe())
        })
    }

    /// Parses every line of standard output as a JSON value.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let parse = |line: &[u8]| {
            serde_json::from_slice(line)
                .unwrap_or_else(|error| panic!("not a line of JSON: {error}\n{}", self.describe()))
        };
        self.stdout.lines().map(parse).collect()
    }

    /// Returns standard output as text, damaged UTF-8 replaced.
    pub fn stdout_text(&self) -> String {
        self.stdout.to_str_lossy().into_owned()
    }

    /// Returns standard error as text, damaged UTF-8 replaced.
    pub fn stderr_text(&self) -> String {
        self.stderr.to_str_lossy().into_owned()
    }

    /// Returns whether either stream contains `needle`.
    pub fn mentions(&self, needle: impl AsRef<[u8]>) -> bool {
        self.stdout.contains_str(needle.as_ref()) || self.stderr.contains_str(needle.as_ref())
    }

    /// Everything about the run, for a failing test's message.
    pub fn describe(&self) -> String {
        format!(
            "command: {}\nexit code: {:?}\n--- stdout\n{}\n--- stderr\n{}\n---",
            self.command, self.code, self.stdout, self.stderr
        )
    }
}
