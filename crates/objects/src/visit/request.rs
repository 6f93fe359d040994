//! What a visit asks for and what it gives back.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64};

use gix_hash::ObjectId;

use crate::kind::{Kind, KindSet};
use crate::trouble::Trouble;

use super::derived::Derived;

/// Receives objects. Each thread of a visit has a visitor of its own; the caller merges them afterwards.
pub trait Visitor: Send {
    /// What a visitor remembers of an object while those that are made from it are decoded.
    type Memory: Send;

    /// Takes one object. Every id comes once in a whole visit, to one of the visitors, in no particular order.
    fn object(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) -> Self::Memory;

    /// Takes one object in place of [`object`](Self::object) that is made from another one, its base, of the same kind,
    /// which this visitor has taken before; `memory` is what it remembers of it. Which objects come this way depends on
    /// how they are stored.
    fn derived(
        &mut self,
        id: &ObjectId,
        kind: Kind,
        derived: &mut Derived<'_>,
        memory: &Self::Memory,
    ) -> Self::Memory {
        let _ = memory;
        self.object(id, kind, derived.bytes())
    }

    /// Takes one blob above [`Limits::stream_above`](crate::Limits) in place of [`object`](Self::object), in parts.
    /// `content` gives exactly `size` bytes, or an error: then nothing of it counts, and another copy may come. What the
    /// visitor does not read is not verified.
    fn large_blob(&mut self, id: &ObjectId, size: u64, content: &mut dyn Read);
}

/// Decides by id and kind whether an object is worth decoding. Called from several threads.
pub type Select<'a> = &'a (dyn Fn(&ObjectId, Kind) -> bool + Sync);

/// What to visit, and how.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct VisitOptions<'a> {
    /// Objects of other kinds are not decoded.
    pub kinds: KindSet,
    /// How many threads decode; zero counts as one.
    pub threads: usize,
    /// Objects for which it says no are not visited, nor decoded unless others rest on them.
    pub select: Option<Select<'a>>,
    /// Only these are visited; sorted. Where they are few, that takes less than to ask `select` about each object.
    pub among: Option<&'a [ObjectId]>,
    /// Whether packed objects are hashed and compared with their id. Without it, the CRC-32 of the pack index and the
    /// Adler-32 of zlib catch accidents, but not forged packs. Loose objects, and packs whose index is not trustworthy,
    /// are always hashed.
    pub verify: bool,
    /// Ends the visit early when set.
    pub interrupt: &'a AtomicBool,
    /// Told how far the visit has come.
    pub progress: Option<&'a Progress>,
}

impl<'a> VisitOptions<'a> {
    /// All objects of `kinds`, on `threads` threads, without hashing what is packed.
    pub fn new(kinds: KindSet, threads: usize, interrupt: &'a AtomicBool) -> Self {
        Self { kinds, threads, select: None, among: None, verify: false, interrupt, progress: None }
    }
}

/// How far a visit has come; updated every few hundred objects.
#[derive(Debug, Default)]
pub struct Progress {
    /// How many objects have been visited.
    pub objects: AtomicU64,
    /// How many bytes these objects have.
    pub bytes: AtomicU64,
}

/// What a visit gives back.
#[derive(Debug)]
#[non_exhaustive]
pub struct VisitOutcome<V> {
    /// The visitors, one for each thread.
    pub visitors: Vec<V>,
    /// What could not be read, beginning with what could not be opened; sorted by path and id. Objects whose kind cannot
    /// be told any more are listed whatever kinds were asked for.
    pub troubles: Vec<Trouble>,
    /// Copies of objects that could not be read, where another copy was visited instead.
    pub healed: Vec<Trouble>,
    /// What was visited.
    pub visited: Visited,
    /// Whether the visit ended early.
    pub interrupted: bool,
}

/// How many objects of which kind were visited, and how many bytes they have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Visited {
    /// Commits.
    pub commits: u64,
    /// Trees.
    pub trees: u64,
    /// Blobs.
    pub blobs: u64,
    /// Annotated tags.
    pub tags: u64,
    /// The sum of the sizes of all visited objects.
    pub bytes: u64,
}

impl Visited {
    /// How many objects were visited.
    pub fn objects(&self) -> u64 {
        self.commits + self.trees + self.blobs + self.tags
    }

    pub(crate) fn count(&mut self, kind: Kind, bytes: u64) {
        match kind {
            Kind::Commit => self.commits += 1,
            Kind::Tree => self.trees += 1,
            Kind::Blob => self.blobs += 1,
            Kind::Tag => self.tags += 1,
        }
        self.bytes += bytes;
    }

    /// Adds what another visit has seen.
    pub fn add(&mut self, other: &Self) {
        self.commits += other.commits;
        self.trees += other.trees;
        self.blobs += other.blobs;
        self.tags += other.tags;
        self.bytes += other.bytes;
    }
}
