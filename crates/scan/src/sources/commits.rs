//! Which commits a range is about, and what the refs are called that bring it.

use bstr::BString;
use unleak_findings::ObjectId;

/// A range of commits.
#[derive(Clone, Debug, Default)]
pub struct CommitsToScan {
    /// Commits whose history is scanned.
    pub include: Vec<ObjectId>,
    /// Commits whose history is not.
    pub exclude: Vec<ObjectId>,
    /// The names of revisions that `include` stands for, such as `topic` or `HEAD`. What the refs of these names are called
    /// is scanned even if the range is empty.
    pub tips: Vec<String>,
    /// What the range is called in reports, such as `main..topic`.
    pub name: String,
    /// Refs that are about to be written, which bring the range to where it is not yet: their names are scanned, and the
    /// annotated tags, trees and blobs that they lead to.
    pub brought: Vec<BroughtRef>,
    /// Only these are written: what this repository's own refs are called and say is not scanned.
    pub only_brought: bool,
}

/// A ref that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtRef {
    /// Its full name where it will be written.
    pub name: BString,
    /// What it will lead to: any object.
    pub target: ObjectId,
}
