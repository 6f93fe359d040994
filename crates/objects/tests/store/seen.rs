//! What a visit sees, collected and compared.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use unleak_objects::{
    Buffer, Content, Derived, Kind, KindSet, Limits, ObjectId, ObjectStore, Piece, VisitOptions,
    VisitOutcome, Visitor, object_id,
};

/// Objects by id.
pub(crate) type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

#[derive(Default)]
pub(crate) struct Collect {
    objects: Vec<(ObjectId, Kind, Vec<u8>)>,
    /// How many of them came in parts.
    pub(crate) in_parts: usize,
    /// How many came as pieces of others.
    pub(crate) derived: usize,
}

impl Visitor for Collect {
    /// What the object is, to be compared with the base of those made from it.
    type Memory = (Kind, Vec<u8>);

    fn object(&mut self, id: &ObjectId, kind: Kind, bytes: &[u8]) -> Self::Memory {
        self.objects.push((*id, kind, bytes.to_vec()));
        (kind, bytes.to_vec())
    }

    fn derived(
        &mut self,
        id: &ObjectId,
        kind: Kind,
        derived: &mut Derived<'_>,
        memory: &Self::Memory,
    ) -> Self::Memory {
        assert_eq!((kind, derived.base()), (memory.0, memory.1.as_slice()), "the memory is that of the base");
        let mut pieced = Vec::new();
        let mut last = None;
        for piece in derived.pieces() {
            match piece {
                Piece::Copied(range) => {
                    assert!(!range.is_empty() && last != Some(range.start), "copies are joined");
                    pieced.extend_from_slice(&derived.base()[range.clone()]);
                    last = Some(range.end);
                }
                Piece::New(new) => {
                    assert!(!new.is_empty());
                    pieced.extend_from_slice(new);
                    last = None;
                }
            }
        }
        assert_eq!(derived.size(), pieced.len());
        // One in three is never put together by the visit itself.
        if id.as_slice()[0].is_multiple_of(3) {
            assert_eq!(derived.bytes(), pieced, "the pieces are the object");
        }
        self.derived += 1;
        self.objects.push((*id, kind, pieced.clone()));
        (kind, pieced)
    }

    fn large_blob(&mut self, id: &ObjectId, size: u64, content: &mut dyn Read) {
        if let Some(bytes) = in_odd_parts(content) {
            assert_eq!(bytes.len() as u64, size);
            self.objects.push((*id, Kind::Blob, bytes));
            self.in_parts += 1;
        }
    }
}

/// The content, read with buffers of changing size; `None` if reading fails.
pub(crate) fn in_odd_parts(content: &mut dyn Read) -> Option<Vec<u8>> {
    let (mut bytes, mut part) = (Vec::new(), vec![0; 5000]);
    for length in [1, 7, 64, 1000, 5000].into_iter().cycle() {
        match content.read(&mut part[..length]).ok()? {
            0 => return Some(bytes),
            count => bytes.extend_from_slice(&part[..count]),
        }
    }
    None
}

/// Visits everything; no id may come twice.
pub(crate) fn visit(store: &ObjectStore, threads: usize) -> (Objects, VisitOutcome<Collect>) {
    let interrupt = AtomicBool::new(false);
    visit_with(store, &VisitOptions::new(KindSet::ALL, threads, &interrupt))
}

pub(crate) fn visit_with(
    store: &ObjectStore,
    options: &VisitOptions<'_>,
) -> (Objects, VisitOutcome<Collect>) {
    let mut outcome = store.visit(options, Collect::default);
    let mut objects = Objects::new();
    for (id, kind, bytes) in
        outcome.visitors.iter_mut().flat_map(|visitor| std::mem::take(&mut visitor.objects))
    {
        assert!(objects.insert(id, (kind, bytes)).is_none(), "{id} came twice");
    }
    assert_eq!(outcome.visited.objects(), objects.len() as u64);
    assert_eq!(outcome.visited.bytes, objects.values().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
    (objects, outcome)
}

/// Whether every object hashes to its id.
pub(crate) fn assert_true(objects: &Objects, hash: gix_hash::Kind) {
    for (id, (kind, bytes)) in objects {
        assert_eq!(object_id(hash, *kind, bytes), Some(*id), "a false object was visited");
    }
}

/// Every way of reading gives exactly `expected`, without trouble.
pub(crate) fn assert_reads(objects: &Path, hash: gix_hash::Kind, expected: &Objects) {
    let open = |live_bytes| {
        ObjectStore::open_with(objects, hash, Limits { live_bytes, ..Limits::default() }).unwrap()
    };
    for (threads, live_bytes) in [(1, u64::MAX), (2, u64::MAX), (7, 1 << 20), (1, 0), (3, 0)] {
        let (seen, outcome) = visit(&open(live_bytes), threads);
        assert_eq!(outcome.troubles, []);
        assert_eq!(outcome.healed, []);
        assert!(!outcome.interrupted);
        assert!(seen == *expected, "{threads} threads: {} objects, not {}", seen.len(), expected.len());
    }
    for stream_above in [0, 10, 1000] {
        let limits = Limits { stream_above, ..Limits::default() };
        let store = ObjectStore::open_with(objects, hash, limits).unwrap();
        let (seen, outcome) = visit(&store, 2);
        assert_eq!(outcome.troubles, []);
        assert!(seen == *expected, "in parts above {stream_above}");
        let mut buffer = Buffer::default();
        for (id, (kind, bytes)) in expected {
            let mut read = None;
            let take = &mut |kind, content: Content<'_>| {
                read = match content {
                    Content::Whole(bytes) => Some((kind, bytes.to_vec())),
                    Content::Parts { reader, .. } => in_odd_parts(reader).map(|bytes| (kind, bytes)),
                };
            };
            assert_eq!(store.find_with(id, &mut buffer, take).unwrap(), Some(*kind));
            assert_eq!(read, Some((*kind, bytes.clone())));
        }
    }
    let (store, mut buffer) = (open(0), Buffer::default());
    for (id, (kind, bytes)) in expected {
        assert_eq!(store.find(id, &mut buffer).unwrap(), Some((*kind, bytes.as_slice())), "{id}");
        assert_eq!(store.header(id).unwrap(), Some((*kind, bytes.len() as u64)), "{id}");
        assert!(store.contains(id));
    }
    let absent = object_id(hash, Kind::Blob, b"not in any store of these tests").unwrap();
    assert!(!store.contains(&absent));
    assert_eq!(store.find(&absent, &mut buffer).unwrap(), None);
    assert_eq!(store.header(&absent).unwrap(), None);
}
