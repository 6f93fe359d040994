//! Single objects by id: whether they exist, their kind and size, their bytes.
//!
//! A delta chain is walked down to its whole object first, headers only, and then built up again; no recursion, two
//! buffers. Where one copy of an object, or of a base, is damaged and another pack or folder holds a second copy, that one
//! is used.

use std::path::PathBuf;
use std::sync::Arc;

use gix_hash::ObjectId;

use crate::buffer::Buffer;
use crate::hashing::object_id;
use crate::inflate::Inflater;
use crate::kind::Kind;
use crate::loose;
use crate::object_cache::ObjectCache;
use crate::pack::Pack;
use crate::pack::delta::Delta;
use crate::pack::entry::{Body, EntryHeader};
use crate::spot::{Bad, Spot, number_u32};
use crate::store::ObjectStore;
use crate::trouble::{Fault, ReadError};

/// A fault and the copy it was found in.
type Failure = (Spot, Fault);

/// A chain of deltas, from the wanted object down to a whole one.
struct Chain {
    deltas: Vec<Link>,
    whole: Whole,
}

#[derive(Clone, Copy)]
struct Link {
    pack: u32,
    offset: u64,
    header: EntryHeader,
}

enum Whole {
    Packed(Link, Kind),
    Loose(u32, ObjectId),
    /// Decoded before.
    Held(Kind, Arc<[u8]>),
}

/// How often a chain is searched anew after one of its links proved unreadable.
const ATTEMPTS: usize = 16;

