//! The pass over all objects: scans blobs, commits and tags, and reads trees for file names that rules ask for and for
//! objects that are not there.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::io::Read;

use bstr::{BStr, BString};
use unleak_findings::{Medium, ObjectId};
use unleak_objects::{Derived, Kind, ObjectStore, Visitor, tree};
use unleak_rules::{Derivation, Piece, Trace, file_name};

use super::message;
use crate::part::{Context, LFS_POINTER, is_lfs_pointer};
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
    /// Blobs under a name that some rule asks for.
    pub(super) named: HashSet<(ObjectId, BString)>,
    /// Blobs whose path some rule may ask for.
    pub(super) by_path: BTreeSet<ObjectId>,
    /// Ids that trees and commits name and the store does not have.
    pub(super) missing: HashSet<ObjectId>,
    /// Blobs that point to Git LFS.
    pub(super) lfs: Vec<ObjectId>,
    /// Trees and commits that cannot be parsed.
    pub(super) malformed: Vec<(ObjectId, String)>,
    /// Tags and what they name.
    pub(super) tags: Vec<(ObjectId, ObjectId)>,
}

/// One thread's visitor.
pub(super) struct Pass<'a> {
    context: Context<'a>,
    store: &'a ObjectStore,
    hash: gix_hash::Kind,
    bench: Bench,
    pub(super) seen: Seen,
    entries: Entries,
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
    pub(super) fn new(context: Context<'a>, store: &'a ObjectStore) -> Self {
        Self {
            context,
            store,
            hash: store.hash(),
            bench: Bench::default(),
            seen: Seen::default(),
            entries: Entries::default(),
            pending: (0, 0),
            is_windowed: context.scanner.detector.is_windowed() && context.versions == Versions::ByChange,
        }
    }

    fn tree(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        for entry in tree::entries(bytes, self.hash.len_in_bytes()) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.seen.malformed.push((*id, error.to_string()));
                    break;
                }
            };
            if !entry.is_submodule() && self.entries.is_new(entry.name, entry.id) {
                self.entry(&entry);
            }
        }
        Memory::Nothing
    }

    fn entry(&mut self, entry: &tree::Entry<'_>) {
        let Some(id) = object_id(entry.id) else { return };
        if self.is_missing(&id) {
            self.seen.missing.insert(id);
        } else if entry.is_blob() && self.context.scanner.detector.asks_for_name(entry.name) {
            self.seen.named.insert((id, entry.name.to_owned()));
        }
        if entry.is_blob() && self.context.scanner.detector.asks_for_path(entry.name) {
            self.seen.by_path.insert(id);
        }
    }

    /// The tree without entries need not exist.
    fn is_missing(&self, id: &ObjectId) -> bool {
        !self.store.contains(id) && *id != ObjectId::empty_tree(self.hash)
    }

    fn commit(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        match unleak_objects::commit::parse(bytes, self.hash) {
            Ok(commit) => {
                if self.is_missing(&commit.tree) {
                    self.seen.missing.insert(commit.tree);
                }
            }
            Err(error) => self.seen.malformed.push((*id, error.to_string())),
        }
        let said = message::commit(&self.context.scanner, bytes, self.hash, &mut self.bench);
        self.said(id, said);
        Memory::Nothing
    }

    fn tag(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        match unleak_objects::tag::parse(bytes, self.hash) {
            Ok(tag) => self.seen.tags.push((*id, tag.target)),
            Err(error) => self.seen.malformed.push((*id, error.to_string())),
        }
        let said = message::tag(&self.context.scanner, bytes, self.hash, &mut self.bench);
        self.said(id, said);
        Memory::Nothing
    }

    fn said(&mut self, id: &ObjectId, said: Said) {
        if !said.is_empty() {
            self.seen.said.insert(*id, said);
        }
    }

    fn blob(&mut self, id: &ObjectId, bytes: &[u8]) -> Memory {
        if is_lfs_pointer(bytes) {
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
        if derived.size() < LFS_POINTER && is_lfs_pointer(derived.bytes()) {
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
        let memory = match kind {
            Kind::Blob => self.blob(id, bytes),
            Kind::Tree => self.tree(id, bytes),
            Kind::Commit => self.commit(id, bytes),
            Kind::Tag => self.tag(id, bytes),
        };
        self.advance(bytes.len() as u64);
        memory
    }

    fn derived(&mut self, id: &ObjectId, kind: Kind, derived: &mut Derived<'_>, base: &Memory) -> Memory {
        let memory = match base {
            Memory::Blob(trace) => self.derived_blob(id, derived, trace),
            Memory::Nothing => return self.object(id, kind, derived.bytes()),
        };
        self.advance(derived.size() as u64);
        memory
    }

    fn large_blob(&mut self, id: &ObjectId, size: u64, content: &mut dyn Read) {
        let content = &mut self.context.until_stopped(content);
        let (sightings, read) = self.context.scanner.stream(b"", content, &mut self.bench);
        // Else another copy follows, or the object is among the troubles.
        if read.is_ok() {
            self.sighted(id, sightings);
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
        self.named.extend(other.named);
        self.by_path.extend(other.by_path);
        self.missing.extend(other.missing);
        self.lfs.extend(other.lfs);
        self.malformed.extend(other.malformed);
        self.tags.extend(other.tags);
    }
}

impl Seen {
    /// Adds blobs at paths that no tree may have.
    pub(super) fn name<'p>(
        &mut self,
        blobs: impl Iterator<Item = (&'p ObjectId, &'p BString)>,
        context: &Context<'_>,
        store: &ObjectStore,
    ) {
        for (id, path) in blobs {
            let name = file_name(path);
            if context.scanner.detector.asks_for_name(name) && store.contains(id) {
                self.named.insert((*id, name.into()));
            }
        }
    }
}

/// An id from its raw bytes.
fn object_id(bytes: &[u8]) -> Option<ObjectId> {
    ObjectId::try_from(bytes).ok()
}

/// Remembers recent tree entries. Neighbouring trees share nearly all of theirs, and looking each up in the store would
/// take longer than everything else. A forgotten entry is only looked at again.
struct Entries {
    slots: Vec<u64>,
    /// Unknown to whoever chose names and contents, so that nobody can make two entries look like one.
    keys: [u64; 2],
}

/// Entries remembered; as many as fit into a core's second-level cache.
const SLOTS: usize = 1 << 17;

impl Default for Entries {
    fn default() -> Self {
        let random = RandomState::new();
        Self { slots: vec![0; SLOTS], keys: [random.hash_one(0) | 1, random.hash_one(1)] }
    }
}

impl Entries {
    fn is_new(&mut self, name: &BStr, id: &[u8]) -> bool {
        let mark = self.fingerprint(name, id);
        let slot = &mut self.slots[usize::try_from(mark >> 40).unwrap_or_default() % SLOTS];
        let is_new = *slot != mark;
        *slot = mark;
        is_new
    }

    /// Eight bytes of the id, not the leading ones by which packs are searched, and all of the name, mixed by long
    /// multiplication. Two entries agree by accident in one of 2^63 pairs.
    fn fingerprint(&self, name: &[u8], id: &[u8]) -> u64 {
        let mix = |word: u64| {
            let product = u128::from(word) * u128::from(self.keys[0]);
            #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
            let halves = (product as u64, (product >> 64) as u64);
            halves.0 ^ halves.1
        };
        let mut mixed = self.keys[1] ^ (name.len() as u64);
        for chunk in name.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            mixed = mix(mixed ^ u64::from_le_bytes(word)).wrapping_add(self.keys[1]);
        }
        let tail = id.last_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        mix(mixed ^ tail) | 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_name_and_of_an_id_s_end_makes_another_entry() {
        let mut entries = Entries::default();
        let id = [7u8; 20];
        let mut other = id;
        other[19] ^= 1;
        let names =
            ["-env.production", ".env.production", "zenv.production", "zenv.productio", "a", "a\0", ""];
        for name in names {
            for id in [id, other] {
                assert!(entries.is_new(name.into(), &id), "{name}");
                assert!(!entries.is_new(name.into(), &id), "{name}");
            }
        }
    }
}
