//! Compares a tree with any number of others: what it has and none of them has.
//!
//! A subtree that equals one of the others' at the same path is not read. Equality has to be shown: a tree with
//! entries out of order yields more differences, never fewer.

use std::cmp::Ordering;

use bstr::{BStr, BString, ByteVec as _};
use gix_hash::ObjectId;

use super::{
    mode::EntryMode,
    objects::{ObjectError, ObjectReader, corrupt},
};
use crate::{
    kind::Kind,
    tree::{Entries, Entry, entries},
};

/// A tree can hold one subtree under many names, and that again; a few kilobytes then unfold to billions of paths.
/// The largest repositories known have 3.5 million files.
const MAX_ENTRIES: usize = 8_000_000;

/// An entry that is no directory and that none of the other trees has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) path: BString,
    pub(super) id: ObjectId,
    pub(super) mode: EntryMode,
    /// What each of the others has at that path; `None` for nothing or a directory.
    pub(super) old: Vec<Option<ObjectId>>,
}

/// A tree to look at, with the others at its path.
struct Pending {
    /// Empty, or ends in `/`.
    prefix: BString,
    tree: ObjectId,
    others: Vec<Option<ObjectId>>,
}

/// Calls `found` for every entry of `tree` that none of `others` has at the same path. Paths begin with `prefix`.
pub(super) fn differences(
    reader: &ObjectReader,
    prefix: &BStr,
    tree: ObjectId,
    others: &[Option<ObjectId>],
    found: &mut dyn FnMut(Difference),
) -> Result<(), ObjectError> {
    let mut pending = vec![Pending { prefix: prefix.to_owned(), tree, others: others.to_vec() }];
    let mut buffers = Vec::new();
    let mut entries = 0;
    while let Some(next) = pending.pop() {
        if next.others.contains(&Some(next.tree)) {
            continue;
        }
        entries += compare(reader, &next, &mut buffers, &mut pending, found)?;
        if entries > MAX_ENTRIES {
            return Err(ObjectError::TooManyEntries { id: tree });
        }
    }
    Ok(())
}

/// Compares one level, and notes the subtrees that differ. Returns the number of entries.
fn compare(
    reader: &ObjectReader,
    level: &Pending,
    buffers: &mut Vec<Vec<u8>>,
    pending: &mut Vec<Pending>,
    found: &mut dyn FnMut(Difference),
) -> Result<usize, ObjectError> {
    buffers.resize_with(level.others.len() + 1, Vec::new);
    let (own, rest) = buffers.split_first_mut().expect("one buffer was just made for the tree itself");
    read_tree(reader, level.tree, own)?;
    let hash_len = level.tree.as_bytes().len();
    let mut cursors = Vec::with_capacity(rest.len());
    for (other, buffer) in level.others.iter().zip(rest) {
        match other {
            Some(id) => read_tree(reader, *id, buffer)?,
            None => buffer.clear(),
        }
        cursors.push(TreeCursor::new(buffer, hash_len));
    }
    let mut count = 0;
    for entry in entries(own, hash_len) {
        let entry = entry.map_err(|error| corrupt(&level.tree, error))?;
        count += 1;
        let (id, mode) = id_and_mode(&entry);
        let mut same = false;
        let mut old = Vec::with_capacity(cursors.len());
        for cursor in &mut cursors {
            let other = cursor.find(entry.name, mode == EntryMode::Directory);
            same |= other == Some((id, mode));
            old.push(other.map(|(id, _)| id));
        }
        if same {
            continue;
        }
        let mut path = level.prefix.clone();
        path.push_str(entry.name);
        if mode == EntryMode::Directory {
            path.push_byte(b'/');
            pending.push(Pending { prefix: path, tree: id, others: old });
        } else {
            found(Difference { path, id, mode, old });
        }
    }
    Ok(count)
}

/// Reads a tree. That without entries need not exist.
pub(super) fn read_tree(
    reader: &ObjectReader,
    id: ObjectId,
    buffer: &mut Vec<u8>,
) -> Result<(), ObjectError> {
    if id == ObjectId::empty_tree(id.kind()) {
        buffer.clear();
        return Ok(());
    }
    reader.read(&id, Kind::Tree, buffer)
}

fn id_and_mode(entry: &Entry<'_>) -> (ObjectId, EntryMode) {
    (ObjectId::from_bytes_or_panic(entry.id), EntryMode::from_octal(entry.mode))
}

/// A position in a tree that only moves on, for names that come in a tree's order.
/// What is out of order or broken is not found.
pub(super) struct TreeCursor<'a> {
    entries: std::iter::Peekable<Entries<'a>>,
}

impl<'a> TreeCursor<'a> {
    /// Begins at the start of a tree whose ids have `hash_len` bytes.
    pub(super) fn new(tree: &'a [u8], hash_len: usize) -> Self {
        Self { entries: entries(tree, hash_len).peekable() }
    }

    /// The entry of that name, if it is a directory or not as asked for.
    pub(super) fn find(&mut self, name: &BStr, directory: bool) -> Option<(ObjectId, EntryMode)> {
        while let Some(Ok(entry)) = self.entries.peek() {
            let (id, mode) = id_and_mode(entry);
            let is_directory = mode == EntryMode::Directory;
            match order(entry.name, is_directory, name, directory) {
                Ordering::Less => drop(self.entries.next()),
                Ordering::Equal if is_directory == directory => return Some((id, mode)),
                Ordering::Equal | Ordering::Greater => return None,
            }
        }
        None
    }
}

/// How a tree orders its entries: as if the name of a directory ended in `/`.
fn order(a: &[u8], a_is_directory: bool, b: &[u8], b_is_directory: bool) -> Ordering {
    let common = a.len().min(b.len());
    a[..common].cmp(&b[..common]).then_with(|| {
        let end = |name: &[u8], directory: bool| name.get(common).copied().or(directory.then_some(b'/'));
        end(a, a_is_directory).cmp(&end(b, b_is_directory)).then(a.len().cmp(&b.len()))
    })
}
