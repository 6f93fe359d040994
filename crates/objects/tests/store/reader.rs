//! The reader of single objects, which keeps what it decoded, against git.

use std::fs;
use std::path::Path;

use gix_hash::Kind::{Sha1, Sha256};
use unleak_objects::repository::{ObjectError, ObjectReader, OpenOptions, Repository};
use unleak_objects::{Kind, ObjectId};

use crate::git::Git;
use crate::seen::Objects;

fn open(git: &Git) -> Repository {
    Repository::open(&git.dir, OpenOptions::default()).unwrap()
}

/// Ids are in the order of their hashes, which is none as far as deltas go.
fn assert_reads(reader: &ObjectReader, expected: &Objects) {
    for (id, (kind, bytes)) in expected {
        assert_eq!(reader.header(id).unwrap(), (*kind, bytes.len() as u64), "{id}");
        assert!(reader.whole_size(id).is_none_or(|size| size == bytes.len() as u64), "{id}");
        match reader.blob(id) {
            Ok(blob) => assert!(*kind == Kind::Blob && blob == *bytes, "{id}"),
            Err(ObjectError::WrongKind { found, .. }) => assert!(found == *kind && found != Kind::Blob),
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn one_reader_reads_what_git_reads() {
    for hash in [Sha1, Sha256] {
        let git = Git::with_history(hash, 60);
        let expected = git.all_objects();
        let reader = open(&git).reader();
        assert_reads(&reader, &expected);
        assert!(expected.keys().all(|id| reader.whole_size(id).is_some()), "loose objects are whole");
        for arguments in [
            &["repack", "-adfq", "--depth=500", "--window=200"][..],
            &["repack", "-adfq", "--depth=3"],
            &["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"],
        ] {
            git.run(arguments);
            let fresh = open(&git).reader();
            // Twice: the second time much of it was decoded before.
            assert_reads(&fresh, &expected);
            assert_reads(&fresh, &expected);
            assert!(expected.keys().any(|id| fresh.whole_size(id).is_none()), "some are deltas");
            // The reader of the loose objects, and of packs that are gone by now.
            assert_reads(&reader, &expected);
        }
    }
}

#[test]
fn what_comes_while_a_repository_is_open_is_found() {
    let git = Git::with_history(Sha1, 10);
    git.run(&["repack", "-adq"]);
    let repository = open(&git);
    let (reader, other) = (repository.reader(), repository.reader());
    assert_reads(&reader, &git.all_objects());
    git.import("main", 10..20);
    git.run(&["repack", "-dq"]);
    let expected = git.all_objects();
    let fresh: ObjectId = expected.keys().find(|id| !repository_before(&git, id)).copied().unwrap();
    assert!(reader.contains(&fresh) && other.header(&fresh).is_ok());
    assert_reads(&reader, &expected);
    assert_reads(&other, &expected);
    let nothing = ObjectId::from_hex("1".repeat(40).as_bytes()).unwrap();
    assert!(!reader.contains(&nothing));
    assert!(matches!(reader.header(&nothing), Err(ObjectError::Missing { id }) if id == nothing));
}

/// Whether the first commits, those of the first pack, have the object.
fn repository_before(git: &Git, id: &ObjectId) -> bool {
    let old = git.run(&["rev-list", "--objects", "main~10"]);
    String::from_utf8(old).unwrap().contains(&id.to_string())
}

#[test]
fn what_is_damaged_is_named_with_its_file() {
    let git = Git::with_history(Sha1, 10);
    git.run(&["repack", "-adq"]);
    let (pack, expected) = (git.pack_files("pack").remove(0), git.all_objects());
    let mut bytes = fs::read(&pack).unwrap();
    let length = bytes.len();
    bytes[60..length - 40].fill(0x55);
    replace(&pack, &bytes);
    let reader = open(&git).reader();
    let errors: Vec<ObjectError> = expected.keys().filter_map(|id| reader.blob(id).err()).collect();
    assert!(errors.iter().any(|error| matches!(error, ObjectError::Stored(_))), "{errors:?}");
    assert!(errors.iter().all(|error| !matches!(error, ObjectError::Missing { .. })), "{errors:?}");
    let stored = errors.iter().find(|error| matches!(error, ObjectError::Stored(_))).unwrap().to_string();
    assert!(stored.contains(pack.file_name().unwrap().to_str().unwrap()), "{stored}");
}

fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}
