//! New annotated tags: those that name something that changes, or hold something to forget; tags of tags, too.

use std::collections::BTreeSet;

use gix_hash::ObjectId;
use unleak_objects::{Buffer, Kind, ObjectStore, ReadError};

use crate::change::{Fate, ObjectMap};
use crate::forget::Forget;
use crate::output::{Output, OutputError};
use crate::replacer::ReplaceError;
use crate::survey::Survey;

use super::refs::Starts;
use super::tag;

/// A tag could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TagsError {
    /// A tag that must change cannot be read.
    #[error("tag {0} must change and cannot be read")]
    Read(ObjectId, #[source] Option<Box<ReadError>>),
    /// What is to be replaced in a tag cannot be.
    #[error("in tag {0}")]
    Replace(ObjectId, #[source] ReplaceError),
    /// The new tag cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What there is to say about tags.
#[derive(Debug, Default)]
pub(crate) struct NewTags {
    pub(crate) changed: u64,
    pub(crate) signatures_lost: Vec<ObjectId>,
}

/// Rewrites the tags that `starts` lead to, and writes into `objects` what became of them.
pub(crate) fn rewrite(
    store: &ObjectStore,
    forget: &Forget,
    survey: &Survey,
    output: &Output<'_>,
    objects: &mut ObjectMap,
    starts: &Starts,
    references: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
) -> Result<NewTags, TagsError> {
    let mut result = NewTags::default();
    let mut done: BTreeSet<ObjectId> = BTreeSet::new();
    let mut buffer = Buffer::default();
    for start in starts.ids() {
        for id in chain(survey, start).into_iter().rev() {
            let Some(target) = survey.tag_targets.get(&id).filter(|_| done.insert(id)) else { continue };
            let new_target = match objects.fate(target) {
                Fate::Gone => {
                    objects.insert(id, None);
                    continue;
                }
                Fate::Same if !survey.tags.contains(&id) => continue,
                Fate::Same => *target,
                Fate::Replaced(new) => new,
            };
            let bytes = match store.find(&id, &mut buffer) {
                Ok(Some((Kind::Tag, bytes))) => bytes,
                Ok(_) => return Err(TagsError::Read(id, None)),
                Err(error) => return Err(TagsError::Read(id, Some(Box::new(error)))),
            };
            let (bytes, signature_lost) =
                tag::rewrite(bytes, new_target, forget, &mut |message| references(message))
                    .map_err(|error| TagsError::Replace(id, error))?;
            let new = output.name(Kind::Tag, &bytes)?;
            output.put(new, Kind::Tag, &bytes, None)?;
            objects.insert(id, Some(new));
            result.changed += 1;
            result.signatures_lost.extend(signature_lost.then_some(id));
        }
    }
    result.signatures_lost.sort_unstable();
    Ok(result)
}

/// A tag, the tag it names, and so on.
fn chain(survey: &Survey, start: ObjectId) -> Vec<ObjectId> {
    let mut chain = Vec::new();
    let mut at = start;
    // Tags of tags are finite; the bound is for a circle that only a broken hash function could make.
    while let Some(target) = survey.tag_targets.get(&at).filter(|_| chain.len() < 1000) {
        chain.push(at);
        at = *target;
    }
    chain
}
