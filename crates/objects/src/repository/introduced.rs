//! What a commit brings that none of its parents has.

use bstr::{BStr, BString};
use gix_hash::ObjectId;

use super::{
    commit::read_commit,
    handle::Repository,
    mode::EntryMode,
    objects::{ObjectError, ObjectReader},
    tree_diff::differences,
};

/// A file that differs from that of every parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From the top of the tree.
    pub path: BString,
    /// The new blob. Equal to an old one if only the mode changed.
    pub id: ObjectId,
    /// What it is now.
    pub mode: EntryMode,
    /// For every parent, in order: the blob that it has at that path.
    pub old: Vec<Option<ObjectId>>,
}

/// What one commit introduces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Added and changed files and symbolic links, by path.
    pub files: Vec<Change>,
    /// Paths of added and changed submodules, sorted.
    pub submodules: Vec<BString>,
}

impl Repository {
    /// What a commit introduces: files that differ from those of all its parents, everything for one without
    /// parents. Renames count as additions, deletions as nothing. As elsewhere, a commit that a shallow clone has
    /// cut off has no parents. Whoever asks for many commits takes [`ObjectReader::changed_blobs`].
    pub fn changed_blobs(&self, commit: &ObjectId) -> Result<Changes, ObjectError> {
        let shallow = self.shallow_commits().is_ok_and(|ids| ids.binary_search(commit).is_ok());
        self.reader().changed_blobs(commit, shallow)
    }

    /// Every file of a tree, by path. Paths begin with `prefix`, which is empty or ends in `/`.
    pub fn files_of_tree(
        &self,
        tree: ObjectId,
        prefix: &BStr,
    ) -> Result<Vec<(BString, ObjectId, EntryMode)>, ObjectError> {
        let mut files = Vec::new();
        differences(&self.reader(), prefix, tree, &[], &mut |found| {
            files.push((found.path, found.id, found.mode));
        })?;
        files.sort_unstable();
        Ok(files)
    }
}

impl ObjectReader {
    /// See [`Repository::changed_blobs`]; `no_parents` for a commit whose parents are cut off.
    pub fn changed_blobs(&self, commit: &ObjectId, no_parents: bool) -> Result<Changes, ObjectError> {
        let mut buffer = Vec::new();
        let header = read_commit(self, commit, &mut buffer)?;
        let mut parents = Vec::with_capacity(header.parents.len());
        for parent in header.parents.iter().filter(|_| !no_parents) {
            parents.push(Some(read_commit(self, parent, &mut buffer)?.tree));
        }
        let mut changes = Changes::default();
        differences(self, BStr::new(""), header.tree, &parents, &mut |found| {
            if found.mode == EntryMode::Gitlink {
                changes.submodules.push(found.path);
            } else {
                changes.files.push(Change {
                    path: found.path,
                    id: found.id,
                    mode: found.mode,
                    old: found.old,
                });
            }
        })?;
        changes.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        changes.submodules.sort_unstable();
        Ok(changes)
    }
}
