//! The pass over all objects but trees: scans blobs, commits and tags.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use bstr::BString;
use unleak_findings::{Medium, ObjectId};
use unleak_objects::history::Ancestry;
use unleak_objects::{Derived, Kind, ObjectStore, Visitor, lfs};
use unleak_rules::{Derivation, Piece, Trace};

use super::layers::{Fresh, Layers};
use super::message;
use crate::part::Context;
use crate::scanner::{Bench, Sighting};
use crate::versions::Versions;

/// A commit's or tag's sightings.
pub(super) type Said = Vec<(Medium, BString, Sighting)>;

/// What one thread, and in the end the whole pass, has seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Sightings in blobs whose name did not matter.
    pub(super) blobs: HashMap<ObjectId, Vec<Sighting>>,
    /// Sightings in commits and tags.
    pub(super) said: HashMap<ObjectId, Said>,
    /// Trees that commits name and the store does not have.
    pub(super) missing: HashSet<ObjectId>,
    /// Blobs that point to Git LFS.
    pub(super) lfs: Vec<ObjectId>,
    /// Commits and tags that cannot be parsed.
    pub(super) malformed: Vec<(ObjectId, String)>,
    /// Commits and tags.
    pub(super) ancestry: Ancestry,
    /// What was not known before.
    pub(super) fresh: Fresh,
    /// Objects that hold, together, every secret below the threshold that was seen.
    pub(super) witnesses: Vec<ObjectId>,
}

/// One thread's visitor.
pub(super) struct Pass<'a> {
    context: Context<'a>,
    store: &'a ObjectStore,
    /// What was scanned before, if that and what is new are to be told apart.
    known: Option<&'a Layers<'a>>,
    hash: gix_hash::Kind,
    bench: Bench,
    pub(super) seen: Seen,
    pending: (u64, u64),
    /// Whether blobs made from others are scanned by what is new in them.
    is_windowed: bool,
}

/// What is remembered of an object while others are made from it.
pub(super) enum Memory {
    Blob(Trace),
    Nothing,
}

/// Objects between two updates of the progress.
const BATCH: u64 = 256;

impl<'a> Pass<'a> {
    pub(super) fn new(context: Context<'a>, store: &'a ObjectStore, known: Option<&'a Layers<'a>>) -> Self {
        Self {
            context,
            store,
            known,
            hash: store.hash(),
            bench: Bench::default(),
            seen: Seen::default(),
            pending: (0, 0),
            is_windowed: context.scanner.detector.is_windowed() && context.versions == Versions::ByChange,
        }
    }

    /// The tree without entries need not exist.
    fn is_missing(&self, id: &ObjectId) -> bool {
        !self.store.contains(id) && *id != ObjectId::empty_tree(self.hash)
    }

    fn commit(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        let mut offset = 0;
        match unleak_objects::commit::parse(bytes, self.hash) {
            Ok(commit) => {
                offset = commit.message_offset;
                if self.is_missing(&commit.tree) {
                    self.seen.missing.insert(commit.tree);
                }
                self.seen.ancestry.commit(id, commit);
            }
            Err(error) => self.seen.malformed.push((*id, error.to_string())),
        }
        if !self.skips(id) {
            let said = message::parsed_commit(&self.context.scanner, bytes, offset, &mut self.bench);
            self.said(id, said);
        }
        Memory::Nothing
    }

    fn tag(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        match unleak_objects::tag::parse(bytes, self.hash) {
            Ok(tag) => self.seen.ancestry.tag(id, tag.target),
            Err(error) => self.seen.malformed.push((*id, error.to_string())),
        }
        if !self.skips(id) {
            let said = message::tag(&self.context.scanner, bytes, self.hash, &mut self.bench);
            self.said(id, said);
        }
        Memory::Nothing
    }

    fn skips(&self, id: &ObjectId) -> bool {
        self.known.is_some_and(|known| known.skips(id))
    }

    /// Writes down for later scans whether there was anything in an object. `hidden` is how many secrets below the
    /// threshold were known before.
    fn book(&mut self, id: &ObjectId, kind: Kind, size: u64, hidden: usize) {
        let Some(known) = self.known else { return };
        let is_witness = self.bench.hidden.len() > hidden;
        if is_witness {
            self.seen.witnesses.push(*id);
        }
        if kind == Kind::Tree || known.covers(id) {
            return;
        }
        let Seen { blobs, said, lfs, fresh, .. } = &mut self.seen;
        let is_marked =
            is_witness || blobs.contains_key(id) || said.contains_key(id) || lfs.last() == Some(id);
        let is_packed = self.store.packs().iter().any(|pack| pack.contains(id));
        if !is_packed {
            fresh.loose_ids.push(*id);
        }
        let bulk = if is_packed { &mut fresh.packed } else { &mut fresh.loose };
        if is_marked {
            bulk.marked.push(*id);
        } else if kind == Kind::Blob {
            bulk.blobs += 1;
            bulk.bytes += size;
        }
    }

