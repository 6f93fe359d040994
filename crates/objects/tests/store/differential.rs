//! Stores of every shape, read by us and by `git cat-file`: the same objects.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use gix_hash::Kind::{Sha1, Sha256};
use unleak_objects::{Kind, KindSet, ObjectStore, Progress, TroubleKind, VisitOptions};

use crate::git::Git;
use crate::seen::{assert_reads, visit, visit_with};

/// Reads everything both ways.
fn compare(git: &Git) {
    let expected = git.all_objects();
    assert!(expected.len() > 50);
    assert_reads(&git.objects(), git.hash, &expected);
}

#[test]
fn loose_only() {
    for hash in [Sha1, Sha256] {
        let git = Git::with_history(hash, 12);
        assert_eq!(git.pack_files("pack"), Vec::<std::path::PathBuf>::new());
        compare(&git);
    }
}

#[test]
fn one_pack_with_and_without_deltas() {
    for arguments in [
        &["repack", "-adfq", "--depth=50"][..],
        &["repack", "-adfq", "--depth=0"],
        &["repack", "-adfq", "--window=0"],
        &["repack", "-adfq", "--depth=500", "--window=200"],
        &["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"],
    ] {
        for hash in [Sha1, Sha256] {
            let git = Git::with_history(hash, 60);
            git.run(arguments);
            assert_eq!(git.pack_files("pack").len(), 1);
            compare(&git);
        }
    }
}

#[test]
fn several_packs_loose_objects_and_copies() {
    let git = Git::with_history(Sha1, 20);
    git.run(&["repack", "-dq"]);
    git.import("main", 20..30);
    git.run(&["repack", "-dq"]);
    git.import("side", 0..15);
    // Everything again in one pack; what was there stays.
    git.run(&["repack", "-aq"]);
    git.import("main", 30..33);
    assert_eq!(git.pack_files("pack").len(), 3);
    compare(&git);
}

#[test]
fn a_multi_pack_index_and_packs_without_their_own() {
    for hash in [Sha1, Sha256] {
        let git = Git::with_history(hash, 20);
        git.run(&["repack", "-dq"]);
        git.import("main", 20..40);
        git.run(&["repack", "-dq"]);
        git.run(&["repack", "-aq"]);
        git.run(&["multi-pack-index", "write"]);
        compare(&git);
        let expected = git.all_objects();
        for index in git.pack_files("idx") {
            fs::rename(&index, index.with_extension("hidden")).unwrap();
            assert_reads(&git.objects(), hash, &expected);
        }
        fs::remove_file(git.objects().join("pack/multi-pack-index")).unwrap();
        let store = ObjectStore::open(&git.objects(), hash).unwrap();
        assert_eq!(store.troubles().len(), 3);
        assert!(store.troubles().iter().all(|trouble| trouble.kind == TroubleKind::NoIndex));
        assert!(store.troubles()[0].message.contains("git index-pack"));
        assert_eq!(visit(&store, 2).1.troubles, store.troubles());
    }
}

#[test]
fn borrowed_objects() {
    let git = Git::with_history(Sha1, 20);
    git.run(&["repack", "-adq"]);
    git.import("main", 20..25);
    let inner = git.borrower();
    inner.import("own", 0..5);
    compare(&inner);
    let third = Git::init(Sha1);
    fs::write(third.objects().join("info/alternates"), format!("{}\n", inner.objects().display())).unwrap();
    assert_eq!(ObjectStore::open(&third.objects(), Sha1).unwrap().folders().len(), 3);
    compare(&third);
}

#[test]
fn cruft_kept_and_promisor_packs() {
    let git = Git::with_history(Sha1, 10);
    git.import("gone", 0..10);
    git.run(&["repack", "-adq"]);
    fs::write(git.pack_files("pack")[0].with_extension("keep"), "").unwrap();
    git.import("gone", 10..20);
    git.run(&["update-ref", "-d", "refs/heads/gone"]);
    git.run(&["tag", "-d", "gone-20"]);
    git.run(&["repack", "-dq", "--cruft", "--cruft-expiration=never"]);
    assert!(!git.pack_files("mtimes").is_empty());
    compare(&git);
    let store = ObjectStore::open(&git.objects(), Sha1).unwrap();
    assert!(!store.is_promisor());
    fs::write(git.pack_files("pack")[0].with_extension("promisor"), "").unwrap();
    assert!(ObjectStore::open(&git.objects(), Sha1).unwrap().is_promisor());
}

#[test]
fn an_index_of_version_one() {
    for hash in [Sha1, Sha256] {
        let git = Git::with_history(hash, 30);
        git.run(&["repack", "-adfq"]);
        let pack = git.pack_files("pack").remove(0);
        let index = pack.with_extension("idx");
        fs::remove_file(&index).unwrap();
        git.run(&["index-pack", "--index-version=1", "-o", index.to_str().unwrap(), pack.to_str().unwrap()]);
        assert_ne!(&fs::read(&index).unwrap()[..4], b"\xfftOc");
        compare(&git);
    }
}

