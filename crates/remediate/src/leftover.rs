//! Something that a proof has found, and where it stands.

use std::path::PathBuf;

use bstr::BString;
use gix_hash::ObjectId;

/// Something that was to be forgotten and is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// Where it stands.
    pub place: LeftoverPlace,
    /// A commit, tag or blob; the null id for a ref name or a file.
    pub id: ObjectId,
}

/// Where something is left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftoverPlace {
    /// In the tree of the commit, at this path.
    Tree(BString),
    /// In an archive at this path, among others.
    Archive(BString),
    /// In the text of a commit or tag.
    Text,
    /// In what an index has at this path; the index's worktree as its refs are named.
    Index(BString, BString),
    /// In the name of this ref.
    RefName(BString),
    /// The ref leads to it straight away.
    Ref(BString),
    /// A blob that nothing leads to.
    Unreachable,
    /// A file of the git directory.
    File(PathBuf),
}

/// What is left, in words, without what it is.
impl std::fmt::Display for Leftover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.place {
            LeftoverPlace::Tree(path) => write!(f, "commit {} has it at {path}", self.id),
            LeftoverPlace::Archive(path) => write!(f, "archive {} has it in it, at {path}", self.id),
            LeftoverPlace::Text => write!(f, "{} has it in its text", self.id),
            LeftoverPlace::Index(worktree, path) if worktree.is_empty() => {
                write!(f, "the index has it at {path}")
            }
            LeftoverPlace::Index(worktree, path) => write!(f, "the index of {worktree} has it at {path}"),
            LeftoverPlace::RefName(name) => write!(f, "the name of ref {name} holds it"),
            LeftoverPlace::Ref(name) => write!(f, "ref {name} leads to {} which holds it", self.id),
            LeftoverPlace::Unreachable => write!(f, "blob {} holds it", self.id),
            LeftoverPlace::File(path) => write!(f, "file {} holds it", path.display()),
        }
    }
}
