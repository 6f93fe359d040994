//! `unleak purge`: what was rewritten becomes final: the old objects and everything that would keep them go.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use unleak_objects::repository::Repository;
use unleak_remediate::{
    Forget, PurgeOptions, PurgePreview, Purged, Recovered, preview_purge, purge, recover,
};
use unleak_report::{counted, harmless};
use unleak_scan::Progress;

use crate::commands::rewrite::what::What;
use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{output, repo};

/// Make a rewrite final: remove the old objects, the reflogs' way back, and the backups
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every object that no ref, reflog or index leads to goes, whoever made it. Afterwards nothing can be undone.\nName what was to be forgotten as well (--replace-text FILE, --path …) to have messages of reflogs and files that\noperations left behind looked through for it.\n\nExamples:\n  unleak purge                                   asks once\n  unleak purge --yes --replace-text passwords.txt"
)]
pub(crate) struct PurgeArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Leave the backups where they are; they hold what was to be forgotten
    #[arg(long)]
    keep_backups: bool,
    /// Packs with a `.keep` file are packed anew like all others
    #[arg(long)]
    kept_packs: bool,
    #[command(flatten)]
    what: What,
}

/// Runs the command.
pub(crate) fn run(
    args: &PurgeArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let git = environment.git();
    let failed = |error| CliError::acting("nothing was purged", error, "git status");
    match recover(&repository, &git, &mut |_| std::ops::ControlFlow::Continue(())).map_err(failed)? {
        Recovered::Nothing | Recovered::Purging => {}
        _ => terminal.note("an interrupted rewrite was brought to an end first"),
    }
    let preview = preview_purge(&repository, &git).map_err(failed)?;
    let forget = forget(args, &repository, environment, terminal)?;
    if !args.yes && !agreed(args, &preview)? {
        return Err(CliError::new("not purged").hint("unleak purge --yes"));
    }
    let holds = |bytes: &[u8]| forget.text.as_ref().is_some_and(|text| text.finds(bytes));
    let options = PurgeOptions { backups: !args.keep_backups, kept_packs: args.kept_packs, holds: &holds };
    let purged = purge(&repository, &git, &options)
        .map_err(|error| CliError::acting("not everything was purged", error, "unleak purge"))?;
    output::print(|out| show(out, &purged))?;
    Ok(if purged.remaining.is_empty() { ExitStatus::Clean } else { ExitStatus::Findings(1) })
}

fn forget(
    args: &PurgeArgs,
    repository: &Repository,
    environment: &Environment,
    terminal: Terminal,
) -> Result<Forget, CliError> {
    if args.what.is_nothing() {
        return Ok(Forget::default());
    }
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    Ok(args.what.read(repository, environment, terminal, &progress)?.forget)
}

/// Says what goes, and asks.
fn agreed(args: &PurgeArgs, preview: &PurgePreview) -> Result<bool, CliError> {
    output::print(|out| {
        writeln!(out, "This goes, for good:")?;
        let objects = counted(preview.unreachable, "objects");
        writeln!(out, "  {objects} at most that no ref, reflog or index leads to, whoever made them")?;
        writeln!(out, "  the way back of {}", counted(preview.runs.len() as u64, "rewrites"))?;
        for backup in preview.backups.iter().filter(|_| !args.keep_backups) {
            writeln!(out, "  the backup {}", backup.display())?;
        }
        for pack in preview.kept_packs.iter().filter(|_| !args.kept_packs) {
            writeln!(out, "and this stays, because it has a .keep file: {}", pack.display())?;
        }
        Ok(())
    })?;
    output::agreed("Go on?")
}

fn show(out: &mut dyn Write, purged: &Purged) -> io::Result<()> {
    match purged.runs.len() {
        0 => writeln!(out, "No rewrite was there to be made final; what nothing leads to is gone.")?,
        count => writeln!(out, "Final: {} can no longer be undone.", counted(count as u64, "rewrites"))?,
    }
    for backup in &purged.backups {
        writeln!(out, "  removed the backup {}", backup.display())?;
    }
    for file in &purged.files {
        writeln!(out, "  removed {}", harmless(file.as_os_str().as_encoded_bytes()))?;
    }
    for pack in &purged.kept_packs {
        writeln!(out, "  left alone, because it has a .keep file: {}", pack.display())?;
    }
    if !purged.remaining.is_empty() {
        let count = counted(purged.remaining.len() as u64, "objects");
        writeln!(out, "{count} of the old history are still there, in kept or borrowed packs.")?;
    }
    writeln!(out, "\nNext: unleak prove --everything, with what was to be forgotten")
}
