//! Which commits a push brings: those that its new tips reach and that are not there yet.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::{ObjectError, ObjectReader, Repository, Tip};

use crate::ref_update::RefUpdate;

/// What refs that are about to be written bring with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The commits that the new tips lead to. Sorted.
    pub include: Vec<ObjectId>,
    /// Commits that are known to be there already, and perhaps trees and blobs. Sorted.
    pub exclude: Vec<ObjectId>,
    /// Every ref that gets a value, with it: a commit, an annotated tag, a tree or a blob.
    pub refs: Vec<(BString, ObjectId)>,
}

/// Why it is not known what comes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BringsError {
    /// A new value cannot be read.
    #[error("what {name} is to become cannot be read")]
    Target {
        /// The ref.
        name: BString,
        /// Which object, and why.
        source: ObjectError,
    },
}

/// What `updates` bring to a place that has what `known` reach, and the old values of the refs. Refs that are deleted
/// bring nothing. An old value that is not here leaves nothing out: then more counts as new, never less.
pub fn brought(
    repository: &Repository,
    updates: &[RefUpdate],
    known: &[ObjectId],
) -> Result<Brought, BringsError> {
    let reader = repository.reader();
    let (mut include, mut exclude) = (BTreeSet::new(), known.iter().copied().collect::<BTreeSet<_>>());
    let mut refs = Vec::new();
    for update in updates {
        let Some(new) = update.new else { continue };
        let fail = |source| BringsError::Target { name: update.name.clone(), source };
        let peeled = reader.peel(&new).map_err(fail)?;
        if peeled.kind == Kind::Commit {
            include.insert(peeled.id);
        }
        exclude.extend(update.old.and_then(|old| commit_of(&reader, &old)));
        refs.push((update.name.clone(), new));
    }
    Ok(Brought { include: include.into_iter().collect(), exclude: exclude.into_iter().collect(), refs })
}

/// The commits that this clone knows `remote` to have: those of `refs/remotes/<remote>/`. None for a remote that has no
/// name, only an address, and none for one that is pushed to at another address than it is fetched from.
pub fn known_to_remote(repository: &Repository, tips: &[Tip], remote: &[u8]) -> Vec<ObjectId> {
    if remote.is_empty() || repository.has_push_address(remote.as_bstr()) {
        return Vec::new();
    }
    let prefix = |name: &[u8]| [b"refs/remotes/", name, b"/"].concat();
    let own = prefix(remote);
    // Another remote may be called `origin/fork`.
    let others = repository.remotes().into_iter().map(|name| prefix(&name));
    let others: Vec<Vec<u8>> = others.filter(|other| *other != own && other.starts_with(&own)).collect();
    let is_its =
        |tip: &&Tip| tip.name.starts_with(&own) && !others.iter().any(|other| tip.name.starts_with(other));
    known(repository, tips.iter().filter(is_its))
}

/// A branch among `updates` that this clone tracks, and of which `remote` says that it is not there. Then what was fetched
/// says nothing about what is there: the branch was deleted, or the remote is at another address by now.
pub fn gone_from_remote<'u>(tips: &[Tip], remote: &[u8], updates: &'u [RefUpdate]) -> Option<&'u BString> {
    let is_gone = |update: &&RefUpdate| update.old.is_none() && tracked(tips, remote, &update.name).is_some();
    updates.iter().find(is_gone).map(|update| &update.name)
}

/// Where the branch `name` of `remote` was when it was last fetched or pushed; `None` if this clone does not track it.
pub(crate) fn tracked(tips: &[Tip], remote: &[u8], name: &BString) -> Option<ObjectId> {
    let branch = name.strip_prefix(b"refs/heads/")?;
    let tracking = [b"refs/remotes/", remote, b"/", branch].concat();
    tips.iter().find(|tip| tip.name.as_bytes() == tracking).map(|tip| tip.target)
}

/// The commits that this repository has under a ref, whatever its name. What only `HEAD`s and operations in progress
/// know counts as new.
pub fn known_to_repository(repository: &Repository, tips: &[Tip]) -> Vec<ObjectId> {
    known(repository, tips.iter().filter(|tip| tip.name.starts_with_str("refs/")))
}

fn known<'t>(repository: &Repository, tips: impl Iterator<Item = &'t Tip>) -> Vec<ObjectId> {
    let reader = repository.reader();
    // What is known to be no tag is not looked up: a server has a ref for every change there ever was.
    let commit = |tip: &Tip| tip.peeled.or_else(|| commit_of(&reader, &tip.target));
    // Tags and branches may lead to the same one.
    let commits: BTreeSet<ObjectId> = tips.filter_map(commit).collect();
    commits.into_iter().collect()
}

fn commit_of(reader: &ObjectReader, id: &ObjectId) -> Option<ObjectId> {
    reader.peel(id).ok().filter(|peeled| peeled.kind == Kind::Commit).map(|peeled| peeled.id)
}
