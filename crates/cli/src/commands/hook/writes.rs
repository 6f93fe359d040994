//! Hooks of pushes and of writes of refs: which commits come that are not there yet.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};

use bstr::ByteSlice as _;
use unleak_findings::ObjectId;
use unleak_gates::{
    Hook, RefUpdate, brought, gone_from_remote, known_to_remote, known_to_repository, read_pre_push,
    read_pre_receive, read_transaction, read_update,
};
use unleak_objects::repository::{RefClass, Tip};
use unleak_scan::{BroughtRef, CommitsToScan};

use super::call::{Call, Seen};
use super::lease;
use crate::error::CliError;
use crate::gate::{self, Gate};
use crate::trusted::Trusted;

/// `pre-push`. Nothing if nothing is brought.
pub(super) fn pushed(
    call: &Call<'_>,
    remote: Option<&OsStr>,
    stdin: &[u8],
) -> Result<Option<Seen>, CliError> {
    let (updates, remote) = match remote {
        Some(remote) => {
            let updates = read_pre_push(stdin, call.repository.hash_kind());
            (updates.map_err(|error| unread(call.hook, error))?, remote.as_encoded_bytes().to_vec())
        }
        None => by_pre_commit(call)?,
    };
    if updates.iter().all(|update| update.new.is_none()) {
        return Ok(None);
    }
    let tips = tips(call)?;
    let known = match gone_from_remote(&tips, &remote, &updates) {
        None => known_to_remote(call.repository, &tips, &remote),
        Some(branch) => {
            let remote = remote.to_str_lossy();
            call.terminal.note(&format!(
                "{branch} is not there, and this clone saw it there: what it knows of {remote} is out of date and does \
                 not count; if only branches were deleted: git fetch --prune {remote}"
            ));
            Vec::new()
        }
    };
    let range = range(call, &updates, &known)?;
    let bases = bases(call, &tips, &remote, &updates);
    let mut gate = call.here(&base_of(call, &bases)?)?;
    // A branch may be older than the list of what must not come back.
    for base in &bases {
        gate.ban_too(call.repository, &trusted(call, base)?)?;
    }
    let mut seen = look(call, gate, range)?;
    seen.refusals.extend(lease::refusals(call, &tips, &remote, &updates)?);
    Ok(Some(seen))
}

/// `pre-receive`.
pub(super) fn received(call: &Call<'_>, stdin: &[u8]) -> Result<Option<Seen>, CliError> {
    let updates = read_pre_receive(stdin, call.repository.hash_kind());
    written(call, &updates.map_err(|error| unread(call.hook, error))?, is_accepted, Call::elsewhere)
}

/// `update`.
pub(super) fn updated(call: &Call<'_>, [name, old, new]: [&OsString; 3]) -> Result<Option<Seen>, CliError> {
    let update = read_update(
        name.as_encoded_bytes(),
        old.as_encoded_bytes(),
        new.as_encoded_bytes(),
        call.repository.hash_kind(),
    );
    written(call, &[update.map_err(|error| unread(call.hook, error))?], is_accepted, Call::elsewhere)
}

/// On a server: what a host keeps elsewhere (requests, keep-around) is no branch that anyone has agreed to, and may be what
/// was removed from the branches.
fn is_accepted(class: RefClass) -> bool {
    matches!(class, RefClass::Branch | RefClass::Tag)
}

/// `reference-transaction`: branches and tags only. What else is written publishes nothing, and nobody has looked at it:
/// a stash that becomes a branch is new.
pub(super) fn transacted(call: &Call<'_>, stdin: &[u8]) -> Result<Option<Seen>, CliError> {
    let updates = read_transaction(stdin, call.repository.hash_kind());
    let mut updates = updates.map_err(|error| unread(call.hook, error))?;
    updates
        .retain(|update| update.name.starts_with(b"refs/heads/") || update.name.starts_with(b"refs/tags/"));
    let scanned = |class| matches!(class, RefClass::Branch | RefClass::Tag | RefClass::RemoteTracking);
    written(call, &updates, scanned, |call| call.here(&Trusted::head(call.repository)?))
}

/// What `updates` bring to this repository, where refs of the classes that `counts` says yes to have been looked at.
fn written<'a>(
    call: &Call<'a>,
    updates: &[RefUpdate],
    counts: impl Fn(RefClass) -> bool,
    gate: impl FnOnce(&Call<'a>) -> Result<Gate, CliError>,
) -> Result<Option<Seen>, CliError> {
    if updates.iter().all(|update| update.new.is_none()) {
        return Ok(None);
    }
    let mut tips = tips(call)?;
    tips.retain(|tip| counts(tip.class));
    let known = known_to_repository(call.repository, &tips);
    let range = range(call, updates, &known)?;
    look(call, gate(call)?, range).map(Some)
}