    fn said(&mut self, id: &ObjectId, said: Said) {
        if !said.is_empty() {
            self.seen.said.insert(*id, said);
        }
    }

    fn blob(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        if lfs::is_pointer(bytes) {
            self.seen.lfs.push(*id);
        }
        let scanner = self.context.scanner;
        if !self.is_windowed {
            let sightings = scanner.text(bytes, &mut self.bench);
            self.sighted(id, sightings);
            return Memory::Nothing;
        }
        let trace = scanner.detector.trace(bytes, &mut self.bench.scratch);
        self.traced(id, bytes, &trace);
        Memory::Blob(trace)
    }

    /// Scans a blob by what is new in it.
    fn derived_blob(&mut self, id: &ObjectId, derived: &mut Derived<'_>, base: &Trace) -> Memory {
        let detector = self.context.scanner.detector;
        let pieces = derived.pieces().map(|piece| match piece {
            unleak_objects::Piece::Copied(range) => Piece::Copied(range),
            unleak_objects::Piece::New(new) => Piece::New(new),
        });
        let derivation = Derivation { base: derived.base(), trace: base, pieces, size: derived.size() };
        let partial = detector.trace_derived(derivation, &mut self.bench.scratch);
        let trace = detector.finish(partial, || derived.bytes(), &mut self.bench.scratch);
        if derived.size() < lfs::POINTER && lfs::is_pointer(derived.bytes()) {
            self.seen.lfs.push(*id);
        }
        if !trace.is_empty() {
            self.traced(id, derived.bytes(), &trace);
        }
        Memory::Blob(trace)
    }

    fn traced(&mut self, id: &ObjectId, bytes: &[u8], trace: &Trace) {
        if !trace.is_empty() {
            let sightings = self.context.scanner.traced(bytes, trace, &mut self.bench);
            self.sighted(id, sightings);
        }
    }

    fn sighted(&mut self, id: &ObjectId, sightings: Vec<Sighting>) {
        if !sightings.is_empty() {
            let count = sightings.len() as u64;
            self.context.progress.matches.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
            self.seen.blobs.insert(*id, sightings);
        }
    }

    /// Ends the thread's work.
    pub(super) fn finish(self) -> (Seen, Bench) {
        self.context.progress.advance(self.pending.0, self.pending.1);
        (self.seen, self.bench)
    }
}

impl Visitor for Pass<'_> {
    type Memory = Memory;

    fn object(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) -> Memory {
        let hidden = self.bench.hidden.len();
        let memory = match kind {
            Kind::Blob => self.blob(id, bytes),
            // Trees are read when it is known what to look for in them.
            Kind::Tree => Memory::Nothing,
            Kind::Commit => self.commit(id, bytes),
            Kind::Tag => self.tag(id, bytes),
        };
        self.book(id, kind, bytes.len() as u64, hidden);
        self.advance(bytes.len() as u64);
        memory
    }

    fn derived(&mut self, id: &ObjectId, kind: Kind, derived: &mut Derived<'_>, base: &Memory) -> Memory {
        let hidden = self.bench.hidden.len();
        let memory = match base {
            Memory::Blob(trace) => self.derived_blob(id, derived, trace),
            Memory::Nothing => return self.object(id, kind, derived.bytes()),
        };
        self.book(id, kind, derived.size() as u64, hidden);
        self.advance(derived.size() as u64);
        memory
    }

    fn large_blob(&mut self, id: &ObjectId, size: u64, content: &mut dyn Read) {
        let hidden = self.bench.hidden.len();
        let content = &mut self.context.until_stopped(content);
        let (sightings, read) = self.context.scanner.stream(b"", content, &mut self.bench);
        // Else another copy follows, or the object is among the troubles.
        if read.is_ok() {
            self.sighted(id, sightings);
            self.book(id, Kind::Blob, size, hidden);
            self.advance(size);
        }
    }
}

impl Pass<'_> {
    fn advance(&mut self, bytes: u64) {
        self.pending.0 += 1;
        self.pending.1 += bytes;
        if self.pending.0 == BATCH {
            self.context.progress.advance(self.pending.0, self.pending.1);
            self.pending = (0, 0);
        }
    }
}

impl Seen {
    /// Joins what another thread has seen.
    pub(super) fn merge(&mut self, other: Self) {
        self.blobs.extend(other.blobs);
        self.said.extend(other.said);
        self.missing.extend(other.missing);
        self.lfs.extend(other.lfs);
        self.malformed.extend(other.malformed);
        self.ancestry.merge(other.ancestry);
        self.fresh.merge(other.fresh);
        self.witnesses.extend(other.witnesses);
    }
}