impl ObjectStore {
    /// Reads the object `id` into `buffer`; `None` when no pack or folder of the store lists it. The bytes are hashed: what
    /// is returned is what `id` names.
    pub fn find<'b>(
        &self,
        id: &ObjectId,
        buffer: &'b mut Buffer,
    ) -> Result<Option<(Kind, &'b [u8])>, ReadError> {
        match self.resolve(id, &mut Bad::new(), buffer) {
            Ok(found) => Ok(found.map(|kind| (kind, buffer.bytes.as_slice()))),
            Err((spot, fault)) => Err(self.read_error(*id, &spot, fault)),
        }
    }

    /// Reads the object `id` into `buffer` as git does for its own use: the index is believed when it says where in a pack
    /// `id` lies, and the checksum of the compressed bytes when it holds. `None` as for [`ObjectStore::find`].
    pub(crate) fn read(&self, id: &ObjectId, buffer: &mut Buffer) -> Result<Option<Kind>, ReadError> {
        let mut bad = Bad::new();
        let mut first_failure = None;
        while let Some(spot) = self.choose(id, None, &bad) {
            match self.resolve_at(spot, &mut bad, buffer) {
                Ok(kind) => return Ok(Some(kind)),
                Err(fault) => first_failure.get_or_insert((spot, fault)),
            };
        }
        first_failure.map_or(Ok(None), |(spot, fault)| Err(self.read_error(*id, &spot, fault)))
    }

    /// Spends a pass over the ids of large packs, so that looking up very many takes less.
    pub(crate) fn prepare_for_many(&self) {
        self.packs.iter().for_each(|pack| pack.index().prepare_for_many());
    }

    /// Whether any pack or folder of the store lists `id`. Reads no object.
    pub fn contains(&self, id: &ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.contains(id)) || self.choose_loose(id, &Bad::new()).is_some()
    }

    /// The kind and size in bytes of the object `id`, without decoding it; `None` when the store does not list it.
    pub fn header(&self, id: &ObjectId) -> Result<Option<(Kind, u64)>, ReadError> {
        self.header_with(id, &mut Inflater::new())
    }

    /// [`ObjectStore::header`] with an inflater used before.
    pub(crate) fn header_with(
        &self,
        id: &ObjectId,
        inflater: &mut Inflater,
    ) -> Result<Option<(Kind, u64)>, ReadError> {
        let mut bad = Bad::new();
        let mut first_failure = None;
        while let Some(spot) = self.choose(id, None, &bad) {
            let chain = self.descend(spot, &mut bad, &mut None).map_err(|(_, fault)| fault);
            match chain.and_then(|chain| self.chain_header(&chain, inflater)) {
                Ok(header) => return Ok(Some(header)),
                Err(fault) => {
                    first_failure.get_or_insert((spot, fault));
                    bad.insert(spot);
                }
            }
        }
        first_failure.map_or(Ok(None), |(spot, fault)| Err(self.read_error(*id, &spot, fault)))
    }

    /// The size in bytes of the object `id` where it is stored whole; `None` for a delta, and for what cannot be read.
    pub(crate) fn whole_size(&self, id: &ObjectId, inflater: &mut Inflater) -> Option<u64> {
        let Step::Whole(whole) = self.step(self.choose(id, None, &Bad::new())?, &Bad::new()).ok()? else {
            return None;
        };
        self.chain_header(&Chain { deltas: Vec::new(), whole }, inflater).ok().map(|(_, size)| size)
    }

    /// The kind of the object stored at `spot`.
    pub(crate) fn kind_at(&self, spot: Spot) -> Result<Kind, Fault> {
        let chain = self.descend(spot, &mut Bad::new(), &mut None).map_err(|(_, fault)| fault)?;
        self.whole_kind(&chain, &mut Inflater::new())
    }

    /// Decodes the object `id` into `buffer`, from any copy that is not `bad` and hashes to `id`; `None` when there is
    /// none. Copies that turn out to be unreadable are added to `bad`.
    pub(crate) fn resolve(
        &self,
        id: &ObjectId,
        bad: &mut Bad,
        buffer: &mut Buffer,
    ) -> Result<Option<Kind>, (Spot, Fault)> {
        let mut first_failure = None;
        while let Some(spot) = self.choose(id, None, bad) {
            let fault = match self.resolve_at(spot, bad, buffer) {
                Ok(kind) if object_id(self.hash, kind, &buffer.bytes) == Some(*id) => return Ok(Some(kind)),
                Ok(_) => Fault::WrongId,
                Err(fault) => fault,
            };
            bad.insert(spot);
            first_failure.get_or_insert((spot, fault));
        }
        first_failure.map_or(Ok(None), Err)
    }

    /// Decodes this copy of an object into `buffer`, its bases from any copies that are not `bad`. On failure it, and what
    /// it failed for, is added to `bad`.
    pub(crate) fn resolve_at(&self, spot: Spot, bad: &mut Bad, buffer: &mut Buffer) -> Result<Kind, Fault> {
        let mut fault = Fault::BrokenBase;
        for _ in 0..ATTEMPTS {
            let chain = self.descend(spot, bad, &mut buffer.cache);
            let (failed, why) = match chain.and_then(|chain| self.build(&chain, buffer)) {
                Ok(kind) => return Ok(kind),
                Err(failure) => failure,
            };
            bad.insert(failed);
            if failed == spot {
                fault = why;
                break;
            }
        }
        bad.insert(spot);
        Err(fault)
    }

    /// The copy of `id` to read: from the pack `preferred` if it has one, else the first anywhere that is not `bad`.
    pub(crate) fn choose(&self, id: &ObjectId, preferred: Option<u32>, bad: &Bad) -> Option<Spot> {
        let packed = |number: usize, pack: &Pack| {
            let position = pack.index().lookup(id)?;
            let spot = Spot::Packed { pack: number_u32(number), offset: pack.index().offset(position)? };
            (!bad.contains(&spot)).then_some(spot)
        };
        let own = preferred.and_then(|number| packed(number as usize, &self.packs[number as usize]));
        own.or_else(|| self.packs.iter().enumerate().find_map(|(number, pack)| packed(number, pack)))
            .or_else(|| self.choose_loose(id, bad))
    }

    /// The loose copy of `id` to read.
    fn choose_loose(&self, id: &ObjectId, bad: &Bad) -> Option<Spot> {
        let mut spots =
            (0..self.folders.len()).map(|folder| Spot::Loose { folder: number_u32(folder), id: *id });
        spots.find(|spot| !bad.contains(spot) && self.path_of(spot).exists())
    }

    /// Walks from `start` down to a whole object. Where a base is unreadable, tries its other copies, then those of the
    /// delta above it; every copy that leads nowhere is added to `bad`, so that no walk goes there again.
    fn descend(
        &self,
        start: Spot,
        bad: &mut Bad,
        cache: &mut Option<ObjectCache<Spot>>,
    ) -> Result<Chain, Failure> {
        let mut deltas: Vec<Link> = Vec::new();
        let mut spot = start;
        // Brent's way to find a circle: compare with a place that moves on at every power of two.
        let (mut landmark, mut next_landmark) = (start, 8);
        loop {
            if let Some((kind, bytes)) = cache.as_mut().and_then(|cache| cache.get(&spot)) {
                return Ok(Chain { deltas, whole: Whole::Held(kind, bytes) });
            }
            let fault = match self.step(spot, bad) {
                Ok(Step::Whole(whole)) => return Ok(Chain { deltas, whole }),
                Ok(Step::Delta(link, base)) => {
                    deltas.push(link);
                    if base != landmark {
                        if deltas.len() == next_landmark {
                            (landmark, next_landmark) = (base, next_landmark * 2);
                        }
                        spot = base;
                        continue;
                    }
                    deltas.pop();
                    Fault::Cycle
                }
                Err(fault) => fault,
            };
            spot = self.retreat((spot, fault), &mut deltas, bad)?;
            (landmark, next_landmark) = (spot, deltas.len() + 8);
        }
    }

    /// Marks the copy that failed as bad and gives the next best one, at the same height of the chain or above.
    fn retreat(&self, failure: Failure, deltas: &mut Vec<Link>, bad: &mut Bad) -> Result<Spot, Failure> {
        let (mut spot, mut fault) = failure;
        loop {
            bad.insert(spot);
            let Some(above) = deltas.last() else { return Err((spot, fault)) };
            if let Some(other) = self.id_of(&spot).and_then(|id| self.choose(&id, None, bad)) {
                return Ok(other);
            }
            spot = Spot::Packed { pack: above.pack, offset: above.offset };
            deltas.pop();
            fault = if matches!(fault, Fault::Cycle) { Fault::Cycle } else { Fault::BrokenBase };
        }
    }

    fn step(&self, spot: Spot, bad: &Bad) -> Result<Step, Fault> {
        let (pack, offset) = match spot {
            Spot::Loose { folder, id } => return Ok(Step::Whole(Whole::Loose(folder, id))),
            Spot::Packed { pack, offset } => (pack, offset),
        };
        let link = Link { pack, offset, header: self.packs[pack as usize].header(offset)? };
        let base = match link.header.body {
            Body::Whole(kind) => return Ok(Step::Whole(Whole::Packed(link, kind))),
            Body::OffsetDelta(base) => {
                let spot = Spot::Packed { pack, offset: base };
                if bad.contains(&spot) {
                    self.id_of(&spot).and_then(|id| self.choose(&id, None, bad))
                } else {
                    Some(spot)
                }
            }
            Body::IdDelta(id) => match self.choose(&id, Some(pack), bad) {
                None if !self.contains(&id) => return Err(Fault::MissingBase(id)),
                found => found,
            },
        };
        base.map(|base| Step::Delta(link, base)).ok_or(Fault::BrokenBase)
    }

    /// Builds the object at the top of `chain` into `buffer`.
    fn build(&self, chain: &Chain, buffer: &mut Buffer) -> Result<Kind, Failure> {
        let kind = match &chain.whole {
            Whole::Packed(link, kind) => {
                let failed = |fault| (link.spot(), fault);
                self.check_size(link.header.size).map_err(failed)?;
                self.inflate_link(link, &mut buffer.inflater, &mut buffer.bytes).map_err(failed)?;
                buffer.keep(link.spot(), *kind);
                *kind
            }
            Whole::Held(kind, bytes) => {
                buffer.bytes.clear();
                buffer.bytes.extend_from_slice(bytes);
                *kind
            }
            Whole::Loose(folder, id) => {
                let path = loose::path(&self.folders[*folder as usize], id);
                let Buffer { inflater, bytes, spare, .. } = buffer;
                let spot = Spot::Loose { folder: *folder, id: *id };
                let kind = loose::read(&path, id, self.limits.max_object_size, inflater, spare, bytes)
                    .map_err(|fault| (spot, fault))?;
                buffer.keep(spot, kind);
                kind
            }
        };
        for link in chain.deltas.iter().rev() {
            let failed = |fault| (link.spot(), fault);
            self.check_size(link.header.size).map_err(failed)?;
            self.inflate_link(link, &mut buffer.inflater, &mut buffer.delta).map_err(failed)?;
            let delta = Delta::parse(&buffer.delta).map_err(failed)?;
            self.check_size(delta.target_size).map_err(failed)?;
            delta.apply(&buffer.bytes, &mut buffer.spare).map_err(failed)?;
            std::mem::swap(&mut buffer.bytes, &mut buffer.spare);
            buffer.keep(link.spot(), kind);
        }
        Ok(kind)
    }

    fn inflate_link(&self, link: &Link, inflater: &mut Inflater, out: &mut Vec<u8>) -> Result<(), Fault> {
        let pack = &self.packs[link.pack as usize];
        let end = pack.inflate(&link.header, inflater, out)?;
        // The checksum is found by position in the index; sorting all offsets for it would cost more than the object.
        match pack.known_order().and_then(|order| Some(order.position(order.rank(link.offset)?))) {
            Some(position) => pack.check(position, link.offset, end),
            None => Ok(()),
        }
    }

    fn chain_header(&self, chain: &Chain, inflater: &mut Inflater) -> Result<(Kind, u64), Fault> {
        let Some(top) = chain.deltas.first() else {
            return match &chain.whole {
                Whole::Packed(link, kind) => Ok((*kind, link.header.size)),
                Whole::Held(kind, bytes) => Ok((*kind, bytes.len() as u64)),
                Whole::Loose(folder, id) => {
                    loose::header(&loose::path(&self.folders[*folder as usize], id), inflater)
                }
            };
        };
        let kind = self.whole_kind(chain, inflater)?;
        let mut start = [0; 20];
        let filled = self.packs[top.pack as usize].inflate_prefix(&top.header, inflater, &mut start)?;
        Ok((kind, Delta::parse(&start[..filled])?.target_size))
    }

    fn whole_kind(&self, chain: &Chain, inflater: &mut Inflater) -> Result<Kind, Fault> {
        match &chain.whole {
            Whole::Packed(_, kind) | Whole::Held(kind, _) => Ok(*kind),
            Whole::Loose(folder, id) => {
                loose::header(&loose::path(&self.folders[*folder as usize], id), inflater)
                    .map(|(kind, _)| kind)
            }
        }
    }

    /// Refuses sizes above the limit.
    pub(crate) fn check_size(&self, size: u64) -> Result<(), Fault> {
        let limit = self.limits.max_object_size;
        if size > limit { Err(Fault::TooLarge { size, limit }) } else { Ok(()) }
    }

    fn id_of(&self, spot: &Spot) -> Option<ObjectId> {
        match spot {
            Spot::Packed { pack, offset } => self.packs[*pack as usize].id_at(*offset),
            Spot::Loose { id, .. } => Some(*id),
        }
    }

    /// The file that holds a copy.
    pub(crate) fn path_of(&self, spot: &Spot) -> PathBuf {
        match spot {
            Spot::Packed { pack, .. } => self.packs[*pack as usize].path().to_owned(),
            Spot::Loose { folder, id } => loose::path(&self.folders[*folder as usize], id),
        }
    }

    pub(crate) fn read_error(&self, id: ObjectId, spot: &Spot, fault: Fault) -> ReadError {
        ReadError { id, path: self.path_of(spot), fault }
    }
}

enum Step {
    Whole(Whole),
    Delta(Link, Spot),
}

impl Link {
    fn spot(&self) -> Spot {
        Spot::Packed { pack: self.pack, offset: self.offset }
    }
}
