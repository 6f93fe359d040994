//! Packs and indices with flipped and missing bytes: no panic, no endless loop, nothing false, nothing lost in silence,
//! and what the damage does not touch is read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use gix_hash::Kind::Sha1;
use unleak_objects::{Buffer, Limits, ObjectId, ObjectStore, TroubleKind};

use crate::git::Git;
use crate::seen::{Collect, Objects, assert_true, visit};

use unleak_objects::VisitOutcome;

fn small_pack(arguments: &[&str]) -> (Git, Objects) {
    let git = Git::with_history(Sha1, 4);
    git.run(arguments);
    let objects = git.all_objects();
    (git, objects)
}

/// For each object: where its entry starts, and its base.
fn entries(git: &Git, pack: &Path) -> BTreeMap<ObjectId, (u64, Option<ObjectId>)> {
    let text = git.run(&["verify-pack", "-v", pack.to_str().unwrap()]);
    let mut entries = BTreeMap::new();
    for line in String::from_utf8(text).unwrap().lines() {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        if let Ok(id) = ObjectId::from_hex(words[0].as_bytes()) {
            let base = words.get(6).map(|hex| ObjectId::from_hex(hex.as_bytes()).unwrap());
            entries.insert(id, (words[4].parse().unwrap(), base));
        }
    }
    entries
}

/// The objects that rest on `id`, itself included.
fn resting_on(entries: &BTreeMap<ObjectId, (u64, Option<ObjectId>)>, id: ObjectId) -> BTreeSet<ObjectId> {
    let rests = |mut member: ObjectId| {
        while member != id {
            match entries[&member].1 {
                Some(base) => member = base,
                None => return false,
            }
        }
        true
    };
    entries.keys().copied().filter(|member| rests(*member)).collect()
}

fn named(outcome: &VisitOutcome<Collect>) -> BTreeSet<ObjectId> {
    outcome.troubles.iter().filter_map(|trouble| trouble.id).collect()
}

/// Opens the damaged store and reads it in every way. Checks what must hold whatever the damage is.
fn read_damaged(git: &Git, truth: &Objects) -> (Objects, VisitOutcome<Collect>) {
    let store = ObjectStore::open(&git.objects(), Sha1).unwrap();
    let (seen, outcome) = visit(&store, 1);
    assert_true(&seen, Sha1);
    if seen != *truth {
        assert!(!outcome.troubles.is_empty(), "objects were lost in silence");
    }
    // Read in parts, it shows the same.
    let limits = Limits { stream_above: 10, ..Limits::default() };
    let (in_parts, parts) = visit(&ObjectStore::open_with(&git.objects(), Sha1, limits).unwrap(), 1);
    assert!(in_parts == seen, "in parts {} objects, whole {}", in_parts.len(), seen.len());
    assert_eq!(named(&parts), named(&outcome));
    let mut buffer = Buffer::default();
    for (id, (kind, bytes)) in truth {
        if let Ok(Some(found)) = store.find(id, &mut buffer) {
            assert_eq!(found, (*kind, bytes.as_slice()));
        }
        let _any = store.header(id);
    }
    (seen, outcome)
}

pub(crate) fn overwrite(path: &Path, bytes: &[u8]) {
    if path.exists() {
        fs::remove_file(path).unwrap();
    }
    fs::write(path, bytes).unwrap();
}