#[test]
fn large_offsets_in_the_index() {
    let git = Git::with_history(Sha1, 30);
    git.run(&["repack", "-adfq"]);
    let pack = git.pack_files("pack").remove(0);
    let index = pack.with_extension("idx");
    fs::remove_file(&index).unwrap();
    git.run(&["index-pack", "--index-version=2,200", "-o", index.to_str().unwrap(), pack.to_str().unwrap()]);
    compare(&git);
}

#[test]
fn a_completed_thin_pack() {
    let git = Git::with_history(Sha1, 20);
    let other = Git::with_history(Sha1, 20);
    git.import("main", 20..40);
    git.run(&["repack", "-adfq"]);
    let thin = git.run_with(
        &["pack-objects", "--quiet", "--revs", "--thin", "--stdout"],
        b"refs/heads/main\n^refs/tags/main-20\n",
    );
    other.run(&["repack", "-adq"]);
    other.run_with(&["index-pack", "--fix-thin", "--stdin"], &thin);
    assert_eq!(other.pack_files("pack").len(), 2);
    compare(&other);
}

#[test]
fn kinds_and_selections() {
    let git = Git::with_history(Sha1, 20);
    git.run(&["repack", "-adfq"]);
    git.import("main", 20..25);
    let all = git.all_objects();
    let store = ObjectStore::open(&git.objects(), Sha1).unwrap();
    let interrupt = AtomicBool::new(false);
    for kinds in [
        KindSet::BLOBS,
        KindSet::of(&[Kind::Commit, Kind::Tree]),
        KindSet::of(&[Kind::Tag]),
        KindSet::of(&[]),
    ] {
        for modulus in [1, 2, 7] {
            let wanted = |id: &unleak_objects::ObjectId| id.as_slice()[19].is_multiple_of(modulus);
            let select = |id: &unleak_objects::ObjectId, kind| {
                assert_eq!(all[id].0, kind);
                wanted(id)
            };
            let mut options = VisitOptions::new(kinds, 2, &interrupt);
            options.select = Some(&select);
            options.verify = true;
            let progress = Progress::default();
            options.progress = Some(&progress);
            let (seen, outcome) = visit_with(&store, &options);
            let mut expected = all.clone();
            expected.retain(|id, (kind, _)| kinds.contains(*kind) && wanted(id));
            assert!(seen == expected);
            assert_eq!(outcome.troubles, []);
            assert_eq!(progress.objects.load(Ordering::Relaxed), expected.len() as u64);
            assert_eq!(progress.bytes.load(Ordering::Relaxed), outcome.visited.bytes);
        }
    }
}

#[test]
fn an_interrupt_ends_a_visit() {
    let git = Git::with_history(Sha1, 20);
    git.run(&["repack", "-adfq"]);
    let store = ObjectStore::open(&git.objects(), Sha1).unwrap();
    let interrupt = AtomicBool::new(true);
    let (seen, outcome) = visit_with(&store, &VisitOptions::new(KindSet::ALL, 2, &interrupt));
    assert!(outcome.interrupted && seen.is_empty());
}

#[test]
fn what_is_read_can_be_parsed() {
    for hash in [Sha1, Sha256] {
        let git = Git::with_history(hash, 10);
        let objects = git.all_objects();
        let mut entries = 0;
        for (kind, bytes) in objects.values() {
            match kind {
                Kind::Commit => {
                    let commit = unleak_objects::commit::parse(bytes, hash).unwrap();
                    assert_eq!(objects[&commit.tree].0, Kind::Tree);
                    assert!(commit.parents.iter().all(|parent| objects[parent].0 == Kind::Commit));
                    assert_eq!(commit.committer.unwrap().time.unwrap().offset_minutes, 60);
                    assert!(bytes[commit.message_offset..].starts_with(b"change "));
                }
                Kind::Tag => {
                    let tag = unleak_objects::tag::parse(bytes, hash).unwrap();
                    assert_eq!((objects[&tag.target].0, tag.kind), (Kind::Commit, Kind::Commit));
                }
                Kind::Tree => {
                    for entry in unleak_objects::tree::entries(bytes, hash.len_in_bytes()) {
                        let entry = entry.unwrap();
                        let id = unleak_objects::ObjectId::try_from(entry.id).unwrap();
                        assert_eq!(objects[&id].0 == Kind::Tree, entry.is_tree());
                        entries += 1;
                    }
                }
                Kind::Blob => {}
            }
        }
        assert!(entries > 50);
    }
}
