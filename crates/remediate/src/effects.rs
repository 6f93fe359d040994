//! What there is to say about a rewrite besides what becomes of refs and commits.

use gix_hash::ObjectId;
use unleak_objects::Visited;

use crate::archive::Archive;

/// Counts and lists for the plan.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// How much was looked at.
    pub visited: Visited,
    /// Blobs that get new content.
    pub blobs_changed: u64,
    /// Blobs that are deleted wherever they stand.
    pub blobs_gone: u64,
    /// Trees that change.
    pub trees_changed: u64,
    /// Annotated tags that change.
    pub tags_changed: u64,
    /// Commits of notes that change.
    pub notes_moved: u64,
    /// Commits that lose their signature, by their old ids; sorted.
    pub commits_signed: Vec<ObjectId>,
    /// Tags that lose their signature, by their old ids; sorted.
    pub tags_signed: Vec<ObjectId>,
    /// What pointers of Git LFS that are no more point to (`sha256:…`): its host still has it. Sorted.
    pub lfs_orphaned: Vec<String>,
    /// Archives that hold something, or that nobody could look into: nothing is replaced in what they compress. Sorted.
    pub archives: Vec<Archive>,
}
