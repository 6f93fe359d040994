//! What is staged: where the index differs from a tree, by id. No file of the worktree is looked at.
//!
//! The index is ordered as a tree's files are, so that both are walked at once, directory by directory. A directory
//! whose tree the index knows (its cached tree) and that has not changed is skipped.

use std::ops::Range;

use bstr::{BStr, BString, ByteSlice as _};
use gix::index::extension::Tree as CachedTree;
use gix_hash::ObjectId;

use super::{
    handle::Repository,
    index::{Index, IndexEntry},
    mode::EntryMode,
    objects::{ObjectError, ObjectReader},
    tree_diff::{TreeCursor, differences, read_tree},
};

/// A file that the index has otherwise than the tree, or in a conflict.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StagedChange {
    /// From the top of the worktree.
    pub path: BString,
    /// 0, or in a conflict: 1 the common ancestor's, 2 ours, 3 theirs.
    pub stage: u8,
    /// The blob in the index. Equal to the old one if only the mode changed, or in a conflict.
    pub new: ObjectId,
    /// What it is in the index.
    pub mode: EntryMode,
    /// The blob that the tree has at that path.
    pub old: Option<ObjectId>,
}

/// How an index differs from a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StagedChanges {
    /// Added files, changed ones, and all stages of those in conflict; by path and stage. No deleted ones.
    pub files: Vec<StagedChange>,
    /// Files that `git add --intent-to-add` announced: nothing of them is staged. Sorted.
    pub intent_to_add: Vec<BString>,
    /// Added and changed submodules. Sorted.
    pub submodules: Vec<BString>,
}

impl Repository {
    /// Compares the index with `base`, the tree of `HEAD` or, with `None`, the one without files.
    pub fn staged_changes(
        &self,
        index: &Index,
        base: Option<ObjectId>,
    ) -> Result<StagedChanges, ObjectError> {
        let mut walk = Walk { reader: self.reader(), index, changes: StagedChanges::default() };
        let root = Level {
            prefix: BString::default(),
            tree: base.unwrap_or_else(|| self.empty_tree()),
            entries: 0..index.len(),
            cached: index.state.tree(),
        };
        let mut pending = vec![root];
        let mut buffer = Vec::new();
        while let Some(level) = pending.pop() {
            if !level.is_unchanged() {
                walk.compare(&level, &mut buffer, &mut pending)?;
            }
        }
        walk.changes.files.sort_unstable();
        walk.changes.intent_to_add.sort_unstable();
        walk.changes.submodules.sort_unstable();
        walk.changes.submodules.dedup();
        Ok(walk.changes)
    }
}

/// A directory of both.
struct Level<'a> {
    /// Empty, or ends in `/`.
    prefix: BString,
    tree: ObjectId,
    /// The entries of the index below it.
    entries: Range<usize>,
    cached: Option<&'a CachedTree>,
}

impl Level<'_> {
    /// A cached tree is valid if it says how many entries it stands for.
    fn is_unchanged(&self) -> bool {
        self.cached.is_some_and(|cached| {
            let count = cached.num_entries.and_then(|count| usize::try_from(count).ok());
            count == Some(self.entries.len()) && cached.id == self.tree
        })
    }
}

struct Walk<'a> {
    reader: ObjectReader,
    index: &'a Index,
    changes: StagedChanges,
}

impl<'a> Walk<'a> {
    /// Compares one level, and notes the directories in it.
    fn compare(
        &mut self,
        level: &Level<'a>,
        buffer: &mut Vec<u8>,
        pending: &mut Vec<Level<'a>>,
    ) -> Result<(), ObjectError> {
        read_tree(&self.reader, level.tree, buffer)?;
        let mut cursor = TreeCursor::new(buffer, level.tree.as_bytes().len());
        let mut at = level.entries.start;
        while at < level.entries.end {
            let entry = self.index.view(&self.index.state.entries()[at]);
            let name = entry.path[level.prefix.len()..].as_bstr();
            let Some(slash) = name.find_byte(b'/') else {
                let old = cursor.find(name, false);
                self.file(&entry, old);
                at += 1;
                continue;
            };
            let name = name[..slash].as_bstr();
            let tree = cursor.find(name, true).map(|(id, _)| id);
            if entry.mode == EntryMode::Directory {
                self.sparse_directory(&entry, tree)?;
                at += 1;
                continue;
            }
            let prefix = entry.path[..=level.prefix.len() + slash].as_bstr();
            let end = self.end_of(prefix, at..level.entries.end);
            let cached = level.cached.and_then(|cached| child(cached, name));
            let tree = tree.unwrap_or_else(|| ObjectId::empty_tree(level.tree.kind()));
            pending.push(Level { prefix: prefix.to_owned(), tree, entries: at..end, cached });
            at = end;
        }
        Ok(())
    }

    fn file(&mut self, entry: &IndexEntry<'_>, old: Option<(ObjectId, EntryMode)>) {
        let path = entry.path.to_owned();
        if entry.intent_to_add {
            self.changes.intent_to_add.push(path);
        } else if entry.stage != 0 || old != Some((entry.id, entry.mode)) {
            if entry.mode == EntryMode::Gitlink {
                self.changes.submodules.push(path);
            } else {
                let old = old.filter(|(_, mode)| mode.is_blob()).map(|(id, _)| id);
                let (stage, new, mode) = (entry.stage, entry.id, entry.mode);
                self.changes.files.push(StagedChange { path, stage, new, mode, old });
            }
        }
    }

    /// A sparse directory's own path ends in `/`.
    fn sparse_directory(&mut self, entry: &IndexEntry<'_>, old: Option<ObjectId>) -> Result<(), ObjectError> {
        let changes = &mut self.changes;
        differences(&self.reader, entry.path, entry.id, &[old], &mut |found| {
            if found.mode == EntryMode::Gitlink {
                changes.submodules.push(found.path);
            } else {
                let old = found.old.into_iter().flatten().next();
                let (path, new, mode) = (found.path, found.id, found.mode);
                changes.files.push(StagedChange { path, stage: 0, new, mode, old });
            }
        })
    }

    /// Where the entries below `prefix` end.
    fn end_of(&self, prefix: &BStr, within: Range<usize>) -> usize {
        let entries = &self.index.state.entries()[within.clone()];
        let inside = |entry: &gix::index::Entry| entry.path(&self.index.state).starts_with(prefix);
        within.start + entries.partition_point(inside)
    }
}

fn child<'a>(cached: &'a CachedTree, name: &BStr) -> Option<&'a CachedTree> {
    let children = &cached.children;
    let at = children.binary_search_by(|child| child.name.as_slice().cmp(name.as_bytes())).ok()?;
    children.get(at)
}
