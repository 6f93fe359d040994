//! New blobs: each dirty one decoded once, and written as what changed against its new base.

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use gix_hash::ObjectId;
use unleak_objects::{
    Buffer, Derived, Kind, KindSet, ObjectStore, ReadError, Trouble, VisitOptions, Visitor,
};

use crate::forget::Forget;
use crate::output::{Output, OutputError};
use crate::replacer::ReplaceError;

/// A blob could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobsError {
    /// What is to be replaced in a blob cannot be.
    #[error("in blob {0}")]
    Replace(ObjectId, #[source] ReplaceError),
    /// A blob that must change cannot be held whole.
    #[error("blob {0} must change and cannot be read whole")]
    Read(ObjectId, #[source] Option<Box<ReadError>>),
    /// A new blob cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// What became of the blobs: new ids, `None` for those that are to go.
pub(crate) struct NewBlobs {
    pub(crate) fates: HashMap<ObjectId, Option<ObjectId>>,
    pub(crate) troubles: Vec<Trouble>,
}

/// Rewrites the blobs `dirty`.
pub(crate) fn rewrite(
    store: &ObjectStore,
    forget: &Forget,
    dirty: &HashSet<ObjectId>,
    output: &Output<'_>,
    options: &VisitOptions<'_>,
) -> Result<NewBlobs, BlobsError> {
    let select = |id: &ObjectId, _: Kind| dirty.contains(id);
    let mut options = *options;
    options.kinds = KindSet::BLOBS;
    options.select = Some(&select);
    let outcome = store.visit(&options, || BlobRewriter {
        forget,
        output,
        fates: HashMap::new(),
        failure: None,
        store,
    });
    let mut blobs = NewBlobs { fates: HashMap::with_capacity(dirty.len()), troubles: outcome.troubles };
    for rewriter in outcome.visitors {
        if let Some(failure) = rewriter.failure {
            return Err(failure);
        }
        blobs.fates.extend(rewriter.fates);
    }
    Ok(blobs)
}

struct BlobRewriter<'a> {
    store: &'a ObjectStore,
    forget: &'a Forget,
    output: &'a Output<'a>,
    fates: HashMap<ObjectId, Option<ObjectId>>,
    failure: Option<BlobsError>,
}

/// The new blob that stands for one, for those that are made from it.
type NewBlob = Option<Arc<(ObjectId, Vec<u8>)>>;

impl BlobRewriter<'_> {
    fn rewrite(&mut self, id: &ObjectId, bytes: &[u8], base: &NewBlob) -> NewBlob {
        let forget = self.forget;
        if forget.blobs.contains(id) || forget.larger_than.is_some_and(|limit| bytes.len() as u64 > limit) {
            self.fates.insert(*id, None);
            return None;
        }
        if self.failure.is_some() {
            return None;
        }
        let new = match forget.text.as_ref()?.replace(bytes) {
            Ok(new) => new?,
            Err(error) => {
                self.failure = Some(BlobsError::Replace(*id, error));
                return None;
            }
        };
        let base = base.as_ref().map(|base| (base.0, base.1.as_slice()));
        let written = self.output.name(Kind::Blob, &new);
        match written.and_then(|new_id| self.output.put(new_id, Kind::Blob, &new, base).map(|()| new_id)) {
            Ok(new_id) => {
                self.fates.insert(*id, Some(new_id));
                self.output.writes().then(|| Arc::new((new_id, new)))
            }
            Err(failure) => {
                self.failure = Some(failure.into());
                None
            }
        }
    }
}

impl Visitor for BlobRewriter<'_> {
    type Memory = NewBlob;

    fn object(&mut self, id: &ObjectId, _kind: Kind, bytes: &[u8]) -> NewBlob {
        self.rewrite(id, bytes, &None)
    }

    fn derived(&mut self, id: &ObjectId, _kind: Kind, derived: &mut Derived<'_>, base: &NewBlob) -> NewBlob {
        self.rewrite(id, derived.bytes(), base)
    }

    fn large_blob(&mut self, id: &ObjectId, _size: u64, content: &mut dyn Read) {
        // Read to its end so that what cannot be read is reported; the new bytes are made from the whole.
        let mut part = [0; 1 << 13];
        while content.read(&mut part).is_ok_and(|read| read > 0) {}
        let mut buffer = Buffer::default();
        match self.store.find(id, &mut buffer) {
            Ok(Some((_, bytes))) => drop(self.rewrite(id, bytes, &None)),
            Ok(None) => self.failure = Some(BlobsError::Read(*id, None)),
            Err(error) => self.failure = Some(BlobsError::Read(*id, Some(Box::new(error)))),
        }
    }
}
