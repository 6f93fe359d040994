//! What planning and applying share: working a rewrite out, and refusing what is likely not what was meant.

use std::io::{self, Write};
use std::sync::Arc;

use unleak_objects::ObjectStore;
use unleak_objects::repository::Repository;
use unleak_remediate::{
    Effects, Forget, LeftAlone, RewriteError, RewriteOptions, Rewritten, Starts, rewrite, rewrite_unpushed,
};
use unleak_scan::Progress;

use crate::engine::Engine;
use crate::environment::Environment;
use crate::error::CliError;
use crate::terminal::Terminal;

/// Where a command that rewrites stands.
pub(crate) struct Context<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) environment: &'a Environment,
    pub(crate) terminal: Terminal,
    pub(crate) progress: &'a Arc<Progress>,
    pub(crate) reach: Reach,
}

impl<'a> Context<'a> {
    pub(crate) fn of_everything(
        repository: &'a Repository,
        environment: &'a Environment,
        terminal: Terminal,
        progress: &'a Arc<Progress>,
    ) -> Self {
        Self { repository, environment, terminal, progress, reach: Reach::Everything }
    }
}

/// A replacement that matches a larger part of all blobs is a mistake more often than not.
const MANY_BLOBS: (u64, u64) = (5, 100);

/// Says that there is nothing to rewrite.
pub(crate) fn nothing(out: &mut dyn Write, rewritten: &Rewritten) -> io::Result<()> {
    let commits = rewritten.change.commits.len() as u64;
    writeln!(out, "Nothing of it stands in any of {}.", unleak_report::counted(commits, "commits"))?;
    if rewritten.effects.blobs_changed > 0 {
        let count = unleak_report::counted(rewritten.effects.blobs_changed, "objects");
        writeln!(out, "{count} that nothing leads to hold it; `unleak purge` removes them.")?;
    }
    Ok(())
}

/// How much of the repository is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Everything,
    /// What nobody else has.
    Unpushed,
}

/// Works out what would become of the repository.
pub(crate) fn work_out(context: &Context<'_>, forget: &Forget, write: bool) -> Result<Rewritten, CliError> {
    let (store, starts) = opened(context)?;
    context.progress.survey(store.packed_count());
    let _shown = context.terminal.show(context.progress);
    rewrite(&store, &starts, forget, options(context, write)).map_err(no_history)
}

/// Works out what would become of what nobody else has; `None` if everything must be looked at for that.
pub(super) fn work_out_unpushed(
    context: &Context<'_>,
    forget: &Forget,
) -> Result<Option<Rewritten>, CliError> {
    let (store, starts) = opened(context)?;
    let commits = starts.unpushed(context.repository).map_err(|error| {
        CliError::new("what has been pushed is not known").caused_by(error).hint("git fsck")
    })?;
    let Some(commits) = commits else { return Ok(None) };
    context.progress.survey(commits.len() as u64);
    let _shown = context.terminal.show(context.progress);
    rewrite_unpushed(&store, &starts, forget, &commits, options(context, true)).map_err(no_history)
}

fn opened(context: &Context<'_>) -> Result<(ObjectStore, Starts), CliError> {
    let repository = context.repository;
    let store = ObjectStore::open(repository.objects_dir(), repository.hash_kind())
        .map_err(|error| CliError::new("the objects cannot be read").caused_by(error).hint("git fsck"))?;
    let (starts, troubles) = Starts::read(repository)
        .map_err(|error| CliError::new("the refs cannot be read").caused_by(error).hint("git fsck"))?;
    match troubles.first() {
        Some(trouble) => Err(CliError::new(format!("ref {trouble}")).hint("git fsck --full")),
        None => Ok((store, starts)),
    }
}

fn options<'c>(context: &Context<'c>, write: bool) -> RewriteOptions<'c> {
    let progress = context.progress;
    let (threads, interrupt) = (Engine::all_threads(), &progress.stop);
    RewriteOptions { threads, interrupt, progress: Some(&progress.trees), write }
}

fn no_history(error: RewriteError) -> CliError {
    match error {
        RewriteError::Interrupted => CliError::interrupted(),
        error => CliError::new("no new history can be made").caused_by(error).hint("git fsck --full"),
    }
}

/// Refuses a result that is likely not what was meant.
pub(crate) fn check(rewritten: &Rewritten, allow: &[String]) -> Result<(), CliError> {
    if let Some(trouble) = rewritten.troubles.first() {
        let more = rewritten.troubles.len() - 1;
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        return Err(CliError::new(format!(
            "an object cannot be read, so nobody knows what it holds: {}{more}",
            crate::commands::prove::trouble(trouble)
        ))
        .hint("git fsck --full"));
    }
    let (effects, (part, whole)) = (&rewritten.effects, MANY_BLOBS);
    let many = effects.blobs_changed * whole > effects.visited.blobs * part && effects.blobs_changed > 20;
    if many && !allow.iter().any(|name| name == "many-files") {
        return Err(CliError::new(format!(
            "{} of {} versions of files would change, more than {part} in {whole}: is the value what you meant?",
            effects.blobs_changed, effects.visited.blobs
        ))
        .hint("unleak rewrite … --allow many-files"));
    }
    check_archives(effects, allow)
}

/// Refuses while an archive holds what is to be forgotten: nothing is replaced in it.
pub(super) fn check_archives(effects: &Effects, allow: &[String]) -> Result<(), CliError> {
    let mut held = effects.archives.iter().filter(|archive| archive.holds);
    if let Some(archive) = held.next().filter(|_| !allow.iter().any(|name| name == ARCHIVES)) {
        let (path, others) = (unleak_report::harmless(&archive.path), held.count());
        let more = if others > 0 { format!(" and {others} more") } else { String::new() };
        return Err(CliError::new(format!(
            "{path}{more}: a {} archive with it in it, and archives are not rewritten [{ARCHIVES}]",
            archive.packing
        ))
        .hint(format!("take it out of history as well: unleak rewrite … --blob {}", archive.id))
        .hint(format!("leave it, so that the proof fails: unleak rewrite … --allow {ARCHIVES}")));
    }
    Ok(())
}

/// What lifts the refusal of archives that hold what is to be forgotten.
pub(super) const ARCHIVES: &str = "archives";

/// Files that did not follow.
pub(crate) fn left_alone(out: &mut dyn Write, files: &LeftAlone) -> io::Result<()> {
    for (top, path) in &files.kept {
        let path = unleak_report::harmless(path);
        writeln!(out, "  still on disk, no longer tracked: {path} in {}", top.display())?;
    }
    for (top, path) in &files.edited {
        let path = unleak_report::harmless(path);
        writeln!(out, "  changed by you and left as it is: {path} in {}", top.display())?;
    }
    Ok(())
}
