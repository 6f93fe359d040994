//! Packs that lie: every lie is reported with the id it concerns, and what does not rest on it is read.

use std::time::{Duration, Instant};

use unleak_objects::{Buffer, Kind, Limits, ObjectId, ObjectStore, TroubleKind};

use crate::forge::{Forge, blob_id, deflate, number, replacing};
use crate::seen::{Objects, visit};

fn limits(max_object_size: u64) -> Limits {
    Limits { max_object_size, ..Limits::default() }
}

/// The kinds of trouble by id.
fn troubles(store: &ObjectStore, threads: usize) -> (Objects, Vec<(ObjectId, TroubleKind)>) {
    let (seen, outcome) = visit(store, threads);
    let mut list: Vec<_> =
        outcome.troubles.iter().map(|trouble| (trouble.id.unwrap(), trouble.kind)).collect();
    list.sort();
    (seen, list)
}

/// A name for an object that can never be decoded.
fn fake(number: u32) -> ObjectId {
    let mut bytes = [0xfe; 20];
    bytes[..4].copy_from_slice(&number.swap_bytes().rotate_left(13).to_le_bytes());
    ObjectId::from_bytes_or_panic(&bytes)
}

#[test]
fn entries_that_lie_about_themselves() {
    let mut forge = Forge::new();
    let base_offset = forge.next_offset();
    forge.blob(b"0123456789");
    let content = deflate(b"twelve bytes");
    let mut expected = Vec::new();
    let mut bad = |forge: &mut Forge, kind: TroubleKind, make: &dyn Fn(&mut Forge, ObjectId)| {
        let id = fake(u32::try_from(expected.len()).unwrap());
        make(forge, id);
        expected.push((id, kind));
    };
    for size in [0, 11, 13, 1 << 20, 1 << 29, u64::MAX >> 1] {
        // Even a size above every limit: read in parts, a large blob costs nothing to be shown a lie.
        bad(&mut forge, TroubleKind::Damaged, &|forge, id| {
            forge.entry(3, size, &[], &content, id);
        });
    }
    for number in [0, 5] {
        bad(&mut forge, TroubleKind::Damaged, &|forge, id| {
            forge.entry(number, 12, &[], &content, id);
        });
    }
    let deltas: [&[u8]; 12] = [
        b"",
        &[10],
        &[10, 3],
        &[9, 3, 0x90, 3],
        &[11, 3, 0x90, 3],
        &[10, 3, 0x91, 8, 3],
        &[10, 3, 0x9f, 0xff, 0xff, 0xff, 0xff, 3],
        &[10, 3, 0x90, 4],
        &[10, 3, 0x90, 2],
        &[10, 3, 0, 0x90, 3],
        &[10, 3, 3, b'a'],
        &[10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, 3],
    ];
    for delta in deltas {
        bad(&mut forge, TroubleKind::Damaged, &|forge, id| {
            forge.offset_delta(base_offset, delta, id);
        });
    }
    bad(&mut forge, TroubleKind::Damaged, &|forge, id| {
        forge.entry(6, 12, &[0], &content, id);
    });
    bad(&mut forge, TroubleKind::Damaged, &|forge, id| {
        forge.entry(6, 12, &[0xff, 0xff, 0xff, 0xff, 0x7f], &content, id);
    });
    bad(&mut forge, TroubleKind::MissingBase, &|forge, id| {
        forge.id_delta(&fake(1_000_000), &[10, 3, 0x90, 3], id);
    });
    // The middle of another entry is no base.
    bad(&mut forge, TroubleKind::MissingBase, &|forge, id| {
        forge.offset_delta(base_offset + 2, &[10, 3, 0x90, 3], id);
    });
    // And a child of a broken object.
    let child = fake(2_000_000);
    forge.id_delta(&fake(0), &[12, 1, 1, b'c'], child);
    let good = forge.id_delta(&blob_id(b"0123456789"), &[10, 3, 0x90, 3], blob_id(b"012"));
    assert!(good > 0);
    expected.push((child, TroubleKind::MissingBase));
    expected.sort();
    let store = forge.open(limits(1 << 30));
    for threads in [1, 3] {
        let (seen, list) = troubles(&store, threads);
        assert_eq!(list, expected);
        assert_eq!(seen.keys().copied().collect::<Vec<_>>().len(), 2);
        assert_eq!(seen[&blob_id(b"012")], (Kind::Blob, b"012".to_vec()));
    }
    let (mut buffer, mut too_large) = (Buffer::default(), 0);
    for (id, kind) in &expected {
        let found = store.find(id, &mut buffer).unwrap_err().fault.trouble_kind();
        too_large += usize::from(found == TroubleKind::TooLarge);
        assert!(found == *kind || found == TroubleKind::TooLarge);
        let _either = store.header(id);
    }
    // Whole, the one above the limit is refused by what it claims.
    assert_eq!(too_large, 1);
}

