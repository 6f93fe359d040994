//! What an id leads to through annotated tags.

use gix_hash::ObjectId;

use super::{
    handle::Repository,
    objects::{ObjectError, ObjectReader, corrupt},
};
use crate::kind::Kind;

/// As many tags as may stand between an id and what it is about.
const MAX_TAG_STEPS: usize = 100;

/// The end of a chain of tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeled {
    /// The tags on the way, outermost first.
    pub tags: Vec<ObjectId>,
    /// What kind of object the last one is about: never a tag.
    pub kind: Kind,
    /// Which one.
    pub id: ObjectId,
}

impl Repository {
    /// Follows `id` through annotated tags to a commit, tree or blob. Whoever asks for many takes
    /// [`ObjectReader::peel`].
    pub fn peel(&self, id: &ObjectId) -> Result<Peeled, ObjectError> {
        self.reader().peel(id)
    }
}

impl ObjectReader {
    /// Follows `id` through annotated tags to a commit, tree or blob.
    pub fn peel(&self, id: &ObjectId) -> Result<Peeled, ObjectError> {
        let (mut tags, mut id, mut bytes) = (Vec::new(), *id, Vec::new());
        while tags.len() <= MAX_TAG_STEPS {
            // A huge blob is not read for its kind.
            let kind = self.header(&id)?.0;
            if kind != Kind::Tag {
                return Ok(Peeled { tags, kind, id });
            }
            self.read(&id, Kind::Tag, &mut bytes)?;
            let target = crate::tag::parse(&bytes, id.kind()).map_err(|error| corrupt(&id, error))?.target;
            tags.push(id);
            id = target;
        }
        Err(corrupt(&id, "too many tags of tags"))
    }
}
