//! What one line of the journal says.

use std::path::PathBuf;

use bstr::BString;
use gix_hash::ObjectId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::escaped;

/// How far a run has come: each is written when its work is done and on disk, but for those that say "begun".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// Begun; nothing is changed.
    Init,
    /// What there was and what will be is in the journal.
    Snapshot,
    /// The backup stands.
    Backup,
    /// The new objects are in the store.
    Objects,
    /// They were shown to be free of what is to be forgotten. The refs move next, all at once.
    Proof,
    /// The refs have moved.
    Refs,
    /// Reflogs, indexes and files have followed.
    Worktrees,
    /// The reports are written.
    Meta,
    /// All done; it can be undone.
    Done,
    /// Undoing has begun.
    Undoing,
    /// Everything is as it was before.
    Undone,
    /// Given up before any ref moved.
    RolledBack,
    /// Purging has begun; from here on nothing can be undone.
    Purging,
    /// The old objects are gone.
    Purged,
}

impl State {
    /// Whether a run in this state waits for someone to finish it.
    pub fn is_unfinished(self) -> bool {
        !matches!(self, Self::Done | Self::Undone | Self::RolledBack | Self::Purged)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Init => "begun",
            Self::Snapshot => "snapshot taken",
            Self::Backup => "backup made",
            Self::Objects => "new objects in place",
            Self::Proof => "new history proved",
            Self::Refs => "refs moved",
            Self::Worktrees => "worktrees updated",
            Self::Meta => "reports written",
            Self::Done => "done",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::RolledBack => "rolled back",
            Self::Purging => "purging",
            Self::Purged => "purged",
        })
    }
}

/// A line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub(crate) enum Record {
    Begin(Begin),
    Ref {
        #[serde(with = "escaped")]
        name: BString,
        #[serde(with = "hex")]
        old: ObjectId,
        #[serde(with = "hex_option")]
        new: Option<ObjectId>,
    },
    Worktree(WorktreeRecord),
    Entry(Entry),
    State {
        state: State,
    },
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Begin {
    /// Of the journal.
    pub(crate) version: u32,
    /// Seconds since 1970.
    pub(crate) time: i64,
    /// Where the backup is or will be.
    #[serde(with = "escaped")]
    pub(crate) backup: Option<PathBuf>,
    /// The name of the new pack in `objects/pack`, without extension.
    pub(crate) pack: Option<String>,
    /// Whether reports are written.
    pub(crate) reports: bool,
}

/// A worktree with entries that change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WorktreeRecord {
    /// Its number among those of this run.
    pub(crate) number: usize,
    /// The name of a linked one, empty for the main one. Where it is may change until the run is undone.
    #[serde(with = "escaped")]
    pub(crate) id: BString,
    /// Whether resolved conflicts in its index name old blobs.
    pub(crate) forget_resolved: bool,
}

/// An entry of an index that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Of the worktree.
    pub(crate) worktree: usize,
    #[serde(with = "escaped")]
    pub(crate) path: BString,
    /// As git writes it: `100644`.
    pub(crate) mode: String,
    pub(crate) stage: u8,
    #[serde(with = "hex")]
    pub(crate) old: ObjectId,
    /// `None`: it leaves the index.
    #[serde(with = "hex_option")]
    pub(crate) new: Option<ObjectId>,
    /// Whether the user told git to take the file for unchanged, or to do without it.
    pub(crate) assume_unchanged: bool,
    pub(crate) skip_worktree: bool,
}

/// Ids as hex digits.
mod hex {
    use super::{Deserialize, Deserializer, ObjectId, Serializer};

    pub(super) fn serialize<S: Serializer>(id: &ObjectId, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ObjectId, D::Error> {
        let text = String::deserialize(deserializer)?;
        ObjectId::from_hex(text.as_bytes()).map_err(serde::de::Error::custom)
    }
}

/// Ids as hex digits, or `null`.
mod hex_option {
    use super::{Deserialize, Deserializer, ObjectId, Serializer};

    #[allow(clippy::ref_option, reason = "the derive passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(id: &Option<ObjectId>, serializer: S) -> Result<S::Ok, S::Error> {
        match id {
            Some(id) => serializer.collect_str(id),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<ObjectId>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| ObjectId::from_hex(text.as_bytes()).map_err(serde::de::Error::custom)).transpose()
    }
}
