//! What becomes of the objects that reflogs name, kept with a run: lines of two ids, the second zeros for what is gone.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use bstr::ByteSlice as _;
use gix_hash::{Kind, ObjectId};

use crate::change::{Change, Fate};
use crate::durable::{FileError, Mode, read, replace};

const NAME: &str = "map";

/// Commits, tags and whatever else a ref or a reflog names, old to new.
#[derive(Debug, Default)]
pub(crate) struct CommitFates {
    forward: HashMap<ObjectId, ObjectId>,
    back: HashMap<ObjectId, ObjectId>,
}

impl CommitFates {
    /// Writes those of a change: all commits, the refs, and of what reflogs name what changes.
    pub(crate) fn save(
        change: &Change,
        in_reflogs: &[ObjectId],
        run_folder: &Path,
        kind: Kind,
    ) -> Result<(), FileError> {
        let null = ObjectId::null(kind);
        let logged = in_reflogs.iter().filter_map(|id| match change.objects.fate(id) {
            Fate::Same => None,
            Fate::Replaced(new) => Some((*id, new)),
            Fate::Gone => Some((*id, null)),
        });
        let refs = change.refs.iter().map(|update| (update.old, update.new.unwrap_or(null)));
        let commits = change.commits.iter().map(|(old, new)| (*old, new.unwrap_or(null)));
        // What is said of an object counts more than where a ref goes when its object is gone.
        let all: BTreeMap<ObjectId, ObjectId> = refs.chain(logged).chain(commits).collect();
        let lines = all.iter().filter(|(old, new)| old != new).map(|(old, new)| format!("{old} {new}\n"));
        replace(&run_folder.join(NAME), lines.collect::<String>().as_bytes(), Mode::Private)
    }

    /// Reads them back.
    pub(crate) fn load(run_folder: &Path) -> Result<Self, FileError> {
        let bytes = read(&run_folder.join(NAME))?.unwrap_or_default();
        let mut fates = Self::default();
        for (old, new) in bytes.lines().filter_map(|line| line.split_once_str(" ")) {
            let (Ok(old), Ok(new)) = (ObjectId::from_hex(old), ObjectId::from_hex(new)) else { continue };
            fates.forward.insert(old, new);
            if !new.is_null() {
                fates.back.insert(new, old);
            }
        }
        Ok(fates)
    }

    /// Everything that changes, as it was.
    pub(crate) fn changed(&self) -> Vec<ObjectId> {
        let mut changed: Vec<ObjectId> = self.forward.keys().copied().collect();
        changed.sort_unstable();
        changed
    }

    pub(crate) fn forward(&self, id: &ObjectId) -> Fate {
        match self.forward.get(id) {
            None => Fate::Same,
            Some(new) if new.is_null() => Fate::Gone,
            Some(new) => Fate::Replaced(*new),
        }
    }

    pub(crate) fn back(&self, id: &ObjectId) -> Fate {
        self.back.get(id).map_or(Fate::Same, |old| Fate::Replaced(*old))
    }
}
