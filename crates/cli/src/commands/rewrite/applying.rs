//! Makes a rewrite true: refusals, new objects, proof, refs, proof again, and what to do next.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use unleak_objects::repository::{RefTrouble, Repository};
use unleak_remediate::{
    Applied, ApplyOptions, Forget, Proof, Prover, RefUpdate, Rewritten, Scope, Starts, State,
    apply as carry_out, dirty_holders, obstacles, prove_unpushed,
};
use unleak_report::counted;

use crate::banned;
use crate::commands::prove;
use crate::commands::runbook::kept;
use crate::environment::Environment;
use crate::error::CliError;
use crate::exit_code::ExitStatus;
use crate::output;

use super::plan_file::{self, PlanFile};
use super::shown;
use super::what::{Wanted, What};
use super::working::{ARCHIVES, Context, Reach, check, left_alone, nothing, work_out, work_out_unpushed};

/// Refuses while the repository is in no state to be rewritten.
pub(crate) fn refuse(context: &Context<'_>, wanted: &Wanted, allow: &[String]) -> Result<(), CliError> {
    let git = context.environment.git();
    let unknown = |error| CliError::acting("the state of the repository is not known", error, "git status");
    let is_allowed = |name: &str| allow.iter().any(|allowed| allowed == name);
    let found = obstacles(context.repository, &git).map_err(unknown)?;
    if let Some(obstacle) =
        found.iter().find(|obstacle| !obstacle.can_be_allowed || !is_allowed(obstacle.name))
    {
        let mut error =
            CliError::new(format!("{} [{}]", obstacle.message, obstacle.name)).hint(obstacle.remedy.clone());
        if obstacle.name == "unfinished" {
            error = error.hint("unleak undo --unfinished");
        }
        if obstacle.can_be_allowed {
            error = error.hint(format!("unleak rewrite … --allow {}", obstacle.name));
        }
        return Err(error);
    }
    let Some(text) = wanted.forget.text.as_ref().filter(|_| !is_allowed(EDITED)) else { return Ok(()) };
    let holders = dirty_holders(context.repository, &git, &|bytes| text.finds(bytes)).map_err(unknown)?;
    let Some(file) = holders.first() else { return Ok(()) };
    let path = unleak_report::harmless(&file.path);
    let more = if holders.len() > 1 { format!(" and {} more", holders.len() - 1) } else { String::new() };
    Err(CliError::new(format!(
        "{path} in {}{more} has changes that are not committed, and holds what is to be forgotten [{EDITED}]",
        file.top.display()
    ))
    .hint("take it out of the file")
    .hint(format!("unleak rewrite … --allow {EDITED}")))
}

/// What lifts the refusal of files with changes that hold what is to be forgotten.
const EDITED: &str = "edited-files";

/// Carries out what is wanted; `plan` is what has been promised.
pub(super) fn apply(
    context: &Context<'_>,
    wanted: &Wanted,
    (backup, asked): (Option<&Path>, &What),
    allow: &[String],
    plan: Option<&PlanFile>,
) -> Result<ExitStatus, CliError> {
    let promised = |refs: &[RefUpdate]| plan.map_or(Ok(()), |plan| plan.check(refs));
    let expected = |rewritten: &Rewritten| promised(&rewritten.change.refs);
    let done = carry(context, wanted, (backup, asked), allow, &expected)?;
    if plan.is_some() && done != Done::Nothing {
        // What is done is planned no more.
        drop(std::fs::remove_file(plan_file::default_path(context.repository)));
    }
    let next =
        "Next:  rotate what leaked (unleak runbook), then: unleak push; make it final with: unleak purge";
    if done != Done::Nothing {
        output::print(|out| writeln!(out, "{next}"))?;
    }
    Ok(done.status())
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Nothing of it was there.
    Nothing,
    /// History is rewritten, and the proof holds for so much of it.
    Proved(Reach),
    /// History is rewritten, and something is left.
    Left,
}

impl Done {
    /// The exit code.
    pub(crate) fn status(self) -> ExitStatus {
        if self == Self::Left { ExitStatus::Findings(1) } else { ExitStatus::Clean }
    }
}

/// Rewrites, if the result is as `expected`.
pub(crate) fn carry(
    context: &Context<'_>,
    wanted: &Wanted,
    (backup, asked): (Option<&Path>, &What),
    allow: &[String],
    expected: &dyn Fn(&Rewritten) -> Result<(), CliError>,
) -> Result<Done, CliError> {
    let Context { repository, environment, .. } = *context;
    refuse(context, wanted, allow)?;
    let narrow = match context.reach {
        Reach::Unpushed => work_out_unpushed(context, &wanted.forget)?,
        Reach::Everything => None,
    };
    let reach = if narrow.is_some() { Reach::Unpushed } else { Reach::Everything };
    let rewritten = narrow.map_or_else(|| work_out(context, &wanted.forget, true), Ok)?;
    let checked = check(&rewritten, allow).and_then(|()| expected(&rewritten));
    if let Err(error) = checked {
        remove_pack(&rewritten);
        return Err(error);
    }
    if rewritten.change.refs.is_empty() {
        remove_pack(&rewritten);
        output::print(|out| nothing(out, &rewritten))?;
        return Ok(Done::Nothing);
    }
    output::print(|out| shown::plan(out, wanted, &rewritten))?;
    let archives_may_hold = allow.iter().any(|name| name == ARCHIVES);
    let prover =
        Proving { context, forget: &wanted.forget, reach, archives_may_hold, all: RefCell::new(None) };
    let asked = serde_json::to_string(&asked.kept(wanted, environment)).ok();
    let applied = carry_out_with_proof(context, &wanted.forget, &rewritten, (backup, asked), &prover);
    if applied.is_err() {
        remove_pack(&rewritten);
    }
    let applied = applied?;
    let proof = Starts::read(repository).map_err(Failure::from).and_then(|starts| prover.prove(starts, true));
    let proof = proof.map_err(|error| {
        CliError::new("the new history is in place, and could not be proved")
            .caused_by(error)
            .hint("unleak prove")
    })?;
    prove::write_certificate(repository, &proof, &wanted.forget)?;
    kept::remember(repository, wanted.leaks.clone())?;
    banned::write(repository)?;
    output::print(|out| done(out, &applied, &proof))?;
    Ok(if proof.holds() { Done::Proved(reach) } else { Done::Left })
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The proof, made twice: before the refs move and afterwards.
struct Proving<'a> {
    context: &'a Context<'a>,
    forget: &'a Forget,
    reach: Reach,
    /// Whether refs may move although archives hold something.
    archives_may_hold: bool,
    /// Every object is looked at once.
    all: RefCell<Option<Prover<'a>>>,
}

