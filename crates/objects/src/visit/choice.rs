//! Which copy of an object is visited when packs and folders hold several.
//!
//! Decided for all objects before anything is decoded: packs come before loose objects, earlier packs before later ones.

use gix_hash::{ObjectId, oid};
use rayon::prelude::*;

use crate::loose;
use crate::pack::Pack;
use crate::spot::{Spot, number_u32};
use crate::store::ObjectStore;
use crate::trouble::Trouble;

/// The copies to visit.
pub(super) struct Choice {
    /// For each pack, the index positions to leave out, as a set of bits; empty when nothing is left out.
    left_out: Vec<Vec<u64>>,
    /// The loose objects to visit.
    pub(super) loose: Vec<Spot>,
}

impl Choice {
    /// Lists everything and decides.
    pub(super) fn new(store: &ObjectStore, troubles: &mut Vec<Trouble>) -> Self {
        let mut choice =
            Self { left_out: vec![Vec::new(); store.packs.len()], loose: loose_only(store, troubles) };
        if store.packs.len() > 1 {
            let repeated: Vec<Vec<(u32, u32)>> =
                (0..=255u8).into_par_iter().map(|byte| repeated(&store.packs, byte)).collect();
            for (pack, position) in repeated.into_iter().flatten() {
                choice.leave_out(&store.packs, pack, position);
            }
        }
        choice
    }

    /// Whether the object at `position` of this pack is left to another copy.
    #[inline]
    pub(super) fn leaves_out(&self, pack: u32, position: u32) -> bool {
        let bits = &self.left_out[pack as usize];
        !bits.is_empty() && bits[position as usize / 64] & (1 << (position % 64)) != 0
    }

    fn leave_out(&mut self, packs: &[Pack], pack: u32, position: u32) {
        let bits = &mut self.left_out[pack as usize];
        if bits.is_empty() {
            bits.resize(packs[pack as usize].object_count() as usize / 64 + 1, 0);
        }
        bits[position as usize / 64] |= 1 << (position % 64);
    }
}

/// The loose objects that no pack and no earlier folder holds.
fn loose_only(store: &ObjectStore, troubles: &mut Vec<Trouble>) -> Vec<Spot> {
    let mut all: Vec<(ObjectId, u32)> = Vec::new();
    for (number, folder) in store.folders.iter().enumerate() {
        let ids = loose::list(folder, store.hash, troubles);
        all.extend(ids.into_iter().map(|id| (id, number_u32(number))));
    }
    all.sort_unstable();
    all.dedup_by_key(|(id, _)| *id);
    let unpacked = |id: &ObjectId| !store.packs.iter().any(|pack| pack.index().lookup(id).is_some());
    all.into_par_iter()
        .filter(|(id, _)| unpacked(id))
        .map(|(id, folder)| Spot::Loose { folder, id })
        .collect()
}

/// Pack and position of all objects whose id starts with `byte` that an earlier position or pack holds too.
fn repeated(packs: &[Pack], byte: u8) -> Vec<(u32, u32)> {
    let mut rows: Vec<(&oid, u32, u32)> = Vec::new();
    for (number, pack) in packs.iter().enumerate() {
        let index = pack.index();
        rows.extend(index.bucket(byte).map(|position| (index.id(position), number_u32(number), position)));
    }
    // Sorted runs, one a pack: the stable sort merges them.
    rows.sort();
    rows.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| (pair[1].1, pair[1].2)).collect()
}
