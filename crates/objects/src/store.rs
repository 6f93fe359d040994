//! The store: every pack and every folder of loose objects that one repository reads from, found and mapped.
//!
//! Input is the `objects` folder of a repository. What cannot be used is kept as trouble; the rest works. The list of
//! packs is that of the moment of opening: objects that another process packs or adds later are not seen.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bstr::ByteSlice;
use gix_hash::ObjectId;

use crate::alternates;
use crate::loose;
use crate::pack::Pack;
use crate::pack::index::{IndexError, PackIndex};
use crate::pack::multi_index::MultiIndex;
use crate::trouble::{Trouble, TroubleKind};

/// Every place one repository reads objects from.
#[derive(Debug)]
pub struct ObjectStore {
    pub(crate) hash: gix_hash::Kind,
    pub(crate) limits: Limits,
    /// Folders with loose objects: the repository's own first.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) packs: Vec<Pack>,
    pub(crate) troubles: Vec<Trouble>,
    /// The packs and indices that were there when the store was opened, sorted.
    listed: Vec<PathBuf>,
}

/// How much memory hostile or huge objects may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest object that is held, in bytes. Larger ones are troubles.
    pub max_object_size: u64,
    /// How many bytes of delta bases one visiting thread keeps; beyond it, bases are decoded again when needed.
    pub live_bytes: u64,
    /// Blobs above so many bytes are read in parts and never held, however large they are, where they are stored whole
    /// and no delta rests on them. The other limits are for what is held.
    pub stream_above: u64,
}

impl Default for Limits {
    /// Objects up to 2 GiB, 64 MiB of live bases per thread, parts above 64 MiB.
    fn default() -> Self {
        Self { max_object_size: 2 << 30, live_bytes: 64 << 20, stream_above: 64 << 20 }
    }
}

/// Why a store could not be opened at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// The folder is missing or cannot be listed.
    #[error("the object folder {} cannot be read", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The reason.
        #[source]
        source: io::Error,
    },
}

impl ObjectStore {
    /// Opens the store at `objects` (`.git/objects`), whose ids are made with `hash`, with the default [`Limits`].
    pub fn open(objects: &Path, hash: gix_hash::Kind) -> Result<Self, OpenStoreError> {
        Self::open_with(objects, hash, Limits::default())
    }

    /// Opens the store at `objects` (`.git/objects`), whose ids are made with `hash`.
    pub fn open_with(objects: &Path, hash: gix_hash::Kind, limits: Limits) -> Result<Self, OpenStoreError> {
        Self::open_all(&[objects], hash, limits)
    }

    /// Opens the store of several object folders: a repository's own first, then such as the quarantine of a push
    /// (git-receive-pack(1), "Quarantine Environment").
    pub fn open_all(objects: &[&Path], hash: gix_hash::Kind, limits: Limits) -> Result<Self, OpenStoreError> {
        for folder in objects {
            let unreadable = |source| OpenStoreError::Folder { path: (*folder).to_owned(), source };
            drop(fs::read_dir(folder).map_err(unreadable)?);
        }
        let (folders, troubles) = alternates::folders(objects);
        let mut store = Self { hash, limits, folders, packs: Vec::new(), troubles, listed: Vec::new() };
        for folder in 0..store.folders.len() {
            store.open_packs(&store.folders[folder].join("pack"));
        }
        Ok(store)
    }

    /// The kind of hash that makes the ids.
    pub fn hash(&self) -> gix_hash::Kind {
        self.hash
    }

    /// The packs, in the order in which they are searched.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The object folders: the repository's own, then those it borrows from.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// What could not be opened. [`ObjectStore::visit`] repeats it in its outcome.
    pub fn troubles(&self) -> &[Trouble] {
        &self.troubles
    }

    /// Whether any pack came from a promisor remote: then objects may be missing on purpose (a partial clone).
    pub fn is_promisor(&self) -> bool {
        self.packs.iter().any(Pack::is_promisor)
    }

    /// How many objects the packs list, duplicates counted, loose objects not.
    pub fn packed_count(&self) -> u64 {
        self.packs.iter().map(|pack| u64::from(pack.object_count())).sum()
    }

    /// The ids of all loose objects at this moment, sorted, each once. `None` when a folder cannot be listed.
    pub fn loose_ids(&self) -> Option<Vec<ObjectId>> {
        let mut troubles = Vec::new();
        let mut ids: Vec<_> =
            self.folders.iter().flat_map(|folder| loose::list(folder, self.hash, &mut troubles)).collect();
        ids.sort_unstable();
        ids.dedup();
        troubles.is_empty().then_some(ids)
    }

    /// Whether the packs are still those there were when the store was opened.
    pub(crate) fn is_current(&self) -> bool {
        let listed =
            self.folders.iter().flat_map(|folder| pack_files(&folder.join("pack")).unwrap_or_default());
        listed.eq(self.listed.iter().cloned())
    }

    fn open_packs(&mut self, folder: &Path) {
        let paths = match pack_files(folder) {
            Ok(paths) => paths,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                let message = format!("the folder of packs cannot be listed: {error}");
                return self.troubles.push(Trouble::with_file(folder, TroubleKind::Unreadable, message));
            }
        };
        let mut multi_index = None;
        for path in paths.iter().filter(|path| is_pack(path)) {
            let index = PackIndex::open(&path.with_extension("idx"), self.hash).or_else(|error| {
                let open_multi = || MultiIndex::open(&folder.join("multi-pack-index"), self.hash).ok();
                let multi = multi_index.get_or_insert_with(open_multi).as_ref();
                multi.and_then(|multi| covered(multi, path)).ok_or_else(|| no_index(path, &error))
            });
            let index = match index {
                Ok(index) => index,
                Err(trouble) => {
                    self.troubles.push(trouble);
                    continue;
                }
            };
            match Pack::open(path.clone(), index, self.hash) {
                Ok(pack) => self.packs.push(pack),
                Err(error) => {
                    let message = format!("the pack cannot be read: {error}");
                    self.troubles.push(Trouble::with_file(path, TroubleKind::Unreadable, message));
                }
            }
        }
        self.listed.extend(paths);
    }
}

/// The packs and indices in `folder`, sorted. Temporary ones are called `tmp_pack_…` and have no extension.
fn pack_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_pack(&path) || path.extension() == Some(OsStr::new("idx")) {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

fn is_pack(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("pack"))
}

/// The objects of the pack at `path` that the multi-pack-index lists, if it knows the pack.
fn covered(multi: &MultiIndex, path: &Path) -> Option<PackIndex> {
    let name = <[u8]>::from_path(path)?.rsplit(|byte| *byte == b'/' || *byte == b'\\').next()?;
    let index_name = [name.strip_suffix(b".pack")?, b".idx"].concat();
    multi.pack_number(index_name.as_bstr()).map(|number| multi.pack_index(number))
}

fn no_index(pack: &Path, reason: &IndexError) -> Trouble {
    let message = format!("{reason}; its objects are not read; run `git index-pack {}`", pack.display());
    Trouble::with_file(pack, TroubleKind::NoIndex, message)
}
