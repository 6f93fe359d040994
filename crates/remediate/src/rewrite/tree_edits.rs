//! Trees by their ids: those of the repository, and those that are made here.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use bstr::{BStr, BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::tree;
use unleak_objects::{Buffer, Kind, ObjectStore};

use crate::output::Output;

use super::tree::{self as folder, EntryFate};
use super::tree_entries::{Entries, FOLDER, File};
use super::trees_error::TreesError;

/// Paths, and what stands there afterwards; `None`: nothing.
pub(crate) type Changes = BTreeMap<BString, Option<File>>;

/// So many bytes of trees of the repository are kept at hand.
const AT_HAND: usize = 64 << 20;

/// The folders of a history.
pub(crate) struct Trees<'a> {
    store: &'a ObjectStore,
    output: &'a Output<'a>,
    /// Read from the store: forgotten when they become too many.
    read: HashMap<ObjectId, Rc<[u8]>>,
    read_bytes: usize,
    /// Made here, and nowhere else to be had before the pack is complete.
    made: HashMap<ObjectId, Rc<[u8]>>,
    buffer: Buffer,
}

impl<'a> Trees<'a> {
    pub(crate) fn new(store: &'a ObjectStore, output: &'a Output<'a>) -> Self {
        let (read, made) = (HashMap::new(), HashMap::new());
        Self { store, output, read, read_bytes: 0, made, buffer: Buffer::default() }
    }

    /// How many were made.
    pub(crate) fn made(&self) -> u64 {
        self.made.len() as u64
    }

    /// The bytes of a tree.
    pub(crate) fn get(&mut self, id: &ObjectId) -> Result<Rc<[u8]>, TreesError> {
        if let Some(bytes) = self.made.get(id).or_else(|| self.read.get(id)) {
            return Ok(Rc::clone(bytes));
        }
        let bytes: Rc<[u8]> = match self.store.find(id, &mut self.buffer) {
            Ok(Some((Kind::Tree, bytes))) => bytes.into(),
            // The tree without entries need not exist.
            Ok(None) if *id == ObjectId::empty_tree(id.kind()) => Rc::new([]),
            Ok(_) => return Err(TreesError::Read(*id, None)),
            Err(error) => return Err(TreesError::Read(*id, Some(Box::new(error)))),
        };
        if self.read_bytes > AT_HAND {
            self.read.clear();
            self.read_bytes = 0;
        }
        self.read_bytes += bytes.len();
        self.read.insert(*id, Rc::clone(&bytes));
        Ok(bytes)
    }

    /// What stands at `path` in a tree: mode and id of whatever it is.
    pub(crate) fn at(&mut self, root: ObjectId, path: &BStr) -> Result<Option<File>, TreesError> {
        let (mut at, mut parts) = (root, path.split_str("/").peekable());
        while let Some(name) = parts.next() {
            let bytes = self.get(&at)?;
            let Some(entry) = find(&bytes, at, name.into())? else { return Ok(None) };
            if parts.peek().is_none() {
                return Ok(Some(entry));
            }
            if entry.0 != FOLDER {
                return Ok(None);
            }
            at = entry.1;
        }
        Ok(None)
    }

    /// The tree that `changes` make of `base`, written; as `git fast-import` does it: in the order of paths, a file takes
    /// the place of a folder and the other way round, and what is below a file is not there.
    pub(crate) fn changed(&mut self, base: ObjectId, changes: &Changes) -> Result<ObjectId, TreesError> {
        if changes.is_empty() {
            return Ok(base);
        }
        let mut folders = vec![Folder::new(self.entries(base)?)];
        for (path, file) in changes {
            match file {
                Some(file) => self.put(&mut folders, path.as_ref(), *file)?,
                None => self.remove(&mut folders, path.as_ref())?,
            }
        }
        self.write(folders)
    }

