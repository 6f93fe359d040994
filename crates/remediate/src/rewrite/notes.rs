//! Notes: a tree whose paths are the ids of what they are about. When those change, the notes move along.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use bstr::{BString, ByteSlice as _};
use gix_hash::ObjectId;
use unleak_objects::{Buffer, Kind, ObjectStore, ReadError, tree};

use crate::output::{Output, OutputError};

/// A tree of notes could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotesError {
    /// A tree of notes cannot be read.
    #[error("tree {0}, which holds notes, cannot be read")]
    Read(ObjectId, #[source] Option<Box<ReadError>>),
    /// It is malformed.
    #[error("tree {0}, which holds notes, is malformed")]
    Malformed(ObjectId, #[source] tree::TreeError),
    /// It is nested as deeply as no notes are.
    #[error("tree {0}, which holds notes, is nested too deeply")]
    TooDeep(ObjectId),
    /// The new tree cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What is written in a tree of notes: a path below it, mode and id.
type Leaf = (BString, u32, ObjectId);

/// Rewrites trees of notes.
pub(crate) struct Notes<'a> {
    pub(crate) store: &'a ObjectStore,
    pub(crate) output: &'a Output<'a>,
    /// What became of a blob.
    pub(crate) blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
    leaves: HashMap<ObjectId, Rc<Vec<Leaf>>>,
    done: HashMap<ObjectId, Option<ObjectId>>,
}

/// The fan-out of notes has at most as many levels as an id has bytes.
const DEEPEST: usize = 40;

impl<'a> Notes<'a> {
    pub(crate) fn new(
        store: &'a ObjectStore,
        output: &'a Output<'a>,
        blobs: &'a HashMap<ObjectId, Option<ObjectId>>,
    ) -> Self {
        Self { store, output, blobs, leaves: HashMap::new(), done: HashMap::new() }
    }

    /// The new tree for `root`, in which ids that `moved` knows have become others; `None` if it stays.
    pub(crate) fn rewrite(
        &mut self,
        root: ObjectId,
        moved: &dyn Fn(&ObjectId) -> Option<ObjectId>,
    ) -> Result<Option<ObjectId>, NotesError> {
        if let Some(done) = self.done.get(&root) {
            return Ok(*done);
        }
        let leaves = self.leaves(root)?;
        let mut new: BTreeMap<BString, (u32, ObjectId)> = BTreeMap::new();
        let mut changed = false;
        for (path, mode, id) in leaves.iter() {
            let new_id = match self.blobs.get(id) {
                None => *id,
                Some(Some(new)) => *new,
                Some(None) => {
                    changed = true;
                    continue;
                }
            };
            let new_path = moved_path(path, self.store.hash(), moved);
            changed |= new_path.is_some() || new_id != *id;
            new.insert(new_path.unwrap_or_else(|| path.clone()), (*mode, new_id));
        }
        let result = if changed { Some(self.build(&new)?) } else { None };
        self.done.insert(root, result);
        Ok(result)
    }

    /// Everything in a tree that is no tree, by path; each tree is read once.
    fn leaves(&mut self, root: ObjectId) -> Result<Rc<Vec<Leaf>>, NotesError> {
        let mut stack = vec![(root, false)];
        let mut buffer = Buffer::default();
        while let Some((id, below_done)) = stack.pop() {
            if self.leaves.contains_key(&id) {
                continue;
            }
            if stack.len() > DEEPEST * 256 * 2 {
                return Err(NotesError::TooDeep(root));
            }
            let hash_len = self.store.hash().len_in_bytes();
            let bytes = match self.store.find(&id, &mut buffer) {
                Ok(Some((Kind::Tree, bytes))) => bytes,
                Ok(None) if id == ObjectId::empty_tree(self.store.hash()) => &[],
                Ok(_) => return Err(NotesError::Read(id, None)),
                Err(error) => return Err(NotesError::Read(id, Some(Box::new(error)))),
            };
            if !below_done {
                stack.push((id, true));
            }
            let mut leaves = Vec::new();
            for entry in tree::entries(bytes, hash_len) {
                let entry = entry.map_err(|error| NotesError::Malformed(id, error))?;
                let Ok(child) = ObjectId::try_from(entry.id) else { continue };
                if !entry.is_tree() {
                    leaves.push((entry.name.to_owned(), entry.mode, child));
                } else if !below_done {
                    stack.push((child, false));
                } else if let Some(below) = self.leaves.get(&child) {
                    let full = |path: &BString| {
                        BString::from([entry.name.as_bytes(), b"/", path.as_slice()].concat())
                    };
                    leaves.extend(below.iter().map(|(path, mode, id)| (full(path), *mode, *id)));
                }
            }
            if below_done {
                self.leaves.insert(id, Rc::new(leaves));
            }
        }
        Ok(self.leaves.get(&root).cloned().unwrap_or_default())
    }

    /// Writes the trees that hold these files; the id of the topmost.
    fn build(&self, files: &BTreeMap<BString, (u32, ObjectId)>) -> Result<ObjectId, NotesError> {
        // By depth, the deepest last; each folder's entries by name with `/` behind folders, as git sorts.
        let mut folders: BTreeMap<(usize, BString), BTreeMap<BString, (u32, ObjectId)>> = BTreeMap::new();
        folders.insert((0, BString::default()), BTreeMap::new());
        for (path, file) in files {
            let (folder, name) = split(path);
            let depth = folder.map_or(0, |folder| folder.find_iter(b"/").count() + 1);
            let key = (depth, folder.unwrap_or_default().into());
            folders.entry(key).or_default().insert(name.into(), *file);
        }
        while let Some(((depth, path), entries)) = folders.pop_last() {
            let id = self.write(&entries)?;
            if depth == 0 {
                return Ok(id);
            }
            let (above, name) = split(&path);
            let key = (depth - 1, above.unwrap_or_default().into());
            let sorted_name = [name, b"/"].concat();
            folders.entry(key).or_default().insert(sorted_name.into(), (0o040_000, id));
        }
        self.write(&BTreeMap::new())
    }

    fn write(&self, entries: &BTreeMap<BString, (u32, ObjectId)>) -> Result<ObjectId, NotesError> {
        let mut bytes = Vec::new();
        for (name, (mode, id)) in entries {
            bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
            bytes.extend_from_slice(name.strip_suffix(b"/").unwrap_or(name));
            bytes.push(0);
            bytes.extend_from_slice(id.as_slice());
        }
        let id = self.output.name(Kind::Tree, &bytes)?;
        self.output.put(id, Kind::Tree, &bytes, None)?;
        Ok(id)
    }
}

/// The folder and the name.
fn split(path: &[u8]) -> (Option<&[u8]>, &[u8]) {
    match path.rfind_byte(b'/') {
        Some(slash) => (Some(&path[..slash]), &path[slash + 1..]),
        None => (None, path),
    }
}

/// The path for the new id, with slashes where they were; `None` if the path is no id, or that of something that stays.
fn moved_path(
    path: &BString,
    hash: gix_hash::Kind,
    moved: &dyn Fn(&ObjectId) -> Option<ObjectId>,
) -> Option<BString> {
    let hex: Vec<u8> = path.iter().copied().filter(|byte| *byte != b'/').collect();
    if hex.len() != hash.len_in_hex() {
        return None;
    }
    let new = moved(&ObjectId::from_hex(&hex).ok()?)?.to_hex().to_string();
    let mut new = new.bytes();
    Some(path.iter().map(|byte| if *byte == b'/' { b'/' } else { new.next().unwrap_or(b'0') }).collect())
}
