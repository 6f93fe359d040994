//! `unleak rules docs`: writes the pages about the built-in rules into a folder.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::pages::{self, MARK};
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output::{print, whole_file};
use crate::rule_files;

/// Write the pages about the built-in rules
#[derive(Debug, clap::Args)]
pub(crate) struct DocsArgs {
    /// The folder; pages of families that are no more are removed from it
    #[arg(long, short, value_name = "DIR")]
    output: PathBuf,
}

/// Writes what has changed, and removes generated pages that are no longer generated.
pub(crate) fn run(args: &DocsArgs) -> Result<ExitStatus, CliError> {
    let pages = pages::pages(&rule_files::with_examples()?);
    let written = write(args, &pages).map_err(|error| {
        CliError::new(format!("the pages cannot be written to '{}'", args.output.display())).caused_by(error)
    })?;
    print(|out| writeln!(out, "{} pages, {written} changed", pages.len()))?;
    Ok(ExitStatus::Clean)
}

fn write(args: &DocsArgs, pages: &[(String, String)]) -> io::Result<usize> {
    fs::create_dir_all(&args.output)?;
    let mut changed = 0;
    for entry in fs::read_dir(&args.output)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let page = path.extension().is_some_and(|extension| extension == "md");
        let ours = page && fs::read(&path)?.starts_with(MARK.as_bytes());
        if ours && !pages.iter().any(|(page, _)| *page == name) {
            fs::remove_file(&path)?;
            changed += 1;
        }
    }
    for (name, text) in pages {
        let path = args.output.join(name);
        if fs::read(&path).ok().as_deref() != Some(text.as_bytes()) {
            whole_file(&path, |out| out.write_all(text.as_bytes()))?;
            changed += 1;
        }
    }
    Ok(changed)
}