#[test]
fn a_wrong_id_is_found_when_asked_for() {
    let mut forge = Forge::new();
    forge.entry(3, 4, &[], &deflate(b"true"), fake(7));
    forge.blob(b"good");
    let store = forge.open(Limits::default());
    assert_eq!(visit(&store, 1).1.troubles, []);
    let interrupt = std::sync::atomic::AtomicBool::new(false);
    let mut options = unleak_objects::VisitOptions::new(unleak_objects::KindSet::ALL, 2, &interrupt);
    options.verify = true;
    let (seen, outcome) = crate::seen::visit_with(&store, &options);
    assert_eq!(seen.len(), 1);
    assert_eq!((outcome.troubles[0].id, outcome.troubles[0].kind), (Some(fake(7)), TroubleKind::WrongId));
    assert!(store.find(&fake(7), &mut Buffer::default()).is_err());
}

#[test]
fn forward_references_are_followed() {
    let mut forge = Forge::new();
    let (third, second, first) = (blob_id(b"ccc"), blob_id(b"bbb"), blob_id(b"aaa"));
    forge.id_delta(&second, &replacing(3, b"ccc"), third);
    forge.id_delta(&first, &replacing(3, b"bbb"), second);
    forge.blob(b"aaa");
    let store = forge.open(Limits::default());
    let (seen, list) = troubles(&store, 2);
    assert_eq!((seen.len(), list), (3, vec![]));
    assert_eq!(store.find(&third, &mut Buffer::default()).unwrap(), Some((Kind::Blob, &b"ccc"[..])));
}

#[test]
fn circles_end_and_a_second_copy_breaks_them() {
    let mut forge = Forge::new();
    let ids = [blob_id(b"aaa"), blob_id(b"bbb"), blob_id(b"ccc")];
    let (child, own) = (blob_id(b"ddd"), fake(1));
    for i in 0..3 {
        forge.id_delta(&ids[(i + 1) % 3], &replacing(3, [b"aaa", b"bbb", b"ccc"][i]), ids[i]);
    }
    forge.id_delta(&ids[1], &replacing(3, b"ddd"), child);
    forge.id_delta(&own, &replacing(3, b"eee"), own);
    forge.blob(b"good");
    let store = forge.open(Limits::default());
    let (seen, list) = troubles(&store, 2);
    assert_eq!(seen.len(), 1);
    let mut expected: Vec<_> = ids.iter().chain([&child, &own]).map(|id| (*id, TroubleKind::Cycle)).collect();
    expected.sort();
    assert_eq!(list, expected);
    assert!(
        ids.iter().all(|id| store.find(id, &mut Buffer::default()).is_err() && store.header(id).is_err())
    );
    // With one member of the circle as a loose object, all but the self-made one can be read.
    forge.loose_blob(b"bbb");
    let store = forge.open(Limits::default());
    let (seen, list) = troubles(&store, 2);
    assert_eq!(list, [(own, TroubleKind::Cycle)]);
    assert_eq!(seen.len(), 5);
    for (id, content) in ids.iter().zip([b"aaa", b"bbb", b"ccc"]) {
        assert_eq!(store.find(id, &mut Buffer::default()).unwrap(), Some((Kind::Blob, &content[..])));
    }
}

/// A chain of `length` deltas on one blob. Each replaces everything, so none can be left out.
fn chain(length: usize, break_root: bool) -> (Forge, Vec<ObjectId>) {
    let mut forge = Forge::new();
    let mut stored = deflate(b"00000000");
    if break_root {
        stored[3] ^= 0x55;
    }
    let mut base = forge.entry(3, 8, &[], &stored, blob_id(b"00000000"));
    let mut ids = vec![blob_id(b"00000000")];
    for i in 1..=length {
        let content = format!("{i:08}");
        ids.push(blob_id(content.as_bytes()));
        base = forge.offset_delta(base, &replacing(8, content.as_bytes()), ids[i]);
    }
    (forge, ids)
}

#[test]
fn a_chain_of_a_hundred_thousand_deltas() {
    let start = Instant::now();
    let (mut forge, ids) = chain(100_000, false);
    let store = forge.open(Limits::default());
    for threads in [1, 4] {
        let (seen, list) = troubles(&store, threads);
        assert_eq!((seen.len(), list.len()), (ids.len(), 0));
        assert_eq!(seen[&ids[77_777]].1, b"00077777");
    }
    let mut buffer = Buffer::default();
    assert_eq!(store.find(&ids[100_000], &mut buffer).unwrap(), Some((Kind::Blob, &b"00100000"[..])));
    assert_eq!(store.header(&ids[100_000]).unwrap(), Some((Kind::Blob, 8)));
    assert!(start.elapsed() < Duration::from_mins(1));
}

