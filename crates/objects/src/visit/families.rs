//! The entries of one pack as families: a whole object, the deltas that rest on it, the deltas that rest on those.
//!
//! Only headers are read. All members of a family have the kind of its root, so families of unwanted kinds are never
//! decompressed. What nobody wants and nothing wanted rests on is cut away. Large families are divided at inner members,
//! whose bases the thread that takes them over decodes once more.

use gix_hash::ObjectId;
use rayon::prelude::*;

use crate::kind::Kind;
use crate::pack::entry::Body;
use crate::pack::index::PackIndex;
use crate::pack::{Lineage, Order, Pack};
use crate::spot::Spot;
use crate::store::ObjectStore;

use super::choice::Choice;
use super::request::VisitOptions;

/// "No member": the end of a list, or no base in this pack.
pub(super) const NONE: u32 = u32::MAX;
/// The base lies outside of what the index of this pack lists.
const ELSEWHERE: u32 = u32::MAX - 1;

/// The wanted part of the delta trees of one pack. Members are named by their rank in the pack's [`Order`].
pub(super) struct Families<'a> {
    pub(super) number: u32,
    pub(super) pack: &'a Pack,
    pub(super) order: &'a Order,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    flags: Vec<Flags>,
    /// Where decoding starts, ascending, each with the number of members reached from there.
    pub(super) roots: Vec<(u32, u32)>,
    /// Members that rest on a circle of deltas.
    pub(super) stranded: Vec<u32>,
}

/// Per member: the number of its kind or zero, and marks.
#[derive(Clone, Copy, Default)]
struct Flags(u8);

const KIND: u8 = 7;
/// To be given to a visitor.
const CHOSEN: u8 = 8;
/// Chosen, or a base of something chosen.
const NEEDED: u8 = 16;
/// The child with the most members below it.
const HEIR: u8 = 32;
/// Rests on a circle.
const STRANDED: u8 = 64;
/// Decoding starts here although it is a delta.
const DIVIDED: u8 = 128;

impl Flags {
    fn has(self, mark: u8) -> bool {
        self.0 & mark != 0
    }

    fn kind(self) -> Option<Kind> {
        Kind::from_number(self.0 & KIND)
    }
}

impl<'a> Families<'a> {
    /// Builds the families of the pack with this number. Families are divided into parts of about `part` members.
    pub(super) fn new(
        store: &'a ObjectStore,
        number: u32,
        choice: &Choice,
        options: &VisitOptions<'_>,
        part: u32,
    ) -> Self {
        let pack = &store.packs[number as usize];
        let order = pack.order();
        let Lineage { bases, flags, upward } = pack.lineage(|| lineage(store, number, order));
        let mut flags: Vec<Flags> = flags.iter().map(|flags| Flags(*flags)).collect();
        choose(pack, order, &mut flags, options, |position| choice.leaves_out(number, position));
        let members = count_needed(bases, upward, &mut flags, part);
        let mut families = Self {
            number,
            pack,
            order,
            first_child: vec![NONE; order.len()],
            next_sibling: Vec::new(),
            flags,
            roots: Vec::new(),
            stranded: Vec::new(),
        };
        families.link(bases, &members);
        families
    }

    /// The first child of a member, or [`NONE`].
    #[inline]
    pub(super) fn first_child(&self, member: u32) -> u32 {
        self.first_child[member as usize]
    }

    /// The next child of the same base, or [`NONE`]. The child with the most members below it comes last, so that the
    /// bases kept while a family is decoded number no more than the logarithm of its size.
    #[inline]
    pub(super) fn next_sibling(&self, member: u32) -> u32 {
        self.next_sibling[member as usize]
    }

    /// Whether the member goes to a visitor.
    #[inline]
    pub(super) fn is_chosen(&self, member: u32) -> bool {
        self.flags[member as usize].has(CHOSEN)
    }

    /// The kind of the member as far as headers tell.
    #[inline]
    pub(super) fn kind(&self, member: u32) -> Option<Kind> {
        self.flags[member as usize].kind()
    }

    #[inline]
    pub(super) fn position(&self, member: u32) -> u32 {
        self.order.position(member as usize)
    }

    #[inline]
    pub(super) fn id(&self, member: u32) -> ObjectId {
        self.pack.index().object_id(self.position(member))
    }

    #[inline]
    pub(super) fn spot(&self, member: u32) -> Spot {
        Spot::Packed { pack: self.number, offset: self.order.offset(member as usize) }
    }

    /// Makes the lists of children and roots out of what is needed.
    fn link(&mut self, bases: &[u32], members: &[u32]) {
        let is_root = |flags: Flags, base: u32| base >= ELSEWHERE || flags.has(DIVIDED);
        // First the heirs alone, so that they end up last in the lists that grow at the front.
        for (child, (&base, flags)) in bases.iter().zip(&self.flags).enumerate() {
            if flags.has(NEEDED) && !flags.has(STRANDED) && !is_root(*flags, base) {
                let heir = &mut self.first_child[base as usize];
                if *heir == NONE || members[*heir as usize] < members[child] {
                    *heir = rank(child);
                }
            }
        }
        for heir in self.first_child.iter().filter(|heir| **heir != NONE) {
            self.flags[*heir as usize].0 |= HEIR;
        }
        self.next_sibling = vec![NONE; bases.len()];
        for child in (0..bases.len()).rev() {
            let (flags, base) = (self.flags[child], bases[child]);
            if flags.has(STRANDED) {
                if flags.has(CHOSEN) {
                    self.stranded.push(rank(child));
                }
            } else if !flags.has(NEEDED) || flags.has(HEIR) {
            } else if is_root(flags, base) {
                self.roots.push((rank(child), members[child]));
            } else {
                self.next_sibling[child] = self.first_child[base as usize];
                self.first_child[base as usize] = rank(child);
            }
        }
        self.roots.reverse();
        self.stranded.reverse();
    }
}