    /// The tree in which other blobs stand at these paths, written. Everything else stays byte for byte.
    pub(crate) fn with_blobs(
        &mut self,
        root: ObjectId,
        blobs: &BTreeMap<BString, ObjectId>,
    ) -> Result<ObjectId, TreesError> {
        // By folder, what its entries become; the deepest folder first.
        let mut folders: BTreeMap<(usize, BString), BTreeMap<BString, ObjectId>> = BTreeMap::new();
        let depth = |folder: &[u8]| folder.split_str("/").count() - usize::from(folder.is_empty());
        for (path, id) in blobs {
            let (folder, name) = split(path);
            folders.entry((depth(folder), folder.into())).or_default().insert(name.into(), *id);
        }
        while let Some(((_, path), becomes)) = folders.pop_last() {
            let id = if path.is_empty() { Some((FOLDER, root)) } else { self.at(root, path.as_ref())? };
            let Some((_, id)) = id else { continue };
            let bytes = self.get(&id)?;
            let fate = |entry: &tree::Entry<'_>| match becomes.get(entry.name) {
                Some(new) if !entry.is_submodule() => EntryFate::To(*new),
                _ => EntryFate::Same,
            };
            let new = folder::rewrite(&bytes, id.as_slice().len(), fate, |_| None)
                .map_err(|error| TreesError::Malformed(id, error))?;
            let new = self.put_bytes(new.unwrap_or_default())?;
            if path.is_empty() {
                return Ok(new);
            }
            let (above, name) = split(&path);
            folders.entry((depth(above), above.into())).or_default().insert(name.into(), new);
        }
        Ok(root)
    }

    fn put(&mut self, folders: &mut Vec<Folder>, path: &BStr, file: File) -> Result<(), TreesError> {
        let (mut at, mut rest) = (0, path);
        while let Some((name, below)) = rest.split_once_str("/") {
            at = if let Some(open) = self.open(folders, at, name.into())? {
                open
            } else {
                folders[at].entries.remove(name.as_bstr());
                open(folders, at, name.into(), Entries::none(self.store.hash().len_in_bytes()))
            };
            rest = below.into();
        }
        folders[at].open.remove(rest);
        folders[at].entries.insert(rest.into(), file);
        Ok(())
    }

    fn remove(&mut self, folders: &mut Vec<Folder>, path: &BStr) -> Result<(), TreesError> {
        let (mut at, mut rest) = (0, path);
        while let Some((name, below)) = rest.split_once_str("/") {
            match self.open(folders, at, name.into())? {
                Some(open) => at = open,
                None => return Ok(()),
            }
            rest = below.into();
        }
        folders[at].open.remove(rest);
        folders[at].entries.remove(rest);
        Ok(())
    }

    /// The number of the folder `name`, its entries at hand; `None` if there is none.
    fn open(
        &mut self,
        folders: &mut Vec<Folder>,
        at: usize,
        name: &BStr,
    ) -> Result<Option<usize>, TreesError> {
        if let Some(open) = folders[at].open.get(name) {
            return Ok(Some(*open));
        }
        match folders[at].entries.get(name) {
            Some((FOLDER, id)) => {
                folders[at].entries.remove(name);
                Ok(Some(open(folders, at, name, self.entries(id)?)))
            }
            _ => Ok(None),
        }
    }

    fn entries(&mut self, id: ObjectId) -> Result<Entries, TreesError> {
        Entries::of(self.get(&id)?, id.as_slice().len()).map_err(|error| TreesError::Malformed(id, error))
    }

    /// Writes the folders that are open, those below first; one without entries is gone, but for the top.
    fn write(&mut self, mut folders: Vec<Folder>) -> Result<ObjectId, TreesError> {
        let top = folders.remove(0);
        let mut written: Vec<Option<ObjectId>> = vec![None; folders.len() + 1];
        while let Some(folder) = folders.pop() {
            written[folders.len() + 1] = self.write_one(folder, &written)?;
        }
        match self.write_one(top, &written)? {
            Some(id) => Ok(id),
            None => self.put_bytes(Vec::new()),
        }
    }

    /// A folder whose open folders have been written; `None` if it has no entries.
    fn write_one(
        &mut self,
        Folder { mut entries, open }: Folder,
        written: &[Option<ObjectId>],
    ) -> Result<Option<ObjectId>, TreesError> {
        for (name, number) in open {
            if let Some(id) = written[number] {
                entries.insert(name, (FOLDER, id));
            }
        }
        let bytes = entries.bytes();
        if bytes.is_empty() { Ok(None) } else { self.put_bytes(bytes).map(Some) }
    }

    fn put_bytes(&mut self, bytes: Vec<u8>) -> Result<ObjectId, TreesError> {
        let id = self.output.name(Kind::Tree, &bytes)?;
        if !self.store.contains(&id) && !self.made.contains_key(&id) {
            self.output.put(id, Kind::Tree, &bytes, None)?;
            self.made.insert(id, bytes.into());
        }
        Ok(id)
    }
}

/// A folder whose entries are at hand; those below it that are open come later in the list of folders.
struct Folder {
    entries: Entries,
    open: BTreeMap<BString, usize>,
}

impl Folder {
    fn new(entries: Entries) -> Self {
        Self { entries, open: BTreeMap::new() }
    }
}

/// Puts a folder that stands in another at the end of the list, and gives its number.
fn open(folders: &mut Vec<Folder>, above: usize, name: &BStr, entries: Entries) -> usize {
    let number = folders.len();
    folders[above].open.insert(name.into(), number);
    folders.push(Folder::new(entries));
    number
}

/// The folder and the name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    path.rsplit_once_str("/").unwrap_or((b"", path))
}

fn find(bytes: &[u8], tree_id: ObjectId, name: &BStr) -> Result<Option<File>, TreesError> {
    for entry in tree::entries(bytes, tree_id.as_slice().len()) {
        let entry = entry.map_err(|error| TreesError::Malformed(tree_id, error))?;
        if entry.name == name {
            return Ok(ObjectId::try_from(entry.id).ok().map(|id| (entry.mode, id)));
        }
    }
    Ok(None)
}
