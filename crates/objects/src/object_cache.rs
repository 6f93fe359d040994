//! Objects decoded lately, by where they are stored: what was read is the base of what is read next.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Arc;

use clru::{CLruCache, CLruCacheConfig, WeightScale};
use foldhash::fast::FixedState;

use crate::kind::Kind;

/// An object above this part of all memory would push out too many others.
const LARGEST_PART: usize = 32;

/// What an entry costs beside the object's bytes, about.
const OVERHEAD: usize = 128;

type Held = (Kind, Arc<[u8]>);

/// The objects used last, up to a number of bytes.
pub(crate) struct ObjectCache<Place> {
    objects: CLruCache<Place, Held, FixedState, Bytes>,
    largest: usize,
}

struct Bytes;

impl<Place> WeightScale<Place, Held> for Bytes {
    fn weight(&self, _: &Place, (_, bytes): &Held) -> usize {
        bytes.len() + OVERHEAD
    }
}

impl<Place: Eq + Hash> ObjectCache<Place> {
    /// A cache that holds so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        let capacity = NonZeroUsize::new(bytes).unwrap_or(NonZeroUsize::MIN);
        let config = CLruCacheConfig::new(capacity).with_hasher(FixedState::default()).with_scale(Bytes);
        Self { objects: CLruCache::with_config(config), largest: bytes / LARGEST_PART }
    }

    pub(crate) fn get(&mut self, place: &Place) -> Option<Held> {
        self.objects.get(place).cloned()
    }

    pub(crate) fn put(&mut self, place: Place, kind: Kind, bytes: &[u8]) {
        if bytes.len() <= self.largest {
            // Refused only where one object has no room, which `largest` excludes but for tiny capacities.
            self.objects.put_with_weight(place, (kind, bytes.into())).ok();
        }
    }

    pub(crate) fn clear(&mut self) {
        self.objects.clear();
    }
}
