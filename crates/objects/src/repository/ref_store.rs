//! Collects every stored ref of all worktrees, loose ones before packed ones, and resolves symbolic refs.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::PathBuf,
};

use bstr::{BStr, BString, ByteSlice as _, ByteVec as _};
use gix_hash::{Kind, ObjectId};

use super::{
    handle::Repository,
    places::{Place, files_below, read_file, sorted_entries},
    ref_class::PER_WORKTREE,
    ref_file::{
        MAX_PACKED_BYTES, MAX_REF_BYTES, MAX_SYMBOLIC_STEPS, PackedLine, RefValue, is_fully_peeled,
        parse_ids, parse_loose, parse_packed,
    },
};

/// `FETCH_HEAD` has a line for every ref fetched.
const MAX_LIST_BYTES: u64 = 1 << 30;

/// Files in a git directory that hold ids and do not end in `_HEAD`.
const OTHER_PSEUDO_REFS: [&[u8]; 5] =
    [b"AUTO_MERGE", b"BISECT_EXPECTED_REV", b"MERGE_AUTOSTASH", b"NOTES_MERGE_PARTIAL", b"NOTES_MERGE_REF"];
/// What a rebase, an `am` or a sequence of picks in progress holds on to.
const OPERATION_REFS: [&str; 9] = [
    "rebase-merge/autostash",
    "rebase-merge/onto",
    "rebase-merge/orig-head",
    "rebase-merge/stopped-sha",
    "rebase-apply/abort-safety",
    "rebase-apply/autostash",
    "rebase-apply/onto",
    "rebase-apply/orig-head",
    "sequencer/head",
];

/// What is wrong with one ref.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefTroubleKind {
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// The file holds neither an id nor the name of a ref.
    #[error("has broken content")]
    BadContent,
    /// A line of `packed-refs`, or of a reflog, is none.
    #[error("line {0} is broken")]
    BadLine(usize),
    /// It points to a ref that does not exist. No object hides behind that.
    #[error("points to {0}, which does not exist")]
    DanglingSymbolic(BString),
    /// Symbolic refs that point to each other, or too many in a row.
    #[error("never arrives at an object")]
    SymbolicLoop,
    /// The object is not in the repository.
    #[error("points to object {0}, which is missing")]
    MissingObject(ObjectId),
}

/// One ref with something wrong with it; data of the outcome, not an error of the whole.
#[derive(Debug)]
pub struct RefTrouble {
    /// The full name, or the file.
    pub name: BString,
    /// What is wrong.
    pub kind: RefTroubleKind,
}

impl std::fmt::Display for RefTrouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.name, self.kind)
    }
}

