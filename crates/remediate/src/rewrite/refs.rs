//! What leads into the object store, and where it leads afterwards.

use std::collections::{BTreeSet, HashSet};

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::Kind;
use unleak_objects::repository::{
    Peeled, RangeError, RefClass, RefTrouble, RefTroubleKind, RefsError, Repository,
};

use crate::change::{Fate, ObjectMap, RefUpdate};

/// Where a walk of history starts.
#[derive(Debug, Clone, Default)]
pub struct Starts {
    /// Refs that will be updated: no symbolic ones, and `HEAD`s only where they are detached; by name.
    pub refs: Vec<(BString, ObjectId)>,
    /// What else leads somewhere, such as reflogs: the name of the ref, and an id.
    pub others: Vec<(BString, ObjectId)>,
}

/// The folder of refs to notes.
const NOTES: &[u8] = b"refs/notes/";

/// The folder of refs by which one object stands for another.
const REPLACE: &[u8] = b"refs/replace/";

impl Starts {
    /// All refs, reflogs, and what operations left behind, of all worktrees.
    pub fn read(repo: &Repository) -> Result<(Self, Vec<RefTrouble>), RefsError> {
        let (tips, mut troubles) = repo.tips()?;
        let (reflogs, more) = repo.reflogs()?;
        troubles.extend(more);
        // A symbolic ref to a branch that is gone, as `refs/remotes/origin/HEAD` often is, leads nowhere.
        troubles.retain(|trouble| !matches!(trouble.kind, RefTroubleKind::DanglingSymbolic(_)));
        let mut starts = Self::default();
        for tip in tips {
            let is_ref = tip.symbolic.is_none() && is_updated(&tip.name);
            let list = if is_ref { &mut starts.refs } else { &mut starts.others };
            list.push((tip.name, tip.target));
        }
        starts.others.extend(reflogs.into_iter().map(|entry| (entry.name, entry.id)));
        Ok((starts, troubles))
    }

    /// What refs alone lead to once `updates` have been made.
    #[must_use]
    pub fn after(&self, updates: &[RefUpdate]) -> Self {
        let gone: HashSet<&BString> = updates.iter().map(|update| &update.name).collect();
        let mut refs: Vec<_> = self.refs.iter().filter(|(name, _)| !gone.contains(name)).cloned().collect();
        refs.extend(updates.iter().filter_map(|update| Some((update.name.clone(), update.new?))));
        Self { refs, others: Vec::new() }
    }

    /// The commits that nobody else has, for all that refs of remotes tell, and that anything of this repository but tags
    /// leads to; children first. `None` if something leads to what is no commit.
    pub fn unpushed(&self, repo: &Repository) -> Result<Option<Vec<ObjectId>>, RangeError> {
        let reader = repo.reader();
        let (mut own, mut shared) = (BTreeSet::new(), BTreeSet::new());
        for (name, id) in self.refs.iter().chain(&self.others) {
            let ids = match RefClass::of(name.as_ref()) {
                // Mostly it names what was pushed long ago, and history would be walked back to there.
                RefClass::Tag => continue,
                RefClass::RemoteTracking | RefClass::Pull => &mut shared,
                _ => &mut own,
            };
            match reader.peel(id) {
                Ok(Peeled { kind: Kind::Commit, id, .. }) => drop(ids.insert(id)),
                _ => return Ok(None),
            }
        }
        let [own, shared] = [own, shared].map(Vec::from_iter);
        Ok(Some(repo.commits_in_range(&own, &shared)?.commits))
    }

    /// Every id.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.refs.iter().chain(&self.others).map(|(_, id)| *id)
    }

    /// Every id that not only notes lead to.
    pub(crate) fn ids_but_notes(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.refs.iter().chain(&self.others).filter(|(name, _)| !is_notes(name)).map(|(_, id)| *id)
    }

    /// The refs that change if objects do.
    pub(crate) fn updates(&self, objects: &ObjectMap) -> Vec<RefUpdate> {
        let mut updates = Vec::new();
        for (name, old) in &self.refs {
            let new = match objects.fate(old) {
                Fate::Same => Some(*old),
                Fate::Replaced(new) => Some(new),
                Fate::Gone => None,
            };
            match moved(name, objects) {
                Some(new_name) => {
                    updates.push(RefUpdate { name: name.clone(), old: *old, new: None });
                    let old = ObjectId::null(old.kind());
                    updates.extend(new.map(|new| RefUpdate { name: new_name, old, new: Some(new) }));
                }
                None if new != Some(*old) => updates.push(RefUpdate { name: name.clone(), old: *old, new }),
                None => {}
            }
        }
        updates.sort_unstable();
        updates
    }
}

/// Whether a ref without a symbolic target is one that git's transactions can change.
fn is_updated(name: &[u8]) -> bool {
    let own = match name.strip_prefix(b"worktrees/") {
        Some(rest) => rest.find_byte(b'/').map_or(name, |slash| &rest[slash + 1..]),
        None => name,
    };
    own.starts_with(b"refs/") || own == b"HEAD" || own == b"ORIG_HEAD"
}

fn is_notes(name: &[u8]) -> bool {
    name.starts_with(NOTES)
}

/// The new name of a ref that says by its name what it stands for.
fn moved(name: &BString, objects: &ObjectMap) -> Option<BString> {
    let of = ObjectId::from_hex(name.strip_prefix(REPLACE)?).ok()?;
    let new = objects.new_id(&of)?;
    Some(BString::from([REPLACE, new.to_hex().to_string().as_bytes()].concat()))
}