#[test]
fn flipped_bytes_in_a_pack() {
    for arguments in [&["repack", "-adfq"][..], &["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]]
    {
        let (git, truth) = small_pack(arguments);
        let pack = git.pack_files("pack").remove(0);
        let entries = entries(&git, &pack);
        assert!(entries.values().any(|(_, base)| base.is_some()));
        let bytes = fs::read(&pack).unwrap();
        let is_header =
            |at: usize| entries.values().any(|(offset, _)| (*offset..offset + 4).contains(&(at as u64)));
        for at in (0..bytes.len()).filter(|at| is_header(*at) || at % 7 == 0) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            overwrite(&pack, &flipped);
            let (seen, outcome) = read_damaged(&git, &truth);
            let lost: BTreeSet<_> = truth.keys().filter(|id| !seen.contains_key(*id)).copied().collect();
            assert!(lost.is_subset(&named(&outcome)), "byte {at}: a lost object is not named");
            let hit = entries
                .iter()
                .filter(|(_, (offset, _))| *offset <= at as u64)
                .max_by_key(|(_, (offset, _))| *offset);
            match hit {
                Some((id, _)) if at < bytes.len() - 20 => {
                    assert_eq!(lost, resting_on(&entries, *id), "byte {at}");
                }
                _ => assert_eq!(lost, BTreeSet::new(), "byte {at}"),
            }
        }
    }
}

#[test]
fn flipped_bytes_in_an_index() {
    let (git, truth) = small_pack(&["repack", "-adfq"]);
    let pack = git.pack_files("pack").remove(0);
    let index = pack.with_extension("idx");
    let entries = entries(&git, &pack);
    let bytes = fs::read(&index).unwrap();
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x80 >> (at % 8);
        overwrite(&index, &flipped);
        let (seen, outcome) = read_damaged(&git, &truth);
        assert!(!outcome.troubles.is_empty(), "byte {at}: the damage was not noticed");
        let unusable = outcome.troubles.iter().any(|trouble| trouble.kind == TroubleKind::NoIndex);
        // One damaged row costs at most what rests on one object; a fan-out table that is still monotonic, nothing.
        let lost = truth.keys().filter(|id| !seen.contains_key(*id)).count();
        let most = entries.keys().map(|id| resting_on(&entries, *id).len()).max().unwrap();
        assert!(unusable && seen.is_empty() || lost <= most, "byte {at}: {lost} objects lost");
    }
}

#[test]
fn cut_packs_and_indices() {
    let (git, truth) = small_pack(&["repack", "-adfq"]);
    let pack = git.pack_files("pack").remove(0);
    let entries = entries(&git, &pack);
    for path in [pack.clone(), pack.with_extension("idx")] {
        let bytes = fs::read(&path).unwrap();
        for end in (0..bytes.len()).step_by(3) {
            overwrite(&path, &bytes[..end]);
            let (seen, outcome) = read_damaged(&git, &truth);
            assert!(!outcome.troubles.is_empty(), "cut at {end}");
            if path == pack {
                let lost: BTreeSet<_> = truth.keys().filter(|id| !seen.contains_key(*id)).copied().collect();
                assert!(lost.is_subset(&named(&outcome)));
                // Deltas come after their bases: what starts 600 bytes before the end is whole.
                let whole = entries.iter().filter(|(_, (offset, _))| offset + 4000 < end as u64);
                assert!(whole.count() <= seen.len());
            } else {
                assert_eq!(seen.len(), 0);
            }
        }
        overwrite(&path, &bytes);
    }
}

#[test]
fn a_second_copy_heals() {
    let (git, truth) = small_pack(&["repack", "-adfq"]);
    let pack = git.pack_files("pack").remove(0);
    let entries = entries(&git, &pack);
    let donor = Git::with_history(Sha1, 4);
    let bytes = fs::read(&pack).unwrap();
    // First with the other copies as loose objects, then in a pack that is searched later and has no deltas.
    for packed in [false, true] {
        if packed {
            donor.run(&["repack", "-adfq", "--window=0"]);
            for extension in ["pack", "idx"] {
                let name = format!("pack-zzzz.{extension}");
                fs::copy(&donor.pack_files(extension)[0], git.objects().join("pack").join(name)).unwrap();
            }
            fs::remove_file(git.objects().join("info/alternates")).unwrap();
        } else {
            fs::write(git.objects().join("info/alternates"), format!("{}\n", donor.objects().display()))
                .unwrap();
        }
        for (id, (offset, _)) in &entries {
            let mut flipped = bytes.clone();
            let at = usize::try_from(*offset).unwrap() + 8;
            flipped[at] ^= 0x10;
            overwrite(&pack, &flipped);
            let store = ObjectStore::open(&git.objects(), Sha1).unwrap();
            for threads in [1, 2] {
                let (seen, outcome) = visit(&store, threads);
                assert!(seen == truth, "{id} was not healed");
                assert_eq!(outcome.troubles, []);
                assert_eq!(
                    outcome.healed.iter().map(|trouble| trouble.id.unwrap()).collect::<Vec<_>>(),
                    [*id]
                );
            }
        }
    }
}
