//! Single blobs by id, scanned as files: small ones whole, large ones in parts.

use std::sync::OnceLock;

use unleak_objects::repository::{ObjectError, ObjectReader, Repository};
use unleak_objects::{Buffer, Content, Kind, ObjectId, ObjectStore, ReadError};

use crate::outcome::SkipReason;
use crate::part::{Context, Looked};
use crate::scanner::{Bench, Sighting};
use crate::sources::unread;

/// Where blobs are read from; shared by all threads.
pub(super) struct Blobs<'a> {
    context: &'a Context<'a>,
    repository: &'a Repository,
    /// Opened for the first large blob: a commit gate mostly has none.
    store: OnceLock<Option<ObjectStore>>,
}

/// One thread's readers.
pub(super) struct BlobReader {
    pub(super) objects: ObjectReader,
    buffer: Buffer,
}

/// Why a blob was not scanned, for the ledger.
pub(super) struct Unread {
    pub(super) reason: SkipReason,
    pub(super) why: String,
}

impl<'a> Blobs<'a> {
    pub(super) fn new(context: &'a Context<'a>, repository: &'a Repository) -> Self {
        Self { context, repository, store: OnceLock::new() }
    }

    pub(super) fn reader(&self) -> BlobReader {
        BlobReader { objects: self.repository.reader(), buffer: Buffer::default() }
    }

    /// Scans the blob `id` as a file of that name.
    pub(super) fn scan(
        &self,
        reader: &mut BlobReader,
        id: &ObjectId,
        path: &[u8],
        bench: &mut Bench,
    ) -> Result<Looked, Unread> {
        // An error shows again below. What is stored as a delta cannot be read in parts.
        let above = self.context.limits.stream_above;
        if reader.objects.whole_size(id).is_some_and(|size| size > above)
            && let Some(looked) =
                self.large(reader, id, path, bench).map_err(|error| Unread::of_read(&error))?
        {
            return Ok(looked);
        }
        let text = reader.objects.blob(id).map_err(|error| self.unread(&error))?;
        Ok(self.context.blob(path, Content::Whole(&text), bench))
    }

    /// The sightings in an older version. One that cannot be read counts as empty: too much is safe.
    pub(super) fn before(&self, reader: &mut BlobReader, id: &ObjectId, path: &[u8]) -> Vec<Sighting> {
        let looked = self.scan(reader, id, path, &mut Bench::default());
        looked.map(|looked| looked.sightings).unwrap_or_default()
    }

    /// How the ledger puts `error`.
    pub(super) fn unread(&self, error: &ObjectError) -> Unread {
        Unread { reason: unread::reason(error, self.repository.is_partial()), why: unread::chain(error) }
    }

    /// `None` if the store does not have it: the repository may know of other places.
    fn large(
        &self,
        reader: &mut BlobReader,
        id: &ObjectId,
        path: &[u8],
        bench: &mut Bench,
    ) -> Result<Option<Looked>, ReadError> {
        let store = self.store.get_or_init(|| self.context.store(self.repository).ok());
        let Some(store) = store else { return Ok(None) };
        let mut looked = None;
        let found = store.find_with(id, &mut reader.buffer, &mut |kind, content| {
            looked = (kind == Kind::Blob).then(|| self.context.blob(path, content, bench));
        })?;
        Ok(found.and(looked))
    }
}

impl Unread {
    fn of_read(error: &ReadError) -> Self {
        Self { reason: unread::reason_of_read(error), why: unread::chain(error) }
    }
}
