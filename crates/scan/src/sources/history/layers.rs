//! Which objects were scanned before and need not be scanned again: those in which nothing was found.
//!
//! A layer is some packs, or some loose objects, and speaks of what they brought besides the layers below. Objects with
//! something in them are only named; they are scanned again, so that nothing has to be written down about it.

use std::collections::HashSet;

use unleak_findings::ObjectId;
use unleak_objects::{ObjectStore, Pack};

use crate::codec::{In, Out};

/// What is known of the objects of a store.
#[derive(Debug, Default)]
pub(super) struct Layers<'s> {
    list: Vec<Layer>,
    /// All packs and loose objects of the list.
    packs: Vec<&'s Pack>,
    loose: HashSet<ObjectId>,
    marked: HashSet<ObjectId>,
}

#[derive(Debug, Default)]
struct Layer {
    /// What tells the packs from all others.
    packs: Vec<Vec<u8>>,
    loose: Vec<ObjectId>,
    /// Objects with something in them.
    marked: Vec<ObjectId>,
    /// The other blobs, and their bytes.
    blobs: u64,
    bytes: u64,
}

/// What a scan has seen for the first time.
#[derive(Debug, Default)]
pub(super) struct Fresh {
    /// In packs.
    pub(super) packed: Bulk,
    /// Outside of packs.
    pub(super) loose: Bulk,
    /// All of `loose`, by id.
    pub(super) loose_ids: Vec<ObjectId>,
}

/// Objects.
#[derive(Debug, Default)]
pub(super) struct Bulk {
    /// Those with something in them.
    pub(super) marked: Vec<ObjectId>,
    /// The other blobs, and their bytes.
    pub(super) blobs: u64,
    pub(super) bytes: u64,
}

/// More layers are joined: each costs a little.
const MOST: usize = 16;

impl<'s> Layers<'s> {
    /// Reads what [`Self::grown`] wrote, as far as it speaks of what is still there. `None` if it makes no sense.
    pub(super) fn read(bytes: &[u8], store: &'s ObjectStore) -> Option<Self> {
        let mut input = In::new(bytes, store.hash());
        let list = input.list(Layer::read)?;
        if !input.is_at_end() || list.len() > MOST {
            return None;
        }
        let mut layers = Self::default();
        for layer in list {
            let found = |name: &Vec<u8>| {
                store.packs().iter().find(|pack| pack.identity().is_some_and(|identity| identity == *name))
            };
            let packs: Option<Vec<_>> = layer.packs.iter().map(found).collect();
            // What lies above speaks only of what this one has not.
            let Some(packs) = packs.filter(|_| layer.loose.iter().all(|id| store.contains(id))) else {
                break;
            };
            layers.packs.extend(packs);
            layers.loose.extend(&layer.loose);
            layers.marked.extend(&layer.marked);
            layers.list.push(layer);
        }
        Some(layers)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether the object was scanned before.
    pub(super) fn covers(&self, id: &ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.contains(id)) || self.loose.contains(id)
    }

    /// Whether the object was scanned before and there is nothing in it.
    pub(super) fn skips(&self, id: &ObjectId) -> bool {
        self.covers(id) && !self.marked.contains(id)
    }

    /// How many blobs are skipped, and how many bytes they have.
    pub(super) fn skipped(&self) -> (u64, u64) {
        self.list.iter().fold((0, 0), |(blobs, bytes), layer| (blobs + layer.blobs, bytes + layer.bytes))
    }

    /// These layers with one more for what was new, as bytes. `None` if some pack has nothing to tell it by.
    pub(super) fn grown(mut self, fresh: Fresh, store: &ObjectStore) -> Option<Vec<u8>> {
        let names: Vec<_> = store.packs().iter().map(Pack::identity).collect::<Option<_>>()?;
        let known: HashSet<_> = self.list.iter().flat_map(|layer| layer.packs.iter().cloned()).collect();
        let packs: Vec<_> = names.into_iter().filter(|name| !known.contains(name)).collect();
        if !packs.is_empty() {
            self.list.push(Layer::new(packs, Vec::new(), fresh.packed));
        }
        if !fresh.loose_ids.is_empty() {
            let loose = Layer::new(Vec::new(), fresh.loose_ids, fresh.loose);
            match self.list.last_mut().filter(|top| top.packs.is_empty()) {
                Some(top) => top.absorb(loose),
                None => self.list.push(loose),
            }
        }
        while self.list.len() > MOST {
            let top = self.list.pop()?;
            self.list.last_mut()?.absorb(top);
        }
        let mut out = Out::default();
        out.list(&self.list, |out, layer| layer.write(out));
        Some(out.0)
    }
}

impl Layer {
    fn new(packs: Vec<Vec<u8>>, mut loose: Vec<ObjectId>, mut bulk: Bulk) -> Self {
        loose.sort_unstable();
        bulk.marked.sort_unstable();
        Self { packs, loose, marked: bulk.marked, blobs: bulk.blobs, bytes: bulk.bytes }
    }

    fn absorb(&mut self, above: Self) {
        self.packs.extend(above.packs);
        self.loose.extend(above.loose);
        self.marked.extend(above.marked);
        self.blobs += above.blobs;
        self.bytes += above.bytes;
    }

    fn write(&self, out: &mut Out) {
        out.list(&self.packs, |out, pack| out.bytes(pack));
        out.list(&self.loose, Out::id);
        out.list(&self.marked, Out::id);
        out.number(self.blobs);
        out.number(self.bytes);
    }

    fn read(input: &mut In<'_>) -> Option<Self> {
        Some(Self {
            packs: input.list(|input| input.bytes().map(<[u8]>::to_vec))?,
            loose: input.list(In::id)?,
            marked: input.list(In::id)?,
            // Sums of hostile ones must not overflow.
            blobs: input.number().filter(|blobs| blobs >> 48 == 0)?,
            bytes: input.number().filter(|bytes| bytes >> 56 == 0)?,
        })
    }
}

impl Fresh {
    /// Joins what another thread has seen.
    pub(super) fn merge(&mut self, other: Self) {
        self.packed.merge(other.packed);
        self.loose.merge(other.loose);
        self.loose_ids.extend(other.loose_ids);
    }
}

impl Bulk {
    fn merge(&mut self, other: Self) {
        self.marked.extend(other.marked);
        self.blobs += other.blobs;
        self.bytes += other.bytes;
    }
}