/// Why the refs of a repository could not be listed at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefsError {
    /// A directory or file that names refs cannot be read.
    #[error("refs cannot be listed: {} cannot be read", path.display())]
    Unreadable {
        /// The directory or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A stored ref as found, before symbolic refs are followed.
pub(super) struct Stored {
    pub(super) value: RefValue,
    /// What it peels to, where `packed-refs` says: itself, but for a tag.
    pub(super) peeled: Option<ObjectId>,
}

/// All refs with a single value, and the ids of lists such as `FETCH_HEAD`.
#[derive(Default)]
pub(super) struct StoredRefs {
    pub(super) refs: BTreeMap<BString, Stored>,
    pub(super) listed: Vec<(BString, ObjectId)>,
    pub(super) troubles: Vec<RefTrouble>,
}

/// Says of a packed ref and what it peels to whether it is of interest.
pub(super) type Keep<'k> = &'k dyn Fn(&BStr, &ObjectId) -> bool;

/// What a ref leads to.
pub(super) enum Resolved {
    Id {
        id: ObjectId,
        peeled: Option<ObjectId>,
    },
    /// The name that does not exist.
    Nothing(BString),
    Loop,
}

impl StoredRefs {
    /// Reads every ref of every worktree, but of packed ones of which it is known what they peel to only those that `keep`
    /// says, and those that others point to.
    pub(super) fn read(repo: &Repository, keep: Keep<'_>) -> Result<Self, RefsError> {
        let unreadable = |(path, source)| RefsError::Unreadable { path, source };
        let kind = repo.hash_kind();
        let mut stored = Self::default();
        let places = repo.places().map_err(unreadable)?;
        for place in &places {
            stored.read_place(place, repo, kind)?;
        }
        // After the loose refs: one that is packed meanwhile is in one or the other.
        let packed = repo.common_dir().join("packed-refs");
        if let Some(bytes) =
            read_file(&packed, MAX_PACKED_BYTES).map_err(|error| unreadable((packed, error)))?
        {
            stored.read_packed(&bytes, kind, keep);
        }
        Ok(stored)
    }

    fn read_place(&mut self, place: &Place, repo: &Repository, kind: Kind) -> Result<(), RefsError> {
        let directory = &place.directory;
        let entries = sorted_entries(directory)
            .map_err(|source| RefsError::Unreadable { path: directory.clone(), source })?;
        for entry in entries {
            let name = entry.file_name();
            let name = name.as_encoded_bytes();
            if name == b"HEAD" {
                self.read_loose(place.prefixed(name), &entry.path(), kind);
            } else if is_pseudo(name) {
                self.read_list(place.prefixed(name), &entry.path(), kind);
            }
        }
        for name in OPERATION_REFS {
            self.read_list(place.prefixed(name.as_bytes()), &directory.join(name), kind);
        }
        let is_common = directory == repo.common_dir();
        let below = files_below(&directory.join("refs"), b"refs");
        for (name, path) in below.files {
            let own = PER_WORKTREE.iter().any(|prefix| name.starts_with(prefix));
            if own {
                self.read_loose(place.prefixed(&name), &path, kind);
            } else if is_common {
                self.read_loose(name, &path, kind);
            }
        }
        let troubles = below.unreadable.into_iter().map(|(name, error)| (place.prefixed(&name), error));
        self.troubles.extend(
            troubles.map(|(name, error)| RefTrouble { name, kind: RefTroubleKind::Unreadable(error) }),
        );
        Ok(())
    }

    fn read_loose(&mut self, name: BString, path: &std::path::Path, kind: Kind) {
        // A link to a name is the oldest form of a symbolic ref.
        let link =
            std::fs::read_link(path).ok().map(|target| BString::from(target.as_os_str().as_encoded_bytes()));
        let value = match link {
            Some(target) if target.starts_with(b"refs/") => Ok(RefValue::Symbolic(target)),
            _ => match read_file(path, MAX_REF_BYTES) {
                Ok(None) if link.is_none() => return,
                Ok(bytes) => {
                    bytes.and_then(|bytes| parse_loose(&bytes, kind)).ok_or(RefTroubleKind::BadContent)
                }
                Err(error) => Err(RefTroubleKind::Unreadable(error)),
            },
        };
        match value {
            Ok(value) => drop(self.refs.insert(name, Stored { value, peeled: None })),
            Err(kind) => self.troubles.push(RefTrouble { name, kind }),
        }
    }

    fn read_list(&mut self, name: BString, path: &std::path::Path, kind: Kind) {
        let bytes = match read_file(path, MAX_LIST_BYTES) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return,
            Err(error) => {
                self.troubles.push(RefTrouble { name, kind: RefTroubleKind::Unreadable(error) });
                return;
            }
        };
        if let Some(value @ RefValue::Symbolic(_)) = parse_loose(&bytes, kind) {
            self.refs.insert(name, Stored { value, peeled: None });
            return;
        }
        let ids: Vec<_> = parse_ids(&bytes, kind).collect();
        if ids.contains(&None) {
            self.troubles.push(RefTrouble { name: name.clone(), kind: RefTroubleKind::BadContent });
        }
        self.listed.extend(ids.into_iter().flatten().map(|id| (name.clone(), id)));
    }

    fn read_packed(&mut self, bytes: &[u8], kind: Kind, keep: Keep<'_>) {
        let tells_all = is_fully_peeled(bytes);
        let pointed_to: BTreeSet<BString> =
            self.refs.values().filter_map(|stored| stored.value.symbolic().cloned()).collect();
        // A loose ref hides the packed one, even if it is broken.
        let broken: BTreeSet<_> = self.troubles.iter().map(|trouble| trouble.name.clone()).collect();
        let mut lines = parse_packed(bytes, kind).peekable();
        while let Some(line) = lines.next() {
            match line {
                PackedLine::Ref { name, id } => {
                    let peeled = match lines.peek() {
                        Some(PackedLine::Peeled(peeled)) => Some(*peeled),
                        _ => tells_all.then_some(id),
                    };
                    if peeled.is_some_and(|peeled| !keep(name, &peeled) && !pointed_to.contains(name)) {
                        continue;
                    }
                    if !broken.contains(name) && !self.refs.contains_key(name) {
                        self.refs.insert(name.to_owned(), Stored { value: RefValue::Id(id), peeled });
                    }
                }
                PackedLine::Peeled(_) => {}
                PackedLine::Broken(line) => {
                    let kind = RefTroubleKind::BadLine(line);
                    self.troubles.push(RefTrouble { name: "packed-refs".into(), kind });
                }
            }
        }
    }

    /// Follows a stored ref to its id.
    pub(super) fn resolve(&self, name: &BStr) -> Resolved {
        let mut name = name.to_owned();
        for _ in 0..=MAX_SYMBOLIC_STEPS {
            match self.refs.get(&name) {
                None => return Resolved::Nothing(name),
                Some(Stored { value: RefValue::Id(id), peeled }) => {
                    return Resolved::Id { id: *id, peeled: *peeled };
                }
                Some(Stored { value: RefValue::Symbolic(next), .. }) => {
                    name = self.in_worktree_of(name.as_ref(), next.as_ref());
                }
            }
        }
        Resolved::Loop
    }

    /// A ref of one worktree names that worktree's own refs without its prefix.
    fn in_worktree_of(&self, name: &BStr, target: &BStr) -> BString {
        let prefix_len = match name.split_once_str("/") {
            Some((b"main-worktree", _)) => "main-worktree/".len(),
            Some((b"worktrees", rest)) => "worktrees/".len() + rest.find_byte(b'/').map_or(0, |at| at + 1),
            _ => 0,
        };
        let mut prefixed = BString::from(&name[..prefix_len]);
        prefixed.push_str(target);
        if self.refs.contains_key(&prefixed) { prefixed } else { target.to_owned() }
    }
}

impl Place {
    /// The name of a ref of this worktree as seen from the repository that was opened.
    pub(super) fn prefixed(&self, name: &[u8]) -> BString {
        let mut prefixed = self.prefix.clone();
        prefixed.push_str(name);
        prefixed
    }
}

/// As git's `is_root_ref`: capitals and underscores, ending in `_HEAD`, or one of a few others.
fn is_pseudo(name: &[u8]) -> bool {
    let capitals = name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_');
    (capitals && name.ends_with(b"_HEAD")) || OTHER_PSEUDO_REFS.contains(&name)
}
