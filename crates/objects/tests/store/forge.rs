//! Packs made by hand, byte by byte, as no git would write them.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use tempfile::TempDir;
use unleak_objects::{Kind, Limits, ObjectId, ObjectStore, object_id};

const HASH: gix_hash::Kind = gix_hash::Kind::Sha1;

/// A pack in the making. Its index is always consistent; what the entries hold is up to the forger.
pub(crate) struct Forge {
    root: TempDir,
    bytes: Vec<u8>,
    rows: Vec<(ObjectId, u64, u32)>,
}

impl Forge {
    pub(crate) fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            bytes: b"PACK\0\0\0\x02\0\0\0\0".to_vec(),
            rows: Vec::new(),
        }
    }

    /// An honest whole blob.
    pub(crate) fn blob(&mut self, content: &[u8]) -> ObjectId {
        let id = blob_id(content);
        self.entry(3, content.len() as u64, &[], &deflate(content), id);
        id
    }

    /// A delta against the entry at `base`; returns the offset of the delta.
    pub(crate) fn offset_delta(&mut self, base: u64, instructions: &[u8], id: ObjectId) -> u64 {
        let distance = self.next_offset() - base;
        self.entry(6, instructions.len() as u64, &distance_bytes(distance), &deflate(instructions), id)
    }

    /// A delta against the object `base`.
    pub(crate) fn id_delta(&mut self, base: &ObjectId, instructions: &[u8], id: ObjectId) -> u64 {
        self.entry(7, instructions.len() as u64, base.as_slice(), &deflate(instructions), id)
    }

    /// Any entry: type number, declared size, what follows the header, stored bytes, the id the index gives it.
    pub(crate) fn entry(&mut self, number: u8, size: u64, extra: &[u8], stored: &[u8], id: ObjectId) -> u64 {
        let offset = self.next_offset();
        let mut first = number << 4 | (size & 15).to_le_bytes()[0];
        let mut rest = size >> 4;
        while rest > 0 {
            self.bytes.push(first | 0x80);
            first = (rest & 0x7f).to_le_bytes()[0];
            rest >>= 7;
        }
        self.bytes.push(first);
        self.bytes.extend_from_slice(extra);
        self.bytes.extend_from_slice(stored);
        let crc = crc32fast::hash(&self.bytes[usize::try_from(offset).unwrap()..]);
        self.rows.push((id, offset, crc));
        offset
    }

    pub(crate) fn next_offset(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Adds a loose blob to the same store.
    pub(crate) fn loose_blob(&self, content: &[u8]) -> PathBuf {
        let hex = blob_id(content).to_string();
        let path = self.root.path().join(&hex[..2]).join(&hex[2..]);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, deflate(&[format!("blob {}\0", content.len()).as_bytes(), content].concat()))
            .unwrap();
        path
    }

    pub(crate) fn folder(&self) -> &Path {
        self.root.path()
    }

    /// Writes the pack and its index.
    pub(crate) fn write(&mut self) {
        let count = u32::try_from(self.rows.len()).unwrap();
        let mut pack = self.bytes.clone();
        pack[8..12].copy_from_slice(&count.to_be_bytes());
        let checksum = sha1(&pack);
        pack.extend_from_slice(checksum.as_slice());
        self.rows.sort();
        let mut index = b"\xfftOc\0\0\0\x02".to_vec();
        for byte in 0..=255u8 {
            let below = self.rows.partition_point(|(id, ..)| id.first_byte() <= byte);
            index.extend_from_slice(&u32::try_from(below).unwrap().to_be_bytes());
        }
        self.rows.iter().for_each(|(id, ..)| index.extend_from_slice(id.as_slice()));
        self.rows.iter().for_each(|(.., crc)| index.extend_from_slice(&crc.to_be_bytes()));
        for (_, offset, _) in &self.rows {
            index.extend_from_slice(&u32::try_from(*offset).unwrap().to_be_bytes());
        }
        index.extend_from_slice(checksum.as_slice());
        index.extend_from_slice(sha1(&index).as_slice());
        let folder = self.root.path().join("pack");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("pack-forged.pack"), pack).unwrap();
        std::fs::write(folder.join("pack-forged.idx"), index).unwrap();
    }

    /// Writes everything and opens it.
    pub(crate) fn open(&mut self, limits: Limits) -> ObjectStore {
        self.write();
        let store = ObjectStore::open_with(self.root.path(), HASH, limits).unwrap();
        assert_eq!(store.troubles(), []);
        store
    }
}

pub(crate) fn blob_id(content: &[u8]) -> ObjectId {
    object_id(HASH, Kind::Blob, content).unwrap()
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A delta that ignores all of its base but the size, and builds `target` (at most 127 bytes).
pub(crate) fn replacing(base_size: usize, target: &[u8]) -> Vec<u8> {
    let mut delta = [number(base_size), number(target.len())].concat();
    if !target.is_empty() {
        delta.push(u8::try_from(target.len()).unwrap());
        delta.extend_from_slice(target);
    }
    delta
}

/// A size as deltas write it.
pub(crate) fn number(mut size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while size > 127 {
        bytes.push(size.to_le_bytes()[0] | 0x80);
        size >>= 7;
    }
    bytes.push(size.to_le_bytes()[0]);
    bytes
}

fn distance_bytes(mut distance: u64) -> Vec<u8> {
    let mut bytes = vec![(distance & 0x7f).to_le_bytes()[0]];
    while distance > 127 {
        distance = (distance >> 7) - 1;
        bytes.insert(0, (distance & 0x7f).to_le_bytes()[0] | 0x80);
    }
    bytes
}

fn sha1(bytes: &[u8]) -> ObjectId {
    let mut hasher = gix_hash::hasher(HASH);
    hasher.update(bytes);
    hasher.try_finalize().unwrap()
}
