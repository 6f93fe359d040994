//! The report of `unleak doctor`: for people, as JSON, as SARIF.

use std::io;

use clap::ValueEnum;
use serde_json::json;
use unleak_guard::doctor::{Grade, Outcome, Remark, sarif, summary};
use unleak_report::harmless;

use crate::output;
use crate::terminal::{Terminal, Verbosity};

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object
    Json,
    /// SARIF 2.1.0
    Sarif,
}

/// Writes it to standard output. The checks that were `left_out` did not pass.
pub(super) fn write(
    format: Format,
    remarks: &[Remark],
    left_out: &[&str],
    terminal: Terminal,
) -> io::Result<()> {
    output::to(None, |out| match format {
        Format::Json => {
            let failed = remarks.iter().filter(|remark| remark.grade == Grade::Fail).count();
            let report = json!({ "schema": 1, "version": env!("CARGO_PKG_VERSION"), "failed": failed, "checks": summary(remarks, left_out) });
            writeln!(out, "{report:#}")
        }
        Format::Sarif => writeln!(out, "{:#}", sarif(remarks, env!("CARGO_PKG_VERSION"))),
        Format::Human => human(out, remarks, left_out, terminal),
    })
}

fn human(
    out: &mut dyn io::Write,
    remarks: &[Remark],
    left_out: &[&str],
    terminal: Terminal,
) -> io::Result<()> {
    let all = summary(remarks, left_out);
    for check in &all {
        if check.outcome == Outcome::Pass && terminal.verbosity == Verbosity::Quiet {
            continue;
        }
        let (word, code) = match check.outcome {
            Outcome::Pass => ("pass", "32"),
            Outcome::Skip => ("skip", "36"),
            Outcome::Warn => ("warn", "33"),
            Outcome::Fail => ("fail", "31"),
        };
        let word = if terminal.color() { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() };
        writeln!(out, "{word}  {:<8}  {}", check.id, check.title)?;
        for remark in &check.remarks {
            let place = match (&remark.path, remark.line) {
                (Some(path), Some(line)) => format!("{path}:{line}: "),
                (Some(path), None) => format!("{path}: "),
                _ => String::new(),
            };
            writeln!(out, "                {}", harmless(format!("{place}{}", remark.text).as_bytes()))?;
            writeln!(out, "                → {}", harmless(remark.remedy.as_bytes()))?;
        }
    }
    let count = |outcome: Outcome| all.iter().filter(|check| check.outcome == outcome).count();
    let (pass, warn, fail, skip) =
        (count(Outcome::Pass), count(Outcome::Warn), count(Outcome::Fail), count(Outcome::Skip));
    writeln!(out, "\n{pass} passed, {warn} with warnings, {fail} failed, {skip} not looked at")?;
    let mendable = remarks.iter().filter(|remark| remark.fix.is_some()).count();
    if mendable > 0 {
        writeln!(out, "Next: unleak doctor --fix mends {mendable} of these")?;
    }
    Ok(())
}