fn look(call: &Call<'_>, gate: Gate, range: CommitsToScan) -> Result<Seen, CliError> {
    let refusals = gate.banned(call.repository, &range)?.into_iter().collect();
    let (outcome, failures) = gate.scan(call.repository, &gate::of_range(range), call.progress);
    Ok(Seen { gate, outcome, failures, refusals })
}

fn tips(call: &Call<'_>) -> Result<Vec<Tip>, CliError> {
    let tips = call.repository.tips().map_err(|error| {
        CliError::new("the refs of this repository cannot be listed").caused_by(error).hint("git fsck")
    })?;
    Ok(tips.0)
}

fn range(call: &Call<'_>, updates: &[RefUpdate], known: &[ObjectId]) -> Result<CommitsToScan, CliError> {
    let brought = brought(call.repository, updates, known).map_err(|error| {
        let hint = if call.repository.is_shallow() { "git fetch --unshallow" } else { "git fsck" };
        CliError::new(format!("it is not known what comes: the {} is refused", call.hook.refuses()))
            .caused_by(error)
            .hint(hint)
    })?;
    let refs = brought.refs.into_iter().map(|(name, target)| BroughtRef { name, target });
    Ok(CommitsToScan {
        include: brought.include,
        exclude: brought.exclude,
        name: format!("of this {}", call.hook.refuses()),
        brought: refs.collect(),
        only_brought: true,
        ..CommitsToScan::default()
    })
}

/// What the remote has, as far as it is known here: of the refs that are pushed, then of its default branch.
fn bases(call: &Call<'_>, tips: &[Tip], remote: &[u8], updates: &[RefUpdate]) -> Vec<ObjectId> {
    let head = [b"refs/remotes/", remote, b"/HEAD"].concat();
    let fetched = tips.iter().find(|tip| tip.name == head).map(|tip| tip.target);
    let old = updates.iter().filter(|update| update.new.is_some()).filter_map(|update| update.old);
    let mut seen = HashSet::new();
    let known = |id: &ObjectId| seen.insert(*id) && call.repository.commit_tree(id).is_ok();
    old.chain(fetched).filter(known).collect()
}

/// Whose configuration counts for a push: what the remote has, where that is known; else this branch's.
fn base_of<'a>(call: &Call<'a>, bases: &[ObjectId]) -> Result<Trusted<'a>, CliError> {
    bases.first().map_or_else(|| Trusted::head(call.repository), |base| trusted(call, base))
}

fn trusted<'a>(call: &Call<'a>, base: &ObjectId) -> Result<Trusted<'a>, CliError> {
    Trusted::commit(call.repository, Some(base), &base.to_hex_with_len(10).to_string())
}

/// pre-commit reads what git says by itself and hands on the first ref only, in variables.
fn by_pre_commit(call: &Call<'_>) -> Result<(Vec<RefUpdate>, Vec<u8>), CliError> {
    let get = |name: &str| call.environment.variable(name);
    let (Some(_), Some(remote)) = (get("PRE_COMMIT"), get("PRE_COMMIT_REMOTE_NAME")) else {
        return Err(CliError::new("hook pre-push was called without the name of the remote")
            .hint("hand on what git gives the hook: unleak hook pre-push \"$@\""));
    };
    let fail = |what: &str| {
        CliError::new(format!("pre-commit does not say what is pushed: {what}"))
            .hint("push with git, or install the gate itself: unleak install --hook pre-push")
    };
    let local = get("PRE_COMMIT_LOCAL_BRANCH").ok_or_else(|| fail("PRE_COMMIT_LOCAL_BRANCH is not set"))?;
    let name = get("PRE_COMMIT_REMOTE_BRANCH").ok_or_else(|| fail("PRE_COMMIT_REMOTE_BRANCH is not set"))?;
    let revision = get("PRE_COMMIT_TO_REF").unwrap_or_else(|| local.clone());
    let new = call.repository.resolve(&revision).map_err(|error| fail(&error.to_string()))?;
    let old = get("PRE_COMMIT_FROM_REF").and_then(|id| ObjectId::from_hex(id.as_bytes()).ok());
    call.terminal.note(
        "pre-commit shows only the first ref of a push; for all of them: unleak install --hook pre-push",
    );
    let update = RefUpdate { local: local.into(), name: name.into(), old, new: Some(new) };
    Ok((vec![update], remote.into_bytes()))
}

fn unread(hook: Hook, error: unleak_gates::InputError) -> CliError {
    CliError::new(format!(
        "hook {} was not called as git calls it: the {} is refused",
        hook.name(),
        hook.refuses()
    ))
    .caused_by(error)
    .hint("a hook that runs before it must hand on its input; to see what works: unleak install --check")
}
