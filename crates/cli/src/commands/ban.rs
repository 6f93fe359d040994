//! `unleak ban`: the ban list for others: as a file to commit, or inside a `pre-receive` hook.

use std::path::PathBuf;

use unleak_runbook::pre_receive_hook;

use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::trusted::Trusted;
use crate::{banned, output, repo};

/// Print the list of ids that must never come back, or a pre-receive hook that refuses them
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The list holds ids of commits and blobs, no secrets. `unleak scan --range` and the gates refuse what is on this\nrepository's own list and on `.unleak-bans` at the top of the base's tree.\n\nExamples:\n  unleak ban --output .unleak-bans          to be committed\n  unleak ban --pre-receive > pre-receive    for the administrator of the server\n  unleak ban --check A..B                   would this range bring something back?"
)]
pub(crate) struct BanArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    /// A pre-receive hook for the server, with the list inside
    #[arg(long, conflicts_with = "check")]
    pre_receive: bool,
    /// Look whether commits that B reaches and A does not bring something back; exit 1 if they do
    #[arg(long, value_name = "A..B", conflicts_with = "output")]
    check: Option<String>,
    /// Write it to this file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &BanArgs, environment: &Environment) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let list = banned::list(&repository, &Trusted::top(&repository))?;
    if let Some(range) = &args.check {
        let resolve = |revision: &str| {
            let revision = if revision.is_empty() { "HEAD" } else { revision };
            repository.resolve(revision).map_err(|error| {
                CliError::new(format!("the revision '{revision}' is not known here"))
                    .caused_by(error)
                    .hint("git fetch")
            })
        };
        let (not, tip) = range.split_once("..").map_or((None, range.as_str()), |(a, b)| (Some(a), b));
        let not = not.map(resolve).transpose()?;
        return match banned::find(&repository, &list, &[resolve(tip)?], not.as_slice())? {
            None => Ok(ExitStatus::Clean),
            Some(banned) => {
                output::print(|out| writeln!(out, "{}", banned.refusal()))?;
                Ok(ExitStatus::Findings(1))
            }
        };
    }
    if list.is_empty() {
        return Err(CliError::new("nothing was removed from this history: there is nothing to ban")
            .hint("unleak rewrite --all-findings"));
    }
    let text = if args.pre_receive { pre_receive_hook(&list) } else { list.to_text() };
    let path = args.output.as_ref().map(|path| environment.current_dir.join(path));
    output::to(path.as_deref(), |out| out.write_all(text.as_bytes())).map_err(|error| {
        let name = path.as_deref().map_or("standard output".to_owned(), |path| path.display().to_string());
        CliError::new(format!("'{name}' cannot be written")).caused_by(error)
    })?;
    Ok(ExitStatus::Clean)
}
