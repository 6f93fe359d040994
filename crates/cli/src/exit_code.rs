//! What the process says to the shell.

use std::process::ExitCode;

/// The exit codes, documented in the README.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// 0: everything that was asked for was looked at, and nothing new was found.
    Clean,
    /// 1, or what `--exit-code` says: new findings.
    Findings(u8),
    /// 2: an error, a refusal, or something that could not be looked at while nothing was found.
    Error,
    /// 130: stopped by Ctrl-C.
    Interrupted,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        match status {
            ExitStatus::Clean => Self::SUCCESS,
            ExitStatus::Findings(code) => Self::from(code),
            ExitStatus::Error => Self::from(2),
            ExitStatus::Interrupted => Self::from(130),
        }
    }
}

/// Prints clap's help or error and gives its code: 0 for help and version, 2 for a mistake.
pub(crate) fn of_usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell when printing fails.
    drop(error.print());
    if error.use_stderr() { ExitStatus::Error.into() } else { ExitStatus::Clean.into() }
}

/// What a scan came to, as far as the exit code is concerned.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four questions that are asked one after the other")]
pub(crate) struct ScanEnd {
    pub(crate) interrupted: bool,
    /// A source could not be scanned, or something in it is damaged.
    pub(crate) failed: bool,
    pub(crate) new_findings: bool,
    pub(crate) complete: bool,
}

/// The code of a scan: interruption first, then damage and failure, then findings, then incomplete coverage.
pub(crate) fn of_scan(end: ScanEnd, findings: u8) -> ExitStatus {
    match end {
        ScanEnd { interrupted: true, .. } => ExitStatus::Interrupted,
        ScanEnd { failed: true, .. } => ExitStatus::Error,
        ScanEnd { new_findings: true, .. } => ExitStatus::Findings(findings),
        ScanEnd { complete: false, .. } => ExitStatus::Error,
        ScanEnd { .. } => ExitStatus::Clean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn incomplete_is_never_clean() {
        for case in 0..16u8 {
            let bit = |n: u8| case & (1 << n) != 0;
            let end = ScanEnd { interrupted: bit(0), failed: bit(1), new_findings: bit(2), complete: bit(3) };
            let status = of_scan(end, 1);
            let clean = !end.interrupted && !end.failed && !end.new_findings && end.complete;
            assert_eq!(status == ExitStatus::Clean, clean);
            if end.new_findings && !end.interrupted && !end.failed {
                assert_eq!(status, ExitStatus::Findings(1));
            }
        }
    }
}
