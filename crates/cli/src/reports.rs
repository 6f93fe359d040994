//! The reports of one run: in which forms they are written, and where to.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use unleak_report::human::Look;
use unleak_report::{
    Defused, Report, codequality, csv, github, gitlab, gitleaks_csv, gitleaks_json, human, json, jsonl,
    junit, md, rdjson, sarif,
};

use crate::error::CliError;
use crate::output;

/// What to write, and where.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// The form of the report
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// Write the report to a file, readable by you only
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write another report, such as `sarif=out.sarif`; `-` is standard output; may be given several times
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = more)]
    more: Vec<Destination>,
    /// Show the secrets themselves, in formats that are not made to be shown around
    #[arg(long)]
    pub(crate) show_secrets: bool,
    /// The exit code for new findings, in place of 1
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    pub(crate) exit_code: u8,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON object
    Json,
    /// One JSON object a line
    Jsonl,
    /// SARIF 2.1.0, for GitHub code scanning and others
    Sarif,
    /// GitLab's secret detection report
    Gitlab,
    /// Annotations of GitHub Actions
    Github,
    /// JUnit XML
    Junit,
    /// Code Quality of GitLab and Code Climate
    Codequality,
    /// The JSON of reviewdog
    Rdjson,
    /// A table for spreadsheets
    Csv,
    /// Markdown, for a comment or the summary of a job
    #[value(alias = "markdown")]
    Md,
    /// The JSON of gitleaks
    GitleaksJson,
    /// The CSV of gitleaks
    GitleaksCsv,
}

/// A form and the file it goes to; `None` is standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Destination {
    format: Format,
    file: Option<PathBuf>,
}

fn more(text: &str) -> Result<Destination, String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, such as sarif=out.sarif")?;
    let format = Format::from_str(format, false).map_err(|_| {
        let names = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|value| value.get_name().to_owned()).collect();
        format!("no format '{format}'; there are {}", names.join(", "))
    })?;
    if file.is_empty() {
        return Err("the file is missing".to_owned());
    }
    Ok(Destination { format, file: (file != "-").then(|| PathBuf::from(file)) })
}

impl ReportArgs {
    fn destinations(&self) -> Vec<Destination> {
        let first = Destination { format: self.format, file: self.output.clone() };
        std::iter::once(first).chain(self.more.iter().cloned()).collect()
    }

    /// Looks, before anything is scanned, for what cannot end well: two reports in one place, a folder that is not
    /// there. Annotations are made to stand behind a report for people.
    ///
    /// # Errors
    /// What it found.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        let mut taken = BTreeSet::new();
        for Destination { format, file } in self.destinations() {
            let shared = file.is_none() && format == Format::Github;
            if !shared && !taken.insert(file.clone()) {
                return Err(CliError::new(format!("two reports would go to {}", place(file.as_deref())))
                    .hint("unleak scan --report sarif=out.sarif --report junit=out.xml"));
            }
            let folder =
                file.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                return Err(CliError::new(format!(
                    "the report cannot be written to {}",
                    place(file.as_deref())
                ))
                .caused_by(format!("'{}' is not a folder", folder.display()))
                .hint(format!("mkdir -p {}", folder.display())));
            }
        }
        Ok(())
    }

    /// For a listing that is no report: whether it is to be JSON rather than for people.
    ///
    /// # Errors
    /// When another form, or a file, was asked for.
    pub(crate) fn json_or_human(&self) -> Result<bool, CliError> {
        let is_known = matches!(self.format, Format::Json | Format::Human);
        if is_known && self.output.is_none() && self.more.is_empty() {
            return Ok(self.format == Format::Json);
        }
        Err(CliError::new("--agents is listed on standard output, for people or as JSON")
            .hint("unleak scan --agents --format json > FILE"))
    }

    /// Writes `report` in every form asked for. `silent` leaves the one for people out.
    ///
    /// # Errors
    /// The first that cannot be written; the others are written all the same.
    pub(crate) fn write(&self, report: &Report<'_>, look: Look, silent: bool) -> Result<(), CliError> {
        self.write_for(report, look, silent, None)
    }

    /// The same in the log of a CI runner, which must not take what people read for commands.
    ///
    /// # Errors
    /// As for [`Self::write`].
    pub(crate) fn write_for(
        &self,
        report: &Report<'_>,
        look: Look,
        silent: bool,
        runner: Option<&Runner>,
    ) -> Result<(), CliError> {
        let mut result = Ok(());
        for Destination { format, file } in self.destinations() {
            let look = Look { color: look.color && file.is_none(), ..look };
            let written = output::to(file.as_deref(), |out| match format {
                Format::Human if silent => Ok(()),
                Format::Human if file.is_none() && runner.is_some() => {
                    runner.map_or(Ok(()), |runner| runner.write(report, &look, out))
                }
                format => format.write(report, &look, out),
            });
            result = result.and(written.map_err(|error| {
                CliError::new(format!("the report cannot be written to {}", place(file.as_deref())))
                    .caused_by(error)
                    .hint("unleak scan --output FILE")
            }));
        }
        result
    }
}

/// The log of a CI runner.
pub(crate) struct Runner {
    /// The word between which the runner obeys nothing, where it knows such a word (`::stop-commands::`).
    pub(crate) word: Option<String>,
}

impl Runner {
    fn write(&self, report: &Report<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        if let Some(word) = &self.word {
            writeln!(out, "::stop-commands::{word}")?;
        }
        let mut defused = Defused::new(out);
        human::write(report, look, &mut defused)?;
        defused.finish()?;
        match &self.word {
            Some(word) => writeln!(out, "::{word}::"),
            None => Ok(()),
        }
    }
}

fn place(file: Option<&Path>) -> String {
    file.map_or_else(|| "standard output".to_owned(), |path| format!("'{}'", path.display()))
}

impl Format {
    fn write(self, report: &Report<'_>, look: &Look, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Human => human::write(report, look, out),
            Self::Json => json::write(report, out),
            Self::Jsonl => jsonl::write(report, out),
            Self::Sarif => sarif::write(report, out),
            Self::Gitlab => gitlab::write(report, out),
            Self::Github => github::write(report, out),
            Self::Junit => junit::write(report, out),
            Self::Codequality => codequality::write(report, out),
            Self::Rdjson => rdjson::write(report, out),
            Self::Csv => csv::write(report, out),
            Self::Md => md::write(report, out),
            Self::GitleaksJson => gitleaks_json::write(report, out),
            Self::GitleaksCsv => gitleaks_csv::write(report, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_format_and_a_file() {
        let file = |file: &str| Some(PathBuf::from(file));
        assert_eq!(more("sarif=a=b"), Ok(Destination { format: Format::Sarif, file: file("a=b") }));
        assert_eq!(more("github=-"), Ok(Destination { format: Format::Github, file: None }));
        assert_eq!(more("markdown=a"), Ok(Destination { format: Format::Md, file: file("a") }));
        for text in ["", "sarif", "sarif=", "=a", "xml=a", "SARIF=a"] {
            assert!(more(text).is_err(), "{text}");
        }
    }
}
