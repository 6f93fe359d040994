//! What went wrong with one object or one file of the store: errors as data, so that the rest goes on.

use std::io;
use std::path::{Path, PathBuf};

use gix_hash::ObjectId;

/// One thing that could not be read. Everything else was read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The object concerned; `None` when a whole file or folder is.
    pub id: Option<ObjectId>,
    /// The file or folder where the trouble lies.
    pub path: PathBuf,
    /// The class of the trouble, for decisions.
    pub kind: TroubleKind,
    /// One lower-case sentence for people. Never holds content of an object.
    pub message: String,
}

/// The class of a [`Trouble`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TroubleKind {
    /// The operating system refused to open, map or read.
    Unreadable,
    /// The stored bytes are not what the format or a checksum asks for.
    Damaged,
    /// The object is larger than the limit the caller set.
    TooLarge,
    /// The object is a delta and its base is missing, broken or too large.
    MissingBase,
    /// The object is a delta that rests on itself.
    Cycle,
    /// The bytes hash to another id.
    WrongId,
    /// A pack has no usable index; `git index-pack` makes one.
    NoIndex,
    /// A pack index or multi-pack-index is malformed, or does not belong to its pack.
    BadIndex,
    /// An alternate object folder is missing, or alternates nest too deeply.
    Alternate,
}

impl Trouble {
    pub(crate) fn with_file(path: &Path, kind: TroubleKind, message: impl Into<String>) -> Self {
        Self { id: None, path: path.to_owned(), kind, message: message.into() }
    }

    pub(crate) fn with_object(id: ObjectId, path: &Path, fault: &Fault) -> Self {
        Self { id: Some(id), path: path.to_owned(), kind: fault.trouble_kind(), message: fault.to_string() }
    }
}

/// Why one object of [`ObjectStore::find`](crate::ObjectStore::find) or
/// [`ObjectStore::header`](crate::ObjectStore::header) could not be read, although the store lists it.
#[derive(Debug, thiserror::Error)]
#[error("object {id} in {} cannot be read", path.display())]
pub struct ReadError {
    /// The object that was asked for.
    pub id: ObjectId,
    /// The file that holds it.
    pub path: PathBuf,
    /// The reason.
    #[source]
    pub fault: Fault,
}

/// Why the stored form of one object cannot be decoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// Opening or reading the file failed.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The offset the index gives lies outside of the pack.
    #[error("its offset {0} lies outside of the pack")]
    Offset(u64),
    /// The header of the pack entry or loose object is cut short or malformed.
    #[error("its header is malformed")]
    Header,
    /// The zlib stream is damaged or cut short.
    #[error("its compressed bytes are damaged")]
    Zlib,
    /// The zlib stream holds another number of bytes than the header declares.
    #[error("its compressed bytes do not hold the {0} bytes its header declares")]
    Length(u64),
    /// The stored bytes do not have the checksum the pack index gives.
    #[error("its stored bytes do not have the checksum in the pack index")]
    Checksum,
    /// The delta instructions are malformed, or do not fit the base.
    #[error("its delta is malformed or does not fit its base")]
    Delta,
    /// The object, its delta or one of its bases is larger than the limit.
    #[error("its size of {size} bytes is above the limit of {limit} bytes")]
    TooLarge {
        /// The declared size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The object is a delta against an object that no pack or folder of the store holds.
    #[error("it is a delta against {0}, which is not in the store")]
    MissingBase(ObjectId),
    /// The object is a delta against an object that cannot be read.
    #[error("it is a delta against an object that cannot be read")]
    BrokenBase,
    /// The chain of deltas closes into a circle.
    #[error("it is a delta that rests on itself")]
    Cycle,
    /// The decoded bytes hash to another id.
    #[error("its bytes do not hash to its id")]
    WrongId,
}

impl Fault {
    /// The class of trouble this fault makes.
    pub fn trouble_kind(&self) -> TroubleKind {
        match self {
            Self::Io(_) => TroubleKind::Unreadable,
            Self::Offset(_) => TroubleKind::BadIndex,
            Self::Header | Self::Zlib | Self::Length(_) | Self::Checksum | Self::Delta => {
                TroubleKind::Damaged
            }
            Self::TooLarge { .. } => TroubleKind::TooLarge,
            Self::MissingBase(_) | Self::BrokenBase => TroubleKind::MissingBase,
            Self::Cycle => TroubleKind::Cycle,
            Self::WrongId => TroubleKind::WrongId,
        }
    }
}
