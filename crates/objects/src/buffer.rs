//! Memory for reading objects one after the other, and what is kept of them.

use crate::inflate::Inflater;
use crate::kind::Kind;
use crate::object_cache::ObjectCache;
use crate::spot::Spot;

/// Memory for [`ObjectStore::find`](crate::ObjectStore::find), kept from one call to the next.
pub struct Buffer {
    pub(crate) inflater: Inflater,
    /// The object.
    pub(crate) bytes: Vec<u8>,
    pub(crate) spare: Vec<u8>,
    pub(crate) delta: Vec<u8>,
    /// Objects decoded lately, for readers of objects that rest on one another.
    pub(crate) cache: Option<ObjectCache<Spot>>,
}

impl Buffer {
    /// A buffer that keeps objects decoded lately, up to so many bytes.
    pub(crate) fn with_cache(bytes: usize) -> Self {
        Self { cache: Some(ObjectCache::new(bytes)), ..Self::default() }
    }

    /// Keeps what it holds as the object at `spot`.
    pub(crate) fn keep(&mut self, spot: Spot, kind: Kind) {
        if let Some(cache) = &mut self.cache {
            cache.put(spot, kind, &self.bytes);
        }
    }

    /// Forgets the objects decoded lately. Needed when the store is another one: spots are those of one store.
    pub(crate) fn forget(&mut self) {
        if let Some(cache) = &mut self.cache {
            cache.clear();
        }
    }
}

impl Default for Buffer {
    fn default() -> Self {
        Self {
            inflater: Inflater::new(),
            bytes: Vec::new(),
            spare: Vec::new(),
            delta: Vec::new(),
            cache: None,
        }
    }
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffer").finish_non_exhaustive()
    }
}