#[test]
fn a_broken_base_names_all_that_rest_on_it() {
    let start = Instant::now();
    let (mut forge, ids) = chain(50_000, true);
    forge.blob(b"good");
    let store = forge.open(Limits::default());
    for threads in [1, 4] {
        let (seen, list) = troubles(&store, threads);
        assert_eq!((seen.len(), list.len()), (1, ids.len()));
        assert!(list.contains(&(ids[0], TroubleKind::Damaged)));
        assert!(list.contains(&(ids[50_000], TroubleKind::MissingBase)));
    }
    assert!(start.elapsed() < Duration::from_mins(1));
    // A good copy of the root makes all of them readable.
    forge.loose_blob(b"00000000");
    let store = forge.open(Limits::default());
    let (seen, outcome) = visit(&store, 2);
    assert_eq!((seen.len(), outcome.troubles.len(), outcome.healed.len()), (ids.len() + 1, 0, 1));
    assert_eq!(outcome.healed[0].id, Some(ids[0]));
}

#[test]
fn a_ring_of_fifty_thousand_deltas_ends() {
    let start = Instant::now();
    let mut forge = Forge::new();
    let ids: Vec<_> = (0..50_000).map(fake).collect();
    for i in 0..ids.len() {
        forge.id_delta(&ids[(i + 1) % ids.len()], &replacing(3, b"abc"), ids[i]);
    }
    let store = forge.open(Limits::default());
    let (seen, list) = troubles(&store, 2);
    assert_eq!((seen.len(), list.len()), (0, ids.len()));
    assert!(store.find(&ids[0], &mut Buffer::default()).is_err());
    assert!(start.elapsed() < Duration::from_mins(1));
}

#[test]
fn bombs_are_refused() {
    let zeros = deflate(&vec![0; 64 << 20]);
    let mut forge = Forge::new();
    let offset = forge.next_offset();
    forge.blob(&vec![7; 0x10000]);
    let mut names = (0..).map(fake);
    let mut name = || names.next().unwrap();
    let mut expected = Vec::new();
    // Too large and honest about it; too large and silent about it; a delta that swells; one that swells silently.
    expected.push((name(), TroubleKind::TooLarge));
    forge.entry(3, 64 << 20, &[], &zeros, expected[0].0);
    expected.push((name(), TroubleKind::Damaged));
    forge.entry(3, 1000, &[], &zeros, expected[1].0);
    let copies = vec![0x80; 1024];
    for (claimed, kind) in [(64 << 20, TroubleKind::TooLarge), (1 << 20, TroubleKind::Damaged)] {
        let id = name();
        expected.push((id, kind));
        forge.offset_delta(offset, &[number(0x10000), number(claimed), copies.clone()].concat(), id);
    }
    // Instructions that are a bomb themselves.
    let id = name();
    expected.push((id, TroubleKind::TooLarge));
    forge.entry(7, 64 << 20, blob_id(&vec![7; 0x10000]).as_slice(), &zeros, id);
    expected.sort();
    let store = forge.open(limits(1 << 20));
    let (seen, list) = troubles(&store, 2);
    assert_eq!((seen.len(), list), (1, expected.clone()));
    for (id, kind) in expected {
        assert_eq!(store.find(&id, &mut Buffer::default()).unwrap_err().fault.trouble_kind(), kind);
    }
}

#[test]
fn loose_objects_that_lie() {
    let forge = Forge::new();
    let large = vec![b'x'; 2 << 20];
    let paths = [
        forge.loose_blob(b"one"),
        forge.loose_blob(b"two"),
        forge.loose_blob(&large),
        forge.loose_blob(b"good"),
    ];
    std::fs::write(&paths[0], deflate(b"blob 3\0two")).unwrap();
    std::fs::write(&paths[1], deflate(b"blob 4\0two")).unwrap();
    std::fs::write(forge.folder().join(paths[0].parent().unwrap()).join("tmp_obj_x"), b"junk").unwrap();
    let store = ObjectStore::open_with(forge.folder(), gix_hash::Kind::Sha1, limits(1 << 20)).unwrap();
    let (seen, list) = troubles(&store, 2);
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [blob_id(b"good")]);
    let mut expected = [
        (blob_id(b"one"), TroubleKind::WrongId),
        (blob_id(b"two"), TroubleKind::Damaged),
        (blob_id(&large), TroubleKind::TooLarge),
    ];
    expected.sort();
    assert_eq!(list, expected);
    for content in [
        &b"blob 3"[..],
        b"blob -3\0two",
        b"blob 03x\0two",
        b"bolb 3\0two",
        b"blob\x003",
        b"",
        b"blob 99999999999999999999\0",
    ] {
        std::fs::write(&paths[1], deflate(content)).unwrap();
        assert!(store.find(&blob_id(b"two"), &mut Buffer::default()).is_err());
        assert!(store.header(&blob_id(b"two")).is_err());
    }
    let whole = std::fs::read(&paths[3]).unwrap();
    for end in 0..whole.len() {
        std::fs::write(&paths[3], &whole[..end]).unwrap();
        assert!(store.find(&blob_id(b"good"), &mut Buffer::default()).is_err(), "cut at {end}");
    }
}
