//! `unleak rewrite`: plans a history that never held what is to be forgotten; with `--apply`, makes it true.

pub(crate) mod applying;
mod plan_file;
pub(crate) mod shown;
pub(crate) mod what;
pub(crate) mod working;

use std::path::PathBuf;
use std::sync::Arc;

use unleak_scan::Progress;

use crate::engine::stop_on_ctrl_c;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::terminal::Terminal;
use crate::{output, repo};

use plan_file::PlanFile;
use what::What;
use working::{Context, check, check_archives, nothing, work_out};

/// Plan a history that never held what is to be forgotten; with --apply, make it true
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  unleak rewrite --all-findings                 plan: what would change\n  unleak rewrite --apply                        carry that plan out\n  unleak rewrite --finding v1:3f2a --apply      plan and carry out at once\n  unleak rewrite --path config/.env             delete a file from every commit\n  unleak rewrite --replace-text passwords.txt   a value a line, as git-filter-repo reads them\n\nWithout --apply only the plan is written. What is applied can be undone (`unleak undo`) until it is\nmade final (`unleak purge`). Rotate what has leaked first: a rewritten history does not make a key safe."
)]
pub(crate) struct RewriteArgs {
    /// A folder in the repository
    #[arg(long, short = 'C', value_name = "FOLDER", default_value = ".", hide_default_value = true)]
    repository: PathBuf,
    #[command(flatten)]
    what: What,
    /// Carry out this plan, or what is named, or else the last plan
    #[arg(long, value_name = "PLAN", num_args = 0..=1, help_heading = "How")]
    #[expect(clippy::option_option, reason = "not given, given, and given with a plan")]
    apply: Option<Option<PathBuf>>,
    /// Where the plan is written [default: unleak/plan.json in the git directory]
    #[arg(long, value_name = "FILE", help_heading = "How")]
    plan: Option<PathBuf>,
    /// Where the backup is made, a folder that is not there yet, or `none` [default: beside the repository]
    #[arg(long, value_name = "FOLDER", help_heading = "How")]
    backup: Option<PathBuf>,
    /// Go on although this is refused; may be given several times
    #[arg(long, value_name = "NAME", help_heading = "How")]
    allow: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(
    args: &RewriteArgs,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitStatus, CliError> {
    let repository = repo::need(&args.repository, environment)?;
    let progress = Arc::new(Progress::default());
    stop_on_ctrl_c(&progress)?;
    let context = Context::of_everything(&repository, environment, terminal, &progress);
    match &args.apply {
        None => plan(args, &context),
        Some(file) if args.what.is_nothing() => {
            let path = file.clone().unwrap_or_else(|| plan_file::default_path(&repository));
            let plan = PlanFile::read(&environment.current_dir.join(path), &repository)?;
            let allow = [plan.allow.as_slice(), &args.allow].concat();
            let wanted = plan.asked.read(&repository, environment, terminal, &progress)?;
            let how = (args.backup.as_deref(), &plan.asked);
            applying::apply(&context, &wanted, how, &allow, Some(&plan))
        }
        Some(Some(_)) => Err(CliError::new("a plan says itself what is to be forgotten")
            .hint("unleak rewrite --apply PLAN")
            .hint("unleak rewrite --finding FINGERPRINT --apply")),
        Some(None) => {
            let wanted = args.what.read(&repository, environment, terminal, &progress)?;
            applying::apply(&context, &wanted, (args.backup.as_deref(), &args.what), &args.allow, None)
        }
    }
}

fn plan(args: &RewriteArgs, context: &Context<'_>) -> Result<ExitStatus, CliError> {
    let Context { repository, environment, terminal, progress, .. } = *context;
    let wanted = args.what.read(repository, environment, terminal, progress)?;
    applying::refuse(context, &wanted, &args.allow)?;
    let rewritten = work_out(context, &wanted.forget, false)?;
    let changes = !rewritten.change.refs.is_empty();
    if !changes {
        check_archives(&rewritten.effects, &args.allow)?;
        output::print(|out| {
            nothing(out, &rewritten)?;
            shown::unread(out, &rewritten.effects.archives)
        })?;
        return Ok(ExitStatus::Clean);
    }
    check(&rewritten, &args.allow)?;
    let path = args.plan.as_ref().map(|path| environment.current_dir.join(path));
    let path = path.unwrap_or_else(|| plan_file::default_path(repository));
    PlanFile::new(repository, &args.what, &args.allow, &rewritten.change.refs).write(&path)?;
    output::print(|out| {
        shown::plan(out, &wanted, &rewritten)?;
        let next = if args.plan.is_some() { format!(" {}", path.display()) } else { String::new() };
        writeln!(out, "\nNothing has changed yet. Next: unleak rewrite --apply{next}")
    })?;
    Ok(ExitStatus::Clean)
}