impl Proving<'_> {
    fn prove(&self, starts: (Starts, Vec<RefTrouble>), indexes: bool) -> Result<Proof, Failure> {
        let Context { repository, environment, terminal, progress, .. } = *self.context;
        if self.reach == Reach::Unpushed {
            return Ok(prove_unpushed(repository, &environment.git(), self.forget, starts, indexes)?);
        }
        let mut all = self.all.borrow_mut();
        let prover = match all.take() {
            Some(prover) => prover,
            None => prove::look(repository, self.forget, progress, terminal)?,
        };
        Ok(all.insert(prover).prove(repository, starts, Scope::Reachable, indexes)?)
    }
}

fn carry_out_with_proof(
    context: &Context<'_>,
    forget: &Forget,
    rewritten: &Rewritten,
    (backup, asked): (Option<&Path>, Option<String>),
    proving: &Proving<'_>,
) -> Result<Applied, CliError> {
    let Context { repository, environment, progress, .. } = *context;
    let options = ApplyOptions {
        backup: backup_path(repository, environment, backup),
        now: Environment::now().timestamp().as_second(),
        reports: true,
        deleted: &|path| forget.paths.as_ref().is_some_and(|paths| paths.deletes(path)),
        asked,
    };
    let mut prove = || -> Result<(), Failure> {
        let (starts, troubles) = Starts::read(repository)?;
        let after = starts.after(&rewritten.change.refs);
        let proof = proving.prove((after, troubles), false)?;
        let holds = proof.holds() || proving.archives_may_hold && proof.holds_but_in_archives();
        if holds { Ok(()) } else { Err(prove::in_words(&proof).into()) }
    };
    let mut watch = |_: State| {
        let stop = progress.stop.load(std::sync::atomic::Ordering::Relaxed);
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    carry_out(repository, &environment.git(), &rewritten.change, &options, &mut prove, &mut watch).map_err(
        |error| {
            let message = "the new history did not take the place of the old one";
            CliError::acting(message, error, "unleak rewrite …")
        },
    )
}

/// A folder beside the repository, named after the moment, unless the user says otherwise.
fn backup_path(repository: &Repository, environment: &Environment, asked: Option<&Path>) -> Option<PathBuf> {
    if asked == Some(Path::new("none")) {
        return None;
    }
    if let Some(asked) = asked {
        return Some(environment.current_dir.join(asked));
    }
    let top = repository.work_dir().unwrap_or_else(|| repository.common_dir());
    let mut name = top.file_name().unwrap_or_default().to_owned();
    name.push(format!(".unleak-backup-{}", Environment::now().strftime("%Y%m%d-%H%M%S")));
    // Two rewrites may fall into one second.
    let numbered = (1u32..).map(|number| {
        let mut name = name.clone();
        if number > 1 {
            name.push(format!("-{number}"));
        }
        top.with_file_name(name)
    });
    numbered.into_iter().find(|path| path.symlink_metadata().is_err())
}

fn remove_pack(rewritten: &Rewritten) {
    if let Some(pack) = &rewritten.change.pack {
        // `git gc` removes what cannot be removed now.
        drop(std::fs::remove_file(&pack.pack));
        drop(std::fs::remove_file(&pack.index));
    }
}

fn done(out: &mut dyn std::io::Write, applied: &Applied, proof: &Proof) -> std::io::Result<()> {
    writeln!(out)?;
    if proof.holds() {
        let objects = counted(proof.visited.objects(), "objects");
        let where_ = match proof.scope {
            Scope::Unpushed => "what has not been pushed, by commits or in an index",
            _ => "anything that a ref, reflog or index leads to",
        };
        writeln!(out, "Done, and proved: nothing of it is left in {where_}")?;
        writeln!(out, "({objects} looked at).")?;
    } else {
        writeln!(out, "Done, but the proof fails:")?;
        writeln!(out, "  {}", prove::in_words(proof))?;
    }
    shown::unread(out, &proof.unread)?;
    left_alone(out, &applied.left_alone)?;
    if let Some(backup) = &applied.backup {
        writeln!(out, "\nThe old history is in {}: it holds the secrets.", backup.display())?;
    }
    writeln!(out, "\nBack:  unleak undo")
}
