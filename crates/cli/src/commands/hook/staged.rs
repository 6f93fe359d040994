//! `pre-commit` and `pre-merge-commit`: what is staged, against every parent the commit will have, and the commits that a
//! merge brings in and no remote has yet.

use unleak_findings::ObjectId;
use unleak_gates::Hook;
use unleak_objects::repository::{RefClass, Repository};
use unleak_scan::{CommitsToScan, Selection};

use super::call::{Call, Seen};
use crate::error::CliError;
use crate::trusted::Trusted;

/// Looks at what the next commit would add.
pub(super) fn look(call: &Call<'_>) -> Result<Seen, CliError> {
    let repository = call.repository;
    if repository.work_dir().is_none() && call.environment.index_file.is_none() {
        return Err(CliError::new(format!(
            "hook {}: '{}' is a bare repository and has no index",
            call.hook.name(),
            repository.git_dir().display()
        ))
        .hint("a server's hook is pre-receive: unleak install --hook pre-receive"));
    }
    let gate = call.here(&Trusted::head(repository)?)?;
    let merged = merged(call)?;
    let range = if merged.is_empty() { None } else { Some(incoming(repository, &merged)?) };
    let index_file = call.environment.index_file.clone();
    let selection = Selection { staged: true, merged, index_file, range, ..Selection::default() };
    let (outcome, failures) = gate.scan(repository, &selection, call.progress);
    Ok(Seen { gate, outcome, failures, refusals: Vec::new() })
}

/// The commits that a merge in progress brings in.
fn merged(call: &Call<'_>) -> Result<Vec<ObjectId>, CliError> {
    let mut heads = call.repository.merge_heads().map_err(|error| {
        CliError::new("it is not known what is merged").caused_by(error).hint("git merge --abort")
    })?;
    if call.hook == Hook::PreMergeCommit {
        let said = call.environment.merged();
        heads.extend(said.iter().filter_map(|hex| ObjectId::from_hex(hex.as_bytes()).ok()));
    }
    heads.sort_unstable();
    heads.dedup();
    // What is no commit here cannot have been there before: without it more counts as new.
    heads.retain(|id| call.repository.commit_tree(id).is_ok());
    Ok(heads)
}

/// The commits of `merged` that neither this branch nor any remote has.
fn incoming(repository: &Repository, merged: &[ObjectId]) -> Result<CommitsToScan, CliError> {
    let fail = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::new("it is not known what the merge brings in").caused_by(error).hint("git fsck")
    };
    let (mut tips, _) = repository.tips().map_err(|error| fail(error.into()))?;
    tips.retain(|tip| tip.class == RefClass::RemoteTracking);
    let mut exclude = unleak_gates::known_to_repository(repository, &tips);
    exclude.extend(repository.head_commit().map_err(|error| fail(error.into()))?);
    Ok(CommitsToScan {
        include: merged.to_vec(),
        exclude,
        name: "of the merge".to_owned(),
        only_brought: true,
        ..CommitsToScan::default()
    })
}
