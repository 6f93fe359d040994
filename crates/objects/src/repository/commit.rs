//! Reads from a commit what a walk of history needs: its tree, its parents, its time.

use gix_hash::ObjectId;

use super::objects::{ObjectError, ObjectReader, corrupt};
use crate::kind::Kind;

/// As many tags as may stand between a name and a commit.
const MAX_TAG_STEPS: usize = 100;

/// The header of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommitHeader {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// Seconds since 1970 by the committer's clock; zero if the line is broken, as for git.
    pub(super) time: i64,
}

/// Reads a commit. `buffer` is scratch space.
pub(super) fn read_commit(
    reader: &ObjectReader,
    id: &ObjectId,
    buffer: &mut Vec<u8>,
) -> Result<CommitHeader, ObjectError> {
    reader.read(id, Kind::Commit, buffer)?;
    let commit = crate::commit::parse(buffer, id.kind()).map_err(|error| corrupt(id, error))?;
    let time = commit.committer.and_then(|committer| committer.time).map_or(0, |time| time.seconds);
    Ok(CommitHeader { tree: commit.tree, parents: commit.parents, time })
}

/// Follows tags to a commit; `None` if they lead to something else.
pub(super) fn peel_to_commit(reader: &ObjectReader, id: &ObjectId) -> Result<Option<ObjectId>, ObjectError> {
    let mut id = *id;
    let mut buffer = Vec::new();
    for _ in 0..MAX_TAG_STEPS {
        match reader.read_any(&id, &mut buffer)? {
            Kind::Commit => return Ok(Some(id)),
            Kind::Tag => {
                id = crate::tag::parse(&buffer, id.kind()).map_err(|error| corrupt(&id, error))?.target;
            }
            Kind::Blob | Kind::Tree => return Ok(None),
        }
    }
    Err(corrupt(&id, "too many tags of tags"))
}