/// Members are counted with 32 bits, as in the pack format.
fn rank(member: usize) -> u32 {
    u32::try_from(member).expect("a pack index counts its objects with 32 bits")
}

/// Reads who rests on whom, and of what kind all are.
fn lineage(store: &ObjectStore, number: u32, order: &Order) -> Lineage {
    let (bases, mut flags) = read_headers(store, number, order);
    let upward = leaves_first(&bases);
    inherit_kinds(&bases, &upward, &mut flags);
    Lineage { bases, flags: flags.iter().map(|flags| flags.0).collect(), upward }
}

/// For each member its base (or [`NONE`], or [`ELSEWHERE`]), and its kind where the header says it.
fn read_headers(store: &ObjectStore, number: u32, order: &Order) -> (Vec<u32>, Vec<Flags>) {
    let pack = &store.packs[number as usize];
    let read = |member: usize| match pack.header(order.offset(member)).map(|header| header.body) {
        Ok(Body::Whole(kind)) => (NONE, Flags(kind as u8)),
        Ok(Body::OffsetDelta(base)) => (order.rank_before(base, member).map_or(ELSEWHERE, rank), Flags(0)),
        Ok(Body::IdDelta(id)) => {
            let offset = pack.index().lookup(&id).and_then(|position| pack.index().offset(position));
            (offset.and_then(|offset| order.rank(offset)).map_or(ELSEWHERE, rank), Flags(0))
        }
        // The fault shows again, and is reported, when the member is decoded.
        Err(_) => (NONE, Flags(0)),
    };
    let (bases, mut flags): (Vec<u32>, Vec<Flags>) =
        (0..order.len()).into_par_iter().with_min_len(4096).map(read).unzip();
    for member in (0..bases.len()).filter(|member| bases[*member] == ELSEWHERE) {
        let spot = Spot::Packed { pack: number, offset: order.offset(member) };
        flags[member] = Flags(store.kind_at(spot).map_or(0, |kind| kind as u8));
    }
    (bases, flags)
}

/// All members so that each comes before its base. Members of circles, and only they, are missing.
fn leaves_first(bases: &[u32]) -> Vec<u32> {
    let mut children = vec![0u32; bases.len()];
    for base in bases.iter().filter(|base| **base < ELSEWHERE) {
        children[*base as usize] += 1;
    }
    let mut list = Vec::with_capacity(bases.len());
    list.extend((0..bases.len()).rev().filter(|member| children[*member] == 0).map(rank));
    let mut done = 0;
    while let Some(member) = list.get(done) {
        done += 1;
        let base = bases[*member as usize];
        if base < ELSEWHERE {
            children[base as usize] -= 1;
            if children[base as usize] == 0 {
                list.push(base);
            }
        }
    }
    list
}

/// Gives every delta the kind of its root, and marks what rests on circles.
fn inherit_kinds(bases: &[u32], upward: &[u32], flags: &mut [Flags]) {
    if upward.len() < bases.len() {
        for flags in flags.iter_mut() {
            flags.0 |= STRANDED;
        }
        for member in upward {
            flags[*member as usize].0 &= !STRANDED;
        }
    }
    for member in upward.iter().rev() {
        let base = bases[*member as usize];
        if base < ELSEWHERE {
            flags[*member as usize].0 |= flags[base as usize].0 & (KIND | STRANDED);
        }
    }
}

/// Marks what is to be visited. Where headers cannot tell the kind, that is left to the walk.
fn choose(
    pack: &Pack,
    order: &Order,
    flags: &mut [Flags],
    options: &VisitOptions<'_>,
    left_out: impl Fn(u32) -> bool + Sync,
) {
    let index = pack.index();
    let among = options.among.map(|ids| Among::new(index, ids));
    flags.par_iter_mut().enumerate().with_min_len(4096).for_each(|(member, flags)| {
        let position = order.position(member);
        let wanted = flags.kind().is_none_or(|kind| options.kinds.contains(kind))
            && among.as_ref().is_none_or(|among| among.contains(position));
        let selected = |kind| options.select.is_none_or(|select| select(&index.object_id(position), kind));
        if wanted && !left_out(position) && flags.kind().is_none_or(selected) {
            flags.0 |= CHOSEN;
        }
    });
}

/// Positions in a pack index, as a set of bits.
struct Among(Vec<u64>);

impl Among {
    fn new(index: &PackIndex, ids: &[ObjectId]) -> Self {
        let mut bits = vec![0u64; index.count() as usize / 64 + 1];
        for position in ids.iter().filter_map(|id| index.lookup(id)) {
            bits[position as usize / 64] |= 1 << (position % 64);
        }
        Self(bits)
    }

    fn contains(&self, position: u32) -> bool {
        self.0[position as usize / 64] & (1 << (position % 64)) != 0
    }
}

/// Marks what is needed, counts how many needed members each one has below it, itself included, and divides families
/// where that comes to `part`.
fn count_needed(bases: &[u32], upward: &[u32], flags: &mut [Flags], part: u32) -> Vec<u32> {
    let mut members = vec![0u32; bases.len()];
    for member in upward {
        let member = *member as usize;
        if !flags[member].has(CHOSEN | NEEDED) {
            continue;
        }
        flags[member].0 |= NEEDED;
        members[member] += 1;
        let base = bases[member];
        if base >= ELSEWHERE {
            continue;
        }
        if members[member] >= part {
            flags[member].0 |= DIVIDED;
        } else {
            members[base as usize] += members[member];
            flags[base as usize].0 |= NEEDED;
        }
    }
    members
}
